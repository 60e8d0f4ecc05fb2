#include "config/secrets.hpp"

#include "config/values.hpp"

namespace sallyport::config {

namespace {

result<std::string, std::string> secret_text(const secret_source& from, const surroundings& around) {
  if (from.from == secret_source::kind::variable) {
    const auto found = around.variables.find(from.name);
    if (found == around.variables.end())
      return fail(std::string{"the environment has no variable of this name"});
    return found->second;
  }
  auto content = around.read_file(from.name);
  if (!content)
    return fail("cannot be read: " + content.error());
  if (content->is_open_to_everyone())
    return fail(std::string{"the file is open to every user of the host: take that right away (chmod o= FILE)"});
  return std::move(content->bytes);
}

} // namespace

result<std::string, std::string> read_secret(const secret_source& from, const surroundings& around) {
  const auto text = secret_text(from, around);
  if (!text)
    return fail(text.error());
  auto bytes = decode_base64(*text);
  if (!bytes)
    return fail(std::string{"is not base64; make one with: openssl rand -base64 48"});
  if (bytes->size() < secret_bytes_min)
    return fail("is a secret of " + std::to_string(bytes->size()) + " bytes, at least " +
                std::to_string(secret_bytes_min) + " are needed; make one with: openssl rand -base64 48");
  return std::move(*bytes);
}

result<std::string, std::string> read_turn_secret(const secret_source& from, const surroundings& around) {
  auto text = secret_text(from, around);
  if (!text)
    return fail(text.error());
  if (text->ends_with('\n'))
    text->pop_back();
  if (text->ends_with('\r'))
    text->pop_back();
  if (text->find_first_of("\r\n") != std::string::npos)
    return fail(std::string{"is more than one line; make one with: openssl rand -base64 48"});
  if (text->size() < secret_bytes_min)
    return fail("is a secret of " + std::to_string(text->size()) + " characters, at least " +
                std::to_string(secret_bytes_min) + " are needed; make one with: openssl rand -base64 48");
  return std::move(*text);
}

} // namespace sallyport::config
