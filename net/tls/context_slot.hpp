#pragma once
#include <memory>
#include <mutex>
#include <utility>

namespace sallyport::tls {

/// Where connections find the current context (`server_context` or `client_context`). A reload swaps it: connections
/// made before keep theirs, those made after get the new one. From any thread.
///
/// A mutex, not std::atomic<std::shared_ptr>: it is read once a connection, and in libstdc++ 12 the atomic is a lock in
/// disguise that ThreadSanitizer misreads.
template <class Context>
class context_slot {
public:
  explicit context_slot(std::shared_ptr<const Context> first) : current_{std::move(first)} {}

  [[nodiscard]] std::shared_ptr<const Context> get() const {
    const std::lock_guard guard{mutex_};
    return current_;
  }

  void swap(std::shared_ptr<const Context> next) {
    const std::lock_guard guard{mutex_};
    current_.swap(next);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Context> current_;
};

} // namespace sallyport::tls
