// SPDX-License-Identifier: Apache-2.0
#include "engine/core_engine.hpp"

#include "catch.hpp"
#include "model/policy/frames.hpp"
#include "reveille/config.hpp"
#include "reveille/core/core.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::policy::test;

namespace {

/// A core that is wrong once: in its n-th verdict, or in a beat of the n-th frame for the host (from 1).
class WrongOnce final : public core::CoreInterface {
 public:
  enum class Where { verdict, host };
  WrongOnce(Where where, unsigned which) : where_(where), which_(which) { show(); }
  const core::Outputs& outputs() override { return outputs_; }
  void clock() override {
    if (outputs_.verdict_valid) ++verdicts_;
    if (outputs_.host_rx.valid && outputs_.host_rx.last) ++host_frames_;
    core_.inputs = inputs;
    core_.clock();
    show();
  }

 private:
  void show() {
    outputs_ = core_.outputs();
    if (where_ == Where::verdict && outputs_.verdict_valid && verdicts_ + 1 == which_) outputs_.verdict_code ^= 1;
    if (where_ == Where::host && outputs_.host_rx.last && host_frames_ + 1 == which_) outputs_.host_rx.data ^= 1;
  }
  core::Core core_;
  core::Outputs outputs_;
  Where where_;
  unsigned which_;
  unsigned verdicts_ = 0;
  unsigned host_frames_ = 0;
};

struct Played {
  std::vector<Outcome> outcomes;
  std::string report;
};

/// A long frame that passes, three short ones that pass, one dropped, and a last one that passes, all at one time.
std::vector<Bytes> frames() {
  return {Bytes(9216, 1), Bytes(60, 2), Bytes(60, 3), Bytes(60, 4), net::build(to_server4(ap_request(nonce))),
          Bytes(60, 5)};
}

Played play(Engine& engine) {
  Played played;
  engine.on_outcome = [&played](const Outcome& outcome) { played.outcomes.push_back(outcome); };
  try {
    engine.configure(both_families());
    for (const Bytes& frame : frames()) engine.play(frame, 7);
    engine.finish();
  } catch (const DifferenceFound& difference) {
    played.report = difference.what();
  }
  return played;
}

Played play_wrong(WrongOnce::Where where, unsigned which) {
  CoreEngine engine(CoreSet(std::make_unique<WrongOnce>(where, which), std::make_unique<core::Core>(), 1));
  return play(engine);
}

}  // namespace

TEST_CASE("Every frame has its outcome, in order") {
  CoreEngine engine(EngineKind::model);
  const Played played = play(engine);
  CHECK(played.report.empty());
  REQUIRE(played.outcomes.size() == frames().size());
  for (std::size_t i = 0; i < frames().size(); ++i) {
    CHECK(played.outcomes[i].verdict == (i == 4 ? Verdict::not_woken : Verdict::bypass));
    CHECK(played.outcomes[i].host_frame.has_value() == (i != 4));
    if (i != 4) CHECK(played.outcomes[i].host_frame == frames()[i]);
  }
  CHECK(played.outcomes[4].source == client4);
  CHECK(played.outcomes[4].nonce == nonce);
  CHECK_FALSE(played.outcomes[0].nonce);
}

TEST_CASE("A wrong verdict: every frame before it has its outcome, although it was still on its way out") {
  for (unsigned which = 1; which <= 6; ++which) {
    const Played played = play_wrong(WrongOnce::Where::verdict, which);
    INFO(which);
    CHECK_THAT(played.report, StartsWith("MISMATCH cycle=") && ContainsSubstring(" signal=verdict_code "));
    REQUIRE(played.outcomes.size() == which - 1);
    if (which > 1) CHECK(played.outcomes[0].host_frame == frames()[0]);
  }
}

TEST_CASE("A wrong frame for the host: every frame before it has its outcome") {
  for (unsigned which = 1; which <= 5; ++which) {
    const Played played = play_wrong(WrongOnce::Where::host, which);
    CHECK_THAT(played.report, ContainsSubstring(" signal=m_axis_host_tdata "));
    CHECK(played.outcomes.size() == (which == 5 ? 5 : which - 1));
  }
}

TEST_CASE("A host command stands between the frames before it and those behind it") {
  CoreEngine engine(EngineKind::model);
  std::vector<Verdict> verdicts;
  engine.on_outcome = [&verdicts](const Outcome& outcome) { verdicts.push_back(outcome.verdict); };
  engine.configure(both_families());
  const Bytes request = net::build(to_server4(ap_request(nonce)));
  const Bytes recovered = net::build(to_server4(sa_recovered(tag)));
  const driver::Command session{.code = CommandCode::restore, .client = client4, .lifetime = 1000, .nonce = nonce};
  const driver::Command reply{.code = CommandCode::reply, .client = client4, .tag = tag};
  const driver::Command reject{.code = CommandCode::reject, .client = client4};
  const driver::Command close{.code = CommandCode::close, .client = client4};

  engine.play(request, 7);
  CHECK(engine.command(reply, 7) == ResultCode::not_found);
  CHECK(engine.command(session, 7) == ResultCode::ok);
  CHECK(engine.command(session, 7) == ResultCode::live);
  engine.play(request, 7);
  engine.play(request, 7);
  CHECK(engine.command(reject, 8) == ResultCode::ok);
  engine.play(request, 8);
  engine.play(recovered, 8);
  CHECK(engine.command(reply, 9) == ResultCode::ok);
  CHECK(engine.command(reply, 9) == ResultCode::wrong_state);
  engine.play(recovered, 9);
  CHECK(engine.command(close, 9) == ResultCode::ok);
  engine.play(request, 9);
  CHECK(engine.command(session, 100) == ResultCode::ok);
  engine.play(request, 1'099);
  CHECK(engine.command(session, 1'100) == ResultCode::ok);  // the deadline itself
  engine.finish();
  CHECK(verdicts == std::vector{Verdict::not_woken, Verdict::accepted, Verdict::repeat, Verdict::accepted,
                                Verdict::unexpected, Verdict::sa_recovered, Verdict::not_woken, Verdict::accepted});
}

TEST_CASE("Time that was jumped has cleared the places of the sessions that expired in it") {
  CoreEngine engine(EngineKind::model);
  engine.configure(both_families());
  std::vector<driver::Command> refused;
  for (unsigned i = 0; i < config::kSessions; ++i) {
    const Bytes client = {10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    const driver::Command session{
        .code = CommandCode::restore, .client = net::Address::from_octets(client), .lifetime = 1000, .nonce = 1};
    if (engine.command(session, 0) == ResultCode::full) refused.push_back(session);
  }
  REQUIRE(refused.size() > 100);
  CHECK(engine.command(refused.front(), 999) == ResultCode::full);
  CHECK(engine.command(refused.front(), 1000) == ResultCode::ok);
}
