#include <gmock/gmock.h>

#include "net/core/fault.hpp"
#include "tests/support/sip/lanes_world.hpp"

namespace sallyport::test {
namespace {

using testing::StartsWith;

/// A node of two lanes, and what happens there: registrations, calls of both directions that are answered, cancelled
/// and left, a connection and a server that are lost. Phones and servers do what they should, if they still can; nobody
/// waits for what does not come. At the end nothing may live, as ever.
class faulty_story : public lanes_world {
public:
  using lanes_world::failures_;
  using lanes_world::failures_planted_;
  using lanes_world::pass;
  void TestBody() override {}

  void meet() {
    start(2);
    phone_ = &phone_on(1);
    server_ = &server_on(0);
  }
  void register_alice() {
    say(*phone_, registration_of("alice").text());
    serve();
  }
  /// From inside to the phone.
  void call_in(const std::string& id) {
    say(*server_, request_text{.method = "INVITE",
                               .uri = "sip:alice@client.example",
                               .branch = "z9hG4bK-" + id,
                               .from = "<sip:bob@edge.example>;tag=b0",
                               .to = "<sip:alice@edge.example>",
                               .call_id = id,
                               .more = {"Route: " + path_}}
                    .text());
    serve();
  }
  void call_out(const std::string& id) {
    say(*phone_, invitation_of(id).text());
    serve();
  }
  void cancel_out(const std::string& id) {
    auto cancel = invitation_of(id);
    cancel.method = "CANCEL";
    say(*phone_, cancel.text());
    serve();
  }
  void message_out() {
    say(*phone_, request_text{.branch = "z9hG4bK-m", .call_id = "message"}.text());
    serve();
  }
  /// A message that waits at the registrar.
  void send_unanswered(const std::string& id) {
    say(*phone_, request_text{.branch = "z9hG4bK-" + id, .call_id = id}.text());
  }
  /// 503s that the phone has got.
  std::size_t refusals() {
    std::size_t many = 0;
    for (auto status = next_status(*phone_); status != 0; status = next_status(*phone_))
      many += status == 503 ? 1 : 0;
    return many;
  }
  void lose_server() {
    ask(1, [&](auto& user, auto& out) { user.next_hop_failed(now_, {}, out); });
    run();
  }
  void leave() { hang_up(*phone_); }

  bool answers_ = true;  ///< Whoever is called; else it rings.
  bool hangs_up_ = true; ///< Who has called, once the call stands.

  /// Another phone of the same lane has what it wants.
  void expect_others_served() {
    failures_planted_ = failures_;
    answers_ = hangs_up_ = true;
    auto& other = phone_on(1);
    say(other, registration_of("carol").text());
    serve();
    EXPECT_EQ(other.proved, "carol@edge.example");
    phone_ = &other;
    said_.clear();
    say(other, request_text{.method = "INVITE",
                            .branch = "z9hG4bK-carol",
                            .from = "<sip:carol@edge.example>;tag=a1",
                            .call_id = "call-carol"}
                 .text());
    serve();
    EXPECT_THAT(said_, testing::IsSupersetOf({"200 INVITE", "200 BYE"}));
  }

private:
  static request_text invitation_of(const std::string& id) {
    return {.method = "INVITE", .branch = "z9hG4bK-" + id, .call_id = id};
  }
  /// Everybody answers what has come, until nothing more does.
  void serve() {
    for (int step = 0; step < 100; ++step) {
      std::size_t lane = 0;
      if (const auto at_registrar = next_at_registrar(&lane); !at_registrar.empty())
        answer(at_registrar, [&](const std::string& text) { registrar_says(lane, text); });
      else if (const auto at_phone = next_on(*phone_); !at_phone.empty())
        answer(at_phone, [&](const std::string& text) { say(*phone_, text); });
      else if (const auto at_server = next_on(*server_); !at_server.empty())
        answer(at_server, [&](const std::string& text) { say(*server_, text); });
      else
        return;
    }
    ADD_FAILURE() << "they do not come to an end";
  }
  template <class Say>
  void answer(const std::string& got, Say&& reply) {
    if (const auto path = header_of(got, "Path"); !path.empty())
      path_ = path;
    if (got.starts_with("SIP/2.0"))
      return hear(got, reply);
    if (got.starts_with("ACK "))
      return;
    if (got.starts_with("INVITE "))
      reply(answer_to(got, "180 Ringing"));
    if (!got.starts_with("INVITE ") || answers_)
      reply(answer_to(got, "200 OK"));
  }
  /// A caller acknowledges what is accepted, and ends it.
  template <class Say>
  void hear(const std::string& got, Say&& reply) {
    const auto sequence = header_of(got, "CSeq");
    said_.push_back(got.substr(8, 3) + sequence.substr(sequence.find(' ')));
    if (!got.starts_with("SIP/2.0 200") || !sequence.ends_with("INVITE"))
      return;
    request_text within{.method = "ACK",
                        .branch = "z9hG4bK-ack-" + header_of(got, "Call-ID"),
                        .from = header_of(got, "From"),
                        .to = header_of(got, "To"),
                        .call_id = header_of(got, "Call-ID")};
    for (const auto& value : headers_of(got, "Record-Route"))
      within.more.insert(within.more.begin(), "Route: " + value);
    reply(within.text());
    if (!hangs_up_)
      return;
    within.method = "BYE";
    within.branch = "z9hG4bK-bye-" + within.call_id;
    within.cseq = "2";
    reply(within.text());
  }

  connection* phone_ = nullptr;
  connection* server_ = nullptr;
  std::string path_;
  std::vector<std::string> said_; ///< Responses that came: status and method.
};

/// Has every point fail in turn that `tell` comes to, and looks what is left each time. Returns how many there are.
template <class Tell>
std::size_t fail_everywhere(Tell&& tell) {
  for (std::size_t nth = 1; nth < 2'000; ++nth) {
    faulty_story story;
    story.meet();
    std::string where;
    {
      const fault::plan plan{nth};
      tell(story);
      where = plan.where();
    }
    const bool is_last = where.empty();
    SCOPED_TRACE(testing::Message() << "failed at point " << nth << ", " << where);
    story.expect_others_served();
    if (is_last)
      return nth - 1;
    if (testing::Test::HasFailure())
      return 0;
  }
  return 0;
}

TEST(TransactionUserFaults, NothingIsLeftOfACallWhateverFailsInIt) {
  const auto points = fail_everywhere([](faulty_story& story) {
    story.register_alice();
    story.call_in("in");
    story.call_out("out");
    story.message_out();
  });
  EXPECT_GT(points, 50u);
}

TEST(TransactionUserFaults, NothingIsLeftOfACancelledCallWhateverFailsInIt) {
  const auto points = fail_everywhere([](faulty_story& story) {
    story.register_alice();
    story.answers_ = false;
    story.call_out("out");
    story.cancel_out("out");
    story.pass(60s);
  });
  EXPECT_GT(points, 30u);
}

TEST(TransactionUserFaults, NothingIsLeftOfWhatIsLostWhateverFailsInIt) {
  const auto points = fail_everywhere([](faulty_story& story) {
    story.register_alice();
    story.answers_ = false;
    story.call_out("out");
    story.call_in("in");
    story.lose_server();
    story.leave();
    story.pass(10min);
  });
  EXPECT_GT(points, 40u);
}

TEST(TransactionUserFaults, NothingIsLeftOfACallThatRingsForTooLongWhateverFailsInIt) {
  const auto points = fail_everywhere([](faulty_story& story) {
    story.register_alice();
    story.answers_ = false;
    story.call_out("out");
    story.pass(10min); // Timer C.
  });
  EXPECT_GT(points, 30u);
}

TEST(TransactionUserFaults, NothingIsLeftOfACallThatLapsesWhateverFailsInIt) {
  const auto points = fail_everywhere([](faulty_story& story) {
    story.register_alice();
    story.hangs_up_ = false;
    story.call_out("out");
    story.pass(13h); // Its dialog's lifetime.
  });
  EXPECT_GT(points, 30u);
}

TEST(TransactionUserFaults, OneOfABatchThatFailsTakesNoOtherWithIt) {
  for (std::size_t nth = 1; nth < 100; ++nth) {
    faulty_story story;
    story.meet();
    story.register_alice();
    story.send_unanswered("one");
    story.send_unanswered("two");
    bool has_fired = false;
    {
      const fault::plan plan{nth};
      story.lose_server();
      has_fired = plan.has_fired();
    }
    EXPECT_GE(story.refusals(), has_fired ? 1u : 2u) << nth;
    story.failures_planted_ = story.failures_;
    if (!has_fired)
      return;
  }
  ADD_FAILURE() << "points without an end";
}

} // namespace
} // namespace sallyport::test
