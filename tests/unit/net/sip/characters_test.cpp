#include <gtest/gtest.h>

#include <string>

#include "net/sip/byte_scan.hpp"
#include "net/sip/characters.hpp"

namespace sallyport::sip {

TEST(SipCharacters, OnlyTheCaseOfAsciiLettersDoesNotCount) {
  for (std::size_t bytes = 1; bytes < 20; ++bytes)
    for (std::size_t at = 0; at < bytes; ++at)
      for (int code = 0; code < 256; ++code) {
        std::string left(bytes, 'x');
        std::string right(bytes, 'X');
        left[at] = static_cast<char>(code);
        for (const int other : {code, code ^ 0x20, code ^ 0x80}) {
          right[at] = static_cast<char>(other);
          ASSERT_EQ(equal_in_any_case(left, right), to_lower(left[at]) == to_lower(right[at])) << bytes << " " << code;
        }
      }
  EXPECT_TRUE(equal_in_any_case("", ""));
  EXPECT_FALSE(equal_in_any_case("a", ""));
}

TEST(SipCharacters, TrimTakesFoldsToo) {
  EXPECT_EQ(trim(" \r\n\t a b \r\n "), "a b");
  EXPECT_EQ(trim("\r\n "), "");
}

TEST(SipByteScan, FindsTheFirstAtEveryPlaceAndNothingBehindTheEnd) {
  for (std::size_t bytes = 0; bytes < 70; ++bytes)
    for (std::size_t at = 0; at <= bytes; ++at) {
      std::string text(bytes + 4, '\n'); // What lies behind the end would match.
      std::fill_n(text.begin(), bytes, '\t');
      const char* const begin = text.data();
      if (at < bytes)
        text[at] = '\x7F';
      ASSERT_EQ(find_control(begin, begin + bytes), begin + at) << bytes;
      if (at < bytes)
        text[at] = ':';
      ASSERT_EQ(find_control(begin, begin + bytes), begin + bytes) << bytes;
      ASSERT_EQ(find_control_or_colon(begin, begin + bytes), begin + at) << bytes;
      ASSERT_EQ(find_char(begin, begin + bytes, ':'), begin + at) << bytes;
      for (const char mark : {',', '<', '"'}) {
        if (at < bytes)
          text[at] = mark;
        ASSERT_EQ(find_list_mark(begin, begin + bytes), begin + at) << bytes;
      }
    }
}

TEST(SipByteScan, EveryByteIsAControlOrNotInBlocksAndAlone) {
  for (int code = 0; code < 256; ++code) {
    const std::string block(16, static_cast<char>(code));
    const bool expected = code != '\t' && (code < 0x20 || code == 0x7F);
    EXPECT_EQ(is_control(static_cast<char>(code)), expected) << code;
    EXPECT_EQ(byte_block{block.data()}.controls(), expected ? 0xFFFFu : 0u) << code;
    EXPECT_EQ(byte_block{block.data()}.equal(static_cast<char>(code)), 0xFFFFu) << code;
  }
}

} // namespace sallyport::sip
