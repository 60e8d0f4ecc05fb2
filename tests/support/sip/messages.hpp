#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/sip/arrival.hpp"
#include "net/sip/message.hpp"
#include "net/sip/writer.hpp"

namespace sallyport::sip {

/// A request to be written, with what most tests want already in place.
struct request_text {
  std::string method = "INVITE";
  std::string uri = "sip:bob@example.com";
  std::string via = "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bKclient1";
  std::string from = "<sip:alice@example.com>;tag=alice";
  std::string to = "<sip:bob@example.com>";
  std::string call_id = "call-1";
  unsigned cseq = 1;
  std::string max_forwards = "70";
  std::string extra{}; ///< Whole header lines.
  std::string body{};

  [[nodiscard]] std::string text() const {
    return method + ' ' + uri + " SIP/2.0\r\nVia: " + via + "\r\nFrom: " + from + "\r\nTo: " + to +
           "\r\nCall-ID: " + call_id + "\r\nCSeq: " + std::to_string(cseq) + ' ' + method + "\r\n" +
           (max_forwards.empty() ? "" : "Max-Forwards: " + max_forwards + "\r\n") + extra +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
};

inline message parsed(std::string_view text) {
  auto read = message::parse(text);
  if (!read)
    throw std::invalid_argument{"a test's message does not parse: " + std::string{to_string(read.error())}};
  return std::move(*read);
}

/// The answer that the receiver of `request` sends.
inline std::string response_text(std::string_view request, unsigned status, std::string_view to_tag = "bob",
                                 std::span<const header_text> extra = {}) {
  return write_response(*parsed(request), status, "", to_tag, extra);
}

/// The same with one header added: "Session-Expires: 90".
inline std::string response_text(std::string_view request, unsigned status, std::string_view to_tag,
                                 const header_text& extra) {
  return response_text(request, status, to_tag, std::span{&extra, 1});
}

inline const arrival outside_client{{1, 0, 10, 1}, side::outside, transport::tls, *endpoint::parse("192.0.2.10:5061")};
inline const arrival inside_server{{1, 0, 20, 1}, side::inside, transport::tls, *endpoint::parse("10.0.0.5:5061")};

} // namespace sallyport::sip
