#pragma once
#include <memory>

#include "config/model.hpp"
#include "config/problem.hpp"
#include "net/core/result.hpp"
#include "net/tls/client_context.hpp"
#include "net/tls/server_context.hpp"

namespace sallyport::actors {

/// The TLS of a node with the Access Edge, made of the files its configuration names.
struct tls_materials {
  std::shared_ptr<const tls::server_context> outside;
  std::shared_ptr<const tls::server_context> inside;   ///< Null: that listener is plain TCP.
  std::shared_ptr<const tls::client_context> next_hop; ///< Null: the next hop is reached over plain TCP.
};

/// Reads and judges every file first; every problem of all of them at once, but for files that cannot be read or are
/// not named: those `config::validate` has told, and the list of problems may be empty. With `development` set in the
/// model, no file is read: certificates are made on the spot.
[[nodiscard]] result<tls_materials, config::problems> load_tls(const config::model& value,
                                                               const config::positions& where);

} // namespace sallyport::actors
