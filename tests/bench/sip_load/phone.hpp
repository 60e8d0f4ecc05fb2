#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "tests/bench/sip_load/endpoint.hpp"
#include "tests/bench/sip_load/loop.hpp"
#include "tests/bench/sip_load/sip_message.hpp"
#include "tests/bench/sip_load/tls_stream.hpp"

namespace sallyport::bench {

/// What all phones have in common.
struct phone_settings {
  endpoint edge;
  std::string server_name; ///< Of the edge, asked for and checked.
  std::string domain;
  tls_context context;
  duration backoff;    ///< The base time of RFC 5626, 4.5 (there 30 s); doubled by each failure, sixty times at most.
  duration keep_alive; ///< Between two pings.
  std::mt19937_64 random;
};

/// One simulated phone: a TLS connection of its own, a registration, and the transactions on it. It behaves as a real
/// one: what is refused is tried again after Retry-After or the backoff of RFC 5626, a lost connection is made again.
class phone {
public:
  /// Called with each response to a request, last with the final one; or with nothing when there was none within 64*T1
  /// or the connection ended.
  using answer = std::function<void(const sip_message* response)>;

  struct callbacks {
    std::function<void()> registered; ///< After each 2xx that follows a connect.
    std::function<void()> lost;       ///< The connection of a registered phone ended.
    std::function<void()> pong;
  };

  phone(loop& events, phone_settings& shared, std::string user, endpoint source);
  ~phone() { leave(); }
  phone(const phone&) = delete;
  phone& operator=(const phone&) = delete;

  void set_callbacks(callbacks then) { then_ = std::move(then); }
  /// Connects and registers, from the beginning: nothing has been refused yet.
  void come();
  /// Ends its connection without a word, and stays away.
  void leave();
  void ping();

  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] bool registered() const { return registered_; }
  [[nodiscard]] unsigned refused() const { return refused_; } ///< Since it came.
  [[nodiscard]] std::string contact() const;
  [[nodiscard]] std::string address_of_record(std::string_view user) const;

  /// Adds Via and Max-Forwards, and sends it. An ACK has no answer: `then` may be empty.
  void request(sip_message message, answer then);
  loop& events() { return events_; }

private:
  struct transaction {
    sip_message request;
    answer then;
    loop::timer ends;
  };

  void connect();
  void register_with(const std::string& credentials);
  void on_registered_answer(const sip_message* response, bool had_credentials);
  void on_bytes(std::string_view bytes);
  void on_request(const sip_message& request);
  void on_response(const sip_message& response);
  void acknowledge_refusal(const sip_message& request, const sip_message& response);
  void on_lost();
  void refuse(duration retry_after);
  void end_transactions();
  void keep_alive();
  std::string credentials_for(std::string_view challenge) const;
  [[nodiscard]] duration next_backoff();

  loop& events_;
  phone_settings& shared_;
  std::string user_;
  endpoint source_;
  callbacks then_;
  std::shared_ptr<tls_stream> stream_;
  sip_reader reader_;
  std::map<std::string, transaction, std::less<>> transactions_;
  loop::timer next_{};  ///< Its next attempt or its next registration.
  loop::timer pings_{}; ///< Its next keep-alive.
  std::string call_id_;
  std::uint64_t numbers_ = 0;
  unsigned refused_ = 0;
  unsigned failures_ = 0; ///< Since it was last registered.
  bool registered_ = false;
  bool was_told_ = false; ///< Of the registration on this connection.
};

} // namespace sallyport::bench
