#include "net/io/udp_socket.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>

#include <cerrno>

namespace sallyport::io {

result<std::unique_ptr<udp_socket>, socket_error> udp_socket::open(lane& home, const endpoint& local, udp_user& user,
                                                                   int buffer_bytes) {
  auto socket = open_deaf(local);
  if (!socket)
    return fail(socket.error());
  const int fd = socket->get();
  const bool tells_destination = local.address.is_v4() ? set_option(fd, IPPROTO_IP, IP_PKTINFO, 1)
                                                       : set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  if (!tells_destination)
    return fail(socket_error{"setsockopt", errno});
  if (buffer_bytes > 0) { // The kernel caps what it gives: not an error.
    set_option(fd, SOL_SOCKET, SO_RCVBUF, buffer_bytes);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, buffer_bytes);
  }
  std::unique_ptr<udp_socket> made{new udp_socket{home, user, std::move(*socket)}};
  if (!home.watch(fd, EPOLLIN, *made, work::media)) {
    const int error = errno;
    made->socket_.reset(); // Not watched: nothing to forget.
    return fail(socket_error{"epoll_ctl", error});
  }
  return made;
}

udp_socket::udp_socket(lane& home, udp_user& user, unique_fd socket)
  : lane_{home}, user_{user}, socket_{std::move(socket)}, local_{local_endpoint(socket_.get())} {}

udp_socket::~udp_socket() {
  if (socket_)
    lane_.forget(socket_.get());
}

void udp_socket::on_ready(std::uint32_t) {
  for (unsigned i = 0; i < batches_per_turn; ++i) {
    const auto batch = lane_.datagrams().receive(socket_.get());
    if (!batch.datagrams.empty())
      user_.on_datagrams(*this, batch.datagrams);
    if (!batch.is_full)
      return;
  }
}

} // namespace sallyport::io
