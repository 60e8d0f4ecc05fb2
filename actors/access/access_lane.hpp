#pragma once
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "actors/access/desk.hpp"
#include "net/io/lane.hpp"
#include "net/io/port.hpp"
#include "net/io/sip_endpoint.hpp"

namespace sallyport::actors {

/// Where the Access Edge listens.
struct access_doors {
  std::vector<io::port_options> outside;
  io::port_options inside;
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
  std::list<io::port> ports_;
};

} // namespace sallyport::actors
