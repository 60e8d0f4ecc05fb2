#pragma once

namespace sallyport {

/// One callable of several lambdas, for std::visit.
template <class... Callables>
struct overloaded : Callables... {
  using Callables::operator()...;
};

} // namespace sallyport
