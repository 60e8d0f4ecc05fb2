#include "net/io/demultiplexer.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

using testing::ElementsAre;

class Demultiplexer : public world {
protected:
  Demultiplexer() {
    demultiplexer_.serve(stream_protocol::sip, sip_);
    demultiplexer_.serve(stream_protocol::websocket, websocket_);
    application_protocols_ = demultiplexer_.application_protocols();
  }
  ~Demultiplexer() override {
    clients_.clear();
    sip_.users.clear();
    websocket_.users.clear();
    spin();
    EXPECT_EQ(demultiplexer_.undecided(), 0u);
  }

  void listen_to_all(bool is_tls = true) {
    slot_.swap(std::make_shared<const tls::server_context>(
      tls::server_options{.certificates = {certificates::shared().server}}));
    listener_options options{
      .local = loopback(), .tls = is_tls ? &slot_ : nullptr, .application_protocols = &application_protocols_};
    auto opened = listener::open(lane_, options, gate_, demultiplexer_);
    ASSERT_TRUE(opened);
    listener_ = std::move(*opened);
  }

  recorder& open_client(std::vector<std::string> alpn = {}) {
    auto options = trusting();
    options.application_protocols = std::move(alpn);
    auto& client = connect_tls(options);
    EXPECT_TRUE(until([&] { return client.opens == 1; }));
    return client;
  }

  demultiplexer demultiplexer_;
  recording_acceptor sip_;
  recording_acceptor websocket_;
  std::vector<std::string> application_protocols_;
};

TEST_F(Demultiplexer, GivesEachServiceItsConnectionsWithTheirFirstBytes) {
  listen_to_all();
  open_client().connection->send("OPTIONS sip:a SIP/2.0\r\n");
  open_client().connection->send("GET /ws HTTP/1.1\r\n");

  ASSERT_TRUE(until([&] { return sip_.users.size() == 1 && websocket_.users.size() == 1; }));
  EXPECT_EQ(sip_.users.back().received, "OPTIONS sip:a SIP/2.0\r\n");
  EXPECT_EQ(sip_.users.back().opens, 1) << "handed over open";
  EXPECT_EQ(websocket_.users.back().received, "GET /ws HTTP/1.1\r\n");
  clients_.front().connection->send("more");
  ASSERT_TRUE(until([&] { return sip_.users.back().received.ends_with("\r\nmore"); }));
  pass(demultiplexer::decision_time * 2);
  EXPECT_FALSE(sip_.users.back().closed) << "the deadline went with the decision";
}

TEST_F(Demultiplexer, ItsTimeToDecideIsSaid) {
  demultiplexer_.decide_within(milliseconds{700});
  listen_to_all();
  auto& client = open_client();
  ASSERT_TRUE(until([&] { return lane_.counters().handshakes.read() == 2; })) << "its end is the later one";
  pass(milliseconds{600});
  EXPECT_FALSE(client.closed);
  pass(milliseconds{200});
  ASSERT_TRUE(until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(closed_by(close_reason::protocol_timeout), 1u);
}

TEST_F(Demultiplexer, AtTheEndItLetsGoOfWhatIsUndecidedAndOfHandshakesHalfDone) {
  listen_to_all();
  open_client();
  raw_peer half_open{listener_->local()};
  ASSERT_TRUE(until([&] { return demultiplexer_.undecided() == 2; }));

  demultiplexer_.close_all(close_reason::local_shutdown);

  ASSERT_TRUE(until([&] { return demultiplexer_.undecided() == 0; }));
  EXPECT_EQ(closed_by(close_reason::local_shutdown), 2u);
}

TEST_F(Demultiplexer, BytesMayComeOneByOne) {
  listen_to_all(false);
  raw_peer peer{listener_->local()};
  std::string sent;
  for (const char c : std::string{"BYE sip:a SIP/2.0"}) {
    sent += c;
    peer.send({&c, 1});
    ASSERT_TRUE(until([&] { return lane_.counters().bytes_in.read() == sent.size(); }));
  }

  ASSERT_EQ(sip_.users.size(), 1u);
  EXPECT_EQ(sip_.users.back().received, sent);
}

TEST_F(Demultiplexer, AlpnDecidesWhateverTheFirstByteIs) {
  listen_to_all();
  auto& client = open_client({"h2", "http/1.1", "sip/2"});
  client.connection->send("G");

  ASSERT_TRUE(until([&] { return sip_.users.size() == 1; }));
  EXPECT_EQ(client.connection->application_protocol(), "sip/2"); // Our order, not the client's.
  EXPECT_EQ(sip_.users.back().connection->application_protocol(), "sip/2");
}

TEST_F(Demultiplexer, WithoutACommonAlpnTheBytesDecide) {
  listen_to_all();
  auto& client = open_client({"h2"});
  EXPECT_EQ(client.connection->application_protocol(), "");
  client.connection->send("MESSAGE sip:a SIP/2.0\r\n");

  ASSERT_TRUE(until([&] { return sip_.users.size() == 1; }));
}

TEST_F(Demultiplexer, OffersTheAlpnOfRegisteredServicesOnly) {
  EXPECT_THAT(demultiplexer_.application_protocols(), ElementsAre("sip/2", "http/1.1"));
  EXPECT_THAT(demultiplexer{}.application_protocols(), ElementsAre());
}

TEST_F(Demultiplexer, ClosesWhatIsOfNoProtocolOrOfAnAbsentService) {
  listen_to_all();
  auto& unknown = open_client();
  unknown.connection->send("SSH-2.0-OpenSSH_9\r\n");
  auto& absent = open_client();
  absent.connection->send(std::string_view{"\x00\x01\x00\x00\x21\x12\xA4\x42", 8});

  ASSERT_TRUE(until([&] { return unknown.closed && absent.closed; }));
  EXPECT_EQ(closed_by(close_reason::protocol_unknown), 1u);
  EXPECT_EQ(closed_by(close_reason::service_absent), 1u);
}

TEST_F(Demultiplexer, ClosesWhatIsUndecidedAfterFiveSeconds) {
  listen_to_all();
  auto& silent = open_client();
  auto& named = open_client({"sip/2"}); // To call a protocol by its name is not to speak it.
  auto& slow = open_client();
  slow.connection->send("REGIS");
  ASSERT_TRUE(until([&] { return lane_.counters().bytes_in.read() == 5; }));
  EXPECT_EQ(demultiplexer_.undecided(), 3u);
  pass(demultiplexer::decision_time - 1ms);
  EXPECT_FALSE(silent.closed || named.closed || slow.closed);

  pass(1ms + timer_slots::tick);
  ASSERT_TRUE(until([&] { return silent.closed && named.closed && slow.closed; }));
  EXPECT_EQ(closed_by(close_reason::protocol_timeout), 3u);
}

TEST_F(Demultiplexer, ForgetsAPeerThatLeavesUndecided) {
  listen_to_all();
  open_client().connection->close(close_reason::local_close);

  ASSERT_TRUE(until([&] { return clients_.back().closed && demultiplexer_.undecided() == 0; }));
  EXPECT_EQ(closed_by(close_reason::peer_closed), 1u);
}

} // namespace
} // namespace sallyport::io::test
