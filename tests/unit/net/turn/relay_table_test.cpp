#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <string>

#include "net/core/fault.hpp"
#include "net/turn/relay_table.hpp"

namespace sallyport::turn {
namespace {

ip_address host(const std::string& text) {
  return *ip_address::parse(text);
}
endpoint at(const std::string& text) {
  return *endpoint::parse(text);
}

const five_tuple alice{at("198.51.100.1:5000"), 0};
const five_tuple bob{at("198.51.100.2:5000"), 0};
const endpoint peer = at("192.0.2.1:4000");

class RelayTable : public ::testing::Test {
protected:
  relay_table table_{{.node = 3, .lane = 2}, siphash{1, 2}};
};

} // namespace

TEST_F(RelayTable, TellsClientsApartByAddressPortAndListener) {
  const auto row = table_.open(alice);
  EXPECT_EQ(table_.find(alice), row);
  EXPECT_EQ(table_.find({alice.client, 1}), std::nullopt);
  EXPECT_EQ(table_.find({at("198.51.100.1:5001"), 0}), std::nullopt);
  EXPECT_EQ(table_.find(bob), std::nullopt);
}

TEST_F(RelayTable, HasOneRowForAFiveTuple) {
  table_.open(alice);
  EXPECT_THROW(table_.open(alice), std::logic_error);
}

TEST_F(RelayTable, KeepsPermissionsAndChannelsOfItsRowsApart) {
  const auto first = table_.open(alice);
  const auto second = table_.open(bob);
  table_.permit(first, peer.address, {peer_verdict::any_port});
  table_.bind(first, 0x4000, peer);
  EXPECT_NE(table_.permission_of(first, peer.address), nullptr);
  EXPECT_EQ(table_.permission_of(second, peer.address), nullptr);
  EXPECT_EQ(*table_.peer_of(first, 0x4000), peer);
  EXPECT_EQ(table_.peer_of(second, 0x4000), nullptr);
  EXPECT_EQ(table_.channel_of(first, peer), 0x4000);
  EXPECT_EQ(table_.channel_of(second, peer), std::nullopt);
}

TEST_F(RelayTable, PermitsByAddressAndBindsByAddressAndPort) {
  const auto row = table_.open(alice);
  table_.permit(row, peer.address, {peer_verdict::relay_ports_only, 7});
  table_.bind(row, 0x4000, peer);
  EXPECT_EQ(table_.permission_of(row, peer.address)->verdict, peer_verdict::relay_ports_only);
  EXPECT_EQ(table_.permission_of(row, peer.address)->judged_by, 7u);
  EXPECT_EQ(table_.channel_of(row, at("192.0.2.1:4001")), std::nullopt);
}

TEST_F(RelayTable, ForgetsWhatIsForbiddenAndUnbound) {
  const auto row = table_.open(alice);
  table_.permit(row, peer.address, {peer_verdict::any_port});
  table_.permit(row, host("192.0.2.2"), {peer_verdict::any_port});
  table_.bind(row, 0x4000, peer);
  table_.bind(row, 0x4001, at("192.0.2.2:4000"));
  table_.unbind(row, 0x4000);
  table_.forbid(row, peer.address);
  EXPECT_EQ(table_.peer_of(row, 0x4000), nullptr);
  EXPECT_EQ(table_.channel_of(row, peer), std::nullopt);
  EXPECT_EQ(table_.permission_of(row, peer.address), nullptr);
  EXPECT_EQ(table_.channels(), 1u);
  EXPECT_EQ(table_.permissions(), 1u);
}

TEST_F(RelayTable, ChangesNothingByWhatIsSoAlready) {
  const auto row = table_.open(alice);
  table_.permit(row, peer.address, {peer_verdict::any_port});
  table_.permit(row, peer.address, {peer_verdict::any_port});
  table_.bind(row, 0x4000, peer);
  table_.bind(row, 0x4000, peer);
  table_.unbind(row, 0x4001);
  table_.forbid(row, host("192.0.2.9"));
  EXPECT_EQ(table_.channels(), 1u);
  EXPECT_EQ(table_.permissions(), 1u);
}

TEST_F(RelayTable, TakesEverythingOfARowAwayWithIt) {
  const auto row = table_.open(alice);
  const auto other = table_.open(bob);
  for (std::uint16_t i = 0; i < 64; ++i) {
    const endpoint each{ip_address::v4(0xC0000200U + i), 4000};
    table_.permit(row, each.address, {peer_verdict::any_port});
    table_.bind(row, static_cast<std::uint16_t>(0x4000 + i), each);
  }
  table_.permit(other, peer.address, {peer_verdict::any_port});
  table_.close(row);
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_EQ(table_.channels(), 0u);
  EXPECT_EQ(table_.permissions(), 1u);
  EXPECT_EQ(table_.find(alice), std::nullopt);
}

TEST_F(RelayTable, GivesAReusedRowANewName) {
  const auto row = table_.open(alice);
  const auto former = table_.name(row);
  EXPECT_EQ(former, (lane_ref{.node = 3, .lane = 2, .index = row, .generation = 1}));
  table_.close(row);
  ASSERT_EQ(table_.open(alice), row);
  EXPECT_EQ(table_.find(former), nullptr);
  EXPECT_NE(table_.find(table_.name(row)), nullptr);
  EXPECT_EQ(table_[row].counts.packets_to_peers, 0u);
}

TEST_F(RelayTable, AChannelThatCouldNotBeBoundIsFreeForAnotherPeer) {
  const auto row = table_.open(alice);
  {
    const fault::plan first{1};
    EXPECT_THROW(table_.bind(row, 0x4000, peer), std::bad_alloc);
  }
  EXPECT_EQ(table_.peer_of(row, 0x4000), nullptr);
  EXPECT_EQ(table_.channel_of(row, peer), std::nullopt);
  const auto other = at("192.0.2.2:4000");
  table_.bind(row, 0x4000, other);
  EXPECT_EQ(*table_.peer_of(row, 0x4000), other);
  EXPECT_EQ(table_.channel_of(row, other), 0x4000);
}

} // namespace sallyport::turn
