#pragma once
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace sallyport::sip {

/// One torture message of RFC 4475 by its short name ("wsinv").
inline std::string rfc4475_message(const std::string& name) {
  std::ifstream file{std::filesystem::path{SALLYPORT_TEST_DATA} / "rfc4475" / (name + ".dat"), std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// All 49 of them.
inline std::map<std::string, std::string> rfc4475_messages() {
  std::map<std::string, std::string> messages;
  for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{SALLYPORT_TEST_DATA} / "rfc4475"})
    messages.emplace(entry.path().stem().string(), rfc4475_message(entry.path().stem().string()));
  return messages;
}

} // namespace sallyport::sip
