#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "net/turn/channel_data.hpp"

namespace sallyport::turn {
namespace {

std::vector<std::byte> datagram(std::uint16_t number, std::uint16_t payload_bytes, std::size_t after) {
  std::vector<std::byte> bytes(channel_data::header_bytes + after, std::byte{0xA5});
  write_channel_header(std::span{bytes}.first<channel_data::header_bytes>(), number, payload_bytes);
  return bytes;
}

channel_data_error error_of(const std::vector<std::byte>& bytes) {
  const auto parsed = parse_channel_data(bytes);
  EXPECT_FALSE(parsed);
  return parsed ? channel_data_error{0xFF} : parsed.error();
}

} // namespace

TEST(TurnChannelData, WritesNumberAndLengthInNetworkOrder) {
  std::array<std::byte, 4> header;
  write_channel_header(header, 0x4321, 0x0102);
  EXPECT_EQ(header, (std::array{std::byte{0x43}, std::byte{0x21}, std::byte{0x01}, std::byte{0x02}}));
}

TEST(TurnChannelData, PointsToThePayloadInTheDatagram) {
  const auto bytes = datagram(0x4000, 5, 5);
  const auto parsed = parse_channel_data(bytes);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->number, 0x4000);
  EXPECT_EQ(parsed->payload.data(), bytes.data() + channel_data::header_bytes);
  EXPECT_EQ(parsed->payload.size(), 5u);
}

TEST(TurnChannelData, TakesPaddingOrNone) {
  for (std::size_t padding = 0; padding <= 3; ++padding) {
    const auto parsed = parse_channel_data(datagram(0x4FFF, 5, 5 + padding));
    ASSERT_TRUE(parsed) << padding;
    EXPECT_EQ(parsed->payload.size(), 5u) << padding;
  }
}

TEST(TurnChannelData, MayCarryNothing) {
  const auto parsed = parse_channel_data(datagram(0x4001, 0, 0));
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->payload.empty());
}

TEST(TurnChannelData, CarriesAsMuchAsItsLengthCanSay) {
  const auto parsed = parse_channel_data(datagram(0x4001, 0xFFFF, 0xFFFF));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->payload.size(), 0xFFFFu);
}

TEST(TurnChannelData, RefusesEveryTruncation) {
  const auto whole = datagram(0x4001, 16, 16);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(error_of(cut), channel_data_error::truncated) << length;
  }
}

TEST(TurnChannelData, RefusesNumbersThatNoChannelHas) {
  for (const std::uint16_t number : {0x0000, 0x0001, 0x3FFF, 0x5000, 0x7FFF, 0x8000, 0xFFFF}) {
    EXPECT_FALSE(is_channel_number(number));
    EXPECT_EQ(error_of(datagram(number, 4, 4)), channel_data_error::bad_number) << number;
  }
}

TEST(TurnChannelData, RefusesMoreThanPaddingAfterThePayload) {
  EXPECT_EQ(error_of(datagram(0x4001, 4, 8)), channel_data_error::bad_length);
  EXPECT_EQ(error_of(datagram(0x4001, 0, 1200)), channel_data_error::bad_length);
}

TEST(TurnChannelData, NamesEveryError) {
  EXPECT_EQ(to_string(channel_data_error::truncated), "truncated");
  EXPECT_EQ(to_string(channel_data_error::bad_number), "bad_number");
  EXPECT_EQ(to_string(channel_data_error::bad_length), "bad_length");
}

} // namespace sallyport::turn
