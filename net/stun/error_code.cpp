#include "net/stun/error_code.hpp"

namespace sallyport::stun {

std::string_view reason_phrase(unsigned code) noexcept {
  switch (code) {
  case 300:
    return "Try Alternate";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthenticated";
  case 403:
    return "Forbidden";
  case 420:
    return "Unknown Attribute";
  case 437:
    return "Allocation Mismatch";
  case 438:
    return "Stale Nonce";
  case 440:
    return "Address Family not Supported";
  case 441:
    return "Wrong Credentials";
  case 442:
    return "Unsupported Transport Protocol";
  case 443:
    return "Peer Address Family Mismatch";
  case 486:
    return "Allocation Quota Reached";
  case 500:
    return "Server Error";
  case 508:
    return "Insufficient Capacity";
  default:
    return "";
  }
}

} // namespace sallyport::stun
