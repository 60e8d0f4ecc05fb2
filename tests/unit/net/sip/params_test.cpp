#include <gtest/gtest.h>

#include "net/sip/params.hpp"
#include "net/sip/token_params.hpp"

namespace sallyport::sip {

TEST(SipParams, AreFoundInAnyCase) {
  const std::string_view params = ";a=1 ; B ;\r\n c = \"x;b=2\";d=[::1]:5060";
  EXPECT_EQ(param(params, "A"), "1");
  EXPECT_EQ(param(params, "b"), "");
  EXPECT_EQ(param(params, "c"), "\"x;b=2\"");
  EXPECT_EQ(param(params, "D"), "[::1]:5060");
  EXPECT_EQ(param(params, "e"), std::nullopt);
  EXPECT_EQ(param("", "a"), std::nullopt);
}

TEST(SipParams, TheFirstOfTwoCounts) {
  EXPECT_EQ(param(";a=1;a=2", "a"), "1");
}

TEST(SipParams, TheCursorStopsAtWhatIsNone) {
  for (const std::string_view text :
       {"a", ";", ";;a", ";a;", ";=", ";a=", ";a=\"open", ";a b", ";a=b c", ";\xC3\xA4=1"}) {
    param_cursor cursor{text};
    while (cursor.next()) {
    }
    EXPECT_FALSE(cursor.ok()) << text;
    EXPECT_FALSE(cursor.next()) << text;
  }
  param_cursor cursor{" ;a ;b=\"\\\"\" "};
  EXPECT_TRUE(cursor.next());
  EXPECT_EQ(cursor.next()->value, "\"\\\"\"");
  EXPECT_FALSE(cursor.next());
  EXPECT_TRUE(cursor.ok());
}

TEST(SipTokenParams, SplitAtTheFirstSemicolon) {
  const auto state = parse_token_params(" active ; expires=600 ");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->token, "active");
  EXPECT_EQ(param(state->params, "expires"), "600");
  EXPECT_EQ(parse_token_params("presence")->params, "");
  for (const std::string_view text : {"", ";a", " ;a", "a;;", "a;"})
    EXPECT_FALSE(parse_token_params(text)) << text;
}

} // namespace sallyport::sip
