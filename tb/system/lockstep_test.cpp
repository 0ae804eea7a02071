// SPDX-License-Identifier: Apache-2.0
// The Verilated core and its model, every output of every cycle, under traffic made to reach all verdicts and all
// commands.
#include "engine/lockstep.hpp"

#include <fstream>
#include <iostream>

#include "catch.hpp"
#include "engine/difference_report.hpp"
#include "engine/make_verilated_core.hpp"
#include "system/cover_groups.hpp"
#include "system/from_environment.hpp"
#include "system/lockstep_pair.hpp"
#include "system/random_run.hpp"
#include "system/senseless_run.hpp"
#include "system/session_run.hpp"

namespace reveille::sim::test {
namespace {

// REVEILLE_SEED moves all runs to another place; REVEILLE_STEPS makes them longer. REVEILLE_COVERGROUPS names a file to
// which what came together is added (scripts/coverage).

void add_to_file(const CoverGroups& groups) {
  if (const char* const file = std::getenv("REVEILLE_COVERGROUPS"); file != nullptr) {
    std::ofstream out(file, std::ios::app);
    groups.write(out);
  }
}

TEST_CASE("RTL and model agree in every cycle of random runs") {
  const std::uint64_t seed = from_environment("REVEILLE_SEED", 1);
  const auto steps = static_cast<unsigned>(from_environment("REVEILLE_STEPS", 1500));
  std::array<std::uint64_t, RandomRun::kCounters> counted{};
  std::array<std::uint64_t, 5> events{};
  std::array<std::uint64_t, 8> results{};
  std::uint64_t cycles = 0;
  CoverGroups groups;
  for (std::uint64_t run = seed; run < seed + 4; ++run) {
    const auto rtl = make_verilated_core(static_cast<int>(run));
    core::Core model;
    Lockstep lockstep(*rtl, model, run);
    RandomRun random_run(lockstep, run);
    random_run.interfere = [&](const Inputs& in) { groups.see(in, lockstep.outputs()); };
    try {
      random_run.play(steps);
      lockstep.finish();
    } catch (const LockstepError& error) {
      std::cerr << describe(error.difference(), lockstep) << "\n";
      FAIL(error.what());
    }
    for (std::size_t i = 0; i < counted.size(); ++i) counted[i] += random_run.counted()[i];
    for (std::size_t i = 0; i < results.size(); ++i) results[i] += random_run.results()[i];
    for (std::size_t i = 0; i < events.size(); ++i) events[i] += random_run.events()[i];
    cycles += lockstep.cycles_compared();
  }
  std::cout << cycles << " cycles compared\n";
  add_to_file(groups);
  for (std::size_t i = 0; i < counted.size(); ++i) {
    INFO("counter " << i);
    CHECK(counted[i] > 0);  // every verdict, overruns and oversize
  }
  for (std::size_t i = 1; i < events.size(); ++i) {
    INFO("event " << i);
    CHECK(events[i] > 0);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    INFO("result " << i);
    if (i != 1 && i != 7) CHECK(results[i] > 0);  // full has a test of its own
  }
}

TEST_CASE("RTL and model agree through whole sessions, behind tags, close upon each other and held up") {
  const std::uint64_t seed = from_environment("REVEILLE_SEED", 1);
  LockstepPair pair(seed);
  CoverGroups groups;
  SessionRun run(pair.lockstep, seed, [&](const Inputs& in) { groups.see(in, pair.lockstep.outputs()); });
  CHECK(pair.agrees([&] { run.play(); }));
  add_to_file(groups);
}

TEST_CASE("RTL and model agree on senseless inputs") {
  const std::uint64_t seed = from_environment("REVEILLE_SEED", 1);
  const auto rtl = make_verilated_core(static_cast<int>(seed));
  core::Core model;
  Lockstep lockstep(*rtl, model, seed);
  Bench(lockstep).driver.load_framing({}, "x");  // the one memory that reset does not clear
  SenselessRun run(lockstep, seed);
  // Five short runs that end in a reset, then one in which the core gets ready.
  for (unsigned cycle = 0; cycle < 1300000; ++cycle) {
    const bool resets = (cycle < 300000 ? cycle % 60000 : cycle - 300000) < 3;
    try {
      run.step(resets);
    } catch (const LockstepError& error) {
      FAIL(error.what());
    }
  }
  lockstep.finish();
  CHECK(lockstep.cycles_compared() > 1300000);
}

}  // namespace
}  // namespace reveille::sim::test
