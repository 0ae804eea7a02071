// SPDX-License-Identifier: Apache-2.0
// usage: soak SEED
// RTL and model in lockstep, for one seed of scripts/soak: from a power-up of the seed's values through resets, then at
// work under traffic of every spacing, commands, failures of noise and stalled ports, in three configurations, through
// a reset in the middle of each thing there is, and at work again; then on senseless inputs. Prints the cycles that
// were compared; status 1, and what differs, where they disagree.
#include <charconv>
#include <cstring>

#include "system/in_child.hpp"
#include "system/lockstep_pair.hpp"
#include "system/reset_run.hpp"
#include "system/senseless_run.hpp"

namespace reveille::sim::test {
namespace {

bool senseless(std::uint64_t seed, std::uint64_t& cycles) {
  LockstepPair pair(seed);
  SenselessRun run(pair.lockstep, seed);
  std::mt19937_64 random(seed);
  const bool agrees = pair.agrees([&] {
    for (unsigned cycle = 0; cycle < 200000; ++cycle) run.step(random() % 5000 == 0);
  });
  cycles += pair.lockstep.cycles_compared();
  return agrees;
}

bool soak(std::uint64_t seed, std::uint64_t& cycles) {
  LockstepPair pair(seed);
  ResetRun run(pair.lockstep, seed);
  Shared<std::uint64_t> of_children;
  bool agrees = pair.agrees([&] { run.play(20); });
  for (unsigned round = 0; agrees && round < 2; ++round) {
    // The store takes a million cycles to start: with three configurations behind it, a seventh of all.
    agrees = pair.agrees([&] {
      run.bring_up();
      run.work(8000);
      for (unsigned more = 0; more < 2; ++more) {
        run.configure();
        run.work(8000);
      }
    });
    const std::uint64_t before = pair.lockstep.cycles_compared();
    for (std::uint64_t place = 0; agrees && place < ResetRun::kPlaces; ++place) {
      agrees = in_child([&] {
        run.seed(seed * ResetRun::kPlaces + place);
        const bool good = pair.agrees([&] { run.play(4); });
        *of_children += pair.lockstep.cycles_compared() - before;
        return good;
      });
    }
    agrees = agrees && pair.agrees([&] { run.play(1); });
  }
  cycles += pair.lockstep.cycles_compared() + *of_children;
  return agrees && senseless(seed, cycles);
}

}  // namespace
}  // namespace reveille::sim::test

int main(int count, char** arguments) {
  std::uint64_t seed = 0;
  const char* text = count == 2 ? arguments[1] : "";
  const char* end = text + std::strlen(text);
  if (text == end || std::from_chars(text, end, seed).ptr != end) {
    std::cerr << "soak: '" << text << "': expected a seed, a number\n";
    return 2;
  }
  std::uint64_t cycles = 0;
  const bool agrees = reveille::sim::test::soak(seed, cycles);
  std::cout << cycles << std::endl;
  return agrees ? 0 : 1;
}
