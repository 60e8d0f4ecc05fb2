#include "tests/bench/parse_cases.hpp"

namespace sallyport::bench {
namespace {

// So many variants that no branch predictor learns one message by heart, and so few that all stay in the cache.
constexpr unsigned variants = 32;

/// Letters and digits that differ from variant to variant, `least` to `least + 7` of them.
std::string filler(unsigned seed, unsigned least) {
  std::string text;
  for (unsigned i = 0, state = seed * 2654435761U + 12345; i < least + seed % 8;
       ++i, state = state * 1664525U + 1013904223U)
    text += "abcdefghijklmnopqrstuvwxyz0123456789"[(state >> 16) % 36];
  return text;
}

std::string with_body(std::string head, const std::string& body) {
  return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string offer(unsigned seed) {
  const auto port = std::to_string(50000 + seed);
  return "v=0\r\n"
         "o=- 37618" +
         filler(seed, 4) +
         " 1 IN IP4 192.0.2.101\r\n"
         "s=-\r\n"
         "c=IN IP4 192.0.2.101\r\n"
         "t=0 0\r\n"
         "m=audio " +
         port +
         " RTP/AVP 9 0 8 101\r\n"
         "a=ice-ufrag:" +
         filler(seed + 1, 4) +
         "\r\n"
         "a=rtpmap:101 telephone-event/8000\r\n"
         "a=candidate:1 1 UDP 2130706431 192.0.2.101 " +
         port +
         " typ host\r\n"
         "a=candidate:2 1 UDP 1694498815 203.0.113.7 " +
         port + " typ srflx raddr 192.0.2.101 rport " + port +
         "\r\n"
         "a=sendrecv\r\n";
}

std::string invite(unsigned seed) {
  const auto user = filler(seed + 3, 4);
  return with_body("INVITE sip:" + user +
                     "@edge.example;transport=tls SIP/2.0\r\n"
                     "Via: SIP/2.0/TLS proxy1.a.example:5061;branch=z9hG4bK" +
                     filler(seed, 10) +
                     "\r\n"
                     "Via: SIP/2.0/TLS 192.0.2.101:49152;branch=z9hG4bK" +
                     filler(seed + 1, 8) +
                     ";rport=49152;received=203.0.113.7\r\n"
                     "Max-Forwards: 69\r\n"
                     "Record-Route: <sip:" +
                     filler(seed + 2, 12) +
                     "@proxy1.a.example:5061;transport=tls;lr>\r\n"
                     "Route: <sip:edge.example:5061;transport=tls;lr>\r\n"
                     "From: \"Alice Example\" <sip:alice@a.example>;tag=" +
                     filler(seed + 4, 6) +
                     "\r\n"
                     "To: <sip:" +
                     user +
                     "@edge.example>\r\n"
                     "Call-ID: " +
                     filler(seed + 5, 16) +
                     "@192.0.2.101\r\n"
                     "CSeq: " +
                     std::to_string(1 + seed * 37) +
                     " INVITE\r\n"
                     "Contact: <sip:alice@192.0.2.101:49152;transport=tls;ob>\r\n"
                     "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK\r\n"
                     "Supported: replaces, timer, outbound\r\n"
                     "User-Agent: example-phone/4.2\r\n"
                     "Content-Type: application/sdp\r\n",
                   offer(seed));
}

std::string message(unsigned seed) {
  const auto user = filler(seed + 3, 4);
  return with_body("MESSAGE sip:" + user +
                     "@edge.example SIP/2.0\r\n"
                     "Via: SIP/2.0/TLS 192.0.2.101:49152;branch=z9hG4bK" +
                     filler(seed, 8) +
                     "\r\n"
                     "Max-Forwards: 70\r\n"
                     "From: <sip:alice@a.example>;tag=" +
                     filler(seed + 4, 6) +
                     "\r\n"
                     "To: <sip:" +
                     user +
                     "@edge.example>\r\n"
                     "Call-ID: " +
                     filler(seed + 5, 12) +
                     "\r\n"
                     "CSeq: " +
                     std::to_string(1 + seed) +
                     " MESSAGE\r\n"
                     "Content-Type: text/plain\r\n",
                   "Hello, " + filler(seed, 6) + "!");
}

std::vector<std::string> several(std::string (*make)(unsigned)) {
  std::vector<std::string> messages;
  for (unsigned seed = 0; seed < variants; ++seed)
    messages.push_back(make(seed));
  return messages;
}

} // namespace

std::vector<parse_case> parse_cases() {
  return {{"invite_sdp", 8.0, 1.0, several(invite)}, {"message", 4.0, 0.5, several(message)}};
}

} // namespace sallyport::bench
