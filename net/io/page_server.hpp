#pragma once
#include <cstddef>
#include <functional>
#include <list>
#include <string>

#include "net/io/lane.hpp"
#include "net/io/socket.hpp"

namespace sallyport::io {

struct page_limits {
  std::size_t connections_max = 4;
  milliseconds request_timeout{
    5'000}; ///< From the connection to its end: the request, the answer and the client's close.
  std::size_t request_bytes_max = 8192;
};

/// One page of text over plain HTTP (RFC 9112), a request a connection. Ours, since no packaged server bounds a request
/// as a whole: civetweb and cpp-httplib 0.11 bound each read, so who sends a byte now and then keeps a thread. All of
/// it is on one lane, of which it is the only user, and no thread ever waits for a client: who is silent or slow has a
/// place for `request_timeout`. Who finds no place is told 503 and to close.
class page_server final : private io_handler, private timer_handler {
public:
  struct page {
    std::string path;
    std::string media_type;
    std::function<std::string()> make; ///< Called for each request. What it throws is answered with 500.
  };

  /// The lane outlives this and does not run when this is made or goes.
  page_server(lane& home, page shown, const page_limits& limits = {});
  ~page_server();

  [[nodiscard]] result<void, socket_error> open(const endpoint& local);
  [[nodiscard]] endpoint local() const { return local_endpoint(socket_.get()); }
  [[nodiscard]] std::size_t connections() const noexcept;

private:
  class connection;

  void on_ready(std::uint32_t events) override;
  void on_timer(std::uint64_t) override;
  bool accept_one();
  [[nodiscard]] std::string answer(std::string_view request) const;
  void end(connection& which);

  lane& lane_;
  const page page_;
  const page_limits limits_;
  unique_fd socket_;
  timer_id cooldown_;
  std::list<connection> connections_;
};

} // namespace sallyport::io
