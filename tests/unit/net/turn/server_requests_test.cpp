#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/turn/turn_test.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;
using stun::attribute;
using stun::message_writer;
using stun::method;
using test::bytes;
using test::turn_client;
using test::turn_world;
using test::world_options;
using ::testing::ElementsAre;

constexpr std::uint32_t ipv4 = 1U << 24;
constexpr std::uint32_t ipv6 = 2U << 24;

class TurnRequests : public test::turn_test {
protected:
  TurnRequests() {
    world_.introduce(alice_);
    world_.introduce(bob_);
  }
  unsigned code(const turn_client& who, const bytes& request) { return world_.ask(who, request).code; }
  template <class Put>
  unsigned allocate(Put&& put) {
    return code(alice_, alice_.allocate(put));
  }
};

void put_family(message_writer& writer, attribute which, std::uint32_t family) {
  writer.put_u32(which, family);
}
void put_even_port(message_writer& writer, unsigned bits) {
  writer.put(attribute::even_port, std::array{static_cast<std::byte>(bits)});
}
void put_token(message_writer& writer, const reservation_token& token) {
  writer.put(attribute::reservation_token, token);
}

} // namespace

TEST_F(TurnRequests, AllocatesARelay) {
  const auto answer = world_.ask(alice_, alice_.allocate());
  EXPECT_EQ(answer.kind, stun::message_class::success);
  ASSERT_TRUE(answer.relayed);
  EXPECT_EQ(answer.relayed->address.text(), "192.0.2.100");
  EXPECT_GE(answer.relayed->port, 50'000);
  EXPECT_EQ(answer.mapped, alice_.at);
  EXPECT_EQ(answer.lifetime, 600s);
  EXPECT_EQ(answer.token, std::nullopt);
  EXPECT_TRUE(answer.is_signed);
  EXPECT_EQ(world_.server.allocations(), 1u);
  EXPECT_EQ(world_.server.requests_in_flight(), 0u);
}

TEST_F(TurnRequests, GivesTheLifetimeThatIsAskedForUpToTheMaximum) {
  const auto lifetime = [](std::uint32_t value) {
    return [=](message_writer& writer) { writer.put_u32(attribute::lifetime, value); };
  };
  EXPECT_EQ(world_.ask(alice_, alice_.allocate(lifetime(1200))).lifetime, 1200s);
  EXPECT_EQ(world_.ask(bob_, bob_.allocate(lifetime(0xFFFFFFFF))).lifetime, 3600s);
  EXPECT_EQ(world_.ask(bob_, bob_.refresh(900)).lifetime, 900s);
  EXPECT_EQ(world_.ask(bob_, bob_.refresh(1)).lifetime, 600s);
  EXPECT_EQ(world_.ask(bob_, bob_.refresh({})).lifetime, 600s);
}

TEST_F(TurnRequests, RefuseASecondAllocationOnA5Tuple) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.allocate()), 437u);
  EXPECT_EQ(world_.server.allocations(), 1u);
}

TEST_F(TurnRequests, RefuseAnAllocationOnAStolen5Tuple) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  bob_.at = alice_.at;
  world_.introduce(bob_);
  EXPECT_EQ(code(bob_, bob_.allocate()), 437u);
}

TEST_F(TurnRequests, CheckA5TupleBeforeWhatIsAskedFor) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.request(method::allocate)), 437u);
}

TEST_F(TurnRequests, DemandATransportThatIsUdp) {
  EXPECT_EQ(code(alice_, alice_.request(method::allocate)), 400u);
  const auto transport = [&](std::span<const std::byte> value) {
    return code(alice_, alice_.request(method::allocate, [&](message_writer& writer) {
      writer.put(attribute::requested_transport, value);
    }));
  };
  EXPECT_EQ(transport(std::array{std::byte{17}, std::byte{0}}), 400u);
  EXPECT_EQ(transport(std::array{std::byte{6}, std::byte{0}, std::byte{0}, std::byte{0}}), 442u);
  EXPECT_EQ(transport(std::array{std::byte{17}, std::byte{1}, std::byte{2}, std::byte{3}}), 0u); // RFFU is ignored.
}

TEST_F(TurnRequests, DoNotKnowDontFragmentYet) {
  const auto answer =
    world_.ask(alice_, alice_.allocate([](message_writer& writer) { writer.put(attribute::dont_fragment, {}); }));
  EXPECT_EQ(answer.code, 420u);
  EXPECT_THAT(answer.unknown, ElementsAre(0x001A));
  EXPECT_EQ(code(alice_, alice_.request(method::allocate,
                                        [](message_writer& writer) { // Item 3 comes before item 4.
                                          writer.put(attribute::dont_fragment, {});
                                          writer.put_u32(attribute::requested_transport, 6U << 24);
                                        })),
            442u);
}

TEST_F(TurnRequests, AllocateAnAddressOfTheFamilyThereIs) {
  const auto family = [&](std::uint32_t value) {
    return allocate([=](message_writer& writer) { put_family(writer, attribute::requested_address_family, value); });
  };
  EXPECT_EQ(family(ipv6), 440u);
  EXPECT_EQ(family(3U << 24), 440u);
  EXPECT_EQ(
    allocate([](message_writer& writer) { writer.put(attribute::requested_address_family, std::array{std::byte{1}}); }),
    400u);
  EXPECT_EQ(family(ipv4), 0u);
}

TEST_F(TurnRequests, AllocateOneAddressOfTwoAndSayWhy) {
  const auto answer = world_.ask(alice_, alice_.allocate([](message_writer& writer) {
    put_family(writer, attribute::additional_address_family, ipv6);
  }));
  EXPECT_EQ(answer.code, 0u);
  ASSERT_TRUE(answer.relayed && answer.address_error);
  EXPECT_TRUE(answer.relayed->address.is_v4());
  EXPECT_THAT(std::span{*answer.address_error}.first(4),
              ElementsAre(std::byte{2}, std::byte{0}, std::byte{4}, std::byte{40}));
}

TEST_F(TurnRequests, RefuseFamiliesThatDoNotGoTogether) {
  EXPECT_EQ(allocate([](message_writer& writer) {
              put_family(writer, attribute::requested_address_family, ipv4);
              put_family(writer, attribute::additional_address_family, ipv6);
            }),
            400u);
  EXPECT_EQ(allocate([](message_writer& writer) { put_family(writer, attribute::additional_address_family, ipv4); }),
            400u);
  EXPECT_EQ(allocate([](message_writer& writer) {
              put_even_port(writer, 0x80);
              put_family(writer, attribute::additional_address_family, ipv6);
            }),
            400u);
  EXPECT_EQ(allocate([](message_writer& writer) {
              put_even_port(writer, 0x00);
              put_family(writer, attribute::additional_address_family, ipv6);
            }),
            0u);
}

TEST_F(TurnRequests, AllocateAnEvenPort) {
  const auto answer = world_.ask(alice_, alice_.allocate([](message_writer& writer) { put_even_port(writer, 0x7F); }));
  ASSERT_TRUE(answer.relayed);
  EXPECT_EQ(answer.relayed->port % 2, 0);
  EXPECT_EQ(answer.token, std::nullopt);
  EXPECT_EQ(
    world_.ask(bob_, bob_.allocate([](message_writer& writer) { writer.put_u32(attribute::even_port, 0); })).code,
    400u);
}

TEST_F(TurnRequests, ReserveTheNextPortForWhoeverBringsTheToken) {
  const auto first = world_.ask(alice_, alice_.allocate([](message_writer& writer) { put_even_port(writer, 0x80); }));
  ASSERT_TRUE(first.relayed && first.token);
  const auto second = world_.ask(bob_, bob_.allocate([&](message_writer& writer) { put_token(writer, *first.token); }));
  ASSERT_TRUE(second.relayed);
  EXPECT_EQ(second.relayed->port, first.relayed->port + 1);
  EXPECT_EQ(second.token, std::nullopt);

  alice_.at.port = 5001;
  world_.introduce(alice_);
  EXPECT_EQ(allocate([&](message_writer& writer) { put_token(writer, *first.token); }), 508u); // It is good once.
}

TEST_F(TurnRequests, DoNotShowTheTokenInThePort) {
  const auto first = world_.ask(alice_, alice_.allocate([](message_writer& writer) { put_even_port(writer, 0x80); }));
  const auto second = world_.ask(bob_, bob_.allocate([](message_writer& writer) { put_even_port(writer, 0x80); }));
  ASSERT_TRUE(first.token && second.token);
  EXPECT_NE(*first.token, *second.token);
}

TEST_F(TurnRequests, RefuseATokenThatIsUnknownOrNotAlone) {
  const reservation_token token{std::byte{1}};
  EXPECT_EQ(allocate([&](message_writer& writer) { put_token(writer, token); }), 508u);
  EXPECT_EQ(allocate([&](message_writer& writer) { writer.put_u32(attribute::reservation_token, 1); }), 400u);
  EXPECT_EQ(allocate([&](message_writer& writer) {
              put_token(writer, token);
              put_even_port(writer, 0);
            }),
            400u);
  for (const auto family : {attribute::requested_address_family, attribute::additional_address_family})
    EXPECT_EQ(allocate([&](message_writer& writer) {
                put_token(writer, token);
                put_family(writer, family, family == attribute::requested_address_family ? ipv4 : ipv6);
              }),
              400u);
}

TEST_F(TurnRequests, RefuseAMalformedLifetime) {
  const auto put = [](message_writer& writer) { writer.put(attribute::lifetime, std::array{std::byte{1}}); };
  EXPECT_EQ(allocate(put), 400u);
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.request(method::refresh, put)), 400u);
}

TEST_F(TurnRequests, NeedAnAllocation) {
  EXPECT_EQ(code(alice_, alice_.refresh(600)), 437u);
  EXPECT_EQ(code(alice_, alice_.permit({"192.0.2.1"})), 437u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.1:4000")), 437u);
}

TEST_F(TurnRequests, NeedTheUserWhoseAllocationItIs) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  bob_.at = alice_.at;
  world_.introduce(bob_);
  EXPECT_EQ(code(bob_, bob_.refresh(0)), 441u);
  EXPECT_EQ(code(bob_, bob_.permit({"192.0.2.1"})), 441u);
  EXPECT_EQ(code(bob_, bob_.bind(0x4000, "192.0.2.1:4000")), 441u);
  EXPECT_EQ(world_.server.allocations(), 1u);
  EXPECT_EQ(world_.server.permissions(), 0u);
}

TEST_F(TurnRequests, CloseAnAllocationByARefreshOfZero) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.1:4000")), 0u);
  const auto answer = world_.ask(alice_, alice_.refresh(0));
  EXPECT_EQ(answer.code, 0u);
  EXPECT_EQ(answer.lifetime, 0s);
  EXPECT_EQ(world_.server.allocations(), 0u);
  EXPECT_EQ(world_.server.channels(), 0u);
  EXPECT_EQ(world_.server.permissions(), 0u);
  EXPECT_EQ(world_.pool.allocations(), 0u);
  EXPECT_EQ(code(alice_, alice_.refresh(0)), 437u);
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
}

TEST_F(TurnRequests, RefuseToRefreshAnAddressOfAnotherFamily) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  const auto refresh = [&](std::uint32_t family) {
    return code(alice_, alice_.request(method::refresh, [&](message_writer& writer) {
      put_family(writer, attribute::requested_address_family, family);
      writer.put_u32(attribute::lifetime, 0);
    }));
  };
  EXPECT_EQ(refresh(ipv6), 443u);
  EXPECT_EQ(world_.server.allocations(), 1u);
  EXPECT_EQ(refresh(ipv4), 0u);
}

TEST_F(TurnRequests, PermitEveryPeerOrNone) {
  world_.peers.refused.insert(*ip_address::parse("10.0.0.1"));
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.permit({"192.0.2.1", "10.0.0.1"})), 403u);
  EXPECT_EQ(code(alice_, alice_.permit({"192.0.2.1", "2001:db8::1"})), 443u);
  EXPECT_EQ(code(alice_, alice_.permit({"10.0.0.1", "2001:db8::1"})), 443u); // Before 403 (RFC 8656, 10.2).
  EXPECT_EQ(code(alice_, alice_.request(method::create_permission,
                                        [](message_writer& writer) {
                                          writer.put_xor_address(attribute::xor_peer_address,
                                                                 *endpoint::parse("192.0.2.1:1"));
                                          writer.put_u32(attribute::xor_peer_address, 0);
                                        })),
            400u);
  EXPECT_EQ(code(alice_, alice_.permit({})), 400u);
  EXPECT_EQ(world_.server.permissions(), 0u);
  EXPECT_EQ(code(alice_, alice_.permit({"192.0.2.1", "192.0.2.2", "192.0.2.1"})), 0u);
  EXPECT_EQ(world_.server.permissions(), 2u);
}

TEST_F(TurnRequests, PermitAsManyPeersAsTheyMay) {
  std::vector<std::string> peers;
  for (int i = 0; i < 64; ++i)
    peers.push_back("203.0.113." + std::to_string(i));
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.permit(peers)), 0u);
  EXPECT_EQ(code(alice_, alice_.permit({"203.0.113.64"})), 508u);
  EXPECT_EQ(code(alice_, alice_.permit(peers)), 0u);
  EXPECT_EQ(world_.server.permissions(), 64u);
}

TEST_F(TurnRequests, BindChannelsOfTheirRangeOnly) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  for (const auto number : {0x0000, 0x3FFF, 0x5000, 0xFFFF})
    EXPECT_EQ(code(alice_, alice_.bind(static_cast<std::uint16_t>(number), "192.0.2.1:4000")), 400u) << number;
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.1:4000")), 0u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4FFF, "192.0.2.1:4001")), 0u);
  EXPECT_EQ(world_.server.channels(), 2u);
  EXPECT_EQ(world_.server.permissions(), 1u);
}

TEST_F(TurnRequests, BindOneNumberToOnePeer) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.1:4000")), 0u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.1:4001")), 400u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4001, "192.0.2.1:4000")), 400u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.1:4000")), 0u);
}

TEST_F(TurnRequests, BindOneNumberToOnePeerEvenWhileTheFirstBindingIsNotAnswered) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  world_.holds_answers = true;
  (void)world_.receive(alice_, alice_.bind(0x4000, "192.0.2.1:4000"));
  (void)world_.receive(alice_, alice_.bind(0x4000, "192.0.2.2:4000"));
  EXPECT_EQ(alice_.read(world_.answer_next().reply.value())->code, 0u);
  EXPECT_EQ(alice_.read(world_.answer_next().reply.value())->code, 400u);
}

TEST_F(TurnRequests, RefuseAChannelWithoutNumberOrPeer) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  const auto bind = [&](auto&& put) { return code(alice_, alice_.request(method::channel_bind, put)); };
  EXPECT_EQ(bind([](message_writer& writer) { writer.put_u32(attribute::channel_number, 0x4000U << 16); }), 400u);
  EXPECT_EQ(bind([](message_writer& writer) {
              writer.put_xor_address(attribute::xor_peer_address, *endpoint::parse("192.0.2.1:4000"));
            }),
            400u);
  EXPECT_EQ(bind([](message_writer& writer) {
              writer.put_u32(attribute::channel_number, 0x4000U << 16);
              writer.put_u32(attribute::xor_peer_address, 0);
            }),
            400u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.1:0")), 400u);
}

TEST_F(TurnRequests, BindNoRefusedPeer) {
  world_.peers.refused.insert(*ip_address::parse("10.0.0.1"));
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "10.0.0.1:4000")), 403u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "[2001:db8::1]:4000")), 443u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4001, "192.0.2.1:4000")), 0u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4001, "10.0.0.1:4000")), 400u); // The number first (RFC 8656, 12.2).
}

TEST_F(TurnRequests, BindOurOwnAddressOnlyWhereRelaysAre) {
  world_.peers.ours.insert(*ip_address::parse("192.0.2.100"));
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.100:3478")), 403u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4000, "192.0.2.100:50001")), 0u);
}

TEST_F(TurnRequests, BindAsManyChannelsAsTheyMay) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  for (std::uint16_t i = 0; i < 64; ++i)
    ASSERT_EQ(
      code(alice_, alice_.bind(static_cast<std::uint16_t>(0x4000 + i), "192.0.2.1:" + std::to_string(4000 + i))), 0u);
  EXPECT_EQ(code(alice_, alice_.bind(0x4040, "192.0.2.1:4999")), 508u);
}

TEST_F(TurnRequests, IgnoreKnownAttributesThatMeanNothingHere) {
  EXPECT_EQ(code(alice_, alice_.allocate()), 0u);
  EXPECT_EQ(code(alice_, alice_.request(method::refresh,
                                        [](message_writer& writer) {
                                          writer.put_text(attribute::data, "x");
                                          writer.put_u32(attribute::requested_transport, 6U << 24);
                                        })),
            0u);
}

TEST(TurnIpv6, RelaysWhereOurAddressIsIpv6) {
  world_options options;
  options.server.relay_address = options.server.announced = *ip_address::parse("2001:db8::100");
  turn_world world{options};
  turn_client alice{"[2001:db8::1]:5000", "alice", "alice secret"};
  world.introduce(alice);
  const auto code = [&](const bytes& request) { return world.ask(alice, request).code; };
  EXPECT_EQ(code(alice.allocate()), 440u); // Without REQUESTED-ADDRESS-FAMILY IPv4 is meant.
  const auto answer = world.ask(alice, alice.allocate([](message_writer& writer) {
    put_family(writer, attribute::requested_address_family, ipv6);
  }));
  EXPECT_EQ(answer.relayed->address.text(), "2001:db8::100");
  EXPECT_EQ(answer.mapped, alice.at);
  EXPECT_EQ(code(alice.permit({"192.0.2.1"})), 443u);
  EXPECT_EQ(code(alice.permit({"2001:db8::2"})), 0u);
}

TEST_F(TurnRequests, OfUsersThatAreRenewedOnlyThoseThereNowAreServed) {
  ASSERT_EQ(allocate([](auto&) {}), 0u);
  const std::string realm = "edge.example";
  const std::vector<static_user> bob_alone{{"bob", stun::make_long_term_key("bob", realm, "bob secret"), {}}};
  const std::array<std::uint8_t, secret_key::size_bytes> key{1, 2, 3}; // The nonces are still good.
  world_.server.renew(
    {std::make_shared<const credentials>(realm, bob_alone, std::vector<std::string>{}),
     std::make_shared<const nonces>(std::make_shared<const keyed_hash>(secret_key{key}), nullptr, 1h)});
  EXPECT_EQ(code(alice_, alice_.refresh(600)), 401u);
  EXPECT_EQ(code(bob_, bob_.allocate()), 0u);
  EXPECT_EQ(world_.server.allocations(), 2u) << "hers stays until it runs out";
}

} // namespace sallyport::turn
