#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::test {

/// A request as text: right in every way unless the test changes a part of it.
struct request_text {
  std::string method = "MESSAGE";
  std::string uri = "sip:bob@edge.example";
  std::string branch = "z9hG4bK-1";
  std::string from = "<sip:alice@edge.example>;tag=a1";
  std::string to = "<sip:bob@edge.example>";
  std::string call_id = "call-1";
  std::string cseq = "1";
  std::vector<std::string> more = {}; ///< Header lines, without CRLF.
  std::string body = {};

  [[nodiscard]] std::string text() const {
    std::string out = method + ' ' + uri + " SIP/2.0\r\n";
    out += "Via: SIP/2.0/TCP client.example;branch=" + branch + ";rport\r\n";
    out += "Max-Forwards: 70\r\nFrom: " + from + "\r\nTo: " + to + "\r\nCall-ID: " + call_id + "\r\n";
    out += "CSeq: " + cseq + ' ' + method + "\r\n";
    for (const auto& line : more)
      out += line + "\r\n";
    return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
};

/// `user` of edge.example registers: whoever answers it with a 2xx proves them.
inline request_text registration_of(const std::string& user) {
  const auto address = "<sip:" + user + "@edge.example>";
  return {.method = "REGISTER",
          .uri = "sip:edge.example",
          .branch = "z9hG4bK-r" + user,
          .from = address + ";tag=r",
          .to = address,
          .call_id = "register-" + user,
          .more = {"Contact: <sip:" + user + "@client.example>", "Authorization: Digest x=y"}};
}

/// Every value of a header in a message, top to bottom.
inline std::vector<std::string> headers_of(std::string_view message, std::string_view name) {
  std::vector<std::string> found;
  const auto head = message.substr(0, message.find("\r\n\r\n") + 2);
  const auto begin = std::string{"\r\n"}.append(name).append(": ");
  for (auto at = head.find(begin); at != std::string_view::npos; at = head.find(begin, at + 1)) {
    const auto value = at + begin.size();
    found.emplace_back(head.substr(value, head.find("\r\n", value) - value));
  }
  return found;
}

inline std::string header_of(std::string_view message, std::string_view name) {
  const auto found = headers_of(message, name);
  return found.empty() ? std::string{} : found.front();
}

inline std::string start_line_of(std::string_view message) {
  return std::string{message.substr(0, message.find("\r\n"))};
}

/// What a server answers to `request`: its Via, From, To, Call-ID and CSeq copied, `to_tag` where To has none.
inline std::string answer_to(std::string_view request, std::string_view status_and_reason,
                             const std::vector<std::string>& more = {}, std::string_view to_tag = "b1") {
  std::string out = std::string{"SIP/2.0 "}.append(status_and_reason).append("\r\n");
  for (const auto& value : headers_of(request, "Via"))
    out += "Via: " + value + "\r\n";
  for (const auto& value : headers_of(request, "Record-Route"))
    out += "Record-Route: " + value + "\r\n";
  auto to = header_of(request, "To");
  if (to.find(";tag=") == std::string::npos && !to_tag.empty())
    to.append(";tag=").append(to_tag);
  out += "From: " + header_of(request, "From") + "\r\nTo: " + to + "\r\nCall-ID: " + header_of(request, "Call-ID") +
         "\r\nCSeq: " + header_of(request, "CSeq") + "\r\n";
  // A registrar lists what is registered (RFC 3261, 10.3 step 8), unless the test has it say something else.
  if (request.starts_with("REGISTER ") && status_and_reason.starts_with("2") && more.empty())
    for (const auto& value : headers_of(request, "Contact"))
      out += "Contact: " + value + ";expires=3600\r\n";
  for (const auto& line : more)
    out += line + "\r\n";
  return out + "Content-Length: 0\r\n\r\n";
}

} // namespace sallyport::test
