#include <gtest/gtest.h>

#include "net/sip/fork_set.hpp"

namespace sallyport::sip {
namespace {

using state = fork_set::state;

fork_set opened(std::size_t forks_max = 2) {
  fork_set forks{forks_max};
  forks.open("caller");
  return forks;
}

} // namespace

TEST(ForkSet, MatchesBothDirectionsAndNothingElse) {
  auto forks = opened();
  EXPECT_TRUE(forks.learn("one", state::early));
  EXPECT_EQ(forks.match("caller", "one"), "one");
  EXPECT_EQ(forks.match("one", "caller"), "one");
  EXPECT_EQ(forks.match("caller", "two"), "");
  EXPECT_EQ(forks.match("nobody", "one"), "");
}

TEST(ForkSet, AForkNeverGoesBackwards) {
  auto forks = opened();
  forks.learn("one", state::confirmed);
  forks.acknowledge("one");
  forks.learn("one", state::confirmed);
  EXPECT_TRUE(forks.has(state::acknowledged));
  forks.end("one");
  forks.learn("one", state::confirmed);
  EXPECT_FALSE(forks.is_alive());
}

TEST(ForkSet, OnePastTheLimitIsRefusedUnlessItIsConfirmed) {
  auto forks = opened();
  forks.learn("one", state::early);
  forks.learn("two", state::confirmed);
  EXPECT_FALSE(forks.learn("three", state::early));
  EXPECT_TRUE(forks.learn("three", state::confirmed));
  EXPECT_EQ(forks.size(), 2U);
  EXPECT_EQ(forks.match("caller", "one"), "");
  EXPECT_FALSE(forks.learn("four", state::confirmed)) << "no early one is left to give way";
}

TEST(ForkSet, EndsTheEarlyOnesAlone) {
  auto forks = opened();
  forks.learn("one", state::early);
  forks.learn("two", state::confirmed);
  forks.end_early();
  EXPECT_FALSE(forks.has(state::early));
  EXPECT_TRUE(forks.is_alive());
  forks.end_all();
  EXPECT_FALSE(forks.is_alive());
}

} // namespace sallyport::sip
