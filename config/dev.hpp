#pragma once
#include "config/model.hpp"
#include "config/turn_credentials.hpp"

namespace sallyport::config {

/// The configuration of `run --dev`: one node on loopback, no file. Users connect to 127.0.0.1:5443 with TLS, the next
/// hop is expected at 127.0.0.1:5060 and connects to 127.0.0.1:5062, both over TCP; relays are asked for at
/// 127.0.0.1:3478 over UDP; metrics at 127.0.0.1:9464.
/// Certificates and secrets are left empty: `development` asks for ones made on the spot.
[[nodiscard]] model development_model();

/// Its one user of relays: `dev`, with the password `dev`.
[[nodiscard]] turn_credentials development_turn_credentials();

} // namespace sallyport::config
