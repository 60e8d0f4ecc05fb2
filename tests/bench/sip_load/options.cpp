#include "tests/bench/sip_load/options.hpp"

#include <stdexcept>
#include <string_view>

namespace sallyport::bench {

options::options(int count, char** arguments) {
  for (int index = 0; index < count; index += 2) {
    const std::string_view name{arguments[index]};
    if (!name.starts_with("--") || index + 1 == count)
      throw std::invalid_argument{"not --NAME VALUE: " + std::string{name}};
    given_[std::string{name.substr(2)}] = arguments[index + 1];
  }
}

const std::string& options::text(const std::string& name) const {
  const auto found = given_.find(name);
  if (found == given_.end())
    throw std::invalid_argument{"--" + name + " is missing"};
  return found->second;
}

std::string options::text_or(const std::string& name, const std::string& otherwise) const {
  return given_.contains(name) ? text(name) : otherwise;
}

std::uint64_t options::number(const std::string& name, std::uint64_t otherwise) const {
  return given_.contains(name) ? std::stoull(text(name)) : otherwise;
}

duration options::milliseconds(const std::string& name, std::uint64_t otherwise) const {
  return std::chrono::milliseconds{number(name, otherwise)};
}

} // namespace sallyport::bench
