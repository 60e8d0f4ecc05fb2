#pragma once
#include "net/core/lane_ref.hpp"

namespace sallyport {

/// Names what a lane owned in one life of its node, for whoever reads it later or elsewhere: a node that starts again
/// counts its slots from the beginning, so that the `lane_ref` alone would then name something else.
struct lane_key {
  lane_ref id;
  std::uint32_t incarnation = 0; ///< Of the node in `id`, then.

  /// True for what this node had before it started: that is gone. Of another node's things this node cannot tell.
  [[nodiscard]] bool is_former(std::uint16_t this_node, std::uint32_t this_incarnation) const noexcept {
    return id.node == this_node && incarnation != this_incarnation;
  }
  friend bool operator==(const lane_key&, const lane_key&) = default;
};

} // namespace sallyport
