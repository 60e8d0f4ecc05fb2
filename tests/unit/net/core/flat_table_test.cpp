#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <unordered_map>

#include "net/core/flat_table.hpp"
#include "net/core/siphash.hpp"

namespace sallyport {
namespace {

struct number_hash {
  siphash hash{1, 2};
  std::size_t operator()(std::uint32_t key) const noexcept {
    return hash({reinterpret_cast<const char*>(&key), sizeof key});
  }
};
/// Everybody's home is one of four cells at the table's end, so that runs are long and go round.
struct crowding_hash {
  std::size_t operator()(std::uint32_t key) const noexcept { return 0xFFFFFFFCU | (key & 3U); }
};

template <class Hash>
void compare_with_a_map(std::uint32_t keys, std::uint32_t steps) {
  flat_table<std::uint32_t, std::uint32_t, Hash> table{Hash{}};
  std::unordered_map<std::uint32_t, std::uint32_t> expected;
  std::uint32_t random = 12345;
  for (std::uint32_t step = 0; step < steps; ++step) {
    random = random * 1664525U + 1013904223U;
    const auto key = (random >> 8) % keys;
    if ((random >> 28) < 8) {
      ASSERT_EQ(table.insert(key, step), expected.emplace(key, step).second);
    } else {
      ASSERT_EQ(table.erase(key), expected.erase(key) == 1);
    }
    ASSERT_EQ(table.size(), expected.size());
  }
  for (std::uint32_t key = 0; key < keys; ++key) {
    const auto known = expected.find(key);
    const auto* found = table.find(key);
    ASSERT_EQ(found != nullptr, known != expected.end()) << key;
    if (found) {
      EXPECT_EQ(*found, known->second);
    }
  }
}

} // namespace

TEST(FlatTable, DoesWhatAMapDoes) {
  compare_with_a_map<number_hash>(3000, 200'000);
}

TEST(FlatTable, DoesWhatAMapDoesWhenAllKeysCrowdTogether) {
  compare_with_a_map<crowding_hash>(60, 50'000);
}

TEST(FlatTable, KeepsTheFirstValueOfAKey) {
  flat_table<std::uint32_t, std::string, number_hash> table{number_hash{}};
  EXPECT_TRUE(table.insert(7, "first"));
  EXPECT_FALSE(table.insert(7, "second"));
  EXPECT_EQ(*table.find(7), "first");
}

TEST(FlatTable, IsAtMostHalfFull) {
  flat_table<std::uint32_t, int, number_hash> table{number_hash{}};
  EXPECT_EQ(table.capacity(), 0u);
  for (std::uint32_t key = 0; key < 1000; ++key) {
    table.insert(key, 0);
    EXPECT_LE(table.size() * 2, table.capacity());
  }
}

TEST(FlatTable, DoesNotGrowByUse) {
  flat_table<std::uint32_t, int, number_hash> table{number_hash{}};
  table.insert(0, 0);
  const auto before = table.capacity();
  for (std::uint32_t key = 1; key < 100'000; ++key) {
    table.insert(key, 0);
    table.erase(key);
  }
  EXPECT_EQ(table.capacity(), before);
}

TEST(FlatTable, FindsAndErasesNothingWhileItIsEmpty) {
  flat_table<std::uint32_t, int, number_hash> table{number_hash{}};
  EXPECT_EQ(table.find(1), nullptr);
  EXPECT_FALSE(table.erase(1));
}

} // namespace sallyport
