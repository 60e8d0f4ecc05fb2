#pragma once
#ifdef SALLYPORT_FAULTS
#include <cstddef>
#include <new>
#include <string_view>
#endif

/// Where a handler may fail for want of memory, by name. A test plants a failure there and looks whether anything is
/// left wrong; what is shipped has no points (a test shows that).
namespace sallyport::fault {

#ifdef SALLYPORT_FAULTS

/// What a planted point throws: as an allocation does that fails.
class planted final : public std::bad_alloc {
public:
  [[nodiscard]] const char* what() const noexcept override { return "planted fault"; }
};

/// While one lives, the n-th point that its thread comes to throws, once; the first is 1. One at a time.
class plan {
public:
  explicit plan(std::size_t nth) noexcept : left_{nth} { armed() = this; }
  ~plan() { armed() = nullptr; }
  plan(const plan&) = delete;
  plan& operator=(const plan&) = delete;

  [[nodiscard]] bool has_fired() const noexcept { return left_ == 0; }
  /// The point that has thrown.
  [[nodiscard]] std::string_view where() const noexcept { return where_; }

  static void pass(std::string_view name) {
    auto* plan = armed();
    if (!plan || plan->left_ == 0 || --plan->left_ != 0)
      return;
    plan->where_ = name;
    throw planted{};
  }

private:
  [[nodiscard]] static plan*& armed() noexcept {
    static thread_local plan* one = nullptr;
    return one;
  }

  std::size_t left_;
  std::string_view where_;
};

inline void point(const char* name) {
  plan::pass(name);
}

#else

constexpr void point(const char*) noexcept {}

#endif

} // namespace sallyport::fault
