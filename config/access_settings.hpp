#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "net/core/address.hpp"
#include "net/core/side.hpp"

/// The section `access`: all SIP.
namespace sallyport::config {

/// PEM files.
struct certificate_files {
  std::filesystem::path certificate; ///< Leaf first, then its chain.
  std::filesystem::path key;
  friend bool operator==(const certificate_files&, const certificate_files&) = default;
};

/// Where users come from: TLS only. Several certificates are told apart by SNI, the first answers when none matches.
struct access_outside_settings {
  std::vector<endpoint> listen;
  std::vector<certificate_files> certificates;
  friend bool operator==(const access_outside_settings&, const access_outside_settings&) = default;
};

/// Where the organisation's own servers connect, and what we show when we connect to them (mutual TLS).
struct access_inside_settings {
  endpoint listen;
  sallyport::transport transport = sallyport::transport::tls;
  certificate_files identity;   ///< Empty when neither this listener nor the next hop uses TLS.
  std::filesystem::path ca;     ///< PEM bundle that vouches for servers of the inside; empty as above.
  std::vector<ip_prefix> peers; ///< Who may connect; the loader makes it the next hop alone when the file has none.
  friend bool operator==(const access_inside_settings&, const access_inside_settings&) = default;
};

struct next_hop_settings {
  endpoint address;
  sallyport::transport transport = sallyport::transport::tls;
  std::string tls_name; ///< The name its certificate must carry; empty without TLS.
  friend bool operator==(const next_hop_settings&, const next_hop_settings&) = default;
};

struct remote_settings {
  bool enabled = true; ///< Whether our own users may come from outside at all.
  friend bool operator==(const remote_settings&, const remote_settings&) = default;
};

struct access_settings {
  access_outside_settings outside;
  access_inside_settings inside;
  next_hop_settings next_hop;
  remote_settings remote;
  friend bool operator==(const access_settings&, const access_settings&) = default;
};

} // namespace sallyport::config
