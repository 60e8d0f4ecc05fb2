#pragma once
#include <string_view>

namespace sallyport::config {

/// A name that files of before still have. What has its place may mean something else: no value is taken over.
struct former_key {
  std::string_view name;
  std::string_view now;
};

/// Names are told apart by themselves: none of them is a key anywhere.
inline constexpr former_key former_keys[] = {
  {"relay_port_rest", "relay_port_cooldown"},
  {"unauthorized_answers_per_source", "unproved_answer_bytes_per_source"},
};

} // namespace sallyport::config
