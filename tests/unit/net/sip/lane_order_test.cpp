#include <gtest/gtest.h>

#include "net/sip/lane_order.hpp"
#include "tests/support/sip/messages.hpp"

namespace sallyport::sip {

TEST(LaneOrder, BringsTheBytesOfItsMessageOrOfWhatIsToBeSent) {
  const auto text = request_text{.body = std::string(1'000, 'x')}.text();
  const auto request = [&] { return request_received{{}, outside_client, parsed(text), next_hop{}, {}}; };
  const auto ack = [&] { return ack_received{outside_client, parsed(text), next_hop{}, {}}; };
  const auto response = response_text(text, 200);
  EXPECT_EQ(bytes_of(relayed_event{{}, request()}), text.size());
  EXPECT_EQ(bytes_of(relayed_event{{}, ack()}), text.size());
  EXPECT_EQ(bytes_of(relayed_event{{}, response_received{1, inside_server, parsed(response)}}), response.size());
  EXPECT_EQ(bytes_of(session_wanted{request()}), text.size());
  EXPECT_EQ(bytes_of(session_wanted{ack()}), text.size());
  EXPECT_EQ(bytes_of(relayed_response{inside_server, parsed(response)}), response.size());
  EXPECT_EQ(bytes_of(relayed_order{{}, send_request{.bytes = text}}), text.size());
  EXPECT_EQ(bytes_of(relayed_order{{}, send_stateless{.bytes = text}}), text.size());
  EXPECT_EQ(bytes_of(relayed_order{{}, send_response{.server = {}, .bytes = response}}), response.size());
}

TEST(LaneOrder, ThatIsAWordAloneBringsNothing) {
  EXPECT_EQ(bytes_of(session_gone{}), 0u);
  EXPECT_EQ(bytes_of(session_assigned{}), 0u);
  EXPECT_EQ(bytes_of(relayed_event{{}, cancel_received{}}), 0u);
  EXPECT_EQ(bytes_of(relayed_order{{}, cancel_request{}}), 0u);
}

} // namespace sallyport::sip
