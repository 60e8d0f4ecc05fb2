#include "net/sip/writer.hpp"

#include <array>
#include <utility>

#include "net/sip/headers.hpp"
#include "net/sip/line_text.hpp"

namespace sallyport::sip {
namespace {

void append_line(std::string& out, std::string_view name, std::string_view value) {
  require_one_line(value);
  out.append(name).append(": ").append(value).append("\r\n");
}

/// The first field of that name as it stands, if there is one.
void copy_line(std::string& out, const message_view& from, header_id id) {
  if (const auto* field = from.find(id))
    out.append(from.line(*field));
}

void copy_lines(std::string& out, const message_view& from, header_id id) {
  for (const auto& field : from.headers())
    if (field.id == id)
      out.append(from.line(field));
}

void copy_to(std::string& out, const message_view& request, std::string_view tag) {
  const auto value = request.value(header_id::to);
  if (value.empty())
    return;
  const auto parsed = parse_name_addr(value);
  if (tag.empty() || (parsed && !parsed->tag.empty())) {
    copy_line(out, request, header_id::to);
    return;
  }
  require_one_line(tag);
  out.append("To: ").append(value).append(";tag=").append(tag).append("\r\n");
}

/// CANCEL and ACK: what both take from the request they belong to.
std::string write_companion(const message_view& sent, std::string_view method, const message_view& to_from) {
  std::string out;
  out.reserve(sent.head().size() + 64);
  out.append(method).append(" ").append(sent.request_uri()).append(" SIP/2.0\r\n");
  append_line(out, "Via", first_value(sent, header_id::via).value_or(""));
  copy_lines(out, sent, header_id::route);
  append_line(out, "Max-Forwards", "70");
  copy_line(out, sent, header_id::from);
  copy_line(out, to_from, header_id::to);
  copy_line(out, sent, header_id::call_id);
  const auto number = parse_cseq(sent.value(header_id::cseq));
  append_line(out, "CSeq", std::to_string(number ? number->number : 0).append(" ").append(method));
  append_line(out, "Content-Length", "0");
  return out.append("\r\n");
}

constexpr std::array<std::pair<unsigned, std::string_view>, 71> reasons{{
  {100, "Trying"},
  {180, "Ringing"},
  {181, "Call Is Being Forwarded"},
  {182, "Queued"},
  {183, "Session Progress"},
  {199, "Early Dialog Terminated"},
  {200, "OK"},
  {202, "Accepted"},
  {204, "No Notification"},
  {300, "Multiple Choices"},
  {301, "Moved Permanently"},
  {302, "Moved Temporarily"},
  {305, "Use Proxy"},
  {380, "Alternative Service"},
  {400, "Bad Request"},
  {401, "Unauthorized"},
  {402, "Payment Required"},
  {403, "Forbidden"},
  {404, "Not Found"},
  {405, "Method Not Allowed"},
  {406, "Not Acceptable"},
  {407, "Proxy Authentication Required"},
  {408, "Request Timeout"},
  {410, "Gone"},
  {412, "Conditional Request Failed"},
  {413, "Request Entity Too Large"},
  {414, "Request-URI Too Long"},
  {415, "Unsupported Media Type"},
  {416, "Unsupported URI Scheme"},
  {417, "Unknown Resource-Priority"},
  {420, "Bad Extension"},
  {421, "Extension Required"},
  {422, "Session Interval Too Small"},
  {423, "Interval Too Brief"},
  {424, "Bad Location Information"},
  {428, "Use Identity Header"},
  {429, "Provide Referrer Identity"},
  {430, "Flow Failed"},
  {433, "Anonymity Disallowed"},
  {436, "Bad Identity Info"},
  {437, "Unsupported Credential"},
  {438, "Invalid Identity Header"},
  {439, "First Hop Lacks Outbound Support"},
  {440, "Max-Breadth Exceeded"},
  {469, "Bad Info Package"},
  {470, "Consent Needed"},
  {480, "Temporarily Unavailable"},
  {481, "Call/Transaction Does Not Exist"},
  {482, "Loop Detected"},
  {483, "Too Many Hops"},
  {484, "Address Incomplete"},
  {485, "Ambiguous"},
  {486, "Busy Here"},
  {487, "Request Terminated"},
  {488, "Not Acceptable Here"},
  {489, "Bad Event"},
  {491, "Request Pending"},
  {493, "Undecipherable"},
  {494, "Security Agreement Required"},
  {500, "Server Internal Error"},
  {501, "Not Implemented"},
  {502, "Bad Gateway"},
  {503, "Service Unavailable"},
  {504, "Server Time-out"},
  {505, "Version Not Supported"},
  {513, "Message Too Large"},
  {580, "Precondition Failure"},
  {600, "Busy Everywhere"},
  {603, "Decline"},
  {604, "Does Not Exist Anywhere"},
  {606, "Not Acceptable"},
}};

} // namespace

std::string write_response(const message_view& request, unsigned status, std::string_view reason,
                           std::string_view to_tag, std::span<const header_text> extra) {
  require_one_line(reason);
  std::string out;
  out.reserve(request.head().size() + 128);
  out.append("SIP/2.0 ").append(std::to_string(status)).append(" ");
  out.append(reason.empty() ? default_reason(status) : reason).append("\r\n");
  copy_lines(out, request, header_id::via);
  copy_line(out, request, header_id::from);
  copy_to(out, request, status > 100 ? to_tag : "");
  copy_line(out, request, header_id::call_id);
  copy_line(out, request, header_id::cseq);
  if (status == 100)
    copy_line(out, request, header_id::timestamp);
  for (const auto& [name, value] : extra)
    append_line(out, name, value);
  append_line(out, "Content-Length", "0");
  return out.append("\r\n");
}

std::string write_cancel(const message_view& sent_request) {
  return write_companion(sent_request, "CANCEL", sent_request);
}

std::string write_ack(const message_view& sent_invite, const message_view& response) {
  return write_companion(sent_invite, "ACK", response);
}

std::string_view default_reason(unsigned status) noexcept {
  std::string_view of_class = "Unknown";
  for (const auto& [code, reason] : reasons) {
    if (code == status)
      return reason;
    if (code == status / 100 * 100)
      of_class = reason;
  }
  return of_class;
}

} // namespace sallyport::sip
