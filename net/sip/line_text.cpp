#include "net/sip/line_text.hpp"

#include <stdexcept>

namespace sallyport::sip {

void require_one_line(std::string_view text) {
  for (auto at = text.find_first_of("\r\n"); at != std::string_view::npos; at = text.find_first_of("\r\n", at + 3)) {
    const auto fold = text.substr(at, 3);
    if (fold != "\r\n " && fold != "\r\n\t")
      throw std::invalid_argument{"text for a SIP header would end its line"};
  }
}

} // namespace sallyport::sip
