#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "net/stun/integrity.hpp"
#include "net/stun/message_view.hpp"
#include "tests/support/stun/raw_message.hpp"
#include "tests/support/stun/vectors.hpp"

namespace sallyport::stun {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

static_assert(noexcept(message_view::parse({})));
static_assert(std::is_trivially_copyable_v<message_view>, "a view of a datagram has nothing of its own to free");

constexpr std::size_t header_bits = 8 * header_bytes;

std::optional<parse_error> judge(std::span<const std::byte> bytes) {
  const auto parsed = message_view::parse(bytes);
  return parsed ? std::nullopt : std::optional{parsed.error()};
}

std::optional<parse_error> judge(const raw_message& message) {
  return judge(message.bytes);
}

std::vector<std::byte> with_bit_turned(std::vector<std::byte> bytes, std::size_t bit) {
  bytes[bit / 8] ^= std::byte{0x80} >> (bit % 8);
  return bytes;
}

std::string text(std::optional<std::span<const std::byte>> value) {
  return value ? std::string{reinterpret_cast<const char*>(value->data()), value->size()} : "(absent)";
}

std::vector<std::string> all(const message_view& message, attribute type) {
  std::vector<std::string> found;
  message.each(type, [&](auto value) { found.push_back(text(value)); });
  return found;
}

std::vector<std::uint16_t> unknown_in(const raw_message& raw, std::span<const attribute> known = {}) {
  const auto message = message_view::parse(raw.bytes);
  EXPECT_TRUE(message);
  const auto found = message->unknown(known);
  return {found.view().begin(), found.view().end()};
}

/// A message of every kind of attribute, without a FINGERPRINT.
std::vector<std::byte> long_term() {
  return vectors::long_term_request();
}

const std::string mac20(20, 'm');

} // namespace

// The header.

TEST(StunMessageView, ReadsTheTypeOfEveryMethodAndClass) {
  const std::tuple<std::uint16_t, method, message_class> types[] = {
    {0x0001, method::binding, message_class::request},      {0x0011, method::binding, message_class::indication},
    {0x0101, method::binding, message_class::success},      {0x0111, method::binding, message_class::error},
    {0x0003, method::allocate, message_class::request},     {0x0113, method::allocate, message_class::error},
    {0x0104, method::refresh, message_class::success},      {0x0016, method::send, message_class::indication},
    {0x0017, method::data, message_class::indication},      {0x0008, method::create_permission, message_class::request},
    {0x0109, method::channel_bind, message_class::success},
  };
  for (const auto& [type, which, kind] : types) {
    const raw_message raw{type};
    const auto message = message_view::parse(raw.bytes);
    ASSERT_TRUE(message) << type;
    EXPECT_TRUE(message->is(which, kind)) << type;
    EXPECT_EQ(message->kind(), kind) << type;
    EXPECT_EQ(message->method_number(), static_cast<std::uint16_t>(which)) << type;
  }
}

TEST(StunMessageView, ReadsTheHighestMethod) {
  const raw_message raw{0x3EEF}; // Every bit but the two of the class.
  EXPECT_EQ(message_view::parse(raw.bytes)->method_number(), 0x0FFF);
  EXPECT_EQ(message_view::parse(raw.bytes)->kind(), message_class::request);
}

TEST(StunMessageView, RefusesEveryTruncationOfEveryVector) {
  for (const auto& whole : {vectors::request(), vectors::ipv4_response(), vectors::ipv6_response(),
                            vectors::long_term_request(), vectors::sha256_request()})
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_EQ(judge(cut), parse_error::truncated) << length;
    }
}

TEST(StunMessageView, RefusesWhatFollowsTheMessage) {
  for (std::size_t more = 1; more <= 8; ++more) {
    auto bytes = long_term();
    bytes.resize(bytes.size() + more);
    EXPECT_EQ(judge(bytes), parse_error::bad_length) << more;
  }
}

TEST(StunMessageView, JudgesEveryBitOfTheHeader) {
  const auto whole = long_term();
  const auto before = *message_view::parse(whole);
  for (std::size_t bit = 0; bit < header_bits; ++bit) {
    const auto bytes = with_bit_turned(whole, bit);
    const auto message = message_view::parse(bytes);
    if (bit < 2 || (bit >= 32 && bit < 64)) { // Two zero bits, and the cookie.
      EXPECT_EQ(judge(bytes), parse_error::not_stun) << bit;
    } else if (bit >= 16 && bit < 32) { // The length.
      ASSERT_FALSE(message) << bit;
      EXPECT_THAT(message.error(), testing::AnyOf(parse_error::bad_length, parse_error::truncated)) << bit;
    } else if (bit < 16) { // The type.
      ASSERT_TRUE(message) << bit;
      EXPECT_FALSE(message->is(method::binding, message_class::request)) << bit;
    } else { // The transaction id.
      ASSERT_TRUE(message) << bit;
      EXPECT_NE(message->transaction(), before.transaction()) << bit;
    }
  }
}

TEST(StunMessageView, RefusesALengthThatIsNoMultipleOfFour) {
  for (std::size_t more = 1; more < 4; ++more) {
    raw_message raw;
    raw.bytes.resize(header_bytes + more);
    EXPECT_EQ(judge(raw.length(more)), parse_error::bad_length) << more;
  }
}

// Attributes.

TEST(StunMessageView, GivesNothingOfAnEmptyMessage) {
  const raw_message raw;
  const auto message = message_view::parse(raw.bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->find(attribute::username), std::nullopt);
  EXPECT_EQ(message->find(attribute::message_integrity), std::nullopt);
  EXPECT_EQ(message->find(attribute::fingerprint), std::nullopt);
  EXPECT_TRUE(message->unknown({}).empty());
  EXPECT_EQ(message->bytes().data(), raw.bytes.data());
}

TEST(StunMessageView, RefusesAttributesThatLeaveTheMessage) {
  const auto four = vectors::hex("61626364");
  for (const std::size_t claimed : {5u, 8u, 9u, 0x7FFFu, 0xFFFCu, 0xFFFDu, 0xFFFFu})
    EXPECT_EQ(judge(raw_message{}.claim(0x0006, claimed, four)), parse_error::bad_attribute) << claimed;
  EXPECT_EQ(judge(raw_message{}.claim(0x0006, 1, {})), parse_error::bad_attribute);
  // An attribute that eats the next one's header leaves half of that behind.
  EXPECT_EQ(judge(raw_message{}.claim(0x0006, 8, four).add(attribute::realm, "realm")), parse_error::bad_attribute);
}

TEST(StunMessageView, TakesAnEmptyAttributeAtTheEnd) {
  const auto raw = raw_message{}.add(attribute::dont_fragment, "");
  const auto message = message_view::parse(raw.bytes);
  ASSERT_TRUE(message);
  ASSERT_TRUE(message->find(attribute::dont_fragment));
  EXPECT_TRUE(message->find(attribute::dont_fragment)->empty());
}

TEST(StunMessageView, DoesNotCareWhatPads) {
  const auto raw =
    raw_message{}.add(attribute::username, "a", std::byte{0xFF}).add(attribute::realm, "abc", std::byte{8});
  const auto message = message_view::parse(raw.bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(text(message->find(attribute::username)), "a");
  EXPECT_EQ(text(message->find(attribute::realm)), "abc");
}

TEST(StunMessageView, FindsTheFirstAndShowsEach) {
  const auto raw = raw_message{}
                     .add(attribute::xor_peer_address, "one")
                     .add(attribute::username, "u")
                     .add(attribute::xor_peer_address, "two");
  const auto message = message_view::parse(raw.bytes);
  EXPECT_EQ(text(message->find(attribute::xor_peer_address)), "one");
  EXPECT_THAT(all(*message, attribute::xor_peer_address), ElementsAre("one", "two"));
  EXPECT_THAT(all(*message, attribute::realm), IsEmpty());
}

TEST(StunMessageView, TakesAsManyAttributesAsItsLimitAndNotOneMore) {
  raw_message raw;
  for (std::size_t i = 0; i < message_view::attributes_max; ++i)
    raw.add(attribute::software, "");
  EXPECT_EQ(judge(raw), std::nullopt);
  EXPECT_EQ(judge(raw.add(attribute::software, "")), parse_error::too_many_attributes);
}

// What nobody vouches for.

TEST(StunMessageView, DoesNotSeeWhatFollowsTheIntegrity) {
  const auto raw = raw_message{}
                     .add(attribute::username, "u")
                     .add(attribute::message_integrity, mac20)
                     .add(attribute::realm, "r")
                     .add(attribute::username, "v")
                     .add(attribute::message_integrity, std::string(20, 'n'));
  const auto message = message_view::parse(raw.bytes);
  ASSERT_TRUE(message);
  EXPECT_THAT(all(*message, attribute::username), ElementsAre("u"));
  EXPECT_EQ(message->find(attribute::realm), std::nullopt);
  EXPECT_EQ(text(message->find(attribute::message_integrity)), mac20);
}

TEST(StunMessageView, SeesSha256AndFingerprintBehindTheIntegrity) {
  const auto raw = raw_message{}
                     .add(attribute::message_integrity, mac20)
                     .add(attribute::realm, "r")
                     .add(attribute::message_integrity_sha256, std::string(32, 's'))
                     .add_fingerprint();
  const auto message = message_view::parse(raw.bytes);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->has_integrity());
  EXPECT_TRUE(message->has_integrity_sha256());
  EXPECT_TRUE(message->has_fingerprint());
  EXPECT_EQ(text(message->find(attribute::message_integrity_sha256)), std::string(32, 's'));
  EXPECT_EQ(message->find(attribute::realm), std::nullopt);
}

TEST(StunMessageView, SeesNothingButTheFingerprintBehindSha256) {
  const auto raw = raw_message{}
                     .add(attribute::message_integrity_sha256, std::string(16, 's'))
                     .add(attribute::message_integrity, mac20)
                     .add(attribute::message_integrity_sha256, std::string(32, 't'))
                     .add(attribute::username, "u")
                     .add_fingerprint();
  const auto message = message_view::parse(raw.bytes);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->has_integrity());
  EXPECT_EQ(message->find(attribute::username), std::nullopt);
  EXPECT_EQ(text(message->find(attribute::message_integrity_sha256)), std::string(16, 's'));
  EXPECT_TRUE(message->has_fingerprint());
}

TEST(StunMessageView, RefusesIntegritiesOfImpossibleLength) {
  for (const std::size_t length : {0u, 4u, 16u, 19u, 21u, 24u, 32u})
    EXPECT_EQ(judge(raw_message{}.add(attribute::message_integrity, std::string(length, 'm'))),
              parse_error::bad_attribute)
      << length;
  for (const std::size_t length : {0u, 4u, 12u, 15u, 17u, 18u, 31u, 33u, 36u})
    EXPECT_EQ(judge(raw_message{}.add(attribute::message_integrity_sha256, std::string(length, 's'))),
              parse_error::bad_attribute)
      << length;
  for (const std::size_t length : {16u, 20u, 24u, 28u, 32u})
    EXPECT_EQ(judge(raw_message{}.add(attribute::message_integrity_sha256, std::string(length, 's'))), std::nullopt)
      << length;
}

// FINGERPRINT.

TEST(StunMessageView, RefusesAFingerprintThatIsNotLast) {
  EXPECT_EQ(judge(raw_message{}.add_fingerprint()), std::nullopt);
  EXPECT_EQ(judge(raw_message{}.add_fingerprint().add_fingerprint()), parse_error::bad_fingerprint);
  auto raw = raw_message{}.add_fingerprint().add(attribute::software, "");
  EXPECT_EQ(judge(raw), parse_error::bad_fingerprint);
  // Nor one that is right for the length which the header has now.
  put_big_endian(raw.bytes.data() + header_bytes + attribute_header_bytes,
                 fingerprint_of(std::span{raw.bytes}.first(header_bytes)));
  EXPECT_EQ(judge(raw), parse_error::bad_fingerprint);
}

TEST(StunMessageView, RefusesAFingerprintOfAnotherLength) {
  for (const std::size_t length : {0u, 1u, 3u, 5u, 8u})
    EXPECT_EQ(judge(raw_message{}.add(attribute::fingerprint, std::string(length, '\0'))), parse_error::bad_fingerprint)
      << length;
}

// A turned bit may make the fingerprint another attribute, or part of one; never does a fingerprint stand over it.
TEST(StunMessageView, LetsNoTurnedBitPassUnderAFingerprint) {
  for (const auto& whole : {vectors::request(), vectors::ipv4_response(), vectors::ipv6_response()})
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      const auto bytes = with_bit_turned(whole, bit);
      const auto message = message_view::parse(bytes);
      EXPECT_FALSE(message && message->has_fingerprint()) << bit;
    }
}

// 420.

TEST(StunMessageView, ListsWhatMustBeUnderstoodAndIsNot) {
  const auto raw = raw_message{}
                     .claim(0x7FFF, 0, {})
                     .add(attribute::username, "u")
                     .claim(0x0003, 0, {}) // CHANGE-REQUEST (RFC 5780)
                     .claim(0x7FFF, 0, {})
                     .claim(0x8000, 0, {})
                     .claim(0xFFFF, 0, {})
                     .add(attribute::message_integrity, mac20)
                     .claim(0x0004, 0, {})
                     .add_fingerprint();
  constexpr attribute known[] = {attribute::realm, attribute::username};
  EXPECT_THAT(unknown_in(raw, known), ElementsAre(0x7FFF, 0x0003));
  EXPECT_THAT(unknown_in(raw), ElementsAre(0x7FFF, 0x0006, 0x0003));
}

TEST(StunMessageView, ListsNoMoreThanItHasRoomFor) {
  raw_message raw;
  for (std::uint16_t i = 0; i <= unknown_attributes::count_max; ++i)
    raw.claim(static_cast<std::uint16_t>(0x7000 + i), 0, {});
  const auto found = unknown_in(raw);
  ASSERT_EQ(found.size(), unknown_attributes::count_max);
  EXPECT_EQ(found.back(), 0x7000 + unknown_attributes::count_max - 1);
}

TEST(StunParseError, HasANameForEveryValue) {
  for (std::size_t i = 0; i < parse_errors; ++i)
    EXPECT_NE(to_string(static_cast<parse_error>(i)), "unknown");
  EXPECT_EQ(to_string(parse_error::bad_fingerprint), "bad_fingerprint");
  EXPECT_EQ(to_string(static_cast<parse_error>(parse_errors)), "unknown");
}

} // namespace sallyport::stun
