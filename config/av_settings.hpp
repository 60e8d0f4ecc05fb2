#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/secret_source.hpp"
#include "net/core/address.hpp"

/// The section `av`: the relay for media (TURN, RFC 8656).
namespace sallyport::config {

inline constexpr std::size_t realm_characters_max = 127; ///< RFC 8489, 14.9.

/// Both ends are in it.
struct port_range {
  std::uint16_t first = 0;
  std::uint16_t last = 0;

  [[nodiscard]] constexpr bool contains(std::uint16_t port) const noexcept { return first <= port && port <= last; }
  friend bool operator==(const port_range&, const port_range&) = default;
};

/// Where users of one side ask for relays, over UDP.
struct av_listen_settings {
  std::vector<endpoint> listen;
  friend bool operator==(const av_listen_settings&, const av_listen_settings&) = default;
};

struct av_peer_settings {
  std::vector<ip_prefix> allow; ///< Of private addresses, those that may be peers. Public ones need no rule.
  friend bool operator==(const av_peer_settings&, const av_peer_settings&) = default;
};

struct av_settings {
  av_listen_settings outside;
  av_listen_settings inside;              ///< Empty: users inside have no listener of their own.
  std::string realm;                      ///< The loader makes it the pool's name when the file has none.
  port_range relay_ports{49'152, 65'535}; ///< UDP, on `outside.address` (RFC 8656, 7.2: the dynamic ports).
  av_peer_settings peers;
  std::filesystem::path users;        ///< Empty: there are no users of a file.
  std::vector<secret_source> secrets; ///< Up to two; the text is the key that a web application signs with.
  friend bool operator==(const av_settings&, const av_settings&) = default;
};

} // namespace sallyport::config
