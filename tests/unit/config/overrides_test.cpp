#include "config/overrides.hpp"
#include "fixture.hpp"

namespace sallyport::config {

using testing::HasSubstr;
using testing::Not;

TEST(Overrides, ReplaceAValueOfTheFile) {
  const auto read = load_text(least_text, {{"SALLYPORT_NODE__NAME", "edge2"},
                                           {"SALLYPORT_LIMITS__TIMER_C", "200s"},
                                           {"SALLYPORT_ACCESS__INSIDE__LISTEN", "10.0.0.10:5071"},
                                           {"PATH", "/bin"}});
  EXPECT_EQ(said(read.found), "");
  EXPECT_EQ(read.value.node.name, "edge2");
  EXPECT_EQ(read.value.limits.access.timer_c, std::chrono::seconds{200});
  EXPECT_EQ(read.value.access->inside.listen.port, 5071);
}

TEST(Overrides, ReachListsByIndexAndAddToTheirEnd) {
  const auto read = load_text(least_text, {{"SALLYPORT_DOMAINS__0", "one.example"},
                                           {"SALLYPORT_DOMAINS__1", "two.example"},
                                           {"SALLYPORT_ACCESS__OUTSIDE__CERTIFICATES__0__KEY", "other.key"}});
  EXPECT_EQ(said(read.found), "");
  EXPECT_EQ(read.value.domains, (std::vector<std::string>{"one.example", "two.example"}));
  EXPECT_EQ(read.value.access->outside.certificates[0].key, "/etc/sallyport/other.key");
}

TEST(Overrides, GrowAListInTheOrderOfNumbers) {
  environment variables;
  for (int i = 0; i < 12; ++i)
    variables["SALLYPORT_DOMAINS__" + std::to_string(i)] = "d" + std::to_string(i) + ".example";
  const auto read = load_text(least_text, variables);
  EXPECT_EQ(said(read.found), "");
  ASSERT_EQ(read.value.domains.size(), 12u);
  EXPECT_EQ(read.value.domains[10], "d10.example");
  EXPECT_EQ(said(load_text(least_text, {{"SALLYPORT_DOMAINS__2", "x.example"}}).found),
            "SALLYPORT_DOMAINS__2: names no key: there is nothing at '2'\n");
}

TEST(Overrides, TakeYamlForListsAndSectionsAndTextForTheRest) {
  const auto read = load_text(least_text, {{"SALLYPORT_DOMAINS", "[one.example, two.example]"},
                                           {"SALLYPORT_METRICS", "{listen: '127.0.0.1:9464'}"},
                                           {"SALLYPORT_ACCESS__OUTSIDE__LISTEN__1", "[2001:db8::1]:443"}});
  EXPECT_EQ(said(read.found), "");
  EXPECT_EQ(read.value.domains.size(), 2u);
  EXPECT_EQ(read.value.metrics.listen, endpoint::parse("127.0.0.1:9464"));
  EXPECT_EQ(read.value.access->outside.listen.at(1), endpoint::parse("[2001:db8::1]:443"));
}

TEST(Overrides, MakeTheSectionTheyNeedAWholeOneBeforeItsKeys) {
  const auto read = load_text(
    least_text, {{"SALLYPORT_LIMITS", "{headers_max: 20}"}, {"SALLYPORT_LIMITS__RESTART_INTENSITY__RESTARTS", "7"}});
  EXPECT_EQ(said(read.found), "");
  EXPECT_EQ(read.value.limits.access.headers_max, 20u);
  EXPECT_EQ(read.value.limits.restart_intensity.restarts_max, 7u);
}

TEST(Overrides, AreJudgedLikeTheFileAndNamedInTheProblem) {
  EXPECT_EQ(said(load_text(least_text, {{"SALLYPORT_LIMTS__HEADERS_MAX", "20"}}).found),
            "SALLYPORT_LIMTS__HEADERS_MAX: unknown key 'limts', did you mean 'limits'?\n");
  EXPECT_EQ(said(load_text(least_text, {{"SALLYPORT_LIMITS__HEADERS_MAX", "many"}}).found),
            "SALLYPORT_LIMITS__HEADERS_MAX: limits.headers_max: 'many' is not a number from 16 to 255\n");
  EXPECT_EQ(said(load_text(least_text, {{"SALLYPORT_NODE__NAME__FIRST", "x"}}).found),
            "SALLYPORT_NODE__NAME__FIRST: names no key: there is nothing at 'first'\n");
  EXPECT_THAT(said(load_text(least_text, {{"SALLYPORT_NODE__NAME", ""}}).found), HasSubstr("node.name: has no value"));
  EXPECT_EQ(said(load_text(least_text, {{"SALLYPORT_LIMITS", ""}}).found),
            "SALLYPORT_LIMITS: limits: must be a section of keys\n")
    << "an empty one does not leave a section out";
  EXPECT_THAT(said(load_text(least_text, {{"SALLYPORT_", "x"}}).found), HasSubstr("unknown key ''"));
}

TEST(Overrides, ThatAreNotYamlOrNotTextAreRefused) {
  EXPECT_THAT(said(load_text(least_text, {{"SALLYPORT_DOMAINS", "[a, {b]"}}).found), HasSubstr("SALLYPORT_DOMAINS: "));
  EXPECT_EQ(said(load_text(least_text, {{"SALLYPORT_NODE__NAME", "\x1b[31m"}}).found),
            "SALLYPORT_NODE__NAME: is too long, or not UTF-8 text\n");
  EXPECT_EQ(said(load_text(least_text, {{"SALLYPORT_NODE__NAME", std::string(scalar_bytes_max + 1, 'x')}}).found),
            "SALLYPORT_NODE__NAME: is too long, or not UTF-8 text\n");
}

TEST(Overrides, MustNotHoldASecretAndDoNotShowIt) {
  const auto found = said(load_text(least_text, {{"SALLYPORT_POOL__SECRETS__0", "c2VjcmV0"}}).found);
  EXPECT_THAT(found, HasSubstr("SALLYPORT_POOL__SECRETS__0: pool.secrets[0]: must be 'file: PATH'"));
  EXPECT_THAT(found, Not(HasSubstr("c2VjcmV0")));
}

TEST(Overrides, AreAThousandAtMost) {
  environment variables;
  for (int i = 0; i <= 1'000; ++i)
    variables["SALLYPORT_X" + std::to_string(i)] = "1";
  EXPECT_THAT(said(load_text(least_text, variables).found), HasSubstr("more than 1000 overrides"));
  variables.erase("SALLYPORT_X0");
  EXPECT_THAT(said(load_text(least_text, variables).found), Not(HasSubstr("more than 1000 overrides")));
}

} // namespace sallyport::config
