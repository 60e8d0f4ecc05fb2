#include "net/io/close_reason.hpp"

#include <array>

namespace sallyport::io {

std::string_view to_string(close_reason reason) noexcept {
  static constexpr std::array<std::string_view, close_reason_count> names{"peer_closed",
                                                                          "reset",
                                                                          "timed_out",
                                                                          "connect_refused",
                                                                          "connect_failed",
                                                                          "connect_timeout",
                                                                          "handshake_failed",
                                                                          "handshake_timeout",
                                                                          "plain_text_on_tls",
                                                                          "certificate_missing",
                                                                          "certificate_refused",
                                                                          "certificate_name",
                                                                          "refused_by_peer",
                                                                          "tls_error",
                                                                          "tls_flood",
                                                                          "protocol_timeout",
                                                                          "protocol_unknown",
                                                                          "protocol_error",
                                                                          "service_absent",
                                                                          "write_overflow",
                                                                          "source_bytes",
                                                                          "proof_timeout",
                                                                          "displaced",
                                                                          "superseded",
                                                                          "idle",
                                                                          "overload",
                                                                          "local_resources",
                                                                          "local_close",
                                                                          "local_shutdown",
                                                                          "internal_error"};
  return names[static_cast<std::size_t>(reason)];
}

} // namespace sallyport::io
