#include "net/io/page_server.hpp"

#include <fmt/core.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

namespace sallyport::io {
namespace {

/// RFC 9112, 3: what a request asks for.
struct request_line {
  std::string_view method;
  std::string_view path; ///< Without its query.
};

constexpr std::string_view end_of_head = "\r\n\r\n";

/// Nothing when it is none.
std::optional<request_line> parse_request_line(std::string_view request) {
  const auto line = request.substr(0, request.find("\r\n"));
  const auto method_end = line.find(' ');
  const auto target_end = line.rfind(' ');
  if (method_end == 0 || target_end == std::string_view::npos || target_end <= method_end + 1 ||
      !line.substr(target_end + 1).starts_with("HTTP/1."))
    return std::nullopt;
  const auto target = line.substr(method_end + 1, target_end - method_end - 1);
  return request_line{line.substr(0, method_end), target.substr(0, target.find('?'))};
}

std::string write_answer(std::string_view status, std::string_view fields, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status, fields, body.size(),
                     body);
}

std::string refuse(std::string_view status, std::string_view fields = {}) {
  return write_answer(status, fields, {});
}

} // namespace

/// Reads a request, writes the answer, and waits for the client to close, so that what it still sends resets nothing.
class page_server::connection final : private io_handler, private timer_handler {
public:
  connection(page_server& of, unique_fd socket) : of_{of}, socket_{std::move(socket)} {}
  ~connection() {
    of_.lane_.cancel(deadline_);
    if (is_watched_)
      of_.lane_.forget(socket_.get());
  }

  [[nodiscard]] bool start() {
    deadline_ = of_.lane_.arm(of_.lane_.now() + of_.limits_.request_timeout, *this);
    is_watched_ = deadline_ && of_.lane_.watch(socket_.get(), EPOLLIN, *this, work::streams);
    return is_watched_;
  }

private:
  void on_ready(std::uint32_t) override {
    if (left_.empty())
      read();
    else
      write();
  }
  void on_timer(std::uint64_t) override {
    deadline_ = {};
    of_.end(*this);
  }

  void read() {
    const auto room = of_.lane_.read_buffer();
    const auto got = ::recv(socket_.get(), room.data(), room.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
      return;
    if (got <= 0)
      return of_.end(*this);
    if (has_answered_)
      return;
    request_.append(reinterpret_cast<const char*>(room.data()), static_cast<std::size_t>(got));
    if (request_.size() > of_.limits_.request_bytes_max)
      left_ = refuse("431 Request Header Fields Too Large");
    else if (request_.find(end_of_head) != std::string::npos)
      left_ = of_.answer(request_);
    if (!left_.empty())
      write();
  }

  void write() {
    has_answered_ = true;
    const auto sent = ::send(socket_.get(), left_.data(), left_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
      return of_.end(*this);
    left_.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
    of_.lane_.modify(socket_.get(), left_.empty() ? EPOLLIN : EPOLLOUT);
    if (left_.empty())
      ::shutdown(socket_.get(), SHUT_WR);
  }

  page_server& of_;
  unique_fd socket_;
  bool is_watched_ = false;
  bool has_answered_ = false;
  timer_id deadline_;
  std::string request_;
  std::string left_; ///< Of the answer.
};

page_server::page_server(lane& home, page shown, const page_limits& limits)
  : lane_{home}, page_{std::move(shown)}, limits_{limits} {}

page_server::~page_server() {
  lane_.cancel(cooldown_);
  if (socket_)
    lane_.forget(socket_.get());
}

result<void, socket_error> page_server::open(const endpoint& local) {
  if (const auto unused = require_unused(local, SOCK_STREAM); !unused)
    return fail(unused.error());
  auto opened = open_bound(local, SOCK_STREAM); // Also where connections of a former life linger.
  if (!opened)
    return fail(opened.error());
  if (::listen(opened->get(), SOMAXCONN) != 0)
    return fail(socket_error{"listen", errno});
  if (!lane_.watch(opened->get(), EPOLLIN, *this, work::accepts))
    return fail(socket_error{"epoll_ctl", errno});
  socket_ = std::move(*opened);
  return {};
}

std::size_t page_server::connections() const noexcept {
  return connections_.size();
}

void page_server::on_ready(std::uint32_t) {
  constexpr int accepts_per_turn = 64;
  for (int i = 0; i < accepts_per_turn && accept_one(); ++i)
    ;
}

/// False when there is nothing more to accept now.
bool page_server::accept_one() {
  unique_fd accepted{::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!accepted) {
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
      return errno != EAGAIN; // The error of one connection that died in the queue (accept(2)).
    // It stays in the queue, and would keep the loop awake.
    constexpr milliseconds cooldown_without_files{100};
    cooldown_ = lane_.arm(lane_.now() + cooldown_without_files, *this);
    lane_.modify(socket_.get(), 0);
    return false;
  }
  if (connections_.size() >= limits_.connections_max) {
    const auto busy = refuse("503 Service Unavailable", "Retry-After: 5\r\n");
    ::send(accepted.get(), busy.data(), busy.size(), MSG_NOSIGNAL);
    return true;
  }
  auto& made = connections_.emplace_back(*this, std::move(accepted));
  if (!made.start())
    end(made);
  return true;
}

void page_server::on_timer(std::uint64_t) {
  cooldown_ = {};
  lane_.modify(socket_.get(), EPOLLIN);
}

std::string page_server::answer(std::string_view request) const {
  const auto asked = parse_request_line(request);
  if (!asked)
    return refuse("400 Bad Request");
  if (asked->method != "GET" && asked->method != "HEAD")
    return refuse("405 Method Not Allowed", "Allow: GET, HEAD\r\n");
  if (asked->path != page_.path)
    return refuse("404 Not Found");
  try {
    auto whole = write_answer("200 OK", fmt::format("Content-Type: {}\r\n", page_.media_type), page_.make());
    if (asked->method == "HEAD") // RFC 9110, 9.3.2: the same, but for the content.
      whole.resize(whole.find(end_of_head) + end_of_head.size());
    return whole;
  } catch (const std::exception&) {
    return refuse("500 Internal Server Error");
  }
}

/// It may be its own caller: it goes at the end of the turn.
void page_server::end(connection& which) {
  lane_.defer([this, &which] { connections_.remove_if([&](const connection& each) { return &each == &which; }); });
}

} // namespace sallyport::io
