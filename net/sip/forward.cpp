#include "net/sip/forward.hpp"

#include "net/sip/headers.hpp"
#include "net/sip/local_response.hpp"
#include "net/sip/rewrite.hpp"
#include "net/sip/value_cursor.hpp"
#include "net/sip/writer.hpp"

namespace sallyport::sip {
namespace {

constexpr unsigned max_forwards_default = 70; // RFC 3261, 16.6 step 3.
constexpr unsigned max_breadth_default = 60;  // RFC 5393, 5.3.3.

std::string_view via_name(transport over) noexcept {
  return over == transport::tls ? "TLS" : over == transport::tcp ? "TCP" : "UDP";
}

std::string_view uri_name(transport over) noexcept {
  return over == transport::tls ? "tls" : over == transport::tcp ? "tcp" : "udp";
}

std::string route_uri(const side_identity& by, std::string_view token, std::string_view more = {}) {
  std::string out{"<sip:"};
  out.append(token).append("@").append(by.advertised.text());
  out.append(";transport=").append(uri_name(by.over)).append(";lr").append(more).append(">");
  return out;
}

/// What stays of the Route, top to bottom.
std::vector<std::string_view> remaining_routes(const message_view& request, const route_facts& facts) {
  std::vector<std::string_view> routes;
  for (value_cursor values{request, header_id::route}; const auto value = values.next();)
    routes.push_back(*value);
  if (facts.is_strict)
    routes.pop_back();
  routes.erase(routes.begin(), routes.begin() + facts.popped);
  return routes;
}

void append_line_of(std::string& out, std::string_view value) {
  out.append(out.empty() ? "" : ", ");
  for (const char character : value) // A fold is white space.
    out += character == '\r' || character == '\n' ? ' ' : character;
}

/// 16.4 and 16.6 step 6. The plain case cuts our own values; a strict router on either side changes the whole set.
void edit_routes(rewrite& edit, const message_view& request, const route_facts& facts) {
  if (!facts.is_strict && !facts.is_next_strict) {
    for (unsigned i = 0; i < facts.popped; ++i)
      edit.remove_first_value(header_id::route);
    return;
  }
  auto routes = remaining_routes(request, facts);
  std::string request_uri{facts.is_strict ? facts.request_uri.in(request) : request.request_uri()};
  std::string last;
  if (facts.is_next_strict) {
    last = '<' + request_uri + '>';
    request_uri = std::string{parse_name_addr(routes.front())->uri};
    routes.erase(routes.begin());
    routes.push_back(last);
  }
  std::string line;
  for (const auto route : routes)
    append_line_of(line, route);
  edit.request_uri(request_uri);
  edit.remove_all(header_id::route);
  if (!line.empty())
    edit.prepend(header_id::route, line);
}

void edit_hops(rewrite& edit, const message_view& request) {
  if (const auto* field = request.find(header_id::max_forwards)) {
    const auto hops = parse_max_forwards(request.value(*field)).value_or(max_forwards_default + 1);
    edit.replace(static_cast<std::size_t>(field - request.headers().data()), std::to_string(hops == 0 ? 0 : hops - 1));
  } else {
    edit.append(header_id::max_forwards, std::to_string(max_forwards_default));
  }
  if (request.find(header_id::max_breadth) == nullptr)
    edit.append(header_id::max_breadth, std::to_string(max_breadth_default));
}

void edit_via(rewrite& edit, const message_view& request, const side_identity& by, const arrival& from,
              std::string_view branch) {
  if (const auto top = first_value(request, header_id::via))
    if (const auto stamped = stamp_via(*top, from.source); !stamped.empty())
      edit.replace_first_value(header_id::via, stamped);
  std::string ours{"SIP/2.0/"};
  ours.append(via_name(by.over)).append(" ").append(by.sent_by.text()).append(";branch=").append(branch);
  if (by.over == transport::udp)
    ours.append(";rport");
  edit.insert_before_first(header_id::via, ours);
}

/// RFC 3325, 6, and what only our own side may say.
void drop_claims(rewrite& edit, side from) {
  if (from != side::outside)
    return;
  for (const auto id :
       {header_id::p_asserted_identity, header_id::p_preferred_identity, header_id::ms_edge_proxy_message_trust})
    edit.remove_all(id);
}

} // namespace

bool is_dialog_forming(method kind) noexcept {
  return kind == method::invite || kind == method::subscribe || kind == method::refer || kind == method::notify;
}

std::string forward_request(const message_view& request, const edge_identity& identity, const arrival& from,
                            const route_facts& routes, const forward_plan& plan) {
  rewrite edit{request};
  edit_routes(edit, request, routes);
  edit_hops(edit, request);
  drop_claims(edit, from.from);
  if (!plan.record_token.empty()) { // RFC 5658, 4: the later one, on top, faces where the request goes.
    edit.insert_before_first(header_id::record_route, route_uri(identity.of(from.from), plan.record_token));
    edit.insert_before_first(header_id::record_route, route_uri(identity.of(plan.toward), plan.record_token));
  }
  if (!plan.path_token.empty()) // RFC 5626, 5.1: `ob` says that we keep the client's flow.
    edit.insert_before_first(header_id::path, route_uri(identity.of(plan.toward), plan.path_token, ";ob"));
  edit_via(edit, request, identity.of(plan.toward), from, plan.branch);
  edit.ensure_content_length();
  return edit.finish();
}

forwarded_response forward_response(const message_view& response, side from) {
  rewrite edit{response};
  edit.remove_first_value(header_id::via);
  drop_claims(edit, from);
  const auto status = response.status();
  if (status == 503) { // 16.7 step 6: upstream it would mean that we are the one that is unavailable.
    edit.start_line("SIP/2.0 500 " + std::string{default_reason(500)});
    edit.remove_all(header_id::retry_after);
  }
  edit.ensure_content_length();
  return {status == 503 ? 500 : status, edit.finish()};
}

} // namespace sallyport::sip
