#pragma once
#include <bitset>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace sallyport::config {

enum class service : std::uint8_t { access, av, conferencing };

/// A row for every service the configuration can name. A service comes into a version by turning its row on.
struct service_row {
  service which;
  std::string_view name;
  bool in_this_version;
};

[[nodiscard]] std::span<const service_row> service_table() noexcept;
[[nodiscard]] const service_row* find_service(std::string_view name) noexcept; ///< nullptr: no service has this name.
[[nodiscard]] std::string_view to_string(service which) noexcept;

/// The services a node runs. What is not in it has no listener, no actor and no secret on that node.
class service_set {
public:
  service_set() = default;
  service_set(std::initializer_list<service> members) {
    for (const auto member : members)
      insert(member);
  }

  void insert(service which) noexcept { bits_.set(static_cast<std::size_t>(which)); }
  [[nodiscard]] bool contains(service which) const noexcept { return bits_.test(static_cast<std::size_t>(which)); }
  [[nodiscard]] bool empty() const noexcept { return bits_.none(); }
  [[nodiscard]] std::string text() const; ///< "access, av"; "none" when empty.

  friend bool operator==(const service_set&, const service_set&) = default;

private:
  std::bitset<3> bits_;
};

} // namespace sallyport::config
