#include "tests/unit/net/io/turn_world.hpp"

#include <stdexcept>
#include <utility>

namespace sallyport::test {

void answering_user::on_open(const turn::allocation_id& id, turn::allocation_event&& first) {
  opened.push_back(id);
  throw_if_broken();
  machines_.try_emplace(id, turn::allocation_limits{});
  take(id, std::move(first));
}

void answering_user::on_event(const turn::allocation_id& id, turn::allocation_event&& event) {
  throw_if_broken();
  take(id, std::move(event));
}

void answering_user::on_ended(const turn::allocation_id& id) {
  ended.push_back(id);
  machines_.erase(id);
}

void answering_user::answer_waiting() {
  for (auto& [id, event] : std::exchange(waiting, {}))
    answer(id, event);
}

void answering_user::throw_if_broken() {
  if (!is_broken)
    return;
  ++thrown;
  throw std::runtime_error{"cannot spawn"};
}

void answering_user::take(const turn::allocation_id& id, turn::allocation_event&& event) {
  if (answers_at_once)
    answer(id, event);
  else
    waiting.emplace_back(id, std::move(event));
}

void answering_user::answer(const turn::allocation_id& id, const turn::allocation_event& event) {
  const auto machine = machines_.find(id);
  if (machine == machines_.end())
    return; // Has ended by an answer before.
  const auto answer = machine->second.handle(now(), event);
  endpoint->settle(id, answer);
}

turn_world::turn_world() = default;

turn_world::~turn_world() {
  if (endpoint_)
    endpoint_->close_all();
  spin();
  if (endpoint_) {
    for (const auto* gauge :
         {&counters().allocations, &counters().permissions, &counters().channels, &counters().requests_in_flight})
      EXPECT_EQ(gauge->read(), 0u);
  }
  EXPECT_EQ(user_.opened.size(), user_.ended.size());
  EXPECT_EQ(node_->pool.allocations(), 0u);
  EXPECT_EQ(lane_->counters().handler_failures.read(), user_.thrown);
  endpoint_.reset();
  EXPECT_EQ(lane_->timers(), 0u);
}

void turn_world::open(const ip_address& listener) {
  user_.now = [this] { return now_; };
  endpoint_ =
    std::make_unique<io::turn_endpoint>(*lane_, settings_ ? *settings_ : node_->settings(), node_->pool, user_);
  user_.endpoint = endpoint_.get();
  const sallyport::endpoint place{listener, 0};
  const auto opened = endpoint_->open(std::span{&place, 1});
  ASSERT_TRUE(opened) << opened.error();
  ASSERT_TRUE(endpoint_->hear());
  listener_ = endpoint_->listeners().front();
}

void turn_world::spin() {
  test::spin(*lane_);
}

void turn_world::pass(milliseconds span) {
  now_ += span;
  spin();
}

turn_response turn_world::ask(turn_wire& at, std::span<const std::byte> request) {
  at.send(request);
  const auto answer = at.client.read(next(at).datagram);
  EXPECT_TRUE(answer);
  return answer.value_or(turn_response{});
}

void turn_world::introduce(turn_wire& at) {
  const auto challenge = ask(at, at.client.first_allocate());
  EXPECT_EQ(challenge.code, 401u);
  at.client.nonce = challenge.nonce;
}

turn_response turn_world::allocate(turn_wire& at) {
  introduce(at);
  return ask(at, at.client.allocate());
}

endpoint turn_world::relay_of(const turn_response& allocated) const {
  EXPECT_TRUE(allocated.relayed) << allocated.code;
  return {node_->relay_address, allocated.relayed.value_or(endpoint{}).port};
}

} // namespace sallyport::test
