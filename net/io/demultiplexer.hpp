#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/io/first_bytes.hpp"
#include "net/io/stream.hpp"

namespace sallyport::io {

/// Several services on one port: keeps each new connection until its protocol is known, for at most `decide_within`
/// after it opened, then hands it with its bytes to the service registered for that protocol. Nothing is decided before
/// the first byte, whatever ALPN says. No decision, no such
/// service or no such protocol: closed and counted.
class demultiplexer final : public stream_acceptor, private stream_user {
public:
  static constexpr milliseconds decision_time{5'000}; ///< Unless told otherwise.

  /// How long a connection has from its opening to a decision.
  void decide_within(milliseconds limit) noexcept { limit_ = limit; }
  /// `service` outlives this. Before the listener opens.
  void serve(stream_protocol protocol, stream_acceptor& service);
  /// The ALPN names that the port should offer, given the services registered.
  [[nodiscard]] std::vector<std::string> application_protocols() const;
  /// Connections without a decision yet.
  [[nodiscard]] std::size_t undecided() const noexcept { return undecided_.size(); }

  void on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) override;

  /// Ends every connection without a decision, half-open TLS handshakes among them.
  void close_all(close_reason reason);

private:
  struct waiting {
    stream_ptr connection;
    std::vector<std::byte> bytes; // At most first_bytes_max.
  };

  void on_open(stream& connection) override;
  void on_bytes(stream& connection, std::span<const std::byte> bytes) override;
  void on_closed(stream& connection, close_reason reason) override;
  void decide(stream& connection, std::span<const std::byte> bytes);
  void hand_over(stream& connection, stream_protocol protocol, std::span<const std::byte> bytes);

  milliseconds limit_ = decision_time;
  std::array<stream_acceptor*, stream_protocol_count> services_{};
  std::unordered_map<stream*, waiting> undecided_;
};

} // namespace sallyport::io
