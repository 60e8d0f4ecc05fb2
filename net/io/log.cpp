#include "net/io/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "net/io/line_writer.hpp"

namespace sallyport::log {
namespace {

spdlog::level::level_enum named(level of) noexcept {
  constexpr spdlog::level::level_enum levels[]{spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                               spdlog::level::warn,  spdlog::level::err,   spdlog::level::critical};
  return levels[static_cast<std::size_t>(of)];
}

std::unique_ptr<spdlog::formatter> make_formatter() {
  return std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%f%z %l %v");
}

std::string text_of(spdlog::formatter& form, const spdlog::details::log_msg& line) {
  spdlog::memory_buf_t text;
  form.format(line, text);
  return {text.data(), text.size()};
}

/// Standard error of this process.
std::shared_ptr<line_writer> make_writer() {
  return std::make_shared<line_writer>(STDERR_FILENO, [form = std::shared_ptr{make_formatter()}](std::uint64_t lost) {
    const auto text = fmt::format("log lines lost lines={}", lost);
    return text_of(*form, {"sallyport", spdlog::level::warn, text});
  });
}

/// The one that `start` has made.
std::shared_ptr<line_writer> current_writer;

class queued_lines final : public spdlog::sinks::base_sink<std::mutex> {
public:
  explicit queued_lines(std::shared_ptr<line_writer> to) : base_sink{make_formatter()}, to_{std::move(to)} {}

private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    spdlog::memory_buf_t text;
    formatter_->format(line, text);
    to_->put({text.data(), text.size()});
  }
  void flush_() override {}

  const std::shared_ptr<line_writer> to_;
};

} // namespace

void start(level lowest) {
  current_writer = make_writer();
  auto made = std::make_shared<spdlog::logger>("sallyport", std::make_shared<queued_lines>(current_writer));
  made->set_level(named(lowest));
  made->set_error_handler([](const std::string&) {}); // The library's own would write to standard error, and wait.
  spdlog::set_default_logger(std::move(made));
}

void flush(milliseconds longest) {
  if (current_writer)
    current_writer->flush(longest);
}

std::uint64_t lines_lost() noexcept {
  return current_writer ? current_writer->lines_lost() : 0;
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
