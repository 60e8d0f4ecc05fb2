#include "net/io/interfaces.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

namespace sallyport::io {
namespace {

std::optional<ip_address> address_of(const sockaddr* address) {
  if (!address)
    return std::nullopt;
  if (address->sa_family == AF_INET)
    return ip_address::v4(ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr));
  if (address->sa_family != AF_INET6)
    return std::nullopt;
  std::array<std::uint8_t, 16> bytes;
  std::ranges::copy(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr, bytes.begin());
  return ip_address{bytes};
}

} // namespace

std::vector<ip_address> interface_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0)
    throw std::system_error{errno, std::generic_category(), "the addresses of this host cannot be read"};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner{list, &::freeifaddrs};
  std::vector<ip_address> addresses;
  for (const auto* entry = list; entry; entry = entry->ifa_next)
    if (const auto address = address_of(entry->ifa_addr))
      addresses.push_back(*address);
  return addresses;
}

} // namespace sallyport::io
