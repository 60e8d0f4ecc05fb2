#include "config/services.hpp"
#include "fixture.hpp"

namespace sallyport::config {

using testing::HasSubstr;
using testing::Not;

namespace {

std::string text_naming(const std::vector<std::string_view>& names) {
  std::string list;
  for (const auto name : names)
    list.append(list.empty() ? "" : ", ").append(name);
  return with(least_text, "[access]", "[" + list + "]")
    .append("av:\n  outside: {listen: [\"192.0.2.10:3478\"]}\n  users: turn.users\n");
}

} // namespace

TEST(Services, EverySubsetIsEitherRunOrRefusedByName) {
  for (unsigned mask = 0; mask < 8; ++mask) {
    std::vector<std::string_view> names;
    for (const auto& row : service_table())
      if ((mask >> static_cast<unsigned>(row.which)) & 1U)
        names.push_back(row.name);
    const auto read = load_text(text_naming(names));
    const auto found = said(read.found);

    const auto runs = [&](service which) {
      return ((mask >> static_cast<unsigned>(which)) & 1U) != 0 && find_service(to_string(which))->in_this_version;
    };
    EXPECT_EQ(read.value.access.has_value(), runs(service::access)) << mask;
    EXPECT_EQ(read.value.av.has_value(), runs(service::av)) << mask;
    EXPECT_EQ(found.empty(), mask != 0 && found.find("not part of this version") == std::string::npos) << found;
    for (const auto& row : service_table()) {
      const auto refusal = "service '" + std::string{row.name} + "' is not part of this version";
      const bool is_named = std::ranges::count(names, row.name) != 0;
      EXPECT_EQ(found.find(refusal) != std::string::npos, is_named && !row.in_this_version) << mask;
    }
    EXPECT_EQ(found.find("services: must not be empty") != std::string::npos, mask == 0) << mask;
  }
}

TEST(Services, UnknownAndRepeatedNamesAreRefused) {
  EXPECT_EQ(said(load_text(text_naming({"acces"})).found),
            ":3:12: services[0]: unknown service 'acces', did you mean 'access'?\n");
  EXPECT_EQ(said(load_text(text_naming({"access", "access"})).found),
            ":3:20: services[1]: service 'access' is named twice\n");
}

TEST(Services, WhatAnAbsentServiceWouldNeedIsNotMissedAndNotRead) {
  auto text = with(least_text, "[access]", "[conferencing]").append("av: {inside: {}}\n");
  text =
    with(text, "certificates: [{certificate: edge.pem, key: edge.key}]", "certificates: [{certificate: edge.pem}]");
  text = with(text, "  next_hop: {address: \"10.0.0.20:5061\", transport: tcp}\n", "");
  std::vector<std::string> read_paths;
  const surroundings host{[&](const std::filesystem::path& path) -> result<file_content, std::string> {
                            read_paths.push_back(path.string());
                            return least_files().at("/etc/sallyport/pool.secret");
                          },
                          {}};
  EXPECT_EQ(said(judge(text, host)), ":3:12: services[0]: service 'conferencing' is not part of this version\n");
  EXPECT_EQ(read_paths, std::vector<std::string>{"/etc/sallyport/pool.secret"});
}

TEST(Services, TheSectionOfAnAbsentServiceMayBeLeftOutButNotMisspelt) {
  auto text = with(least_text, "[access]", "[conferencing]");
  EXPECT_THAT(said(load_text(with(text, "listen: [", "lisen: [")).found), HasSubstr("did you mean 'listen'?"));
  text = text.substr(0, text.find("access:\n"));
  EXPECT_THAT(said(load_text(text).found), Not(HasSubstr("is missing")));
}

TEST(Services, TheSectionOfAServiceThatRunsIsMissed) {
  const std::string text{least_text.substr(0, least_text.find("access:\n"))};
  EXPECT_EQ(said(load_text(text).found), ":1:1: access: is missing\n");
  EXPECT_EQ(said(judge(text)), ":1:1: access: is missing\n");
}

TEST(ServiceSet, SaysWhatIsInIt) {
  EXPECT_EQ(service_set{}.text(), "none");
  EXPECT_EQ((service_set{service::conferencing, service::access}.text()), "access, conferencing");
  EXPECT_EQ(find_service("psom"), nullptr);
}

} // namespace sallyport::config
