#pragma once
#include <gtest/gtest.h>

#include "tests/support/turn/turn_world.hpp"

namespace sallyport::test {

/// Neither the server nor what its lanes share remembers anybody.
inline void expect_nothing_left(const turn_world& world) {
  EXPECT_EQ(world.server.allocations(), 0u);
  EXPECT_EQ(world.server.permissions(), 0u);
  EXPECT_EQ(world.server.channels(), 0u);
  EXPECT_EQ(world.server.requests_in_flight(), 0u);
  EXPECT_EQ(world.pool.allocations(), 0u);
  EXPECT_EQ(world.pool.identities(), 0u);
}

/// A server, and the clients of both users that it knows. Nobody has asked for anything yet.
class turn_test : public testing::Test {
protected:
  explicit turn_test(const world_options& options = {}) : world_{options} {}

  turn_world world_;
  turn_client alice_{"198.51.100.1:5000", "alice", "alice secret"};
  turn_client bob_{"198.51.100.2:5000", "bob", "bob secret"};
};

} // namespace sallyport::test
