// Any bytes as a stream. The first two bytes choose how it is cut into pushes. Properties: every way of cutting gives
// the same sequence of messages, pings and failure; memory stays bounded; a framed message that parses is as long as
// its frame.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/sip/framer.hpp"
#include "net/sip/message_view.hpp"

namespace {

using namespace sallyport::sip;

constexpr message_limits limits{.head_bytes_max = 2048, .headers_max = 128, .body_bytes_max = 1024};

void require(bool holds) {
  if (!holds)
    std::abort();
}

void check_message(std::string_view bytes) {
  message_view message;
  if (!message.parse(bytes, limits))
    require(message.bytes().size() == bytes.size());
}

/// Takes all frames that are complete; false once the stream has failed.
bool drain(framer& stream, std::vector<std::string>& out) {
  for (;;) {
    const auto next = stream.next();
    switch (next.kind) {
    case frame::kind_type::need_more:
      require(stream.mid_message() || stream.capacity_bytes() == 0);
      return true;
    case frame::kind_type::ping:
      out.emplace_back("ping");
      break;
    case frame::kind_type::message:
      check_message(next.bytes);
      out.emplace_back(next.bytes);
      break;
    case frame::kind_type::failed:
      out.emplace_back(to_string(*stream.error())).append(next.bytes);
      return false;
    }
  }
}

std::vector<std::string> frames_of(std::string_view bytes, std::size_t first, std::size_t step) {
  framer stream{limits};
  std::vector<std::string> out;
  for (std::size_t at = 0, take = first; at < bytes.size(); at += take, take = step) {
    const std::string chunk{bytes.substr(at, take)}; // Exact and short-lived: a view that outlives it is found.
    take = chunk.size();
    stream.push(chunk);
    if (!drain(stream, out))
      break;
    require(stream.capacity_bytes() <= 2 * (limits.head_bytes_max + limits.body_bytes_max + chunk.size()) + 64);
  }
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2)
    return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  const auto whole = frames_of(bytes, bytes.size(), bytes.size());
  require(frames_of(bytes, 1, 1) == whole);
  require(frames_of(bytes, data[0] + 1U, data[1] + 1U) == whole);
  return 0;
}
