#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "net/core/address.hpp"
#include "net/core/result.hpp"
#include "net/io/lane.hpp"
#include "net/io/socket.hpp"

namespace sallyport::io {

class relay_user {
public:
  /// What peers have sent to the relayed transport address of the allocation in this slot, as
  /// `udp_user::on_datagrams`.
  virtual void on_peers(std::uint32_t relay, std::span<const received_datagram> batch) = 0;

protected:
  ~relay_user() = default;
};

/// The socket behind one allocation's relayed transport address (RFC 8656, 3). Nobody else has its port: a datagram
/// for one client may not go to another's socket. Small, for there is one an allocation: what batches need is the
/// lane's.
class relay_socket final : private io_handler {
public:
  static constexpr unsigned batches_per_turn = 4;

  /// `relay` is handed back with what arrives. Lane and user outlive the socket.
  [[nodiscard]] static result<std::unique_ptr<relay_socket>, socket_error> open(lane& home, const endpoint& local,
                                                                                std::uint32_t relay, relay_user& user);
  /// Not from within `on_peers` of this socket: `lane::retire` it there.
  ~relay_socket();
  relay_socket(const relay_socket&) = delete;
  relay_socket& operator=(const relay_socket&) = delete;

  /// To any peers in one batch; as `datagram_batch::send`.
  datagram_batch::sent send(std::span<const datagram> batch) { return lane_.datagrams().send(socket_.get(), batch); }

private:
  relay_socket(lane& home, relay_user& user, std::uint32_t relay, unique_fd socket);
  void on_ready(std::uint32_t events) override;

  lane& lane_;
  relay_user& user_;
  unique_fd socket_;
  std::uint32_t relay_;
};

} // namespace sallyport::io
