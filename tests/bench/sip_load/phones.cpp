#include "tests/bench/sip_load/phones.hpp"

#include <algorithm>
#include <map>

namespace sallyport::bench {
namespace {

constexpr std::chrono::seconds between_short_calls{1};

std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (const char one : text)
    if (one != '"' && one != '\\' && one >= ' ')
      made += one;
  return made + '"';
}

std::string json_of(const call_counts& counts, std::size_t up) {
  return "{\"up\": " + std::to_string(up) + ", \"begun\": " + std::to_string(counts.begun) +
         ", \"refused\": " + std::to_string(counts.refused) + ", \"completed\": " + std::to_string(counts.completed) +
         ", \"lost\": " + std::to_string(counts.lost) + ", \"refreshed\": " + std::to_string(counts.refreshed) +
         ", \"not_refreshed\": " + std::to_string(counts.not_refreshed) +
         ", \"last_error\": " + quoted(counts.last_error) + "}";
}

double seconds_between(time_point begin, time_point end) {
  return std::chrono::duration<double>{end - begin}.count();
}

} // namespace

phones::phones(loop& events, phone_settings& shared, const phones_plan& plan)
  : events_{events}, shared_{shared}, plan_{plan}, pings_{plan.ping} {
  for (std::size_t index = 0; index < plan.phones; ++index) {
    auto source = plan.first_source;
    source.address += static_cast<std::uint32_t>(index % plan.sources);
    phones_.push_back(std::make_unique<phone>(events, shared, plan.prefix + std::to_string(index), source));
    phones_.back()->set_callbacks({.registered = [this, index] { on_registered(index); },
                                   .lost = [this, index] { on_lost(index); },
                                   .pong = index == 0 ? std::function<void()>{[this] { on_pong(); }} : nullptr});
  }
  for (std::size_t index = 0; index < plan.held_calls; ++index)
    held_.push_back(
      std::make_unique<call>(*phones_[2 * index], phones_[2 * index + 1]->user(), plan.refresh, held_counts_));
  if (plan.short_calls) {
    short_ = std::make_unique<call>(*phones_[plan.phones - 2], phones_.back()->user(), plan.refresh, short_counts_);
    short_->set_begun([this] {
      const auto again = [this] { events_.after(between_short_calls, [this] { begin_short(); }); };
      short_->up() ? short_->end(again) : again();
    });
  }
}

void phones::come() {
  came_ = clock::now();
  for (const auto& one : phones_)
    one->come();
}

void phones::leave() {
  for (const auto& one : phones_)
    one->leave();
}

void phones::on_registered(std::size_t index) {
  last_registered_ = clock::now();
  if (index / 2 < held_.size())
    begin_held(index / 2);
  if (short_ && index + 2 >= phones_.size())
    begin_short();
  if (index == 0 && plan_.ping != duration::zero() && !pinging_)
    ping();
}

void phones::begin_held(std::size_t index) {
  if (!held_[index]->up() && phones_[2 * index]->registered() && phones_[2 * index + 1]->registered())
    held_[index]->begin();
}

void phones::begin_short() {
  if (!short_->up() && phones_[phones_.size() - 2]->registered() && phones_.back()->registered())
    short_->begin();
}

void phones::on_lost(std::size_t index) {
  ++connections_lost_;
  if (index / 2 < held_.size())
    held_[index / 2]->lose("connection lost");
  if (short_ && index + 2 >= phones_.size())
    short_->lose("connection lost");
}

// ---- pings -------------------------------------------------------------------------------------------------------

void phones::ping() {
  pinging_ = true;
  pinged_ = clock::now();
  phones_.front()->ping();
}

void phones::on_pong() {
  if (!pinging_)
    return;
  const auto now = clock::now();
  pings_.answered_after(now - pinged_);
  const auto next = std::max(pinged_ + plan_.ping, now);
  events_.after(next - now, [this] { ping(); });
  pinging_ = false;
}

// ---- report ------------------------------------------------------------------------------------------------------

std::string phones::refused_json() const {
  std::map<unsigned, std::size_t> counts;
  for (const auto& one : phones_)
    ++counts[one->refused()];
  std::string text;
  for (const auto& [refused, count] : counts)
    text += (text.empty() ? "\"" : ", \"") + std::to_string(refused) + "\": " + std::to_string(count);
  return "{" + text + "}";
}

std::string phones::take_report() {
  const auto registered = std::ranges::count_if(phones_, [](const auto& one) { return one->registered(); });
  const auto up = std::ranges::count_if(held_, [](const auto& one) { return one->up(); });
  if (pinging_) // What is still waited for has waited that long already.
    pings_.answered_after(clock::now() - pinged_);
  auto text = "{\"phones\": " + std::to_string(phones_.size()) + ", \"registered\": " + std::to_string(registered) +
              ", \"phones_by_times_refused\": " + refused_json() +
              ", \"last_registered_s\": " + std::to_string(seconds_between(came_, std::max(came_, last_registered_))) +
              ", \"connections_lost\": " + std::to_string(std::exchange(connections_lost_, 0)) +
              ", \"held_calls\": " + json_of(std::exchange(held_counts_, {}), static_cast<std::size_t>(up)) +
              ", \"short_calls\": " + json_of(std::exchange(short_counts_, {}), short_ && short_->up() ? 1 : 0) +
              ", \"ping_ms\": " + pings_.take_json() + "}";
  return text;
}

} // namespace sallyport::bench
