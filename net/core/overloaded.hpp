#pragma once

namespace sallyport {

/// One callable of several lambdas, for std::visit.
template <class... Callables>
struct overloaded : Callables... {
  using Callables::operator()...;
};
// clang 14 does not deduce aggregates by itself (P1816).
template <class... Callables>
overloaded(Callables...) -> overloaded<Callables...>;

} // namespace sallyport
