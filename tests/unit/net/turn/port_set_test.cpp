#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/turn/port_set.hpp"

namespace sallyport::turn {
namespace {

std::vector<std::uint16_t> all_of(const port_set& ports) {
  std::vector<std::uint16_t> all;
  for (std::size_t i = 0; i < ports.size(); ++i)
    all.push_back(ports[i]);
  return all;
}

TEST(PortSet, HoldsEachPortOnce) {
  port_set ports{10, 13};
  ports.add(10);
  ports.add(13);
  ports.add(10);

  EXPECT_THAT(all_of(ports), testing::UnorderedElementsAre(10, 13));
  EXPECT_TRUE(ports.contains(13));
  EXPECT_FALSE(ports.contains(11));
}

TEST(PortSet, ClosesTheGapOfAPortThatGoes) {
  port_set ports{10, 13};
  for (const std::uint16_t port : {10, 11, 12, 13})
    ports.add(port);
  ports.remove(11);
  ports.remove(11);
  EXPECT_THAT(all_of(ports), testing::UnorderedElementsAre(10, 12, 13));
  ports.remove(13);
  ports.remove(10);
  ports.remove(12);

  EXPECT_EQ(ports.size(), 0u);
  ports.add(12);
  EXPECT_THAT(all_of(ports), testing::ElementsAre(12));
}

TEST(PortSet, HoldsTheWholeRangeThereIs) {
  port_set ports{1, 65535};
  for (std::uint32_t port = 1; port <= 65535; ++port)
    ports.add(static_cast<std::uint16_t>(port));
  EXPECT_EQ(ports.size(), 65535u);
  EXPECT_TRUE(ports.contains(65535)); // Its place is the last that two bytes can name beside "absent".
  ports.remove(1);
  EXPECT_TRUE(ports.contains(65535));
  EXPECT_FALSE(ports.contains(1));
}

TEST(PortSet, KnowsNoPortOutsideItsRange) {
  const port_set ports{10, 13};
  EXPECT_THROW((void)ports.contains(14), std::out_of_range);
  EXPECT_THROW((void)ports.contains(9), std::out_of_range);
}

} // namespace
} // namespace sallyport::turn
