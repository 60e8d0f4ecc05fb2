#include "config/limits.hpp"
#include "config/tree.hpp"
#include "fixture.hpp"

namespace sallyport::config {

using testing::HasSubstr;

namespace {

/// A file of the source tree.
std::string source_text(const char* name) {
  const auto path = (std::filesystem::path{SALLYPORT_TEST_DATA} / "../.." / name).lexically_normal();
  auto content = read_host_file(path);
  EXPECT_TRUE(content) << path;
  return content ? content->bytes : "";
}

/// Every key of a tree by its path, indexes left out.
void collect_keys(const node& at, const std::string& path, std::vector<std::string>& keys) {
  for (const auto& child : at.children) {
    const auto below = at.what == node::kind::list ? path : path.empty() ? child.key : path + "." + child.key;
    if (at.what == node::kind::map && child.children.empty())
      keys.push_back(below);
    collect_keys(child, below, keys);
  }
}

} // namespace

TEST(ExampleFile, IsACompleteSoundConfiguration) {
  const auto text = source_text("config/example.yaml");
  const auto host = [](const std::filesystem::path& path) -> result<file_content, std::string> {
    if (path.extension() == ".users")
      return file_content{"ada:8493fbc53ba582fb4c044c456bdc40eb\n", 0400};
    return file_content{path.extension() == ".secret" ? std::string(44, path.stem() == "pool" ? 'A' : 'C') : "PEM",
                        0400};
  };
  const environment variables{{"EDGE_POOL_SECRET_OLD", std::string(44, 'B')},
                              {"EDGE_TURN_SECRET_OLD", std::string(44, 'D')}};
  EXPECT_EQ(said(judge(text, {host, variables})), "");
}

TEST(ExampleFile, ShowsTheDefaultsOfAllLimits) {
  auto text = source_text("config/example.yaml");
  const auto start = text.find("limits:");
  ASSERT_NE(start, std::string::npos);
  EXPECT_EQ(load_text(text).value.limits, limits{});
  std::vector<std::string> keys;
  problems found;
  const auto root = parse_tree(text, found);
  collect_keys(*root->find("limits"), "", keys);
  EXPECT_EQ(keys.size(), 31u);
}

TEST(OperatorsGuide, NamesEveryKeyOfTheExample) {
  const auto guide = source_text("docs/configuration.md");
  std::vector<std::string> keys;
  problems found;
  const auto root = parse_tree(source_text("config/example.yaml"), found);
  ASSERT_TRUE(root);
  collect_keys(*root, "", keys);
  EXPECT_GT(keys.size(), 40u);
  for (const auto& key : keys)
    EXPECT_THAT(guide, HasSubstr("`" + key + "`"));
}

TEST(OperatorsGuide, HoldsTheExampleWhole) {
  EXPECT_THAT(source_text("docs/configuration.md"),
              HasSubstr("```yaml\n" + source_text("config/example.yaml") + "```"));
}

} // namespace sallyport::config
