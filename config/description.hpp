#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/model.hpp"

/// What a file may hold, as plain values. Made of the tables that read it (binding.hpp), so it cannot say otherwise.
namespace sallyport::config {

enum class presence : std::uint8_t { optional, required };

/// What brings a changed value into a running node.
enum class renewal : std::uint8_t { restart, reload };

enum class value_kind : std::uint8_t {
  version,
  flag,
  word, ///< One of a few.
  count,
  bytes,
  rate,
  duration,
  name, ///< Of a host.
  realm,
  path,
  address,
  address_and_port,
  prefix,
  port_range,
  variable, ///< The name of one in the environment.
  secret,   ///< A section of which exactly one key is given.
  list,
  section,
};

struct key_description;

struct value_description {
  value_kind what = value_kind::section;
  std::string fallback;                 ///< As a file would have it; empty: nothing that can be written down.
  std::string least;                    ///< As a file would have it; empty: no bound.
  std::string most;                     ///< The same.
  std::vector<std::string> words;       ///< Of a word.
  std::size_t items_max = 0;            ///< Of a list; one item is the least.
  std::vector<value_description> items; ///< Of a list: what each of them is.
  std::vector<key_description> keys;    ///< Of a section or a secret.
  bool is_of_service = false; ///< A section that counts only where `services` has its name, and must be there then.
};

struct key_description {
  std::string name;
  presence must = presence::optional;
  renewal by = renewal::restart;
  std::string meaning;
  std::string otherwise; ///< What holds where the file does not say; empty: `value.fallback`.
  std::string risk;      ///< Of not saying it.
  value_description value;
};

/// Every key there is, in the order in which they are read.
[[nodiscard]] value_description describe_model();

} // namespace sallyport::config
