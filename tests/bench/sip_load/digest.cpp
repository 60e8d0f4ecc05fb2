#include "tests/bench/sip_load/digest.hpp"

#include <openssl/evp.h>

#include <array>

namespace sallyport::bench {
namespace {

std::string md5(const std::string& text) {
  std::array<unsigned char, 16> sum{};
  EVP_Digest(text.data(), text.size(), sum.data(), nullptr, EVP_md5(), nullptr);
  std::string hex;
  for (const auto byte : sum) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

} // namespace

std::string digest_response(const digest_question& about) {
  const auto join = [](auto... parts) {
    std::string text;
    ((text += parts, text += ':'), ...);
    text.pop_back();
    return text;
  };
  return md5(join(md5(join(about.user, about.realm, about.password)), about.nonce, "00000001", about.cnonce, "auth",
                  md5(join(about.method, about.uri))));
}

std::string_view digest_field(std::string_view value, std::string_view name) {
  const auto pattern = std::string{name} + "=";
  for (auto at = value.find(pattern); at != value.npos; at = value.find(pattern, at + 1)) {
    if (at != 0 && value[at - 1] != ' ' && value[at - 1] != ',')
      continue; // "cnonce" ends like "nonce".
    auto found = value.substr(at + pattern.size());
    if (!found.starts_with('"'))
      return found.substr(0, found.find_first_of(", "));
    found.remove_prefix(1);
    return found.substr(0, found.find('"'));
  }
  return {};
}

} // namespace sallyport::bench
