#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "net/io/relay_socket.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

class RelaySocket : public world, protected relay_user {
protected:
  void on_peers(std::uint32_t relay, std::span<const received_datagram> batch) override {
    for (const auto& one : batch)
      received_[relay].emplace_back(text_of(one.payload()));
  }

  static endpoint free_place() { return local_endpoint(open_exclusive(loopback(), SOCK_DGRAM)->get()); }

  std::unique_ptr<relay_socket> open(const endpoint& local, std::uint32_t relay) {
    auto opened = relay_socket::open(lane_, local, relay, *this);
    EXPECT_TRUE(opened) << opened.error().text();
    return std::move(*opened);
  }

  std::map<std::uint32_t, std::vector<std::string>> received_;
};

TEST_F(RelaySocket, SendsOneBatchToManyPeersAndSaysForWhomItReceived) {
  const std::vector places{free_place(), free_place(), free_place()};
  const auto first = open(places[0], 7);
  const auto second = open(places[1], 8);
  const auto third = open(places[2], 9);
  const std::string_view text = "media";
  std::vector<datagram> batch;
  for (int i = 0; i < 100; ++i)
    batch.push_back({.peer = places[i % 2 + 1], .local = {}, .bytes = std::as_bytes(std::span{text})});

  EXPECT_EQ(first->send(batch).datagrams, batch.size());
  ASSERT_TRUE(until([&] { return received_[8].size() + received_[9].size() == batch.size(); }));
  EXPECT_EQ(received_[8].size(), batch.size() / 2);
  EXPECT_TRUE(received_[7].empty());
}

TEST_F(RelaySocket, HasItsPortForItselfAlone) {
  const auto place = free_place();
  const auto mine = open(place, 1);

  const auto same_again = relay_socket::open(lane_, place, 2, *this);
  ASSERT_FALSE(same_again);
  EXPECT_EQ(same_again.error().code, EADDRINUSE);
  EXPECT_FALSE(open_bound(place, SOCK_DGRAM)); // Nor with SO_REUSEPORT.
}

TEST_F(RelaySocket, GivesItsPortBackWhenItGoes) {
  const auto place = free_place();
  for (int round = 0; round < 3; ++round)
    EXPECT_TRUE(open(place, 1));
}

TEST_F(RelaySocket, IsSmall) {
  EXPECT_LE(sizeof(relay_socket), 64u);
}

} // namespace
} // namespace sallyport::io::test
