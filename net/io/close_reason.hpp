#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::io {

/// Every way a connection can end. Each end is counted by its reason.
enum class close_reason : std::uint8_t {
  peer_closed,         ///< The peer ended it in order (close_notify or FIN).
  reset,               ///< RST, or any other error of the socket.
  timed_out,           ///< Nothing was acknowledged in time, or the network says that the peer cannot be reached.
  connect_refused,     ///< Outgoing: nobody listens there.
  connect_failed,      ///< Outgoing: no route, no address, no descriptor.
  connect_timeout,     ///< Outgoing: no answer in time.
  handshake_failed,    ///< The two sides found no common TLS, or the peer broke its rules.
  handshake_timeout,   ///< Half-open: the TLS handshake did not finish in time.
  plain_text_on_tls,   ///< The first bytes on a TLS port were not TLS.
  certificate_missing, ///< A client certificate is required here and the peer has none.
  certificate_refused, ///< The peer's chain does not verify under our CA.
  certificate_name,    ///< The peer's certificate does not name whom we meant to reach.
  refused_by_peer,     ///< The peer sent a fatal TLS alert.
  tls_error,           ///< TLS broke after the handshake.
  tls_flood,           ///< After the handshake came more TLS messages than a peer has cause to send: `record_watch`.
  protocol_timeout,    ///< Too slow: no decision on the protocol, or a message that never ends.
  protocol_unknown,    ///< The first bytes are of no protocol we know.
  protocol_error,      ///< The protocol was known and then broken.
  service_absent,      ///< A protocol we know, whose service this node does not run.
  write_overflow,      ///< The peer reads too slowly: its write queue went past the limit.
  source_bytes,        ///< Its source's unproved connections have too much queued and buffered.
  proof_timeout,       ///< Nothing proved in time that a user of ours is behind it.
  displaced,           ///< The oldest that nothing proves, when places ran out.
  superseded,          ///< Its user has proved as many newer ones as one may have.
  idle,                ///< Nothing came for as long as idleness is allowed.
  overload,            ///< Shed by us.
  local_resources,     ///< Out of timers, descriptors or memory.
  local_close,         ///< We were done with it.
  local_shutdown,      ///< The node is draining or stopping.
  internal_error,      ///< A broken invariant of ours, caught at the loop.
};
inline constexpr std::size_t close_reason_count = 30;

[[nodiscard]] std::string_view to_string(close_reason reason) noexcept;

} // namespace sallyport::io
