#pragma once
#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::bench {

/// An IPv4 address and port; "127.0.0.2:443".
struct endpoint {
  std::uint32_t address = 0; ///< In host order, so that one can count on from it.
  std::uint16_t port = 0;

  [[nodiscard]] sockaddr_in socket_address() const;
  [[nodiscard]] std::string address_text() const;
  [[nodiscard]] std::string text() const { return address_text() + ":" + std::to_string(port); }
};

/// Throws std::invalid_argument for what is none. Without a port it is 0.
endpoint parse_endpoint(std::string_view text);

/// The address that a socket has.
endpoint local_endpoint(int descriptor);

/// Non-blocking TCP sockets; -1 where the system refuses.
int connect_to(const endpoint& remote, const endpoint& source);
int listen_at(const endpoint& local);

} // namespace sallyport::bench
