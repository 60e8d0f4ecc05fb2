#include "net/sip/message.hpp"

#include <algorithm>

namespace sallyport::sip {

message::message(const message_view& original) : view_{original} {
  const auto bytes = original.bytes();
  bytes_ = std::make_unique_for_overwrite<char[]>(bytes.size());
  std::ranges::copy(bytes, bytes_.get());
  view_.rebase({bytes_.get(), bytes.size()});
}

result<message, parse_error> message::parse(std::string_view bytes, const message_limits& limits) {
  message_view view;
  if (const auto error = view.parse(bytes, limits))
    return fail(*error);
  return message{view};
}

} // namespace sallyport::sip
