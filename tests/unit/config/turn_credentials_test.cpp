#include "config/turn_credentials.hpp"
#include "fixture.hpp"

namespace sallyport::config {

using testing::HasSubstr;
using testing::Not;

namespace {

const std::string secret = "q7Zr0mG5c1mP8bS4tXw2kYv6nHj3fDa9"; // 32 characters.
const std::string user_line = "ada:8493fbc53ba582fb4c044c456bdc40eb:ada@edge.example\n";

model naming(std::filesystem::path users, std::vector<secret_source> secrets) {
  model value;
  value.av.emplace();
  value.av->users = std::move(users);
  value.av->secrets = std::move(secrets);
  return value;
}

secret_source in_file(const char* name) {
  return {secret_source::kind::file, name};
}

/// One secret with this text, in a file with this mode.
result<turn_credentials, problems> read_one(const std::string& text, unsigned mode = 0400) {
  return read_turn_credentials(naming({}, {in_file("/turn.secret")}), {}, around({{"/turn.secret", {text, mode}}}));
}

std::string said_of(const result<turn_credentials, problems>& read) {
  return read ? "" : said(read.error());
}

} // namespace

TEST(TurnCredentials, AreReadFromWhatTheFileNames) {
  const auto host = around({{"/turn.users", {user_line, 0440}}, {"/turn.secret", {secret + "\n", 0400}}},
                           {{"TURN_SECRET_OLD", secret + "="}});
  const auto read = read_turn_credentials(
    naming("/turn.users", {in_file("/turn.secret"), {secret_source::kind::variable, "TURN_SECRET_OLD"}}), {}, host);
  ASSERT_TRUE(read) << said_of(read);
  ASSERT_EQ(read->users.size(), 1u);
  EXPECT_EQ(read->users[0].name, "ada");
  EXPECT_EQ(read->secrets, (std::vector{secret, secret + "="}));
}

TEST(TurnCredentials, AreNoneWhereNoneAreNamed) {
  EXPECT_EQ(*read_turn_credentials({}, {}, around({})), turn_credentials{});
  EXPECT_EQ(*read_turn_credentials(naming({}, {}), {}, around({})), turn_credentials{});
}

TEST(TurnCredentials, ASecretIsItsTextWithoutTheEndOfTheLine) {
  EXPECT_EQ(read_one(secret)->secrets, std::vector{secret});
  EXPECT_EQ(read_one(secret + "\n")->secrets, std::vector{secret});
  EXPECT_EQ(read_one(secret + "\r\n")->secrets, std::vector{secret});
  EXPECT_EQ(read_one(secret + " ")->secrets, std::vector{secret + " "});
  EXPECT_THAT(said_of(read_one(secret + "\n\n")), HasSubstr("av.secrets[0]: is more than one line"));
}

TEST(TurnCredentials, ASecretHas32CharactersAndIsKeptClose) {
  EXPECT_THAT(said_of(read_one(secret.substr(1) + "\n")),
              HasSubstr("av.secrets[0]: is a secret of 31 characters, at least 32 are needed"));
  EXPECT_THAT(said_of(read_one(secret, 0404)), HasSubstr("is open to every user of the host"));
  EXPECT_THAT(said_of(read_turn_credentials(naming({}, {in_file("/none")}), {}, around({}))),
              HasSubstr("av.secrets[0]: cannot be read: No such file"));
  EXPECT_THAT(said_of(read_one(secret.substr(1))), Not(HasSubstr(secret.substr(1))));
}

TEST(TurnCredentials, ARotationHasTwoDifferentSecrets) {
  const auto host = around({{"/a", {secret, 0400}}, {"/b", {secret + "\n", 0400}}});
  EXPECT_THAT(said_of(read_turn_credentials(naming({}, {in_file("/a"), in_file("/b")}), {}, host)),
              HasSubstr("av.secrets[1]: is the same secret as the other"));
}

TEST(TurnCredentials, TheFileOfUsersIsThereKeptCloseAndSound) {
  const auto said_of_file = [](std::string text, unsigned mode) {
    return said_of(
      read_turn_credentials(naming("/turn.users", {}), {}, around({{"/turn.users", {std::move(text), mode}}})));
  };
  EXPECT_EQ(said_of_file(user_line, 0440), "");
  EXPECT_THAT(said_of_file(user_line, 0444), HasSubstr("av.users: '/turn.users' is open to every user of the host"));
  EXPECT_EQ(said_of_file("\n" + user_line + user_line, 0400),
            ": av.users: '/turn.users' line 3: names 'ada', as line 2 does already\n");
  EXPECT_THAT(said_of(read_turn_credentials(naming("/none", {}), {}, around({}))),
              HasSubstr("av.users: '/none' cannot be read: No such file"));
}

TEST(TurnCredentials, EveryProblemIsToldAtOnce) {
  const auto read = read_turn_credentials(naming("/none", {in_file("/none"), in_file("/neither")}), {}, around({}));
  EXPECT_EQ(read.error().size(), 3u);
}

} // namespace sallyport::config
