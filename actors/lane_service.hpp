#pragma once
#include <stdexcept>

#include "net/core/side.hpp"
#include "net/io/first_bytes.hpp"
#include "net/io/stream_user.hpp"

namespace sallyport::actors {

class lane_samples;

/// One lane's share of a service. It is made before the lane runs and goes after the lane has stopped.
class lane_service {
public:
  virtual ~lane_service() = default;

  /// Before the lane runs: who takes what the service's addresses on that side bring of `protocol`.
  [[nodiscard]] virtual io::stream_acceptor& acceptor(side, io::stream_protocol) {
    throw std::logic_error{"a service that takes no connections is given some"};
  }

  /// Before the lane runs, once every lane has its share: takes what comes from now on. Throws as `service::join`.
  virtual void begin() {}
  /// On the lane: takes nothing new, and what there is ends in order. Its ports are closed already.
  virtual void close() = 0;
  /// After the lane has stopped: its actors end.
  virtual void end() = 0;

  /// From any thread, while the lane runs.
  virtual void show(lane_samples& out) const = 0;
};

} // namespace sallyport::actors
