#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace sallyport::turn {

/// A set of ports of one range, from which any one can be drawn: adding, removing and drawing take constant time,
/// however few are left. At most four bytes a port of the range.
class port_set {
public:
  /// The range `first` to `last`, both included, without port 0.
  port_set(std::uint16_t first, std::uint16_t last)
    : first_{first}, positions_(std::size_t{last} - first + 1, absent) {}

  [[nodiscard]] bool contains(std::uint16_t port) const { return positions_.at(port - first_) != absent; }
  [[nodiscard]] std::size_t size() const noexcept { return ports_.size(); }
  /// The port at `index`, below `size()`; the order means nothing and changes with every removal.
  [[nodiscard]] std::uint16_t operator[](std::size_t index) const noexcept { return ports_[index]; }

  /// Adding what is there and removing what is not change nothing.
  void add(std::uint16_t port) {
    if (contains(port))
      return;
    positions_[port - first_] = static_cast<std::uint16_t>(ports_.size());
    ports_.push_back(port);
  }

  void remove(std::uint16_t port) {
    if (!contains(port))
      return;
    const auto hole = positions_[port - first_];
    ports_[hole] = ports_.back();
    positions_[ports_[hole] - first_] = hole;
    ports_.pop_back();
    positions_[port - first_] = absent;
  }

private:
  static constexpr std::uint16_t absent = std::numeric_limits<std::uint16_t>::max();

  std::uint16_t first_;
  std::vector<std::uint16_t> ports_;     // Those in the set, without gaps.
  std::vector<std::uint16_t> positions_; // Port of the range -> place in `ports_`.
};

} // namespace sallyport::turn
