#include "net/io/udp_socket.hpp"

#include <netinet/in.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sallyport::io {
namespace {

constexpr std::size_t control_bytes = CMSG_SPACE(sizeof(in6_pktinfo));

/// The address a datagram was sent to (IP_PKTINFO), `::` when the kernel does not say.
ip_address destination_of(msghdr& message) {
  for (auto* control = CMSG_FIRSTHDR(&message); control; control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo where;
      std::memcpy(&where, CMSG_DATA(control), sizeof where);
      return ip_address::v4(ntohl(where.ipi_addr.s_addr));
    }
    if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo where;
      std::memcpy(&where, CMSG_DATA(control), sizeof where);
      std::array<std::uint8_t, 16> bytes;
      std::memcpy(bytes.data(), &where.ipi6_addr, bytes.size());
      return ip_address{bytes};
    }
  }
  return {};
}

template <class Info>
void write_control(msghdr& message, int level, int type, const Info& where) {
  message.msg_controllen = CMSG_SPACE(sizeof where);
  auto* control = CMSG_FIRSTHDR(&message);
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof where);
  std::memcpy(CMSG_DATA(control), &where, sizeof where);
}

/// Makes the datagram leave from `source`. The interface is left to the routing table.
void write_source(msghdr& message, const ip_address& source) {
  if (source.is_unspecified()) {
    message.msg_controllen = 0;
  } else if (source.is_v4()) {
    in_pktinfo where{};
    std::memcpy(&where.ipi_spec_dst, source.bytes().data() + 12, 4);
    write_control(message, IPPROTO_IP, IP_PKTINFO, where);
  } else {
    in6_pktinfo where{};
    std::memcpy(&where.ipi6_addr, source.bytes().data(), 16);
    write_control(message, IPPROTO_IPV6, IPV6_PKTINFO, where);
  }
}

} // namespace

struct udp_socket::batch_headers {
  struct control {
    alignas(cmsghdr) std::array<std::byte, control_bytes> bytes;
  };

  std::array<mmsghdr, batch_max> messages{};
  std::array<iovec, batch_max> parts{};
  std::array<socket_address, batch_max> peers{};
  std::array<control, batch_max> controls{};

  msghdr& message(std::size_t i, const void* bytes, std::size_t size) {
    parts[i] = {const_cast<void*>(bytes), size}; // sendmmsg and recvmmsg share the one struct.
    auto& header = messages[i].msg_hdr;
    header = {};
    header.msg_iov = &parts[i];
    header.msg_iovlen = 1;
    header.msg_name = peers[i].get();
    header.msg_control = controls[i].bytes.data();
    header.msg_controllen = controls[i].bytes.size();
    return header;
  }
};

result<std::unique_ptr<udp_socket>, socket_error> udp_socket::open(lane& home, const endpoint& local, udp_user& user,
                                                                   int buffer_bytes) {
  auto socket = open_bound(local, SOCK_DGRAM);
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
  if (!home.watch(fd, EPOLLIN, *made)) {
    const int error = errno;
    made->socket_.reset(); // Not watched: nothing to forget.
    return fail(socket_error{"epoll_ctl", error});
  }
  return made;
}

udp_socket::udp_socket(lane& home, udp_user& user, unique_fd socket)
  : lane_{home}, user_{user}, socket_{std::move(socket)}, local_{local_endpoint(socket_.get())},
    headers_{std::make_unique<batch_headers>()} {}

udp_socket::~udp_socket() {
  if (socket_)
    lane_.forget(socket_.get());
}

void udp_socket::on_ready(std::uint32_t) {
  for (unsigned i = 0; i < batches_per_turn && receive_batch() == batch_max; ++i)
    ;
}

/// Returns how many datagrams came; fewer than a batch: there are no more.
std::size_t udp_socket::receive_batch() {
  auto& headers = *headers_;
  const auto buffer = lane_.read_buffer();
  static_assert(batch_max * datagram_bytes_max == 128 * 1024); // The lane's shared buffer.
  for (std::size_t i = 0; i < batch_max; ++i)
    headers.message(i, buffer.data() + i * datagram_bytes_max, datagram_bytes_max).msg_namelen =
      sizeof(sockaddr_storage);
  const int got = ::recvmmsg(socket_.get(), headers.messages.data(), batch_max, MSG_DONTWAIT, nullptr);
  // ECONNREFUSED and its like tell of a datagram sent before: reading it has cleared it, level-triggering comes back.
  if (got <= 0)
    return 0;

  std::array<datagram, batch_max> batch;
  std::size_t whole = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
    auto& message = headers.messages[i];
    if (message.msg_hdr.msg_flags & MSG_TRUNC) {
      lane_.counters().datagrams_truncated.add();
      continue;
    }
    batch[whole++] = {headers.peers[i].to_endpoint(), destination_of(message.msg_hdr),
                      buffer.subspan(i * datagram_bytes_max, message.msg_len)};
  }
  lane_.counters().datagrams_in.add(static_cast<std::size_t>(got));
  if (whole > 0)
    user_.on_datagrams(*this, std::span{batch}.first(whole));
  return static_cast<std::size_t>(got);
}

std::size_t udp_socket::send(std::span<const datagram> batch) {
  std::size_t sent = 0;
  for (std::size_t at = 0; at < batch.size(); at += batch_max)
    sent += send_some(batch.subspan(at, std::min(batch_max, batch.size() - at)));
  lane_.counters().datagrams_out.add(sent);
  lane_.counters().datagrams_dropped.add(batch.size() - sent);
  return sent;
}

std::size_t udp_socket::send_some(std::span<const datagram> batch) {
  auto& headers = *headers_;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& message = headers.message(i, batch[i].bytes.data(), batch[i].bytes.size());
    headers.peers[i] = socket_address{batch[i].peer};
    message.msg_namelen = headers.peers[i].bytes;
    write_source(message, batch[i].local);
  }
  std::size_t sent = 0;
  bool is_retry = false;
  for (std::size_t at = 0; at < batch.size();) {
    const int some = ::sendmmsg(socket_.get(), &headers.messages[at], static_cast<unsigned>(batch.size() - at), 0);
    if (some > 0) {
      at += static_cast<std::size_t>(some);
      sent += static_cast<std::size_t>(some);
      is_retry = false;
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      break; // The queue is full for all of them: drop, never spin.
    } else if ((errno == ECONNREFUSED || errno == EINTR) && !is_retry) {
      is_retry = true; // The error of an earlier datagram, reported on this one.
    } else {
      ++at; // This one cannot be sent (EMSGSIZE, no route); the next may.
      is_retry = false;
    }
  }
  return sent;
}

} // namespace sallyport::io
