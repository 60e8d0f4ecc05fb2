#include <gtest/gtest.h>

#include "config/utf8.hpp"

namespace sallyport::config {

constexpr auto none = std::string_view::npos;

TEST(Utf8, PrintableTextOfAnyLanguagePasses) {
  EXPECT_EQ(first_unprintable(""), none);
  EXPECT_EQ(first_unprintable("a\tb\r\n"), none);
  EXPECT_EQ(first_unprintable("\xC3\xBC \xE2\x82\xAC \xF0\x9F\x93\x9E"), none);
}

TEST(Utf8, ControlCharactersAndByteOrderMarksAreFound) {
  EXPECT_EQ(first_unprintable(std::string_view{"ab\0c", 4}), 2u);
  EXPECT_EQ(first_unprintable("ab\x1b[31m"), 2u);
  EXPECT_EQ(first_unprintable("a\x7f"), 1u);
  EXPECT_EQ(first_unprintable("a\xC2\x9B"), 1u);
  EXPECT_EQ(first_unprintable("\xEF\xBB\xBFversion"), 0u);
}

TEST(Utf8, WhatRfc3629ForbidsIsFound) {
  // Stray continuation, overlong forms, a surrogate, past U+10FFFF, cut short, UTF-16.
  for (const std::string_view text : {"\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xF0\x80\x80\xAF", "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xE2\x28\xA1", "\xFF\xFE"})
    EXPECT_EQ(first_unprintable(text), 0u);
}

} // namespace sallyport::config
