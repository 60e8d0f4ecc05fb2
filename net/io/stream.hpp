#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/core/address.hpp"
#include "net/core/gates.hpp"
#include "net/io/channel.hpp"
#include "net/io/close_reason.hpp"
#include "net/io/lane.hpp"
#include "net/io/proof.hpp"
#include "net/io/stream_user.hpp"
#include "net/io/unproved_limits.hpp"
#include "net/io/write_queue.hpp"
#include "net/tls/identity.hpp"

namespace sallyport::io {

struct stream_limits {
  std::size_t write_queue_bytes_max = 256 * 1024; ///< Unsent bytes; one more closes the connection.
  std::size_t read_bytes_per_turn = 64 * 1024;    ///< Fairness among the lane's connections.
  milliseconds handshake_timeout{10'000};         ///< Incoming ones: from the start to the end of the TLS handshake.
  milliseconds linger{2'000};                     ///< For the last bytes and the peer's FIN after `close`.
};

/// One TCP or TLS connection of a lane, of either direction. Made by `listener` and `connect`; owned through
/// `stream_ptr` by its user.
class stream final : private io_handler, private timer_handler {
public:
  /// What a new stream is made of. `keep_alive` holds the TLS context until the handshake is over.
  struct origin {
    int fd = -1;
    endpoint peer;
    endpoint local;
    tls::ssl_ptr tls; ///< Null for plain TCP.
    std::shared_ptr<const void> keep_alive;
    std::string expected_name;                  ///< Outgoing TLS: whom the certificate must name; "" accepts any.
    admission_ticket ticket;                    ///< Empty for outgoing ones.
    std::optional<unproved_limits> unproved;    ///< None: it is of the inside, and has nothing to prove.
    std::optional<time_point> connect_deadline; ///< Outgoing ones, which are not connected yet.
    std::optional<close_reason> failure;        ///< Dead before it began: reported through `on_closed`.
  };

  stream(lane& home, const stream_limits& limits, origin made_of);

  /// Begins the work; the user must be set. Called by whoever made the stream.
  void start();
  /// Takes effect with the next callback.
  void set_user(stream_user& user) noexcept { user_ = &user; }

  /// Sends what the socket takes and queues the rest. False when the connection is closing, or closes by this:
  /// `write_overflow`. Not before `on_open`.
  bool send(std::span<const std::byte> bytes);
  bool send(std::string_view text) { return send(std::as_bytes(std::span{text})); }

  /// Ends in order: what is queued goes out, then close_notify and FIN, then `on_closed`, at the latest `linger` later.
  void close(close_reason reason);
  /// Ends at once; `on_closed` comes at the end of the turn.
  void abort(close_reason reason);

  /// Closes (`idle`) when nothing has come in for that long; zero turns it off.
  void set_idle_limit(milliseconds limit);
  /// Aborts with `reason` at `deadline` unless it is cleared or set anew before: one at a time.
  void set_deadline(time_point deadline, close_reason reason);
  void clear_deadline();

  /// What `prove` will stand for: the port knows, which knows the service.
  void set_proof(proof what) noexcept { proof_ = what; }
  /// The peer has shown that a user of ours is behind it: see `admission::proved`.
  void prove();
  /// That ends: it has the limits of an unproved one again, and as long as such a one to prove itself.
  void unprove();
  /// What it has to prove itself begins anew; nothing for one that is proved.
  void restart_proof_time();
  /// While it is true the stream has `unproved_limits`.
  [[nodiscard]] bool is_unproved() const noexcept { return unproved_at_.has_value(); }
  /// What the user keeps of the bytes that came; counts for an unproved stream, which may end by it: `source_bytes`.
  void keeps(std::size_t buffered_bytes);

  [[nodiscard]] bool is_open() const noexcept { return phase_ == phase::open; }
  [[nodiscard]] bool is_tls() const noexcept { return is_tls_; }
  [[nodiscard]] const endpoint& peer() const noexcept { return peer_; }
  [[nodiscard]] const endpoint& local() const noexcept { return local_; }
  [[nodiscard]] lane& home() const noexcept { return lane_; }
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return queue_.size(); }
  /// When bytes last came in, or the stream was made.
  [[nodiscard]] time_point last_heard() const noexcept { return last_heard_; }

  /// Read from the TLS session at each call: keeping copies would cost idle memory. Empty once the stream has ended.
  [[nodiscard]] tls::identity peer_identity() const;
  [[nodiscard]] std::string_view application_protocol() const; ///< ALPN; "" when none was agreed.
  [[nodiscard]] std::string_view server_name() const;          ///< SNI the client asked for; "" when none.

private:
  friend struct stream_retire;
  friend class lane;
  /// connecting -> handshaking -> open -> flushing (close asked, bytes queued) -> lingering (our FIN is out) -> ended.
  enum class phase : std::uint8_t { connecting, handshaking, open, flushing, lingering, ended };

  ~stream();
  void on_ready(std::uint32_t events) override;
  void on_timer(std::uint64_t cookie) override;

  void take_step(std::uint32_t events);
  void judge_deadlines();
  [[nodiscard]] bool has_unread() const;
  [[nodiscard]] time_point next_deadline() const;
  void finish_connect();
  void connected();
  void step_handshake();
  void opened();
  void read_some();
  void discard_input();
  void flush();
  void end(close_reason reason, std::string_view detail = {});
  void watch_as_needed();
  void watch_for(std::uint32_t events);
  void rearm();
  void enter_unproved();
  void leave_unproved();
  void tell_gate();
  template <class Call>
  void tell_user(Call&& call);

  lane& lane_;
  stream_user* user_ = nullptr;
  const stream_limits limits_;
  endpoint peer_;
  endpoint local_;
  channel channel_;
  std::shared_ptr<const void> keep_alive_;
  std::string expected_name_;
  admission_ticket ticket_;
  const std::optional<unproved_limits> unproved_limits_;
  std::optional<unproved_streams::place> unproved_at_;
  write_queue queue_;
  timer_id timer_;
  time_point timer_at_{};                   // When `timer_` fires.
  time_point deadline_ = time_point::max(); // max: none.
  time_point proof_deadline_ = time_point::max();
  time_point last_heard_;
  milliseconds idle_limit_{0};
  std::size_t kept_bytes_ = 0; // By the user.
  std::uint32_t watching_ = 0; // The epoll events asked for.
  phase phase_;
  std::optional<proof> proof_; // None: no port gave it to a service.
  close_reason deadline_reason_ = close_reason::idle;
  close_reason end_reason_ = close_reason::local_close;
  std::optional<close_reason> failure_;
  bool is_write_blocked_by_read_ = false; // TLS must read before it can write (key update).
  bool is_read_blocked_by_write_ = false;
  bool is_watched_ = false;
  bool is_last_call_ = false; // A deadline has passed, and is judged after the call that is due.
  const bool is_outgoing_;
  const bool is_tls_; // Also when the session is gone.
};

} // namespace sallyport::io
