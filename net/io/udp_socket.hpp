#pragma once
#include <cstddef>
#include <memory>
#include <span>

#include "net/core/address.hpp"
#include "net/core/result.hpp"
#include "net/io/lane.hpp"
#include "net/io/socket.hpp"

namespace sallyport::io {

class udp_socket;

class udp_user {
public:
  /// The datagrams of one batch, in order. They lie in the lane's shared buffer: keep nothing of them. The socket stays
  /// until the call returns.
  virtual void on_datagrams(udp_socket& socket, std::span<const received_datagram> batch) = 0;

protected:
  ~udp_user() = default;
};

/// One lane's UDP socket of a port that all lanes share (SO_REUSEPORT), read and written in batches. Answers leave from
/// the address that was asked (IP_PKTINFO), which a balancer with direct server return needs.
class udp_socket final : private io_handler {
public:
  static constexpr unsigned batches_per_turn = 4;

  /// Deaf until `hear`. `buffer_bytes` is asked for as SO_RCVBUF and SO_SNDBUF; 0 keeps the system's. Lane and user
  /// outlive the socket.
  [[nodiscard]] static result<std::unique_ptr<udp_socket>, socket_error> open(lane& home, const endpoint& local,
                                                                              udp_user& user, int buffer_bytes = 0);
  ~udp_socket();
  udp_socket(const udp_socket&) = delete;
  udp_socket& operator=(const udp_socket&) = delete;

  /// Once every lane has its socket of the port: takes what comes from now on.
  [[nodiscard]] result<void, socket_error> hear() noexcept { return io::hear(socket_.get()); }

  /// As `datagram_batch::send`.
  datagram_batch::sent send(std::span<const datagram> batch) { return lane_.datagrams().send(socket_.get(), batch); }

  [[nodiscard]] endpoint local() const noexcept { return local_; }

private:
  udp_socket(lane& home, udp_user& user, unique_fd socket);
  void on_ready(std::uint32_t events) override;

  lane& lane_;
  udp_user& user_;
  unique_fd socket_;
  endpoint local_;
};

} // namespace sallyport::io
