#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <string>
#include <vector>

#include "net/io/datagram_batch.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

class DatagramBatch : public testing::Test {
protected:
  static unique_fd bound() { return std::move(*open_exclusive(loopback(), SOCK_DGRAM)); }
  static std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

  /// All that has arrived, batch by batch.
  std::vector<std::string> receive_all() {
    std::vector<std::string> texts;
    for (bool is_full = true; is_full;) {
      const auto got = batch_.receive(to_.get());
      for (const auto& one : got.datagrams)
        texts.emplace_back(text_of(one.payload()));
      is_full = got.is_full;
    }
    return texts;
  }

  lane_counters counters_;
  datagram_batch batch_{counters_};
  unique_fd from_ = bound();
  unique_fd to_ = bound();
};

TEST_F(DatagramBatch, LeavesRoomAroundEachPayloadThatIsNobodyElses) {
  const std::string longest(datagram_batch::payload_bytes_max, 'x');
  const std::vector<datagram> sent(16, {.peer = local_endpoint(to_.get()), .local = {}, .bytes = bytes_of(longest)});
  ASSERT_EQ(batch_.send(from_.get(), sent).datagrams, sent.size());

  const auto got = batch_.receive(to_.get());
  ASSERT_EQ(got.datagrams.size(), sent.size());
  for (const auto& one : got.datagrams) {
    const auto payload = one.payload();
    ASSERT_EQ(payload.data() - one.room.data(), std::ptrdiff_t{received_datagram::headroom_bytes});
    ASSERT_GE(one.room.size(), payload.size() + received_datagram::headroom_bytes + received_datagram::tailroom_bytes);
    std::ranges::fill(one.room.first(received_datagram::headroom_bytes), std::byte{'a'});
    std::ranges::fill(one.room.subspan(received_datagram::headroom_bytes + payload.size()), std::byte{'z'});
  }
  for (const auto& one : got.datagrams)
    EXPECT_EQ(text_of(one.payload()), longest);
}

TEST_F(DatagramBatch, ThePeersOfOneSocketDoNotPayForEachOthersErrors) {
  const auto good = local_endpoint(to_.get());
  const std::string too_long(70'000, 'x');
  const std::vector<datagram> mixed{
    {.peer = good, .local = {}, .bytes = bytes_of("first")},
    {.peer = {*ip_address::parse("255.255.255.255"), 9}, .local = {}, .bytes = bytes_of("EACCES")},
    {.peer = good, .local = {}, .bytes = bytes_of(too_long)}, // EMSGSIZE
    {.peer = {good.address, 0}, .local = {}, .bytes = bytes_of("EINVAL")},
    {.peer = good, .local = {}, .bytes = bytes_of("last")}};

  const auto sent = batch_.send(from_.get(), mixed);

  EXPECT_EQ(sent.datagrams, 2u);
  EXPECT_EQ(sent.bytes, 9u);
  EXPECT_EQ(receive_all(), (std::vector<std::string>{"first", "last"}));
  EXPECT_EQ(counters_.datagrams_out.read(), 2u);
  EXPECT_EQ(counters_.datagrams_dropped.read(), 3u);
}

TEST_F(DatagramBatch, ARefusalOfAnEarlierDatagramCostsTheNextNothing) {
  const socket_address nobody{local_endpoint(bound().get())}; // Closed again at once.
  ASSERT_EQ(::connect(from_.get(), nobody.get(), nobody.bytes), 0);
  const datagram lost{.peer = nobody.to_endpoint(), .local = {}, .bytes = bytes_of("anyone?")};
  batch_.send(from_.get(), std::span{&lost, 1});

  const datagram after{.peer = local_endpoint(to_.get()), .local = {}, .bytes = bytes_of("here")};
  EXPECT_EQ(batch_.send(from_.get(), std::span{&after, 1}).datagrams, 1u); // ECONNREFUSED first.
  EXPECT_EQ(receive_all(), std::vector<std::string>{"here"});
}

TEST_F(DatagramBatch, WhenTheKernelHasNoRoomTheRestIsDroppedAtOnce) {
  const endpoint v6_loopback{*ip_address::parse("::1"), 0};
  const auto sender = std::move(*open_exclusive(v6_loopback, SOCK_DGRAM));
  const auto receiver = std::move(*open_exclusive(v6_loopback, SOCK_DGRAM));
  ASSERT_TRUE(set_option(sender.get(), SOL_SOCKET, SO_SNDBUF, 1));     // The least there is: some kilobytes.
  ASSERT_TRUE(set_option(sender.get(), IPPROTO_IPV6, IPV6_MTU, 1280)); // Longer ones are held there piece by piece.
  const auto peer = local_endpoint(receiver.get());
  const std::string longer_than_the_buffer(30'000, 'x');

  const std::vector<datagram> batch{{.peer = peer, .local = {}, .bytes = bytes_of("first")},
                                    {.peer = peer, .local = {}, .bytes = bytes_of(longer_than_the_buffer)}, // ENOBUFS
                                    {.peer = peer, .local = {}, .bytes = bytes_of("last")}};
  EXPECT_EQ(batch_.send(sender.get(), batch).datagrams, 1u);
  EXPECT_EQ(counters_.datagrams_dropped.read(), 2u);
}

TEST_F(DatagramBatch, ServesOneSocketAfterAnotherAndTellsTheirPeers) {
  const auto other = bound();
  for (int round = 0; round < 3; ++round) {
    const datagram to_first{.peer = local_endpoint(to_.get()), .local = {}, .bytes = bytes_of("to")};
    const datagram to_second{.peer = local_endpoint(other.get()), .local = {}, .bytes = bytes_of("other")};
    batch_.send(from_.get(), std::span{&to_first, 1});
    batch_.send(from_.get(), std::span{&to_second, 1});
    for (const int socket : {to_.get(), other.get()}) {
      const auto got = batch_.receive(socket);
      ASSERT_EQ(got.datagrams.size(), 1u);
      EXPECT_FALSE(got.is_full);
      EXPECT_EQ(text_of(got.datagrams.front().payload()), socket == to_.get() ? "to" : "other");
      EXPECT_EQ(got.datagrams.front().peer, local_endpoint(from_.get()));
    }
  }
}

TEST_F(DatagramBatch, ServesSocketsOfEitherFamilyWhetherTheyAskForTheirAddressOrNot) {
  const endpoint v6_loopback{*ip_address::parse("::1"), 0};
  const auto asks = std::move(*open_exclusive(v6_loopback, SOCK_DGRAM));
  ASSERT_TRUE(set_option(asks.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
  const auto sender = std::move(*open_exclusive(v6_loopback, SOCK_DGRAM));
  for (int round = 0; round < 2; ++round) {
    const datagram v4{.peer = local_endpoint(to_.get()), .local = {}, .bytes = bytes_of("v4")};
    const datagram v6{.peer = local_endpoint(asks.get()), .local = {}, .bytes = bytes_of("v6")};
    batch_.send(from_.get(), std::span{&v4, 1});
    batch_.send(sender.get(), std::span{&v6, 1});
    const auto short_names = batch_.receive(to_.get()); // Leaves short names and no control behind.
    ASSERT_EQ(short_names.datagrams.size(), 1u);
    EXPECT_EQ(short_names.datagrams.front().local, ip_address{});

    const auto got = batch_.receive(asks.get());
    ASSERT_EQ(got.datagrams.size(), 1u);
    EXPECT_EQ(got.datagrams.front().peer, local_endpoint(sender.get()));
    EXPECT_EQ(got.datagrams.front().local, v6_loopback.address);
  }
}

} // namespace
} // namespace sallyport::io::test
