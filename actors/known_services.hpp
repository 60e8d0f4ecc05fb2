#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "actors/service.hpp"
#include "config/surroundings.hpp"

namespace sallyport::actors {

/// A service as a node knows it before it runs.
struct service_kind {
  /// Reads what its section names outside the file, and adds what is wrong with that. Without the section: nothing.
  /// Empty: it names nothing there.
  std::function<void(judged_materials& into, const config::surroundings& around)> read;
  /// Null for a node that does not run it. The materials outlive the service.
  std::function<std::unique_ptr<service>(const node_materials& made_of, std::size_t lanes)> make;
};

/// Every service of this version, a line each: a service becomes one by it.
[[nodiscard]] std::span<const service_kind> known_services();

} // namespace sallyport::actors
