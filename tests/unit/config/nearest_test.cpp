#include <gtest/gtest.h>

#include <array>
#include <string>

#include "config/nearest.hpp"

namespace sallyport::config {

constexpr std::array<std::string_view, 4> known{"listen", "transport", "limits", "logging"};

TEST(Nearest, FindsWhatALetterAddedLeftOutChangedOrSwappedWasMeantToBe) {
  for (const auto* text : {"listenn", "liten", "lisben", "litsen"})
    EXPECT_EQ(nearest(text, known), "listen") << text;
}

TEST(Nearest, DoesNotGuessWhenNothingIsClose) {
  for (const auto* text : {"", "x", "certificate", "lis"})
    EXPECT_FALSE(nearest(text, known)) << text;
}

TEST(Nearest, DoesNotCompareWhatIsTooLongToBeAKey) {
  const std::string longest(64, 'a');
  EXPECT_EQ(nearest(longest, std::array{std::string_view{longest}}), longest);
  const auto past = longest + "a";
  EXPECT_FALSE(nearest(past, std::array{std::string_view{past}}));
}

} // namespace sallyport::config
