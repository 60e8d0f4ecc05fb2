#include "net/io/datagram_batch.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/io/counters.hpp"
#include "net/io/socket.hpp"

namespace sallyport::io {
namespace {

constexpr std::size_t datagrams_max = datagram_batch::datagrams_max;
constexpr std::size_t payload_bytes_max = datagram_batch::payload_bytes_max;

struct control_room {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
};

/// An odd number of cache lines, so that the first bytes of the slots, which are read most, do not compete for the same
/// few sets of the cache.
constexpr std::size_t cache_line_bytes = 64;
constexpr std::size_t slot_bytes = 35 * cache_line_bytes;
static_assert(slot_bytes >= received_datagram::headroom_bytes + payload_bytes_max + received_datagram::tailroom_bytes);
static_assert(received_datagram::headroom_bytes % cache_line_bytes == 0);

struct alignas(cache_line_bytes) slot {
  std::array<std::byte, slot_bytes> bytes;
};

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

/// The headers of one direction, each bound to its parts once; what the kernel or a datagram changes is set again.
struct headers {
  std::array<mmsghdr, datagrams_max> messages{};
  std::array<iovec, datagrams_max> parts{};
  std::array<socket_address, datagrams_max> peers{};
  std::array<control_room, datagrams_max> controls{};

  headers() {
    for (std::size_t i = 0; i < datagrams_max; ++i) {
      auto& header = messages[i].msg_hdr;
      header.msg_iov = &parts[i];
      header.msg_iovlen = 1;
      header.msg_name = peers[i].get();
      header.msg_control = controls[i].bytes.data();
    }
  }
};

} // namespace

struct datagram_batch::incoming : headers {
  std::array<slot, datagrams_max> slots;
  std::array<received_datagram, datagrams_max> whole;

  incoming() {
    for (std::size_t i = 0; i < datagrams_max; ++i) {
      parts[i] = {slots[i].bytes.data() + received_datagram::headroom_bytes, payload_bytes_max};
      make_ready(i);
    }
  }

  /// Undoes what the kernel wrote into the header.
  void make_ready(std::size_t i) {
    messages[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    messages[i].msg_hdr.msg_controllen = controls[i].bytes.size();
  }
};

struct datagram_batch::outgoing : headers {
  void put(std::size_t i, const datagram& one) {
    parts[i] = {const_cast<std::byte*>(one.bytes.data()), one.bytes.size()}; // recvmmsg has the same struct.
    peers[i] = socket_address{one.peer};
    messages[i].msg_hdr.msg_namelen = peers[i].bytes;
    write_source(messages[i].msg_hdr, one.local);
  }
};

datagram_batch::datagram_batch(lane_counters& counters)
  : counters_{counters}, incoming_{std::make_unique<incoming>()}, outgoing_{std::make_unique<outgoing>()} {}

datagram_batch::~datagram_batch() = default;

datagram_batch::received datagram_batch::receive(int socket) {
  auto& in = *incoming_;
  const int got = ::recvmmsg(socket, in.messages.data(), datagrams_max, MSG_DONTWAIT, nullptr);
  // ECONNREFUSED and its like tell of a datagram sent before: reading it has cleared it, level-triggering comes back.
  if (got <= 0)
    return {};
  const auto count = static_cast<std::size_t>(got);
  std::size_t whole = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto& message = in.messages[i];
    if (message.msg_hdr.msg_flags & MSG_TRUNC)
      counters_.datagrams_truncated.add();
    else
      in.whole[whole++] = {in.peers[i].to_endpoint(), destination_of(message.msg_hdr), in.slots[i].bytes,
                           message.msg_len};
    in.make_ready(i);
  }
  counters_.datagrams_in.add(count);
  return {std::span{in.whole}.first(whole), count == datagrams_max};
}

datagram_batch::sent datagram_batch::send(int socket, std::span<const datagram> batch) {
  sent all;
  for (std::size_t at = 0; at < batch.size(); at += datagrams_max) {
    const auto some = send_some(socket, batch.subspan(at, std::min(datagrams_max, batch.size() - at)));
    all.datagrams += some.datagrams;
    all.bytes += some.bytes;
  }
  counters_.datagrams_out.add(all.datagrams);
  counters_.datagrams_dropped.add(batch.size() - all.datagrams);
  return all;
}

datagram_batch::sent datagram_batch::send_some(int socket, std::span<const datagram> batch) {
  auto& out = *outgoing_;
  for (std::size_t i = 0; i < batch.size(); ++i)
    out.put(i, batch[i]);
  sent all;
  bool is_retry = false;
  for (std::size_t at = 0; at < batch.size();) {
    const int some = ::sendmmsg(socket, &out.messages[at], static_cast<unsigned>(batch.size() - at), 0);
    if (some > 0) {
      const auto count = static_cast<std::size_t>(some);
      for (const auto& one : batch.subspan(at, count))
        all.bytes += one.bytes.size();
      all.datagrams += count;
      at += count;
      is_retry = false;
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      break; // The queue is full for all of them: drop, never spin.
    } else if ((errno == ECONNREFUSED || errno == EINTR) && !is_retry) {
      is_retry = true; // The error of an earlier datagram, reported on this one.
    } else {
      ++at; // This one cannot be sent (EMSGSIZE, EPERM, no route); the next may.
      is_retry = false;
    }
  }
  return all;
}

} // namespace sallyport::io
