#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/core/gates.hpp"
#include "net/core/result.hpp"
#include "net/io/lane.hpp"
#include "net/io/socket.hpp"
#include "net/io/stream.hpp"
#include "net/tls/context_slot.hpp"
#include "net/tls/server_context.hpp"

namespace sallyport::io {

struct listener_options {
  endpoint local;                                        ///< Port 0: the kernel chooses.
  tls::context_slot<tls::server_context>* tls = nullptr; ///< Null: plain TCP. Outlives the listener.
  /// ALPN, preferred first; null: none. Outlives the handshakes of what is accepted.
  const std::vector<std::string>* application_protocols = nullptr;
  stream_limits streams = {};
  std::optional<unproved_limits> unproved = {}; ///< None: who connects here has nothing to prove.
  std::size_t lane_connections_max = 16'384;    ///< Streams of the whole lane, both directions.
  unsigned accepts_per_turn = 64;
  int backlog = 1024;
};

/// One lane's listening socket of a port that all lanes share (SO_REUSEPORT). Refuses by lane limit and `admission`
/// before any TLS work, and gives the rest to its acceptor. Where connections have to prove themselves, the lane's
/// oldest that has not makes room for a new one.
class listener final : private io_handler, private timer_handler {
public:
  /// How long nothing is accepted when there is no descriptor left, not even the reserved one.
  static constexpr milliseconds cooldown_without_files{100};

  /// Lane, gate and acceptor outlive the listener.
  [[nodiscard]] static result<std::unique_ptr<listener>, socket_error> open(lane& home, const listener_options& options,
                                                                            admission& gate, stream_acceptor& acceptor);
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  [[nodiscard]] endpoint local() const noexcept { return local_; }

private:
  listener(lane& home, const listener_options& options, admission& gate, stream_acceptor& acceptor, unique_fd socket);

  void on_ready(std::uint32_t events) override;
  void on_timer(std::uint64_t cookie) override;
  bool accept_one();
  bool refuse_without_files();
  void take(unique_fd connection, const endpoint& peer);
  void refuse(const endpoint& peer, verdict why);

  lane& lane_;
  const listener_options options_;
  admission& gate_;
  stream_acceptor& acceptor_;
  unique_fd socket_;
  unique_fd reserve_; // Given up to accept, and so to refuse, a connection when descriptors have run out.
  endpoint local_;
  timer_id cooldown_;
};

} // namespace sallyport::io
