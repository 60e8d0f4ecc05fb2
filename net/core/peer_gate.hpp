#pragma once
#include <algorithm>
#include <vector>

#include "net/core/gates.hpp"

namespace sallyport {

/// Lets only known peers connect: the inside listener's gate. They are servers of ours, so nothing about them is
/// counted.
class peer_gate final : public admission {
public:
  explicit peer_gate(std::vector<ip_prefix> peers) : peers_{std::move(peers)} {}

  [[nodiscard]] verdict admit(const ip_address& source, time_point) override {
    const bool is_known = std::ranges::any_of(peers_, [&](const auto& peer) { return peer.contains(source); });
    return is_known ? verdict::admitted : verdict::unknown_peer;
  }
  void proved(const ip_address&) override {}
  [[nodiscard]] bool unproved(const ip_address&) override { return true; }
  void released(const ip_address&) override {}
  [[nodiscard]] bool hold(const ip_address&, std::size_t, std::size_t) override { return true; }

private:
  std::vector<ip_prefix> peers_;
};

} // namespace sallyport
