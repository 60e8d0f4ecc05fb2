#pragma once
#include <memory>
#include <optional>
#include <string>

#include "net/core/address.hpp"
#include "net/io/stream.hpp"
#include "net/tls/client_context.hpp"

namespace sallyport::io {

struct connect_request {
  endpoint remote;
  std::optional<ip_address> local = {};                ///< The source address; absent, the kernel chooses.
  milliseconds timeout{5'000};                         ///< From the start until TLS, where there is any, is agreed.
  std::shared_ptr<const tls::client_context> tls = {}; ///< Null: plain TCP.
  std::string server_name = {};                        ///< TLS: SNI, and what the certificate must name (RFC 5922);
                                                       ///< "" accepts any certificate that verifies.
  stream_limits streams = {};
};

/// Opens a connection. Whatever goes wrong, now or later, arrives at `user` as `on_closed`, never before this returns.
[[nodiscard]] stream_ptr connect(lane& home, const connect_request& request, stream_user& user);

} // namespace sallyport::io
