#include "config/description.hpp"
#include "config/reload.hpp"
#include "fixture.hpp"

namespace sallyport::config {

using testing::ElementsAre;
using testing::IsEmpty;

namespace {

model with_override(const std::string& key, const std::string& text) {
  std::string variable = "SALLYPORT_";
  for (const char c : key)
    variable += c == '.' ? std::string{"__"} : std::string(1, static_cast<char>(std::toupper(c)));
  auto read = load_text(source_text("config/example.yaml"), {{variable, text}});
  EXPECT_EQ(said(read.found), "");
  return std::move(read.value);
}

/// Another value than the default, as a file has it; empty: not for this kind.
std::string another(const value_description& value) {
  if (!value.words.empty())
    return value.words.front() == value.fallback ? value.words.back() : value.words.front();
  return value.least == value.fallback ? value.most : value.least;
}

void each_with_default(const value_description& section, const std::string& path,
                       const std::function<void(const std::string&, const key_description&)>& visit) {
  for (const auto& key : section.keys) {
    const auto at = path.empty() ? key.name : path + "." + key.name;
    if (key.value.what == value_kind::section)
      each_with_default(key.value, at, visit);
    else if (key.must == presence::optional && !another(key.value).empty())
      visit(at, key);
  }
}

} // namespace

TEST(KeysForRestart, AreNoneWhereNothingIsNew) {
  const auto running = load_text(source_text("config/example.yaml")).value;
  EXPECT_THAT(keys_for_restart(running, running), IsEmpty());
}

TEST(KeysForRestart, NameEveryKeyThatIsNewAndNoOther) {
  const auto running = load_text(source_text("config/example.yaml")).value;
  std::size_t tried = 0;
  each_with_default(describe_model(), {}, [&](const std::string& path, const key_description& key) {
    EXPECT_THAT(keys_for_restart(running, with_override(path, another(key.value))), ElementsAre(path));
    ++tried;
  });
  EXPECT_GT(tried, 35u);
}

TEST(KeysForRestart, LeaveOutWhatAReloadRenews) {
  const auto running = load_text(source_text("config/example.yaml")).value;
  for (const auto* key : {"access.outside.certificates.0.key", "access.inside.certificate", "access.inside.key",
                          "access.inside.ca", "av.users", "av.secrets.0.file"})
    EXPECT_THAT(keys_for_restart(running, with_override(key, "other.file")), IsEmpty()) << key;
  EXPECT_THAT(keys_for_restart(running, with_override("pool.secrets.0.file", "other.file")),
              ElementsAre("pool.secrets"));
}

TEST(KeysForRestart, NameTheServicesAndNotTheSectionThatCameWithThem) {
  const auto running = load_text(source_text("config/example.yaml")).value;
  EXPECT_THAT(keys_for_restart(running, with_override("services", "[access]")), ElementsAre("services"));
}

} // namespace sallyport::config
