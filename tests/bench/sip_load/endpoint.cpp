#include "tests/bench/sip_load/endpoint.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace sallyport::bench {
namespace {

int stream_socket() {
  return ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

bool bind_to(int descriptor, const endpoint& local) {
  const auto address = local.socket_address();
  return ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

int closed(int descriptor) {
  ::close(descriptor);
  return -1;
}

} // namespace

sockaddr_in endpoint::socket_address() const {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(port);
  made.sin_addr.s_addr = htonl(address);
  return made;
}

std::string endpoint::address_text() const {
  std::array<char, INET_ADDRSTRLEN> text{};
  const in_addr network{.s_addr = htonl(address)};
  ::inet_ntop(AF_INET, &network, text.data(), text.size());
  return text.data();
}

endpoint parse_endpoint(std::string_view text) {
  const auto colon = text.find(':');
  in_addr network{};
  if (::inet_pton(AF_INET, std::string{text.substr(0, colon)}.c_str(), &network) != 1)
    throw std::invalid_argument{"no address: " + std::string{text}};
  const auto port = colon == text.npos ? 0 : std::stoul(std::string{text.substr(colon + 1)});
  return {ntohl(network.s_addr), static_cast<std::uint16_t>(port)};
}

endpoint local_endpoint(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return {ntohl(address.sin_addr.s_addr), ntohs(address.sin_port)};
}

int connect_to(const endpoint& remote, const endpoint& source) {
  const int descriptor = stream_socket();
  if (descriptor < 0)
    return -1;
  const int on = 1;
  // The port is chosen at connect, so thousands of connections from one address are no trouble.
  ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto address = remote.socket_address();
  if (source.address != 0 && !bind_to(descriptor, source))
    return closed(descriptor);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS)
    return closed(descriptor);
  return descriptor;
}

int listen_at(const endpoint& local) {
  const int descriptor = stream_socket();
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return bind_to(descriptor, local) && ::listen(descriptor, 512) == 0 ? descriptor : closed(descriptor);
}

} // namespace sallyport::bench
