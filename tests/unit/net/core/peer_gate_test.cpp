#include <gtest/gtest.h>

#include "net/core/peer_gate.hpp"

namespace sallyport {

TEST(PeerGate, LetsKnownPeersInAndNobodyElse) {
  peer_gate gate{{*ip_prefix::parse("10.77.0.0/24"), *ip_prefix::parse("fd00::5")}};
  EXPECT_EQ(gate.admit(*ip_address::parse("10.77.0.2"), {}), verdict::admitted);
  EXPECT_EQ(gate.admit(*ip_address::parse("fd00::5"), {}), verdict::admitted);
  EXPECT_EQ(gate.admit(*ip_address::parse("10.77.1.2"), {}), verdict::unknown_peer);
  EXPECT_EQ(gate.admit(*ip_address::parse("fd00::6"), {}), verdict::unknown_peer);
}

TEST(PeerGate, WithoutPeersNobodyIsLetIn) {
  peer_gate gate{{}};
  EXPECT_EQ(gate.admit(*ip_address::parse("127.0.0.1"), {}), verdict::unknown_peer);
}

} // namespace sallyport
