#pragma once
#include <exception>
#include <utility>

namespace sallyport {

/// Several things to be done, each whatever becomes of the others. What the first that failed threw comes out at the
/// end.
class batch {
public:
  template <class Thing>
  void run(Thing&& thing) noexcept {
    try {
      thing();
    } catch (...) {
      if (!failure_)
        failure_ = std::current_exception();
    }
  }

  /// Throws what the first one threw that failed, if one has.
  void finish() {
    if (failure_)
      std::rethrow_exception(std::exchange(failure_, nullptr));
  }

private:
  std::exception_ptr failure_;
};

} // namespace sallyport
