#include "net/io/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace sallyport::log {
namespace {

spdlog::level::level_enum named(level of) noexcept {
  constexpr spdlog::level::level_enum levels[]{spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                               spdlog::level::warn,  spdlog::level::err,   spdlog::level::critical};
  return levels[static_cast<std::size_t>(of)];
}

} // namespace

void start(level lowest) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("sallyport"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%f%z %l %v");
  spdlog::set_level(named(lowest));
  spdlog::flush_on(spdlog::level::info);
}

bool is_on(level of) noexcept {
  return spdlog::should_log(named(of));
}

void write(level of, fmt::string_view text, fmt::format_args values) {
  if (!is_on(of))
    return;
  fmt::memory_buffer line;
  fmt::vformat_to(fmt::appender{line}, text, values);
  spdlog::log(named(of), spdlog::string_view_t{line.data(), line.size()});
}

} // namespace sallyport::log
