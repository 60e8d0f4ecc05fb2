// Any bytes as one SIP message. Properties: nothing reads outside (the sanitizers watch; the input is an exact heap
// copy); an accepted message is tiled by its lines; a rewrite without edits is the identity, and one with edits can be
// parsed again; every typed header parser takes every value.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "net/sip/headers.hpp"
#include "net/sip/message.hpp"
#include "net/sip/rewrite.hpp"
#include "net/sip/writer.hpp"

namespace {

using namespace sallyport::sip;

void require(bool holds) {
  if (!holds)
    std::abort();
}

bool is_within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_tiles(const message_view& message) {
  std::size_t at = message.start_line().size() + 2;
  for (const auto& field : message.headers()) {
    require(field.line_begin == at);
    require(field.value_begin >= field.line_begin + field.name_bytes && field.value_end >= field.value_begin);
    require(field.value_end <= field.line_end);
    require(message.line(field).ends_with("\r\n"));
    require(parse_header_name(message.name(field)) == field.id);
    at = field.line_end;
  }
  require(message.bytes().substr(at, 2) == "\r\n");
  require(message.head().size() == at + 2);
  require(message.head().size() + message.body().size() == message.bytes().size());
}

void read_every_way(std::string_view value) {
  if (const auto via = parse_via(value)) {
    require(is_within(via->branch, value) && is_within(via->host, value) && is_within(via->params, value));
    require(!via->host.empty() && !via->transport.empty());
  }
  if (const auto named = parse_name_addr(value)) {
    require(is_within(named->uri, value) && is_within(named->tag, value) && is_within(named->display, value));
    (void)param(named->params, "tag");
    (void)parse_uri(named->uri);
  }
  if (const auto uri = parse_uri(value)) {
    require(is_within(uri->host, value) && is_within(uri->user, value) && is_within(uri->headers, value));
    (void)uri->param("lr");
    (void)unescape(uri->user);
  }
  if (const auto cseq = parse_cseq(value))
    require(cseq->number < (1U << 31) && !cseq->name.empty());
  (void)parse_number(value);
  (void)parse_max_forwards(value);
  (void)parse_content_length(value);
  (void)parse_delta_seconds(value);
  (void)parse_token_params(value);
  std::size_t bytes = 0;
  for (list_cursor values{value}; const auto one = values.next();) {
    require(is_within(*one, value));
    bytes += one->size();
  }
  require(bytes <= value.size());
}

void check_rewrites(const message_view& message, const message_limits& roomy) {
  require(rewrite{message}.finish() == message.bytes());
  rewrite edit{message};
  edit.prepend(header_id::via, "SIP/2.0/TLS edge.example;branch=z9hG4bK1").append("X-Added", "1");
  edit.insert_before_first(header_id::route, "<sip:edge.example;lr>").ensure_content_length();
  edit.remove_first_value(header_id::via);
  edit.replace_first_value(header_id::contact, "<sip:new@edge.example>");
  edit.remove_first_value(header_id::record_route);
  const auto text = edit.finish();
  message_view again;
  require(!again.parse(text, roomy) && again.bytes() == text && again.body() == message.body());
  require(first_value(again, header_id::via).has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto exact = std::make_unique<char[]>(size);
  std::copy_n(reinterpret_cast<const char*>(data), size, exact.get());
  const std::string_view bytes{exact.get(), size};

  message_view message;
  const auto error = message.parse(bytes);
  for (const auto& field : message.headers()) {
    require(is_within(message.line(field), bytes));
    read_every_way(message.value(field));
  }
  (void)parse_uri(message.request_uri());
  if (message.is_request()) {
    (void)write_response(message, 400, "", "t");
    (void)write_cancel(message);
  }
  if (error)
    return 0;
  check_tiles(message);
  // Larger limits for what we have added to.
  check_rewrites(message, {.head_bytes_max = 32 * 1024, .headers_max = 140, .body_bytes_max = 48 * 1024});
  const sallyport::sip::message owned{message};
  require(owned->bytes() == message.bytes() && owned->headers().size() == message.headers().size());
  return 0;
}
