#pragma once
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "net/core/address.hpp"
#include "net/core/time.hpp"
#include "net/io/interfaces.hpp"
#include "net/io/socket.hpp"

namespace sallyport::io {

/// Follows the addresses of this host's interfaces, in a thread of its own: the kernel says when one comes or goes
/// (rtnetlink(7)), and then all are read anew. Where it will not say so, that is logged and only `look` looks.
class address_watch {
public:
  using reader = std::function<std::vector<ip_address>()>;
  /// What they are now; in its thread. One that throws is called again after `retry`.
  using listener = std::function<void(const std::vector<ip_address>&)>;

  /// Looks at once: they may have changed since `known` was read. Throws std::system_error when there is no thread or
  /// eventfd to be had.
  address_watch(std::vector<ip_address> known, listener changed, reader read = &interface_addresses,
                milliseconds retry = milliseconds{1'000});
  ~address_watch();
  address_watch(const address_watch&) = delete;
  address_watch& operator=(const address_watch&) = delete;

  /// From any thread: reads them now, whatever the kernel said.
  void look() noexcept;

private:
  void run();
  void wait(milliseconds longest);
  void take_notices();
  [[nodiscard]] bool compare();

  std::vector<ip_address> known_; ///< Sorted, each once. The thread's.
  const listener changed_;
  const reader read_;
  const milliseconds retry_;
  bool has_told_failure_ = false;
  unique_fd notices_; ///< Netlink; none where they are not followed.
  unique_fd wake_;
  std::atomic<bool> is_ending_ = false;
  std::thread thread_;
};

} // namespace sallyport::io
