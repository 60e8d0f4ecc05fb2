#pragma once
#include <cstdint>

namespace sallyport::cluster {

/// Who this process is. Tokens carry both, so that one made by an earlier life of the node, or by another node, never
/// names a flow or a session of this life.
struct node_identity {
  std::uint16_t number = 0;
  std::uint32_t incarnation = 0; ///< Drawn at random at every start: another one than before, but once in 2^32.
};

} // namespace sallyport::cluster
