#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "net/sip/names.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

TEST(SipNames, EveryHeaderNameIsFoundInAnyCase) {
  for (std::size_t i = 1; i < header_ids; ++i) {
    const auto id = static_cast<header_id>(i);
    std::string name{to_string(id)};
    ASSERT_FALSE(name.empty()) << i;
    EXPECT_EQ(parse_header_name(name), id) << name;
    std::ranges::transform(name, name.begin(), [](unsigned char byte) { return std::tolower(byte); });
    EXPECT_EQ(parse_header_name(name), id) << name;
    std::ranges::transform(name, name.begin(), [](unsigned char byte) { return std::toupper(byte); });
    EXPECT_EQ(parse_header_name(name), id) << name;
  }
  EXPECT_EQ(to_string(header_id::other), "");
}

TEST(SipNames, CompactFormsAreTheLongOnes) {
  const std::pair<std::string_view, header_id> cases[] = {
    {"v", header_id::via},
    {"F", header_id::from},
    {"t", header_id::to},
    {"i", header_id::call_id},
    {"M", header_id::contact},
    {"l", header_id::content_length},
    {"c", header_id::content_type},
    {"s", header_id::subject},
    {"k", header_id::supported},
    {"e", header_id::content_encoding},
    {"o", header_id::event},
    {"u", header_id::allow_events},
    {"r", header_id::refer_to},
    {"b", header_id::referred_by},
    {"x", header_id::session_expires},
    {"y", header_id::identity},
    {"d", header_id::request_disposition},
    {"a", header_id::accept_contact},
    {"j", header_id::reject_contact},
    {"n", header_id::identity_info},
    {"q", header_id::other},
    {"-", header_id::other},
    {"\xC3", header_id::other},
  };
  for (const auto& [name, id] : cases)
    EXPECT_EQ(parse_header_name(name), id) << name;
}

TEST(SipNames, WhatOnlyLooksLikeANameIsAnother) {
  for (const std::string_view name : {"", "Viaa", "Vi", "V-a", "Call\rID", "Call_ID", "Content-Lengt",
                                      "Content-Length ", "X-Via", "C%6Fntact", "\0ia", "Fr\xF0m"})
    EXPECT_EQ(parse_header_name(name), header_id::other) << name;
}

TEST(SipNames, MethodsAreReadExactly) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(method::other); ++i) {
    const auto value = static_cast<method>(i);
    EXPECT_EQ(parse_method(to_string(value)), value);
  }
  for (const std::string_view name : {"", "invite", "INVITES", "NEWMETHOD", "INVIT"})
    EXPECT_EQ(parse_method(name), method::other) << name;
  EXPECT_EQ(to_string(method::other), "");
}

TEST(SipNames, EveryParseErrorHasAName) {
  for (std::size_t i = 0; i < parse_errors; ++i)
    EXPECT_FALSE(to_string(static_cast<parse_error>(i)).empty()) << i;
  EXPECT_EQ(to_string(parse_error::empty), "empty");
  EXPECT_EQ(to_string(parse_error::bad_via), "bad_via");
  EXPECT_EQ(to_string(parse_error::number_out_of_range), "number_out_of_range");
}

} // namespace sallyport::sip
