#include <gtest/gtest.h>

#include <string>

#include "net/sip/message.hpp"

namespace sallyport::sip {
namespace {

constexpr std::string_view text = "MESSAGE sip:a@b SIP/2.0\r\nCall-ID: c1\r\nContent-Length: 2\r\n\r\nhi";

} // namespace

TEST(SipOwnedMessage, OutlivesTheBytesItWasMadeOf) {
  std::string bytes{text};
  message_view view;
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  const message owned{view};
  bytes.assign(bytes.size(), 'x');
  EXPECT_EQ(owned.view().bytes(), text);
  EXPECT_EQ(owned->value(header_id::call_id), "c1");
  EXPECT_EQ(owned->method(), method::message);
  EXPECT_EQ((*owned).body(), "hi");
}

TEST(SipOwnedMessage, MovingItKeepsViewsIntoItValid) {
  auto first = *message::parse(text);
  const auto call_id = first->value(header_id::call_id);
  const message second = std::move(first);
  EXPECT_EQ(second->value(header_id::call_id).data(), call_id.data());
}

TEST(SipOwnedMessage, ACopyHasItsOwnBytes) {
  const auto first = *message::parse(text);
  auto second = first;
  EXPECT_EQ(second->bytes(), first->bytes());
  EXPECT_NE(second->bytes().data(), first->bytes().data());
  second = *message::parse("SIP/2.0 200 OK\r\n\r\n");
  EXPECT_EQ(second->status(), 200u);
  second = first;
  EXPECT_EQ(second->body(), "hi");
}

TEST(SipOwnedMessage, OfBadBytesThereIsNone) {
  EXPECT_EQ(message::parse("nonsense\r\n\r\n").error(), parse_error::bad_start_line);
}

TEST(SipOwnedMessage, MayBeEmpty) {
  const message none;
  EXPECT_EQ(none->bytes(), "");
  EXPECT_EQ(none->find(header_id::via), nullptr);
  const auto copy = none;
  EXPECT_EQ(copy->headers().size(), 0u);
}

} // namespace sallyport::sip
