#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::sip {

/// The methods we treat by name; every other token is `other` and crosses as it is.
enum class method : std::uint8_t {
  invite,
  ack,
  bye,
  cancel,
  options,
  register_,
  message,
  subscribe,
  notify,
  publish,
  refer,
  info,
  prack,
  update,
  service,
  other
};

/// Exact: methods are case-sensitive (RFC 3261, 7.1).
[[nodiscard]] method parse_method(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(method value) noexcept; ///< Empty for `other`.

/// The header fields we treat by name; every other name is `other` and crosses as it is.
enum class header_id : std::uint8_t {
  other,
  via,
  from,
  to,
  call_id,
  cseq,
  contact,
  max_forwards,
  route,
  record_route,
  path,
  require,
  proxy_require,
  supported,
  unsupported,
  content_length,
  content_type,
  expires,
  min_expires,
  authorization,
  proxy_authorization,
  www_authenticate,
  proxy_authenticate,
  authentication_info,
  event,
  subscription_state,
  session_expires,
  min_se,
  retry_after,
  allow,
  allow_events,
  timestamp,
  date,
  p_asserted_identity,
  p_preferred_identity,
  privacy,
  identity,
  identity_info,
  max_breadth,
  user_agent,
  server,
  warning,
  reason,
  refer_to,
  referred_by,
  replaces,
  target_dialog,
  join,
  service_route,
  flow_timer,
  accept,
  content_encoding,
  content_disposition,
  subject,
  reply_to,
  history_info,
  rack,
  rseq,
  sip_etag,
  sip_if_match,
  request_disposition,
  accept_contact,
  reject_contact,
  ms_edge_proxy_message_trust,
  ms_diagnostics,
};
inline constexpr std::size_t header_ids =
  static_cast<std::size_t>(header_id::ms_diagnostics) + 1; ///< How many there are.

/// Long and compact names, in any case (RFC 3261, 7.3.1 and 7.3.3); the name alone, without space or colon.
[[nodiscard]] header_id parse_header_name(std::string_view name) noexcept;
/// The long name as the RFC that defines it spells it; empty for `other`.
[[nodiscard]] std::string_view to_string(header_id id) noexcept;

} // namespace sallyport::sip
