// Any bytes as the beginning of a connection. Properties: a verdict on a prefix is the verdict on the whole, however
// the bytes arrive; at the limit there is one.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "net/io/first_bytes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::io;
  const auto bytes = std::as_bytes(std::span{data, size});
  auto decided = first_bytes_verdict::need_more;
  for (std::size_t length = 0; length <= size; ++length) {
    const auto judged = judge_first_bytes("", bytes.first(length));
    const bool has_changed = decided != first_bytes_verdict::need_more && judged != decided;
    const bool is_late = judged == first_bytes_verdict::need_more && length >= first_bytes_max;
    if (has_changed || is_late)
      std::abort();
    decided = judged;
  }
  return 0;
}
