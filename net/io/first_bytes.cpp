#include "net/io/first_bytes.hpp"

#include <algorithm>

namespace sallyport::io {
namespace {

constexpr std::array<std::string_view, 1> sip_names{"sip/2"};
constexpr std::array<std::string_view, 2> stun_names{"stun.turn", "stun.nat-discovery"};
constexpr std::array<std::string_view, 1> websocket_names{"http/1.1"};

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// RFC 3261, 25.1: what a method may be made of.
constexpr bool is_token_char(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || std::string_view{"-.!%*_+`'~"}.find(c) != std::string_view::npos;
}

/// Whether `text` begins with `wanted`, or may yet when more of it comes.
first_bytes_verdict begins_with(std::string_view text, std::string_view wanted, first_bytes_verdict whole) {
  const auto both = std::min(text.size(), wanted.size());
  if (text.substr(0, both) != wanted.substr(0, both))
    return first_bytes_verdict::unknown;
  return both == wanted.size() ? whole : first_bytes_verdict::need_more;
}

/// STUN: two zero bits and the cookie at byte 4 (RFC 8489, 5).
first_bytes_verdict judge_stun(std::string_view text) {
  if (text.size() < 4)
    return first_bytes_verdict::need_more;
  return begins_with(text.substr(4), "\x21\x12\xA4\x42", first_bytes_verdict::stun);
}

/// A request line begins with a method, a space and the scheme of a URI; a status line with `SIP/2.0`.
first_bytes_verdict judge_sip(std::string_view text) {
  if (const auto status = begins_with(text, "SIP/2.0 ", first_bytes_verdict::sip);
      status != first_bytes_verdict::unknown)
    return status;
  const auto method_end = std::ranges::find_if_not(text, is_token_char);
  const std::string_view rest{method_end, text.end()};
  if (rest.empty())
    return first_bytes_verdict::need_more;
  if (method_end == text.begin() || rest[0] != ' ')
    return first_bytes_verdict::unknown;
  if (rest.size() == 1)
    return first_bytes_verdict::need_more;
  return is_letter(rest[1]) ? first_bytes_verdict::sip : first_bytes_verdict::unknown;
}

/// ChannelData: a channel number of 0x4000 to 0x4FFF (RFC 8656, 12.4). Letters from A to O begin with the same bits, so
/// only what cannot be the start of a method counts.
bool is_channel_data(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const bool is_text = is_token_char(text[0]) && (text.size() < 2 || is_token_char(text[1]) || text[1] == ' ');
  return first >= 0x40 && first <= 0x4F && !is_text;
}

first_bytes_verdict judge_text(std::string_view text) {
  constexpr std::string_view ping = "\r\n\r\n"; // RFC 5626, 3.5.1
  if (text.starts_with(ping))
    return first_bytes_verdict::sip;
  if (ping.starts_with(text))
    return first_bytes_verdict::need_more;
  if (text.starts_with("\r\n"))
    return judge_sip(text.substr(2));
  if (static_cast<unsigned char>(text[0]) < 0x40 && !is_token_char(text[0]))
    return judge_stun(text);
  if (const auto get = begins_with(text, "GET ", first_bytes_verdict::websocket); get != first_bytes_verdict::unknown)
    return get;
  if (is_channel_data(text))
    return first_bytes_verdict::stun;
  return judge_sip(text);
}

bool is_one_of(std::string_view alpn, std::span<const std::string_view> names) {
  return std::ranges::find(names, alpn) != names.end();
}

} // namespace

std::string_view to_string(stream_protocol protocol) noexcept {
  constexpr std::array<std::string_view, stream_protocol_count> names{"sip", "stun", "websocket"};
  return names[static_cast<std::size_t>(protocol)];
}

std::span<const std::string_view> alpn_names(stream_protocol protocol) noexcept {
  switch (protocol) {
  case stream_protocol::stun:
    return stun_names;
  case stream_protocol::websocket:
    return websocket_names;
  default:
    return sip_names;
  }
}

first_bytes_verdict judge_first_bytes(std::string_view alpn, std::span<const std::byte> bytes) noexcept {
  if (is_one_of(alpn, sip_names))
    return first_bytes_verdict::sip;
  if (is_one_of(alpn, stun_names))
    return first_bytes_verdict::stun;
  if (is_one_of(alpn, websocket_names))
    return first_bytes_verdict::websocket;
  if (bytes.empty())
    return first_bytes_verdict::need_more;
  // The bytes past the limit decide nothing: the verdict is the same however they arrive.
  const auto judged =
    judge_text({reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), first_bytes_max)});
  return judged == first_bytes_verdict::need_more && bytes.size() >= first_bytes_max ? first_bytes_verdict::unknown
                                                                                     : judged;
}

} // namespace sallyport::io
