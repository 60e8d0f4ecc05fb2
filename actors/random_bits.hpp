#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace sallyport::actors {

/// Fresh random bits from OpenSSL's generator, drawn in batches. For one thread.
class random_bits {
public:
  /// Throws std::runtime_error when the generator fails: nothing unguessable can be made then.
  [[nodiscard]] std::uint64_t next();

private:
  std::array<std::uint64_t, 64> batch_{};
  std::size_t used_ = batch_.size();
};

} // namespace sallyport::actors
