#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/turn_users.hpp"

namespace sallyport::config {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

const std::string hex = "8493fbc53ba582fb4c044c456bdc40eb";
constexpr decltype(turn_user::key) key{0x84, 0x93, 0xfb, 0xc5, 0x3b, 0xa5, 0x82, 0xfb,
                                       0x4c, 0x04, 0x4c, 0x45, 0x6b, 0xdc, 0x40, 0xeb};

std::vector<turn_users_problem> problems_of(std::string_view text) {
  const auto read = parse_turn_users(text);
  return read ? std::vector<turn_users_problem>{} : read.error();
}

/// What is said of a file of one line.
std::string said_of(std::string_view line) {
  const auto found = problems_of(line);
  return found.size() == 1 && found[0].line == 1 ? found[0].message : "";
}

} // namespace

TEST(TurnUsers, AreANameAKeyAndPerhapsAnIdentity) {
  const auto read =
    parse_turn_users("# who may\n\nada:" + hex + "\r\nbob@edge.example:" + hex + ":bob@edge.example\n#x:y\n" +
                     "c\xC3\xA9line:8493FBC53BA582FB4C044C456BDC40EB:sip:celine@edge.example");
  ASSERT_TRUE(read);
  EXPECT_THAT(*read, ElementsAre(turn_user{"ada", key, ""}, turn_user{"bob@edge.example", key, "bob@edge.example"},
                                 turn_user{"c\xC3\xA9line", key, "sip:celine@edge.example"}));
}

TEST(TurnUsers, MayBeNone) {
  EXPECT_TRUE(parse_turn_users("")->empty());
  EXPECT_TRUE(parse_turn_users("\n# nobody yet\n\r\n")->empty());
}

TEST(TurnUsers, AKeyIsExactly32HexadecimalDigits) {
  for (const auto& field : {hex.substr(1), hex + "0", std::string{}, "0x" + hex.substr(2), "-" + hex.substr(1),
                            " " + hex.substr(1), hex.substr(1) + "g", hex + " "})
    EXPECT_THAT(said_of("ada:" + field), HasSubstr("has no key of 32 hexadecimal digits after the name of 'ada'"))
      << field;
  EXPECT_THAT(said_of("ada"), HasSubstr("has no key"));
}

TEST(TurnUsers, APasswordInPlaceOfItsKeyIsNotShown) {
  EXPECT_THAT(said_of("ada:correct horse"), Not(HasSubstr("horse")));
  EXPECT_THAT(said_of("ada:" + hex + "0"), Not(HasSubstr(hex)));
  EXPECT_THAT(said_of(":correct horse"), Not(HasSubstr("horse")));
  EXPECT_THAT(said_of("correct horse:ada:" + hex), Not(HasSubstr("horse")));
}

TEST(TurnUsers, ANameIsWhatAUsernameMayHoldWithoutSpacesAndColons) {
  const std::string longest(turn_name_bytes_max, 'a');
  EXPECT_TRUE(parse_turn_users(longest + ":" + hex));
  for (const auto& name : {std::string{}, longest + "a", std::string{"ada lovelace"}, std::string{" ada"},
                           std::string{"a\tda"}, std::string{"a\x01"}, std::string{"a\xff"}, std::string("a\0b", 3)})
    EXPECT_THAT(said_of(name + ":" + hex), HasSubstr("does not begin with a name of 1 to 508 bytes")) << name;
}

TEST(TurnUsers, AnIdentityIsLeftOutOrSomebody) {
  for (const auto& identity : {std::string{}, std::string{"a b"}, std::string(turn_name_bytes_max + 1, 'a')})
    EXPECT_THAT(said_of("ada:" + hex + ":" + identity), HasSubstr("has an identity that is empty")) << identity;
}

TEST(TurnUsers, ANameStandsForOneUser) {
  EXPECT_THAT(problems_of("# two\nada:" + hex + "\nbob:" + hex + "\nada:" + hex + ":ada@edge.example\n"),
              ElementsAre(turn_users_problem{4, "names 'ada', as line 2 does already"}));
}

TEST(TurnUsers, EveryWrongLineIsToldAtOnce) {
  const auto found = problems_of("ada:" + hex + "\nbob\n\n:" + hex + "\nada:" + hex + "\n");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].line, 2u);
  EXPECT_EQ(found[1].line, 4u);
  EXPECT_EQ(found[2].line, 5u);
  EXPECT_EQ(problems_of(std::string(4'000, '\n') + std::string(4'000, ':')).size(), 1u);
}

TEST(TurnUsers, HaveALimit) {
  std::string text;
  for (std::size_t i = 0; i < turn_users_max; ++i)
    text += "user" + std::to_string(i) + ":" + hex + "\n";
  EXPECT_EQ(parse_turn_users(text)->size(), turn_users_max);
  EXPECT_THAT(problems_of(text + "one:" + hex + "\nmore:" + hex + "\n"),
              ElementsAre(turn_users_problem{turn_users_max + 1, "is one user too many: the limit is 10000"}));
}

TEST(TurnUsers, ProblemsHaveALimitToo) {
  std::string text;
  for (int i = 0; i < 1'000; ++i)
    text += "nonsense\n";
  EXPECT_EQ(problems_of(text).size(), 200u);
}

} // namespace sallyport::config
