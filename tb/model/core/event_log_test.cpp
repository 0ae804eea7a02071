// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

TEST_CASE("Counters show a verdict four cycles later to a read one more, lost ones apart") {  // H11, H12, H13
  Counters counters;
  counters.reset();
  for (unsigned i = 0; i < 33; ++i) counters.clock(true, Verdict::repeat, false, false);
  counters.clock(true, Verdict::bypass, true, false);  // in c, the last `repeat` in c-1
  counters.clock(true, Verdict::bypass, true, true);
  for (unsigned after = 2; after < 9; ++after) {
    INFO(after);
    CHECK(counters.value(12) == (after >= 4 ? 1 : 0));
    CHECK(counters.value(17) == (after >= 5 ? 1 : 0));
    CHECK(counters.value(18) == (after >= 6 ? 1 : 0));
    counters.clock(false, Verdict::bypass, false, false);
  }
  for (const Verdict verdict : {Verdict::accepted, Verdict::resend, Verdict::sa_recovered, Verdict::client_initiated})
    counters.clock(true, verdict, true, false);
  for (unsigned i = 0; i < 4; ++i) counters.clock(false, Verdict::bypass, false, false);
  CHECK(counters.value(19) == 3);
  CHECK(counters.value(17) == 2);
  CHECK(counters.value(0) == 0);
}

const VerdictOutput some_verdict{{true, false, false, Verdict::false_nonce}, false, client4, 0x1234, 0x1'0000'0002};
constexpr std::uint32_t logs_all = 0x1FFFE;
const Event some_event{EventKind::expired, Verdict::bypass, 77, 88, client6};

/// A log whose session event waits until it is taken, as session_control's does.
struct LogBench {
  EventLog log;
  std::uint32_t mask = logs_all;
  bool offers = false;
  std::uint64_t cycle = 0;
  std::vector<std::uint64_t> taken;  ///< when a session event was

  LogBench() { log.reset(); }
  void step(const VerdictOutput* verdict = nullptr, bool lost = false) {
    const bool takes = offers && log.ready();
    log.clock({verdict, lost, mask, offers ? &some_event : nullptr, false, false});
    if (takes) {
      taken.push_back(cycle);
      offers = false;
    }
    ++cycle;
  }
  std::uint32_t read() {
    const std::uint32_t word = log.word();
    log.clock({nullptr, false, mask, nullptr, true, false});
    ++cycle;
    return word;
  }
  std::vector<std::uint32_t> kinds() {
    std::vector<std::uint32_t> out;
    while (log.count() != 0) {
      out.push_back(read() & 0xFF);
      for (unsigned i = 1; i < 8; ++i) read();
    }
    return out;
  }
};

TEST_CASE("A verdict event is a record seven cycles later") {  // H14, H15, H17
  LogBench bench;
  bench.step(&some_verdict);  // c
  for (unsigned after = 1; after < 10; ++after) {
    INFO(after);
    CHECK(bench.log.count() == (after >= 7 ? 1 : 0));
    bench.step();
  }
  const std::array<std::uint32_t, 8> expected{1 | 11 << 8, 2, 1, 0x1234, 0, 0, 0xFFFF, 0xC6336407};
  for (const std::uint32_t word : expected) {  // H19
    CHECK(bench.log.count() == 1);
    CHECK(bench.read() == word);
  }
  CHECK(bench.log.count() == 0);
  CHECK(bench.log.word() == 0);
}

TEST_CASE("A verdict that is lost, or whose bit is 0 in its cycle, is no event") {  // H14
  const unsigned why = GENERATE(0U, 1U, 2U);
  LogBench bench;
  VerdictOutput verdict = some_verdict;
  if (why == 2) verdict.verdict.code = Verdict::bypass;
  if (why == 1) bench.mask &= ~(1U << 11);
  bench.step(&verdict, why == 0);
  bench.mask = logs_all;
  for (unsigned i = 0; i < 10; ++i) bench.step();
  CHECK(bench.log.count() == 0);
  CHECK(bench.log.dropped() == 0);
}

TEST_CASE("Guessing is logged whatever the mask says, in place of its verdict") {  // H14
  LogBench bench;
  bench.mask = GENERATE(0U, logs_all);
  VerdictOutput verdict = some_verdict;
  verdict.guessing = true;
  bench.step(&verdict);
  for (unsigned i = 0; i < 10; ++i) bench.step();
  CHECK(bench.log.count() == 1);
  CHECK(bench.read() == (4 | 11 << 8));
}

TEST_CASE("A session event is let go in four cycles, and a record in five") {  // H16, H17, H27
  LogBench bench;
  bench.offers = true;
  bench.step();  // i
  for (unsigned after = 1; after < 8; ++after) {
    CHECK(bench.log.ready() == (after == 4));
    CHECK(bench.log.count() == (after >= 5 ? 1 : 0));
    bench.step();
  }
  CHECK(bench.log.word() == 2);
}

TEST_CASE("Verdict and session events that wait take turns, and neither waits longer than ten cycles") {  // H15, H16
  const unsigned spacing = GENERATE(1U, 2U, 5U, 7U, 8U);
  LogBench bench;
  std::uint64_t offered_at = 0;
  for (unsigned i = 0; i < 400; ++i) {
    if (!bench.offers && i % 10 == 0) {
      bench.offers = true;
      offered_at = bench.cycle;
    }
    const std::size_t before = bench.taken.size();
    bench.step(i % spacing == 0 ? &some_verdict : nullptr);
    if (bench.taken.size() != before) CHECK(bench.taken.back() - offered_at <= 10);  // B5
  }
  for (unsigned i = 0; i < 20; ++i) bench.step();
  const auto kinds = bench.kinds();
  CHECK(std::count(kinds.begin(), kinds.end(), 2U) == static_cast<std::ptrdiff_t>(bench.taken.size()));
  CHECK(bench.taken.size() >= 39);
}

TEST_CASE("A verdict event that finds the slot full is dropped, and counts two cycles later") {  // H14
  LogBench bench;
  bench.step(&some_verdict);  // 0: full from 2, taken in 2, let go in 6, empty from 7
  const std::uint64_t second = GENERATE(range(1U, 9U));
  while (bench.cycle != second) bench.step();
  bench.step(&some_verdict);  // the slot is to be empty in this cycle and in the next one
  const bool drops = second < 7;
  for (unsigned after = 1; after < 4; ++after) {
    INFO(second << ", " << after);
    CHECK(bench.log.dropped() == (after >= 3 && drops ? 1 : 0));
    bench.step();
  }
  for (unsigned i = 0; i < 20; ++i) bench.step();
  CHECK(bench.log.dropped() == (drops ? 1 : 0));
  CHECK(bench.log.count() == (drops ? 1 : 2));
}

TEST_CASE("Verdicts may fill 96 records, the other events all 128") {  // H17, H18
  LogBench bench;
  for (unsigned i = 0; i < 100; ++i) {
    bench.step(&some_verdict);
    for (unsigned j = 0; j < 9; ++j) bench.step();
  }
  CHECK(bench.log.count() == 96);
  CHECK(bench.log.dropped() == 4);
  VerdictOutput guessing = some_verdict;
  guessing.guessing = true;
  for (unsigned i = 0; i < 40; ++i) {
    bench.offers = i % 2 == 0;
    bench.step(i % 2 != 0 ? &guessing : nullptr);
    for (unsigned j = 0; j < 9; ++j) bench.step();
  }
  CHECK(bench.log.count() == 128);
  CHECK(bench.log.dropped() == 12);
  bench.offers = true;
  bench.step();
  CHECK(bench.log.dropped() == 12);  // i+1
  CHECK(bench.log.ready());
  bench.step();
  CHECK(bench.log.dropped() == 13);  // i+2, idle again
  bench.offers = true;
  bench.step();
  CHECK(bench.log.ready());
  CHECK(bench.kinds().size() == 128);
}

TEST_CASE("Realigning passes over the rest of a record that was read in part") {  // H24
  LogBench bench;
  for (unsigned i = 0; i < 2; ++i) {
    bench.offers = true;
    for (unsigned j = 0; j < 10; ++j) bench.step();
  }
  const unsigned read = GENERATE(0U, 1U, 7U, 8U);
  for (unsigned i = 0; i < read; ++i) bench.read();
  bench.log.clock({nullptr, false, logs_all, nullptr, false, true});
  CHECK(bench.log.count() == (read == 0 ? 2 : 1));
  CHECK(bench.log.word_index() == 0);
  CHECK(bench.read() == 2);
}

}  // namespace
}  // namespace reveille::core::test
