#include <gtest/gtest.h>

#include <set>

#include "net/io/slots.hpp"

namespace sallyport::io {
namespace {

lane_ref put_one(slots<int>& table, int value) {
  const auto name = table.reserve();
  if (name)
    table.put(name, std::make_unique<int>(value));
  return name;
}

} // namespace

TEST(Slots, FindsAThingByTheNameItGaveAndByNoOther) {
  slots<int> table{3, 2, 8};
  const auto name = put_one(table, 41);
  EXPECT_EQ(name, (lane_ref{.node = 3, .lane = 2, .index = 0, .generation = 1}));
  ASSERT_NE(table.find(name), nullptr);
  EXPECT_EQ(*table.find(name), 41);

  EXPECT_EQ(table.find({}), nullptr);
  EXPECT_EQ(table.find({3, 1, 0, 1}), nullptr) << "another lane's";
  EXPECT_EQ(table.find({4, 2, 0, 1}), nullptr) << "another node's";
  EXPECT_EQ(table.find({3, 2, 1, 1}), nullptr) << "past the end";
  EXPECT_EQ(table.find({3, 2, 0, 2}), nullptr) << "of a later generation";
}

TEST(Slots, AReusedSlotIsNotFoundByItsFormerName) {
  slots<int> table{3, 2, 8};
  const auto former = put_one(table, 1);
  EXPECT_EQ(*table.take(former), 1);
  EXPECT_EQ(table.find(former), nullptr);

  const auto latter = put_one(table, 2);
  EXPECT_EQ(latter.index, former.index);
  EXPECT_NE(latter, former);
  EXPECT_EQ(table.find(former), nullptr);
  EXPECT_EQ(*table.find(latter), 2);
}

TEST(Slots, OnePastItsLimitThereIsNoName) {
  slots<int> table{3, 2, 2};
  const auto first = put_one(table, 1);
  ASSERT_TRUE(put_one(table, 2));
  EXPECT_FALSE(table.reserve());
  EXPECT_EQ(table.size(), 2u);

  std::ignore = table.take(first);
  EXPECT_EQ(table.size(), 1u);
  EXPECT_TRUE(table.reserve());
}

TEST(Slots, VisitsWhatItHoldsAndTheVisitorMayTakeIt) {
  slots<int> table{3, 2, 8};
  std::vector<lane_ref> names;
  for (int value = 0; value < 4; ++value)
    names.push_back(put_one(table, value));
  std::ignore = table.take(names[2]);

  std::set<int> seen;
  table.each([&](int& value) {
    seen.insert(value);
    std::ignore = table.take(names[static_cast<std::size_t>(value)]);
  });
  EXPECT_EQ(seen, (std::set<int>{0, 1, 3}));
  EXPECT_EQ(table.size(), 0u);
}

} // namespace sallyport::io
