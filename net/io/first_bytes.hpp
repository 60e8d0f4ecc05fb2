#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sallyport::io {

/// What may share one outside port.
enum class stream_protocol : std::uint8_t { sip, stun, websocket };
inline constexpr std::size_t stream_protocol_count = 3;

[[nodiscard]] std::string_view to_string(stream_protocol protocol) noexcept;

enum class first_bytes_verdict : std::uint8_t { sip, stun, websocket, need_more, unknown };

/// Bytes within which every stream can be told: the longest SIP method of the registry and what follows it fit well.
inline constexpr std::size_t first_bytes_max = 64;

/// Tells the protocols of one port apart: by ALPN where one was agreed, else by the first bytes: STUN and TURN
/// ChannelData by their first two bits and cookie (RFC 7983, RFC 8656), WebSocket by `GET `, SIP by a method token or
/// `SIP/2.0`, leading CRLFs (RFC 5626 keep-alives) skipped.
[[nodiscard]] first_bytes_verdict judge_first_bytes(std::string_view alpn, std::span<const std::byte> bytes) noexcept;

/// The ALPN names of a protocol, preferred first (IANA registry): "sip/2"; "stun.turn", "stun.nat-discovery" (RFC
/// 7443); "http/1.1".
[[nodiscard]] std::span<const std::string_view> alpn_names(stream_protocol protocol) noexcept;

} // namespace sallyport::io
