#pragma once
#include <string>

#include "net/core/time.hpp"
#include "net/sip/message_view.hpp"

namespace sallyport::sip {

/// The value of a Retry-After (RFC 3261, 20.33) in a 503: `least` seconds, up to twice that, as `drawn` has it, which
/// is a keyed hash of the request. Clients that were refused together do not come back together: at one moment they
/// would be refused together again.
[[nodiscard]] inline std::string spread_wait(seconds least, std::uint64_t drawn) {
  const auto choices = static_cast<std::uint64_t>(least.count()) + 1;
  return std::to_string(static_cast<std::uint64_t>(least.count()) + drawn % choices);
}

/// What differs between requests, and between two attempts of one client.
[[nodiscard]] inline std::string attempt_of(const message_view& request) {
  std::string text{request.value(header_id::call_id)};
  return text.append(1, '\n').append(request.value(header_id::cseq));
}

} // namespace sallyport::sip
