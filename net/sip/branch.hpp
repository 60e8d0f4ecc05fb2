#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "net/core/lane_ref.hpp"

namespace sallyport::sip {

/// Six bytes in base64url: what a request looked like when we forwarded it (see loop.hpp).
using loop_hash = std::array<char, 8>;

/// The branch of our Via: "z9hG4bK", base64url of (session, number, 8 random bytes), ".", loop hash (RFC 3261, 8.1.1.7
/// and 16.6 step 8). Whoever reads it back knows whose inbox the response belongs into. It is no proof of anything: the
/// transaction is matched by the whole text, which nobody guesses.
struct branch_name {
  static constexpr std::size_t chars = 7 + 31 + 1 + 8;

  lane_ref session;
  std::uint32_t number = 0;
  loop_hash loop{};
};

/// `random` is 64 fresh random bits.
[[nodiscard]] std::string write_branch(const lane_ref& session, std::uint32_t number, std::uint64_t random,
                                       const loop_hash& loop);

/// Nothing if the branch has not the form of ours.
[[nodiscard]] std::optional<branch_name> parse_branch(std::string_view branch) noexcept;

} // namespace sallyport::sip
