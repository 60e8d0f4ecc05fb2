#pragma once
#include <string>
#include <string_view>

namespace sallyport::bench {

/// The response of MD5 digest with qop=auth, nonce count 1 (RFC 2617, 3.2.2).
struct digest_question {
  std::string_view user, realm, password, nonce, cnonce, method, uri;
};
std::string digest_response(const digest_question& about);

/// The value of `name` in a challenge or in credentials, without its quotes.
std::string_view digest_field(std::string_view value, std::string_view name);

} // namespace sallyport::bench
