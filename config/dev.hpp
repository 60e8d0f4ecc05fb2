#pragma once
#include "config/model.hpp"

namespace sallyport::config {

/// The configuration of `run --dev`: one node on loopback, no file. Users connect to 127.0.0.1:5443 with TLS, the next
/// hop is expected at 127.0.0.1:5060 and connects to 127.0.0.1:5062, both over TCP; metrics at 127.0.0.1:9464.
/// Certificates and secrets are left empty: `development` asks for ones made on the spot.
[[nodiscard]] model development_model();

} // namespace sallyport::config
