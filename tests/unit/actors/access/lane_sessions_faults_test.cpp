#include "net/core/fault.hpp"
#include "tests/unit/actors/access/lane_sessions_world.hpp"

namespace sallyport::test {
namespace {

/// A lane with its sessions, on real sockets, and what happens there. Phone and next hop do what they should, if they
/// still can: a phone whose connection is gone comes again. Nobody waits for what does not come. At the end nothing may
/// live, as ever.
class faulty_lane : public lane_sessions_world {
public:
  using lane_sessions_world::pass_time;
  void TestBody() override {}

  faulty_lane() {
    turn_wait_ = 0ms;
    start();
  }

  void say(const request_text& request) {
    if (!phone_ || phone_.is_closed())
      phone_ = client();
    phone_.send(request.text());
    serve();
  }
  void register_as(const std::string& user) { say(registration_of(user)); }
  void call(const std::string& user) {
    say({.method = "INVITE",
         .branch = "z9hG4bK-" + user,
         .from = "<sip:" + user + "@edge.example>;tag=a1",
         .call_id = "call-" + user});
  }
  void lose_next_hop() {
    next_hop_wire_.reset();
    serve();
  }
  void lose_phone() {
    phone_.reset();
    serve();
  }

  bool answers_ = true; ///< Whoever is called; else it rings.

  void expect_others_served() {
    failures_planted_ = sip_failures();
    answers_ = true;
    pass_time(1s); // A next hop that could not be reached is tried again.
    phone_ = client();
    said_.clear();
    register_as("carol");
    call("carol");
    EXPECT_THAT(said_, testing::IsSupersetOf({"200 REGISTER", "200 INVITE", "200 BYE"}));
  }

private:
  std::uint64_t sip_failures() const { return lanes_[0]->lane.counters().handler_failures.read(); }

  /// Everybody answers what has come, until nothing more does.
  void serve() {
    int idle = 0;
    for (int step = 0; step < 500 && idle < 5; ++step) {
      turn();
      ++idle;
      if (auto made = next_hop_.accept())
        next_hop_wire_ = std::move(made);
      if (const auto got = next_hop_wire_.take_message(); !got.empty()) {
        answer(got, next_hop_wire_);
        idle = 0;
      }
      if (const auto got = phone_.take_message(); !got.empty()) {
        answer(got, phone_);
        idle = 0;
      }
    }
    EXPECT_EQ(idle, 5) << "they do not come to an end";
  }
  void reply(wire& by, const std::string& text) {
    if (!by.is_closed())
      by.send(text);
  }
  void answer(const std::string& got, wire& by) {
    if (got.starts_with("SIP/2.0"))
      return hear(got, by);
    if (got.starts_with("ACK "))
      return;
    if (got.starts_with("INVITE "))
      reply(by, answer_to(got, "180 Ringing"));
    if (!got.starts_with("INVITE ") || answers_)
      reply(by, answer_to(got, "200 OK"));
  }
  /// A caller acknowledges what is accepted, and ends it.
  void hear(const std::string& got, wire& by) {
    const auto sequence = header_of(got, "CSeq");
    said_.push_back(got.substr(8, 3) + sequence.substr(sequence.find(' ')));
    if (!got.starts_with("SIP/2.0 200") || !sequence.ends_with("INVITE"))
      return;
    request_text within{.method = "ACK",
                        .branch = "z9hG4bK-ack-" + header_of(got, "Call-ID"),
                        .from = header_of(got, "From"),
                        .to = header_of(got, "To"),
                        .call_id = header_of(got, "Call-ID"),
                        .more = caller_routes(got)};
    reply(by, within.text());
    within.method = "BYE";
    within.branch = "z9hG4bK-bye-" + within.call_id;
    within.cseq = "2";
    reply(by, within.text());
  }

  std::vector<std::string> said_; ///< Responses that came to the phone: status and method.
};

/// Has every point fail in turn that `tell` comes to, and looks what is left each time. Returns how many there are.
template <class Tell>
std::size_t fail_everywhere_on_a_lane(Tell&& tell) {
  for (std::size_t nth = 1; nth < 2'000; ++nth) {
    faulty_lane story;
    std::string where;
    {
      const fault::plan plan{nth};
      tell(story);
      where = plan.where();
    }
    SCOPED_TRACE(testing::Message() << "failed at point " << nth << ", " << where);
    story.expect_others_served();
    if (where.empty())
      return nth - 1;
    if (testing::Test::HasFailure())
      return 0;
  }
  return 0;
}

TEST(LaneSessionsFaults, NothingIsLeftOfARegistrationAndACallWhateverFailsInThem) {
  const auto points = fail_everywhere_on_a_lane([](faulty_lane& story) {
    story.register_as("alice");
    story.call("alice");
  });
  EXPECT_GT(points, 40u);
}

TEST(LaneSessionsFaults, ANextHopAndAPhoneThatAreLostLeaveNothingWhateverFailsInIt) {
  const auto points = fail_everywhere_on_a_lane([](faulty_lane& story) {
    story.register_as("alice");
    story.answers_ = false;
    story.call("alice");
    story.lose_next_hop();
    story.register_as("alice");
    story.call("alice");
    story.lose_phone();
    story.pass_time(60s);
  });
  EXPECT_GT(points, 40u);
}

} // namespace
} // namespace sallyport::test
