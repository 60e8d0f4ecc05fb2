// Any bytes as a STUN message, and as orders to a writer. Properties: nothing reads outside (the sanitizers watch; the
// input is an exact heap copy); what is accepted gives the attributes that a plain walk over it gives, and says the
// same when written again; whatever the writer writes is accepted, and holds under the key it was signed with.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "net/stun/fingerprint.hpp"
#include "net/stun/message_view.hpp"
#include "net/stun/message_writer.hpp"
#include "net/stun/xor_address.hpp"

namespace {

using namespace sallyport;
using namespace sallyport::stun;

using bytes_view = std::span<const std::byte>;
using attributes = std::vector<std::pair<attribute, bytes_view>>;

const long_term_key key = make_long_term_key("user", "realm", "pass");

void require(bool holds) {
  if (!holds)
    std::abort();
}

bool is_same(bytes_view a, bytes_view b) {
  return std::ranges::equal(a, b);
}

bool is_sealing(attribute type) {
  return type == attribute::message_integrity || type == attribute::message_integrity_sha256 ||
         type == attribute::fingerprint;
}

/// What stands before the first integrity or FINGERPRINT of an accepted message.
attributes walk(bytes_view message) {
  attributes found;
  auto rest = message.subspan(header_bytes);
  while (!rest.empty()) {
    const attribute type{big_endian_at<std::uint16_t>(rest.data())};
    const auto value_bytes = big_endian_at<std::uint16_t>(rest.data() + 2);
    if (is_sealing(type))
      break;
    found.emplace_back(type, rest.subspan(attribute_header_bytes, value_bytes));
    rest = rest.subspan(attribute_header_bytes + padded(value_bytes));
  }
  return found;
}

void check_attributes(const message_view& message, const attributes& all) {
  for (const auto& [type, value] : all) {
    std::vector<bytes_view> expected;
    for (const auto& [other, its_value] : all)
      if (other == type)
        expected.push_back(its_value);
    std::size_t at = 0;
    message.each(type, [&](bytes_view one) { require(at < expected.size() && is_same(one, expected[at++])); });
    require(at == expected.size());
    require(message.find(type)->data() == expected.front().data());
  }
  const auto unknown = message.unknown({});
  for (const auto type : unknown.view())
    require(type < comprehension_optional && message.find(attribute{type}).has_value());
}

void check_address(bytes_view value, const transaction_id& transaction) {
  const auto address = read_xor_address(value, transaction);
  if (!address)
    return;
  std::vector<std::byte> again(xor_address_bytes(*address));
  write_xor_address(again.data(), *address, transaction);
  require(read_xor_address(again, transaction) == address);
  // Only an IPv4-mapped IPv6 address has a second spelling.
  require(address->address.is_v4() || is_same(bytes_view{again}.subspan(1), value.subspan(1)));
}

void check_signed_again(const message_view& message, const attributes& all, integrity how) {
  std::vector<std::byte> room(message.bytes().size() + 64);
  if (room.size() > 0xFFFF) // Longer than a message may become.
    return;
  message_writer writer{room, method{message.method_number()}, message.kind(), message.transaction()};
  for (const auto& [type, value] : all)
    writer.put(type, value);
  writer.sign(how, key).put_fingerprint();

  const auto again = message_view::parse(writer.finish());
  if (!again) { // Ours added two attributes.
    require(again.error() == parse_error::too_many_attributes && all.size() + 2 > message_view::attributes_max);
    return;
  }
  require(again->kind() == message.kind() && again->method_number() == message.method_number());
  require(again->transaction() == message.transaction() && again->has_fingerprint());
  require(verify_integrity(*again, key) == how);
  require(std::ranges::equal(walk(again->bytes()), all, [](const auto& a, const auto& b) {
    return a.first == b.first && is_same(a.second, b.second);
  }));
}

void check_message(bytes_view bytes) {
  const auto message = message_view::parse(bytes);
  if (!message)
    return;
  require(is_same(message->bytes(), bytes) && bytes[0] < std::byte{0x40});
  const auto all = walk(bytes);
  check_attributes(*message, all);
  for (const auto& attribute : all)
    check_address(attribute.second, message->transaction());
  const auto held = verify_integrity(*message, key);
  require(held != integrity::sha256 || message->has_integrity_sha256());
  require(held != integrity::sha1 || (message->has_integrity() && !message->has_integrity_sha256()));
  for (const auto how : {integrity::none, integrity::sha1, integrity::sha256})
    check_signed_again(*message, all, how);
}

/// A fingerprint put right, which no mutation finds.
void check_with_fingerprint(std::vector<std::byte> bytes) {
  constexpr std::uint32_t header = static_cast<std::uint32_t>(attribute::fingerprint) << 16 | 4;
  if (bytes.size() < header_bytes + 8 || big_endian_at<std::uint32_t>(&bytes[bytes.size() - 8]) != header)
    return;
  put_big_endian(&bytes[bytes.size() - 4], fingerprint_of(std::span{bytes}.first(bytes.size() - 8)));
  check_message(bytes);
}

/// The input as orders: room, method, class, then type, length and value of each attribute.
void check_writer(bytes_view orders) {
  if (orders.size() < 4)
    return;
  std::vector<std::byte> room(header_bytes + std::to_integer<std::size_t>(orders[0]));
  const method which{static_cast<std::uint16_t>(big_endian_at<std::uint16_t>(&orders[1]) & 0x0FFF)};
  message_writer writer{room, which, message_class{std::to_integer<std::uint8_t>(orders[3] & std::byte{3})}, {}};
  auto rest = orders.subspan(4);
  try {
    while (rest.size() >= 3) {
      const attribute type{big_endian_at<std::uint16_t>(rest.data())};
      const auto value = rest.subspan(3).first(std::min(rest.size() - 3, std::to_integer<std::size_t>(rest[2])));
      rest = rest.subspan(3 + value.size());
      if (!is_sealing(type))
        writer.put(type, value);
    }
    writer.put_error(420, "Unknown Attribute").sign(integrity::sha1, key).sign(integrity::sha256, key);
    writer.put_fingerprint();
  } catch (const std::length_error&) { // The room was too little; what was written before is whole.
  }
  const auto message = message_view::parse(writer.finish());
  require(message && message->method_number() == static_cast<std::uint16_t>(which));
  require(!message->has_integrity_sha256() || verify_integrity(*message, key) == integrity::sha256);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto exact = std::make_unique<std::byte[]>(size);
  std::ranges::copy(std::as_bytes(std::span{data, size}), exact.get());
  const bytes_view bytes{exact.get(), size};
  check_message(bytes);
  check_with_fingerprint({bytes.begin(), bytes.end()});
  check_writer(bytes);
  check_address(bytes, {});
  return 0;
}
