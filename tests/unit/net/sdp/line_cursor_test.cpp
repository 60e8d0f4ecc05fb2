#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/sdp/line_cursor.hpp"
#include "net/sdp/word_cursor.hpp"

namespace sallyport::sdp {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (line_cursor cursor{text}; const auto line = cursor.next();)
    lines.push_back(line->type + std::string{"|"}.append(line->value));
  return lines;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (word_cursor cursor{text}; const auto word = cursor.next();)
    words.emplace_back(*word);
  return words;
}

} // namespace

TEST(SdpLines, EndInCrlfOrLfOrWithTheText) {
  EXPECT_THAT(lines_of("v=0\r\ns=-\na=sendrecv\r\n"), testing::ElementsAre("v|0", "s|-", "a|sendrecv"));
  EXPECT_THAT(lines_of("v=0\r\ns="), testing::ElementsAre("v|0", "s|"));
  EXPECT_THAT(lines_of(""), testing::IsEmpty());
}

TEST(SdpLines, WhatIsNoneIsSkipped) {
  EXPECT_THAT(lines_of("\r\n\nv\r\n=\r\nmedia\r\nm =video\r\nm=audio\r\n"), testing::ElementsAre("m|audio"));
}

TEST(SdpWords, SeveralSpacesSeparateAsOne) {
  EXPECT_THAT(words_of("audio 49170  RTP/AVP 0 "), testing::ElementsAre("audio", "49170", "RTP/AVP", "0"));
  EXPECT_THAT(words_of("  "), testing::IsEmpty());
  EXPECT_THAT(words_of(""), testing::IsEmpty());
}

} // namespace sallyport::sdp
