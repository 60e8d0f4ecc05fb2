#include "actors/random_bits.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace sallyport::actors {

std::uint64_t random_bits::next() {
  if (used_ == batch_.size()) {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(batch_.data()), sizeof batch_) != 1)
      throw std::runtime_error{"no random bits"};
    used_ = 0;
  }
  return batch_[used_++];
}

} // namespace sallyport::actors
