// SPDX-License-Identifier: Apache-2.0
#include "engine/lockstep.hpp"

#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::sim::test {
namespace {

using namespace core::test;
using core::Core;
using core::Outputs;

/// A core of which one output lies from one cycle on.
class Faulty final : public core::CoreInterface {
 public:
  Faulty(std::uint64_t cycle, std::function<void(Outputs&)> fault) : at_(cycle), fault_(std::move(fault)) { show(); }
  const Outputs& outputs() override { return outputs_; }
  void clock() override {
    core_.inputs = inputs;
    core_.clock();
    ++cycle_;
    show();
  }

 private:
  void show() {
    outputs_ = core_.outputs();
    if (cycle_ >= at_) fault_(outputs_);
  }
  Core core_;
  std::uint64_t cycle_ = 0;
  std::uint64_t at_;
  std::function<void(Outputs&)> fault_;
  Outputs outputs_;
};

TEST_CASE("Two cores that agree run on, and their cycles are counted") {
  Core one;
  Core other;
  Lockstep lockstep(one, other, 1);
  Bench bench(lockstep);
  bench.driver.bring_up(both_families_setup(), 1);
  CHECK(lockstep.cycles_compared() == bench.cycle);
}

TEST_CASE("The first difference stops the run and says where it is") {
  struct Case {
    std::string signal;
    std::function<void(Outputs&)> fault;
  };
  const Case what =
      GENERATE(Case{"s_axis_net_tready", [](Outputs& o) { o.net_rx_ready = false; }},
               Case{"verdict_valid",
                    [](Outputs& o) {
                      o.verdict_valid = true;
                      o.verdict_code = 3;
                    }},
               Case{"verdict_source[31:0]", [](Outputs& o) { o.verdict_source[3] = 1; }},
               Case{"m_axis_host_tuser", [](Outputs& o) { o.host_rx.user = 5; }},
               Case{"m_axis_net_tkeep", [](Outputs& o) { o.net_tx.keep = 1; }},
               Case{"s_axil_rdata", [](Outputs& o) { o.rdata = 0xAB; }}, Case{"irq", [](Outputs& o) { o.irq = true; }});
  const std::uint64_t at = GENERATE(0U, 1U, 40U);
  Faulty rtl(at, what.fault);
  Core model;
  Lockstep lockstep(rtl, model, 77);
  std::optional<LockstepDifference> difference;
  for (unsigned i = 0; i < 100 && !difference; ++i) {
    try {
      lockstep.clock();
    } catch (const LockstepError& error) {
      difference = error.difference();
      CHECK(std::string(error.what()).rfind("MISMATCH cycle=" + std::to_string(at) + " signal=", 0) == 0);
    }
  }
  REQUIRE(difference);
  CHECK(difference->cycle == at);
  CHECK(difference->signal == what.signal);
  CHECK(difference->seed == 77);
  CHECK(difference->rtl != difference->model);
}

TEST_CASE("Verdicts that differ are named") {
  Faulty rtl(3, [](Outputs& o) { o.verdict_code = 3; });
  Core model;
  Lockstep lockstep(rtl, model, 5);
  const auto run = [&lockstep] {
    for (unsigned i = 0; i < 10; ++i) lockstep.clock();
  };
  CHECK_THROWS_WITH(run(), "MISMATCH cycle=3 signal=verdict_code rtl=bad_length model=bypass rule=T4 V2 seed=5");
}

TEST_CASE("The last frames in are kept, whole and under way, of both ports") {
  Core one;
  Core other;
  Lockstep lockstep(one, other, 1);
  Bench bench(lockstep);
  for (unsigned i = 0; i < 40; ++i) bench.send(Bytes(20 + i, static_cast<std::uint8_t>(i)));
  bench.send_host(Bytes(500, 0xEE));
  while (!bench.net_rx.empty()) bench.step();
  const auto frames = lockstep.recent_frames();
  CHECK(frames.size() == Lockstep::kRecentFrames);
  CHECK(frames.back().octets == Bytes(59, 39));
  CHECK(frames.back().complete);
  CHECK(frames.back().last_cycle + 1 == bench.cycle);
  unsigned of_host = 0;
  for (const RecentFrame& frame : frames) of_host += frame.port == RecentFrame::Port::host ? 1 : 0;
  CHECK(of_host <= 1);
  bench.net_rx = {{true, 0x1122334455667788, 0xFF, false, 0}};
  bench.step();
  CHECK(!lockstep.recent_frames().back().complete);
  CHECK(lockstep.recent_frames().back().octets == Bytes{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11});
}

}  // namespace
}  // namespace reveille::sim::test
