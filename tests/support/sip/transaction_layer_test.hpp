#pragma once
#include <gtest/gtest.h>

#include "net/sip/branch.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/transaction_layer.hpp"
#include "tests/support/sip/messages.hpp"

namespace sallyport::sip {
using namespace std::chrono_literals;

inline constexpr lane_ref home{1, 0, 0, 0};
inline constexpr session_id session{1, 0, 77, 1};
inline constexpr loop_hash no_loop{'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A'};

/// A transaction layer in virtual time, with what it asked for since the last call into it.
class transaction_layer_test : public testing::Test {
protected:
  request_verdict receive(const request_text& request, const arrival& from = outside_client) {
    out_.clear();
    return layer_.receive_request(now_, from, *parsed(request.text()), out_);
  }

  transaction_id begin(const request_text& request, const arrival& from = outside_client) {
    const auto verdict = receive(request, from);
    const auto* begun = std::get_if<new_request>(&verdict);
    EXPECT_NE(begun, nullptr);
    if (begun == nullptr)
      return {};
    layer_.assign(begun->transaction, session);
    return begun->transaction;
  }

  void respond(transaction_id transaction, const request_text& request, unsigned status) {
    out_.clear();
    layer_.respond(now_, transaction, status, response_text(request.text(), status), out_);
  }

  /// Sends a request of the session and gives back its bytes.
  std::string forward(method kind, std::uint32_t number = 1, transport over = transport::tls) {
    request_text request{.method = std::string{to_string(kind)}};
    const auto branch = write_branch(session, number, 4711, no_loop);
    request.via = "SIP/2.0/TLS edge.example:5061;branch=" + branch;
    out_.clear();
    layer_.request(now_, {{session, number}, next_hop{0}, over, branch, kind, request.text()}, out_);
    return request.text();
  }

  response_verdict answer(const std::string& request, unsigned status, const arrival& from = inside_server) {
    out_.clear();
    return layer_.receive_response(now_, from, *parsed(response_text(request, status)), out_);
  }

  void advance(milliseconds by) {
    const auto end = now_ + by;
    out_.clear();
    while (layer_.next_deadline() && *layer_.next_deadline() <= end) {
      now_ = *layer_.next_deadline();
      layer_.expire(now_, out_);
    }
    now_ = end;
  }

  /// Start lines of what was sent since the last call into the layer.
  std::vector<std::string> sent() const {
    std::vector<std::string> found;
    for (const auto& each : out_)
      if (const auto* sending = std::get_if<send>(&each))
        found.push_back(sending->bytes->substr(0, sending->bytes->find("\r\n")));
    return found;
  }

  template <class Action>
  std::vector<Action> all() const {
    std::vector<Action> found;
    for (const auto& each : out_)
      if (const auto* wanted = std::get_if<Action>(&each))
        found.push_back(*wanted);
    return found;
  }

  using lines = std::vector<std::string>;

  time_point now_{1h};
  actions out_;
  transaction_limits limits_{.server_max = 4, .client_max = 4};
  transaction_layer layer_{home, timer_values{}, limits_, siphash{1, 2}};
};

inline arrival over_udp(arrival from) {
  from.over = transport::udp;
  return from;
}

template <class Verdict, class Any>
bool is(const Any& verdict) {
  return std::holds_alternative<Verdict>(verdict);
}

} // namespace sallyport::sip
