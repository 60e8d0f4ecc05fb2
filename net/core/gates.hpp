#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <utility>

#include "net/core/address.hpp"
#include "net/core/time.hpp"

namespace sallyport {

/// What the gate says to a new connection, before any work is done for it.
enum class verdict : std::uint8_t {
  admitted,
  source_connections, ///< The source has too many connections that have not proved themselves.
  source_rate,        ///< The source opens connections too fast.
  sources_full,       ///< A new source, and no room to keep count of it.
  lane_connections,   ///< The lane serves as many connections as it may.
  out_of_files,       ///< The process has no file descriptor left.
  unknown_peer,       ///< Not one of the peers that may connect here.
};
inline constexpr std::size_t verdict_count = 7;

[[nodiscard]] constexpr std::string_view to_string(verdict which) noexcept {
  constexpr std::string_view names[verdict_count]{"admitted",     "source_connections", "source_rate",
                                                  "sources_full", "lane_connections",   "out_of_files",
                                                  "unknown_peer"};
  return names[static_cast<std::size_t>(which)];
}

/// Judges who may connect. Every admitted connection ends its count by exactly one of `proved` and `released`.
class admission {
public:
  [[nodiscard]] virtual verdict admit(const ip_address& source, time_point now) = 0;
  /// The connection has shown that a user of ours is behind it: it stops counting against its source, since a whole
  /// office may share one address (NAT).
  virtual void proved(const ip_address& source) = 0;
  /// The proof has ended, and the connection counts again. It is in already, so no limit turns it away; false if there
  /// is no room to keep count of it.
  [[nodiscard]] virtual bool unproved(const ip_address& source) = 0;
  /// The connection is gone without having proved itself.
  virtual void released(const ip_address& source) = 0;
  /// A counted connection held `before` bytes in queues and buffers, and wants to hold `after`. False if that is too
  /// much for its source; then nothing has changed.
  [[nodiscard]] virtual bool hold(const ip_address& source, std::size_t before, std::size_t after) = 0;

protected:
  ~admission() = default;
};

/// One admitted connection's place in the count of its source, given back when it goes or is proved.
class admission_ticket {
public:
  /// What it holds is told to the gate in steps of this size: a lock for each is cheap, one for each byte is not.
  static constexpr std::size_t step_bytes = 4 * 1024;

  admission_ticket() = default;
  admission_ticket(admission& gate, const ip_address& source) noexcept
    : gate_{&gate}, source_{source}, is_counted_{true} {}
  admission_ticket(admission_ticket&& other) noexcept
    : gate_{other.gate_}, source_{other.source_}, held_bytes_{std::exchange(other.held_bytes_, 0)},
      is_counted_{std::exchange(other.is_counted_, false)} {}
  admission_ticket& operator=(admission_ticket&& other) noexcept {
    std::swap(gate_, other.gate_);
    std::swap(source_, other.source_);
    std::swap(held_bytes_, other.held_bytes_);
    std::swap(is_counted_, other.is_counted_);
    return *this;
  }
  ~admission_ticket() {
    if (leave())
      gate_->released(source_);
  }

  /// True when it was counted until now.
  bool prove() {
    if (!leave())
      return false;
    gate_->proved(source_);
    return true;
  }
  /// It counts again, with nothing held.
  void unprove() { is_counted_ = is_counted_ || (gate_ && gate_->unproved(source_)); }

  /// While it counts, `bytes` are what it holds from now on; false if its source may not hold that much.
  [[nodiscard]] bool hold(std::size_t bytes) {
    const auto rounded = (bytes + step_bytes - 1) / step_bytes * step_bytes;
    if (!is_counted_ || rounded == held_bytes_)
      return true;
    if (!gate_->hold(source_, held_bytes_, rounded))
      return false;
    held_bytes_ = rounded;
    return true;
  }

private:
  bool leave() {
    std::ignore = hold(0); // Less is never too much.
    return std::exchange(is_counted_, false);
  }

  admission* gate_ = nullptr;
  ip_address source_;
  std::size_t held_bytes_ = 0;
  bool is_counted_ = false;
};

} // namespace sallyport
