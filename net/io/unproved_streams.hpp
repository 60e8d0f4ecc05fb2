#pragma once
#include <cstddef>
#include <list>

#include "net/io/counters.hpp"

namespace sallyport::io {

class stream;

/// The connections of one lane that have to prove themselves and have not (or no longer do): whose place a new one
/// takes when there is no other.
///
/// To connect costs a stranger nothing, so thousands a second may do no more: they take each other's places. Whom TLS
/// has let in has paid with a handshake, of which the lane makes some hundreds a second, and may be a phone that waits
/// for its registrar. Neither kind can keep the other from half of the places.
class unproved_streams {
  using oldest_first = std::list<stream*>;

public:
  struct place {
    oldest_first* in;
    oldest_first::iterator at;
  };

  explicit unproved_streams(counter& gauge) noexcept : gauge_{gauge} {}

  [[nodiscard]] place add(stream& one, bool is_let_in) {
    auto& in = is_let_in ? let_in_ : arriving_;
    const auto at = in.insert(in.end(), &one);
    gauge_.add();
    return {&in, at};
  }
  /// Its TLS handshake is over.
  void let_in(place& of) noexcept {
    let_in_.splice(let_in_.end(), *of.in, of.at);
    of.in = &let_in_;
  }
  void remove(const place& of) noexcept {
    gauge_.subtract();
    of.in->erase(of.at);
  }

  [[nodiscard]] std::size_t size() const noexcept { return arriving_.size() + let_in_.size(); }
  /// The oldest of the kind that has more places. Null: there is none.
  [[nodiscard]] stream* next_to_go() const noexcept {
    const auto& more = arriving_.size() >= let_in_.size() ? arriving_ : let_in_;
    return more.empty() ? nullptr : more.front();
  }

private:
  oldest_first arriving_;
  oldest_first let_in_;
  counter& gauge_;
};

} // namespace sallyport::io
