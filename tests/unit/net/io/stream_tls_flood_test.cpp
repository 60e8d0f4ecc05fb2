#include <openssl/bio.h>

#include "tests/unit/net/io/raw_tls_peer.hpp"

namespace sallyport::io::test {
namespace {

/// Peers that keep OpenSSL busy without saying anything.
class TlsFlood : public world {
protected:
  /// A hand-driven client whose connection is open at both ends; the accepted one is the newest.
  raw_tls_peer open_peer(const std::function<void(SSL*)>& prepare = {}) {
    const auto before = acceptor_.users.size();
    raw_tls_peer peer{listener_->local(), prepare};
    EXPECT_TRUE(
      until([&] { return peer.step() && acceptor_.users.size() > before && acceptor_.users.back().opens == 1; }));
    return peer;
  }
  static void update_keys(SSL* peer, std::uint32_t times, int kind = SSL_KEY_UPDATE_NOT_REQUESTED) {
    for (std::uint32_t i = 0; i < times; ++i) {
      ASSERT_EQ(SSL_key_update(peer, kind), 1);
      ASSERT_EQ(SSL_do_handshake(peer), 1);
    }
  }
  static void say(SSL* peer, std::string_view text) {
    ASSERT_EQ(SSL_write(peer, text.data(), static_cast<int>(text.size())), static_cast<int>(text.size()));
  }
  bool is_heard(recorder& user, std::string_view text) {
    return until([&] { return user.received == text || user.closed; }) && user.received == text;
  }
  /// A stream of ours in the client role, open toward `server`.
  recorder& connect_to(raw_tls_server& server, const std::function<void(SSL*)>& prepare = {}) {
    connect_request request;
    request.remote = server.local();
    request.tls = std::make_shared<const tls::client_context>(trusting());
    request.server_name = "sip.example.org";
    auto& client = connect_with(std::move(request));
    EXPECT_TRUE(until([&] { return server.step(prepare) && client.opens == 1; }));
    return client;
  }
};

TEST_F(TlsFlood, OfKeyUpdatesEndsItsConnectionAndNoOther) {
  listen_tls();
  auto& other = connect_tls();
  open_both(other);
  auto& others_end = acceptor_.users.back();
  const auto peer = open_peer();
  auto& flooded = acceptor_.users.back();
  update_keys(peer.get(), 2'000);
  say(peer.get(), "after");
  other.connection->send("ping");

  ASSERT_TRUE(until([&] { return flooded.closed || flooded.received == "after"; }));
  EXPECT_EQ(flooded.closed, close_reason::tls_flood);
  EXPECT_TRUE(is_heard(others_end, "ping"));
  EXPECT_EQ(closed_by(close_reason::tls_flood), 1u);
}

TEST_F(TlsFlood, IsOneKeyUpdateMoreThanTheAllowance) {
  listen_tls();
  const auto peer = open_peer();
  auto& user = acceptor_.users.back();
  update_keys(peer.get(), record_watch::post_handshake_max);
  say(peer.get(), "lawful");
  ASSERT_TRUE(is_heard(user, "lawful"));

  update_keys(peer.get(), 1);
  ASSERT_TRUE(until([&] { return user.closed.has_value(); }));
  EXPECT_EQ(user.closed, close_reason::tls_flood);
}

TEST_F(TlsFlood, IsNotWhatAPeerDoesThatChangesItsKeysNowAndThen) {
  listen_tls();
  const auto peer = open_peer();
  auto& user = acceptor_.users.back();
  std::string said;
  for (std::uint32_t i = 0; i < 3 * record_watch::post_handshake_max; ++i) {
    update_keys(peer.get(), 1, SSL_KEY_UPDATE_REQUESTED);
    for (std::uint32_t j = 0; j < record_watch::reads_per_regained; ++j)
      say(peer.get(), "x");
    said.append(record_watch::reads_per_regained, 'x');
    ASSERT_TRUE(is_heard(user, said));
  }
}

TEST_F(TlsFlood, OfTicketsEndsAConnectionOfOurs) {
  raw_tls_server server;
  auto& client = connect_to(server);
  for (std::uint32_t i = 0; i < 2 * record_watch::post_handshake_max; ++i) {
    ASSERT_EQ(SSL_new_session_ticket(server.get()), 1);
    SSL_do_handshake(server.get());
  }
  ASSERT_TRUE(until([&] {
    SSL_write(server.get(), "x", 1);
    return client.closed || !client.received.empty();
  }));
  EXPECT_EQ(client.closed, close_reason::tls_flood);
}

TEST_F(TlsFlood, OfRequestsToBeginAnewEndsAConnectionOfOurs) { // RFC 5246, 7.4.1.1
  raw_tls_server server;
  auto& client = connect_to(server, [](SSL* tls) {
    SSL_set_max_proto_version(tls, TLS1_2_VERSION);
    SSL_clear_options(tls, SSL_OP_NO_RENEGOTIATION);
  });
  for (std::uint32_t i = 0; i < 2 * record_watch::post_handshake_max; ++i) {
    SSL_renegotiate(server.get());
    SSL_do_handshake(server.get());
  }
  ASSERT_TRUE(until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed, close_reason::tls_flood);
}

/// The ClientHello of a client of ours, as it would go out.
std::string a_client_hello(const std::function<void(SSL*)>& prepare = {}) {
  const tls::client_context context{{.peers = certificates::shared().ca.as_trust()}};
  const auto client = context.make_connection(-1, "sip.example.org");
  if (prepare)
    prepare(client.get());
  BIO* written = BIO_new(BIO_s_mem());
  SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), written);
  SSL_do_handshake(client.get());
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(written, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// The same in records that carry so many bytes each (RFC 8446, 5.1).
std::string cut(std::string_view hello, std::size_t bytes) {
  const auto message = hello.substr(SSL3_RT_HEADER_LENGTH);
  std::string records;
  for (std::size_t at = 0; at < message.size(); at += bytes) {
    const auto piece = message.substr(at, bytes);
    records += std::string{"\x16\x03\x01\x00", 4} + static_cast<char>(piece.size()) + std::string{piece};
  }
  return records;
}

class FloodingHello : public TlsFlood {
protected:
  /// Why a connection ended that began with `bytes`; nothing when they were answered.
  std::optional<close_reason> end_after(std::string_view bytes) {
    const auto before = acceptor_.users.size();
    raw_peer peer{listener_->local()};
    peer.send(bytes);
    std::optional<std::string> answer;
    EXPECT_TRUE(until([&] {
      answer = peer.receive();
      return acceptor_.users.size() > before && (acceptor_.users.back().closed || (answer && !answer->empty()));
    }));
    return acceptor_.users.back().closed;
  }
};

TEST_F(FloodingHello, InManySmallRecordsIsRefused) {
  listen_tls();
  const auto hello = a_client_hello();
  EXPECT_EQ(end_after(hello), std::nullopt);
  EXPECT_EQ(end_after(cut(hello, hello.size() / 100)), std::nullopt);
  EXPECT_EQ(end_after(cut(hello, 1)), close_reason::handshake_failed);
}

TEST_F(FloodingHello, OfManyBytesIsRefused) {
  listen_tls();
  const auto with_names = [](std::size_t many) {
    return a_client_hello([&](SSL* tls) {
      std::string names;
      for (std::size_t i = 0; i < many; ++i)
        names += '\x63' + std::string(0x63, 'n');
      SSL_set_alpn_protos(tls, reinterpret_cast<const unsigned char*>(names.data()),
                          static_cast<unsigned>(names.size()));
    });
  };
  EXPECT_EQ(end_after(with_names(100)), std::nullopt);
  EXPECT_EQ(end_after(with_names(200)), close_reason::handshake_failed);
}

TEST_F(FloodingHello, WithManyChangesOfCipherIsRefused) { // RFC 8446, 5: they are dropped, and OpenSSL drops 32.
  listen_tls();
  const std::string change{"\x14\x03\x03\x00\x01\x01", 6};
  auto some = a_client_hello();
  some += change;
  EXPECT_EQ(end_after(some), std::nullopt);
  std::string many;
  for (int i = 0; i < 33; ++i)
    many += change;
  EXPECT_EQ(end_after(many + a_client_hello()), close_reason::handshake_failed);
}

TEST_F(TlsFlood, OfChangesOfCipherAfterTheHandshakeIsAnErrorAtOnce) {
  listen_tls();
  auto peer = open_peer();
  peer.raw().send(std::string_view{"\x14\x03\x03\x00\x01\x01", 6});

  ASSERT_TRUE(until([&] { return acceptor_.users.back().closed.has_value(); }));
  EXPECT_EQ(acceptor_.users.back().closed, close_reason::tls_error);
}

TEST_F(TlsFlood, OfPaddingCountsAsLongAsItIs) { // RFC 8446, 5.4
  constexpr std::size_t padded = 4'096;
  constexpr std::size_t records_per_turn = 2;
  listen_tls({.certificates = {certificates::shared().server}},
             {.streams = {.read_bytes_per_turn = records_per_turn * padded}});
  const auto peer = open_peer([](SSL* tls) { SSL_set_block_padding(tls, padded); });
  auto& user = acceptor_.users.back();
  std::size_t this_turn = 0;
  std::size_t most = 0;
  user.when_bytes = [&](stream& connection, auto) {
    if (this_turn == 0)
      connection.home().defer([&] { this_turn = 0; });
    most = std::max(most, ++this_turn);
  };
  constexpr std::size_t many = 20; // Of one byte each; they wait in the socket together.
  for (std::size_t i = 0; i < many; ++i)
    say(peer.get(), "x");

  ASSERT_TRUE(until([&] { return user.received.size() == many; }));
  EXPECT_LE(most, records_per_turn);
}

/// A stream on a socket that takes next to nothing: what it has to say soon waits.
class CrampedTls : public TlsFlood {
protected:
  CrampedTls() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    peers_end_ = unique_fd{ends[1]};
    stream::origin from{.fd = ends[0]};
    from.tls = server_.make_connection(ends[0], nullptr);
    peer_ = client_.make_connection(ends[1], "");
    user_.connection = stream_ptr{new stream{lane_, {}, std::move(from)}};
    user_.connection->set_user(user_);
    user_.connection->start();
    EXPECT_TRUE(until([&] { return SSL_do_handshake(peer_.get()) == 1 && user_.opens == 1; }));
    const int least = 1; // The kernel makes some 4 KiB of it.
    EXPECT_EQ(::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof least), 0);
  }
  ~CrampedTls() override {
    user_.connection.reset();
    spin();
  }

  tls::server_context server_{{.certificates = {certificates::shared().server}}};
  tls::client_context client_{trusting()};
  unique_fd peers_end_;
  tls::ssl_ptr peer_;
  recorder user_;
};

TEST_F(CrampedTls, AReadThatMustAnswerFirstWaitsForRoomAndTurnsNoLoop) { // RFC 8446, 4.6.3: update_requested
  update_keys(peer_.get(), record_watch::post_handshake_max, SSL_KEY_UPDATE_REQUESTED);
  lane_.run_once(0ms);
  say(peer_.get(), "still here"); // Unread, while the answers wait.
  ASSERT_TRUE(until([&] { return lane_.run_once(0ms) == 0; }));
  EXPECT_EQ(user_.received, "") << "the answers fitted, so that nothing waited";

  const auto is_heard_on = [&](std::string_view text) {
    char nothing = 0;
    return until([&] {
      SSL_read(peer_.get(), &nothing, 1);
      return user_.closed || user_.received == text;
    });
  };
  EXPECT_TRUE(is_heard_on("still here"));
  say(peer_.get(), ", and again");
  EXPECT_TRUE(is_heard_on("still here, and again"));
  EXPECT_EQ(user_.closed, std::nullopt);
}

} // namespace
} // namespace sallyport::io::test
