#include "net/sdp/line_cursor.hpp"
#include "net/sdp/word_cursor.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/message_view.hpp"
#include "tests/bench/checksum.hpp"
#include "tests/bench/parse_contenders.hpp"

namespace sallyport::bench {
namespace {

using namespace sip;

void add_uri(checksum& sum, std::string_view text) {
  const auto uri = parse_uri(text);
  if (!uri)
    return;
  sum.add(uri->scheme);
  sum.add(uri->user);
  sum.add(uri->host);
  sum.add(std::uint64_t{uri->port.value_or(0)});
}

/// From, To, Contact, Route, Record-Route. Routes are asked for `lr`, the others for their tag.
void add_name_addr(checksum& sum, std::string_view value, bool is_route = false) {
  const auto named = parse_name_addr(value);
  if (!named)
    return;
  sum.add(named->display);
  sum.add(named->tag);
  const auto uri = parse_uri(named->uri);
  if (!uri)
    return;
  sum.add(uri->scheme);
  sum.add(uri->user);
  sum.add(uri->host);
  sum.add(std::uint64_t{uri->port.value_or(0)});
  sum.add(std::uint64_t{is_route && uri->param("lr")});
}

void add_via(checksum& sum, std::string_view value) {
  const auto via = parse_via(value);
  if (!via)
    return;
  sum.add(via->transport);
  sum.add(via->host);
  sum.add(std::uint64_t{via->port.value_or(0)});
  sum.add(via->branch);
  sum.add(via->received);
}

void add_sdp(checksum& sum, std::string_view body) {
  constexpr std::string_view candidate = "candidate:";
  for (sdp::line_cursor lines{body}; const auto line = lines.next();) {
    if (line->type == 'm' || line->type == 'c')
      for (sdp::word_cursor words{line->value}; const auto word = words.next();)
        sum.add(*word);
    else if (line->type == 'a' && line->value.starts_with(candidate))
      sum.add(line->value.substr(candidate.size()));
  }
}

} // namespace

std::uint64_t read_with_ours(const std::string& message) {
  static message_view view; // As on a lane: one object, parsed into again and again.
  if (view.parse(message))
    return 0;
  checksum sum;
  sum.add(view.method_name());
  add_uri(sum, view.request_uri());
  for (value_cursor hops{view, header_id::via}; const auto hop = hops.next();)
    add_via(sum, *hop);
  for (const auto id : {header_id::route, header_id::record_route})
    for (value_cursor hops{view, id}; const auto hop = hops.next();)
      add_name_addr(sum, *hop, true);
  for (value_cursor contacts{view, header_id::contact}; const auto contact = contacts.next();)
    add_name_addr(sum, *contact);
  add_name_addr(sum, view.value(header_id::from));
  add_name_addr(sum, view.value(header_id::to));
  sum.add(view.value(header_id::call_id));
  if (const auto cseq = parse_cseq(view.value(header_id::cseq))) {
    sum.add(std::uint64_t{cseq->number});
    sum.add(cseq->name);
  }
  sum.add(std::uint64_t{parse_max_forwards(view.value(header_id::max_forwards)).value_or(0)});
  if (view.value(header_id::content_type) == "application/sdp")
    add_sdp(sum, view.body());
  return sum.value();
}

} // namespace sallyport::bench
