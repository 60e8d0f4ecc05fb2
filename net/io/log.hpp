#pragma once
#include <fmt/core.h>

#include <cstdint>
#include <string_view>

#include "net/core/time.hpp"

/// The program's log (spdlog behind it): a constant message first, then keys and values.
///
/// A call formats into a view of its arguments and leaves the rest to `write`: spdlog's own templates, compiled anew at
/// each call, took five to seven seconds a source with the sanitizers.
namespace sallyport::log {

enum class level : unsigned char { trace, debug, info, warn, error, critical };

/// Makes the log that lines go to from here on: standard error, in one form, from `lowest` on. Before any thread. A
/// thread of its own writes (`line_writer`): nobody waits for who reads. Throws std::system_error when there is none to
/// be had.
void start(level lowest);
/// Until what was logged is written, for `longest` at most: what ends the process does this last.
void flush(milliseconds longest = milliseconds{200});
/// Lines that standard error did not take, or not in time.
[[nodiscard]] std::uint64_t lines_lost() noexcept;

[[nodiscard]] bool is_on(level of) noexcept;
void write(level of, fmt::string_view text, fmt::format_args values);

template <class... Values>
void debug(fmt::format_string<Values...> text, Values&&... values) {
  write(level::debug, text, fmt::make_format_args(values...));
}
template <class... Values>
void info(fmt::format_string<Values...> text, Values&&... values) {
  write(level::info, text, fmt::make_format_args(values...));
}
template <class... Values>
void warn(fmt::format_string<Values...> text, Values&&... values) {
  write(level::warn, text, fmt::make_format_args(values...));
}
template <class... Values>
void error(fmt::format_string<Values...> text, Values&&... values) {
  write(level::error, text, fmt::make_format_args(values...));
}
template <class... Values>
void critical(fmt::format_string<Values...> text, Values&&... values) {
  write(level::critical, text, fmt::make_format_args(values...));
}

} // namespace sallyport::log
