#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "net/core/overloaded.hpp"
#include "net/sip/dialog.hpp"
#include "net/sip/exchange.hpp"
#include "net/sip/transaction_user.hpp"
#include "policy/access.hpp"
#include "tests/support/edge_keys.hpp"
#include "tests/support/sip_text.hpp"

namespace sallyport::test {

using namespace std::chrono_literals;

/// A node of several lanes in virtual time: transaction users, the sessions that they begin, and what they say to each
/// other, less sockets, threads and actors. Clients and servers are connections of the test; the registrar is what
/// every lane's connection to the next hop ends at. Nothing moves but by `run`, and at the end nothing may live.
class lanes_world : public testing::Test {
protected:
  struct connection {
    sip::arrival as;
    std::string proved;
    bool is_open = true;
    std::deque<std::string> received;
  };

  ~lanes_world() override {
    is_held_ = false;
    EXPECT_EQ(failures_, failures_planted_);
    run();
    for (auto& each : connections_)
      hang_up(*each);
    for (int step = 0; step < 15; ++step)
      pass(32s);
    pass(13h);
    for (const auto& each : lanes_) {
      EXPECT_EQ(each->user.sessions(), 0u);
      EXPECT_EQ(each->user.users(), 0u);
      EXPECT_EQ(each->user.counts().in_flight, 0u);
      EXPECT_EQ(each->user.transactions().server_count(), 0u);
      EXPECT_EQ(each->user.transactions().client_count(), 0u);
      EXPECT_EQ(each->user.transactions().kept_bytes(), 0u);
      EXPECT_EQ(each->user.next_deadline(), std::nullopt);
    }
    EXPECT_TRUE(sessions_.empty());
  }

  void start(std::size_t lanes) {
    settings_.lanes = static_cast<std::uint8_t>(lanes);
    for (std::size_t i = 0; i < lanes; ++i)
      lanes_.push_back(std::make_unique<lane_parts>(settings_, static_cast<std::uint8_t>(i)));
  }

  connection& phone_on(std::size_t lane) { return connect(side::outside, lane); }
  connection& server_on(std::size_t lane) { return connect(side::inside, lane); }

  /// One message arrives on that connection, and nothing else moves yet.
  void arrive(connection& on, const std::string& text) {
    sip::message_view view;
    ASSERT_EQ(view.parse(text), std::nullopt);
    ask(on.as.flow.lane, [&](auto& user, auto& out) { user.receive(now_, on.as, on.proved, view, out); });
  }
  void say(connection& on, const std::string& text) {
    arrive(on, text);
    run();
  }
  /// The registrar answers what came by that lane's connection.
  void registrar_says(std::size_t lane, const std::string& text) {
    auto& inward = lanes_.at(lane)->inward;
    if (!inward)
      inward = &server_on(lane);
    say(*inward, text);
  }
  void hang_up(connection& on) {
    if (std::exchange(on.is_open, false))
      ask(on.as.flow.lane, [&](auto& user, auto& out) { user.flow_failed(now_, on.as.flow, out); });
    run();
  }

  /// The next message on a connection; empty: none came.
  static std::string next_on(connection& on) {
    if (on.received.empty())
      return {};
    auto got = std::move(on.received.front());
    on.received.pop_front();
    return got;
  }
  /// The next message that went to the registrar, and by which lane's connection.
  std::string next_at_registrar(std::size_t* lane = nullptr) {
    if (at_registrar_.empty())
      return {};
    auto [by, got] = std::move(at_registrar_.front());
    at_registrar_.pop_front();
    if (lane)
      *lane = by;
    return got;
  }
  static unsigned status_of(const std::string& message) {
    return message.starts_with("SIP/2.0 ") ? static_cast<unsigned>(std::stoul(message.substr(8, 3))) : 0;
  }
  unsigned next_status(connection& on) { return status_of(next_on(on)); }

  /// Until no session and no lane has anything left to do.
  void run() {
    for (int step = 0; step < 100'000 && (step_lanes() || step_sessions()); ++step)
      ;
  }
  void pass(milliseconds span) {
    const auto end = now_ + span;
    for (auto next = next_deadline(); next && *next <= end; next = next_deadline()) {
      now_ = std::max(now_, *next);
      for (std::size_t i = 0; i < lanes_.size(); ++i)
        ask(i, [&](auto& user, auto& out) { user.expire(now_, out); });
      run();
    }
    now_ = end;
  }

  /// A phone registers; returns the Path that the registrar was given.
  std::string register_user(connection& phone, const std::string& user) {
    say(phone, registration_of(user).text());
    std::size_t lane = 0;
    const auto received = next_at_registrar(&lane);
    registrar_says(lane, answer_to(received, "200 OK"));
    EXPECT_EQ(next_status(phone), 200u);
    EXPECT_EQ(phone.proved, user + "@edge.example");
    return header_of(received, "Path");
  }

  [[nodiscard]] const sip::transaction_user& user(std::size_t lane) const { return lanes_.at(lane)->user; }
  [[nodiscard]] std::size_t dropped(const std::string& reason) const {
    const auto found = dropped_.find(reason);
    return found == dropped_.end() ? 0 : found->second;
  }

  sip::transaction_user_settings settings_{
    .facts = edge_facts(),
    .judge = std::make_shared<const policy::access>(policy::access_rules{.domains = {"edge.example"}}),
    .traces = {3, 4},
    .table_hash = {1, 2}};
  std::size_t failures_ = 0; ///< What threw, each counted where a lane would go on with the rest of its work.
  std::size_t failures_planted_ = 0;
  std::size_t inbox_max_ = 1'000; ///< Of what may be refused.
  bool is_held_ = false;          ///< Sessions stand still.
  time_point now_{std::chrono::hours{1}};
  std::vector<sip::request_refused> refused_;
  std::vector<sip::trace_id> lost_;
  std::vector<sip::flow_id> vouched_;
  std::unordered_map<sip::session_id, std::variant<sip::dialog, sip::exchange>, lane_ref_hash> sessions_;
  std::vector<std::pair<sip::session_id, sip::session_event>> told_; ///< Every event of a request, as it came.

  template <class Ask>
  void ask(std::size_t lane, Ask&& decide) {
    sip::user_orders orders;
    guarded([&] { decide(lanes_.at(lane)->user, orders); });
    for (std::size_t next = 0; next < orders.size(); ++next) {
      auto order = std::move(orders[next]);
      guarded([&] { carry_out(*lanes_[lane], order, orders); });
    }
  }

private:
  template <class Action>
  void guarded(Action&& action) {
    try {
      action();
    } catch (const std::exception&) {
      ++failures_;
    }
  }
  struct lane_parts {
    lane_parts(const sip::transaction_user_settings& settings, std::uint8_t at) : index{at}, user{settings, at} {}
    std::uint8_t index;
    sip::transaction_user user;
    connection* inward = nullptr; ///< By which the registrar answers.
    std::deque<sip::lane_order> inbox;
    std::deque<sip::tell_session> events;
  };

  connection& connect(side from, std::size_t lane) {
    const auto index = static_cast<std::uint32_t>(connections_.size());
    const auto source = from == side::outside ? *endpoint::parse("192.0.2.10:5061") : *endpoint::parse("10.0.0.5:5061");
    connections_.push_back(
      std::make_unique<connection>(connection{.as = {.flow = {this_node, static_cast<std::uint8_t>(lane), index, 1},
                                                     .from = from,
                                                     .over = transport::tcp,
                                                     .source = source},
                                              .proved = {},
                                              .received = {}}));
    return *connections_.back();
  }

  void carry_out(lane_parts& on, sip::user_order& order, sip::user_orders& more) {
    const overloaded visitor{
      [&](const sip::send& message) {
        if (std::holds_alternative<sip::next_hop>(message.to))
          return void(at_registrar_.emplace_back(on.index, *message.bytes));
        const auto& flow = std::get<sip::flow_id>(message.to);
        const bool is_there = flow.index < connections_.size() && connections_[flow.index]->as.flow == flow &&
                              connections_[flow.index]->is_open;
        if (is_there)
          connections_[flow.index]->received.push_back(*message.bytes);
        else
          on.user.not_sent(now_, message.by, sip::client_failure_reason::transport, more);
      },
      [&](const sip::prove_flow& proof) {
        auto& on_flow = *connections_.at(proof.flow.index);
        const bool has_ended = proof.lifetime == seconds{0};
        on_flow.proved = has_ended ? "" : proof.address_of_record;
        on_flow.as.binding = has_ended ? 0 : proof.binding;
        on_flow.as.is_unproved = has_ended;
      },
      [&](const sip::vouch_for_flow& vouched) { vouched_.push_back(vouched.flow); },
      [&](const sip::start_session& begun) {
        if (begun.is_dialog)
          sessions_.emplace(begun.facts.self, sip::dialog{begun.facts});
        else
          sessions_.emplace(begun.facts.self, sip::exchange{begun.facts});
      },
      [&](sip::tell_session& told) { on.events.push_back(std::move(told)); },
      [&](const sip::end_session& ended) { sessions_.erase(ended.session); },
      [&](sip::tell_lane& said) {
        auto& inbox = lanes_.at(said.lane)->inbox;
        if (is_expendable(said.order) && inbox.size() >= inbox_max_)
          on.user.not_told(now_, std::move(said.order), more);
        else
          inbox.push_back(std::move(said.order));
      },
      [&](const sip::request_refused& refused) { refused_.push_back(refused); },
      [&](const sip::message_dropped& dropped) { ++dropped_[std::string{dropped.reason}]; },
      [&](const sip::session_lost& lost) { lost_.push_back(lost.trace); },
    };
    std::visit(visitor, order);
  }

  bool step_lanes() {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i]->inbox.empty())
        continue;
      auto said = std::move(lanes_[i]->inbox.front());
      lanes_[i]->inbox.pop_front();
      ask(i, [&](auto& user, auto& out) { user.receive(now_, std::move(said), out); });
      return true;
    }
    return false;
  }
  bool step_sessions() {
    for (std::size_t i = 0; i < lanes_.size() && !is_held_; ++i) {
      if (lanes_[i]->events.empty())
        continue;
      auto told = std::move(lanes_[i]->events.front());
      lanes_[i]->events.pop_front();
      settle(i, std::move(told));
      return true;
    }
    return false;
  }
  void settle(std::size_t lane, sip::tell_session&& told) {
    const auto found = sessions_.find(told.session);
    if (found == sessions_.end())
      return; // It was told after its end.
    if (std::holds_alternative<sip::request_received>(told.event))
      told_.emplace_back(told.session, told.event);
    auto outcome = std::visit(
      [&](auto& machine) {
        auto answer = machine.handle(now_, std::move(told.event), ++random_ * 0x9e3779b97f4a7c15U);
        return sip::session_outcome{told.session, std::move(answer), machine.next_deadline(), machine.ended()};
      },
      found->second);
    ask(lane, [&](auto& user, auto& out) { user.settle(now_, std::move(outcome), out); });
  }
  [[nodiscard]] std::optional<time_point> next_deadline() const {
    std::optional<time_point> soonest;
    for (const auto& each : lanes_)
      if (const auto next = each->user.next_deadline(); next && (!soonest || *next < *soonest))
        soonest = next;
    return soonest;
  }

  std::vector<std::unique_ptr<lane_parts>> lanes_;
  std::vector<std::unique_ptr<connection>> connections_;
  std::deque<std::pair<std::size_t, std::string>> at_registrar_;
  std::map<std::string, std::size_t> dropped_;
  std::uint64_t random_ = 0;
};

} // namespace sallyport::test
