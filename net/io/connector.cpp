#include "net/io/connector.hpp"

#include <netinet/in.h>

#include <cerrno>

#include "net/io/socket.hpp"

namespace sallyport::io {
namespace {

close_reason reason_of(const socket_error& error) {
  switch (error.code) {
  case EMFILE:
  case ENFILE:
  case ENOBUFS:
  case ENOMEM:
    return close_reason::local_resources;
  case ECONNREFUSED:
    return close_reason::connect_refused;
  default:
    return close_reason::connect_failed;
  }
}

result<unique_fd, socket_error> begin_connect(const connect_request& request) {
  auto fd = open_socket(request.remote.address, SOCK_STREAM);
  if (!fd)
    return fd;
  if (request.local) {
    // The port is chosen with the remote address in view: ports run out per destination, not altogether.
    set_option(fd->get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    const socket_address from{endpoint{*request.local, 0}};
    if (::bind(fd->get(), from.get(), from.bytes) != 0)
      return fail(socket_error{"bind", errno});
  }
  tune_stream(fd->get());
  const socket_address to{request.remote};
  if (::connect(fd->get(), to.get(), to.bytes) != 0 && errno != EINPROGRESS)
    return fail(socket_error{"connect", errno});
  return fd;
}

} // namespace

stream_ptr connect(lane& home, const connect_request& request, stream_user& user) {
  stream::origin made_of;
  made_of.peer = request.remote;
  made_of.connect_deadline = home.now() + request.timeout;
  auto fd = begin_connect(request);
  if (!fd) {
    made_of.failure = reason_of(fd.error());
  } else if (request.tls) {
    made_of.tls = request.tls->make_connection(fd->get(), request.server_name);
    made_of.keep_alive = request.tls;
    made_of.expected_name = request.server_name;
    if (!made_of.tls)
      made_of.failure = close_reason::local_resources;
  }
  if (fd)
    made_of.fd = fd->release();
  stream_ptr connection{new stream{home, request.streams, std::move(made_of)}};
  connection->set_user(user);
  connection->start();
  return connection;
}

} // namespace sallyport::io
