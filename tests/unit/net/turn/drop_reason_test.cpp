#include <gtest/gtest.h>

#include <set>
#include <string>

#include "net/turn/drop_reason.hpp"

namespace sallyport::turn {

TEST(DropReason, EachHasATextOfItsOwn) {
  std::set<std::string> texts;
  for (std::size_t each = 0; each < drop_reasons; ++each)
    texts.emplace(to_string(static_cast<drop_reason>(each)));
  EXPECT_EQ(texts.size(), drop_reasons);
}

TEST(DropReason, OfAMessageThatCannotBeReadIsCalledAsStunCallsIt) {
  EXPECT_EQ(to_string(drop_reason::not_stun), "not_stun");
  EXPECT_EQ(to_string(static_cast<drop_reason>(stun::parse_error::bad_fingerprint)), "bad_fingerprint");
  EXPECT_EQ(to_string(drop_reason::response), "response");
}

} // namespace sallyport::turn
