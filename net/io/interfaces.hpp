#pragma once
#include <vector>

#include "net/core/address.hpp"

namespace sallyport::io {

/// The addresses that this host's interfaces hold now. Throws std::system_error when the kernel will not tell.
[[nodiscard]] std::vector<ip_address> interface_addresses();

} // namespace sallyport::io
