#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/sip/forward.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/rewrite.hpp"
#include "net/sip/validate.hpp"
#include "net/sip/value_cursor.hpp"
#include "tests/support/sip/edge_world.hpp"
#include "tests/support/sip/rfc4475.hpp"

// What a stateful proxy does with each torture message of RFC 4475: forward it, refuse it with a code, or drop it; and
// the sentence of an RFC that says so, where it is long in short. What only an endpoint judges (415, 406, 405, a bad
// Date or Contact) is forwarded: RFC 3261, 16.3 step 1, "any other components, well-formed or not, SHOULD be ignored
// and remain unchanged".
namespace sallyport::sip {
namespace {

struct torture_case {
  const char* name;
  const char* section;
  const char* verdict; ///< "forward", a status code, or "drop".
  const char* sentence;
};

constexpr const char* ignored =
  "RFC 3261, 16.3: Any other components, well-formed or not, SHOULD be ignored and remain "
  "unchanged when the message is forwarded.";

constexpr torture_case table[]{
  {"wsinv", "3.1.1.1", "forward",
   "A valid message: folds, compact forms and unknown header fields are no reason to refuse it."},
  {"intmeth", "3.1.1.2", "forward",
   "This message exercises a wide range of characters in several key syntactic elements."},
  {"esc01", "3.1.1.3", "forward", "A parser must accept this as a well-formed message."},
  {"escnull", "3.1.1.4", "forward", "A valid message: an escaped NUL in a user part is legal."},
  {"esc02", "3.1.1.5", "forward",
   "The application must not try to interpret % as an escape character in those places "
   "where % HEX HEX is not a valid part of the construction: the method is not REGISTER."},
  {"lwsdisp", "3.1.1.6", "forward", "This OPTIONS request is not malformed: there need be no LWS before the <."},
  {"longreq", "3.1.1.7", "forward",
   "This well-formed request contains header fields with many values and values that are "
   "very long."},
  {"dblreq", "3.1.1.8", "forward",
   "If the element is a proxy choosing to forward the REGISTER, the INVITE octets would "
   "not appear in the forwarded request."},
  {"semiuri", "3.1.1.9", "forward", "Receiving elements will accept this as a well-formed message."},
  {"transports", "3.1.1.10", "forward",
   "This request contains Via header field values with all known transport types "
   "and exercises the transport extension mechanism."},
  {"mpart01", "3.1.1.11", "forward",
   "Parsers must accept this message as well formed, even if the application above the "
   "parser does not support multipart/signed."},
  {"unreason", "3.1.1.12", "forward", "This 200 response contains a reason phrase other than \"OK\"."},
  {"noreason", "3.1.1.13", "forward",
   "This well-formed response contains no reason phrase. A parser must accept this "
   "message."},
  {"badinv01", "3.1.2.1", "400", "An element receiving this request should respond with a 400 Bad Request error."},
  {"clerr", "3.1.2.2", "400",
   "When sent over UDP (as this message ostensibly was), the receiving element should respond "
   "with a 400 Bad Request error."},
  {"ncl", "3.1.2.3", "400", "An element receiving this message should respond with an error."},
  {"scalar02", "3.1.2.4", "400",
   "An element receiving this request should respond with a 400 Bad Request due to the CSeq "
   "error."},
  {"scalarlg", "3.1.2.5", "drop", "An element receiving this response will simply discard it."},
  {"quotbal", "3.1.2.6", "400", "An element receiving this request should return a 400 Bad Request error."},
  {"ltgtruri", "3.1.2.7", "400", "It is reasonable always to reject a request with this error with a 400 Bad Request."},
  {"lwsruri", "3.1.2.8", "400", "An element receiving this INVITE should respond with a 400 Bad Request."},
  {"lwsstart", "3.1.2.9", "400", "It is acceptable to reject this request as malformed."},
  {"trws", "3.1.2.10", "400", "It is acceptable to reject this request as malformed."},
  {"escruri", "3.1.2.11", "400", "It is acceptable for an element to reject this request with a 400 Bad Request."},
  {"baddate", "3.1.2.12", "forward",
   "An element wishing to be liberal in what it accepts could ignore this value "
   "altogether if it wasn't going to use the Date header field anyway."},
  {"regbadct", "3.1.2.13", "forward", ignored},
  {"badaspec", "3.1.2.14", "400", "It is reasonable to reject this request with a 400 Bad Request response."},
  {"baddn", "3.1.2.15", "400", "It is reasonable always to reject this kind of error with a 400 Bad Request response."},
  {"badvers", "3.1.2.16", "505", "The element should respond to the request with a 505 Version Not Supported error."},
  {"mismatch01", "3.1.2.17", "400", "Any element receiving this request will respond with a 400 Bad Request."},
  {"mismatch02", "3.1.2.18", "501",
   "A 400 Bad Request is also acceptable, but choosing a 501 (particularly at proxies) "
   "has better future-proof characteristics."},
  {"bigcode", "3.1.2.19", "drop", "An element receiving this response should simply drop it."},
  {"badbranch", "3.2.1", "forward",
   "An element receiving this request could reject the request with a 400 Response ..., "
   "or it could fall back to the RFC 2543-style transaction identifier."},
  {"insuf", "3.3.1", "400", "Ideally, it will respond with a 400 Bad Request error."},
  {"unkscm", "3.3.2", "416",
   "An element receiving this request will reject it with a 416 Unsupported URI Scheme "
   "response."},
  {"novelsc", "3.3.3", "416",
   "If an element will never accept this scheme as meaningful in a Request-URI, it is "
   "appropriate to treat it as unknown and return a 416 Unsupported URI Scheme response."},
  {"unksm2", "3.3.4", "forward", "Proxies should treat this message as they would any other request for this URI."},
  {"bext01", "3.3.5", "420",
   "An element would reject it with a 420 Bad Extension ... containing an Unsupported header "
   "field listing these features from either the Require or Proxy-Require header field, "
   "depending on the role in which the element is responding."},
  {"invut", "3.3.6", "forward", "An endpoint receiving this request would reject it with a 415: a proxy is none."},
  {"regaut01", "3.3.7", "forward",
   "A registrar that does not care about authentication ... will ignore it; a proxy has "
   "no credentials to judge here."},
  {"multi01", "3.3.8", "400", "An element receiving this request would respond with a 400 Bad Request error."},
  {"mcl01", "3.3.9", "400", "An element receiving this message should respond with an error."},
  {"bcast", "3.3.10", "drop", "To protect against this as an avenue of attack, proxies should drop such responses."},
  {"zeromf", "3.3.11", "483", "A proxy should not forward the request and should respond 483 (Too Many Hops)."},
  {"cparam01", "3.3.12", "forward", ignored},
  {"cparam02", "3.3.13", "forward", ignored},
  {"regescrt", "3.3.14", "forward",
   "The register should succeed, and a subsequent retrieval of the registration must "
   "include the escaped Route header in the contact URI for this binding."},
  {"sdp01", "3.3.15", "forward",
   "The recipient of this request could respond with a 406 Not Acceptable: a proxy is none."},
  {"inv2543", "3.4.1", "forward",
   "This is a legal message per RFC 2543 that should be accepted by RFC 3261 elements that "
   "want to maintain backwards compatibility."},
};

result<request_facts, refusal> read_on_arrival(const message_view& request) {
  const auto here = test_facts();
  return read_request(request,
                      {.identity = here.identity.get(), .tokens = here.tokens.get(), .loop_key = here.loop_key.get()});
}

/// A node between the world and an inside server, whose Via is `sent_by`.
class torture_proxy {
public:
  std::string judge(const std::string& bytes) {
    message_view view;
    const auto error = view.parse(bytes);
    return bytes.starts_with("SIP/") ? judge_response(bytes, error) : judge_request(view, error);
  }

  std::string forwarded; ///< The message as it went on.

private:
  std::string judge_request(const message_view& view, const std::optional<parse_error>& error) {
    if (error)
      return std::to_string(refuse_unparsed(*error).status);
    const auto read = read_on_arrival(view);
    if (!read)
      return std::to_string(read.error().status);
    forwarded =
      forward_request(view, test_identity(), outside_client, read->routes,
                      {.toward = side::inside, .branch = "z9hG4bKours", .record_token = {}, .path_token = {}});
    return "forward";
  }

  /// A response comes back to us only with our Via on top: it takes the place of the proxy that the RFC's example came
  /// back to, or stands above the one Via of the client.
  std::string judge_response(const std::string& bytes, const std::optional<parse_error>& error) {
    if (error)
      return "drop";
    message_view view;
    (void)view.parse(bytes);
    rewrite edit{view};
    if (count_values(view, header_id::via) > 1)
      edit.remove_first_value(header_id::via);
    edit.insert_before_first(header_id::via, "SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKours");
    const auto ours = edit.finish();
    message_view back;
    (void)back.parse(ours);
    if (validate_response(back, test_identity()))
      return "drop";
    forwarded = forward_response(back, side::inside).bytes;
    return "forward";
  }
};

/// Lines of a head that a proxy has no business with.
std::vector<std::string> untouched_lines(const message_view& view) {
  std::vector<std::string> lines;
  for (const auto& field : view.headers()) {
    switch (field.id) {
    case header_id::via:
    case header_id::route:
    case header_id::max_forwards:
    case header_id::max_breadth:
    case header_id::content_length:
      break;
    default:
      lines.emplace_back(view.line(field));
    }
  }
  return lines;
}

class Rfc4475 : public testing::TestWithParam<torture_case> {};

} // namespace

TEST_P(Rfc4475, IsForwardedRefusedOrDroppedAsTheSentenceSays) {
  const auto bytes = rfc4475_message(GetParam().name);
  torture_proxy proxy;
  EXPECT_EQ(proxy.judge(bytes), GetParam().verdict) << GetParam().section << ": " << GetParam().sentence;
}

TEST_P(Rfc4475, KeepsEveryByteThatIsNotTheProxysWhenForwarded) {
  const auto bytes = rfc4475_message(GetParam().name);
  torture_proxy proxy;
  if (proxy.judge(bytes) != "forward")
    return;
  message_view before;
  message_view after;
  ASSERT_EQ(before.parse(bytes), std::nullopt);
  ASSERT_EQ(after.parse(proxy.forwarded), std::nullopt);
  EXPECT_EQ(untouched_lines(after), untouched_lines(before));
  EXPECT_EQ(after.body(), before.body());
  EXPECT_EQ(after.method_name(), before.method_name());
  EXPECT_EQ(after.bytes().size(), proxy.forwarded.size()) << "nothing trails the message";
}

INSTANTIATE_TEST_SUITE_P(All, Rfc4475, testing::ValuesIn(table),
                         [](const auto& chosen) { return std::string{chosen.param.name}; });

TEST(Rfc4475Proxy, JudgesAll49) {
  std::vector<std::string> judged;
  for (const auto& each : table)
    judged.emplace_back(each.name);
  std::vector<std::string> on_disk;
  for (const auto& [name, bytes] : rfc4475_messages())
    on_disk.push_back(name);
  EXPECT_EQ(on_disk.size(), 49U);
  EXPECT_THAT(judged, testing::UnorderedElementsAreArray(on_disk));
}

TEST(Rfc4475Proxy, NamesTheProxyRequireOfBext01AsUnsupported) {
  const auto request = parsed(rfc4475_message("bext01"));
  const auto read = read_on_arrival(*request);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().header_name, "Unsupported");
  EXPECT_EQ(read.error().header_value, "noProxiesSupportThis, norDoAnyProxiesSupportThis");
}

TEST(Rfc4475Proxy, SendsTheStrictRouteOfMpart01ToItsRequestUri) { // RFC 3261, 16.6 step 6
  torture_proxy proxy;
  ASSERT_EQ(proxy.judge(rfc4475_message("mpart01")), "forward");
  const auto original = parsed(rfc4475_message("mpart01"));
  const auto forwarded = parsed(proxy.forwarded);
  if (original->find(header_id::route) == nullptr)
    return;
  EXPECT_EQ("<" + std::string{forwarded->request_uri()} + ">", original->value(header_id::route));
  EXPECT_EQ(forwarded->value(header_id::route), "<" + std::string{original->request_uri()} + ">");
}

} // namespace sallyport::sip
