#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "net/core/result.hpp"

namespace sallyport::turn {

/// The numbers that a channel may have (RFC 8656, 12): the first byte of ChannelData tells it from STUN.
inline constexpr std::uint16_t channel_number_min = 0x4000;
inline constexpr std::uint16_t channel_number_max = 0x4FFF;
[[nodiscard]] constexpr bool is_channel_number(std::uint16_t number) noexcept {
  return number >= channel_number_min && number <= channel_number_max;
}

/// A ChannelData message (RFC 8656, 12.4): a number, a length, and the application's bytes, which point into the
/// datagram.
struct channel_data {
  std::uint16_t number = 0;
  std::span<const std::byte> payload;

  static constexpr std::size_t header_bytes = 4;
};

/// Why a datagram is not the ChannelData it should be.
enum class channel_data_error : std::uint8_t {
  truncated,  ///< Shorter than its header, or than its header promises (RFC 8656, 12.6).
  bad_number, ///< Not a channel's number.
  bad_length, ///< More follows than the padding to a multiple of four may be.
};
inline constexpr std::size_t channel_data_errors =
  static_cast<std::size_t>(channel_data_error::bad_length) + 1; ///< How many there are.

/// The name of the value, for counters and logs.
[[nodiscard]] std::string_view to_string(channel_data_error reason) noexcept;

/// Reads one whole datagram. Over UDP padding is allowed and not required (RFC 8656, 12.5); it is not part of the
/// payload, which may be empty.
[[nodiscard]] result<channel_data, channel_data_error> parse_channel_data(std::span<const std::byte> datagram) noexcept;

/// Writes what stands before a payload.
void write_channel_header(std::span<std::byte, channel_data::header_bytes> into, std::uint16_t number,
                          std::uint16_t payload_bytes) noexcept;

} // namespace sallyport::turn
