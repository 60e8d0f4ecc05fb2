#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "net/core/address.hpp"
#include "net/core/result.hpp"
#include "net/io/lane.hpp"
#include "net/io/socket.hpp"

namespace sallyport::io {

class udp_socket;

struct datagram {
  endpoint peer;
  ip_address local; ///< Received: the address it was sent to. To send: the source address; `::` lets the kernel choose.
  std::span<const std::byte> bytes;
};

class udp_user {
public:
  /// Up to 64 datagrams of one batch, in order. They lie in the lane's shared buffer: keep nothing of them.
  virtual void on_datagrams(udp_socket& socket, std::span<const datagram> batch) = 0;

protected:
  ~udp_user() = default;
};

/// One lane's UDP socket of a port that all lanes share (SO_REUSEPORT), read and written in batches. Answers leave from
/// the address that was asked (IP_PKTINFO), which a balancer with direct server return needs.
class udp_socket final : private io_handler {
public:
  static constexpr std::size_t batch_max = 64;
  static constexpr std::size_t datagram_bytes_max = 2048; ///< Longer ones are dropped and counted.
  static constexpr unsigned batches_per_turn = 4;

  /// `buffer_bytes` is asked for as SO_RCVBUF and SO_SNDBUF; 0 keeps the system's. Lane and user outlive the socket.
  [[nodiscard]] static result<std::unique_ptr<udp_socket>, socket_error> open(lane& home, const endpoint& local,
                                                                              udp_user& user, int buffer_bytes = 0);
  ~udp_socket();
  udp_socket(const udp_socket&) = delete;
  udp_socket& operator=(const udp_socket&) = delete;

  /// Sends what the kernel takes; the rest is dropped and counted, never queued. Returns how many were sent.
  std::size_t send(std::span<const datagram> batch);

  [[nodiscard]] endpoint local() const noexcept { return local_; }

private:
  struct batch_headers;

  udp_socket(lane& home, udp_user& user, unique_fd socket);
  void on_ready(std::uint32_t events) override;
  std::size_t receive_batch();
  std::size_t send_some(std::span<const datagram> batch);

  lane& lane_;
  udp_user& user_;
  unique_fd socket_;
  endpoint local_;
  std::unique_ptr<batch_headers> headers_; // What recvmmsg and sendmmsg want, laid out once.
};

} // namespace sallyport::io
