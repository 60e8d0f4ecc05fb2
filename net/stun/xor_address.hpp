#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "net/core/address.hpp"
#include "net/stun/names.hpp"

namespace sallyport::stun {

/// The value of XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS or XOR-RELAYED-ADDRESS (RFC 8489, 14.2). Nothing where the family
/// is neither IPv4 nor IPv6, or the length not that of the family. An IPv4-mapped IPv6 address is read as that IPv4
/// address.
[[nodiscard]] std::optional<endpoint> read_xor_address(std::span<const std::byte> value,
                                                       const transaction_id& transaction) noexcept;

/// 8 bytes for IPv4, 20 for IPv6.
[[nodiscard]] std::size_t xor_address_bytes(const endpoint& address) noexcept;
/// Writes `xor_address_bytes(address)` bytes. The room is the caller's to have.
void write_xor_address(std::byte* into, const endpoint& address, const transaction_id& transaction) noexcept;

} // namespace sallyport::stun
