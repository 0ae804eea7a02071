// SPDX-License-Identifier: Apache-2.0
// usage: reset_mutants|netlist_mutants short|further|long|RUN NUMBER...
// Mutants of the core (scripts/mutate), each in lockstep with the model until they differ; 0 is the core as it is.
// Prints for each
//   NUMBER killed|survived HOW
// short: the runs that most are killed by; further: those of each part that random traffic hardly ever comes to; long:
// a host's work from a reset on, all of lockstep_cases_test.cpp, longer random runs, and a counter that goes far; RUN:
// one of them alone.
#include <charconv>
#include <cstring>
#include <map>
#include <vector>

#include "catch_session.hpp"
#include "system/corner_run.hpp"
#include "system/crowded_run.hpp"
#include "system/early_run.hpp"
#include "system/first_frame_run.hpp"
#include "system/in_child.hpp"
#include "system/lockstep_pair.hpp"
#include "system/parser_run.hpp"
#include "system/reset_run.hpp"
#include "system/senseless_run.hpp"
#include "system/untouched_run.hpp"

namespace reveille::sim::test {
int chosen_mutant = 0;
}

/// Asked by each reset assignment.
extern "C" unsigned char reveille_mutant(int number) {
  return static_cast<unsigned char>(number == reveille::sim::test::chosen_mutant);
}

namespace reveille::sim::test {
namespace {

void told(const char* verdict, const std::string& how) {
  std::cout << chosen_mutant << " " << verdict << " " << how << std::endl;
}

/// Whether a run shows a difference, and how.
template <typename Play>
bool killed(const char* by, LockstepPair& pair, Play play) {
  try {
    play();
    pair.lockstep.finish();
    return false;
  } catch (const Error& error) {
    told("killed", std::string(by) + ": " + error.what());
  }
  return true;
}

/// Senseless inputs, through resets in any cycle.
bool killed_senseless(std::uint64_t seed) {
  LockstepPair pair(seed);
  SenselessRun run(pair.lockstep, seed);
  std::mt19937_64 random(seed);
  return killed("senseless", pair, [&] {
    for (unsigned reset = 0; reset < 20; ++reset) {
      for (std::uint64_t left = random() % (reset % 2 == 0 ? 10 : 3000); left != 0; --left) run.step(false);
      for (std::uint64_t left = 1 + random() % 3; left != 0; --left) run.step(true);
    }
  });
}

/// The core as it is, up to where its store is ready, which takes a million cycles: done once for all mutants.
struct Ready {
  Ready() { run.bring_up(); }
  LockstepPair pair{1};
  ResetRun run{pair.lockstep, 1};
};

/// A mutant that comes alive in a core that is ready: at work, then through resets in the middle of it.
bool killed_ready(Ready& ready) {
  return killed("ready", ready.pair, [&] {
    ready.run.work(200);
    ready.run.play(4);
  });
}

/// A mutant that comes alive in a core that is ready, through a run of what random traffic hardly ever comes to.
template <typename Run>
bool killed_in(const char* by, Ready& ready) {
  Run run(ready.pair.lockstep, 1);
  return killed(by, ready.pair, [&] { run.play(); });
}
bool killed_directed(Ready& ready) { return killed_in<DirectedRun>("directed", ready); }
bool killed_parser(Ready& ready) { return killed_in<ParserRun>("parser", ready); }
bool killed_crowded(Ready& ready) { return killed_in<CrowdedRun>("crowded", ready); }
bool killed_corner(Ready& ready) { return killed_in<CornerRun>("corner", ready); }

/// At work from the first cycle behind each reset, long before the store is ready.
bool killed_early() {
  LockstepPair pair(5);
  EarlyRun run(pair.lockstep, 5);
  return killed("early", pair, [&] { run.play(); });
}

/// By a host that leaves registers as they were.
bool killed_untouched() {
  LockstepPair pair(8);
  return killed("untouched", pair, [&] { UntouchedRun(pair.lockstep).play(); });
}

/// No noise from a reset on, for longer than it has to last by default.
bool killed_silent() {
  LockstepPair pair(7);
  return killed("silence", pair, [&] {
    constexpr std::uint64_t kSilence = std::uint64_t{1} << 24;
    core::test::Bench bench(pair.lockstep);
    bench.run(kSilence + 100);
    for (const std::uint16_t at : {core::address::status, core::address::generator, core::address::generator_failures})
      static_cast<void>(bench.driver.read(at));
  });
}

/// Whose first frame comes when the store is ready.
bool killed_first() {
  LockstepPair pair(6);
  FirstFrameRun run(pair.lockstep, 6);
  return killed("first frame", pair, [&] { run.play(); });
}

/// From a reset until the store is ready, and its tables show where clients go.
bool killed_starting() {
  LockstepPair pair(4);
  return killed("starting", pair, [&] {
    core::test::Bench(pair.lockstep).driver.bring_up(core::test::both_families_setup(), 4);
    CrowdedRun(pair.lockstep, 4).fill();
  });
}

/// A counter that goes so far that its upper bits have moved.
bool killed_counting(Ready& ready) {
  return killed("counting", ready.pair, [&] { CornerRun(ready.pair.lockstep, 1).count_far(); });
}

bool killed_random(std::uint64_t seed, unsigned steps) {
  LockstepPair pair(seed);
  RandomRun run(pair.lockstep, seed);
  return killed("random", pair, [&] { run.play(steps); });
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

bool killed_by_cases() {
  char program[] = "lockstep_cases", abort[] = "--abort", out[] = "--out", nowhere[] = "/dev/null";
  char* arguments[] = {program, abort, out, nowhere};
  if (run_tests(4, arguments) == 0) return false;
  told("killed", "by lockstep_cases_test.cpp");
  return true;
}

/// In a process of its own, for which the core that is ready is as it was.
bool apart(bool (*killed)(Ready&), Ready& ready) {
  return !in_child([&] { return !killed(ready); });
}

bool killed_soon(Ready& ready) {
  return killed_senseless(1) || apart(killed_ready, ready) || apart(killed_directed, ready) || killed_senseless(2) ||
         killed_senseless(3);
}
bool killed_further(Ready& ready) {
  return killed_early() || killed_untouched() || apart(killed_parser, ready) || apart(killed_corner, ready) ||
         apart(killed_crowded, ready) || killed_starting() || killed_first();
}
bool killed_late(Ready& ready) {
  return killed_at_work() || killed_by_cases() || killed_random(2, 1500) || killed_random(3, 1500) ||
         apart(killed_counting, ready) || killed_silent();
}

const std::map<std::string, bool (*)(Ready&)> runs = {
    {"short", killed_soon},
    {"further", killed_further},
    {"long", killed_late},
    {"ready", killed_ready},
    {"directed", killed_directed},
    {"early", [](Ready&) { return killed_early(); }},
    {"first", [](Ready&) { return killed_first(); }},
    {"silence", [](Ready&) { return killed_silent(); }},
    {"parser", killed_parser},
    {"untouched", [](Ready&) { return killed_untouched(); }},
    {"corner", killed_corner},
    {"crowded", killed_crowded},
    {"starting", [](Ready&) { return killed_starting(); }},
    {"counting", killed_counting},
};

void judge(Ready& ready, int mutant, const std::string& length) {
  // In a process of its own: an assertion that fails once is not told again.
  const bool ended = in_child([&] {
    chosen_mutant = mutant;
    if (!runs.at(length)(ready)) told("survived", "the " + length + " runs");
    return true;
  });
  if (!ended) std::cout << mutant << " ended without a result" << std::endl;
}

}  // namespace
}  // namespace reveille::sim::test

int main(int count, char** arguments) {
  using reveille::sim::test::runs;
  const std::string length = count > 1 ? arguments[1] : "";
  if (!runs.contains(length)) {
    std::cerr << arguments[0] << ": '" << length << "': expected";
    for (const auto& [name, run] : runs) std::cerr << " " << name;
    std::cerr << ", then numbers of mutants\n";
    return 2;
  }
  std::vector<int> mutants;
  for (int i = 2; i < count; ++i) {
    int number = 0;
    const char* end = arguments[i] + std::strlen(arguments[i]);
    if (std::from_chars(arguments[i], end, number).ptr != end || number < 0) {
      std::cerr << arguments[0] << ": '" << arguments[i] << "': expected a number\n";
      return 2;
    }
    mutants.push_back(number);
  }
  reveille::sim::test::Ready ready;
  for (const int mutant : mutants) reveille::sim::test::judge(ready, mutant, length);
  return 0;
}
