#pragma once
#include <string_view>

#include "net/core/result.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// `text;params`: Event, Subscription-State, Content-Type, Session-Expires, Refer-Sub, Replaces.
struct token_params {
  std::string_view token;  ///< Before the first `;`, trimmed. Not empty.
  std::string_view params; ///< From the first `;` on.
};

[[nodiscard]] result<token_params, parse_error> parse_token_params(std::string_view value) noexcept;

} // namespace sallyport::sip
