#pragma once
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "net/io/demultiplexer.hpp"
#include "net/io/listener.hpp"
#include "net/io/proof.hpp"

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
/// protocol it speaks, marked with what proves it there. Everything here is for the lane's thread, or before it runs.
///
/// A shared port offers the ALPN names of its services. One that is not has nothing to choose, and offers none.
class port {
public:
  port(lane& home, const port_options& options);
  port(const port&) = delete;
  port& operator=(const port&) = delete;

  /// Before `open`. `service` outlives the port; one for each protocol, and one at all where the port is not shared.
  void serve(stream_protocol protocol, proof proved_by, stream_acceptor& service);
  [[nodiscard]] result<void, socket_error> open();

  /// Nobody connects any more, and what has no service yet ends.
  void close();

  /// Of an open port.
  [[nodiscard]] endpoint local() const noexcept { return listener_->local(); }

private:
  /// The way to one service.
  class way_in final : public stream_acceptor {
  public:
    way_in(proof proved_by, stream_acceptor& service) : proved_by_{proved_by}, service_{service} {}
    void on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) override;

  private:
    const proof proved_by_;
    stream_acceptor& service_;
  };

  lane& lane_;
  port_options options_;
  std::list<way_in> ways_in_; // Stable addresses.
  demultiplexer demultiplexer_;
  std::vector<std::string> application_protocols_;
  std::unique_ptr<listener> listener_;
};

} // namespace sallyport::io
