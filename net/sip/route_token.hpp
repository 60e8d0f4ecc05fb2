#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/core/key_ring.hpp"
#include "net/core/lane_ref.hpp"
#include "net/core/result.hpp"

namespace sallyport::sip {

/// What the user part of our Path and Record-Route URIs says.
struct route_token {
  enum class kind : std::uint8_t {
    path = 1,  ///< A registration: how requests reach a client's flow (RFC 3327, RFC 5626).
    dialog = 2 ///< A dialog: its flow and its session; good only with its Call-ID.
  };
  kind type = kind::path;
  lane_ref flow;                 ///< The outside party's connection.
  lane_ref session;              ///< Only for `dialog`.
  std::uint32_t incarnation = 0; ///< Of the node when it wrote the token: a restarted node has none of its flows.

  friend bool operator==(const route_token&, const route_token&) = default;
};

enum class token_error : std::uint8_t {
  not_ours, ///< Not the form of a token at all.
  unknown_version,
  unknown_key,  ///< Signed with a key that is not (any more) live.
  forged,       ///< The authentication code does not match: altered, or bound to another Call-ID.
  former_path,  ///< A registration's, genuine, but written before this node started: its flow is gone.
  former_dialog ///< The same of a dialog, whose session is gone too; it still names its way inward.
};
[[nodiscard]] std::string_view to_string(token_error error) noexcept;

/// Writes and verifies tokens. While there are two keys the current one signs and both verify.
/// Safe to use from several threads at once.
class token_keys {
public:
  explicit token_keys(const live_keys& keys);

  /// At most 64 characters, all of them fit for the user part of a URI. `call_id` is bound in for `dialog` only.
  [[nodiscard]] std::string sign(const route_token& token, std::string_view call_id) const;

  /// `incarnation` is the node's own; a token of another node is not judged by it (`node` tells).
  [[nodiscard]] result<route_token, token_error> verify(std::string_view text, std::string_view call_id,
                                                        std::uint16_t node, std::uint32_t incarnation) const;

  static constexpr std::size_t code_bytes = 10;

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
