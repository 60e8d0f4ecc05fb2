#pragma once
#include <cstddef>

namespace sallyport::actors {

/// Every connection and every relay is an open file, and the soft limit that a shell or a service manager hands out is
/// often 1024: raises it to the hard one, and says in the log when even that is less than all of them together.
void raise_file_limit(std::size_t connections_max, std::size_t relays_max);

} // namespace sallyport::actors
