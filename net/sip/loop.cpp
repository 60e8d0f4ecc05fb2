#include "net/sip/loop.hpp"

#include "net/core/base64url.hpp"
#include "net/sip/edge_identity.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {
namespace {

/// The digits alone: ACK and CANCEL have them in common with their INVITE.
std::string_view number_of(std::string_view cseq_value) noexcept {
  return cseq_value.substr(0, cseq_value.find_first_of(" \t\r\n"));
}

} // namespace

loop_hash hash_for_loops(const message_view& request, std::string_view from_tag, std::string_view to_tag,
                         const keyed_hash& key) {
  std::vector<std::string_view> parts{
    request.request_uri(),
    from_tag,
    to_tag,
    request.value(header_id::call_id),
    number_of(request.value(header_id::cseq)),
  };
  for (const auto id : {header_id::route, header_id::proxy_require, header_id::proxy_authorization}) {
    parts.push_back(to_string(id)); // So that a value counts as what it is, whichever header is absent.
    for (value_cursor values{request, id}; const auto value = values.next();)
      parts.push_back(*value);
  }
  const auto digest = key.digest(parts);

  loop_hash out;
  const auto text = base64url(std::span{digest}.first<6>());
  text.copy(out.data(), out.size());
  return out;
}

bool is_looped(const message_view& request, std::string_view from_tag, std::string_view to_tag,
               const edge_identity& identity, const keyed_hash& key) {
  std::optional<loop_hash> now;
  for (value_cursor values{request, header_id::via}; const auto value = values.next();) {
    const auto hop = parse_via(*value);
    if (!hop || !identity.is_our_sent_by(hop->host, hop->port.value_or(0)))
      continue;
    const auto name = parse_branch(hop->branch);
    if (!name)
      continue;
    if (!now)
      now = hash_for_loops(request, from_tag, to_tag, key);
    if (name->loop == *now)
      return true;
  }
  return false;
}

} // namespace sallyport::sip
