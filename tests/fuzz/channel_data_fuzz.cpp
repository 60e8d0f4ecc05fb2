// Any bytes as ChannelData. Properties: accepted is exactly what RFC 8656, 12.4 and 12.5 describe; the payload lies in
// the datagram; the header written again is the header that was read.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "net/core/big_endian.hpp"
#include "net/stun/datagram_kind.hpp"
#include "net/turn/channel_data.hpp"

namespace {

using namespace sallyport;

void require(bool holds) {
  if (!holds)
    std::abort();
}

bool is_channel_data(std::span<const std::byte> bytes) {
  if (bytes.size() < 4 || stun::kind_of(bytes) != stun::datagram_kind::channel_data)
    return false;
  const std::size_t end = 4 + std::size_t{big_endian_at<std::uint16_t>(bytes.data() + 2)};
  return bytes.size() >= end && bytes.size() < end + 4;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto exact = std::make_unique<std::byte[]>(size);
  std::ranges::copy(std::as_bytes(std::span{data, size}), exact.get());
  const std::span<const std::byte> bytes{exact.get(), size};

  const auto parsed = turn::parse_channel_data(bytes);
  require(parsed.has_value() == is_channel_data(bytes));
  if (!parsed) {
    require(turn::to_string(parsed.error()) != "unknown");
    return 0;
  }
  require(parsed->payload.data() == bytes.data() + turn::channel_data::header_bytes);
  std::array<std::byte, turn::channel_data::header_bytes> header;
  turn::write_channel_header(header, parsed->number, static_cast<std::uint16_t>(parsed->payload.size()));
  require(std::ranges::equal(header, bytes.first(header.size())));
  return 0;
}
