#include "net/io/stream.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <exception>
#include <new>
#include <tuple>

#include "net/core/fault.hpp"
#include "net/io/socket.hpp"

namespace sallyport::io {
namespace {

close_reason reason_of_connect_error(int error) {
  switch (error) {
  case ECONNREFUSED:
    return close_reason::connect_refused;
  case ETIMEDOUT:
    return close_reason::connect_timeout;
  default:
    return close_reason::connect_failed;
  }
}

} // namespace

void stream_retire::operator()(stream* connection) const noexcept {
  connection->user_ = nullptr;
  connection->abort(close_reason::local_close);
  connection->lane_.retire(connection);
}

stream::stream(lane& home, const stream_limits& limits, origin made_of)
  : lane_{home}, limits_{limits}, peer_{made_of.peer}, local_{made_of.local}, channel_{made_of.fd,
                                                                                       std::move(made_of.tls)},
    keep_alive_{std::move(made_of.keep_alive)}, expected_name_{std::move(made_of.expected_name)}, ticket_{std::move(
                                                                                                    made_of.ticket)},
    unproved_limits_{made_of.unproved}, last_heard_{home.now()}, phase_{made_of.connect_deadline ? phase::connecting
                                                                                                 : phase::handshaking},
    failure_{made_of.failure}, is_outgoing_{made_of.connect_deadline.has_value()}, is_tls_{channel_.tls() != nullptr} {
  if (made_of.connect_deadline)
    deadline_ = *made_of.connect_deadline;
  if (unproved_limits_)
    enter_unproved();
  lane_.counters().live.add();
}

stream::~stream() {
  lane_.counters().live.subtract();
}

void stream::start() {
  if (phase_ == phase::ended)
    return;
  if (failure_)
    return end(*failure_);
  // Those that we make do not wait behind the handshakes of strangers.
  const auto kind = is_tls() && !is_outgoing_ ? work::handshakes : work::streams;
  if (!lane_.watch(channel_.fd(), 0, *this, kind))
    return end(close_reason::local_resources);
  is_watched_ = true;
  rearm();
  if (phase_ == phase::ended)
    return;
  if (phase_ == phase::connecting) {
    deadline_reason_ = close_reason::connect_timeout;
    watch_for(EPOLLOUT);
    rearm();
  } else {
    connected();
  }
}

bool stream::send(std::span<const std::byte> bytes) {
  if (phase_ != phase::open)
    return false;
  // Past what is queued already nothing can be written: order is kept.
  while (queue_.empty() && !bytes.empty()) {
    const auto wrote = channel_.write(bytes);
    if (wrote.status == io_status::failed) {
      end(wrote.reason, wrote.detail);
      return false;
    }
    if (wrote.status != io_status::done) {
      is_write_blocked_by_read_ = wrote.status == io_status::want_read;
      break;
    }
    lane_.counters().bytes_out.add(wrote.bytes);
    bytes = bytes.subspan(wrote.bytes);
  }
  if (bytes.empty())
    return true;
  const auto queue_bytes_max = is_unproved()
                                 ? std::min(unproved_limits_->queue_bytes_max, limits_.write_queue_bytes_max)
                                 : limits_.write_queue_bytes_max;
  if (queue_.size() + bytes.size() > queue_bytes_max) {
    end(close_reason::write_overflow);
    return false;
  }
  try {
    fault::point("stream::send");
    queue_.append(bytes);
  } catch (const std::bad_alloc&) { // The peer has a part of it: nothing that follows would be understood.
    end(close_reason::local_resources);
    return false;
  }
  watch_as_needed();
  tell_gate();
  return phase_ == phase::open;
}

void stream::close(close_reason reason) {
  if (phase_ == phase::connecting || phase_ == phase::handshaking)
    return end(reason);
  if (phase_ != phase::open)
    return;
  end_reason_ = reason;
  idle_limit_ = milliseconds{0};
  proof_deadline_ = time_point::max();
  phase_ = phase::flushing;
  set_deadline(lane_.now() + limits_.linger, reason);
  if (phase_ == phase::flushing)
    flush();
}

void stream::abort(close_reason reason) {
  end(reason);
}

void stream::set_idle_limit(milliseconds limit) {
  idle_limit_ = limit;
  rearm();
}

void stream::set_deadline(time_point deadline, close_reason reason) {
  deadline_ = deadline;
  deadline_reason_ = reason;
  rearm();
}

void stream::clear_deadline() {
  deadline_ = time_point::max();
}

void stream::prove() {
  if (ticket_.prove() && proof_)
    lane_.counters().proved[static_cast<std::size_t>(*proof_)].add();
  leave_unproved();
}

void stream::unprove() {
  if (phase_ != phase::open)
    return;
  ticket_.unprove();
  if (!unproved_limits_ || is_unproved())
    return;
  enter_unproved();
  std::ignore = ticket_.hold(queue_.size() + kept_bytes_); // It came by that while it might.
  rearm();
}

void stream::restart_proof_time() {
  if (is_unproved() && phase_ == phase::open)
    proof_deadline_ = lane_.now() + unproved_limits_->proof_timeout;
}

void stream::keeps(std::size_t buffered_bytes) {
  kept_bytes_ = buffered_bytes;
  tell_gate();
}

void stream::enter_unproved() {
  unproved_at_ = lane_.unproved().add(*this, phase_ == phase::open);
  proof_deadline_ = lane_.now() + unproved_limits_->proof_timeout;
}

void stream::leave_unproved() {
  if (unproved_at_)
    lane_.unproved().remove(*unproved_at_);
  unproved_at_.reset();
  proof_deadline_ = time_point::max();
}

/// The source of an unproved stream answers for what is queued and buffered for it.
void stream::tell_gate() {
  if (is_unproved() && !ticket_.hold(queue_.size() + kept_bytes_))
    end(close_reason::source_bytes);
}

tls::identity stream::peer_identity() const {
  return channel_.tls() ? tls::peer_identity(*channel_.tls()) : tls::identity{};
}

std::string_view stream::application_protocol() const {
  if (!channel_.tls())
    return {};
  const unsigned char* name = nullptr;
  unsigned bytes = 0;
  SSL_get0_alpn_selected(channel_.tls(), &name, &bytes);
  return {reinterpret_cast<const char*>(name), bytes};
}

std::string_view stream::server_name() const {
  const char* name = channel_.tls() ? SSL_get_servername(channel_.tls(), TLSEXT_NAMETYPE_host_name) : nullptr;
  return name ? name : std::string_view{};
}

void stream::on_ready(std::uint32_t events) {
  take_step(events);
  if (std::exchange(is_last_call_, false))
    judge_deadlines();
}

void stream::take_step(std::uint32_t events) {
  switch (phase_) {
  case phase::connecting:
    return finish_connect();
  case phase::handshaking:
    return step_handshake();
  case phase::flushing:
    return flush();
  case phase::lingering:
    return discard_input();
  case phase::ended:
    return;
  case phase::open:
    break;
  }
  const bool can_read = (events & ~std::uint32_t{EPOLLOUT}) != 0;
  if (can_read || is_read_blocked_by_write_)
    read_some();
  const bool can_write = (events & EPOLLOUT) != 0 || (can_read && is_write_blocked_by_read_);
  if (phase_ == phase::open && can_write)
    flush();
}

void stream::on_timer(std::uint64_t) {
  timer_ = {};
  if (phase_ > phase::open || next_deadline() > lane_.now() || !has_unread())
    return judge_deadlines();
  // What has come in time counts, however late the lane comes to read it: one call more, then the verdict.
  is_last_call_ = true;
  lane_.ready_again(channel_.fd());
}

/// Whether a call has something to do.
bool stream::has_unread() const {
  return channel_.has_pending() || is_ready_now(channel_.fd(), watching_);
}

time_point stream::next_deadline() const {
  const auto next = std::min(deadline_, proof_deadline_);
  return idle_limit_ > milliseconds{0} ? std::min(next, last_heard_ + idle_limit_) : next;
}

void stream::judge_deadlines() {
  const auto now = lane_.now();
  if (deadline_ <= now)
    return end(deadline_reason_);
  if (proof_deadline_ <= now)
    return close(close_reason::proof_timeout);
  if (idle_limit_ > milliseconds{0} && last_heard_ + idle_limit_ <= now)
    return close(close_reason::idle);
  rearm();
}

void stream::finish_connect() {
  if (const int error = pending_error(channel_.fd()); error != 0)
    return end(reason_of_connect_error(error));
  local_ = local_endpoint(channel_.fd());
  phase_ = phase::handshaking;
  connected();
}

/// TCP stands. TLS, where there is to be one, begins.
void stream::connected() {
  if (!is_tls())
    return opened();
  watch_for(EPOLLIN | EPOLLRDHUP);
  // An outgoing connection has one deadline for TCP and TLS together, which is set already.
  set_deadline(is_outgoing_ ? deadline_ : lane_.now() + limits_.handshake_timeout, close_reason::handshake_timeout);
  // A client speaks first; a server waits for the loop, where floods are taken in turns.
  if (is_outgoing_ && phase_ == phase::handshaking)
    step_handshake();
}

void stream::step_handshake() {
  const auto step = channel_.handshake();
  switch (step.status) {
  case io_status::failed:
    return end(step.reason, step.detail);
  case io_status::want_read:
    return watch_for(EPOLLIN | EPOLLRDHUP);
  case io_status::want_write:
    return watch_for(EPOLLOUT);
  case io_status::done:
    break;
  }
  if (!expected_name_.empty() && !peer_identity().names(expected_name_))
    return end(close_reason::certificate_name);
  lane_.counters().handshakes.add();
  opened();
}

void stream::opened() {
  keep_alive_.reset();
  expected_name_ = {};
  clear_deadline();
  phase_ = phase::open;
  if (unproved_at_)
    lane_.unproved().let_in(*unproved_at_);
  lane_.becomes(channel_.fd(), work::streams);
  last_heard_ = lane_.now();
  if (is_outgoing_)
    lane_.counters().connected.add();
  watch_as_needed();
  tell_user([&] { user_->on_open(*this); });
  // With the peer's last handshake bytes its first message may have come in already.
  if (phase_ == phase::open && channel_.has_pending())
    lane_.ready_again(channel_.fd());
}

void stream::read_some() {
  is_read_blocked_by_write_ = false;
  const auto buffer = lane_.read_buffer();
  auto share = limits_.read_bytes_per_turn;
  do {
    const auto got = channel_.read(buffer.first(std::min(share, buffer.size())));
    if (got.status == io_status::failed)
      return end(got.reason, got.detail);
    if (got.status != io_status::done) {
      is_read_blocked_by_write_ = got.status == io_status::want_write;
      return watch_as_needed();
    }
    share -= std::min(share, got.cost_bytes);
    last_heard_ = lane_.now();
    lane_.counters().bytes_in.add(got.bytes);
    tell_user([&] { user_->on_bytes(*this, buffer.first(got.bytes)); });
    if (phase_ != phase::open)
      return;
  } while (share > 0 && channel_.has_pending() && lane_.has_time());
  // What is left in the socket epoll reports again; what is left in OpenSSL it does not know of.
  if (channel_.has_pending())
    lane_.ready_again(channel_.fd());
  watch_as_needed();
}

/// After our FIN: what still comes is thrown away until theirs, so that closing does not turn into a reset, which would
/// take our last bytes from the peer.
void stream::discard_input() {
  const auto got = ::recv(channel_.fd(), lane_.read_buffer().data(), lane_.read_buffer().size(), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
    end(end_reason_);
}

void stream::flush() {
  is_write_blocked_by_read_ = false;
  while (!queue_.empty()) {
    const auto wrote = channel_.write(queue_.front());
    if (wrote.status == io_status::failed)
      return end(wrote.reason, wrote.detail);
    if (wrote.status != io_status::done) {
      is_write_blocked_by_read_ = wrote.status == io_status::want_read;
      return watch_as_needed();
    }
    lane_.counters().bytes_out.add(wrote.bytes);
    queue_.consume(wrote.bytes);
    tell_gate(); // It is less: nothing ends.
  }
  if (phase_ == phase::flushing) {
    channel_.end_writing();
    phase_ = phase::lingering;
  }
  watch_as_needed();
}

void stream::end(close_reason reason, std::string_view detail) {
  if (phase_ == phase::ended)
    return;
  phase_ = phase::ended;
  end_reason_ = reason;
  if (is_watched_)
    lane_.forget(channel_.fd());
  lane_.cancel(timer_);
  channel_.close();
  queue_.clear();
  keep_alive_.reset();
  leave_unproved();
  ticket_ = {};
  lane_.counters().closed[static_cast<std::size_t>(reason)].add();
  lane_.log().closed(lane_.now(), peer_, unproved_limits_ ? side::outside : side::inside, reason, detail);
  lane_.defer([this] {
    if (user_)
      user_->on_closed(*this, end_reason_);
  });
}

void stream::watch_as_needed() {
  if (phase_ == phase::lingering)
    return watch_for(EPOLLIN | EPOLLRDHUP);
  std::uint32_t events = 0;
  // A read that waits for room to write (a key update is to be answered) takes nothing: what has come would turn the
  // loop.
  if ((phase_ == phase::open && !is_read_blocked_by_write_) || is_write_blocked_by_read_)
    events |= EPOLLIN | EPOLLRDHUP;
  if (is_read_blocked_by_write_ || (!queue_.empty() && !is_write_blocked_by_read_))
    events |= EPOLLOUT;
  watch_for(events);
}

void stream::watch_for(std::uint32_t events) {
  if (events == watching_)
    return;
  watching_ = events;
  lane_.modify(channel_.fd(), events);
}

/// Keeps one timer for the soonest of deadline, proof and idleness. One that is armed too early stays: it looks again
/// when it fires, so that hearing a byte costs nothing here.
void stream::rearm() {
  if (phase_ == phase::ended)
    return;
  const auto next = next_deadline();
  if (next == time_point::max() || (timer_ && timer_at_ <= next))
    return;
  lane_.cancel(timer_);
  timer_ = lane_.arm(next, *this);
  timer_at_ = next;
  if (!timer_) // A connection whose end cannot be timed may not stay.
    end(close_reason::local_resources);
}

template <class Call>
void stream::tell_user(Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    lane_.counters().handler_failures.add();
    lane_.log().failed(lane_.now(), error.what());
    end(close_reason::internal_error);
  }
}

} // namespace sallyport::io
