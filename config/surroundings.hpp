#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "config/overrides.hpp"
#include "net/core/result.hpp"

namespace sallyport::config {

struct file_content {
  std::string bytes;
  unsigned mode = 0; ///< Permission bits, as chmod takes them.

  [[nodiscard]] bool is_open_to_everyone() const noexcept { return (mode & 07U) != 0; }
};

/// The content of a file of at most `file_bytes_max`, or why there is none ("No such file or directory").
using file_reader = std::function<result<file_content, std::string>(const std::filesystem::path&)>;

/// What a configuration points at outside itself, so that tests judge one without a disk.
struct surroundings {
  file_reader read_file;
  environment variables;
};

[[nodiscard]] result<file_content, std::string> read_host_file(const std::filesystem::path& path);

/// The disk and the environment of this process, as they are now.
[[nodiscard]] surroundings host_surroundings();

} // namespace sallyport::config
