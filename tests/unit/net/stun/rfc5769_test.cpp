#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <string>

#include "net/stun/integrity.hpp"
#include "net/stun/message_view.hpp"
#include "net/stun/message_writer.hpp"
#include "net/stun/xor_address.hpp"
#include "tests/support/stun/vectors.hpp"

namespace sallyport::stun {
namespace {

constexpr attribute priority{0x0024};
constexpr attribute ice_controlled{0x8029};

std::string text_of(const message_view& message, attribute type) {
  const auto value = message.find(type);
  return value ? std::string{reinterpret_cast<const char*>(value->data()), value->size()} : "(absent)";
}

transaction_id id_of(const std::vector<std::byte>& message) {
  transaction_id id;
  std::copy_n(message.begin() + 8, id.size(), id.begin());
  return id;
}

std::vector<std::byte> copy(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

std::span<const std::uint8_t> password() {
  return vectors::key_of(vectors::short_term_password);
}

void expect_response(const std::vector<std::byte>& bytes, std::string_view mapped) {
  const auto message = message_view::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is(method::binding, message_class::success));
  EXPECT_EQ(text_of(*message, attribute::software), "test vector");
  EXPECT_EQ(read_xor_address(*message->find(attribute::xor_mapped_address), message->transaction()),
            endpoint::parse(mapped));
  EXPECT_TRUE(message->has_fingerprint());
  EXPECT_EQ(verify_integrity(*message, password()), integrity::sha1);
  EXPECT_EQ(verify_integrity(*message, vectors::key_of("another")), integrity::none);
}

/// Writes one of the two responses again, with the padding of the vector.
std::vector<std::byte> write_response(const transaction_id& transaction, std::string_view mapped) {
  std::array<std::byte, 128> room;
  message_writer writer{room, method::binding, message_class::success, transaction};
  writer.put_text(attribute::software, "test vector");
  room[writer.finish().size() - 1] = std::byte{' '};
  writer.put_xor_address(attribute::xor_mapped_address, *endpoint::parse(mapped));
  return copy(writer.sign(integrity::sha1, password()).put_fingerprint().finish());
}

} // namespace

TEST(Rfc5769, ReadsTheSampleRequest) {
  const auto bytes = vectors::request();
  const auto message = message_view::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->is(method::binding, message_class::request));
  EXPECT_EQ(message->transaction(), id_of(bytes));
  EXPECT_EQ(text_of(*message, attribute::software), "STUN test client");
  EXPECT_EQ(text_of(*message, attribute::username), "evtj:h6vY");
  EXPECT_EQ(copy(*message->find(priority)), vectors::hex("6e0001ff"));
  EXPECT_EQ(copy(*message->find(ice_controlled)), vectors::hex("932ff9b151263b36"));
  EXPECT_TRUE(message->has_integrity());
  EXPECT_FALSE(message->has_integrity_sha256());
  EXPECT_TRUE(message->has_fingerprint());
  EXPECT_EQ(verify_integrity(*message, password()), integrity::sha1);
}

TEST(Rfc5769, WritesTheSampleRequestByteForByte) {
  const auto bytes = vectors::request();
  std::array<std::byte, 128> room;
  message_writer writer{room, method::binding, message_class::request, id_of(bytes)};
  writer.put_text(attribute::software, "STUN test client")
    .put_u32(priority, 0x6e0001ff)
    .put(ice_controlled, vectors::hex("932ff9b151263b36"))
    .put_text(attribute::username, "evtj:h6vY");
  // The vector pads with spaces; ours are zeros.
  std::fill_n(room.begin() + static_cast<std::ptrdiff_t>(writer.finish().size()) - 3, 3, std::byte{' '});
  writer.sign(integrity::sha1, password()).put_fingerprint();
  EXPECT_EQ(copy(writer.finish()), bytes);
}

TEST(Rfc5769, ReadsTheSampleIpv4Response) {
  expect_response(vectors::ipv4_response(), "192.0.2.1:32853");
}

TEST(Rfc5769, WritesTheSampleIpv4ResponseByteForByte) {
  const auto bytes = vectors::ipv4_response();
  EXPECT_EQ(write_response(id_of(bytes), "192.0.2.1:32853"), bytes);
}

TEST(Rfc5769, ReadsTheSampleIpv6Response) {
  expect_response(vectors::ipv6_response(), "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

TEST(Rfc5769, WritesTheSampleIpv6ResponseByteForByte) {
  const auto bytes = vectors::ipv6_response();
  EXPECT_EQ(write_response(id_of(bytes), "[2001:db8:1234:5678:11:2233:4455:6677]:32853"), bytes);
}

TEST(Rfc5769, ReadsTheRequestWithLongTermAuthentication) {
  const auto bytes = vectors::long_term_request();
  const auto message = message_view::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(text_of(*message, attribute::username), vectors::long_term_name);
  EXPECT_EQ(text_of(*message, attribute::nonce), "f//499k954d6OL34oL9FSTvy64sA");
  EXPECT_EQ(text_of(*message, attribute::realm), vectors::long_term_realm);
  EXPECT_FALSE(message->has_fingerprint());
  const auto key = make_long_term_key(vectors::long_term_name, vectors::long_term_realm, vectors::long_term_password);
  EXPECT_EQ(verify_integrity(*message, key), integrity::sha1);
}

TEST(Rfc5769, WritesTheRequestWithLongTermAuthenticationByteForByte) {
  const auto bytes = vectors::long_term_request();
  std::array<std::byte, 128> room;
  message_writer writer{room, method::binding, message_class::request, id_of(bytes)};
  writer.put_text(attribute::username, vectors::long_term_name)
    .put_text(attribute::nonce, "f//499k954d6OL34oL9FSTvy64sA")
    .put_text(attribute::realm, vectors::long_term_realm)
    .sign(integrity::sha1,
          make_long_term_key(vectors::long_term_name, vectors::long_term_realm, vectors::long_term_password));
  EXPECT_EQ(copy(writer.finish()), bytes);
}

namespace {

using sha256_bytes = std::array<std::uint8_t, 32>;

sha256_bytes sha256(std::string_view text) {
  sha256_bytes digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

/// The key of the password algorithm SHA-256 (RFC 8489, 18.5.1.2).
sha256_bytes sha256_key() {
  return sha256(std::string{vectors::long_term_name} + ":example.org:TheMatrIX");
}

} // namespace

TEST(Rfc8489Appendix, ReadsTheRequestWithSha256AndUserhash) {
  const auto bytes = vectors::sha256_request();
  const auto message = message_view::parse(bytes);
  ASSERT_TRUE(message);
  const auto userhash = sha256(std::string{vectors::long_term_name} + ":example.org");
  EXPECT_EQ(copy(*message->find(attribute::userhash)), copy(std::as_bytes(std::span{userhash})));
  EXPECT_EQ(text_of(*message, attribute::nonce), "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
  EXPECT_EQ(text_of(*message, attribute::realm), "example.org");
  EXPECT_EQ(copy(*message->find(attribute::password_algorithm)), vectors::hex("00020000"));
  EXPECT_TRUE(message->has_integrity_sha256());
  EXPECT_FALSE(message->has_integrity());
  EXPECT_EQ(verify_integrity(*message, sha256_key()), integrity::sha256);
}

TEST(Rfc8489Appendix, WritesTheRequestWithSha256AndUserhashByteForByte) {
  const auto bytes = vectors::sha256_request();
  std::array<std::byte, 256> room;
  message_writer writer{room, method::binding, message_class::request, id_of(bytes)};
  const auto userhash = sha256(std::string{vectors::long_term_name} + ":example.org");
  writer.put(attribute::userhash, std::as_bytes(std::span{userhash}))
    .put_text(attribute::nonce, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA")
    .put_text(attribute::realm, "example.org")
    .put_u32(attribute::password_algorithm, 0x00020000)
    .sign(integrity::sha256, sha256_key());
  EXPECT_EQ(copy(writer.finish()), bytes);
}

} // namespace sallyport::stun
