#pragma once
#include <array>
#include <string_view>
#include <utility>

#include "config/model.hpp"

/// What a value that is one of a few words may be, in the order in which they are offered.
namespace sallyport::config {

template <class Value>
struct words_of;

template <class Value, std::size_t Count>
using word_table = std::array<std::pair<std::string_view, Value>, Count>;

template <>
struct words_of<bool> {
  static constexpr word_table<bool, 2> table{{{"true", true}, {"false", false}}};
};

template <>
struct words_of<transport> {
  static constexpr word_table<transport, 2> table{{{"tls", transport::tls}, {"tcp", transport::tcp}}};
};

template <>
struct words_of<site_kind> {
  static constexpr word_table<site_kind, 2> table{{{"central", site_kind::central}, {"remote", site_kind::remote}}};
};

template <>
struct words_of<log_level> {
  static constexpr word_table<log_level, 5> table{{{"trace", log_level::trace},
                                                   {"debug", log_level::debug},
                                                   {"info", log_level::info},
                                                   {"warn", log_level::warn},
                                                   {"error", log_level::error}}};
};

template <class Value>
concept word = requires {
  words_of<Value>::table;
};

} // namespace sallyport::config
