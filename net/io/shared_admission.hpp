#pragma once
#include <mutex>

#include "net/core/source_limits.hpp"

namespace sallyport::io {

/// One count of sources before all lanes, so that a limit means what it says however the kernel spreads a source's
/// connections. The lock is taken when a connection comes, proves itself or goes: never for its bytes.
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
  void released(const ip_address& source) override {
    const std::lock_guard guard{mutex_};
    limits_.released(source);
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
