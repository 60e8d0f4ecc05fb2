#include "net/core/siphash.hpp"

#include <bit>
#include <cstring>

namespace sallyport {
namespace {

struct sip_state {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

std::uint64_t read_word(const char* at, std::size_t bytes) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    word |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  return word;
}

} // namespace

std::size_t siphash::operator()(std::string_view bytes) const noexcept {
  sip_state state{key_low ^ 0x736f6d6570736575U, key_high ^ 0x646f72616e646f6dU, key_low ^ 0x6c7967656e657261U,
                  key_high ^ 0x7465646279746573U};
  const std::size_t whole = bytes.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8)
    state.absorb(read_word(bytes.data() + i, 8));
  state.absorb((std::uint64_t{bytes.size()} << 56) | read_word(bytes.data() + whole, bytes.size() - whole));
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i)
    state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

} // namespace sallyport
