#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>

#include "net/io/address_watch.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/turn_until.hpp"

namespace sallyport::io::test {
namespace {

using namespace std::chrono_literals;
using sallyport::test::comes_true;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const auto first_held = *ip_address::parse("192.0.2.1");
const auto second_held = *ip_address::parse("192.0.2.2");

/// A host whose addresses are what the test says, and who hears of changes.
class AddressWatch : public testing::Test {
protected:
  using addresses = std::vector<ip_address>;

  [[nodiscard]] address_watch::reader reader() {
    return [this] {
      const std::lock_guard guard{mutex_};
      ++reads_;
      if (is_unreadable_)
        throw std::runtime_error{"too many open files"};
      return held_;
    };
  }
  [[nodiscard]] address_watch::listener listener() {
    return [this](const addresses& now) {
      const std::lock_guard guard{mutex_};
      if (is_deaf_)
        throw std::length_error{"a lane is full"};
      told_.push_back(now);
    };
  }
  template <class Change>
  void set(Change&& change) {
    const std::lock_guard guard{mutex_};
    change();
  }
  [[nodiscard]] std::vector<addresses> told() {
    const std::lock_guard guard{mutex_};
    return told_;
  }
  /// Until it has read as often once more, and so is done with the time before.
  [[nodiscard]] bool reads_again(address_watch& watch) {
    const auto read = [this] {
      const std::lock_guard guard{mutex_};
      return reads_;
    };
    const auto before = read();
    watch.look();
    return comes_true([&] { return read() > before; });
  }

  std::mutex mutex_;
  addresses held_{first_held};
  int reads_ = 0;
  bool is_unreadable_ = false;
  bool is_deaf_ = false;
  std::vector<addresses> told_;
};

TEST_F(AddressWatch, LooksAtOnceForTheyMayHaveChangedSinceTheyWereRead) {
  const address_watch watch{{first_held, second_held}, listener(), reader()};
  ASSERT_TRUE(comes_true([&] { return !told().empty(); }));
  EXPECT_THAT(told(), ElementsAre(addresses{first_held}));
}

TEST_F(AddressWatch, SaysWhatTheyAreNowEachTimeThatTheyHaveChanged) {
  address_watch watch{{first_held}, listener(), reader()};
  set([&] { held_ = {second_held, first_held}; });
  watch.look();
  ASSERT_TRUE(comes_true([&] { return told().size() == 1; }));
  set([&] { held_ = {second_held}; });
  watch.look();
  ASSERT_TRUE(comes_true([&] { return told().size() == 2; }));
  EXPECT_THAT(told(), ElementsAre(addresses{first_held, second_held}, addresses{second_held}));
}

TEST_F(AddressWatch, SaysNothingWhileTheyAreTheSameInWhateverOrderAndHoweverOften) {
  held_ = {second_held, first_held, second_held};
  address_watch watch{{first_held, second_held}, listener(), reader()};
  ASSERT_TRUE(reads_again(watch));
  set([&] { held_ = {first_held, first_held, second_held}; });
  ASSERT_TRUE(reads_again(watch));
  ASSERT_TRUE(reads_again(watch)); // What was read before has been compared.
  EXPECT_TRUE(told().empty());
}

TEST_F(AddressWatch, WhereTheKernelWillNotTellThatIsLoggedAndWhoAsksLooksAllTheSame) {
  const sallyport::test::captured_log log;
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  const unique_fd next{::eventfd(0, EFD_CLOEXEC)}; // The first that is free, and so the next is the watch's own.
  const rlimit few{.rlim_cur = static_cast<rlim_t>(next.get()) + 2, .rlim_max = files.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  {
    address_watch watch{{first_held}, listener(), reader()};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    set([&] { held_ = {second_held}; });
    watch.look();
    EXPECT_TRUE(comes_true([&] { return !told().empty(); }));
  }
  EXPECT_THAT(log.text(), HasSubstr("own addresses not followed reason=\"socket: Too many open files\""));
}

TEST_F(AddressWatch, WhatCannotBeReadChangesNothingIsLoggedOnceAndTriedAgain) {
  const sallyport::test::captured_log log;
  is_unreadable_ = true;
  held_ = {second_held};
  {
    address_watch watch{{first_held}, listener(), reader(), 1ms};
    ASSERT_TRUE(comes_true([&] {
      const std::lock_guard guard{mutex_};
      return reads_ >= 3;
    }));
    EXPECT_TRUE(told().empty());
    set([&] { is_unreadable_ = false; });
    ASSERT_TRUE(comes_true([&] { return !told().empty(); }));
  }
  EXPECT_THAT(told(), ElementsAre(addresses{second_held}));
  const auto text = log.text();
  const std::string_view line = "own addresses not taken over reason=\"too many open files\"";
  EXPECT_THAT(text, HasSubstr(line));
  EXPECT_EQ(text.find(line), text.rfind(line));
}

TEST_F(AddressWatch, WhoCouldNotTakeThemOverIsToldAgain) {
  is_deaf_ = true;
  held_ = {second_held};
  address_watch watch{{first_held}, listener(), reader(), 1ms};
  ASSERT_TRUE(reads_again(watch));
  set([&] { is_deaf_ = false; });
  ASSERT_TRUE(comes_true([&] { return !told().empty(); }));
  EXPECT_THAT(told().front(), ElementsAre(second_held));
}

/// In a network of its own, which the kernel watches: `ip` works on nobody else's.
class AddressWatchOfTheKernel : public AddressWatch {
protected:
  /// False where none can be had. What is run there must not leave the thread.
  template <class Test>
  [[nodiscard]] static bool in_a_network(Test&& test) {
    bool is_there = false;
    std::thread{[&] {
      is_there = ::unshare(CLONE_NEWNET) == 0 && std::system("ip link set lo up") == 0;
      if (is_there)
        test();
    }}.join();
    return is_there;
  }
  [[nodiscard]] bool is_told_of(const ip_address& address) {
    return comes_true([&] {
      const auto all = told();
      return !all.empty() && testing::Value(all.back(), Contains(address));
    });
  }
};

TEST_F(AddressWatchOfTheKernel, HearsOfEveryAddressThatComesAndGoes) {
  const bool is_there = in_a_network([&] {
    const address_watch watch{interface_addresses(), listener()};
    for (const std::string text : {"192.0.2.77/32", "2001:db8::77/128"}) {
      const auto address = *ip_address::parse(text.substr(0, text.find('/')));
      ASSERT_EQ(std::system(("ip address add " + text + " dev lo").c_str()), 0);
      ASSERT_TRUE(is_told_of(address)) << text;
      ASSERT_EQ(std::system(("ip address del " + text + " dev lo").c_str()), 0);
      ASSERT_TRUE(comes_true([&] { return testing::Value(told().back(), Not(Contains(address))); })) << text;
    }
  });
  if (!is_there && std::getenv("CI") == nullptr)
    GTEST_SKIP() << "no network namespace can be had here";
  EXPECT_TRUE(is_there);
}

TEST_F(AddressWatchOfTheKernel, ReadsThemAnewAfterMoreChangesThanTheKernelKept) {
  const bool is_there = in_a_network([&] {
    std::binary_semaphore is_reading{0};
    std::binary_semaphore may_read{0};
    bool is_first = true;
    const auto held_up = [&] {
      auto read = interface_addresses();
      if (std::exchange(is_first, false)) {
        is_reading.release();
        may_read.acquire();
      }
      return read;
    };
    const address_watch watch{{}, listener(), held_up};
    is_reading.acquire(); // Nobody takes what the kernel says now.
    const auto commands = testing::TempDir() + "addresses";
    {
      std::ofstream file{commands};
      for (int i = 0; i < 5'000; ++i)
        file << "address add 192.0.2.7/32 dev lo\naddress del 192.0.2.7/32 dev lo\n";
      file << "address add 192.0.2.8/32 dev lo\n";
    }
    EXPECT_EQ(std::system(("ip -batch " + commands).c_str()), 0);
    may_read.release();
    EXPECT_TRUE(is_told_of(*ip_address::parse("192.0.2.8")));
    EXPECT_EQ(std::system("ip address add 192.0.2.9/32 dev lo"), 0);
    EXPECT_TRUE(is_told_of(*ip_address::parse("192.0.2.9"))) << "it goes on";
    std::remove(commands.c_str());
  });
  if (!is_there && std::getenv("CI") == nullptr)
    GTEST_SKIP() << "no network namespace can be had here";
  EXPECT_TRUE(is_there);
}

} // namespace
} // namespace sallyport::io::test
