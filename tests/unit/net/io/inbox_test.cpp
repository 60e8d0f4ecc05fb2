#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <map>
#include <thread>

#include "net/io/inbox.hpp"

namespace sallyport::io {
namespace {

bool is_readable(int fd) {
  pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
  return ::poll(&entry, 1, 0) == 1;
}

TEST(Inbox, HandsOverEverythingOldestFirst) {
  inbox<int> box{10};
  EXPECT_FALSE(is_readable(box.wake_fd()));
  for (const int order : {1, 2, 3})
    box.push(order);

  EXPECT_TRUE(is_readable(box.wake_fd()));
  EXPECT_THAT(box.take(), testing::ElementsAre(1, 2, 3));
  EXPECT_FALSE(is_readable(box.wake_fd()));
  EXPECT_THAT(box.take(), testing::IsEmpty());
}

TEST(Inbox, OneOrderPastTheLimitIsABrokenInvariant) {
  inbox<int> box{2};
  box.push(1);
  EXPECT_TRUE(box.try_push(2));

  EXPECT_FALSE(box.try_push(3));
  EXPECT_THROW(box.push(3), std::length_error);
  EXPECT_THAT(box.take(), testing::ElementsAre(1, 2));
  box.push(4);
  EXPECT_THAT(box.take(), testing::ElementsAre(4));
}

TEST(Inbox, OneBytePastTheLimitIsRefusedUntilItIsTaken) {
  inbox<int> box{10, 100};
  EXPECT_TRUE(box.try_push(1, 60));
  EXPECT_FALSE(box.try_push(2, 41));
  EXPECT_TRUE(box.try_push(3, 40));
  EXPECT_TRUE(box.try_push(4)) << "what brings nothing takes no room";
  box.push_always(5, 1'000);
  EXPECT_FALSE(box.try_push(6, 1));
  EXPECT_THAT(box.take(), testing::ElementsAre(1, 3, 4, 5));
  EXPECT_TRUE(box.try_push(7, 100));
}

TEST(Inbox, LosesAndReordersNothingFromManyThreads) {
  constexpr int writers = 4;
  constexpr int orders_each = 20'000;
  inbox<std::pair<int, int>> box{writers * orders_each};
  std::vector<std::jthread> threads;
  for (int writer = 0; writer < writers; ++writer)
    threads.emplace_back([&, writer] {
      for (int i = 0; i < orders_each; ++i)
        box.push({writer, i});
    });

  std::map<int, int> next;
  std::vector<std::pair<int, int>> taken;
  for (int total = 0; total < writers * orders_each;) {
    pollfd entry{.fd = box.wake_fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&entry, 1, 10'000), 1) << "a wake-up was lost";
    box.take(taken);
    total += static_cast<int>(taken.size());
    for (const auto& [writer, i] : taken)
      ASSERT_EQ(i, next[writer]++);
  }
}

} // namespace
} // namespace sallyport::io
