#include "net/turn/relay_ports.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include "net/core/big_endian.hpp"
#include "net/core/secret.hpp"

namespace sallyport::turn {
namespace {

std::span<const std::uint8_t> octets(const reservation_token& token) {
  return {reinterpret_cast<const std::uint8_t*>(token.data()), token.size()};
}

/// The port stands in front, so that no two tokens are the same and none has to be searched for. It is no secret: the
/// client knows which one follows its even port. The other 48 bits are.
reservation_token token_for(std::uint16_t port, const reservation_token& fresh) {
  auto token = fresh;
  put_big_endian(reinterpret_cast<std::uint8_t*>(token.data()), port);
  return token;
}

std::size_t ports_between(std::uint16_t first, std::uint16_t last) {
  if (first == 0 || first > last)
    throw std::invalid_argument{"no range of relay ports"};
  return std::size_t{last} - first + 1;
}

} // namespace

relay_ports::relay_ports(std::uint16_t first, std::uint16_t last, milliseconds cooldown, milliseconds hold)
  : first_{first}, last_{last}, cooldown_{cooldown}, hold_{hold},
    slots_(ports_between(first, last)), free_{first, last}, free_even_{first, last}, free_pairs_{first, last} {
  counts_[static_cast<std::size_t>(state::free)] = slots_.size();
  for (auto* ends : {&holds_, &cooldowns_}) // A port can always be given back.
    ends->make_room(last - first);
  for (std::uint32_t port = first; port <= last; ++port) {
    free_.add(static_cast<std::uint16_t>(port));
    if (port % 2 == 0)
      free_even_.add(static_cast<std::uint16_t>(port));
    if (port % 2 == 0 && port < last)
      free_pairs_.add(static_cast<std::uint16_t>(port));
  }
}

std::optional<std::uint16_t> relay_ports::take(time_point now, std::uint64_t random) {
  expire(now);
  if (const auto wakes = cooldowns_.next(); free_.size() == 0 && wakes)
    enter(static_cast<std::uint16_t>(first_ + *cooldowns_.pop_due(*wakes)), state::free, std::nullopt);
  return draw(free_, now, random);
}

std::optional<std::uint16_t> relay_ports::take_even(time_point now, std::uint64_t random) {
  return draw(free_even_, now, random);
}

std::optional<relay_ports::pair> relay_ports::take_pair(time_point now, std::uint64_t random,
                                                        const reservation_token& fresh) {
  const auto even = draw(free_pairs_, now, random);
  if (!even)
    return std::nullopt;
  const auto odd = static_cast<std::uint16_t>(*even + 1);
  const auto token = token_for(odd, fresh);
  slots_[odd - first_].token = token;
  enter(odd, state::held, now + hold_);
  return pair{.even = *even, .token = token};
}

std::optional<std::uint16_t> relay_ports::claim(const reservation_token& token, time_point now) {
  expire(now);
  const auto port = held_by(token);
  if (port)
    enter(*port, state::in_use, std::nullopt);
  return port;
}

void relay_ports::give_back(std::uint16_t port, time_point now) {
  expire(now);
  end_use(port, state::cooling, now + cooldown_);
}

void relay_ports::put_back(std::uint16_t port, time_point now) {
  expire(now);
  end_use(port, state::free, std::nullopt);
}

void relay_ports::end_use(std::uint16_t port, state next, std::optional<time_point> until) {
  if (port < first_ || port > last_ || slots_[port - first_].is != state::in_use)
    throw std::logic_error{"a relay port was given back that was not in use"};
  enter(port, next, until);
}

void relay_ports::release(const reservation_token& token, time_point now) {
  expire(now);
  if (const auto port = held_by(token))
    enter(*port, state::free, std::nullopt);
}

std::optional<std::uint16_t> relay_ports::draw(const port_set& from, time_point now, std::uint64_t random) {
  expire(now);
  if (from.size() == 0)
    return std::nullopt;
  const auto port = from[random % from.size()];
  enter(port, state::in_use, std::nullopt);
  return port;
}

std::optional<std::uint16_t> relay_ports::held_by(const reservation_token& token) const {
  std::uint16_t port = 0;
  get_big_endian(octets(token).data(), port);
  if (port < first_ || port > last_)
    return std::nullopt;
  const auto& at = slots_[port - first_];
  if (at.is != state::held || !equal_in_constant_time(octets(at.token), octets(token)))
    return std::nullopt;
  return port;
}

void relay_ports::expire(time_point now) {
  for (auto* ends : {&holds_, &cooldowns_})
    while (const auto due = ends->pop_due(now))
      enter(static_cast<std::uint16_t>(first_ + *due), state::free, std::nullopt);
}

void relay_ports::enter(std::uint16_t port, state next, std::optional<time_point> until) {
  auto& at = slots_[port - first_];
  --counts_[static_cast<std::size_t>(at.is)];
  ++counts_[static_cast<std::size_t>(next)];
  at.is = next;
  holds_.set(port - first_, next == state::held ? until : std::nullopt);
  cooldowns_.set(port - first_, next == state::cooling ? until : std::nullopt);

  if (next == state::free)
    free_.add(port);
  else
    free_.remove(port);
  index_evenness(port);
}

/// Brings the sets that follow from `free_` up to date with a change of one port.
void relay_ports::index_evenness(std::uint16_t port) {
  const auto even = static_cast<std::uint16_t>(port & ~1U);
  if (even < first_)
    return;
  const bool is_free = free_.contains(even);
  const bool is_pair = is_free && even < last_ && free_.contains(static_cast<std::uint16_t>(even + 1));
  if (is_free)
    free_even_.add(even);
  else
    free_even_.remove(even);
  if (is_pair)
    free_pairs_.add(even);
  else
    free_pairs_.remove(even);
}

} // namespace sallyport::turn
