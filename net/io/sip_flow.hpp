#pragma once
#include <span>
#include <string>
#include <string_view>

#include "net/core/token_bucket.hpp"
#include "net/io/sip_counters.hpp"
#include "net/io/stream.hpp"
#include "net/sip/arrival.hpp"
#include "net/sip/framer.hpp"

namespace sallyport::io {

class sip_flow;

/// Takes what a flow cuts out of its stream.
class sip_flow_user {
public:
  virtual void on_flow_open(sip_flow& flow) = 0;
  /// One framed message; the bytes last until this returns.
  virtual void on_message(sip_flow& flow, std::string_view bytes) = 0;
  /// The stream cannot be read any further and closes; `head` is the offending one, where it was complete.
  virtual void on_broken_stream(sip_flow& flow, sip::parse_error error, std::string_view head) = 0;
  /// Nobody stands behind it any more; `identity` still says who did.
  virtual void on_proof_ended(sip_flow& flow) = 0;
  /// The last call for this flow.
  virtual void on_flow_closed(sip_flow& flow, close_reason reason) = 0;

protected:
  ~sip_flow_user() = default;
};

struct sip_flow_limits {
  sip::message_limits messages;
  milliseconds message_timeout{10'000}; ///< From a message's first byte to its last.
  milliseconds idle_timeout{600'000};   ///< Without a byte, keep-alives included.
  token_rate messages_per_second{};     ///< Pings too. One more closes the connection; a rate of zero is no limit.
  milliseconds ping_every{0};           ///< Send a keep-alive that often (RFC 5626, 4.4.1); zero sends none.
};

/// One connection with SIP on it, of either side and direction: framing, keep-alive answers (RFC 5626, 4.4.1), and the
/// limits of time and rate that a stream of messages has.
class sip_flow final : public stream_user, private timer_handler {
public:
  sip_flow(sip::flow_id id, side from, const sip_flow_limits& limits, sip_counters& counters, sip_flow_user& user)
    : id_{id}, from_{from}, limits_{limits}, counters_{counters}, user_{user}, framer_{limits.messages} {}

  ~sip_flow();
  sip_flow(const sip_flow&) = delete;
  sip_flow& operator=(const sip_flow&) = delete;

  /// Takes the connection over; one that is open already brings the bytes read so far.
  void attach(stream_ptr connection, std::span<const std::byte> first_bytes = {});

  /// False when the connection is closing, or closes by this.
  bool send(std::string_view bytes) { return is_open_ && connection_->send(bytes); }
  void close(close_reason reason);
  /// What was sent and the socket has not taken yet.
  [[nodiscard]] std::size_t unsent_bytes() const noexcept { return connection_ ? connection_->queued_bytes() : 0; }

  /// For `lifetime` this flow speaks for `address_of_record`, and does not count against its source.
  void prove(std::string address_of_record, sip::binding_id binding, seconds lifetime);
  /// It speaks for nobody any more, and counts again.
  void end_proof();
  /// See `stream::restart_proof_time`.
  void restart_proof_time() { connection_->restart_proof_time(); }

  [[nodiscard]] sip::flow_id id() const noexcept { return id_; }
  [[nodiscard]] side from() const noexcept { return from_; }
  [[nodiscard]] bool is_open() const noexcept { return is_open_; }
  [[nodiscard]] bool was_open() const noexcept { return was_open_; }               ///< Opened once, and so was counted.
  [[nodiscard]] const std::string& identity() const noexcept { return identity_; } ///< Empty: nobody is proved yet.
  [[nodiscard]] sip::binding_id binding() const noexcept { return binding_; }      ///< 0: of no client that is known.
  [[nodiscard]] sip::arrival arrival() const;

  void on_open(stream& connection) override;
  void on_bytes(stream& connection, std::span<const std::byte> bytes) override;
  void on_closed(stream& connection, close_reason reason) override;

private:
  enum class due : std::uint64_t { ping, proof_end };

  void on_timer(std::uint64_t cookie) override;
  void arm_ping();
  void keep_alive();
  [[nodiscard]] bool take_frame();
  [[nodiscard]] bool is_within_rate();
  void limit_message_time(bool finished_one);

  sip::flow_id id_;
  side from_;
  const sip_flow_limits& limits_;
  sip_counters& counters_;
  sip_flow_user& user_;
  stream_ptr connection_;
  sip::framer framer_;
  token_bucket arrivals_;
  std::string identity_;
  sip::binding_id binding_ = 0;
  timer_id ping_;
  timer_id proof_end_;
  bool is_open_ = false;
  bool was_open_ = false;
  bool is_timing_message_ = false;
};

} // namespace sallyport::io
