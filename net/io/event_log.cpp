#include "net/io/event_log.hpp"

#include <string>

#include "net/io/log.hpp"

namespace sallyport::io {
namespace {

/// The ends of a healthy day; the others are worth an operator's look.
bool is_ordinary(close_reason reason) {
  return reason == close_reason::peer_closed || reason == close_reason::local_close ||
         reason == close_reason::local_shutdown || reason == close_reason::idle;
}

/// As everybody writes it, so that it can be searched for; a TURN request has none.
std::string text_of(std::uint64_t trace) {
  return trace == 0 ? "-" : fmt::format("{:016x}", trace);
}

} // namespace

void event_log::closed(time_point now, const endpoint& peer, side of, close_reason reason, std::string_view detail) {
  if (log::is_on(log::level::debug))
    log::debug("connection closed reason={} side={} detail=\"{}\" lane={} peer={}", to_string(reason), to_string(of),
               detail, lane_, peer.text());
  if (is_ordinary(reason))
    return;
  auto& flood = closed_[static_cast<std::size_t>(of)][static_cast<std::size_t>(reason)];
  if (const auto suppressed = of == side::outside ? take_line(flood, now) : flood.take_line(now))
    log::info("connection closed reason={} side={} detail=\"{}\" suppressed={} lane={}", to_string(reason),
              to_string(of), detail, *suppressed, lane_);
}

void event_log::refused(time_point now, const endpoint& peer, verdict why) {
  if (log::is_on(log::level::debug))
    log::debug("connection refused reason={} lane={} peer={}", to_string(why), lane_, peer.text());
  if (const auto suppressed = take_line(refused_[static_cast<std::size_t>(why)], now))
    log::warn("connection refused reason={} suppressed={} lane={}", to_string(why), *suppressed, lane_);
}

void event_log::failed(time_point now, std::string_view what) {
  if (const auto suppressed = failed_.take_line(now))
    log::error("lane handler failed what=\"{}\" suppressed={} lane={}", what, *suppressed, lane_);
}

void event_log::request_refused(time_point now, const endpoint& peer, unsigned status, std::string_view reason,
                                std::uint64_t trace) {
  if (log::is_on(log::level::debug))
    log::debug("request refused status={} reason=\"{}\" trace={} lane={} peer={}", status, reason, text_of(trace),
               lane_, peer.text());
  if (const auto suppressed = take_line(messages_[reason], now))
    log::info("request refused status={} reason=\"{}\" trace={} suppressed={} lane={}", status, reason, text_of(trace),
              *suppressed, lane_);
}

void event_log::message_dropped(time_point now, std::string_view reason, std::uint64_t trace) {
  if (const auto suppressed = take_line(messages_[reason], now))
    log::info("message dropped reason=\"{}\" trace={} suppressed={} lane={}", reason, text_of(trace), *suppressed,
              lane_);
}

void event_log::session_lost(time_point now, std::uint64_t trace) {
  if (const auto suppressed = sessions_lost_.take_line(now))
    log::error("session lost trace={} suppressed={} lane={}", text_of(trace), *suppressed, lane_);
}

void event_log::allocation_closed(time_point now, const lane_ref& id, std::string_view reason, std::uint64_t to_peers,
                                  std::uint64_t to_clients, seconds age) {
  if (const auto suppressed = take_line(allocations_, now))
    log::info("allocation closed reason=\"{}\" to_peers={} to_clients={} seconds={} suppressed={} lane={} id={}.{}",
              reason, to_peers, to_clients, age.count(), *suppressed, lane_, id.index, id.generation);
}

} // namespace sallyport::io
