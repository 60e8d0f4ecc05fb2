#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "net/core/peer_filter.hpp"
#include "net/core/result.hpp"
#include "net/core/siphash.hpp"
#include "net/core/source_budget.hpp"
#include "net/stun/message_view.hpp"
#include "net/turn/allocation.hpp"
#include "net/turn/authenticator.hpp"
#include "net/turn/decision.hpp"
#include "net/turn/relay_pool.hpp"
#include "net/turn/relay_table.hpp"
#include "net/turn/replies.hpp"
#include "net/turn/request_table.hpp"
#include "net/turn/requests.hpp"

namespace sallyport::turn {

struct server_settings {
  std::uint16_t node = 0;
  std::uint8_t lane = 0;
  ip_address relay_address; ///< Ours: where relays' sockets are bound.
  ip_address announced;     ///< What clients are told, and peers see, of it; the same where nothing translates.
  std::size_t requests_in_flight_max = 4096;
  /// Bytes of answers to those of one source who have not proved that they are there.
  token_rate unproved_answer_bytes{.per_second = 32'000, .burst = 32'000};
  siphash table_hash; ///< A fresh random key.
};

/// One lane's TURN server (RFC 8656): who may, what is asked, what is relayed. Pure: datagrams and time come in,
/// decisions leave; sockets, the actors that keep the lifetimes, and their answers are the caller's.
///
/// Nothing is kept for whoever has not authenticated, and what such are answered is bounded for each source: a signed
/// request proves where its client is, by the nonce that it was sent there, and so does an allocation. Rows are made
/// true before a success is written, so what a client sends directly behind it is relayed. The pool outlives it.
class server {
public:
  static constexpr std::size_t reply_bytes_max = 1280;
  static constexpr std::uint32_t unproved_answer_bytes_max = 256; ///< No answer to who has proved nothing is longer.
  static constexpr std::size_t headroom_bytes = 64; ///< Before a peer's payload, for what is written around it.
  static constexpr std::size_t tailroom_bytes = 3;  ///< Behind it.
  static constexpr std::size_t payload_bytes_max = 65'000;
  static constexpr unsigned ports_tried_max = 4; ///< For one Allocate whose port another program has.

  server(const server_settings& settings, authenticator who, std::shared_ptr<const peer_filter> peers,
         relay_pool& pool);

  /// Judges requests by these from now on. Allocations stay; their next request needs a user that is known then.
  void renew(authenticator who) { who_ = std::move(who); }
  /// Judges peers by these from now on, also those permitted before: on each packet, both ways. Permissions stay: one
  /// whose peer is refused now passes nothing, and may pass again under a later filter.
  void renew(std::shared_ptr<const peer_filter> peers) noexcept;

  /// A ChannelData message of a client (RFC 8656, 12.6).
  [[nodiscard]] result<to_peer, drop_reason> relay_channel_data(const endpoint& client, std::uint8_t listener,
                                                                std::span<const std::byte> datagram) noexcept;
  /// A peer's datagram (RFC 8656, 11.3 and 12.7): `payload_bytes` at `headroom_bytes` of `room`, which goes on for
  /// `tailroom_bytes`. What is to be sent is written around the payload and points into `room`.
  [[nodiscard]] result<to_client, drop_reason> relay_from_peer(const allocation_id& relay, const endpoint& peer,
                                                               std::span<std::byte> room,
                                                               std::size_t payload_bytes) noexcept;

  /// A STUN message of a client. `room` is for the reply: `reply_bytes_max`.
  [[nodiscard]] decision receive(const arrival& from, std::span<const std::byte> datagram, std::span<std::byte> room);

  /// The socket that `open_socket` asked for is there.
  [[nodiscard]] ask opened(const allocation_id& id);
  /// It could not be had. Another port (`open_socket`), or the refusal (`reply`).
  [[nodiscard]] decision not_opened(const allocation_id& id, socket_refusal why, time_point now, std::uint64_t random,
                                    std::span<std::byte> room);

  struct settled {
    std::optional<reply> out;
    bool has_ended = false; ///< The allocation is gone: close its socket, end its actor.
  };
  /// The actor's answer. One of an allocation that is gone already changes nothing.
  [[nodiscard]] settled settle(const allocation_id& id, const allocation_answer& answer, time_point now,
                               std::span<std::byte> room);
  /// The actor is gone without an answer, or the node stops: the allocation goes, and whoever waits waits in vain.
  void lost(const allocation_id& id, time_point now);

  [[nodiscard]] std::size_t allocations() const noexcept { return table_.size(); }
  [[nodiscard]] std::size_t permissions() const noexcept { return table_.permissions(); }
  [[nodiscard]] std::size_t channels() const noexcept { return table_.channels(); }
  [[nodiscard]] std::size_t requests_in_flight() const noexcept { return requests_.size(); }
  /// What it has relayed so far; nothing when it is gone.
  [[nodiscard]] const relay_counts* counts(const allocation_id& id) noexcept;

private:
  /// A request whose sender is known, and how to answer it.
  struct known_request {
    const stun::message_view& message;
    const arrival& from;
    const authenticated& who;
    reply_terms terms;
    std::span<std::byte> room;
  };

  [[nodiscard]] result<to_peer, drop_reason> relay_send_indication(const stun::message_view& message,
                                                                   const five_tuple& client) noexcept;
  [[nodiscard]] result<to_peer, drop_reason> forward(std::uint32_t row, const endpoint& peer,
                                                     std::span<const std::byte> payload) noexcept;
  [[nodiscard]] std::optional<drop_reason> refuse_peer(std::uint32_t row, const endpoint& peer) noexcept;
  [[nodiscard]] static std::span<const std::byte> write_channel_data(std::uint16_t number, std::span<std::byte> room,
                                                                     std::size_t payload_bytes) noexcept;
  [[nodiscard]] std::span<const std::byte> write_data_indication(const endpoint& peer, std::span<std::byte> room,
                                                                 std::size_t payload_bytes) noexcept;

  [[nodiscard]] decision answer_binding(const stun::message_view& message, const arrival& from,
                                        std::span<std::byte> room);
  [[nodiscard]] decision authenticate(const stun::message_view& message, const arrival& from,
                                      std::span<std::byte> room);
  [[nodiscard]] static error_code hopeless(const stun::message_view& message, bool has_allocation) noexcept;
  [[nodiscard]] decision challenge(const stun::message_view& message, const arrival& from, const refusal& why,
                                   std::span<std::byte> room);
  [[nodiscard]] decision answer_unproved(const arrival& from, std::span<const std::byte> bytes, error_code code,
                                         std::string_view reason);
  [[nodiscard]] bool may_answer(const arrival& from, std::size_t bytes) noexcept;
  [[nodiscard]] bool has_allocation(const arrival& from) noexcept;
  [[nodiscard]] decision allocate(const known_request& request);
  [[nodiscard]] decision allocate_again(const known_request& request, std::uint32_t row);
  [[nodiscard]] decision change(const known_request& request);
  [[nodiscard]] decision refresh(const known_request& request, std::uint32_t row);
  [[nodiscard]] decision create_permission(const known_request& request, std::uint32_t row);
  [[nodiscard]] decision channel_bind(const known_request& request, std::uint32_t row);
  [[nodiscard]] decision refuse(const known_request& request, error_code code,
                                std::span<const std::uint16_t> unknown = {}) const;
  [[nodiscard]] decision submit(const known_request& request, std::uint32_t row, decltype(allocation_event::what) what);

  [[nodiscard]] bool has_room(std::uint32_t row) noexcept;
  [[nodiscard]] relay_row& opening(const allocation_id& id);
  [[nodiscard]] reservation_token fresh_token(std::uint64_t random) const noexcept;

  void apply(std::uint32_t row, const effect& change, const allocation_answer& answer);
  [[nodiscard]] std::optional<reply> reply_to(std::uint32_t row, const allocation_answer& answer,
                                              std::span<std::byte> room);
  [[nodiscard]] std::span<const std::byte> write_success_of(const relay_row& row, const reply_terms& terms,
                                                            std::span<std::byte> room) const;
  std::uint64_t add_request(std::uint32_t row, const pending_request& request);
  void close(std::uint32_t row, time_point now);
  void forget(std::uint32_t row);

  [[nodiscard]] bool has_ipv4() const noexcept; ///< Else its relays have IPv6 addresses.
  /// Translation before the listener (a single node behind NAT): clients speak of the announced address, sockets of
  /// ours.
  [[nodiscard]] endpoint as_seen(const endpoint& peer) const noexcept;
  [[nodiscard]] endpoint as_reached(const endpoint& peer) const noexcept;
  [[nodiscard]] stun::transaction_id next_transaction() noexcept;

  server_settings settings_;
  authenticator who_;
  std::shared_ptr<const peer_filter> peers_;
  std::uint32_t filters_ = 0; ///< How many there were before it.
  relay_pool& pool_;
  source_budget unproved_;
  relay_table table_;
  request_table requests_;
  std::uint64_t indications_ = 0;
};

} // namespace sallyport::turn
