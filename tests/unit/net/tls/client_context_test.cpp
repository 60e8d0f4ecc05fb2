#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/unit/net/tls/handshake.hpp"

namespace sallyport::tls {
namespace {

class ClientContext : public testing::Test {
protected:
  static constexpr int no_socket = -1; // Nothing is sent.
  const development_ca ca_;
  const client_context context_{{.peers = ca_.as_trust()}};
};

TEST_F(ClientContext, ANameTooLongToBeAskedForGetsNoConnection) { // RFC 6066, 3: one that does not say whom it wants.
  EXPECT_NE(context_.make_connection(no_socket, std::string(255, 'a')), nullptr);
  EXPECT_EQ(context_.make_connection(no_socket, std::string(256, 'a')), nullptr);
}

TEST_F(ClientContext, AProtocolNameThatDoesNotFitItsLengthByteIsRefused) { // RFC 7301, 3.1
  const auto offering = [&](const std::string& name) {
    return client_context{{.peers = ca_.as_trust(), .own = {}, .application_protocols = {"sip", name}}};
  };
  EXPECT_NO_THROW(offering(std::string(255, 'a')));
  EXPECT_THROW(offering(std::string(256, 'a')), std::runtime_error);
  EXPECT_THROW(offering(""), std::runtime_error);
}

} // namespace
} // namespace sallyport::tls
