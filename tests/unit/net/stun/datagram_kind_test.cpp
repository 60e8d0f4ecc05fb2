#include <gtest/gtest.h>

#include <array>

#include "net/stun/datagram_kind.hpp"

namespace sallyport::stun {

// RFC 7983, 7.
TEST(StunDatagramKind, IsToldByTheFirstByte) {
  for (unsigned first = 0; first <= 0xFF; ++first) {
    const std::array datagram{static_cast<std::byte>(first)};
    const auto expected = first <= 3                   ? datagram_kind::stun
                          : first >= 64 && first <= 79 ? datagram_kind::channel_data
                                                       : datagram_kind::other;
    EXPECT_EQ(kind_of(datagram), expected) << first;
  }
}

TEST(StunDatagramKind, OfNothingIsOther) {
  EXPECT_EQ(kind_of({}), datagram_kind::other);
}

} // namespace sallyport::stun
