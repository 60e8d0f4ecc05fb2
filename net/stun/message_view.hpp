#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "net/core/big_endian.hpp"
#include "net/core/result.hpp"
#include "net/stun/names.hpp"
#include "net/stun/parse_error.hpp"

namespace sallyport::stun {

/// Types of attributes that were not understood, in the order they came: what UNKNOWN-ATTRIBUTES of a 420 carries.
struct unknown_attributes {
  static constexpr std::size_t count_max = 16;

  std::array<std::uint16_t, count_max> types{};
  std::size_t count = 0;

  [[nodiscard]] bool empty() const noexcept { return count == 0; }
  [[nodiscard]] std::span<const std::uint16_t> view() const noexcept { return std::span{types}.first(count); }
};

/// One STUN message (RFC 8489, 5), read in place: it and the spans it gives point into the datagram, which must outlive
/// them. Nothing is allocated.
///
/// Of what follows MESSAGE-INTEGRITY only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT are seen, of what follows
/// MESSAGE-INTEGRITY-SHA256 only FINGERPRINT (14.5, 14.6): nobody vouches for the rest.
class message_view {
public:
  static constexpr std::size_t attributes_max = 128; ///< A CreatePermission names many peers; each is an attribute.

  /// The datagram must be one whole message and nothing else. A FINGERPRINT is verified, an integrity is not
  /// (`verify_integrity` of integrity.hpp).
  [[nodiscard]] static result<message_view, parse_error> parse(std::span<const std::byte> datagram) noexcept;

  [[nodiscard]] message_class kind() const noexcept { return kind_; }
  [[nodiscard]] std::uint16_t method_number() const noexcept { return method_; }
  [[nodiscard]] bool is(method which, message_class kind) const noexcept {
    return method_ == static_cast<std::uint16_t>(which) && kind_ == kind;
  }
  [[nodiscard]] const transaction_id& transaction() const noexcept { return transaction_; }

  /// The value of the first attribute of that type, without its padding (RFC 8489, 14: the first counts).
  [[nodiscard]] std::optional<std::span<const std::byte>> find(attribute type) const noexcept;

  /// Calls `visit(value)` for every attribute of that type, in order. Not for the integrities and FINGERPRINT.
  template <class Visit>
  void each(attribute type, Visit&& visit) const {
    each_vouched([&](std::uint16_t number, std::span<const std::byte> value) {
      if (number == static_cast<std::uint16_t>(type))
        visit(value);
    });
  }

  [[nodiscard]] bool has_integrity() const noexcept { return integrity_.data() != nullptr; }
  [[nodiscard]] bool has_integrity_sha256() const noexcept { return integrity_sha256_.data() != nullptr; }
  [[nodiscard]] bool has_fingerprint() const noexcept { return fingerprint_.data() != nullptr; }

  /// The attributes that must be understood and are not among `known`, each once, as many as a 420 lists. The
  /// integrities are always known.
  [[nodiscard]] unknown_attributes unknown(std::span<const attribute> known) const noexcept;

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

private:
  explicit message_view(std::span<const std::byte> datagram) noexcept;
  std::optional<parse_error> read_attributes() noexcept;
  std::optional<parse_error> note(std::size_t begin, std::uint16_t number, std::span<const std::byte> value) noexcept;

  /// Calls `visit(number, value)` for each attribute before the first integrity and FINGERPRINT.
  template <class Visit>
  void each_vouched(Visit&& visit) const {
    for (std::size_t at = header_bytes; at < vouched_;) {
      const auto number = big_endian_at<std::uint16_t>(bytes_.data() + at);
      const auto value_bytes = big_endian_at<std::uint16_t>(bytes_.data() + at + 2);
      visit(number, bytes_.subspan(at + attribute_header_bytes, value_bytes));
      at += attribute_header_bytes + padded(value_bytes);
    }
  }

  std::span<const std::byte> bytes_;
  std::span<const std::byte> integrity_;
  std::span<const std::byte> integrity_sha256_;
  std::span<const std::byte> fingerprint_;
  std::size_t vouched_; ///< Where the first integrity or FINGERPRINT begins, or the message ends.
  transaction_id transaction_;
  std::uint16_t method_;
  message_class kind_;
};

} // namespace sallyport::stun
