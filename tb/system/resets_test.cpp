// SPDX-License-Identifier: Apache-2.0
// The Verilated core and its model, every output of every cycle, through resets in any cycle and from any power-up.
#include <iostream>

#include "catch.hpp"
#include "system/early_run.hpp"
#include "system/first_frame_run.hpp"
#include "system/from_environment.hpp"
#include "system/in_child.hpp"
#include "system/lockstep_pair.hpp"
#include "system/reset_run.hpp"
#include "system/senseless_run.hpp"
#include "system/untouched_run.hpp"

namespace reveille::sim::test {
namespace {

/// REVEILLE_SEED moves all runs to another place; REVEILLE_RESETS is how many there are in each.
const std::uint64_t first_seed = from_environment("REVEILLE_SEED", 1);
const auto resets = static_cast<unsigned>(from_environment("REVEILLE_RESETS", 20));
constexpr unsigned power_ups = 20;

TEST_CASE("RTL and model agree through resets before the store is ready, from twenty power-ups") {
  std::array<unsigned, ResetRun::kPlaces> places{};
  std::uint64_t cycles = 0;
  for (std::uint64_t seed = first_seed; seed < first_seed + power_ups; ++seed) {
    INFO("seed " << seed);
    LockstepPair pair(seed);
    ResetRun run(pair.lockstep, seed);
    REQUIRE(pair.agrees([&] { run.play(resets); }));
    for (std::size_t i = 0; i < places.size(); ++i) places[i] += run.places()[i];
    cycles += pair.lockstep.cycles_compared();
  }
  std::cout << cycles << " cycles compared\n";
  for (std::size_t i = 0; i < places.size(); ++i) {
    INFO("place " << i);
    CHECK(places[i] > 0);
  }
}

TEST_CASE("RTL and model agree through resets of a core at work, and when it is ready again") {
  Shared<std::array<unsigned, ResetRun::kPlaces>> shared;
  auto& places = *shared;
  LockstepPair pair(first_seed);
  ResetRun run(pair.lockstep, first_seed);
  for (unsigned ready = 0; ready < 2; ++ready) {
    run.bring_up();
    for (std::uint64_t seed = first_seed; seed < first_seed + power_ups; ++seed) {
      INFO("time " << ready << ", seed " << seed);
      CHECK(in_child([&] {
        run.seed(seed);
        const bool agrees = pair.agrees([&] { run.play(1); });
        for (std::size_t i = 0; i < places.size(); ++i) places[i] += run.places()[i];
        return agrees;
      }));
    }
    REQUIRE(pair.agrees([&] { run.play(1); }));
  }
  std::cout << pair.lockstep.cycles_compared() << " cycles compared\n";
  for (std::size_t i = 0; i < places.size(); ++i) {
    INFO("place " << i);
    if (i < static_cast<std::size_t>(ResetRun::At::startup)) CHECK(places[i] > 0);
  }
}

TEST_CASE("RTL and model agree on senseless inputs through resets in any cycle, from twenty power-ups") {
  for (std::uint64_t seed = first_seed; seed < first_seed + power_ups; ++seed) {
    INFO("seed " << seed);
    LockstepPair pair(seed);
    SenselessRun run(pair.lockstep, seed);
    std::mt19937_64 random(seed);
    REQUIRE(pair.agrees([&] {
      for (unsigned reset = 0; reset < resets; ++reset) {
        for (std::uint64_t left = random() % (reset % 2 == 0 ? 10 : 3000); left != 0; --left) run.step(false);
        for (std::uint64_t left = 1 + random() % 8 / 4 * (random() % 4); left != 0; --left) run.step(true);
      }
    }));
  }
}

TEST_CASE("RTL and model agree on what a reset leaves in registers that the host does not write") {
  LockstepPair pair(first_seed);
  UntouchedRun run(pair.lockstep);
  REQUIRE(pair.agrees([&run] { run.play(); }));
}

TEST_CASE("A copy of the process whose body throws ends there") {
  Shared<unsigned> went_on;
  bool result = true;
  try {
    result = in_child([]() -> bool { throw Error(ErrorKind::internal, "thrown in a copy of the process, by a test"); });
  } catch (const Error&) {
    ++*went_on;
    _exit(1);
  }
  CHECK_FALSE(result);
  CHECK(*went_on == 0);
}

TEST_CASE("RTL and model agree on what comes in the first cycles behind a reset") {
  LockstepPair pair(first_seed);
  EarlyRun run(pair.lockstep, first_seed);
  REQUIRE(pair.agrees([&run] { run.play(); }));
}

TEST_CASE("RTL and model agree on the first frame, command and events behind a reset, when the store is ready") {
  LockstepPair pair(first_seed);
  FirstFrameRun run(pair.lockstep, first_seed);
  REQUIRE(pair.agrees([&run] { run.play(); }));
}

}  // namespace
}  // namespace reveille::sim::test
