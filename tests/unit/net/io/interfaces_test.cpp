#include <gtest/gtest.h>

#include <algorithm>

#include "net/io/interfaces.hpp"
#include "net/io/socket.hpp"

namespace sallyport::io {

TEST(Interfaces, TheLoopbackAddressIsAmongThem) {
  const auto addresses = interface_addresses();
  EXPECT_TRUE(std::ranges::count(addresses, *ip_address::parse("127.0.0.1")) > 0);
}

TEST(Interfaces, EveryAddressTheyTellCanBeBound) {
  for (const auto& address : interface_addresses()) {
    const auto& bytes = address.bytes();
    if (!address.is_v4() && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
      continue; // A link-local address needs its zone besides.
    const auto bound = open_bound({address, 0}, SOCK_DGRAM);
    EXPECT_TRUE(bound) << address.text();
  }
}

TEST(Interfaces, AnAddressOfNobodyIsNotAmongThem) {
  EXPECT_EQ(std::ranges::count(interface_addresses(), *ip_address::parse("192.0.2.77")), 0);
}

} // namespace sallyport::io
