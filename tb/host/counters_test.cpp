// SPDX-License-Identifier: Apache-2.0
// reveille_counters against an array of integers: docs/timing/host.md H11, H12, H13.
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>

#include "Vreveille_counters.h"
#include "Vreveille_counters___024root.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/packed.hpp"

namespace {

using reveille::tb::drive;

struct Verdict {
  bool valid = false, oversize = false, lost = false;
  unsigned code = 0;
};

struct Read {
  unsigned index = 0;
  bool high = false;
};

/// What a read must see: the counts of the cycle before it, visible four cycles after the verdict.
class Counters {
 public:
  void cycle(unsigned since_reset, const Verdict& verdict) {
    pending_.push_back(since_reset < 32 ? std::nullopt : counter(verdict));
    if (pending_.size() < 5) return;
    if (pending_.front()) ++counts_[*pending_.front()];
    pending_.pop_front();
  }
  std::uint32_t read(const Read& read) {
    if (read.high) return latch_;
    latch_ = static_cast<std::uint16_t>(counts_[read.index] >> 32);  // of 48 bits
    return static_cast<std::uint32_t>(counts_[read.index]);
  }
  [[nodiscard]] std::uint64_t count(unsigned index) const { return counts_[index]; }
  void set(unsigned index, std::uint64_t count) { counts_[index] = count; }

 private:
  static std::optional<unsigned> counter(const Verdict& verdict) {
    if (!verdict.valid) return std::nullopt;
    const bool session = verdict.code == 13 || verdict.code == 14 || verdict.code == 16;
    if (verdict.lost) return verdict.oversize ? 18 : session ? 19 : 17;
    return verdict.code;
  }

  std::array<std::uint64_t, 32> counts_{};  // as a read in this cycle sees them, once cycle() was called for the last
  std::deque<std::optional<unsigned>> pending_;
  std::uint32_t latch_ = 0;
};

class CountersBench : public reveille::tb::Bench<Vreveille_counters> {
 public:
  explicit CountersBench(int seed) : Bench(seed) { restart(); }

  void restart() {
    dut->read_i = 0;
    reset();
    counters = {};
    since_reset = 0;
    expected = 0;
    asked.reset();
    requested.reset();
  }

  /// `read`: requested in this cycle, that is, read two cycles later. `request`: of something else.
  void cycle(const Verdict& verdict, std::optional<Read> read, bool request = false) {
    drive(dut->verdict_i,
          {{verdict.valid, 1}, {verdict.code, 5}, {0, 1}, {verdict.oversize, 1}, {0, 1}, {0, 32}, {0, 128}, {0, 52}});
    dut->lost_i = verdict.lost;
    dut->request_i = read || request;
    dut->index_i = read ? read->index : 0;
    dut->read_i = requested.has_value();
    dut->high_i = requested && requested->high;
    settle();
    REQUIRE(dut->data_o == expected);  // of the cycle before, else 0
    expected = requested ? counters.read(*requested) : 0;
    requested = asked;
    asked = read;
    counters.cycle(since_reset++, verdict);
    tick();
  }

  /// Sets the upper 36 bits of a counter that is 0, as if it had come there; the sweep may be about to write them.
  void come_to(unsigned index, std::uint64_t upper) {
    auto& memory = dut->rootp->reveille_counters__DOT__u_high__DOT__memory;
    while (memory[index] != upper) {
      memory[index] = upper;
      for (int i = 0; i < 20; ++i) cycle({}, std::nullopt);
    }
    counters.set(index, upper << 12);
  }

  Counters counters;
  unsigned since_reset = 0;
  std::uint32_t expected = 0;
  std::optional<Read> asked, requested;  // in the cycle before, and the one before that
};

Verdict random_verdict(std::mt19937& random, unsigned codes) {
  Verdict verdict;
  verdict.valid = true;
  verdict.code = random() % codes;
  verdict.lost = random() % 8 == 0;
  verdict.oversize = verdict.lost && random() % 2;
  return verdict;
}

}  // namespace

TEST_CASE("H11, H13: verdicts count four cycles later, whatever follows what") {
  CountersBench bench(1);
  std::mt19937 random(2);
  // H12: what comes in the first 32 cycles does not count.
  for (int i = 0; i < 64; ++i) bench.cycle(random_verdict(random, 17), std::nullopt);

  unsigned since_read = 0;
  for (int i = 0; i < 300'000; ++i) {
    const unsigned codes = i / 1000 % 3 == 0 ? 1 : i / 1000 % 3 == 1 ? 2 : 17;  // the same counter again and again
    const Verdict verdict = random() % 4 || codes < 3 ? random_verdict(random, codes) : Verdict{};
    std::optional<Read> read;
    if (++since_read >= 5 && random() % 3 == 0) {
      read = Read{static_cast<unsigned>(random() % 24), random() % 2 == 0};
      since_read = 0;
    }
    bench.cycle(verdict, read);
  }
  REQUIRE(bench.counters.count(0) > 50'000);
}

TEST_CASE("H11: the lower bits carry into the upper ones, in whatever rhythm the host makes requests") {
  for (unsigned rhythm = 5; rhythm < 17; ++rhythm) {
    CountersBench bench(3);
    for (int i = 0; i < 64; ++i) bench.cycle({}, std::nullopt);
    const Verdict verdict{true, false, false, 7}, other{true, false, false, 8};
    for (unsigned i = 0; i < 30'000; ++i) {  // seven times 12 bits
      const bool request = i % rhythm == 0;
      const bool read = request && i / rhythm % 3 != 0;
      bench.cycle(i % 64 == 63 ? other : verdict, read ? std::optional(Read{7, false}) : std::nullopt, request);
    }
    REQUIRE(bench.counters.count(7) > 28'672);
    // A counter that stands still keeps what it has.
    for (unsigned i = 0; i < 2000; ++i) bench.cycle({}, i % 10 == 5 ? std::optional(Read{7, false}) : std::nullopt);
  }
}

TEST_CASE("H11, H13: a carry goes through all 48 bits, and from the last one nowhere") {
  for (const std::uint64_t upper : {0x0000FFFFFULL, 0xAAAAFFFFFULL, 0x5555FFFFFULL, 0x7FFFFFFFFULL, 0xFFFFFFFFFULL}) {
    CountersBench bench(6);
    for (int i = 0; i < 64; ++i) bench.cycle({}, std::nullopt);
    bench.come_to(7, upper);
    for (unsigned i = 0; i < 10'000; ++i) {  // twice the lower 12 bits
      bench.cycle({true, false, false, 7}, i % 7 == 0 ? std::optional(Read{7, i % 2 == 1}) : std::nullopt);
    }
    REQUIRE(bench.counters.count(7) == (upper << 12) + 10'000 - 4);
  }
}

TEST_CASE("H12: a reset clears the counters") {
  CountersBench bench(4);
  std::mt19937 random(5);
  for (int i = 0; i < 1000; ++i) bench.cycle(random_verdict(random, 17), std::nullopt);
  bench.restart();
  for (int i = 0; i < 64; ++i) bench.cycle({}, std::nullopt);
  for (unsigned index = 0; index < 32; ++index) {
    bench.cycle({}, Read{index, false});
    for (int i = 0; i < 5; ++i) bench.cycle({}, std::nullopt);
  }
}
