#include <gtest/gtest.h>

#include "actors/av_settings.hpp"
#include "config/dev.hpp"
#include "policy/peer_access.hpp"

namespace sallyport::actors {
namespace {

token_rate unproved_answer_bytes(std::uint32_t per_second, std::size_t lanes) {
  auto value = config::development_model();
  value.limits.av.unproved_answer_bytes_per_source = {per_second};
  const auto keys = *derive_pool_keys({std::string(32, 's')});
  return make_turn_settings(value, {}, make_authenticator(value, keys, {}), nullptr, lanes)
    .server.unproved_answer_bytes;
}

} // namespace

TEST(AvSettings, AreByDefaultThoseOfTheServer) {
  const auto of_one_lane = unproved_answer_bytes(config::av_limits{}.unproved_answer_bytes_per_source.per_second, 1);
  EXPECT_EQ(of_one_lane.per_second, turn::server_settings{}.unproved_answer_bytes.per_second);
  EXPECT_EQ(of_one_lane.burst, turn::server_settings{}.unproved_answer_bytes.burst);
}

TEST(AvSettings, ALaneHasItsShareOfASourcesBytesAndAlwaysRoomForTheLongestAnswer) {
  EXPECT_EQ(unproved_answer_bytes(32'000, 8).per_second, 4'000u);
  EXPECT_EQ(unproved_answer_bytes(32'000, 8).burst, 4'000u);
  EXPECT_EQ(unproved_answer_bytes(1'000, 64).per_second, 16u);
  EXPECT_EQ(unproved_answer_bytes(1'000, 64).burst, turn::server::unproved_answer_bytes_max);
}

} // namespace sallyport::actors
