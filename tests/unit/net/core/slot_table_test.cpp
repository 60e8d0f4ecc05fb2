#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "net/core/slot_groups.hpp"
#include "net/core/slot_table.hpp"

namespace sallyport {
namespace {

constexpr lane_ref home{.node = 3, .lane = 2};

/// Cannot be made of a negative number.
struct picky {
  explicit picky(int number) {
    if (number < 0)
      throw std::invalid_argument{"negative"};
  }
};

} // namespace

TEST(SlotTable, FindsAThingByTheNameItGaveAndByNoOther) {
  slot_table<int> table{home};
  const auto name = table.emplace(41);
  EXPECT_EQ(name, (lane_ref{.node = 3, .lane = 2, .index = 0, .generation = 1}));
  ASSERT_NE(table.find(name), nullptr);
  EXPECT_EQ(*table.find(name), 41);

  EXPECT_EQ(table.find({}), nullptr);
  EXPECT_EQ(table.find({3, 1, 0, 1}), nullptr) << "another lane's";
  EXPECT_EQ(table.find({4, 2, 0, 1}), nullptr) << "another node's";
  EXPECT_EQ(table.find({3, 2, 1, 1}), nullptr) << "past the end";
  EXPECT_EQ(table.find({3, 2, 0, 2}), nullptr) << "of a later generation";
}

TEST(SlotTable, ANameKeptTooLongNamesNothing) {
  slot_table<std::string> table{home};
  const auto first = table.emplace("first");
  table.erase(first.index);
  EXPECT_EQ(table.find(first), nullptr);
  const auto second = table.emplace("second");
  EXPECT_EQ(second.index, first.index);
  EXPECT_EQ(table.find(first), nullptr);
  EXPECT_EQ(*table.find(second), "second");
  EXPECT_EQ(table.size(), 1U);
}

TEST(SlotTable, SaysBeforehandWhatItWillNameTheNext) {
  slot_table<int> table{home};
  for (int i = 0; i < 4; ++i) {
    const auto foretold = table.next_name();
    const auto name = table.emplace(i);
    EXPECT_EQ(name, foretold);
    if (i % 2 == 0)
      table.erase(name.index);
  }
}

TEST(SlotTable, AfterTheLastGenerationComesTheFirstForNoneNamesNothing) {
  slot_table<int, std::uint8_t> table{home};
  for (std::uint32_t use = 0; use < 600; ++use) {
    const auto name = table.emplace(7);
    ASSERT_EQ(name.generation, use % 255 + 1);
    ASSERT_NE(table.find(name), nullptr);
    ASSERT_EQ(table.find({.node = 3, .lane = 2, .index = 0, .generation = 0}), nullptr);
    table.erase(name.index);
  }
}

TEST(SlotTable, WhatCannotBeMadeTakesNoPlace) {
  slot_table<picky> table;
  EXPECT_THROW(table.emplace(-1), std::invalid_argument);
  EXPECT_EQ(table.size(), 0U);
  const auto name = table.emplace(1);
  EXPECT_EQ(name.index, 0U);
  table.erase(name.index);
  EXPECT_THROW(table.emplace(-1), std::invalid_argument);
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.emplace(1).index, 0U);
  EXPECT_EQ(table.size(), 1U);
}

TEST(SlotTable, ElementsDoNotMoveAsItGrows) {
  slot_table<std::string> table;
  const auto* kept = table.find(table.emplace("kept"));
  for (int i = 0; i < 1000; ++i)
    table.emplace("more");
  EXPECT_EQ(*kept, "kept");
}

TEST(SlotTable, VisitsEachOnceAndLetsItGo) {
  slot_table<int> table;
  for (int i = 0; i < 10; ++i)
    table.emplace(i);
  table.erase(4);
  int visited = 0;
  table.for_each([&](std::uint32_t index, int value) {
    ++visited;
    EXPECT_EQ(value, static_cast<int>(index));
    table.erase(index);
  });
  EXPECT_EQ(visited, 9);
  EXPECT_EQ(table.size(), 0U);
}

TEST(SlotGroups, FindsTheMembersThatAreLeft) {
  slot_groups<int, std::hash<int>> groups;
  for (std::uint32_t slot = 0; slot < 6; ++slot)
    groups.add(slot, slot % 2 == 0 ? 0 : 1);
  const auto taken_from = [&groups](int key) {
    std::vector<std::uint32_t> slots;
    while (const auto slot = groups.first(key)) {
      slots.push_back(*slot);
      groups.remove(*slot);
    }
    return slots;
  };
  groups.remove(2);
  EXPECT_EQ(taken_from(0), (std::vector<std::uint32_t>{4, 0}));
  EXPECT_EQ(taken_from(0), (std::vector<std::uint32_t>{}));
  EXPECT_EQ(taken_from(1), (std::vector<std::uint32_t>{5, 3, 1}));
  groups.add(2, 0);
  EXPECT_EQ(taken_from(0), (std::vector<std::uint32_t>{2}));
}

} // namespace sallyport
