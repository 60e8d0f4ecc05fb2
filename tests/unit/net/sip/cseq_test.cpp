#include <gtest/gtest.h>

#include "net/sip/cseq.hpp"

namespace sallyport::sip {

TEST(SipCseq, ReadsNumberAndMethod) {
  const auto cseq = parse_cseq("0009\r\n  INVITE");
  ASSERT_TRUE(cseq);
  EXPECT_EQ(cseq->number, 9u);
  EXPECT_EQ(cseq->method, method::invite);
  EXPECT_EQ(cseq->name, "INVITE");
  EXPECT_EQ(parse_cseq("1 NEWMETHOD")->method, method::other);
}

TEST(SipCseq, TheNumberStaysBelowTwoToThe31) {
  EXPECT_EQ(parse_cseq("2147483647 ACK")->number, 2147483647u);
  EXPECT_EQ(parse_cseq("2147483648 ACK").error(), parse_error::number_out_of_range);
  EXPECT_EQ(parse_cseq("36893488147419103232 REGISTER").error(), parse_error::number_out_of_range);
}

TEST(SipCseq, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "1", "1 ", "INVITE", "1INVITE", "-1 INVITE", "1 INVITE x", "1 INV(TE", "1.0 BYE"})
    EXPECT_FALSE(parse_cseq(text)) << text;
}

} // namespace sallyport::sip
