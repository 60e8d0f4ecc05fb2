#pragma once
#include <cstddef>

/// What lists and counts of things may come to, whatever a file says: past it the file is refused.
namespace sallyport::config {

inline constexpr std::size_t domains_max = 100;
inline constexpr std::size_t secrets_max = 2;    ///< The one in use and the one that is leaving (or coming).
inline constexpr std::size_t listeners_max = 16; ///< Of one service on one side.
inline constexpr std::size_t certificates_max = 100;
inline constexpr std::size_t peers_max = 256;
inline constexpr std::size_t lanes_max = 128;
inline constexpr std::size_t pool_nodes_max = 32;

} // namespace sallyport::config
