#include <gtest/gtest.h>

#include "net/sip/numbers.hpp"

namespace sallyport::sip {

TEST(SipNumbers, LeadingZerosAndFoldsAroundThemCountForNothing) {
  EXPECT_EQ(parse_number(" 0068\r\n "), 68u);
  EXPECT_EQ(parse_max_forwards("0068"), 68);
  EXPECT_EQ(parse_content_length("\r\n 150"), 150u);
  EXPECT_EQ(parse_number("000000000000000000000000000000000000000004294967295"), 4294967295u);
}

TEST(SipNumbers, EachHasItsRange) {
  EXPECT_EQ(parse_number("4294967296").error(), parse_error::number_out_of_range);
  EXPECT_EQ(parse_max_forwards("255"), 255);
  EXPECT_EQ(parse_max_forwards("256").error(), parse_error::number_out_of_range);
  EXPECT_EQ(parse_number("99999999999999999999999999999999").error(), parse_error::number_out_of_range);
  EXPECT_GT(*parse_content_length("99999999999999999999999999999999"), std::size_t{1} << 40);
}

TEST(SipNumbers, RefusesWhatIsNotDigitsOnly) {
  for (const std::string_view text : {"", " ", "-1", "+1", "1x", "x1", "1 1", "0x1", "1.0", "1,1", "\xD9\xA1"}) {
    EXPECT_EQ(parse_number(text).error(), parse_error::bad_number) << text;
    EXPECT_EQ(parse_max_forwards(text).error(), parse_error::bad_number) << text;
    EXPECT_EQ(parse_content_length(text).error(), parse_error::bad_content_length) << text;
  }
}

TEST(SipNumbers, SecondsMayBeFollowedByParametersAndSaturate) {
  EXPECT_EQ(parse_delta_seconds("1800;refresher=uac"), 1800u);
  EXPECT_EQ(parse_delta_seconds("18 (in a meeting)"), 18u);
  EXPECT_EQ(parse_delta_seconds("949302838503028349304023988"), 4294967295u);
  for (const std::string_view text : {"", ";x", "-5", "5x", "5 x"})
    EXPECT_FALSE(parse_delta_seconds(text)) << text;
}

} // namespace sallyport::sip
