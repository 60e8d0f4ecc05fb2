#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/core/key_ring.hpp"
#include "net/core/result.hpp"
#include "net/sip/arrival.hpp"

namespace sallyport::sip {

/// What the user part of our Path and Record-Route URIs says. Node numbers in it are the pool's to hand out.
struct route_token {
  enum class kind : std::uint8_t {
    path = 1,  ///< A registration: how requests reach a client's flow (RFC 3327, RFC 5626).
    dialog = 2 ///< A dialog: its flow and its session; good only with its Call-ID.
  };
  kind type = kind::path;
  flow_key flow;          ///< The outside party's connection.
  binding_id binding = 0; ///< Whose connection that was: whom to look for once it is gone. 0: not known.
  session_key session;    ///< Only for `dialog`: where it began, whichever node has its flow.

  friend bool operator==(const route_token&, const route_token&) = default;
};

enum class token_error : std::uint8_t {
  not_ours,     ///< Not the form of a token at all.
  unknown_form, ///< Of a version or a kind that only a newer build knows, under a live key.
  unknown_key,  ///< Signed with a key that is not (any more) live.
  forged        ///< The authentication code does not match: altered, or bound to another Call-ID.
};

/// Writes and verifies tokens. While there are two keys the current one signs and both verify.
/// Safe to use from several threads at once.
class token_keys {
public:
  explicit token_keys(const live_keys& keys);

  /// 47 characters for a path and 67 for a dialog, all of them fit for the user part of a URI. `call_id` is bound in
  /// for `dialog` only.
  [[nodiscard]] std::string sign(const route_token& token, std::string_view call_id) const;

  /// The token, if it is genuine. What it names may be gone all the same: that is asked of its keys.
  [[nodiscard]] result<route_token, token_error> verify(std::string_view text, std::string_view call_id) const;

  static constexpr std::size_t code_bytes = 10;
  static constexpr std::size_t text_max = 96; ///< Characters in any version to come: what is longer is no token.

private:
  struct named_hash {
    std::uint8_t id;
    keyed_hash hash;
  };
  [[nodiscard]] static named_hash hash_of(const named_key& key);
  [[nodiscard]] const named_hash* find(std::uint8_t id) const noexcept;

  named_hash current_;
  std::optional<named_hash> former_;
};

} // namespace sallyport::sip
