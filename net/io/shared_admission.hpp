#pragma once
#include <mutex>

#include "net/core/source_limits.hpp"

namespace sallyport::io {

/// One count of sources before all lanes, so that a limit means what it says however the kernel spreads a source's
/// connections. The lock is taken when a connection comes, proves itself or goes, and when what an unproved one has
/// queued and buffered grows or shrinks by a step: never for its bytes.
class shared_admission final : public admission {
public:
  explicit shared_admission(const source_limits_options& options) : limits_{options} {}

  [[nodiscard]] verdict admit(const ip_address& source, time_point now) override {
    const std::lock_guard guard{mutex_};
    return limits_.admit(source, now);
  }
  void proved(const ip_address& source) override {
    const std::lock_guard guard{mutex_};
    limits_.proved(source);
  }
  [[nodiscard]] bool unproved(const ip_address& source) override {
    const std::lock_guard guard{mutex_};
    return limits_.unproved(source);
  }
  void released(const ip_address& source) override {
    const std::lock_guard guard{mutex_};
    limits_.released(source);
  }
  [[nodiscard]] bool hold(const ip_address& source, std::size_t before, std::size_t after) override {
    const std::lock_guard guard{mutex_};
    return limits_.hold(source, before, after);
  }
  [[nodiscard]] std::size_t sources() const {
    const std::lock_guard guard{mutex_};
    return limits_.sources();
  }

private:
  mutable std::mutex mutex_;
  source_limits limits_;
};

} // namespace sallyport::io
