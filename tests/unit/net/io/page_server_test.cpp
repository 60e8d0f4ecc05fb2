#include <gmock/gmock.h>

#include <vector>

#include "net/io/page_server.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

using testing::EndsWith;
using testing::StartsWith;

class PageServer : public world {
protected:
  PageServer() { EXPECT_TRUE(server_.open(loopback())); }

  raw_peer client() { return raw_peer{server_.local()}; }

  /// All that a client is told until the server has ended its side.
  std::string told(raw_peer& client) {
    std::string all;
    EXPECT_TRUE(until([&] {
      const auto some = client.receive();
      all += some.value_or("");
      return !some;
    }));
    return all;
  }
  std::string ask(std::string_view asked) {
    auto asking = client();
    asking.send(asked);
    return told(asking);
  }

  static constexpr std::string_view request = "GET /page HTTP/1.1\r\nHost: edge\r\n\r\n";

  std::string text_ = "what there is\n";
  page_server server_{lane_, {"/page", "text/plain", [this] { return text_; }}};
};

TEST_F(PageServer, AnswersWithThePageAndClosesWhenTheClientDoes) {
  auto asking = client();
  asking.send(request);
  EXPECT_EQ(told(asking),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\nConnection: close\r\n\r\n"
            "what there is\n");
  EXPECT_EQ(server_.connections(), 1u);
  asking.close();
  EXPECT_TRUE(until([&] { return server_.connections() == 0; }));
}

TEST_F(PageServer, SaysWhatIsWrongWithARequest) {
  EXPECT_THAT(ask("GET /page?of=one HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask("HEAD /page HTTP/1.1\r\n\r\n"), EndsWith("Content-Length: 14\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("POST /page HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(ask("OPTIONS sip:edge SIP/2.0\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(" /page HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask("GET HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(std::string(page_limits{}.request_bytes_max + 1, 'x')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask("GET /metrics HTTP/1.1\r\nA: " + std::string(page_limits{}.request_bytes_max, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "))
    << "whole at once, too";
}

TEST_F(PageServer, APageThatCannotBeMadeIsAnAnswerToo) {
  page_server failing{lane_, {"/page", "text/plain", []() -> std::string { throw std::bad_alloc{}; }}};
  ASSERT_TRUE(failing.open(loopback()));
  raw_peer asking{failing.local()};
  asking.send(request);
  EXPECT_THAT(told(asking), StartsWith("HTTP/1.1 500 "));
}

TEST_F(PageServer, ALongPageIsWrittenAsItIsRead) {
  text_.assign(16 << 20, 'x');
  auto asking = client();
  asking.send(request);
  spin();
  EXPECT_THAT(told(asking), EndsWith(text_));
}

TEST_F(PageServer, WhoIsSilentOrDripsHasSoLongInAll) {
  auto silent = client();
  auto dripping = client();
  dripping.send("GET /pa");
  ASSERT_TRUE(until([&] { return server_.connections() == 2; }));
  pass(page_limits{}.request_timeout - 1s);
  dripping.send("g");
  spin();
  EXPECT_EQ(server_.connections(), 2u);
  pass(1s);
  EXPECT_TRUE(until([&] { return server_.connections() == 0; }));
  EXPECT_EQ(told(silent), "");
}

TEST_F(PageServer, WhoDoesNotReadItsAnswerHasSoLongInAll) {
  text_.assign(16 << 20, 'x');
  auto asking = client();
  asking.send(request);
  ASSERT_TRUE(until([&] { return server_.connections() == 1; }));
  spin();
  pass(page_limits{}.request_timeout);
  EXPECT_TRUE(until([&] { return server_.connections() == 0; }));
}

TEST_F(PageServer, OneMoreThanThereArePlacesIsToldSoAtOnceAndAPlaceIsFreeInTime) {
  std::vector<raw_peer> silent;
  for (std::size_t i = 0; i < page_limits{}.connections_max; ++i)
    silent.push_back(client());
  ASSERT_TRUE(until([&] { return server_.connections() == silent.size(); }));
  auto refused = client();
  EXPECT_THAT(told(refused), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(server_.connections(), silent.size());

  pass(page_limits{}.request_timeout);
  EXPECT_TRUE(until([&] { return server_.connections() == 0; }));
  EXPECT_THAT(ask(request), StartsWith("HTTP/1.1 200 "));
}

TEST_F(PageServer, GoesWithConnectionsOpen) {
  auto silent = client();
  ASSERT_TRUE(until([&] { return server_.connections() == 1; }));
}

} // namespace
} // namespace sallyport::io::test
