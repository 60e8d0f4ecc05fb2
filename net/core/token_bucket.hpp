#pragma once
#include <algorithm>
#include <cstdint>

#include "net/core/time.hpp"

namespace sallyport {

/// What a token bucket lets pass: `per_second` in the long run, `burst` at once. Zero in either lets nothing pass. What
/// a token stands for is its owner's: a message, a connection, a byte.
struct token_rate {
  std::uint32_t per_second = 0;
  std::uint32_t burst = 0;
};

/// A token bucket kept as the one moment at which it will be full again (the generic cell rate algorithm, ITU-T I.371):
/// eight bytes a source. Pure: time arrives as `now`.
class token_bucket {
public:
  /// Takes as many tokens if they are all there, else none.
  [[nodiscard]] bool take(time_point now, const token_rate& rate, std::uint32_t tokens = 1) noexcept {
    if (!has_token(now, rate, tokens))
      return false;
    full_at_ = std::max(full_at_, now) + interval(rate) * tokens;
    return true;
  }

  [[nodiscard]] bool has_token(time_point now, const token_rate& rate, std::uint32_t tokens = 1) const noexcept {
    return rate.per_second != 0 && rate.burst >= tokens && rate.burst != 0 &&
           full_at_ <= now + interval(rate) * (rate.burst - tokens);
  }

  /// A full bucket remembers nothing: forgetting it changes no later answer.
  [[nodiscard]] bool is_full(time_point now) const noexcept { return full_at_ <= now; }

private:
  static time_point::duration interval(const token_rate& rate) noexcept {
    return time_point::duration{seconds{1}} / rate.per_second;
  }

  time_point full_at_ = time_point::min();
};

} // namespace sallyport
