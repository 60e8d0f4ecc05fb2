#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <future>
#include <set>

#include "actors/service.hpp"
#include "net/core/fault.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/unit/actors/node_world.hpp"

namespace sallyport::test {
namespace {

using testing::HasSubstr;

/// A service that fails where the test says so.
class brittle_service final : public actors::service {
public:
  struct faults {
    caf::actor_system* system = nullptr; ///< The node's, once it has begun.
    std::vector<io::lane*> lanes;
    std::function<void()> when_last_closes = [] {}; ///< On the last lane.
    bool at_renewal = false;
    bool at_second_lane = false;
  };
  explicit brittle_service(faults& of) : faults_{of} {}

  [[nodiscard]] const char* name() const noexcept override { return "brittle"; }
  [[nodiscard]] std::vector<actors::service_address> addresses() const override { return {}; }
  [[nodiscard]] std::unique_ptr<actors::lane_service> join(caf::actor_system& system, io::lane& home) override {
    if (faults_.at_second_lane && home.index() == 1)
      throw std::runtime_error{"no second lane"};
    faults_.system = &system;
    faults_.lanes.push_back(&home);
    return std::make_unique<share>(faults_, home);
  }
  [[nodiscard]] takeover renew(const actors::node_materials&) override {
    if (faults_.at_renewal)
      throw std::runtime_error{"no renewal"};
    return {};
  }

private:
  class share final : public actors::lane_service {
  public:
    share(const faults& of, const io::lane& home) : faults_{of}, home_{home} {}
    void close() override {
      if (&home_ == faults_.lanes.back())
        faults_.when_last_closes();
    }
    void end() override {}
    void show(actors::lane_samples&) const override {}

  private:
    const faults& faults_;
    const io::lane& home_;
  };

  faults& faults_;
};

class NodeFailure : public node_world {
protected:
  NodeFailure() { model_.limits.restart_intensity.restarts_max = 2; }

  [[nodiscard]] std::vector<actors::service_kind> brittle_kinds() {
    const auto known = actors::known_services();
    std::vector<actors::service_kind> all{known.begin(), known.end()};
    all.push_back({{}, [this](const auto&, std::size_t) { return std::make_unique<brittle_service>(faults_); }});
    return all;
  }
  /// The brittle service's supervisor, another than `former`, once there is one.
  caf::actor supervisor_after(const caf::actor& former) {
    caf::actor found;
    EXPECT_TRUE(comes_true([&] {
      found = faults_.system->registry().get<caf::actor>(caf::atom("brittle"));
      return found && found != former;
    }));
    return found;
  }

  brittle_service::faults faults_;
};

TEST_F(NodeFailure, IsToldWhenTheRootSupervisorGivesUpAndTheNodeStopsInOrder) {
  const captured_log out;
  const auto kinds = brittle_kinds();
  std::atomic<int> failures = 0;
  actors::node running{materials(), kinds, [&] { ++failures; }};
  caf::actor supervisor;
  for (std::size_t death = 0; death <= model_.limits.restart_intensity.restarts_max; ++death) {
    EXPECT_EQ(failures, 0);
    supervisor = supervisor_after(supervisor);
    caf::anon_send_exit(supervisor, caf::exit_reason::unknown);
  }
  supervisor = nullptr;
  EXPECT_TRUE(comes_true([&] { return failures == 1; }));
  EXPECT_THAT(out.text(), HasSubstr("supervisor gives up child=brittle restarts=2"));

  auto caller = phone(); // Nothing else has ended yet.
  caller.send("\r\n\r\n");
  EXPECT_EQ(caller.receive(), "\r\n");
  caller.leave();
  running.stop();
  EXPECT_EQ(failures, 1);
}

TEST_F(NodeFailure, AStopIsNoFailure) {
  int failures = 0;
  {
    actors::node running{materials(), actors::known_services(), [&] { ++failures; }};
    running.stop();
  }
  EXPECT_EQ(failures, 0);
}

TEST_F(NodeFailure, ANodeThatNobodyStoppedStopsWhenItGoes) {
  {
    const actors::node running{materials()};
    EXPECT_TRUE(phone().is_open());
  }
  EXPECT_TRUE(is_free(outside()));
}

TEST_F(NodeFailure, ALaneThatTakesNoMoreCallsIsStoppedAllTheSame) {
  const auto kinds = brittle_kinds();
  actors::node running{materials(), kinds};
  std::promise<void> gate;
  auto& stuck = *faults_.lanes.front();
  std::atomic<bool> is_stuck = false;
  stuck.post([&] {
    is_stuck = true;
    gate.get_future().wait();
  });
  EXPECT_TRUE(comes_true([&] { return is_stuck.load(); }));
  const auto fill = [&] {
    for (std::size_t i = 0; i <= io::lane_limits{}.posts_max; ++i)
      stuck.post([] {});
  };
  EXPECT_THROW(fill(), std::length_error);
  faults_.when_last_closes = [&] { gate.set_value(); }; // The other one is stopped after this one was asked.
  running.stop();
  EXPECT_TRUE(is_free(outside()));
}

TEST_F(NodeFailure, ALaneThatCannotBeMadeEndsTheOnesThereAre) {
  faults_.at_second_lane = true;
  EXPECT_THROW((actors::node{materials(), brittle_kinds()}), std::runtime_error);
  EXPECT_TRUE(is_free(outside()));
}

TEST_F(NodeFailure, AStartThatFailsAtAnyPointEndsWhatHadBegun) {
  std::set<std::string_view> where;
  for (std::size_t nth = 1;; ++nth) {
    const fault::plan plan{nth};
    try {
      const actors::node running{materials()};
      EXPECT_FALSE(plan.has_fired()) << plan.where();
      break;
    } catch (const std::bad_alloc&) {
      where.insert(plan.where());
      EXPECT_TRUE(is_free(outside())) << plan.where();
    }
  }
  EXPECT_TRUE(where.contains("lane::lane"));
}

TEST_F(NodeFailure, AReloadThatFailsInOneServiceRenewsNothing) {
  const auto kinds = brittle_kinds();
  actors::node running{materials(), kinds};
  const tls::development_ca renewed;
  auto read = materials();
  read.tls.outside = std::make_shared<const tls::server_context>(
    tls::server_options{.certificates = {renewed.make({.names = {"localhost"}})}});
  faults_.at_renewal = true;
  EXPECT_THROW(running.renew(read), std::runtime_error);
  EXPECT_TRUE(phone().is_open()) << "by the certificate of before";

  faults_.at_renewal = false;
  running.renew(read);
  EXPECT_TRUE((tls_phone{outside(), renewed}).is_open());
  running.stop();
}

TEST_F(NodeFailure, ASilentScraperKeepsNoNodeFromStopping) {
  actors::node running{materials()};
  wire silent{*model_.metrics.listen};
  silent.send("GET /met");
  running.stop();
  EXPECT_TRUE(comes_true([&] { return silent.is_closed(); }));
}

} // namespace
} // namespace sallyport::test
