#include "net/stun/message_view.hpp"

#include <algorithm>

#include "net/stun/fingerprint.hpp"

namespace sallyport::stun {
namespace {

constexpr std::uint16_t number_of(attribute type) noexcept {
  return static_cast<std::uint16_t>(type);
}

/// RFC 8489, 5: the class is bits 4 and 8 of the type, the method what is left when they are taken out.
constexpr message_class class_of(std::uint16_t type) noexcept {
  return static_cast<message_class>(((type >> 4) & 0b01) | ((type >> 7) & 0b10));
}

constexpr std::uint16_t method_of(std::uint16_t type) noexcept {
  return static_cast<std::uint16_t>((type & 0x000F) | ((type >> 1) & 0x0070) | ((type >> 2) & 0x0F80));
}

std::optional<parse_error> judge_header(std::span<const std::byte> datagram) noexcept {
  if (datagram.size() < header_bytes)
    return parse_error::truncated;
  // Two zero bits and the cookie tell STUN from what else comes to its port (RFC 7983).
  const bool has_top_bits = (datagram[0] & std::byte{0xC0}) != std::byte{0};
  if (has_top_bits || big_endian_at<std::uint32_t>(datagram.data() + 4) != magic_cookie)
    return parse_error::not_stun;
  const auto body_bytes = big_endian_at<std::uint16_t>(datagram.data() + 2);
  if (body_bytes % 4 != 0)
    return parse_error::bad_length;
  if (datagram.size() < header_bytes + body_bytes)
    return parse_error::truncated;
  if (datagram.size() > header_bytes + body_bytes)
    return parse_error::bad_length;
  return std::nullopt;
}

} // namespace

result<message_view, parse_error> message_view::parse(std::span<const std::byte> datagram) noexcept {
  if (const auto error = judge_header(datagram))
    return fail(*error);
  message_view message{datagram};
  if (const auto error = message.read_attributes())
    return fail(*error);
  return message;
}

message_view::message_view(std::span<const std::byte> datagram) noexcept : bytes_{datagram}, vouched_{datagram.size()} {
  const auto type = big_endian_at<std::uint16_t>(datagram.data());
  method_ = method_of(type);
  kind_ = class_of(type);
  std::ranges::copy(datagram.subspan(8, transaction_.size()), transaction_.begin());
}

std::optional<parse_error> message_view::read_attributes() noexcept {
  std::size_t count = 0;
  // The length is a multiple of four and so is every step: where an attribute begins, its header is there.
  for (std::size_t at = header_bytes; at < bytes_.size();) {
    if (++count > attributes_max)
      return parse_error::too_many_attributes;
    const auto number = big_endian_at<std::uint16_t>(bytes_.data() + at);
    const auto value_bytes = big_endian_at<std::uint16_t>(bytes_.data() + at + 2);
    const auto rest = bytes_.subspan(at + attribute_header_bytes);
    if (padded(value_bytes) > rest.size())
      return parse_error::bad_attribute;
    if (const auto error = note(at, number, rest.first(value_bytes)))
      return error;
    at += attribute_header_bytes + padded(value_bytes);
  }
  return std::nullopt;
}

std::optional<parse_error> message_view::note(std::size_t begin, std::uint16_t number,
                                              std::span<const std::byte> value) noexcept {
  if (number == number_of(attribute::fingerprint)) {
    const bool is_last = begin + attribute_header_bytes + value.size() == bytes_.size();
    if (value.size() != 4 || !is_last ||
        big_endian_at<std::uint32_t>(value.data()) != fingerprint_of(bytes_.first(begin)))
      return parse_error::bad_fingerprint;
    fingerprint_ = value;
  } else if (number == number_of(attribute::message_integrity)) {
    if (has_integrity() || has_integrity_sha256())
      return std::nullopt;
    if (value.size() != 20)
      return parse_error::bad_attribute;
    integrity_ = value;
  } else if (number == number_of(attribute::message_integrity_sha256)) {
    if (has_integrity_sha256())
      return std::nullopt;
    if (value.size() < 16 || value.size() > 32 || value.size() % 4 != 0) // RFC 8489, 14.6
      return parse_error::bad_attribute;
    integrity_sha256_ = value;
  } else {
    return std::nullopt;
  }
  vouched_ = std::min(vouched_, begin);
  return std::nullopt;
}

std::optional<std::span<const std::byte>> message_view::find(attribute type) const noexcept {
  using found = std::optional<std::span<const std::byte>>;
  switch (type) {
  case attribute::message_integrity:
    return has_integrity() ? found{integrity_} : found{};
  case attribute::message_integrity_sha256:
    return has_integrity_sha256() ? found{integrity_sha256_} : found{};
  case attribute::fingerprint:
    return has_fingerprint() ? found{fingerprint_} : found{};
  default:
    break;
  }
  found first;
  each(type, [&](std::span<const std::byte> value) {
    if (!first)
      first = value;
  });
  return first;
}

unknown_attributes message_view::unknown(std::span<const attribute> known) const noexcept {
  unknown_attributes found;
  each_vouched([&](std::uint16_t number, std::span<const std::byte>) {
    const bool is_settled = number >= comprehension_optional || found.count == unknown_attributes::count_max ||
                            std::ranges::find(known, static_cast<attribute>(number)) != known.end() ||
                            std::ranges::find(found.view(), number) != found.view().end();
    if (!is_settled)
      found.types[found.count++] = number;
  });
  return found;
}

} // namespace sallyport::stun
