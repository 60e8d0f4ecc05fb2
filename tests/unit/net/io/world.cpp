#include "tests/unit/net/io/world.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

namespace sallyport::io::test {

void recorder::on_open(stream& opened) {
  ++opens;
  if (when_open)
    when_open(opened);
}

void recorder::on_bytes(stream& read, std::span<const std::byte> bytes) {
  received += text_of(bytes);
  if (when_bytes)
    when_bytes(read, bytes);
}

void recorder::on_closed(stream&, close_reason reason) {
  EXPECT_FALSE(closed) << "closed twice";
  closed = reason;
  connection.reset();
}

void recording_acceptor::on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) {
  auto& user = users.emplace_back();
  user.received = text_of(first_bytes);
  user.opens = connection->is_open() ? 1 : 0;
  user.when_open = when_open;
  user.when_bytes = when_bytes;
  connection->set_user(user);
  user.connection = std::move(connection);
}

const certificates& certificates::shared() {
  static const certificates one;
  return one;
}

world::world() = default;

world::~world() {
  clients_.clear();
  acceptor_.users.clear();
  spin();
  EXPECT_EQ(lane_.counters().live.read(), 0u);
  EXPECT_EQ(lane_.timers(), 0u);
}

void world::spin() {
  sallyport::test::spin(lane_);
}

void world::pass(milliseconds span) {
  now_ += span;
  spin();
}

void world::listen(listener_options options) {
  if (options.local == endpoint{})
    options.local = loopback();
  auto opened = listener::open(lane_, options, gate_, acceptor_);
  ASSERT_TRUE(opened) << opened.error().text();
  listener_ = std::move(*opened);
}

void world::listen_tls(tls::server_options options, listener_options socket) {
  slot_.swap(std::make_shared<const tls::server_context>(std::move(options)));
  socket.tls = &slot_;
  listen(socket);
}

tls::client_options world::trusting() {
  return {.peers = certificates::shared().ca.as_trust()};
}

recorder& world::connect_with(connect_request request) {
  auto& user = clients_.emplace_back();
  if (request.remote == endpoint{})
    request.remote = listener_->local();
  user.connection = connect(lane_, request, user);
  return user;
}

recorder& world::connect_tls(const tls::client_options& options, std::string server_name) {
  connect_request request;
  request.tls = std::make_shared<const tls::client_context>(options);
  request.server_name = std::move(server_name);
  return connect_with(std::move(request));
}

world::both_ends world::open_both(recorder& client) {
  EXPECT_TRUE(
    until([&] { return client.opens == 1 && !acceptor_.users.empty() && acceptor_.users.back().opens == 1; }));
  return {client, acceptor_.users.back()};
}

raw_peer::raw_peer(const endpoint& remote) {
  fd_ = unique_fd{::socket(remote.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const socket_address to{remote};
  EXPECT_EQ(::connect(fd_.get(), to.get(), to.bytes), 0);
}

void raw_peer::send(std::string_view text) {
  EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

std::optional<std::string> raw_peer::receive() {
  std::array<char, 65536> buffer;
  const auto got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN))
    return std::nullopt;
  return std::string{buffer.data(), got < 0 ? 0U : static_cast<std::size_t>(got)};
}

void raw_peer::reset_connection() {
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  fd_.reset();
}

} // namespace sallyport::io::test
