#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/stun/xor_address.hpp"
#include "tests/support/stun/vectors.hpp"

namespace sallyport::stun {
namespace {

constexpr transaction_id some_id{std::byte{0x11}, std::byte{0x22}, std::byte{0x33}, std::byte{0x44}};

std::vector<std::byte> write(const endpoint& address) {
  std::vector<std::byte> bytes(xor_address_bytes(address));
  write_xor_address(bytes.data(), address, some_id);
  return bytes;
}

} // namespace

TEST(StunXorAddress, HidesIpv4UnderTheCookie) {
  const auto address = *endpoint::parse("192.0.2.1:32853");
  EXPECT_EQ(write(address), vectors::hex("0001a147 e112a643"));
  EXPECT_EQ(read_xor_address(write(address), some_id), address);
}

TEST(StunXorAddress, HidesIpv6UnderCookieAndTransaction) {
  const auto address = *endpoint::parse("[2001:db8::1]:1");
  EXPECT_EQ(write(address), vectors::hex("00022113 0113a9fa 11223344 00000000 00000001"));
  EXPECT_EQ(read_xor_address(write(address), some_id), address);
}

TEST(StunXorAddress, WritesNotOneByteMoreThanItSaid) {
  for (const char* text : {"192.0.2.1:32853", "[2001:db8::1]:1"}) {
    const auto address = *endpoint::parse(text);
    const auto size = xor_address_bytes(address);
    for (const auto next : {std::byte{0}, std::byte{0xFF}}) {
      std::vector<std::byte> room(size + 1, next);
      write_xor_address(room.data(), address, some_id);
      EXPECT_EQ(room[size], next) << text;
    }
  }
}

TEST(StunXorAddress, ReadsBackEveryPort) {
  for (unsigned port = 0; port <= 0xFFFF; ++port) {
    const endpoint address{ip_address::v4(0x7F000001), static_cast<std::uint16_t>(port)};
    ASSERT_EQ(read_xor_address(write(address), some_id), address);
  }
}

TEST(StunXorAddress, ReadsAMappedAddressAsTheIpv4AddressItIs) {
  // ::ffff:192.0.2.1, as IPv6: who may be a peer must not depend on the spelling.
  const auto mapped = vectors::hex("0002a147 2112a442 11223344 0000ffff c0000201");
  EXPECT_EQ(read_xor_address(mapped, some_id), endpoint::parse("192.0.2.1:32853"));
}

TEST(StunXorAddress, DoesNotReadTheReservedByte) {
  EXPECT_EQ(read_xor_address(vectors::hex("ff01a147 e112a643"), some_id), endpoint::parse("192.0.2.1:32853"));
}

TEST(StunXorAddress, RefusesOtherFamiliesAndLengths) {
  for (const char* value : {
         "",
         "00",
         "0001",
         "0001a1",
         "0001a147",
         "0001a147 e112a6",
         "0001a147 e112a64300",
         "0001a147 e112a643 00000000 00000000 00000000", // IPv4, as long as IPv6.
         "0002a147 e112a643",                            // IPv6, as short as IPv4.
         "0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9",
         "0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d900",
         "0000a147 e112a643",
         "0003a147 e112a643",
         "0100a147 e112a643",
         "0081a147 e112a643",
       })
    EXPECT_EQ(read_xor_address(vectors::hex(value), some_id), std::nullopt) << value;
}

} // namespace sallyport::stun
