#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "net/core/address.hpp"
#include "net/core/time.hpp"
#include "net/stun/names.hpp"
#include "net/turn/relay_pool.hpp"

namespace sallyport::turn {

/// Who a client is to a lane. The rest of the 5-tuple of RFC 8656 (2.2) is the address of the listener, and UDP.
struct five_tuple {
  endpoint client;
  std::uint8_t listener = 0;
  friend bool operator==(const five_tuple&, const five_tuple&) = default;
};

/// What an allocation has relayed, payload only, and what was sent through it in vain.
struct relay_counts {
  std::uint64_t packets_to_peers = 0;
  std::uint64_t bytes_to_peers = 0;
  std::uint64_t packets_to_client = 0;
  std::uint64_t bytes_to_client = 0;
  std::uint64_t dropped = 0;
};

/// What a lane keeps of one allocation. Its actor has the lifetimes.
struct relay_row {
  static constexpr std::size_t requests_max = 8; ///< In flight at once.

  five_tuple client;
  bool is_open = false; ///< Its actor has said so.
  bool lacks_additional_family = false;
  relay_counts counts;

  // To find what has to go with it.
  std::vector<std::uint16_t> channels;
  std::vector<ip_address> permissions;
  std::vector<std::uint64_t> requests; ///< Those whose answers are not there yet, by their numbers.

  // What its client's requests are judged by, and what a repeated Allocate is answered with.
  std::string username;
  std::string owner; ///< Whom the pool counts it for.
  stun::transaction_id allocated_by{};
  relay_lease lease;
  seconds lifetime{0}; ///< As the Allocate's success said.
};

} // namespace sallyport::turn
