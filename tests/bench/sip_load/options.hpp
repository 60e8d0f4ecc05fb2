#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "tests/bench/sip_load/loop.hpp"

namespace sallyport::bench {

/// `--name value` pairs of a command line; who asks for one that must be there and is not, or for a number that is
/// none, throws std::invalid_argument.
class options {
public:
  options(int count, char** arguments);

  [[nodiscard]] const std::string& text(const std::string& name) const;
  [[nodiscard]] std::string text_or(const std::string& name, const std::string& otherwise) const;
  [[nodiscard]] std::uint64_t number(const std::string& name, std::uint64_t otherwise) const;
  [[nodiscard]] duration milliseconds(const std::string& name, std::uint64_t otherwise) const;

private:
  std::map<std::string, std::string> given_;
};

} // namespace sallyport::bench
