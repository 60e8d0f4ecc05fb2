#include "config/limits.hpp"
#include "fixture.hpp"

namespace sallyport::config {

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
}

} // namespace sallyport::config
