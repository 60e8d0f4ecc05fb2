#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/core/named_places.hpp"

namespace sallyport {
namespace {

constexpr lane_ref name_of(std::uint32_t index, std::uint32_t generation) {
  return {.node = 3, .lane = 2, .index = index, .generation = generation};
}

} // namespace

TEST(NamedPlaces, FindsWhatWasPutByItsNameAndByNoOther) {
  named_places<std::string> places;
  places.put(name_of(5, 9), "fifth");
  ASSERT_NE(places.find(name_of(5, 9)), nullptr);
  EXPECT_EQ(*places.find(name_of(5, 9)), "fifth");
  EXPECT_EQ(places.name(5), name_of(5, 9));

  EXPECT_EQ(places.find({}), nullptr);
  EXPECT_EQ(places.find(name_of(5, 8)), nullptr);
  EXPECT_EQ(places.find(name_of(6, 9)), nullptr) << "past the end";
  EXPECT_EQ(places.find({3, 1, 5, 9}), nullptr) << "another lane's";
}

TEST(NamedPlaces, ANewNameOfAPlaceReplacesWhatWasThere) {
  named_places<std::string> places;
  places.put(name_of(0, 1), "former");
  places.put(name_of(0, 4), "latter");
  EXPECT_EQ(places.find(name_of(0, 1)), nullptr);
  EXPECT_EQ(*places.find(name_of(0, 4)), "latter");
}

TEST(NamedPlaces, WhatIsErasedIsNotFound) {
  named_places<std::string> places;
  places.put(name_of(2, 1), "gone");
  places.erase(2);
  EXPECT_EQ(places.find(name_of(2, 1)), nullptr);
}

TEST(NamedPlaces, VisitsWhatIsThereAndLetsItGo) {
  named_places<int> places;
  for (const std::uint32_t index : {7U, 1U, 4U})
    places.put(name_of(index, 1), static_cast<int>(index));
  places.erase(4);
  std::vector<int> seen;
  places.for_each([&](std::uint32_t index, int value) {
    seen.push_back(value);
    places.erase(index);
  });
  EXPECT_EQ(seen, (std::vector{1, 7}));
  EXPECT_EQ(places.find(name_of(7, 1)), nullptr);
}

} // namespace sallyport
