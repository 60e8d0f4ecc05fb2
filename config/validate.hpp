#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "config/problem.hpp"
#include "config/surroundings.hpp"

namespace sallyport::config {

enum class file_role : std::uint8_t { outside_certificate, outside_key, inside_certificate, inside_key, inside_ca };

/// A file of TLS that this configuration uses, and the key that names it.
struct file_use {
  file_role role;
  std::string path; ///< "access.outside.certificates[0].key"
  std::filesystem::path file;

  friend bool operator==(const file_use&, const file_use&) = default;
};

/// Every file a node with this configuration reads besides its secrets; none of a service it does not run. A
/// certificate is followed by its key. What is in them is judged where TLS is understood (net/tls).
[[nodiscard]] std::vector<file_use> files_used(const model& value);

/// What the values mean to each other and to the host: addresses of the two sides apart, files there, secrets long
/// enough. Says nothing about a value that `load` has already refused.
[[nodiscard]] problems validate(const model& value, const positions& where, const surroundings& around);

} // namespace sallyport::config
