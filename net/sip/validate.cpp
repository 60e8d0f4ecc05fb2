#include "net/sip/validate.hpp"

#include <algorithm>

#include "net/core/address.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/loop.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {
namespace {

using verdict = std::optional<refusal>;

refusal refuse(unsigned status, std::string_view reason) {
  return {.status = status, .reason = reason, .header_name = {}, .header_value = {}};
}

refusal refuse(unsigned status, std::string_view reason, header_id name, std::string value) {
  return {.status = status, .reason = reason, .header_name = to_string(name), .header_value = std::move(value)};
}

constexpr header_id mandatory[] = {header_id::via, header_id::from, header_id::to, header_id::call_id, header_id::cseq};
/// What we act on and what may stand once (RFC 3261, 7.3.1).
constexpr header_id singles[] = {header_id::from,       header_id::to,           header_id::call_id,
                                 header_id::cseq,       header_id::max_forwards, header_id::content_type,
                                 header_id::max_breadth};

/// Fills in a From or To; false if it does not parse.
bool read_party(const message_view& request, header_id id, party& into) {
  const auto read = parse_name_addr(request.value(id));
  const auto target = read ? parse_uri(read->uri) : result<uri, parse_error>{fail(parse_error::bad_uri)};
  if (!target)
    return false;
  into = {.user = {request, target->user}, .host = {request, target->host}, .tag = {request, read->tag}};
  return true;
}

bool is_good_party(std::string_view value) {
  const auto read = parse_name_addr(value);
  return read && parse_uri(read->uri);
}

bool are_good_values(const message_view& message, header_id id, bool (*is_good)(std::string_view)) {
  for (value_cursor values{message, id}; const auto value = values.next();)
    if (!is_good(*value))
      return false;
  return true;
}

// RFC 3261, 16.3 step 1. Only what we use has to be well-formed: "any other components, well-formed or not, SHOULD be
// ignored and remain unchanged when the message is forwarded".
verdict check_syntax(const message_view& request, const uri* target, const validation_rules& rules,
                     request_facts& read) {
  for (const auto id : mandatory)
    if (request.value(id).empty())
      return refuse(400, "Missing Header Field");
  for (const auto id : singles)
    if (request.count(id) > 1)
      return refuse(400, "Duplicate Header Field");
  if (!are_good_values(request, header_id::via, [](std::string_view value) { return parse_via(value).has_value(); }))
    return refuse(400, "Bad Via");
  if (!read_party(request, header_id::from, read.from) || !read_party(request, header_id::to, read.to))
    return refuse(400, "Bad From or To");
  auto routes = read_routes(request, target, *rules.identity, *rules.tokens);
  if (!routes)
    return refuse(400, "Bad Route");
  read.routes = std::move(*routes);
  const auto sequence = parse_cseq(request.value(header_id::cseq));
  if (!sequence)
    return refuse(400, "Bad CSeq");
  if (sequence->name != request.method_name()) // RFC 4475, 3.1.2.18: which of the two is new is not ours to know.
    return request.method() == method::other ? refuse(501, "Not Implemented") : refuse(400, "CSeq Method Mismatch");
  return std::nullopt;
}

// Step 2. Schemes that the inside may route by are understood; escaped headers may not stand in a Request-URI
// (RFC 3261, 19.1.1, table 1).
verdict check_request_uri(const uri* target) {
  const auto is_scheme = [&](std::string_view name) {
    return std::ranges::equal(target->scheme, name, {}, [](char c) { return static_cast<char>(c | 0x20); });
  };
  if (!target)
    return refuse(400, "Bad Request-URI");
  if (!target->is_sip() && !is_scheme("tel") && !is_scheme("urn"))
    return refuse(416, "Unsupported URI Scheme");
  if (target->is_sip() && !target->headers.empty())
    return refuse(400, "Headers in Request-URI");
  return std::nullopt;
}

// Step 3, and RFC 5393, 5.3.3 for a proxy that forwards to one target.
verdict check_hops(const message_view& request) {
  if (request.find(header_id::max_forwards) != nullptr) {
    const auto hops = parse_max_forwards(request.value(header_id::max_forwards));
    if (!hops)
      return refuse(400, "Bad Max-Forwards");
    if (*hops == 0)
      return refuse(483, "Too Many Hops");
  }
  if (request.find(header_id::max_breadth) != nullptr) {
    const auto breadth = parse_number(request.value(header_id::max_breadth));
    if (!breadth)
      return refuse(400, "Bad Max-Breadth");
    if (*breadth == 0)
      return refuse(440, "Max-Breadth Exceeded");
  }
  return std::nullopt;
}

// Step 5. We have no extension that a Proxy-Require could ask for. RFC 3261, 8.2.2.3: not of a CANCEL or an ACK.
verdict check_extensions(const message_view& request) {
  if (request.method() == method::cancel || request.method() == method::ack)
    return std::nullopt;
  std::string unsupported;
  for (value_cursor options{request, header_id::proxy_require}; const auto option = options.next();) {
    if (option->find_first_of("\r\n") != std::string_view::npos)
      return refuse(400, "Bad Proxy-Require");
    unsupported.append(unsupported.empty() ? "" : ", ").append(*option);
  }
  if (unsupported.empty())
    return std::nullopt;
  return refuse(420, "Bad Extension", header_id::unsupported, std::move(unsupported));
}

bool supports_timer(const message_view& request) {
  return !are_good_values(request, header_id::supported, [](std::string_view option) { return option != "timer"; });
}

// RFC 4028, 8.1: only a request whose sender understands 422 may get it.
verdict check_session_timer(const message_view& request, unsigned seconds_min) {
  const bool is_refresh = request.method() == method::invite || request.method() == method::update;
  if (!is_refresh || request.find(header_id::session_expires) == nullptr || !supports_timer(request))
    return std::nullopt;
  const auto interval = parse_delta_seconds(request.value(header_id::session_expires));
  if (!interval || *interval >= seconds_min)
    return std::nullopt;
  return refuse(422, "Session Interval Too Small", header_id::min_se, std::to_string(seconds_min));
}

bool is_group_address(std::string_view host) {
  const auto address = ip_address::parse(host);
  if (!address)
    return false;
  const auto& bytes = address->bytes();
  return address->is_v4() ? bytes[12] >= 224 : bytes[0] == 0xff; // Multicast, reserved, and the broadcast address.
}

} // namespace

result<request_facts, refusal> read_request(const message_view& request, const validation_rules& rules) {
  request_facts read;
  const auto target = parse_uri(request.request_uri());
  const auto* const target_uri = target ? &*target : nullptr;
  if (auto found = check_syntax(request, target_uri, rules, read))
    return fail(std::move(*found));
  if (auto found = check_request_uri(target_uri))
    return fail(std::move(*found));
  if (auto found = check_hops(request))
    return fail(std::move(*found));
  if (is_looped(request, read.from.tag.in(request), read.to.tag.in(request), *rules.identity, *rules.loop_key))
    return fail(refuse(482, "Loop Detected")); // Step 4.
  if (auto found = check_extensions(request))
    return fail(std::move(*found));
  if (auto found = check_session_timer(request, rules.session_expires_min))
    return fail(std::move(*found));
  const auto repaired = read.routes.is_strict ? parse_uri(read.routes.request_uri.in(request)) : target;
  if (repaired)
    read.target_host = text_place{request, repaired->host};
  return read;
}

trace_id trace_of(const message_view& message, const siphash& key) {
  const auto call_id = message.value(header_id::call_id);
  return call_id.empty() ? trace_id{0} : key(call_id);
}

refusal refuse_unparsed(parse_error error) noexcept {
  switch (error) {
  case parse_error::unsupported_version:
    return refuse(505, "Version Not Supported");
  case parse_error::head_too_long:
  case parse_error::too_many_headers:
  case parse_error::body_too_long:
    return refuse(513, "Message Too Large");
  default:
    return refuse(400, "Bad Request");
  }
}

std::string_view to_string(response_fault fault) noexcept {
  switch (fault) {
  case response_fault::missing_header:
    return "missing_header";
  case response_fault::duplicate_header:
    return "duplicate_header";
  case response_fault::bad_header:
    return "bad_header";
  case response_fault::not_our_via:
    return "not_our_via";
  case response_fault::no_client_via:
    return "no_client_via";
  case response_fault::bad_client_via:
    return "bad_client_via";
  }
  return "";
}

std::optional<response_fault> validate_response(const message_view& response, const edge_identity& identity) {
  for (const auto id : mandatory)
    if (response.value(id).empty())
      return response_fault::missing_header;
  for (const auto id : singles)
    if (response.count(id) > 1)
      return response_fault::duplicate_header;
  const auto sequence = parse_cseq(response.value(header_id::cseq));
  if (!sequence || !is_good_party(response.value(header_id::from)) || !is_good_party(response.value(header_id::to)))
    return response_fault::bad_header;

  value_cursor hops{response, header_id::via};
  const auto top = hops.next();
  const auto ours = top ? parse_via(*top) : result<via, parse_error>{fail(parse_error::bad_via)};
  if (!ours)
    return response_fault::bad_header;
  if (!identity.is_our_sent_by(ours->host, ours->port.value_or(0)))
    return response_fault::not_our_via;
  if (sequence->method == method::cancel) // Our CANCELs start here, so their answers end here.
    return std::nullopt;
  const auto below = hops.next();
  if (!below)
    return response_fault::no_client_via;
  const auto client = parse_via(*below);
  if (!client)
    return response_fault::bad_header;
  if (is_group_address(client->host) || is_group_address(client->received) || is_group_address(client->maddr))
    return response_fault::bad_client_via;
  return std::nullopt;
}

} // namespace sallyport::sip
