#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "config/loader.hpp"
#include "config/surroundings.hpp"
#include "config/validate.hpp"

namespace sallyport::config {

/// The least that one node needs: every required key and no other. TCP inside, so that few files are named.
inline constexpr std::string_view least_text = R"(version: 1
node: {name: edge1}
services: [access]
pool:
  name: sip.edge.example
  secrets: [{file: pool.secret}]
domains: [edge.example]
outside: {address: 192.0.2.10}
inside: {address: 10.0.0.10}
access:
  outside:
    listen: ["192.0.2.10:443"]
    certificates: [{certificate: edge.pem, key: edge.key}]
  inside: {listen: "10.0.0.10:5061", transport: tcp}
  next_hop: {address: "10.0.0.20:5061", transport: tcp}
)";

/// `text` with the first `from` replaced by `to`.
inline std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string changed{text};
  const auto at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return changed.replace(at, from.size(), to);
}

inline loaded load_text(std::string_view text, const environment& variables = {}) {
  return load({text, "/etc/sallyport", variables});
}

/// A file of the source tree.
inline std::string source_text(const char* name) {
  const auto path = (std::filesystem::path{SALLYPORT_TEST_DATA} / "../.." / name).lexically_normal();
  auto content = read_host_file(path);
  EXPECT_TRUE(content) << path;
  return content ? content->bytes : "";
}

/// What `check` would print of `found`, with the name of the file left out.
inline std::string said(const problems& found) {
  return render("", found);
}

/// A disk that holds what the least configuration names.
inline std::map<std::string, file_content> least_files() {
  return {{"/etc/sallyport/pool.secret", {"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n", 0400}},
          {"/etc/sallyport/edge.pem", {"certificate", 0644}},
          {"/etc/sallyport/edge.key", {"key", 0400}}};
}

inline surroundings around(std::map<std::string, file_content> files, environment variables = {}) {
  const auto read = [files = std::move(files)](const std::filesystem::path& path) -> result<file_content, std::string> {
    if (const auto found = files.find(path.string()); found != files.end())
      return found->second;
    return fail(std::string{"No such file or directory"});
  };
  return {read, std::move(variables)};
}

/// Loads and validates: every problem of `text` on a disk with the least files.
inline problems judge(std::string_view text, const surroundings& host = around(least_files())) {
  auto read = load_text(text, host.variables);
  auto meant = validate(read.value, read.where, host);
  read.found.insert(read.found.end(), meant.begin(), meant.end());
  return read.found;
}

} // namespace sallyport::config
