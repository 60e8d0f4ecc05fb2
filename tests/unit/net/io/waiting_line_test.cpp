#include <gtest/gtest.h>

#include "net/io/waiting_line.hpp"

namespace sallyport::io {
namespace {

TEST(WaitingLine, FirstComeFirstServedHoweverLongItGetsAndHoweverOftenItIsEmptied) {
  waiting_line line;
  std::uint64_t in = 0;
  std::uint64_t out = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 100; ++i)
      line.push(in++);
    for (int i = 0; i < 90; ++i)
      ASSERT_EQ(line.pop(), out++);
    EXPECT_EQ(line.size(), in - out);
  }
  while (!line.empty())
    ASSERT_EQ(line.pop(), out++);
  EXPECT_EQ(out, in);
  EXPECT_EQ(line.size(), 0u);
}

} // namespace
} // namespace sallyport::io
