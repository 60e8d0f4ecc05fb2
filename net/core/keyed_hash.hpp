#pragma once
#include <array>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "net/core/secret.hpp"

struct evp_mac_ctx_st;

namespace sallyport {

/// HMAC-SHA256 under one key. The key schedule is made once and duplicated for each use, so `digest` may be called from
/// several threads at once.
class keyed_hash {
public:
  using digest_bytes = std::array<std::uint8_t, 32>;

  explicit keyed_hash(const secret_key& key);

  /// Hash of the parts, each with its length before it, so that ("ab","c") and ("a","bc") differ. Truncate at will.
  [[nodiscard]] digest_bytes digest(std::initializer_list<std::string_view> parts) const;
  [[nodiscard]] digest_bytes digest(std::span<const std::string_view> parts) const;

private:
  struct context_free {
    void operator()(evp_mac_ctx_st* context) const noexcept;
  };
  using context_ptr = std::unique_ptr<evp_mac_ctx_st, context_free>;

  context_ptr prepared_;
};

} // namespace sallyport
