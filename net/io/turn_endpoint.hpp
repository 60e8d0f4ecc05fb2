#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/core/named_places.hpp"
#include "net/io/relay_socket.hpp"
#include "net/io/send_run.hpp"
#include "net/io/turn_counters.hpp"
#include "net/io/turn_user.hpp"
#include "net/io/udp_socket.hpp"
#include "net/turn/server.hpp"

namespace sallyport::io {

/// What one lane's TURN is made of.
struct turn_settings {
  turn::server_settings server; ///< Its `lane` is that of the endpoint's lane.
  turn::authenticator who;
  std::shared_ptr<const peer_filter> peers;
  std::function<std::uint64_t()> random; ///< 64 fresh random bits.
  int listener_buffer_bytes = 4 << 20;   ///< Asked for; the kernel caps it.
};

/// The TURN of one lane (RFC 8656): its listeners, the server behind them, and the socket and deadline of each
/// allocation. Everything here is for the lane's thread.
///
/// What arrives in one batch leaves in batches: runs of one relay's packets, answers, packets to one client. On the
/// media path nothing is allocated, locked or logged.
class turn_endpoint final : private udp_user, private relay_user, private timer_handler {
public:
  turn_endpoint(lane& home, const turn_settings& settings, turn::relay_pool& pool, turn_user& user);
  ~turn_endpoint();
  turn_endpoint(const turn_endpoint&) = delete;
  turn_endpoint& operator=(const turn_endpoint&) = delete;

  /// Binds a listener at each address, in order; port 0 lets the kernel choose. Fails with the first that cannot be
  /// had. They are deaf until `hear`.
  [[nodiscard]] result<void, std::string> open(std::span<const endpoint> listeners);
  /// As `udp_socket::hear`, each listener.
  [[nodiscard]] result<void, std::string> hear();
  /// Where the listeners are, in the order of `open`.
  [[nodiscard]] std::vector<endpoint> listeners() const;

  /// As `turn::server::renew`.
  void renew(turn::authenticator who) { server_.renew(std::move(who)); }
  void renew(std::shared_ptr<const peer_filter> peers);

  /// An actor's answer. For an allocation that is gone already it changes nothing.
  void settle(const turn::allocation_id& id, const turn::allocation_answer& answer);
  /// The actor is gone without an answer.
  void lost(const turn::allocation_id& id);
  /// Ends every allocation and shuts the listeners. Not from within a call of the user's.
  void close_all();

  [[nodiscard]] const turn_counters& counters() const noexcept { return counters_; }

private:
  /// What the lane holds for one allocation, besides the server's row of the same name.
  struct relay {
    std::unique_ptr<relay_socket> socket;
    ip_address asked; ///< Which address of a wildcard listener the client came to: what it hears comes from there.
    time_point opened;
    timer_id deadline;
    bool is_deadline_asked = false; ///< Its actor has been told of a deadline, and has not answered.
  };
  /// A message under way: where it came from, and to which address of a wildcard listener.
  struct asker {
    turn::arrival from;
    ip_address asked;
  };
  class sending; // Sends what has been collected when it goes.

  void on_datagrams(udp_socket& listener, std::span<const received_datagram> batch) override;
  void on_peers(std::uint32_t index, std::span<const received_datagram> batch) override;
  void on_timer(std::uint64_t index) override;

  void receive_message(const asker& by, std::span<const std::byte> message);
  void carry_out(const asker& by, turn::decision&& what);
  [[nodiscard]] result<void, turn::socket_refusal> open_relay(const asker& by, const turn::open_socket& wanted);
  template <class Call>
  void tell(const turn::allocation_id& id, Call&& call);
  void forward(const turn::to_peer& packet);
  void drop(turn::drop_reason why);
  void answer(const turn::reply& reply, const ip_address& source);
  void expect_deadline(const turn::allocation_id& id, const turn::allocation_answer& answer);
  void lose(const turn::allocation_id& id, std::string_view reason);
  void end(const turn::allocation_id& id, std::string_view reason, const turn::relay_counts& counts);

  void send_to_peers();
  void send_answers();
  void send_collected();
  [[nodiscard]] turn::relay_counts counts_of(const turn::allocation_id& id) noexcept;
  [[nodiscard]] std::span<std::byte> answer_room();

  lane& lane_;
  turn_settings settings_;
  turn_user& user_;
  turn_counters counters_;
  turn::server server_;
  std::vector<std::unique_ptr<udp_socket>> listeners_;
  named_places<relay> relays_;
  bool is_collecting_ = false;
  send_run to_peers_;   // Payloads in the lane's receive buffer.
  send_run to_clients_; // As well.
  send_run answers_;    // In `answer_rooms_`.
  using room = std::array<std::byte, turn::server::reply_bytes_max>;
  std::vector<room> answer_rooms_ = std::vector<room>(datagram_batch::datagrams_max);
  std::size_t next_room_ = 0;
};

} // namespace sallyport::io
