#include "tests/bench/parse_cases.hpp"

namespace sallyport::bench {
namespace {

// So many variants that no branch predictor learns one message by heart, and so few that all stay in the cache.
constexpr unsigned variants = 32;

// A run of # becomes as many letters and digits, or up to seven more: another text in every variant.
constexpr std::string_view invite_head =
  "INVITE sip:bob##@edge.example;transport=tls SIP/2.0\r\n"
  "Via: SIP/2.0/TLS proxy1.a.example:5061;branch=z9hG4bK##########\r\n"
  "Via: SIP/2.0/TLS 192.0.2.101:49152;branch=z9hG4bK########;rport=49152;received=203.0.113.7\r\n"
  "Max-Forwards: 69\r\n"
  "Record-Route: <sip:############@proxy1.a.example:5061;transport=tls;lr>\r\n"
  "Route: <sip:edge.example:5061;transport=tls;lr>\r\n"
  "From: \"Alice Example\" <sip:alice##@a.example>;tag=######\r\n"
  "To: <sip:bob####@edge.example>\r\n"
  "Call-ID: ################@192.0.2.101\r\n"
  "CSeq: 4711 INVITE\r\n"
  "Contact: <sip:alice##@192.0.2.101:49152;transport=tls;ob>\r\n"
  "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK\r\n"
  "Supported: replaces, timer, outbound\r\n"
  "User-Agent: example-phone/4.2\r\n"
  "Content-Type: application/sdp\r\n";

constexpr std::string_view offer =
  "v=0\r\n"
  "o=- 3761844102 1 IN IP4 192.0.2.101\r\n"
  "s=-\r\n"
  "c=IN IP4 192.0.2.101\r\n"
  "t=0 0\r\n"
  "m=audio 50002 RTP/AVP 9 0 8 101\r\n"
  "a=ice-ufrag:####\r\n"
  "a=rtpmap:101 telephone-event/8000\r\n"
  "a=candidate:#### 1 UDP 2130706431 192.0.2.101 50002 typ host\r\n"
  "a=candidate:#### 1 UDP 1694498815 203.0.113.7 50002 typ srflx raddr 192.0.2.101 rport 50002\r\n"
  "a=sendrecv\r\n";

constexpr std::string_view message_head = "MESSAGE sip:bob##@edge.example SIP/2.0\r\n"
                                          "Via: SIP/2.0/TLS 192.0.2.101:49152;branch=z9hG4bK########\r\n"
                                          "Max-Forwards: 70\r\n"
                                          "From: <sip:alice##@a.example>;tag=######\r\n"
                                          "To: <sip:bob####@edge.example>\r\n"
                                          "Call-ID: ############\r\n"
                                          "CSeq: 17 MESSAGE\r\n"
                                          "Content-Type: text/plain\r\n";

constexpr std::string_view greeting = "Hello, ######!";

std::string filler(unsigned seed, std::size_t least) {
  std::string text;
  unsigned state = seed * 2654435761U + 12345;
  for (std::size_t left = least + seed % 8; left > 0; --left) {
    text += "abcdefghijklmnopqrstuvwxyz0123456789"[(state >> 16) % 36];
    state = state * 1664525U + 1013904223U;
  }
  return text;
}

std::string vary(std::string_view pattern, unsigned seed) {
  std::string text;
  for (auto mark = pattern.find('#'); mark != std::string_view::npos; mark = pattern.find('#')) {
    const auto end = std::min(pattern.find_first_not_of('#', mark), pattern.size());
    text.append(pattern.substr(0, mark)).append(filler(seed++, end - mark));
    pattern.remove_prefix(end);
  }
  return text.append(pattern);
}

std::vector<std::string> several(std::string_view head, std::string_view body_pattern) {
  std::vector<std::string> messages;
  for (unsigned seed = 0; seed < variants; ++seed) {
    const auto body = vary(body_pattern, seed + 100);
    messages.push_back(vary(head, seed) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  return messages;
}

} // namespace

std::vector<parse_case> parse_cases() {
  return {{"invite_sdp", 8.0, 1.0, several(invite_head, offer)},
          {"message", 4.0, 0.5, several(message_head, greeting)}};
}

} // namespace sallyport::bench
