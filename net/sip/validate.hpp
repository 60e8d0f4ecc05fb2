#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/core/keyed_hash.hpp"
#include "net/core/siphash.hpp"
#include "net/sip/edge_identity.hpp"
#include "net/sip/request_facts.hpp"

namespace sallyport::sip {

/// Why a request goes no further, and the answer it gets. An ACK gets none: its refusal means drop.
struct refusal {
  unsigned status = 400;
  std::string_view reason;      ///< A literal: the reason phrase, and the key of the counter.
  std::string_view header_name; ///< Of the one header that the answer carries besides; empty: none.
  std::string header_value;
};

struct validation_rules {
  const edge_identity* identity = nullptr;
  const token_keys* tokens = nullptr;
  const keyed_hash* loop_key = nullptr; ///< The one that forwarded requests are marked with.
  unsigned session_expires_min = 90;    ///< Seconds (RFC 4028, 5).
};

/// RFC 3261, 16.3, of a request that parsed: what a stateful proxy refuses. What only an endpoint judges passes: media
/// types, methods, extensions in Require, dates, credentials.
/// What was read on the way is the result, all but the trace id.
[[nodiscard]] result<request_facts, refusal> read_request(const message_view& request, const validation_rules& rules);

[[nodiscard]] trace_id trace_of(const message_view& message, const siphash& key);

/// The answer to a request that did not even parse (its Via may still be readable).
[[nodiscard]] refusal refuse_unparsed(parse_error error) noexcept;

/// Why a response is dropped; nothing if it may be forwarded.
enum class response_fault : std::uint8_t {
  missing_header,   ///< Via, From, To, Call-ID or CSeq.
  duplicate_header, ///< Two of one that may stand once.
  bad_header,       ///< One of those does not parse.
  not_our_via,      ///< The top Via is not ours (RFC 3261, 18.1.2).
  no_client_via,    ///< Nothing below it: it answers nothing that we forwarded (a CANCEL is our own).
  bad_client_via    ///< The Via below ours leads to a broadcast or multicast address (RFC 4475, 3.3.5).
};
[[nodiscard]] std::string_view to_string(response_fault fault) noexcept;

[[nodiscard]] std::optional<response_fault> validate_response(const message_view& response,
                                                              const edge_identity& identity);

} // namespace sallyport::sip
