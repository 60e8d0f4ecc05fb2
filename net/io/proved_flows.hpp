#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/sip/arrival.hpp"

namespace sallyport::io {

/// One lane's flows by the address-of-record that each has proved, the first to do so first.
class proved_flows {
public:
  explicit proved_flows(std::size_t flows_per_user_max) : flows_per_user_max_{flows_per_user_max} {}

  /// The flow that has to go because its user has one too many now: the oldest, which is not kept here any more.
  [[nodiscard]] std::optional<sip::flow_id> add(const std::string& user, sip::flow_id flow) {
    auto& flows = by_user_[user];
    flows.push_back(flow);
    if (flows.size() <= flows_per_user_max_)
      return std::nullopt;
    const auto oldest = flows.front();
    flows.erase(flows.begin());
    return oldest;
  }
  /// One that is not kept is ignored.
  void remove(const std::string& user, sip::flow_id flow) {
    const auto found = by_user_.find(user);
    if (found == by_user_.end())
      return;
    std::erase(found->second, flow);
    if (found->second.empty())
      by_user_.erase(found);
  }

  [[nodiscard]] std::size_t users() const noexcept { return by_user_.size(); }

private:
  std::size_t flows_per_user_max_;
  std::unordered_map<std::string, std::vector<sip::flow_id>> by_user_;
};

} // namespace sallyport::io
