// SPDX-License-Identifier: Apache-2.0
// usage: reset_mutants NUMBER...
// The mutants of reset values (scripts/mutate-resets), each in lockstep with the model until they differ; 0 is the RTL
// as it is. Prints for each
//   NUMBER killed|survived HOW
#include <charconv>
#include <cstring>
#include <vector>

#include "system/in_child.hpp"
#include "system/lockstep_pair.hpp"
#include "system/reset_run.hpp"
#include "system/senseless_run.hpp"
#include "system/untouched_run.hpp"

namespace {
int chosen = 0;
}

/// Asked by each reset assignment.
extern "C" unsigned char reveille_mutant(int number) { return static_cast<unsigned char>(number == chosen); }

namespace reveille::sim::test {
namespace {

/// Whether a run shows a difference, and how.
template <typename Play>
bool killed(const char* by, LockstepPair& pair, Play play) {
  try {
    play();
    pair.lockstep.finish();
    return false;
  } catch (const Error& error) {
    std::cout << chosen << " killed " << by << ": " << error.what() << "\n";
  }
  return true;
}

/// Senseless inputs, through resets in any cycle, from three power-ups.
bool killed_senseless() {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    LockstepPair pair(seed);
    SenselessRun run(pair.lockstep, seed);
    std::mt19937_64 random(seed);
    const auto play = [&] {
      for (unsigned reset = 0; reset < 20; ++reset) {
        for (std::uint64_t left = random() % (reset % 2 == 0 ? 10 : 3000); left != 0; --left) run.step(false);
        for (std::uint64_t left = 1 + random() % 3; left != 0; --left) run.step(true);
      }
    };
    if (killed("senseless", pair, play)) return true;
  }
  return false;
}

/// From a reset until the store is ready, by a host that leaves registers as they were; then a host's work, and resets
/// in the middle of it.
bool killed_at_work() {
  LockstepPair pair(1);
  UntouchedRun untouched(pair.lockstep);
  ResetRun run(pair.lockstep, 1);
  return killed("at work", pair, [&] {
    untouched.play();
    run.configure();
    run.work(150);
    run.play(6);
  });
}

void judge(int mutant) {
  // In a process of its own: an assertion that fails once is not told again.
  static_cast<void>(in_child([mutant] {
    chosen = mutant;
    if (!killed_senseless() && !killed_at_work()) std::cout << mutant << " survived everything\n";
    return true;
  }));
}

}  // namespace
}  // namespace reveille::sim::test

int main(int count, char** arguments) {
  std::vector<int> mutants;
  for (int i = 1; i < count; ++i) {
    int number = 0;
    const char* end = arguments[i] + std::strlen(arguments[i]);
    if (std::from_chars(arguments[i], end, number).ptr != end || number < 0) {
      std::cerr << "reset_mutants: '" << arguments[i] << "': expected a number\n";
      return 2;
    }
    mutants.push_back(number);
  }
  for (const int mutant : mutants) reveille::sim::test::judge(mutant);
  return 0;
}
