#include <gtest/gtest.h>

#include <string>

#include "net/core/siphash.hpp"

namespace sallyport {

TEST(Siphash, GivesTheVectorsOfItsPaper) {
  const siphash hash{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
  std::string bytes;
  for (char byte = 0; byte < 15; ++byte)
    bytes += byte;
  EXPECT_EQ(hash(""), 0x726fdb47dd0e0e31U);
  EXPECT_EQ(hash(bytes.substr(0, 8)), 0x93f5f5799a932462U);
  EXPECT_EQ(hash(bytes), 0xa129ca6149be45e5U);
}

} // namespace sallyport
