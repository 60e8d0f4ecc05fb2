#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/core/slot_table.hpp"
#include "net/core/time.hpp"
#include "net/turn/relay_pool.hpp"
#include "net/turn/replies.hpp"

namespace sallyport::turn {

/// A request of a client that waits for its allocation's actor.
struct pending_request {
  std::uint32_t row = 0;
  reply_terms terms;

  // An Allocate's, until its relay has a socket.
  std::optional<seconds> lifetime;
  port_request port;
  unsigned ports_tried = 0;
};

/// The requests of a lane that wait, up to a limit. The number of one that is gone names none.
class request_table {
public:
  explicit request_table(std::size_t requests_max) : requests_max_{requests_max} {}

  [[nodiscard]] bool is_full() const noexcept { return requests_.size() >= requests_max_; }

  /// Its number, which is not 0. There must be room.
  std::uint64_t add(const pending_request& request) {
    const auto name = requests_.emplace(request);
    return (std::uint64_t{name.generation} << 32) | name.index;
  }
  [[nodiscard]] pending_request* find(std::uint64_t number) noexcept {
    return requests_.find(
      {.index = static_cast<std::uint32_t>(number), .generation = static_cast<std::uint32_t>(number >> 32)});
  }
  /// The number must name one.
  void remove(std::uint64_t number) noexcept { requests_.erase(static_cast<std::uint32_t>(number)); }

  [[nodiscard]] std::size_t size() const noexcept { return requests_.size(); }

private:
  std::size_t requests_max_;
  slot_table<pending_request> requests_;
};

} // namespace sallyport::turn
