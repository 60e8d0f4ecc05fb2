#pragma once
#include <memory>
#include <span>
#include <vector>

#include "actors/access/desk.hpp"
#include "net/io/demultiplexer.hpp"
#include "net/io/lane.hpp"
#include "net/io/listener.hpp"
#include "net/io/sip_endpoint.hpp"

namespace sallyport::actors {

/// Where the Access Edge listens. Pointers outlive the lanes.
struct access_doors {
  std::vector<io::listener_options> outside; ///< Demultiplexed by the first bytes.
  milliseconds decision_time = io::demultiplexer::decision_time;
  io::listener_options inside;
  admission* outside_gate = nullptr;
  admission* inside_gate = nullptr;
};

/// One lane's share of the Access Edge: listeners, SIP endpoint, desk.
class access_lane {
public:
  access_lane(caf::actor_system& system, io::lane& home, const io::sip_settings& sip, const desk_settings& desk,
              std::span<const std::unique_ptr<io::inbox<desk_order>>> inboxes);

  /// Opens the listeners; the error names the address and what the kernel said.
  [[nodiscard]] result<void, std::string> open(const access_doors& doors);
  /// On the lane: no new connections, and the ones there are end in order.
  void close();
  /// After the lane has stopped.
  void end_sessions() { desk_.close(); }

  [[nodiscard]] const io::sip_counters& sip_counters() const noexcept { return endpoint_.counters(); }
  [[nodiscard]] const desk_counters& sessions() const noexcept { return desk_.counters(); }

private:
  desk desk_;
  io::sip_endpoint endpoint_;
  io::demultiplexer demultiplexer_;
  std::vector<std::unique_ptr<io::listener>> listeners_;
};

} // namespace sallyport::actors
