#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/turn/turn_test.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;
using stun::attribute;
using stun::message_class;
using stun::method;
using test::text_of;
using test::turn_client;
using test::world_options;

const endpoint peer = *endpoint::parse("192.0.2.1:4000");

class TurnMedia : public test::turn_test {
protected:
  explicit TurnMedia(const world_options& options = {}) : turn_test{options} {
    (void)world_.allocate(alice_);
    id_ = world_.ids().front();
  }
  void permit(const std::string& address) { ASSERT_EQ(world_.ask(alice_, alice_.permit({address})).code, 0u); }
  void bind(std::uint16_t number, const std::string& at) {
    ASSERT_EQ(world_.ask(alice_, alice_.bind(number, at)).code, 0u);
  }
  test::outcome send(const std::string& to, std::string_view payload) {
    return world_.receive(alice_, alice_.send(to, payload));
  }

  allocation_id id_;
};

/// A single node behind a translator: 10.0.0.100 here, 192.0.2.100 to everybody else.
class TurnMediaBehindNat : public TurnMedia {
protected:
  static world_options translated() {
    world_options options;
    options.server.relay_address = *ip_address::parse("10.0.0.100");
    return options;
  }
  TurnMediaBehindNat() : TurnMedia{translated()} {
    for (const auto* ours : {"192.0.2.100", "10.0.0.100"})
      world_.peers.ours.insert(*ip_address::parse(ours));
  }
};

} // namespace

TEST_F(TurnMedia, SendsWhatASendIndicationCarries) {
  permit("192.0.2.1");
  const auto sent = send("192.0.2.1:4000", "hello");
  ASSERT_TRUE(sent.to_peer);
  EXPECT_EQ(sent.to_peer->first, peer);
  EXPECT_EQ(sent.to_peer->second, "hello");
  EXPECT_EQ(sent.relay, id_.index);
  EXPECT_TRUE(send("192.0.2.1:4001", "").to_peer); // A permission is for every port; an empty payload is one.
}

TEST_F(TurnMedia, SendsNothingWithoutPermission) {
  EXPECT_EQ(send("192.0.2.1:4000", "hello").dropped, "no_permission");
  permit("192.0.2.1");
  EXPECT_EQ(send("192.0.2.2:4000", "hello").dropped, "no_permission");
  world_.pass(300s);
  EXPECT_EQ(send("192.0.2.1:4000", "hello").dropped, "no_permission");
}

TEST_F(TurnMedia, DropsSendIndicationsThatAreNotWhole) {
  permit("192.0.2.1");
  const auto dropped = [&](auto&& put) {
    return world_.receive(alice_, alice_.bare(method::send, message_class::indication, put)).dropped;
  };
  const auto put_peer = [](auto& writer) { writer.put_xor_address(attribute::xor_peer_address, peer); };
  EXPECT_EQ(dropped([](auto& writer) { writer.put_text(attribute::data, "x"); }), "bad_send_indication");
  EXPECT_EQ(dropped(put_peer), "bad_send_indication");
  EXPECT_EQ(dropped([](auto& writer) {
              writer.put_u32(attribute::xor_peer_address, 0);
              writer.put_text(attribute::data, "x");
            }),
            "bad_send_indication");
  EXPECT_EQ(dropped([](auto& writer) {
              writer.put_xor_address(attribute::xor_peer_address, {peer.address, 0});
              writer.put_text(attribute::data, "x");
            }),
            "bad_send_indication");
  EXPECT_EQ(dropped([&](auto& writer) {
              put_peer(writer);
              writer.put_text(attribute::data, "x");
              writer.put(attribute::dont_fragment, {});
            }),
            "dont_fragment");
  EXPECT_EQ(dropped([&](auto& writer) {
              put_peer(writer);
              writer.put_text(attribute::data, "x");
              writer.put_u32(static_cast<attribute>(0x7ABC), 0);
            }),
            "unknown_attribute_in_indication");
}

TEST_F(TurnMedia, DropsWhatComesFromWhoHasNoAllocation) {
  turn_client unauthenticated{"198.51.100.66:5000", "alice", "guess"};
  EXPECT_EQ(world_.receive(unauthenticated, unauthenticated.send("192.0.2.1:4000", "x")).dropped, "no_allocation");
  EXPECT_EQ(world_.channel_data(unauthenticated, unauthenticated.channel_data(0x4000, "x")).dropped, "no_allocation");
  unauthenticated.at = alice_.at;
  unauthenticated.listener = 1; // Another address of ours: another 5-tuple.
  EXPECT_EQ(world_.channel_data(unauthenticated, unauthenticated.channel_data(0x4000, "x")).dropped, "no_allocation");
}

TEST_F(TurnMedia, RelaysChannelDataToTheChannelsPeer) {
  bind(0x4000, "192.0.2.1:4000");
  const auto sent = world_.channel_data(alice_, alice_.channel_data(0x4000, "hello"));
  ASSERT_TRUE(sent.to_peer);
  EXPECT_EQ(sent.to_peer->first, peer);
  EXPECT_EQ(sent.to_peer->second, "hello");
}

TEST_F(TurnMedia, DropsChannelDataThatIsBrokenOrUnbound) {
  bind(0x4000, "192.0.2.1:4000");
  EXPECT_EQ(world_.channel_data(alice_, alice_.channel_data(0x4001, "x")).dropped, "no_channel");
  auto broken = alice_.channel_data(0x4000, "hello");
  broken.pop_back();
  EXPECT_EQ(world_.channel_data(alice_, broken).dropped, "bad_channel_data");
  EXPECT_EQ(world_.channel_data(alice_, {}).dropped, "bad_channel_data");
}

TEST_F(TurnMedia, RelaysNothingOnAChannelWhosePermissionHasGone) {
  bind(0x4000, "192.0.2.1:4000");
  world_.pass(300s);
  ASSERT_EQ(world_.server.channels(), 1u);
  EXPECT_EQ(world_.channel_data(alice_, alice_.channel_data(0x4000, "x")).dropped, "no_permission");
  EXPECT_FALSE(world_.from_peer(id_, peer, "x"));
  permit("192.0.2.1");
  EXPECT_TRUE(world_.channel_data(alice_, alice_.channel_data(0x4000, "x")).to_peer);
}

TEST_F(TurnMedia, APermissionLastsAsLongWhateverTheWallClockIsSetTo) {
  permit("192.0.2.1");
  world_.wall_set = 24h;
  world_.pass(299s);
  EXPECT_TRUE(send("192.0.2.1:4000", "x").to_peer);
  world_.wall_set = -24h;
  world_.pass(1s);
  EXPECT_EQ(send("192.0.2.1:4000", "x").dropped, "no_permission");
}

TEST_F(TurnMedia, WritesChannelDataAroundAPayload) {
  bind(0x4000, "192.0.2.1:4000");
  for (const std::string payload : {"", "h", "hello", "hello wo"})
    EXPECT_EQ(world_.from_peer(id_, peer, payload), alice_.channel_data(0x4000, payload));
}

TEST_F(TurnMedia, WritesADataIndicationAroundAPayload) {
  permit("192.0.2.1");
  for (const std::string payload : {"", "h", "hello", "hello wo"}) {
    const auto got = world_.from_peer(id_, peer, payload);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->size() % 4, 0u);
    const auto message = stun::message_view::parse(*got);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->is(method::data, message_class::indication));
    EXPECT_EQ(text_of(message->find(attribute::data).value()), payload);
    EXPECT_EQ(stun::read_xor_address(message->find(attribute::xor_peer_address).value(), message->transaction()), peer);
    EXPECT_TRUE(std::all_of(got->end() - static_cast<std::ptrdiff_t>((4 - payload.size() % 4) % 4), got->end(),
                            [](std::byte padding) { return padding == std::byte{0}; }));
  }
}

TEST_F(TurnMedia, GivesEveryDataIndicationAnIdOfItsOwn) {
  permit("192.0.2.1");
  std::set<stun::transaction_id> ids;
  for (int i = 0; i < 100; ++i)
    ids.insert(stun::message_view::parse(world_.from_peer(id_, peer, "x").value())->transaction());
  EXPECT_EQ(ids.size(), 100u);
}

TEST_F(TurnMedia, TellsTheClientNothingOfPeersWithoutPermission) {
  EXPECT_FALSE(world_.from_peer(id_, peer, "x"));
  permit("192.0.2.2");
  EXPECT_FALSE(world_.from_peer(id_, peer, "x"));
}

TEST_F(TurnMedia, KeepsPermissionsOfAllocationsApart) {
  permit("192.0.2.1");
  (void)world_.allocate(bob_);
  EXPECT_EQ(world_.receive(bob_, bob_.send("192.0.2.1:4000", "x")).dropped, "no_permission");
  bind(0x4000, "192.0.2.1:4000");
  EXPECT_EQ(world_.channel_data(bob_, bob_.channel_data(0x4000, "x")).dropped, "no_channel");
}

TEST_F(TurnMedia, ReachesOurOwnAddressOnlyWhereRelaysAre) {
  world_.peers.ours.insert(*ip_address::parse("192.0.2.100"));
  permit("192.0.2.100");
  EXPECT_TRUE(send("192.0.2.100:50001", "x").to_peer);
  EXPECT_EQ(send("192.0.2.100:3478", "x").dropped, "peer_port");
  EXPECT_TRUE(world_.from_peer(id_, *endpoint::parse("192.0.2.100:50001"), "x"));
  EXPECT_FALSE(world_.from_peer(id_, *endpoint::parse("192.0.2.100:5060"), "x"));
}

TEST_F(TurnMedia, ReachesAPermittedPeerNoLongerOnceItIsRefused) { // An address that this host has gained since, say.
  bind(0x4000, "192.0.2.1:4000");
  permit("192.0.2.2");
  const auto opened = world_.ledger.permissions();
  world_.peers.refused.insert(peer.address);
  world_.renew_peers();

  EXPECT_EQ(send("192.0.2.1:4000", "x").dropped, "peer_refused");
  EXPECT_EQ(world_.channel_data(alice_, alice_.channel_data(0x4000, "x")).dropped, "peer_refused");
  EXPECT_FALSE(world_.from_peer(id_, peer, "x"));
  EXPECT_EQ(world_.ask(alice_, alice_.permit({"192.0.2.1"})).code, 403u);
  EXPECT_EQ(world_.ask(alice_, alice_.bind(0x4000, "192.0.2.1:4000")).code, 403u);
  EXPECT_TRUE(send("192.0.2.2:4000", "x").to_peer) << "others are as they were";
  EXPECT_EQ(world_.server.permissions(), opened) << "their lifetimes are their actor's";
  EXPECT_EQ(world_.server.counts(id_)->dropped, 3u);
}

TEST_F(TurnMedia, ReachesAPeerAgainThatIsRefusedNoLonger) {
  bind(0x4000, "192.0.2.1:4000");
  for (const bool is_refused : {true, false, true, false}) {
    if (is_refused)
      world_.peers.refused.insert(peer.address);
    else
      world_.peers.refused.erase(peer.address);
    world_.renew_peers();
    EXPECT_EQ(!send("192.0.2.1:4000", "x").to_peer, is_refused);
    EXPECT_EQ(!world_.from_peer(id_, peer, "x"), is_refused);
  }
}

TEST_F(TurnMedia, ReachesAPermittedPeerOnlyAtRelayPortsOnceItIsAnAddressOfOurRelays) {
  permit("192.0.2.1");
  world_.peers.ours.insert(peer.address);
  world_.renew_peers();
  EXPECT_EQ(send("192.0.2.1:4000", "x").dropped, "peer_port");
  EXPECT_TRUE(send("192.0.2.1:50001", "x").to_peer);
}

TEST_F(TurnMedia, JudgesAPermissionThatWasAskedForBeforeByWhatHoldsWhenItOpens) {
  world_.holds_answers = true;
  EXPECT_EQ(world_.receive(alice_, alice_.permit({"192.0.2.1"})).dropped, "held");
  world_.peers.refused.insert(peer.address);
  world_.renew_peers();
  (void)world_.answer_next();
  EXPECT_EQ(send("192.0.2.1:4000", "x").dropped, "peer_refused");
}

TEST_F(TurnMedia, CountsWhatItRelaysAndWhatItDrops) {
  bind(0x4000, "192.0.2.1:4000");
  (void)world_.channel_data(alice_, alice_.channel_data(0x4000, "12345"));
  (void)send("192.0.2.1:4000", "123");
  (void)world_.from_peer(id_, peer, "1234567");
  (void)send("192.0.2.9:4000", "x");
  (void)world_.channel_data(alice_, alice_.channel_data(0x4001, "x"));
  (void)world_.from_peer(id_, *endpoint::parse("192.0.2.9:4000"), "x");
  const auto* counts = world_.server.counts(id_);
  ASSERT_NE(counts, nullptr);
  EXPECT_EQ(counts->packets_to_peers, 2u);
  EXPECT_EQ(counts->bytes_to_peers, 8u);
  EXPECT_EQ(counts->packets_to_client, 1u);
  EXPECT_EQ(counts->bytes_to_client, 7u);
  EXPECT_EQ(counts->dropped, 3u);
}

TEST_F(TurnMedia, DropsAPayloadThatNoMessageHolds) {
  permit("192.0.2.1");
  EXPECT_TRUE(world_.from_peer(id_, peer, std::string(server::payload_bytes_max, 'x')));
  EXPECT_FALSE(world_.from_peer(id_, peer, std::string(server::payload_bytes_max + 1, 'x')));
}

TEST_F(TurnMediaBehindNat, AnnouncesTheTranslatedAddress) {
  EXPECT_EQ(world_.allocate(bob_).relayed->address.text(), "192.0.2.100");
}

TEST_F(TurnMediaBehindNat, ReachesTheAnnouncedAddressAtOurOwn) {
  permit("192.0.2.100");
  bind(0x4000, "192.0.2.100:50001");
  EXPECT_EQ(send("192.0.2.100:50001", "x").to_peer->first, *endpoint::parse("10.0.0.100:50001"));
  EXPECT_EQ(world_.channel_data(alice_, alice_.channel_data(0x4000, "x")).to_peer->first,
            *endpoint::parse("10.0.0.100:50001"));
}

TEST_F(TurnMediaBehindNat, ShowsWhatComesFromARelayAsFromTheAnnouncedAddress) {
  permit("192.0.2.100");
  const auto got = world_.from_peer(id_, *endpoint::parse("10.0.0.100:50001"), "x");
  ASSERT_TRUE(got);
  const auto message = stun::message_view::parse(*got);
  EXPECT_EQ(stun::read_xor_address(message->find(attribute::xor_peer_address).value(), message->transaction()),
            *endpoint::parse("192.0.2.100:50001"));
  bind(0x4000, "192.0.2.100:50001");
  EXPECT_EQ(world_.from_peer(id_, *endpoint::parse("10.0.0.100:50001"), "x"), alice_.channel_data(0x4000, "x"));
  EXPECT_FALSE(world_.from_peer(id_, *endpoint::parse("10.0.0.100:3478"), "x"));
}

TEST_F(TurnMediaBehindNat, TakesOurTwoAddressesForOnePeer) {
  ASSERT_EQ(world_.ask(alice_, alice_.permit({"10.0.0.100", "192.0.2.100"})).code, 0u);
  EXPECT_EQ(world_.server.permissions(), 1u);
  EXPECT_TRUE(send("10.0.0.100:50001", "x").to_peer);
  bind(0x4000, "10.0.0.100:50001");
  EXPECT_EQ(world_.ask(alice_, alice_.bind(0x4001, "192.0.2.100:50001")).code, 400u);
  EXPECT_EQ(world_.from_peer(id_, *endpoint::parse("10.0.0.100:50001"), "x"), alice_.channel_data(0x4000, "x"));
}

} // namespace sallyport::turn
