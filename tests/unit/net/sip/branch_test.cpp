#include <gtest/gtest.h>

#include "net/sip/branch.hpp"

namespace sallyport::sip {
namespace {

constexpr loop_hash loop{'l', 'o', 'o', 'p', 'h', 'a', 's', 'h'};

} // namespace

TEST(Branch, ReadsBackWhoseItIs) {
  const lane_ref session{513, 7, 0x01020304, 0xfffffffe};
  const auto text = write_branch(session, 0xdeadbeef, 0x1122334455667788U, loop);
  EXPECT_EQ(text.size(), branch_name::chars);
  EXPECT_TRUE(text.starts_with("z9hG4bK"));
  const auto name = parse_branch(text);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->session, session);
  EXPECT_EQ(name->number, 0xdeadbeefU);
  EXPECT_EQ(name->loop, loop);
}

TEST(Branch, IsAnotherForEveryRandomNumber) {
  EXPECT_NE(write_branch({1, 0, 1, 1}, 1, 1, loop), write_branch({1, 0, 1, 1}, 1, 2, loop));
}

TEST(Branch, IsNotOursInAnyOtherForm) {
  const auto ours = write_branch({1, 0, 1, 1}, 1, 1, loop);
  EXPECT_TRUE(parse_branch(ours));
  EXPECT_FALSE(parse_branch(""));
  EXPECT_FALSE(parse_branch("z9hG4bK"));
  EXPECT_FALSE(parse_branch("z9hG4bKclient1"));
  EXPECT_FALSE(parse_branch(ours + "x"));
  EXPECT_FALSE(parse_branch(ours.substr(0, ours.size() - 1)));
  EXPECT_FALSE(parse_branch("z9hg4bk" + ours.substr(7)));
  auto other = ours;
  other[38] = '-';
  EXPECT_FALSE(parse_branch(other)) << "no dot";
  other = ours;
  other[10] = '=';
  EXPECT_FALSE(parse_branch(other)) << "no base64url";
}

} // namespace sallyport::sip
