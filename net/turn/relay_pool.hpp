#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/core/result.hpp"
#include "net/core/time.hpp"
#include "net/turn/reservation_token.hpp"

namespace sallyport::turn {

/// Which relay port an Allocate asks for (RFC 8656, 7.2).
struct port_request {
  enum class kind : std::uint8_t {
    any,
    even,  ///< EVEN-PORT with R = 0.
    pair,  ///< EVEN-PORT with R = 1: an even port, and the next one held for whoever brings the token.
    token, ///< RESERVATION-TOKEN: the port that was held.
  };
  kind want = kind::any;
  reservation_token token{}; ///< For `token` the client's; for `pair` the new one: 64 fresh random bits.
};

/// A port that is the allocation's until it is given back.
struct relay_lease {
  std::uint16_t port = 0;
  std::optional<reservation_token> held; ///< Claims `port` + 1. Only where a pair was asked for.

  friend bool operator==(const relay_lease&, const relay_lease&) = default;
};

enum class relay_refusal : std::uint8_t {
  quota,    ///< 486: this identity has as many allocations as it may.
  capacity, ///< 508: no such port, or as many allocations as the node may have.
};

/// What all lanes of a node share of allocations: the relay ports, and how many allocations each identity has. Every
/// lease ends by exactly one of `replace`, which makes another of it, `give_back` and `put_back`.
///
/// `identity` is what the user is counted as (`authenticated::counted_as`). `random` is 64 fresh random bits.
class relay_pool {
public:
  [[nodiscard]] virtual result<relay_lease, relay_refusal> take(std::string_view identity, const port_request& request,
                                                                time_point now, std::uint64_t random) = 0;
  /// The leased port could not be bound, since another program has it: it cools down, and another for the same request
  /// takes its place. After a refusal the first lease still stands.
  [[nodiscard]] virtual result<relay_lease, relay_refusal>
  replace(const relay_lease& unusable, const port_request& request, time_point now, std::uint64_t random) = 0;
  /// The port cools down; what it held stays held.
  virtual void give_back(std::string_view identity, std::uint16_t port, time_point now) = 0;
  /// Of a lease that nobody was told of and no socket had: its ports are free at once.
  virtual void put_back(std::string_view identity, const relay_lease& unused, time_point now) = 0;

protected:
  ~relay_pool() = default;
};

} // namespace sallyport::turn
