// SPDX-License-Identifier: Apache-2.0
// The inputs that scripts/fuzz distilled, each played again on RTL and model in lockstep, beside the untimed policy.
#include <fstream>
#include <vector>

#include "catch.hpp"
#include "fuzz/play.hpp"
#include "model/hex.hpp"
#include "system/in_child.hpp"
#include "system/lockstep_pair.hpp"

namespace reveille::fuzz {
namespace {

using sim::test::in_child, sim::test::LockstepPair, sim::test::Shared;

std::vector<Bytes> corpus() {
  std::ifstream file("tb/fuzz/corpus.vec");
  std::vector<Bytes> inputs;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') inputs.push_back(from_hex(line));
  }
  return inputs;
}

struct Totals {
  unsigned agreed = 0;
  std::uint64_t cycles = 0;
  PolicyOracle::Counts counts;
};

/// Those inputs that begin there, each in a process of its own.
void play_from(LockstepPair& pair, const Start& start, const std::vector<Bytes>& inputs, unsigned number,
               Totals& totals) {
  for (const Bytes& input : inputs) {
    if (Play::start_of(input) != number) continue;
    INFO("line " << &input - inputs.data());
    CHECK(in_child([&] {
      Play play(pair.lockstep, start);
      const bool agrees = pair.agrees([&] { play.run(input); });
      totals.agreed += agrees ? 1 : 0;
      totals.cycles += play.cycles();
      totals.counts += play.oracle().counts();
      return agrees;
    }));
  }
}

TEST_CASE("RTL, model and policy agree on the inputs that fuzzing distilled") {
  const std::vector<Bytes> inputs = corpus();
  REQUIRE(inputs.size() > 100);
  Shared<Totals> shared;
  Totals& totals = *shared;
  LockstepPair pair(1);
  Start cold;
  REQUIRE(pair.agrees([&] { cold = Play::cold(pair.lockstep); }));
  play_from(pair, cold, inputs, 0, totals);
  Start ready;
  REQUIRE(pair.agrees([&] { ready = Play::ready(pair.lockstep, cold); }));
  for (unsigned number = 1; number != Play::kStarts; ++number) {
    CHECK(in_child([&] {
      Start start;
      if (!pair.agrees([&] { start = Play::at_work(pair.lockstep, ready, number); })) return false;
      play_from(pair, start, inputs, number, totals);
      return true;
    }));
  }
  CHECK(totals.agreed == inputs.size());
  std::cout << inputs.size() << " inputs, " << totals.cycles << " cycles, " << totals.counts.frames << " frames, "
            << totals.counts.judged << " judged by the policy, " << totals.counts.decided << " of them to the end\n";
  for (std::size_t i = 0; i != kVerdictCount; ++i) {
    INFO(kVerdictNames[i]);
    CHECK(totals.counts.verdicts[i] > 0);
  }
  CHECK(totals.counts.judged > totals.counts.frames / 2);
  CHECK(totals.counts.decided > 500);
}

}  // namespace
}  // namespace reveille::fuzz
