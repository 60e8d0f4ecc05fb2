#include "net/io/port.hpp"

#include <cassert>

namespace sallyport::io {

port::port(lane& home, const port_options& options) : lane_{home}, options_{options} {
  demultiplexer_.decide_within(options_.decision_time);
}

void port::serve(stream_protocol protocol, stream_acceptor& service) {
  assert(!listener_);
  if (options_.is_shared)
    demultiplexer_.serve(protocol, service);
  else
    only_service_ = &service;
}

result<void, socket_error> port::open() {
  if (options_.is_shared) {
    application_protocols_ = demultiplexer_.application_protocols();
    options_.listening.application_protocols = &application_protocols_;
  }
  auto opened =
    listener::open(lane_, options_.listening, *options_.gate, options_.is_shared ? demultiplexer_ : *only_service_);
  if (!opened)
    return fail(opened.error());
  listener_ = std::move(*opened);
  return {};
}

void port::close() {
  listener_.reset();
  demultiplexer_.close_all(close_reason::local_shutdown);
}

} // namespace sallyport::io
