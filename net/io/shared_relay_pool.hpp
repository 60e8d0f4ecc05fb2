#pragma once
#include <mutex>
#include <utility>

#include "net/turn/relay_quotas.hpp"

namespace sallyport::io {

/// One set of relay ports and quotas before all lanes of a node, so that a limit means what it says whichever lane a
/// client comes to. The lock is taken when an allocation begins or ends: never for its packets.
class shared_relay_pool final : public turn::relay_pool {
public:
  explicit shared_relay_pool(turn::relay_quotas quotas) : quotas_{std::move(quotas)} {}

  [[nodiscard]] result<turn::relay_lease, turn::relay_refusal>
  take(std::string_view identity, const turn::port_request& request, time_point now, std::uint64_t random) override {
    const std::lock_guard guard{mutex_};
    return quotas_.take(identity, request, now, random);
  }
  [[nodiscard]] result<turn::relay_lease, turn::relay_refusal> replace(const turn::relay_lease& unusable,
                                                                       const turn::port_request& request,
                                                                       time_point now, std::uint64_t random) override {
    const std::lock_guard guard{mutex_};
    return quotas_.replace(unusable, request, now, random);
  }
  void give_back(std::string_view identity, std::uint16_t port, time_point now) override {
    const std::lock_guard guard{mutex_};
    quotas_.give_back(identity, port, now);
  }
  void put_back(std::string_view identity, const turn::relay_lease& unused, time_point now) override {
    const std::lock_guard guard{mutex_};
    quotas_.put_back(identity, unused, now);
  }

  [[nodiscard]] std::size_t allocations() const {
    const std::lock_guard guard{mutex_};
    return quotas_.allocations();
  }

private:
  mutable std::mutex mutex_;
  turn::relay_quotas quotas_;
};

} // namespace sallyport::io
