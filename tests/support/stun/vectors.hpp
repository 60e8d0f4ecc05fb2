#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "net/stun/names.hpp"

namespace sallyport::stun::vectors {

/// Bytes from hexadecimal digits; what is not a digit only parts them.
inline std::vector<std::byte> hex(std::string_view text) {
  std::vector<std::byte> bytes;
  int high = -1;
  for (const char c : text) {
    const auto digit = std::string_view{"0123456789abcdef"}.find(c);
    if (digit == std::string_view::npos)
      continue;
    if (high >= 0)
      bytes.push_back(static_cast<std::byte>(high << 4 | static_cast<int>(digit)));
    high = high < 0 ? static_cast<int>(digit) : -1;
  }
  return bytes;
}

inline std::span<const std::uint8_t> key_of(std::string_view password) {
  return {reinterpret_cast<const std::uint8_t*>(password.data()), password.size()};
}

// RFC 5769, 2.
inline constexpr std::string_view short_term_password = "VOkJxbRl1RmTxUk/WvJxBt";

inline std::vector<std::byte> request() { // 2.1
  return hex("00010058 2112a442 b7e7a701bc34d686fa87dfae"
             "80220010 5354554e207465737420636c69656e74" // SOFTWARE
             "00240004 6e0001ff"                         // PRIORITY
             "80290008 932ff9b151263b36"                 // ICE-CONTROLLED
             "00060009 6576746a3a68367659 202020"        // USERNAME, padded with spaces
             "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
             "80280004 e57a3bcf");
}

inline std::vector<std::byte> ipv4_response() { // 2.2
  return hex("0101003c 2112a442 b7e7a701bc34d686fa87dfae"
             "8022000b 7465737420766563746f72 20" // SOFTWARE, padded with a space
             "00200008 0001a147e112a643"          // XOR-MAPPED-ADDRESS
             "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
             "80280004 c07d4c96");
}

inline std::vector<std::byte> ipv6_response() { // 2.3
  return hex("01010048 2112a442 b7e7a701bc34d686fa87dfae"
             "8022000b 7465737420766563746f72 20"
             "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
             "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41"
             "80280004 c8fb0b4c");
}

inline constexpr std::string_view long_term_name =
  "\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9";
inline constexpr std::string_view long_term_realm = "example.org";
inline constexpr std::string_view long_term_password = "TheMatrIX";

inline std::vector<std::byte> long_term_request() { // 2.4
  return hex("00010060 2112a442 78ad3433c6ad72c029da412e"
             "00060012 e3839ee38388e383aae38383e382afe382b9 0000"                 // USERNAME
             "0015001c 662f2f3439396b39353464364f4c33346f4c394653547679363473 41" // NONCE
             "0014000b 6578616d706c652e6f7267 00"                                 // REALM
             "00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666");
}

/// RFC 8489, B.1.
inline std::vector<std::byte> sha256_request() {
  return hex("00010090 2112a442 78ad3433c6ad72c029da412e"
             "001e0020 4a3cf38fef6992bda952c6780417da0f2481941556 9e60b205c46e41407f1704" // USERHASH
             "00150029 6f624d61744a6f733241414143662f2f3439396b39353464364f4c33"          // NONCE
             "         346f4c39465354767936347341 000000"
             "0014000b 6578616d706c652e6f7267 00" // REALM
             "001d0004 00020000"                  // PASSWORD-ALGORITHM
             "001c0020 b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65");
}

} // namespace sallyport::stun::vectors
