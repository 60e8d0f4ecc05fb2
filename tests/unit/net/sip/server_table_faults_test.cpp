#include "net/core/fault.hpp"
#include "tests/support/sip/transaction_layer_test.hpp"

namespace sallyport::sip {
namespace {

class ServerTableFaults : public transaction_layer_test {};

} // namespace

TEST_F(ServerTableFaults, ARequestThatCouldNotBeKeptIsNewWhenItComesAgain) {
  std::size_t nth = 1;
  for (bool has_failed = true; has_failed && nth < 100; ++nth) {
    const request_text invite{.via = "SIP/2.0/TLS 192.0.2.10;branch=z9hG4bK-" + std::to_string(nth)};
    has_failed = false;
    try {
      const fault::plan plan{nth};
      receive(invite);
    } catch (const fault::planted&) {
      has_failed = true;
      EXPECT_TRUE(is<new_request>(receive(invite))) << nth;
    }
    EXPECT_EQ(layer_.server_count(), 1U) << nth;
    layer_.flow_failed(now_, outside_client.flow, out_);
    EXPECT_EQ(layer_.server_count(), 0U) << nth;
    EXPECT_EQ(layer_.next_deadline(), std::nullopt) << nth;
  }
  EXPECT_GT(nth, 2U) << "it has points";
}

} // namespace sallyport::sip
