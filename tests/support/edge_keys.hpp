#pragma once
#include <array>
#include <memory>

#include "net/sip/session.hpp"

namespace sallyport::test {

inline constexpr std::uint16_t this_node = 3;
inline constexpr std::uint32_t this_incarnation = 7;

inline secret_key key_of(std::uint8_t byte) {
  std::array<std::uint8_t, secret_key::size_bytes> bytes;
  bytes.fill(byte);
  return secret_key{bytes};
}

/// The edge of these tests: `edge.example` outside, 10.0.0.1 inside. Nobody connects by these names.
inline std::shared_ptr<const sip::edge_identity> edge() {
  auto made = std::make_shared<sip::edge_identity>();
  made->outside = {{"edge.example", 5061}, {"192.0.2.1", 5061}, transport::tcp, {{"edge.example", 0}}};
  made->inside = {{"10.0.0.1", 5062}, {"10.0.0.1", 5062}, transport::tcp, {}};
  return made;
}

inline std::shared_ptr<const sip::token_keys> edge_tokens() {
  return std::make_shared<const sip::token_keys>(live_keys{.current = {1, key_of(2)}});
}

inline sip::session_facts edge_facts() {
  return {.node = this_node,
          .incarnation = this_incarnation,
          .tokens = edge_tokens(),
          .loop_key = std::make_shared<const keyed_hash>(key_of(1)),
          .binding_key = std::make_shared<const keyed_hash>(key_of(4)),
          .identity = edge()};
}

} // namespace sallyport::test
