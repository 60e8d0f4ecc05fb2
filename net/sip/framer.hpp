#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/sip/message_limits.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// What `framer::next` came to.
struct frame {
  enum class kind_type : std::uint8_t {
    need_more, ///< Nothing complete is left: push more.
    message,   ///< `bytes` are one whole message: head and body.
    ping,      ///< A double CRLF: answer it with one CRLF (RFC 5626, 4.4.1).
    failed,    ///< This stream cannot be read any further: `framer::error` says why. Close it.
  };
  kind_type kind = kind_type::need_more;
  /// Valid until the next call of `next` or `push`. With `failed`: the head, when one was complete, so that a 400 can
  /// be sent before the stream is closed; else empty.
  std::string_view bytes{};
};

/// Cuts a byte stream into SIP messages (RFC 3261, 7.5 and 18.3). A message that arrives whole is handed out from the
/// caller's own bytes; only what is incomplete is kept, and each byte of a head is looked at once, however slowly it
/// drips. Holds at most head + body limit + one push, and nothing at all between messages.
/// Usage: push, then call `next` until it says need_more or failed; the pushed bytes must live until then.
class framer {
public:
  explicit framer(const message_limits& limits = {}) noexcept : limits_{limits} {}

  void push(std::string_view bytes);
  [[nodiscard]] frame next();

  [[nodiscard]] std::optional<parse_error> error() const noexcept { return error_; } ///< Once `next` said failed.
  /// A message has begun and is not complete: how long that may last is the caller's to limit.
  [[nodiscard]] bool mid_message() const noexcept { return !pending().empty(); }
  [[nodiscard]] std::size_t buffered_bytes() const noexcept { return buffer_.size() - begin_; }
  /// What this stream holds in memory of its own; 0 between messages.
  [[nodiscard]] std::size_t capacity_bytes() const noexcept;

private:
  [[nodiscard]] std::string_view pending() const noexcept;
  void consume(std::size_t bytes) noexcept;
  void release() noexcept;
  void keep_pushed();
  [[nodiscard]] frame need_more();
  [[nodiscard]] frame give_up(parse_error reason, std::string_view head = {}) noexcept;
  // Each is one step of reading a head: nothing when the next step may follow.
  [[nodiscard]] std::optional<frame> skip_blank_lines();
  [[nodiscard]] std::optional<frame> find_head_end();
  [[nodiscard]] std::optional<frame> read_content_length();

  message_limits limits_;
  std::string buffer_; ///< What came before and is not used up, from `begin_` on.
  std::size_t begin_ = 0;
  std::string_view pushed_;       ///< The caller's bytes, while `buffer_` is empty.
  std::size_t scanned_ = 0;       ///< Bytes of the pending message already searched for its head's end.
  std::size_t line_begin_ = 0;    ///< Where in it the current line starts.
  std::size_t head_bytes_ = 0;    ///< 0: head not complete yet.
  std::size_t message_bytes_ = 0; ///< Once the head is complete.
  std::uint8_t blank_ = 0;        ///< How far into CR LF CR LF we are, between messages.
  std::optional<parse_error> error_;
};

} // namespace sallyport::sip
