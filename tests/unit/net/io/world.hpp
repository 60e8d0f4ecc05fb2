#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <optional>
#include <string>

#include "net/core/source_limits.hpp"
#include "net/io/connector.hpp"
#include "net/io/listener.hpp"
#include "net/io/stream.hpp"
#include "net/tls/development_ca.hpp"
#include "tests/support/turn_until.hpp"

namespace sallyport::io::test {

using namespace std::chrono_literals;

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline endpoint loopback(std::uint16_t port = 0) {
  return {*ip_address::parse("127.0.0.1"), port};
}

/// Owns one stream and remembers all that happened to it.
class recorder final : public stream_user {
public:
  void on_open(stream& opened) override;
  void on_bytes(stream& read, std::span<const std::byte> bytes) override;
  void on_closed(stream&, close_reason reason) override;

  stream_ptr connection;
  int opens = 0;
  std::string received;
  std::optional<close_reason> closed;
  std::function<void(stream&)> when_open;
  std::function<void(stream&, std::span<const std::byte>)> when_bytes;
};

/// Gives every connection a recorder of its own.
class recording_acceptor final : public stream_acceptor {
public:
  void on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) override;

  std::list<recorder> users; // Stable addresses.
  std::function<void(stream&)> when_open;
  std::function<void(stream&, std::span<const std::byte>)> when_bytes;
};

/// The CA and certificates that all tests share: keys take time to make.
struct certificates {
  tls::development_ca ca;
  tls::certificate server = ca.make({.names = {"sip.example.org", "127.0.0.1"}});
  tls::certificate client = ca.make({.names = {"client.example.org", "sip:client.example.org"}});

  static const certificates& shared();
};

/// One lane run by the test's own thread, whose clock moves only when the test says so. At the end nothing may live.
class world : public testing::Test {
protected:
  world();
  ~world() override;

  /// Turns the loop until `is_done`, for at most 10 s of real time.
  template <class Condition>
  [[nodiscard]] bool until(Condition&& is_done) {
    return sallyport::test::turn_until(is_done, [this] { lane_.run_once(10ms); });
  }

  /// Turns the loop until nothing more is ready.
  void spin();

  void pass(milliseconds span);

  void listen(listener_options options = {});

  void listen_tls(tls::server_options options = {.certificates = {certificates::shared().server}},
                  listener_options socket = {});

  static tls::client_options trusting();

  recorder& connect_with(connect_request request);
  recorder& connect_tcp() { return connect_with({}); }
  recorder& connect_tls(const tls::client_options& options = trusting(), std::string server_name = "sip.example.org");

  /// Waits for the connection of the newest client and its accepted end.
  struct both_ends {
    recorder& client;
    recorder& server;
  };
  both_ends open_both(recorder& client);

  std::uint64_t closed_by(close_reason reason) const { return lane_.counters().closed_by(reason).read(); }

  time_point now_{std::chrono::hours{1}};
  lane lane_{0, {}, [this] { return moment{.boot = now_}; }};
  source_limits gate_{{.connections_max = 1'000}};
  tls::context_slot<tls::server_context> slot_{nullptr};
  recording_acceptor acceptor_;
  std::list<recorder> clients_;
  std::unique_ptr<listener> listener_;
};

/// A peer without manners: a plain blocking socket that the test drives by hand.
class raw_peer {
public:
  explicit raw_peer(const endpoint& remote);

  void send(std::string_view text);
  /// What has arrived, without waiting; nothing when the other side has closed.
  std::optional<std::string> receive();
  void reset_connection();
  void close() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

private:
  unique_fd fd_;
};

} // namespace sallyport::io::test
