#include "net/io/address_watch.hpp"

#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "net/io/log.hpp"

namespace sallyport::io {
namespace {

result<unique_fd, socket_error> open_notices() {
  unique_fd fd{::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (!fd)
    return fail(socket_error{"socket", errno});
  sockaddr_nl local{};
  local.nl_family = AF_NETLINK;
  local.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0)
    return fail(socket_error{"bind", errno});
  return fd;
}

std::vector<ip_address> each_once(std::vector<ip_address> addresses) {
  std::ranges::sort(addresses);
  addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
  return addresses;
}

} // namespace

address_watch::address_watch(std::vector<ip_address> known, listener changed, reader read, milliseconds retry)
  : known_{each_once(std::move(known))}, changed_{std::move(changed)}, read_{std::move(read)}, retry_{retry},
    wake_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
  if (!wake_)
    throw std::system_error{errno, std::generic_category(), "eventfd"};
  if (auto opened = open_notices())
    notices_ = std::move(*opened); // Before the first look: what changes after it is told.
  else
    log::warn("own addresses not followed reason=\"{}\"", opened.error().text());
  thread_ = std::thread{[this] { run(); }};
}

address_watch::~address_watch() {
  is_ending_ = true;
  look();
  thread_.join();
}

void address_watch::look() noexcept {
  ::eventfd_write(wake_.get(), 1);
}

void address_watch::run() {
  while (!is_ending_) {
    const bool is_done = compare();
    wait(is_done ? milliseconds{-1} : retry_);
  }
}

/// Until there is reason to look, or for so long; -1 is for ever.
void address_watch::wait(milliseconds longest) {
  std::array<pollfd, 2> ready{pollfd{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                              pollfd{.fd = notices_.get(), .events = POLLIN, .revents = 0}}; // -1 is passed over.
  ::poll(ready.data(), ready.size(), static_cast<int>(longest.count()));
  eventfd_t asked = 0;
  ::eventfd_read(wake_.get(), &asked);
  if (ready[1].revents != 0)
    take_notices();
}

/// What they say is not read: that there was one, or that there were too many (ENOBUFS), is reason to read everything.
void address_watch::take_notices() {
  std::array<std::byte, 4096> notice;
  constexpr int at_once = 1'000; // What more there is makes the next `wait` short.
  for (int i = 0; i < at_once; ++i) {
    if (::recv(notices_.get(), notice.data(), notice.size(), 0) >= 0 || errno == ENOBUFS || errno == EINTR)
      continue;
    if (errno != EAGAIN) { // Or it would be ready for ever.
      log::warn("own addresses not followed reason=\"{}\"", socket_error{"recv", errno}.text());
      notices_.reset();
    }
    return;
  }
}

/// False when it has to be tried again.
bool address_watch::compare() {
  try {
    auto now = each_once(read_());
    if (now != known_) {
      changed_(now);
      log::info("own addresses changed addresses={} before={}", now.size(), known_.size());
      known_ = std::move(now);
    }
    has_told_failure_ = false;
    return true;
  } catch (const std::exception& error) {
    if (!std::exchange(has_told_failure_, true))
      log::warn("own addresses not taken over reason=\"{}\"", error.what());
    return false;
  }
}

} // namespace sallyport::io
