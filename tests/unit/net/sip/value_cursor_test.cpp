#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {
namespace {

std::vector<std::string> values_of(std::string_view list) {
  std::vector<std::string> values;
  for (list_cursor cursor{list}; const auto value = cursor.next();)
    values.emplace_back(*value);
  return values;
}

} // namespace

TEST(SipList, CommasSeparateOutsideQuotesAndBrackets) {
  EXPECT_THAT(values_of("a, b ,\r\n c"), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(values_of("\"a, \\\" b\" <sip:x,y@z>, <sip:c>;p=\"1,2\""),
              testing::ElementsAre("\"a, \\\" b\" <sip:x,y@z>", "<sip:c>;p=\"1,2\""));
}

TEST(SipList, EmptyValuesAreHandedOutButAnEmptyListHasNone) {
  EXPECT_THAT(values_of(""), testing::IsEmpty());
  EXPECT_THAT(values_of(" \r\n "), testing::IsEmpty());
  EXPECT_THAT(values_of("a,,b"), testing::ElementsAre("a", "", "b"));
  EXPECT_THAT(values_of(","), testing::ElementsAre("", ""));
}

TEST(SipList, WhatIsNeverClosedIsOneValue) {
  EXPECT_THAT(values_of("\"a, b"), testing::ElementsAre("\"a, b"));
  EXPECT_THAT(values_of("<a, b"), testing::ElementsAre("<a, b"));
  EXPECT_THAT(values_of("a, \"b\\"), testing::ElementsAre("a", "\"b\\"));
}

TEST(SipValues, RunThroughAllFieldsOfTheName) {
  message_view view;
  ASSERT_EQ(view.parse("OPTIONS sip:a@b SIP/2.0\r\nVia: 1, 2\r\nTo: x\r\nv: 3\r\nVia:\r\nVIA: 4\r\n\r\n"),
            std::nullopt);
  std::vector<std::string> values;
  std::vector<std::size_t> fields;
  value_cursor cursor{view, header_id::via};
  while (const auto value = cursor.next()) {
    values.emplace_back(*value);
    fields.push_back(cursor.field_index());
  }
  EXPECT_THAT(values, testing::ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(fields, testing::ElementsAre(0u, 0u, 2u, 4u));
  EXPECT_FALSE(cursor.next());
  EXPECT_EQ(count_values(view, header_id::via), 4u);
  EXPECT_EQ(first_value(view, header_id::via), "1");
  EXPECT_EQ(first_value(view, header_id::route), std::nullopt);
  EXPECT_EQ(count_values(view, header_id::route), 0u);
}

} // namespace sallyport::sip
