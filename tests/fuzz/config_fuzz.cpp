// Any bytes as a configuration file, and after a line "%%%%" as overrides (NAME=value a line): loading and validating
// never throws, never runs away, and says something about whatever it refuses.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/loader.hpp"
#include "config/validate.hpp"

namespace {

using namespace sallyport;

config::environment overrides_of(std::string_view text) {
  config::environment variables;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (const auto equals = line.find('='); equals != std::string_view::npos)
      variables.emplace("SALLYPORT_" + std::string{line.substr(0, equals)}, line.substr(equals + 1));
  }
  return variables;
}

void require(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  constexpr std::string_view separator = "\n%%%%\n";
  const auto cut = input.find(separator);
  const config::surroundings host{
    [](const std::filesystem::path& path) -> result<config::file_content, std::string> {
      return config::file_content{path.string(), 0400};
    },
    overrides_of(cut == std::string_view::npos ? "" : input.substr(cut + separator.size()))};

  const auto read = config::load({input.substr(0, cut), "/etc/sallyport", host.variables});
  const auto meant = config::validate(read.value, read.where, host);
  const auto shown = config::render("file", read.found);
  require(read.found.size() <= config::problems_max + host.variables.size() + 1);
  require(read.found.empty() == shown.empty());
  require(meant.size() <= config::problems_max);
  if (read.found.empty()) {
    require(read.value.access.has_value() == read.value.services.contains(config::service::access));
    require(read.value.av.has_value() == read.value.services.contains(config::service::av));
  }
  return 0;
}
