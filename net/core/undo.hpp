#pragma once
#include <utility>

namespace sallyport {

/// Takes a step back where one that belongs to it throws: what cannot be done whole is not done at all. Taking it back
/// may not throw.
template <class How>
class undo {
public:
  explicit undo(How how) : how_{std::move(how)} {}
  ~undo() {
    if (is_due_)
      how_();
  }
  undo(const undo&) = delete;
  undo& operator=(const undo&) = delete;

  /// All is done: the step stays.
  void keep() noexcept { is_due_ = false; }

private:
  How how_;
  bool is_due_ = true;
};

} // namespace sallyport
