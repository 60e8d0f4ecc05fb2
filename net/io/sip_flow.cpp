#include "net/io/sip_flow.hpp"

#include "net/core/fault.hpp"

namespace sallyport::io {

void sip_flow::attach(stream_ptr connection, std::span<const std::byte> first_bytes) {
  connection_ = std::move(connection);
  connection_->set_user(*this);
  if (!connection_->is_open())
    return; // `on_open` follows.
  on_open(*connection_);
  if (!first_bytes.empty())
    on_bytes(*connection_, first_bytes);
}

sip_flow::~sip_flow() {
  if (!connection_)
    return;
  connection_->home().cancel(ping_);
  connection_->home().cancel(proof_end_);
}

void sip_flow::close(close_reason reason) {
  is_open_ = false;
  connection_->close(reason);
}

void sip_flow::prove(std::string address_of_record, sip::binding_id binding, seconds lifetime) {
  auto& lane = connection_->home();
  lane.cancel(proof_end_);
  proof_end_ = lane.arm(lane.now() + lifetime, *this, static_cast<std::uint64_t>(due::proof_end));
  if (!proof_end_) // A proof whose end cannot be timed would have none.
    return connection_->abort(close_reason::local_resources);
  identity_ = std::move(address_of_record);
  binding_ = binding;
  connection_->prove();
}

void sip_flow::end_proof() {
  connection_->home().cancel(std::exchange(proof_end_, {}));
  user_.on_proof_ended(*this);
  identity_.clear();
  binding_ = 0;
  connection_->unprove();
}

sip::arrival sip_flow::arrival() const {
  return {.flow = id_,
          .from = from_,
          .over = connection_->is_tls() ? transport::tls : transport::tcp,
          .source = connection_->peer(),
          .binding = binding_,
          .is_unproved = connection_->is_unproved()};
}

void sip_flow::on_open(stream& connection) {
  fault::point("sip_flow::on_open");
  connection.set_idle_limit(limits_.idle_timeout);
  arm_ping();
  is_open_ = was_open_ = true; // Told from here on.
  user_.on_flow_open(*this);
}

void sip_flow::arm_ping() {
  auto& lane = connection_->home();
  if (limits_.ping_every.count() != 0)
    ping_ = lane.arm(lane.now() + limits_.ping_every, *this, static_cast<std::uint64_t>(due::ping));
}

void sip_flow::on_timer(std::uint64_t cookie) {
  if (due{cookie} == due::ping)
    return keep_alive();
  proof_end_ = {};
  end_proof();
}

/// A server closes a connection on which nothing comes, and with it would go the requests that wait on it for long: a
/// phone that rings.
void sip_flow::keep_alive() {
  ping_ = {};
  if (send("\r\n\r\n"))
    arm_ping();
}

void sip_flow::on_bytes(stream&, std::span<const std::byte> bytes) {
  framer_.push({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  bool finished_one = false;
  while (is_open_ && connection_->is_open() && take_frame()) // A send in between may have ended it.
    finished_one = true;
  if (!is_open_)
    return;
  limit_message_time(finished_one);
  connection_->keeps(framer_.buffered_bytes());
}

/// Handles one frame; false when there is none left to handle.
bool sip_flow::take_frame() {
  const auto next = framer_.next();
  switch (next.kind) {
  case sip::frame::kind_type::need_more:
    return false;
  case sip::frame::kind_type::ping:
    if (!is_within_rate())
      return false;
    counters_.pings.add();
    connection_->send("\r\n");
    return true;
  case sip::frame::kind_type::message:
    if (!is_within_rate())
      return false;
    user_.on_message(*this, next.bytes);
    return true;
  case sip::frame::kind_type::failed:
    user_.on_broken_stream(*this, *framer_.error(), next.bytes);
    close(close_reason::protocol_error);
    return false;
  }
  return false;
}

/// Counts one message or ping; one too many closes the connection.
bool sip_flow::is_within_rate() {
  const auto& rate = limits_.messages_per_second;
  if (rate.per_second == 0 || arrivals_.take(connection_->home().now(), rate))
    return true;
  counters_.dropped.add("message_rate");
  close(close_reason::overload);
  return false;
}

/// A message has `message_timeout` from its first byte to its last, however busily it drips.
void sip_flow::limit_message_time(bool finished_one) {
  if (!framer_.mid_message()) {
    if (std::exchange(is_timing_message_, false))
      connection_->clear_deadline();
    return;
  }
  if (finished_one || !is_timing_message_)
    connection_->set_deadline(connection_->home().now() + limits_.message_timeout, close_reason::protocol_timeout);
  is_timing_message_ = true;
}

void sip_flow::on_closed(stream&, close_reason reason) {
  is_open_ = false;
  user_.on_flow_closed(*this, reason); // May delete this.
}

} // namespace sallyport::io
