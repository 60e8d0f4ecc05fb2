#include "net/tls/openssl.hpp"

#include <openssl/err.h>

namespace sallyport::tls {

std::string take_errors() {
  char text[256] = "";
  if (const auto oldest = ERR_get_error(); oldest != 0)
    ERR_error_string_n(oldest, text, sizeof text);
  ERR_clear_error();
  return text;
}

} // namespace sallyport::tls
