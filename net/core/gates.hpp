#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
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
  /// The connection is gone without having proved itself.
  virtual void released(const ip_address& source) = 0;

protected:
  ~admission() = default;
};

/// One admitted connection's place in the count of its source, given back when it goes.
class admission_ticket {
public:
  admission_ticket() = default;
  admission_ticket(admission& gate, const ip_address& source) noexcept : gate_{&gate}, source_{source} {}
  admission_ticket(admission_ticket&& other) noexcept
    : gate_{std::exchange(other.gate_, nullptr)}, source_{other.source_} {}
  admission_ticket& operator=(admission_ticket&& other) noexcept {
    std::swap(gate_, other.gate_);
    std::swap(source_, other.source_);
    return *this;
  }
  ~admission_ticket() {
    if (gate_)
      gate_->released(source_);
  }

  /// True the first time; false once it is proved, and for a connection that was never counted.
  bool prove() {
    auto* gate = std::exchange(gate_, nullptr);
    if (gate)
      gate->proved(source_);
    return gate != nullptr;
  }

private:
  admission* gate_ = nullptr;
  ip_address source_;
};

} // namespace sallyport
