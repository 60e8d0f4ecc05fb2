#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "net/io/udp_socket.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

class udp_recorder final : public udp_user {
public:
  void on_datagrams(udp_socket& socket, std::span<const received_datagram> batch) override {
    ++batches;
    largest = std::max(largest, batch.size());
    std::vector<datagram> echo;
    for (const auto& one : batch) {
      received.emplace_back(text_of(one.payload()));
      peers.push_back(one.peer);
      locals.push_back(one.local);
      echo.push_back({.peer = one.peer, .local = one.local, .bytes = one.payload()});
    }
    if (is_echo)
      socket.send(echo);
  }

  bool is_echo = false;
  std::size_t batches = 0;
  std::size_t largest = 0;
  std::vector<std::string> received;
  std::vector<endpoint> peers;
  std::vector<ip_address> locals;
};

class UdpSocket : public world {
protected:
  std::unique_ptr<udp_socket> open(udp_recorder& user, const endpoint& local = loopback()) {
    auto opened = udp_socket::open(lane_, local, user, 1 << 20);
    EXPECT_TRUE(opened) << opened.error().text();
    EXPECT_TRUE((*opened)->hear());
    return std::move(*opened);
  }

  static std::vector<datagram> to(const endpoint& peer, const std::vector<std::string>& texts) {
    std::vector<datagram> batch;
    for (const auto& text : texts)
      batch.push_back({.peer = peer, .local = {}, .bytes = std::as_bytes(std::span{text})});
    return batch;
  }

  udp_recorder client_user_;
  udp_recorder server_user_;
};

class UdpFamilies : public UdpSocket, public testing::WithParamInterface<const char*> {};

TEST_P(UdpFamilies, CarryBatchesThereAndBackInOrder) {
  const endpoint local{*ip_address::parse(GetParam()), 0};
  const auto server = open(server_user_, local);
  const auto client = open(client_user_, local);
  server_user_.is_echo = true;
  std::vector<std::string> sent;
  for (int i = 0; i < 200; ++i)
    sent.push_back("datagram " + std::to_string(i));

  EXPECT_EQ(client->send(to(server->local(), sent)).datagrams, sent.size());
  ASSERT_TRUE(until([&] { return client_user_.received.size() == sent.size(); }));
  EXPECT_EQ(server_user_.received, sent);
  EXPECT_EQ(client_user_.received, sent);
  EXPECT_EQ(server_user_.largest, datagram_batch::datagrams_max);
  EXPECT_EQ(server_user_.peers.front(), client->local());
  EXPECT_EQ(client_user_.locals.front(), local.address);
  EXPECT_EQ(lane_.counters().datagrams_in.read(), 2 * sent.size());
  EXPECT_EQ(lane_.counters().datagrams_out.read(), 2 * sent.size());
}

INSTANTIATE_TEST_SUITE_P(Both, UdpFamilies, testing::Values("127.0.0.1", "::1"));

TEST_F(UdpSocket, AnswersFromTheAddressThatWasAsked) {
  const auto server = open(server_user_, {*ip_address::parse("0.0.0.0"), 0});
  const auto client = open(client_user_);
  server_user_.is_echo = true;
  const endpoint asked{*ip_address::parse("127.0.0.77"), server->local().port};
  client->send(to(asked, {"who?"}));

  ASSERT_TRUE(until([&] { return client_user_.received.size() == 1; }));
  EXPECT_EQ(server_user_.locals.front(), asked.address);
  EXPECT_EQ(client_user_.peers.front(), asked);
}

TEST_F(UdpSocket, TwoOnOnePortShareTheClients) {
  udp_recorder second_user;
  const auto first = open(server_user_);
  const auto second = open(second_user, first->local());
  for (int i = 0; i < 64; ++i)
    open(client_user_)->send(to(first->local(), {"hello"}));

  ASSERT_TRUE(until([&] { return server_user_.received.size() + second_user.received.size() == 64; }));
  EXPECT_FALSE(server_user_.received.empty());
  EXPECT_FALSE(second_user.received.empty());
}

TEST_F(UdpSocket, UntilItHearsItThrowsAwayWhatComes) {
  auto opened = udp_socket::open(lane_, loopback(), server_user_);
  ASSERT_TRUE(opened);
  const auto& server = *opened;
  const auto client = open(client_user_);
  client->send(to(server->local(), {"too early"}));
  spin();
  ASSERT_TRUE(server->hear());
  spin();
  client->send(to(server->local(), {"in time"}));

  ASSERT_TRUE(until([&] { return !server_user_.received.empty(); }));
  EXPECT_EQ(server_user_.received, std::vector<std::string>{"in time"});
}

/// What the kernel gave to one of fewer sockets it might give to another afterwards.
TEST_F(UdpSocket, ThoseOfOnePortTakeNothingBeforeAllHearAndThenEachClientHasOne) {
  constexpr std::size_t lanes = 8;
  std::vector<std::unique_ptr<udp_socket>> clients;
  for (int i = 0; i < 40; ++i)
    clients.push_back(open(client_user_));
  std::vector<udp_recorder> users(lanes);
  std::vector<std::unique_ptr<udp_socket>> sockets;
  for (auto& user : users) {
    auto opened = udp_socket::open(lane_, sockets.empty() ? loopback() : sockets.front()->local(), user);
    ASSERT_TRUE(opened);
    sockets.push_back(std::move(*opened));
    for (const auto& client : clients)
      client->send(to(sockets.front()->local(), {"too early"}));
  }
  for (const auto& socket : sockets)
    ASSERT_TRUE(socket->hear());
  constexpr std::size_t each = 4;
  for (std::size_t i = 0; i < each; ++i)
    for (const auto& client : clients)
      client->send(to(sockets.front()->local(), {"in time"}));

  std::map<endpoint, std::set<std::size_t>> taken_by;
  std::size_t received = 0;
  ASSERT_TRUE(until([&] {
    received = 0;
    for (const auto& user : users)
      received += user.received.size();
    return received >= each * clients.size();
  }));
  EXPECT_EQ(received, each * clients.size());
  for (std::size_t i = 0; i < lanes; ++i) {
    EXPECT_EQ(std::ranges::count(users[i].received, "too early"), 0);
    for (const auto& peer : users[i].peers)
      taken_by[peer].insert(i);
  }
  for (const auto& [peer, by] : taken_by)
    EXPECT_EQ(by.size(), 1u) << peer.text();
}

TEST_F(UdpSocket, WithoutASizeItKeepsTheBuffersOfTheSystem) {
  auto opened = udp_socket::open(lane_, loopback(), server_user_);
  ASSERT_TRUE(opened && (*opened)->hear());
  const std::vector<std::string> texts(32, std::string(1'000, 'x')); // The least buffer holds one or two of them.
  open(client_user_)->send(to((*opened)->local(), texts));

  EXPECT_TRUE(until([&] { return server_user_.received.size() == texts.size(); }));
}

TEST_F(UdpSocket, ADatagramLongerThanItsSlotIsDroppedAndCounted) {
  const auto server = open(server_user_);
  const auto client = open(client_user_);
  client->send(to(server->local(), {std::string(datagram_batch::payload_bytes_max, 'x'),
                                    std::string(datagram_batch::payload_bytes_max + 1, 'x'), "after"}));

  ASSERT_TRUE(until([&] { return server_user_.received.size() == 2; }));
  EXPECT_EQ(server_user_.received[0].size(), datagram_batch::payload_bytes_max);
  EXPECT_EQ(server_user_.received[1], "after");
  EXPECT_EQ(lane_.counters().datagrams_truncated.read(), 1u);
}

TEST_F(UdpSocket, OneThatCannotBeSentIsCountedAndTheRestGoOut) {
  const auto server = open(server_user_);
  const auto client = open(client_user_);
  const std::string too_long(70'000, 'x'); // EMSGSIZE
  const auto sent = client->send(to(server->local(), {"first", too_long, "last"}));

  EXPECT_EQ(sent.datagrams, 2u);
  EXPECT_EQ(sent.bytes, 9u);
  ASSERT_TRUE(until([&] { return server_user_.received.size() == 2; }));
  EXPECT_EQ(lane_.counters().datagrams_dropped.read(), 1u);
}

TEST_F(UdpSocket, APeerThatIsGoneDoesNotStopIt) {
  const auto server = open(server_user_);
  const auto client = open(client_user_);
  auto gone = open(server_user_);
  const auto nobody = gone->local();
  gone.reset();
  for (int i = 0; i < 3; ++i) {
    client->send(to(nobody, {"anyone?"}));
    spin();
  }
  client->send(to(server->local(), {"still here"}));

  ASSERT_TRUE(until([&] { return server_user_.received.size() == 1; }));
}

TEST_F(UdpSocket, AnAddressThatIsNotOursIsAnError) {
  const auto opened = udp_socket::open(lane_, {*ip_address::parse("192.0.2.1"), 0}, server_user_);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().step, "bind");
}

} // namespace
} // namespace sallyport::io::test
