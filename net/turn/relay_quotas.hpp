#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/core/siphash.hpp"
#include "net/turn/relay_pool.hpp"
#include "net/turn/relay_ports.hpp"

namespace sallyport::turn {

struct relay_limits {
  std::size_t allocations_max = 20'000;       ///< Of the node.
  std::size_t allocations_per_user_max = 100; ///< Of one identity.
};

/// A `relay_pool` of one thread: the ports, and a count of allocations for each identity that has any.
class relay_quotas final : public relay_pool {
public:
  relay_quotas(relay_ports ports, const relay_limits& limits, const siphash& hash);

  [[nodiscard]] result<relay_lease, relay_refusal> take(std::string_view identity, const port_request& request,
                                                        time_point now, std::uint64_t random) override;
  [[nodiscard]] result<relay_lease, relay_refusal> replace(const relay_lease& unusable, const port_request& request,
                                                           time_point now, std::uint64_t random) override;
  void give_back(std::string_view identity, std::uint16_t port, time_point now) override;
  void put_back(std::string_view identity, const relay_lease& unused, time_point now) override;

  [[nodiscard]] std::size_t allocations() const noexcept { return ports_.in_use(); }
  [[nodiscard]] std::size_t identities() const noexcept { return counts_.size(); }
  [[nodiscard]] const relay_ports& ports() const noexcept { return ports_; }

private:
  /// Counts one less for the identity once `end` has ended its port.
  template <class End>
  void uncount(std::string_view identity, End&& end);
  [[nodiscard]] std::optional<relay_lease> draw(const port_request& request, time_point now, std::uint64_t random);

  relay_ports ports_;
  relay_limits limits_;
  std::unordered_map<std::string, std::size_t, siphash, std::equal_to<>> counts_; // Identities with an allocation.
};

} // namespace sallyport::turn
