#include <gtest/gtest.h>

#include "config/problem.hpp"

namespace sallyport::config {

TEST(Problems, AreShownInTheOrderOfTheFileAndOverridesLast) {
  const problems found{{{9, 3, {}}, "pool.name", "third"},
                       {{0, 0, "SALLYPORT_B"}, "b", "fifth"},
                       {{0, 0, "SALLYPORT_A"}, "a", "fourth"},
                       {{2, 7, {}}, "node", "second"},
                       {{}, {}, "first"}};
  EXPECT_EQ(render("edge.yaml", found), "edge.yaml: first\n"
                                        "edge.yaml:2:7: node: second\n"
                                        "edge.yaml:9:3: pool.name: third\n"
                                        "SALLYPORT_A: a: fourth\n"
                                        "SALLYPORT_B: b: fifth\n");
}

TEST(Positions, OfWhatWasNotWrittenAreThoseOfTheSectionAroundIt) {
  positions where;
  where.remember("", {1, 1, {}});
  where.remember("access", {4, 1, {}});
  where.remember("access.listen", {5, 3, {}});
  EXPECT_EQ(where.of("access.listen[2]"), (position{5, 3, {}}));
  EXPECT_EQ(where.of("access.inside.listen"), (position{4, 1, {}}));
  EXPECT_EQ(where.of("pool.name"), (position{1, 1, {}}));
  EXPECT_EQ(positions{}.of("pool.name"), position{});
}

TEST(Quote, CutsAndCleansWhatAnOperatorsTerminalWillShow) {
  EXPECT_EQ(quote("edge"), "'edge'");
  EXPECT_EQ(quote("a\nb\x1b"), "'a?b?'");
  EXPECT_EQ(quote(std::string(60, 'x')), "'" + std::string(60, 'x') + "'");
  EXPECT_EQ(quote(std::string(61, 'x')), "'" + std::string(60, 'x') + "...'");
}

} // namespace sallyport::config
