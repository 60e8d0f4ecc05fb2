#pragma once
#include <algorithm>
#include <optional>
#include <vector>

#include "net/io/next_hop_link.hpp"

namespace sallyport::io {

/// One lane's connections to the inside servers, each at its server's place in the configuration. There are few: they
/// are searched from the first to the last.
class next_hop_table {
public:
  next_hop_table(std::size_t hops, const next_hop_link::limits& of_each) : links_(hops, next_hop_link{of_each}) {}

  /// Null when none is configured at that place.
  [[nodiscard]] next_hop_link* find(sip::next_hop hop) noexcept {
    return hop.index < links_.size() ? &links_[hop.index] : nullptr;
  }
  /// To whom that connection goes, standing or being made; nothing for one that others opened.
  [[nodiscard]] std::optional<sip::next_hop> hop_of(sip::flow_id flow) const noexcept {
    const auto at = std::ranges::find(links_, std::optional{flow}, &next_hop_link::flow);
    if (at == links_.end())
      return std::nullopt;
    return sip::next_hop{static_cast<std::uint16_t>(at - links_.begin())};
  }
  /// That stand or are being made.
  [[nodiscard]] std::size_t connections() const noexcept {
    const auto is_there = [](const next_hop_link& link) { return link.flow().has_value(); };
    return static_cast<std::size_t>(std::ranges::count_if(links_, is_there));
  }

private:
  std::vector<next_hop_link> links_;
};

} // namespace sallyport::io
