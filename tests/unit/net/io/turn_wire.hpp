#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/io/socket.hpp"
#include "tests/support/turn/turn_client.hpp"
#include "tests/support/wire.hpp"

namespace sallyport::test {

/// A UDP socket that the test drives by hand. Never waits.
class udp_wire {
public:
  explicit udp_wire(const endpoint& local = loopback()) : fd_{std::move(*io::open_exclusive(local, SOCK_DGRAM))} {}

  void send(const endpoint& to, std::span<const std::byte> datagram) {
    const io::socket_address address{to};
    EXPECT_EQ(::sendto(fd_.get(), datagram.data(), datagram.size(), 0, address.get(), address.bytes),
              static_cast<ssize_t>(datagram.size()));
  }
  void send(const endpoint& to, std::string_view text) { send(to, std::as_bytes(std::span{text})); }

  struct heard {
    endpoint from;
    bytes datagram;
    [[nodiscard]] std::string text() const { return text_of(datagram); }
    /// Of ChannelData.
    [[nodiscard]] std::string payload() const {
      const auto message = turn::parse_channel_data(datagram);
      EXPECT_TRUE(message);
      return message ? text_of(message->payload) : "";
    }
    /// Of a Data indication (RFC 8656, 11.4): "payload from peer".
    [[nodiscard]] std::string indication() const {
      const auto message = stun::message_view::parse(datagram);
      if (!message || !message->is(stun::method::data, stun::message_class::indication))
        return "no data indication";
      const auto peer =
        stun::read_xor_address(message->find(stun::attribute::xor_peer_address).value(), message->transaction());
      return text_of(message->find(stun::attribute::data).value()) + " from " + peer.value().text();
    }
  };
  std::optional<heard> receive() {
    bytes datagram(4096);
    io::socket_address from;
    const auto got = ::recvfrom(fd_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT, from.get(), &from.bytes);
    if (got < 0)
      return std::nullopt;
    datagram.resize(static_cast<std::size_t>(got));
    return heard{from.to_endpoint(), std::move(datagram)};
  }
  [[nodiscard]] endpoint local() const { return io::local_endpoint(fd_.get()); }
  [[nodiscard]] int fd() const { return fd_.get(); }

private:
  io::unique_fd fd_;
};

/// A TURN client with a socket of its own. What it says, the test has it say.
class turn_wire : public udp_wire {
public:
  static constexpr std::string_view password = "open sesame";

  explicit turn_wire(const endpoint& server, const std::string& name = "ali", const endpoint& place = loopback())
    : udp_wire{place}, client{local().text(), name, password}, server_{server} {}

  using udp_wire::send;
  void send(std::span<const std::byte> datagram) { send(server_, datagram); }
  void send(std::string_view text) { send(server_, text); }

  turn_client client;

private:
  endpoint server_;
};

} // namespace sallyport::test
