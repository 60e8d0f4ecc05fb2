#include "net/turn/allocation.hpp"

#include <algorithm>
#include <stdexcept>

#include "net/core/overloaded.hpp"

namespace sallyport::turn {
namespace {

constexpr unsigned bad_request = 400;
constexpr unsigned allocation_mismatch = 437;
constexpr unsigned insufficient_capacity = 508;

} // namespace

allocation_answer allocation::handle(time_point now, const allocation_event& event) {
  const bool is_opening = std::holds_alternative<open_request>(event.what);
  if (is_opening != (phase_ == phase::before))
    throw std::logic_error{"an allocation opens once, before all else"};

  allocation_answer out{.request = event.request};
  expire(now, out);
  if (phase_ == phase::ended)
    out.code = allocation_mismatch; // It ran out while the request was on its way here.
  else
    std::visit(overloaded{[&](const open_request& request) { open(now, request, out); },
                          [&](const refresh_request& request) { refresh(now, request, out); },
                          [&](const permission_request& request) { permit(now, request, out); },
                          [&](const channel_request& request) { bind(now, request, out); },
                          [](const deadline_passed&) {}},
               event.what);
  out.next_deadline = next_deadline();
  out.has_ended = phase_ == phase::ended;
  return out;
}

void allocation::open(time_point now, const open_request& request, allocation_answer& out) {
  phase_ = phase::open;
  // Zero is only Refresh's word for the end; an Allocate of zero seconds gets the default (RFC 8656, 7.2).
  out.lifetime = lifetime_for(request.lifetime);
  expires_ = now + out.lifetime;
  out.effects.emplace_back(relay_opened{});
}

void allocation::refresh(time_point now, const refresh_request& request, allocation_answer& out) {
  if (request.lifetime == seconds{0})
    return close(close_reason::refreshed_to_zero, out);
  out.lifetime = lifetime_for(request.lifetime);
  expires_ = now + out.lifetime;
}

void allocation::permit(time_point now, const permission_request& request, allocation_answer& out) {
  const auto added = std::ranges::count_if(request.peers, [&](const auto& peer) { return !find(peer); });
  if (permissions_.size() + static_cast<std::size_t>(added) > limits_.permissions_max) {
    out.code = insufficient_capacity;
    return;
  }
  for (const auto& peer : request.peers)
    open_permission(now, peer, out);
}

void allocation::bind(time_point now, const channel_request& request, allocation_answer& out) {
  const auto bound = std::ranges::find_if(
    channels_, [&](const channel& each) { return each.number == request.number || each.peer == request.peer; });
  const bool is_new = bound == channels_.end();
  if (!is_new && (bound->number != request.number || bound->peer != request.peer)) {
    out.code = bad_request; // RFC 8656, 12.2: one number, one peer, and the other way round.
    return;
  }
  const bool needs_permission = !find(request.peer.address);
  if ((is_new && channels_.size() >= limits_.channels_max) ||
      (needs_permission && permissions_.size() >= limits_.permissions_max)) {
    out.code = insufficient_capacity;
    return;
  }
  open_permission(now, request.peer.address, out);
  if (!is_new) {
    bound->expires = now + channel_lifetime;
    return;
  }
  channels_.push_back({request.number, request.peer, now + channel_lifetime});
  out.effects.emplace_back(channel_opened{request.number, request.peer});
}

void allocation::open_permission(time_point now, const ip_address& peer, allocation_answer& out) {
  if (auto* known = find(peer)) {
    known->expires = now + permission_lifetime;
    return;
  }
  permissions_.push_back({peer, now + permission_lifetime});
  out.effects.emplace_back(permission_opened{peer});
}

void allocation::expire(time_point now, allocation_answer& out) {
  if (phase_ != phase::open)
    return;
  if (expires_ <= now)
    return close(close_reason::expired, out);
  std::erase_if(channels_, [&](const channel& each) {
    if (each.expires > now)
      return false;
    out.effects.emplace_back(channel_closed{each.number, each.peer});
    return true;
  });
  std::erase_if(permissions_, [&](const permission& each) {
    if (each.expires > now)
      return false;
    out.effects.emplace_back(permission_closed{each.peer});
    return true;
  });
}

void allocation::close(close_reason reason, allocation_answer& out) {
  phase_ = phase::ended;
  for (const auto& each : channels_)
    out.effects.emplace_back(channel_closed{each.number, each.peer});
  for (const auto& each : permissions_)
    out.effects.emplace_back(permission_closed{each.peer});
  out.effects.emplace_back(relay_closed{reason});
  channels_.clear();
  permissions_.clear();
}

seconds allocation::lifetime_for(std::optional<seconds> asked) const {
  // RFC 8656, 7.2 and 8.2: what is asked for up to the maximum, never less than the default.
  return std::max(limits_.lifetime_default, std::min(asked.value_or(limits_.lifetime_default), limits_.lifetime_max));
}

allocation::permission* allocation::find(const ip_address& peer) {
  const auto found = std::ranges::find(permissions_, peer, &permission::peer);
  return found == permissions_.end() ? nullptr : &*found;
}

std::optional<time_point> allocation::next_deadline() const {
  if (phase_ != phase::open)
    return std::nullopt;
  auto soonest = expires_;
  for (const auto& each : channels_)
    soonest = std::min(soonest, each.expires);
  for (const auto& each : permissions_)
    soonest = std::min(soonest, each.expires);
  return soonest;
}

} // namespace sallyport::turn
