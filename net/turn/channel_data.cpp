#include "net/turn/channel_data.hpp"

#include <array>

#include "net/core/big_endian.hpp"

namespace sallyport::turn {

std::string_view to_string(channel_data_error reason) noexcept {
  // In the order of channel_data_error.
  constexpr std::array<std::string_view, channel_data_errors> names{"truncated", "bad_number", "bad_length"};
  const auto index = static_cast<std::size_t>(reason);
  return index < names.size() ? names[index] : "unknown";
}

result<channel_data, channel_data_error> parse_channel_data(std::span<const std::byte> datagram) noexcept {
  constexpr std::size_t padding_max = 3;
  if (datagram.size() < channel_data::header_bytes)
    return fail(channel_data_error::truncated);
  const auto number = big_endian_at<std::uint16_t>(datagram.data());
  if (!is_channel_number(number))
    return fail(channel_data_error::bad_number);
  const auto payload_bytes = big_endian_at<std::uint16_t>(datagram.data() + 2);
  const auto rest = datagram.subspan(channel_data::header_bytes);
  if (payload_bytes > rest.size())
    return fail(channel_data_error::truncated);
  if (rest.size() - payload_bytes > padding_max)
    return fail(channel_data_error::bad_length);
  return channel_data{number, rest.first(payload_bytes)};
}

void write_channel_header(std::span<std::byte, channel_data::header_bytes> into, std::uint16_t number,
                          std::uint16_t payload_bytes) noexcept {
  put_big_endian(put_big_endian(into.data(), number), payload_bytes);
}

} // namespace sallyport::turn
