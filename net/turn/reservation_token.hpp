#pragma once
#include <array>
#include <cstddef>

namespace sallyport::turn {

/// What a client claims a reserved relay port with (RFC 8656, 18.8): eight bytes that nobody can guess.
using reservation_token = std::array<std::byte, 8>;

} // namespace sallyport::turn
