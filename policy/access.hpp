#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "net/core/side.hpp"
#include "net/sip/names.hpp"

namespace sallyport::policy {

/// What the administrator decided about who may cross; immutable, replaced as a whole by a reload.
struct access_rules {
  std::unordered_set<std::string> domains; ///< Ours: A-labels in lower case.
  bool remote_enabled = true;              ///< Our own users may come from outside.

  [[nodiscard]] bool owns(std::string_view domain) const { return domains.contains(std::string{domain}); }
};

/// What the routing tokens in a request's Route header say of it (net/sip/route_token.hpp).
enum class token_state : std::uint8_t {
  none,         ///< No Route of ours.
  invalid,      ///< Forged, of another Call-ID, or under a key no longer live.
  path,         ///< Names a flow: the registrar was given it as the way to that client.
  dialog,       ///< Names a flow and a session: this request belongs to a dialog that we record-routed.
  former_path,  ///< As `path`, but of an earlier life of this node: its flow is gone.
  former_dialog ///< As `dialog`, likewise: what is left of it is the way inward.
};

/// One request as the rules see it. Addresses-of-record are `user@host` with the host in lower case.
struct access_request {
  side from = side::outside;
  sip::method method = sip::method::other;
  token_state token = token_state::none;
  bool is_to_us = false;           ///< The Request-URI names this edge and no user.
  bool is_in_dialog = false;       ///< Its To has a tag (RFC 3261, 12.2).
  bool has_foreign_route = false;  ///< A Route value of somebody else follows ours.
  std::string_view flow_identity;  ///< The address-of-record that this flow has proved; empty before that.
  std::string_view from_aor;       ///< Of From.
  std::string_view to_domain;      ///< Of To, in lower case.
  std::string_view request_domain; ///< Of the Request-URI, in lower case.
};

enum class access_verdict : std::uint8_t {
  to_next_hop,          ///< Inward, to the server that authenticates and routes.
  to_flow,              ///< Outward, on the flow that the token names.
  answer_options,       ///< An OPTIONS for the edge itself: 200 here.
  forged_token,         ///< 403: a Route of ours that we did not write (RFC 5626, 5.3).
  remote_disabled,      ///< 403
  foreign_registration, ///< 403: a REGISTER for a domain that is not ours.
  foreign_route,        ///< 403: a REGISTER that wants to go on to a server of its own choice.
  not_registered,       ///< 403: this flow has proved nobody yet.
  wrong_identity,       ///< 403: the flow is bound to another address-of-record.
  no_route_outward,     ///< 404: from inside, without a token that names a client.
  flow_gone             ///< 430: from inside, and the flow that its token names is gone (RFC 5626, 5.3.1).
};

[[nodiscard]] std::string_view to_string(access_verdict verdict) noexcept;

/// The SIP status of a refusal; 0 for the verdicts that let the request pass, 200 for `answer_options`.
[[nodiscard]] unsigned status_of(access_verdict verdict) noexcept;

/// Decides who may cross and which way. From outside only remote users exist so far: before the next hop has
/// authenticated one (a 2xx to a REGISTER with credentials), only REGISTER and requests of a dialog pass.
[[nodiscard]] access_verdict judge_access(const access_rules& rules, const access_request& request);

} // namespace sallyport::policy
