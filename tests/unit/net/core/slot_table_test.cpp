#include <gtest/gtest.h>

#include <string>

#include "net/core/slot_groups.hpp"
#include "net/core/slot_table.hpp"

namespace sallyport {

TEST(SlotTable, ANameKeptTooLongNamesNothing) {
  slot_table<std::string> table;
  const auto first = table.emplace("first");
  const auto generation = table.generation(first);
  EXPECT_EQ(*table.find(first, generation), "first");
  table.erase(first);
  EXPECT_EQ(table.find(first, generation), nullptr);
  const auto second = table.emplace("second");
  EXPECT_EQ(second, first);
  EXPECT_EQ(table.find(first, generation), nullptr);
  EXPECT_EQ(*table.find(second, table.generation(second)), "second");
  EXPECT_EQ(table.size(), 1U);
}

TEST(SlotTable, ElementsDoNotMoveAsItGrows) {
  slot_table<std::string> table;
  const auto* kept = &table[table.emplace("kept")];
  for (int i = 0; i < 1000; ++i)
    table.emplace("more");
  EXPECT_EQ(*kept, "kept");
}

TEST(SlotTable, VisitsEachOnceAndLetsItGo) {
  slot_table<int> table;
  for (int i = 0; i < 10; ++i)
    table.emplace(i);
  int visited = 0;
  table.for_each([&](std::uint32_t index, int) {
    ++visited;
    table.erase(index);
  });
  EXPECT_EQ(visited, 10);
  EXPECT_EQ(table.size(), 0U);
}

TEST(SlotGroups, FindsTheMembersThatAreLeft) {
  slot_groups<int, std::hash<int>> groups;
  for (std::uint32_t slot = 0; slot < 6; ++slot)
    groups.add(slot, slot % 2 == 0 ? 0 : 1);
  groups.remove(2);
  EXPECT_EQ(groups.members(0), (std::vector<std::uint32_t>{4, 0}));
  groups.remove(4);
  groups.remove(0);
  EXPECT_TRUE(groups.members(0).empty());
  EXPECT_EQ(groups.members(1).size(), 3U);
  groups.add(2, 0);
  EXPECT_EQ(groups.members(0), (std::vector<std::uint32_t>{2}));
}

} // namespace sallyport
