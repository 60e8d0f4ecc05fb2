#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "net/turn/allocation.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const time_point t0{};

ip_address host(const std::string& text) {
  return *ip_address::parse(text);
}
endpoint at(const std::string& text) {
  return *endpoint::parse(text);
}

const ip_address first = host("192.0.2.1");
const ip_address second = host("192.0.2.2");
const endpoint first_port = at("192.0.2.1:4000");
const endpoint second_port = at("192.0.2.2:4000");

class TurnAllocation : public ::testing::Test {
protected:
  allocation_answer open(std::optional<seconds> lifetime = {}) {
    return subject_.handle(t0, {.request = 1, .what = open_request{lifetime}});
  }
  allocation_answer refresh(time_point now, std::optional<seconds> lifetime) {
    return subject_.handle(now, {.request = 2, .what = refresh_request{lifetime}});
  }
  allocation_answer permit(time_point now, std::vector<ip_address> peers) {
    return subject_.handle(now, {.request = 3, .what = permission_request{std::move(peers)}});
  }
  allocation_answer bind(time_point now, std::uint16_t number, const endpoint& peer) {
    return subject_.handle(now, {.request = 4, .what = channel_request{number, peer}});
  }
  allocation_answer pass(time_point now) { return subject_.handle(now, {.request = 0, .what = deadline_passed{}}); }

  allocation_limits limits_{.lifetime_default = 600s, .lifetime_max = 3600s, .permissions_max = 3, .channels_max = 2};
  allocation subject_{limits_};
};

} // namespace

TEST_F(TurnAllocation, OpensItsRelayForTheDefaultLifetime) {
  const auto answer = open();
  EXPECT_EQ(answer.request, 1u);
  EXPECT_EQ(answer.code, 0u);
  EXPECT_EQ(answer.lifetime, 600s);
  EXPECT_THAT(answer.effects, ElementsAre(relay_opened{}));
  EXPECT_EQ(answer.next_deadline, t0 + 600s);
  EXPECT_FALSE(answer.has_ended);
}

TEST_F(TurnAllocation, GivesALongerLifetimeUpToTheMaximum) {
  EXPECT_EQ(open(3601s).lifetime, 3600s);
  EXPECT_EQ(refresh(t0, 700s).lifetime, 700s);
}

TEST_F(TurnAllocation, GivesNoLessThanTheDefaultLifetime) {
  EXPECT_EQ(open(0s).lifetime, 600s); // Zero ends an allocation only in a Refresh.
  EXPECT_EQ(refresh(t0, 1s).lifetime, 600s);
  EXPECT_EQ(refresh(t0, std::nullopt).lifetime, 600s);
}

TEST_F(TurnAllocation, EndsWhenItsLifetimeDoes) {
  (void)open();
  EXPECT_FALSE(pass(t0 + 600s - 1ms).has_ended);
  const auto answer = pass(t0 + 600s);
  EXPECT_THAT(answer.effects, ElementsAre(relay_closed{close_reason::expired}));
  EXPECT_TRUE(answer.has_ended);
  EXPECT_EQ(answer.next_deadline, std::nullopt);
}

TEST_F(TurnAllocation, LivesOnWhenItIsRefreshed) {
  (void)open();
  EXPECT_EQ(refresh(t0 + 500s, 600s).next_deadline, t0 + 1100s);
  EXPECT_FALSE(pass(t0 + 600s).has_ended);
  EXPECT_TRUE(pass(t0 + 1100s).has_ended);
}

TEST_F(TurnAllocation, IsClosedByARefreshOfZeroSeconds) {
  (void)open();
  const auto answer = refresh(t0 + 1s, 0s);
  EXPECT_EQ(answer.code, 0u);
  EXPECT_EQ(answer.lifetime, 0s);
  EXPECT_THAT(answer.effects, ElementsAre(relay_closed{close_reason::refreshed_to_zero}));
  EXPECT_TRUE(answer.has_ended);
}

TEST_F(TurnAllocation, ClosesItsChannelsAndPermissionsBeforeItself) {
  (void)open();
  (void)bind(t0, 0x4000, first_port);
  (void)permit(t0, {second});
  EXPECT_THAT(refresh(t0, 0s).effects,
              ElementsAre(channel_closed{0x4000, first_port}, permission_closed{first}, permission_closed{second},
                          relay_closed{close_reason::refreshed_to_zero}));
}

TEST_F(TurnAllocation, KnowsNothingOnceItHasEnded) {
  (void)open();
  (void)refresh(t0, 0s);
  for (const auto& answer : {refresh(t0, 600s), permit(t0, {first}), bind(t0, 0x4000, first_port)}) {
    EXPECT_EQ(answer.code, 437u);
    EXPECT_THAT(answer.effects, IsEmpty());
    EXPECT_TRUE(answer.has_ended);
  }
}

TEST_F(TurnAllocation, RefusesARequestThatItsEndOvertakes) {
  (void)open();
  const auto answer = permit(t0 + 600s, {first});
  EXPECT_EQ(answer.request, 3u);
  EXPECT_EQ(answer.code, 437u);
  EXPECT_THAT(answer.effects, ElementsAre(relay_closed{close_reason::expired}));
}

TEST_F(TurnAllocation, OpensAPermissionForFiveMinutes) {
  (void)open();
  const auto answer = permit(t0, {first});
  EXPECT_THAT(answer.effects, ElementsAre(permission_opened{first}));
  EXPECT_EQ(answer.next_deadline, t0 + 300s);
  EXPECT_THAT(pass(t0 + 300s - 1ms).effects, IsEmpty());
  EXPECT_THAT(pass(t0 + 300s).effects, ElementsAre(permission_closed{first}));
}

TEST_F(TurnAllocation, RefreshesAPermissionWithoutOpeningItAgain) {
  (void)open();
  (void)permit(t0, {first});
  EXPECT_THAT(permit(t0 + 200s, {first}).effects, IsEmpty());
  EXPECT_THAT(pass(t0 + 300s).effects, IsEmpty());
  EXPECT_THAT(pass(t0 + 500s).effects, ElementsAre(permission_closed{first}));
}

TEST_F(TurnAllocation, OpensAllPermissionsOfARequestOrNone) {
  (void)open();
  (void)permit(t0, {host("192.0.2.3"), host("192.0.2.4")});
  const auto refused = permit(t0, {first, second});
  EXPECT_EQ(refused.code, 508u);
  EXPECT_THAT(refused.effects, IsEmpty());
  EXPECT_THAT(permit(t0, {first}).effects, ElementsAre(permission_opened{first})); // Up to the limit is allowed.
}

TEST_F(TurnAllocation, RefreshesPermissionsAtTheLimit) {
  (void)open();
  (void)permit(t0, {first, second, host("192.0.2.3")});
  EXPECT_EQ(permit(t0 + 1s, {second, first}).code, 0u);
}

TEST_F(TurnAllocation, BindsAChannelForTenMinutesAndPermitsItsPeer) {
  (void)open(3600s);
  const auto answer = bind(t0, 0x4000, first_port);
  EXPECT_THAT(answer.effects, ElementsAre(permission_opened{first}, channel_opened{0x4000, first_port}));
  EXPECT_THAT(pass(t0 + 300s).effects, ElementsAre(permission_closed{first}));
  EXPECT_THAT(pass(t0 + 600s - 1ms).effects, IsEmpty());
  EXPECT_THAT(pass(t0 + 600s).effects, ElementsAre(channel_closed{0x4000, first_port}));
}

TEST_F(TurnAllocation, RefreshesAChannelAndItsPermissionByBindingAgain) {
  (void)open(3600s);
  (void)bind(t0, 0x4000, first_port);
  (void)pass(t0 + 300s);
  EXPECT_THAT(bind(t0 + 400s, 0x4000, first_port).effects, ElementsAre(permission_opened{first}));
  EXPECT_THAT(pass(t0 + 600s).effects, IsEmpty());
  EXPECT_THAT(pass(t0 + 1000s).effects, ElementsAre(channel_closed{0x4000, first_port}, permission_closed{first}));
}

TEST_F(TurnAllocation, RefusesANumberThatHasAnotherPeer) {
  (void)open();
  (void)bind(t0, 0x4000, first_port);
  const auto answer = bind(t0, 0x4000, second_port);
  EXPECT_EQ(answer.code, 400u);
  EXPECT_THAT(answer.effects, IsEmpty());
}

TEST_F(TurnAllocation, RefusesAPeerThatHasAnotherNumber) {
  (void)open();
  (void)bind(t0, 0x4000, first_port);
  const auto answer = bind(t0, 0x4001, first_port);
  EXPECT_EQ(answer.code, 400u);
  EXPECT_THAT(answer.effects, IsEmpty());
}

TEST_F(TurnAllocation, RefusesToSwapTheChannelsOfTwoPeers) {
  (void)open();
  (void)bind(t0, 0x4000, first_port);
  (void)bind(t0, 0x4001, second_port);
  EXPECT_EQ(bind(t0, 0x4001, first_port).code, 400u);
  EXPECT_EQ(bind(t0, 0x4000, second_port).code, 400u);
}

TEST_F(TurnAllocation, BindsNoMoreChannelsThanItMay) {
  (void)open();
  (void)bind(t0, 0x4000, first_port);
  (void)bind(t0, 0x4001, second_port);
  const auto answer = bind(t0, 0x4002, at("192.0.2.1:4001"));
  EXPECT_EQ(answer.code, 508u);
  EXPECT_THAT(answer.effects, IsEmpty());
  EXPECT_EQ(bind(t0, 0x4001, second_port).code, 0u); // What is bound is refreshed all the same.
}

TEST_F(TurnAllocation, BindsNoChannelForWhichItMayNotPermit) {
  (void)open();
  (void)permit(t0, {second, host("192.0.2.3"), host("192.0.2.4")});
  const auto answer = bind(t0, 0x4000, first_port);
  EXPECT_EQ(answer.code, 508u);
  EXPECT_THAT(answer.effects, IsEmpty());
}

TEST_F(TurnAllocation, NamesItsSoonestDeadline) {
  (void)open(3600s);
  EXPECT_EQ(bind(t0 + 10s, 0x4000, first_port).next_deadline, t0 + 310s);
  EXPECT_EQ(permit(t0 + 20s, {second}).next_deadline, t0 + 310s);
  EXPECT_EQ(pass(t0 + 310s).next_deadline, t0 + 320s);
  EXPECT_EQ(pass(t0 + 320s).next_deadline, t0 + 610s);
  EXPECT_EQ(pass(t0 + 610s).next_deadline, t0 + 3600s);
}

TEST_F(TurnAllocation, OpensOnceAndFirst) {
  EXPECT_THROW((void)pass(t0), std::logic_error);
  (void)open();
  EXPECT_THROW((void)open(), std::logic_error);
}

} // namespace sallyport::turn
