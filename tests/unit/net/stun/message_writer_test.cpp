#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "net/stun/error_code.hpp"
#include "net/stun/message_view.hpp"
#include "net/stun/message_writer.hpp"
#include "net/stun/xor_address.hpp"
#include "tests/support/stun/vectors.hpp"

namespace sallyport::stun {
namespace {

constexpr transaction_id some_id{std::byte{1}, std::byte{2}, std::byte{3}};
const long_term_key key = make_long_term_key("user", "realm", "pass");

std::vector<std::byte> copy(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

/// What follows the header of a message that `write` wrote.
template <class Write>
std::vector<std::byte> body_of(Write&& write) {
  std::array<std::byte, 512> room;
  room.fill(std::byte{0xEE});
  message_writer writer{room, method::allocate, message_class::success, some_id};
  write(writer);
  return copy(writer.finish().subspan(header_bytes));
}

} // namespace

TEST(StunMessageWriter, WritesTheHeader) {
  std::array<std::byte, header_bytes> room;
  const message_writer writer{room, method::channel_bind, message_class::error, some_id};
  EXPECT_EQ(copy(writer.finish()), vectors::hex("01190000 2112a442 010203000000000000000000"));
}

TEST(StunMessageWriter, WritesEveryMethodAndClassSoThatItIsReadAgain) {
  std::array<std::byte, header_bytes> room;
  for (std::uint16_t number = 0; number <= 0x0FFF; ++number)
    for (std::uint8_t kind = 0; kind < 4; ++kind) {
      const message_writer writer{room, method{number}, message_class{kind}, some_id};
      const auto message = message_view::parse(writer.finish());
      ASSERT_TRUE(message) << number;
      ASSERT_TRUE(message->is(method{number}, message_class{kind})) << number;
    }
}

TEST(StunMessageWriter, PadsWithZerosAndKeepsTheLength) {
  EXPECT_EQ(body_of([](auto& writer) { writer.put_text(attribute::realm, "a"); }), vectors::hex("00140001 61000000"));
  EXPECT_EQ(body_of([](auto& writer) { writer.put_text(attribute::realm, "abc"); }), vectors::hex("00140003 61626300"));
  EXPECT_EQ(body_of([](auto& writer) { writer.put_text(attribute::realm, "abcd"); }),
            vectors::hex("00140004 61626364"));
  EXPECT_EQ(body_of([](auto& writer) { writer.put(attribute::dont_fragment, {}); }), vectors::hex("001a0000"));
}

TEST(StunMessageWriter, WritesNumbersInNetworkOrder) {
  EXPECT_EQ(body_of([](auto& writer) { writer.put_u32(attribute::lifetime, 600); }), vectors::hex("000d0004 00000258"));
}

TEST(StunMessageWriter, WritesAnErrorWithItsPhrase) {
  EXPECT_EQ(body_of([](auto& writer) { writer.put_error(438, reason_phrase(438)); }),
            vectors::hex("0009000f 00000426 5374616c65204e6f6e6365 00"));
  EXPECT_EQ(body_of([](auto& writer) { writer.put_error(300, ""); }), vectors::hex("00090004 00000300"));
}

TEST(StunMessageWriter, ListsUnknownAttributes) {
  constexpr std::uint16_t three[] = {0x7FFF, 0x0003, 0x0102};
  EXPECT_EQ(body_of([&](auto& writer) { writer.put_unknown(three); }), vectors::hex("000a0006 7fff00030102 0000"));
  EXPECT_EQ(body_of([&](auto& writer) { writer.put_unknown({}); }), vectors::hex("000a0000"));
}

TEST(StunMessageWriter, SignsNothingWithNone) {
  EXPECT_EQ(body_of([](auto& writer) { writer.sign(integrity::none, key); }), vectors::hex(""));
}

// Who is unauthenticated and asks is answered by no more than this: the answer must not be worth sending in another's
// name.
TEST(StunMessageWriter, AsksForCredentialsInNinetySixBytes) {
  std::array<std::byte, 96> room;
  message_writer writer{room, method::allocate, message_class::error, some_id};
  writer.put_error(401, reason_phrase(401))
    .put_text(attribute::realm, "edge.example")
    .put_text(attribute::nonce, std::string(27, 'n'));
  EXPECT_LE(writer.finish().size(), 96u);
  EXPECT_EQ(writer.finish().size(), 92u);
  EXPECT_TRUE(message_view::parse(writer.finish()));
}

// A Data indication is written around the payload that was received into the buffer.
TEST(StunMessageWriter, LeavesAValueThatIsInItsPlace) {
  const auto peer = *endpoint::parse("192.0.2.7:4000");
  std::array<std::byte, 48> room;
  room.fill(std::byte{0xEE});
  const auto payload = std::span{room}.subspan(header_bytes + 12 + attribute_header_bytes, 6);
  std::ranges::copy(vectors::hex("010203040506"), payload.begin());

  message_writer writer{room, method::data, message_class::indication, some_id};
  writer.put_xor_address(attribute::xor_peer_address, peer);
  const auto place = writer.put_in_place(attribute::data, payload.size());

  EXPECT_EQ(place.data(), payload.data());
  const auto message = message_view::parse(writer.finish());
  ASSERT_TRUE(message);
  EXPECT_EQ(copy(*message->find(attribute::data)), vectors::hex("010203040506"));
  EXPECT_EQ(read_xor_address(*message->find(attribute::xor_peer_address), some_id), peer);
  EXPECT_EQ(copy(writer.finish().last(2)), vectors::hex("0000"));
}

TEST(StunMessageWriter, FillsItsBufferToTheLastByte) {
  std::array<std::byte, header_bytes + 8> room;
  message_writer writer{room, method::binding, message_class::request, some_id};
  writer.put_text(attribute::username, "abcd");
  EXPECT_EQ(writer.finish().size(), room.size());
  EXPECT_TRUE(message_view::parse(writer.finish()));
}

TEST(StunMessageWriter, ThrowsForOneByteMoreAndKeepsWhatItHas) {
  std::array<std::byte, header_bytes + 8> room;
  message_writer writer{room, method::binding, message_class::request, some_id};
  EXPECT_THROW(writer.put_text(attribute::username, "abcde"), std::length_error);
  EXPECT_THROW(writer.sign(integrity::sha1, key), std::length_error);
  EXPECT_EQ(writer.finish().size(), header_bytes);
  EXPECT_TRUE(message_view::parse(writer.finish()));
  writer.put_fingerprint();
  EXPECT_THROW(writer.put(attribute::software, {}), std::length_error);
}

TEST(StunMessageWriter, ThrowsWhereTheHeaderDoesNotFit) {
  std::array<std::byte, header_bytes - 1> room;
  EXPECT_THROW((message_writer{room, method::binding, message_class::request, some_id}), std::length_error);
}

TEST(StunMessageWriter, WritesNoLengthThatItsSixteenBitsCannotSay) {
  std::vector<std::byte> room(80'000);
  const std::vector<std::byte> value(0xFFF9);
  message_writer writer{room, method::send, message_class::indication, some_id};
  EXPECT_THROW(writer.put(attribute::data, value), std::length_error);
  writer.put(attribute::data, std::span{value}.first(0xFFF8));
  EXPECT_EQ(writer.finish().size(), header_bytes + 0xFFFC);
  EXPECT_TRUE(message_view::parse(writer.finish()));
  EXPECT_THROW(writer.put(attribute::software, {}), std::length_error);
}

TEST(StunErrorCode, HasAPhraseForEveryCodeWeAnswer) {
  for (const unsigned code : {300u, 400u, 401u, 403u, 420u, 437u, 438u, 440u, 441u, 442u, 443u, 486u, 500u, 508u})
    EXPECT_NE(reason_phrase(code), "") << code;
  EXPECT_EQ(reason_phrase(401), "Unauthenticated");
  EXPECT_EQ(reason_phrase(999), "");
}

} // namespace sallyport::stun
