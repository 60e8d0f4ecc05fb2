#pragma once
#include <memory>
#include <string>
#include <vector>

#include "net/io/demultiplexer.hpp"
#include "net/io/listener.hpp"

namespace sallyport::io {

/// One port of a lane. Pointers outlive it.
struct port_options {
  listener_options listening; ///< All but the names of ALPN, which follow from the services.
  admission* gate = nullptr;
  milliseconds decision_time = demultiplexer::decision_time; ///< Of a shared one: from TLS to the first bytes.
  /// False: one service has the port to itself and its connections from their start, whatever they speak.
  bool is_shared = true;
};

/// One lane's share of one TCP address: lets connections in, ends their TLS, and gives each to the service whose
/// protocol it speaks. Everything here is for the lane's thread, or before it runs.
///
/// A shared port offers the ALPN names of its services. One that is not has nothing to choose, and offers none.
class port {
public:
  port(lane& home, const port_options& options);
  port(const port&) = delete;
  port& operator=(const port&) = delete;

  /// Before `open`. `service` outlives the port; one for each protocol, and one at all where the port is not shared.
  void serve(stream_protocol protocol, stream_acceptor& service);
  [[nodiscard]] result<void, socket_error> open();

  /// Nobody connects any more, and what has no service yet ends.
  void close();

  /// Of an open port.
  [[nodiscard]] endpoint local() const noexcept { return listener_->local(); }

private:
  lane& lane_;
  port_options options_;
  demultiplexer demultiplexer_;
  stream_acceptor* only_service_ = nullptr; // Of a port that is not shared.
  std::vector<std::string> application_protocols_;
  std::unique_ptr<listener> listener_;
};

} // namespace sallyport::io
