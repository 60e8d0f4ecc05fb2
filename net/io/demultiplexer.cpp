#include "net/io/demultiplexer.hpp"

#include <algorithm>
#include <cassert>

namespace sallyport::io {

void demultiplexer::serve(stream_protocol protocol, stream_acceptor& service) {
  services_[static_cast<std::size_t>(protocol)] = &service;
}

std::vector<std::string> demultiplexer::application_protocols() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < services_.size(); ++i)
    if (services_[i])
      for (const auto name : alpn_names(static_cast<stream_protocol>(i)))
        names.emplace_back(name);
  return names;
}

void demultiplexer::on_stream(stream_ptr connection, std::span<const std::byte>) {
  connection->set_user(*this);
  auto* key = connection.get();
  undecided_.try_emplace(key, waiting{std::move(connection), {}});
}

void demultiplexer::close_all(close_reason reason) {
  for (auto& [connection, kept] : undecided_) // Each leaves by `on_closed`, after this turn.
    connection->close(reason);
}

void demultiplexer::on_open(stream& connection) {
  // Also where ALPN decides: who has said nothing may be nobody, and waits for nothing but us.
  connection.set_deadline(connection.home().now() + limit_, close_reason::protocol_timeout);
}

void demultiplexer::on_bytes(stream& connection, std::span<const std::byte> bytes) {
  auto& kept = undecided_.at(&connection).bytes;
  if (kept.empty())
    return decide(connection, bytes);
  kept.insert(kept.end(), bytes.begin(), bytes.end());
  const auto all = std::exchange(kept, {});
  decide(connection, all);
}

void demultiplexer::on_closed(stream& connection, close_reason) {
  undecided_.erase(&connection);
}

void demultiplexer::decide(stream& connection, std::span<const std::byte> bytes) {
  switch (judge_first_bytes(connection.application_protocol(), bytes)) {
  case first_bytes_verdict::sip:
    return hand_over(connection, stream_protocol::sip, bytes);
  case first_bytes_verdict::stun:
    return hand_over(connection, stream_protocol::stun, bytes);
  case first_bytes_verdict::websocket:
    return hand_over(connection, stream_protocol::websocket, bytes);
  case first_bytes_verdict::unknown:
    return connection.abort(close_reason::protocol_unknown);
  case first_bytes_verdict::need_more:
    assert(bytes.size() < first_bytes_max);
    undecided_.at(&connection).bytes.assign(bytes.begin(), bytes.end());
  }
}

void demultiplexer::hand_over(stream& connection, stream_protocol protocol, std::span<const std::byte> bytes) {
  auto* service = services_[static_cast<std::size_t>(protocol)];
  if (!service)
    return connection.abort(close_reason::service_absent);
  connection.clear_deadline();
  auto taken = undecided_.extract(&connection);
  service->on_stream(std::move(taken.mapped().connection), bytes);
}

} // namespace sallyport::io
