#include "tests/unit/net/io/sip_world.hpp"

#include <stdexcept>
#include <utility>

#include "net/sip/branch.hpp"
#include "net/sip/local_response.hpp"

namespace sallyport::test {

sip_world::sip_world() = default;

sip_world::~sip_world() {
  end_everything();
  EXPECT_EQ(counters().flows_outside.read(), 0u);
  EXPECT_EQ(counters().flows_inside.read(), 0u);
  EXPECT_EQ(counters().server_transactions.read(), 0u);
  EXPECT_EQ(counters().client_transactions.read(), 0u);
  EXPECT_EQ(counters().sessions.read(), 0u);
  EXPECT_EQ(counters().in_flight.read(), 0u);
  EXPECT_THAT(user_.ended, testing::UnorderedElementsAreArray(user_.started));
  EXPECT_EQ(lane_.counters().handler_failures.read(), user_.thrown);
  EXPECT_EQ(lane_.counters().live.read(), 0u);
  EXPECT_EQ(gate_.connections(loopback().address), 0u);
  outside_.reset();
  inside_.reset();
  endpoint_.reset();
  EXPECT_EQ(lane_.timers(), 0u);
}

void sip_world::start(io::sip_settings settings) {
  settings.user.lanes = 4;
  settings.user.judge = judge_;
  endpoint_ = std::make_unique<io::sip_endpoint>(lane_, settings, user_);
  outside_ = open(side::outside);
  inside_ = open(side::inside);
}

void sip_world::spin() {
  for (int turn = 0; turn < 1'000 && lane_.run_once(2ms) > 0; ++turn)
    ;
}

void sip_world::pass(milliseconds span) {
  now_ += span;
  spin();
}

std::string sip_world::message_on(wire& at) {
  std::string got;
  EXPECT_TRUE(until([&] { return !(got = at.take_message()).empty(); })) << "no message came";
  return got;
}

wire sip_world::accepted() {
  wire got;
  EXPECT_TRUE(until([&] { return static_cast<bool>(got = next_hop_.accept()); })) << "no connection came";
  return got;
}

void sip_world::deliver(wire& by, const request_text& request) {
  const auto before = user_.requests.size();
  by.send(request.text());
  ASSERT_TRUE(until([&] { return user_.requests.size() > before; }));
}

void sip_world::settle(const sip::session_id& session, std::vector<sip::order> orders,
                       std::optional<time_point> next_deadline) {
  endpoint_->settle({session, {std::move(orders)}, next_deadline, false});
}

void sip_world::respond(std::size_t which, unsigned status) {
  const auto& [session, server, from, request] = user_.requests.at(which);
  settle(session, {sip::send_response{server, status, sip::write_local_response(*request, from, status, "", "tag")}});
}

sip::client_key sip_world::send_to(sip::destination to, std::uint32_t number, request_text text) {
  const sip::client_key client{session_, number};
  order(outgoing(client, to, std::move(text)));
  return client;
}

sip::client_key sip_world::send_inward(std::uint32_t number, request_text text) {
  return send_to(sip::next_hop{}, number, std::move(text));
}

void sip_world::order(sip::order asked) {
  endpoint_->receive(sip::relayed_order{session_, std::move(asked)});
}

sip::send_request sip_world::outgoing(const sip::client_key& client, sip::destination to, request_text text) {
  const auto toward = sip::side_of(to);
  sip::loop_hash loop;
  loop.fill('0');
  const auto branch = sip::write_branch(client.session, client.number, client.number, loop);
  auto bytes = text.text();
  const auto name = edge()->of(toward).sent_by.text();
  bytes.insert(bytes.find("\r\n") + 2, "Via: SIP/2.0/TCP " + name + ";branch=" + branch + "\r\n");
  return {.number = client.number,
          .to = to,
          .toward = toward,
          .branch = branch,
          .kind = sip::parse_method(text.method),
          .bytes = std::move(bytes)};
}

std::unique_ptr<io::listener> sip_world::open(side from) {
  io::listener_options options{.local = loopback()};
  if (from == side::outside)
    options.unproved = unproved_;
  auto opened = io::listener::open(lane_, options, gate_, endpoint_->acceptor(from));
  if (!opened)
    throw std::runtime_error{opened.error().text()};
  return std::move(*opened);
}

void sip_world::end_everything() {
  spin();
  endpoint_->close_all(io::close_reason::local_shutdown);
  spin();
  pass(5s); // Whoever does not close too is cut off.
  for (int step = 0; step < 10; ++step)
    pass(32s);
  endpoint_->end_sessions();
}

} // namespace sallyport::test
