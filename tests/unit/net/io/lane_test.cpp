#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/epoll.h>

#include <list>
#include <stdexcept>
#include <thread>

#include "net/core/fault.hpp"
#include "net/io/cores.hpp"
#include "net/io/lane.hpp"
#include "net/io/socket.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/turn_until.hpp"

namespace sallyport::io {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class on_event final : public io_handler, public timer_handler {
public:
  explicit on_event(std::function<void(std::uint64_t)> action) : action_{std::move(action)} {}
  void on_ready(std::uint32_t events) override { action_(events); }
  void on_timer(std::uint64_t cookie) override { action_(cookie); }

private:
  std::function<void(std::uint64_t)> action_;
};

unique_fd readable_fd() {
  return unique_fd{::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)};
}

class Lane : public testing::Test {
protected:
  time_point now_{1h};
  lane lane_{3, {.timers_max = 2, .posts_max = 2}, [this] { return moment{.boot = now_}; }};
};

TEST_F(Lane, CallsAReadyDescriptorEachTurnUntilItIsForgotten) {
  const auto fd = readable_fd();
  int calls = 0;
  on_event handler{[&](auto events) { calls += (events & EPOLLIN) ? 1 : 0; }};
  ASSERT_TRUE(lane_.watch(fd.get(), EPOLLIN, handler, work::streams));
  lane_.run_once(0ms);
  lane_.run_once(0ms);
  EXPECT_EQ(calls, 2);

  lane_.modify(fd.get(), 0);
  lane_.run_once(0ms);
  EXPECT_EQ(calls, 2);
  lane_.forget(fd.get());
}

TEST_F(Lane, TakesNoMoreEventsInATurnThanItMayAndTheOthersInTheNext) {
  lane narrow{0, {.events_per_turn = 1}};
  const auto first = readable_fd();
  const auto second = readable_fd();
  int calls_of_first = 0;
  int calls_of_second = 0;
  on_event on_first{[&](auto) { ++calls_of_first; }};
  on_event on_second{[&](auto) { ++calls_of_second; }};
  ASSERT_TRUE(narrow.watch(first.get(), EPOLLIN, on_first, work::streams));
  ASSERT_TRUE(narrow.watch(second.get(), EPOLLIN, on_second, work::streams));

  EXPECT_EQ(narrow.run_once(0ms), 1u);
  EXPECT_EQ(calls_of_first + calls_of_second, 1);
  EXPECT_EQ(narrow.run_once(0ms), 1u);
  EXPECT_EQ(calls_of_first, 1);
  EXPECT_EQ(calls_of_second, 1);
}

TEST_F(Lane, SaysHowManyEventsAndTimersATurnHandled) {
  const auto fd = readable_fd();
  on_event handler{[](auto) {}};
  ASSERT_TRUE(lane_.watch(fd.get(), EPOLLIN, handler, work::streams));
  ASSERT_TRUE(lane_.arm(now_ + 1s, handler));
  EXPECT_EQ(lane_.run_once(0ms), 1u);
  now_ += 1s + timer_slots::tick;
  EXPECT_EQ(lane_.run_once(0ms), 2u);
  lane_.forget(fd.get());
}

TEST_F(Lane, AForgottenDescriptorGetsNoEventOfTheSameBatchEvenWhenItsNumberIsReused) {
  auto first = readable_fd();
  auto second = readable_fd();
  int stale = 0;
  int replaced = 0;
  on_event counts_replaced{[&](auto) { ++replaced; }};
  unique_fd reused;
  on_event* handlers[2];
  // Whichever is called first replaces the other by a descriptor of the same number.
  const auto replace = [&](unique_fd& other) {
    ++stale;
    const int number = other.get();
    lane_.forget(number);
    other.reset();
    reused = readable_fd();
    ASSERT_EQ(reused.get(), number);
    ASSERT_TRUE(lane_.watch(number, EPOLLIN, counts_replaced, work::streams));
  };
  on_event one{[&](auto) { stale == 0 ? replace(second) : void(); }};
  on_event two{[&](auto) { stale == 0 ? replace(first) : void(); }};
  handlers[0] = &one;
  handlers[1] = &two;
  ASSERT_TRUE(lane_.watch(first.get(), EPOLLIN, *handlers[0], work::streams));
  ASSERT_TRUE(lane_.watch(second.get(), EPOLLIN, *handlers[1], work::streams));

  EXPECT_EQ(lane_.run_once(0ms), 1u);
  EXPECT_EQ(stale, 1);
  EXPECT_EQ(replaced, 0);
  lane_.run_once(0ms);
  EXPECT_EQ(replaced, 1);
  lane_.forget(reused.get());
  lane_.forget(first ? first.get() : second.get());
}

TEST_F(Lane, ReadyAgainCallsInTheNextTurnUnlessForgottenBefore) {
  const unique_fd silent{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  int calls = 0;
  on_event handler{[&](auto) { ++calls; }};
  ASSERT_TRUE(lane_.watch(silent.get(), EPOLLIN, handler, work::streams));
  lane_.ready_again(silent.get());
  lane_.run_once(1h);
  EXPECT_EQ(calls, 1);

  lane_.ready_again(silent.get());
  lane_.forget(silent.get());
  lane_.run_once(0ms);
  EXPECT_EQ(calls, 1);
}

TEST_F(Lane, TimersFollowTheClockOfTheTurn) {
  std::vector<std::uint64_t> fired;
  on_event handler{[&](auto cookie) { fired.push_back(cookie); }};
  ASSERT_TRUE(lane_.arm(now_ + 2s, handler, 2));
  const auto first = lane_.arm(now_ + 1s, handler, 1);
  EXPECT_FALSE(lane_.arm(now_ + 1s, handler, 3)); // One past timers_max.
  lane_.run_once(0ms);
  EXPECT_THAT(fired, ElementsAre());

  now_ += 1s;
  lane_.run_once(0ms);
  EXPECT_EQ(lane_.now(), now_);
  EXPECT_THAT(fired, ElementsAre(1));
  lane_.cancel(first); // Stale: ignored.
  now_ += 1s;
  lane_.run_once(0ms);
  EXPECT_THAT(fired, ElementsAre(1, 2));
}

/// A descriptor that is always ready, and writes down in `order` that it was called. Each call takes `cost`.
struct busy {
  busy(lane& home, time_point& clock, std::string& order, char name, work kind, milliseconds cost = 0ms)
    : home_{home}, handler_{[&clock, &order, name, cost](auto) {
        order += name;
        clock += cost;
      }} {
    EXPECT_TRUE(home.watch(fd_.get(), EPOLLIN, handler_, kind));
  }
  ~busy() { home_.forget(fd_.get()); }

private:
  lane& home_;
  unique_fd fd_ = readable_fd();
  on_event handler_;
};

TEST_F(Lane, ATurnComesToMediaFirstAndToWhoWantsToConnectLast) {
  std::string order;
  const busy accepts{lane_, now_, order, 'a', work::accepts};
  const busy handshakes{lane_, now_, order, 'h', work::handshakes};
  const busy streams{lane_, now_, order, 's', work::streams};
  const busy orders{lane_, now_, order, 'o', work::orders};
  const busy media{lane_, now_, order, 'm', work::media};
  on_event timer{[&](auto) { order += 't'; }};
  ASSERT_TRUE(lane_.arm(now_, timer));
  now_ += timer_slots::tick;
  lane_.run_once(0ms);
  EXPECT_EQ(order, "mosha"
                   "t");
}

TEST_F(Lane, WhatDoesNotFitIntoTheShareOfItsKindWaitsForTheNextTurnsAndMediaDoesNot) {
  std::string order;
  const busy media{lane_, now_, order, 'm', work::media};
  std::list<busy> handshakes; // 2 ms a turn is what they have together.
  for (const char name : {'1', '2', '3', '4'})
    handshakes.emplace_back(lane_, now_, order, name, work::handshakes, 1ms);
  const busy accepts{lane_, now_, order, 'a', work::accepts};
  for (int turn = 0; turn < 4; ++turn)
    lane_.run_once(1h); // Does not sleep: somebody waits.
  EXPECT_EQ(order, "m12a"
                   "m34a"
                   "m12a"
                   "m34a");
}

TEST_F(Lane, WhatFindsNoPlaceInItsLineIsCalledInTheNextTurn) {
  std::string order;
  const busy one{lane_, now_, order, '1', work::streams};
  const busy other{lane_, now_, order, '2', work::streams};
  {
    const fault::plan first{1};
    lane_.run_once(0ms);
  }
  EXPECT_EQ(order, "2");
  EXPECT_EQ(lane_.counters().handler_failures.read(), 1u);
  lane_.run_once(0ms);
  EXPECT_EQ(order.size(), 3u);
  EXPECT_NE(order.find('1'), std::string::npos);
}

TEST_F(Lane, OneCallOfEachKindIsMadeHoweverDearItIs) {
  std::string order;
  const busy first{lane_, now_, order, '1', work::handshakes, 1s};
  const busy second{lane_, now_, order, '2', work::handshakes, 1s};
  const busy accepts{lane_, now_, order, 'a', work::accepts, 1s};
  lane_.run_once(0ms);
  lane_.run_once(0ms);
  EXPECT_EQ(order, "1a"
                   "2a");
}

TEST_F(Lane, AHandlerIsToldWhenTheShareOfItsKindIsUsedUp) {
  const auto fd = readable_fd();
  int items = 0;
  on_event handler{[&](auto) {
    do {
      ++items;
      now_ += 500us;
    } while (lane_.has_time());
  }};
  ASSERT_TRUE(lane_.watch(fd.get(), EPOLLIN, handler, work::orders));
  lane_.run_once(0ms);
  EXPECT_EQ(items, 4);
  EXPECT_TRUE(lane_.has_time()); // Between turns nothing is short.
  lane_.forget(fd.get());
}

TEST_F(Lane, AKindThatHasChangedCountsFromTheNextCall) {
  std::string order;
  const auto fd = readable_fd();
  on_event handler{[&](auto) {
    order += 'x';
    lane_.becomes(fd.get(), work::streams);
  }};
  ASSERT_TRUE(lane_.watch(fd.get(), EPOLLIN, handler, work::handshakes));
  const busy other{lane_, now_, order, 'o', work::handshakes};
  lane_.run_once(0ms);
  lane_.run_once(0ms);
  EXPECT_EQ(order, "xo"
                   "xo");
  EXPECT_EQ(order.substr(2, 1), "x"); // A stream now, before any handshake.
  lane_.forget(fd.get());
}

TEST_F(Lane, TimersHaveAShareOfATurnToo) {
  lane many{0, {}, [this] { return moment{.boot = now_}; }};
  int fired = 0;
  on_event dear{[&](auto) {
    ++fired;
    now_ += 1ms;
  }};
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(many.arm(now_, dear));
  now_ += timer_slots::tick;
  many.run_once(1h);
  EXPECT_EQ(fired, 2);
  many.run_once(1h);
  many.run_once(1h);
  EXPECT_EQ(fired, 5);
}

TEST_F(Lane, KnowsItsLongestTurnOfThisMinuteAndTheOneBefore) {
  const auto fd = readable_fd();
  milliseconds cost{40};
  on_event handler{[&](auto) { now_ += cost; }};
  ASSERT_TRUE(lane_.watch(fd.get(), EPOLLIN, handler, work::streams));
  lane_.run_once(0ms);
  EXPECT_EQ(lane_.longest_turn().read(), 40ms);

  cost = 1ms;
  now_ += 61s;
  lane_.run_once(0ms);
  EXPECT_EQ(lane_.longest_turn().read(), 40ms);
  now_ += 60s;
  lane_.run_once(0ms);
  EXPECT_EQ(lane_.longest_turn().read(), 1ms);
  now_ += 200s; // The minute before this one was idle.
  cost = 0ms;
  lane_.run_once(0ms);
  EXPECT_EQ(lane_.longest_turn().read(), 0ms);
  lane_.forget(fd.get());
}

TEST_F(Lane, WakesForATimerWithoutAnEvent) {
  lane real{0};
  bool has_fired = false;
  on_event handler{[&](auto) { has_fired = true; }};
  ASSERT_TRUE(real.arm(real.now() + 20ms, handler));
  for (int turn = 0; turn < 3 && !has_fired; ++turn)
    real.run_once(1h);

  EXPECT_TRUE(has_fired);
}

TEST_F(Lane, RetiredObjectsGoAfterEveryDeferredActionOfTheTurn) {
  std::vector<std::string> order;
  struct traced {
    std::vector<std::string>& order;
    ~traced() { order.emplace_back("destroyed"); }
  };
  lane_.retire(new traced{order});
  lane_.defer([&] {
    order.emplace_back("first");
    lane_.defer([&] { order.emplace_back("second"); });
  });
  EXPECT_THAT(order, ElementsAre());

  lane_.run_once(1h); // Does not sleep: there is work.
  EXPECT_THAT(order, ElementsAre("first", "second", "destroyed"));
}

TEST_F(Lane, AThrowingHandlerIsCountedAndTheTurnGoesOn) {
  on_event throws{[](auto) { throw std::runtime_error{"planted"}; }};
  bool has_run = false;
  ASSERT_TRUE(lane_.arm(now_ + 1s, throws));
  lane_.defer([&] { has_run = true; });
  now_ += 2s;
  lane_.run_once(0ms);

  EXPECT_TRUE(has_run);
  EXPECT_EQ(lane_.counters().handler_failures.read(), 1u);
}

TEST_F(Lane, WhatAHandlerCouldNotDoIsCountedAndLogged) {
  const test::captured_log log;
  lane_.fail(std::runtime_error{"planted"});

  EXPECT_EQ(lane_.counters().handler_failures.read(), 1u);
  EXPECT_THAT(log.text(), HasSubstr("lane handler failed what=\"planted\" suppressed=0 lane=3"));
}

TEST_F(Lane, PostedFunctionsRunOnTheLaneUpToTheirLimit) {
  int runs = 0;
  lane_.post([&] { ++runs; });
  lane_.post([&] { ++runs; });
  EXPECT_THROW(lane_.post([] {}), std::length_error);

  lane_.run_once(1h);
  EXPECT_EQ(runs, 2);
}

TEST_F(Lane, RunsUntilAnotherThreadStopsIt) {
  lane other{0};
  int runs = 0;
  std::thread thread{[&] { other.run(); }};
  other.post([&] { ++runs; });
  other.post([&] { other.stop(); });
  thread.join();

  EXPECT_EQ(runs, 1);
  other.run(); // Stopped already: returns at once.
}

TEST_F(Lane, ItsCountersMayBeReadFromAnotherThread) {
  lane other{0};
  std::thread thread{[&] { other.run(); }};
  for (int i = 0; i < 100; ++i)
    other.post([&] { other.counters().accepted.add(); });
  EXPECT_TRUE(sallyport::test::comes_true([&] { return other.counters().accepted.read() >= 100; }));
  other.stop();
  thread.join();

  EXPECT_EQ(other.counters().accepted.read(), 100u);
}

TEST(Cores, ThoseThatTheSchedulerAllowsAreUsable) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  const auto usable = usable_cores();
  EXPECT_EQ(usable.size(), static_cast<std::size_t>(CPU_COUNT(&allowed)));
  for (const int core : usable)
    EXPECT_TRUE(CPU_ISSET(core, &allowed)) << core;
  for (const int core : usable)
    std::thread{[&] {
      EXPECT_TRUE(pin_this_thread(core));
      EXPECT_THAT(usable_cores(), ElementsAre(core));
    }}.join();
}

TEST(Cores, AThreadCanBePinnedToAnyUsableCore) {
  ASSERT_FALSE(usable_cores().empty());
  std::thread{[] {
    EXPECT_TRUE(pin_this_thread(usable_cores().back()));
    EXPECT_EQ(usable_cores().size(), 1u);
    EXPECT_FALSE(pin_this_thread(-1));
  }}.join();
}

TEST(CloseReason, EveryValueHasAName) {
  for (std::size_t i = 0; i < close_reason_count; ++i)
    EXPECT_FALSE(to_string(static_cast<close_reason>(i)).empty());
}

} // namespace
} // namespace sallyport::io
