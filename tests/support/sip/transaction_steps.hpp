#pragma once
#include <gtest/gtest.h>

#include <ostream>
#include <vector>

#include "net/sip/timers.hpp"
#include "net/sip/transaction_actions.hpp"

namespace sallyport::sip {

/// What happens to a machine, when, and what it asks for then: one row of a table test.
enum class stimulus { request, ack, response, respond, cancel, fail, expire };

struct step {
  int at_ms;
  stimulus what;
  unsigned status;
  transaction_actions asked;
};

/// What a machine is told of its transport: `play(!reliable, …)`.
constexpr bool reliable = true;

inline time_point at(int ms) {
  return time_point{} + milliseconds{ms};
}

inline std::ostream& operator<<(std::ostream& out, const transaction_actions& asked) {
  const auto name = [&](bool is_set, const char* text) {
    if (is_set)
      out << text << ' ';
  };
  name(asked.deliver, "deliver");
  name(asked.send_request, "send_request");
  name(asked.send_response, "send_response");
  name(asked.resend_response, "resend_response");
  name(asked.send_trying, "send_trying");
  name(asked.send_ack, "send_ack");
  name(asked.send_cancel, "send_cancel");
  name(asked.timed_out, "timed_out");
  name(asked.forgotten, "forgotten");
  name(asked.terminated, "terminated");
  return out;
}

/// Tells a machine what happens in a row, if that can happen to it.
template <class Machine>
transaction_actions apply(Machine& machine, const step& row) {
  const auto now = at(row.at_ms);
  switch (row.what) {
  case stimulus::request:
    if constexpr (requires { machine.receive_request(); })
      return machine.receive_request();
    break;
  case stimulus::ack:
    if constexpr (requires { machine.receive_ack(now); })
      return machine.receive_ack(now);
    break;
  case stimulus::response:
    if constexpr (requires { machine.receive_response(now, row.status); })
      return machine.receive_response(now, row.status);
    break;
  case stimulus::respond:
    if constexpr (requires { machine.respond(now, row.status); })
      return machine.respond(now, row.status);
    break;
  case stimulus::cancel:
    if constexpr (requires { machine.cancel(now); })
      return machine.cancel(now);
    break;
  case stimulus::fail:
    return machine.fail();
  case stimulus::expire:
    return machine.expire(now);
  }
  ADD_FAILURE() << "nothing that happens to this machine";
  return {};
}

/// Runs the rows in order; before each, whatever was due by then must be a row of its own: nothing may be pending.
template <class Machine>
void run(Machine& machine, const std::vector<step>& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& row = steps[i];
    SCOPED_TRACE(testing::Message() << "row " << i << " at " << row.at_ms << " ms");
    if (row.what == stimulus::expire) {
      EXPECT_EQ(machine.next_deadline(), at(row.at_ms));
    } else if (machine.next_deadline()) {
      EXPECT_GT(*machine.next_deadline(), at(row.at_ms));
    }
    EXPECT_EQ(apply(machine, row), row.asked);
  }
}

} // namespace sallyport::sip
