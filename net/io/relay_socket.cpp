#include "net/io/relay_socket.hpp"

#include <sys/epoll.h>

#include <cerrno>

namespace sallyport::io {

result<std::unique_ptr<relay_socket>, socket_error> relay_socket::open(lane& home, const endpoint& local,
                                                                       std::uint32_t relay, relay_user& user) {
  auto socket = open_exclusive(local, SOCK_DGRAM);
  if (!socket)
    return fail(socket.error());
  std::unique_ptr<relay_socket> made{new relay_socket{home, user, relay, std::move(*socket)}};
  if (!home.watch(made->socket_.get(), EPOLLIN, *made, work::media)) {
    const int error = errno;
    made->socket_.reset(); // Not watched: nothing to forget.
    return fail(socket_error{"epoll_ctl", error});
  }
  return made;
}

relay_socket::relay_socket(lane& home, relay_user& user, std::uint32_t relay, unique_fd socket)
  : lane_{home}, user_{user}, socket_{std::move(socket)}, relay_{relay} {}

relay_socket::~relay_socket() {
  if (socket_)
    lane_.forget(socket_.get());
}

void relay_socket::on_ready(std::uint32_t) {
  for (unsigned i = 0; i < batches_per_turn; ++i) {
    const auto batch = lane_.datagrams().receive(socket_.get());
    if (!batch.datagrams.empty())
      user_.on_peers(relay_, batch.datagrams);
    if (!batch.is_full)
      return;
  }
}

} // namespace sallyport::io
