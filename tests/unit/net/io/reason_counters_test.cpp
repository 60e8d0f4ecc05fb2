#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "net/io/reason_counters.hpp"

namespace sallyport::io {
namespace {

std::map<std::string, std::uint64_t> read(const reason_counters& counters) {
  std::map<std::string, std::uint64_t> found;
  counters.each([&](std::string_view reason, std::uint64_t count) { found[std::string{reason}] += count; });
  return found;
}

} // namespace

TEST(ReasonCounters, CountsEachReasonByItsTextWhereverTheLiteralLies) {
  reason_counters counters;
  EXPECT_TRUE(read(counters).empty());
  const std::string same = "stray_response";
  counters.add("stray_response");
  counters.add("not_sip");
  counters.add(same);
  EXPECT_EQ(read(counters), (std::map<std::string, std::uint64_t>{{"stray_response", 2}, {"not_sip", 1}}));
}

TEST(ReasonCounters, CountsSeveralAtOnceAndNoneNotAtAll) {
  reason_counters counters;
  counters.add("not_sent", 0);
  EXPECT_TRUE(read(counters).empty());
  counters.add("not_sent", 3);
  counters.add("not_sent", 2);
  EXPECT_EQ(read(counters), (std::map<std::string, std::uint64_t>{{"not_sent", 5}}));
}

TEST(ReasonCounters, OneReasonPastTheTableIsCountedAsTheLast) {
  std::vector<std::string> reasons; // Outlive the counters, as literals do.
  for (std::size_t i = 0; i <= reason_counters::reasons_max; ++i)
    reasons.push_back("reason " + std::to_string(i));
  reason_counters counters;
  for (const auto& reason : reasons)
    counters.add(reason);

  const auto found = read(counters);
  EXPECT_EQ(found.size(), reason_counters::reasons_max);
  EXPECT_EQ(found.at(reasons[reason_counters::reasons_max - 1]), 2u);
  EXPECT_FALSE(found.contains(reasons.back()));
}

} // namespace sallyport::io
