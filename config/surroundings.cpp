#include "config/surroundings.hpp"

#include <unistd.h>

#include <fstream>
#include <string_view>
#include <system_error>

#include "config/tree.hpp"

namespace sallyport::config {

namespace {

environment process_environment() {
  environment variables;
  for (char** each = ::environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view text{*each};
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

} // namespace

result<file_content, std::string> read_host_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error)
    return fail(error.message());
  // A pipe or a device would be read for ever.
  if (!std::filesystem::is_regular_file(status))
    return fail(std::string{"not a regular file"});

  errno = 0;
  std::ifstream stream{path, std::ios::binary};
  if (!stream)
    return fail(std::generic_category().message(errno));
  file_content content{std::string(file_bytes_max + 1, '\0'), static_cast<unsigned>(status.permissions())};
  stream.read(content.bytes.data(), static_cast<std::streamsize>(content.bytes.size()));
  content.bytes.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.bytes.size() > file_bytes_max)
    return fail("larger than " + std::to_string(file_bytes_max) + " bytes");
  return content;
}

surroundings host_surroundings() {
  return {read_host_file, process_environment()};
}

} // namespace sallyport::config
