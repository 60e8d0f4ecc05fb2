#include "net/sip/token_params.hpp"

#include "net/sip/characters.hpp"
#include "net/sip/params.hpp"

namespace sallyport::sip {

result<token_params, parse_error> parse_token_params(std::string_view value) noexcept {
  const auto semicolon = std::min(value.find(';'), value.size());
  const token_params parsed{trim(value.substr(0, semicolon)), trim(value.substr(semicolon))};
  if (parsed.token.empty())
    return fail(parse_error::bad_params);
  param_cursor params{parsed.params};
  while (params.next()) {
  }
  if (!params.ok())
    return fail(parse_error::bad_params);
  return parsed;
}

} // namespace sallyport::sip
