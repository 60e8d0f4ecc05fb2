#pragma once
#include <gtest/gtest.h>

#include "net/sip/dialog.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {

using namespace std::chrono_literals;

/// Calls through one node, told from both sides.
class dialog_story : public testing::Test {
protected:
  using world = edge_world<dialog>;

  /// The client calls; gives back the INVITE as the server gets it.
  std::string call() {
    edge_.client_sends(invite_.text());
    EXPECT_EQ(heard_by_server(), "INVITE sip:bob@example.com SIP/2.0");
    EXPECT_EQ(heard_by_client(), "SIP/2.0 100 Trying");
    return edge_.to_server.back();
  }

  /// The client calls, and the server rings.
  std::string ring() {
    const auto invite = call();
    edge_.server_sends(response_text(invite, 180));
    EXPECT_EQ(heard_by_client(), "SIP/2.0 180 Ringing");
    return invite;
  }
  void cancel() { edge_.client_sends(request_text{.method = "CANCEL"}.text()); }
  /// The server refuses what was cancelled, and that is the end of it.
  void expect_terminated(const std::string& invite) {
    edge_.server_sends(response_text(invite, 487));
    EXPECT_EQ(heard_by_client(), "SIP/2.0 487 Request Terminated");
    edge_.expect_nothing_left();
  }

  /// The call up to its ACK.
  std::string establish(const header_text& extra = {"Server", "test"}, std::string_view tag = "bob") {
    const auto invite = call();
    edge_.server_sends(response_text(invite, 200, tag, extra));
    EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
    ack(tag);
    EXPECT_EQ(heard_by_server(), "ACK sip:bob@10.0.0.9 SIP/2.0");
    return invite;
  }

  void ack(std::string_view tag = "bob", std::string_view branch = "ack") {
    edge_.client_sends(from_client("ACK", 1, branch, tag).text());
  }

  /// The client says BYE, and that is answered.
  void hang_up(unsigned cseq = 2, std::string_view tag = "bob") {
    edge_.client_sends(from_client("BYE", cseq, "bye" + std::to_string(cseq), tag).text());
    answer(200, tag);
  }

  /// A request of the client inside the dialog.
  request_text from_client(std::string method, unsigned cseq, std::string_view branch, std::string_view tag = "bob") {
    return {.method = std::move(method),
            .uri = "sip:bob@10.0.0.9",
            .via = "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bK" + std::string{branch},
            .to = "<sip:bob@example.com>;tag=" + std::string{tag},
            .cseq = cseq,
            .extra = route_lines(true)};
  }

  /// A request of the server inside the dialog.
  request_text from_server(std::string method, unsigned cseq, std::string_view branch, std::string_view tag = "bob") {
    return {.method = std::move(method),
            .uri = "sip:alice@192.0.2.10:5061",
            .via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bK" + std::string{branch},
            .from = "<sip:bob@example.com>;tag=" + std::string{tag},
            .to = "<sip:alice@example.com>;tag=alice",
            .cseq = cseq,
            .extra = route_lines(false)};
  }

  /// The route set that our Record-Routes make, for the caller (reversed) or the callee.
  std::string route_lines(bool is_caller) {
    std::vector<std::string> routes;
    const auto invite = parsed(opening_.empty() ? edge_.to_server.front() : opening_);
    for (value_cursor values{*invite, header_id::record_route}; const auto value = values.next();)
      routes.insert(is_caller ? routes.begin() : routes.end(), std::string{*value});
    std::string lines;
    for (const auto& route : routes)
      lines += "Route: " + route + "\r\n";
    return lines;
  }

  [[nodiscard]] std::string heard_by_client() const { return world::start(edge_.to_client); }
  [[nodiscard]] std::string heard_by_server() const { return world::start(edge_.to_server); }
  void answer(unsigned status, std::string_view tag = "bob") {
    edge_.server_sends(response_text(edge_.to_server.back(), status, tag));
  }

  world edge_;
  request_text invite_{.extra = "Contact: <sip:alice@192.0.2.10:5061;transport=tls>\r\n"};
  std::string opening_; ///< As forwarded, where it is not the first message to the server.
};

} // namespace sallyport::sip
