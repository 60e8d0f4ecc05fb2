#include "net/io/port.hpp"

#include <cassert>

namespace sallyport::io {

port::port(lane& home, const port_options& options) : lane_{home}, options_{options} {
  demultiplexer_.decide_within(options_.decision_time);
}

void port::serve(stream_protocol protocol, proof proved_by, stream_acceptor& service) {
  assert(!listener_ && (options_.is_shared || ways_in_.empty()));
  demultiplexer_.serve(protocol, ways_in_.emplace_back(proved_by, service));
}

result<void, socket_error> port::open() {
  assert(!ways_in_.empty());
  if (options_.is_shared) {
    application_protocols_ = demultiplexer_.application_protocols();
    options_.listening.application_protocols = &application_protocols_;
  }
  auto opened = listener::open(lane_, options_.listening, *options_.gate,
                               options_.is_shared ? static_cast<stream_acceptor&>(demultiplexer_) : ways_in_.front());
  if (!opened)
    return fail(opened.error());
  listener_ = std::move(*opened);
  return {};
}

void port::close() {
  listener_.reset();
  demultiplexer_.close_all(close_reason::local_shutdown);
}

void port::way_in::on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) {
  connection->set_proof(proved_by_);
  service_.on_stream(std::move(connection), first_bytes);
}

} // namespace sallyport::io
