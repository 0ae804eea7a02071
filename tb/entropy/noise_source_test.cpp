// SPDX-License-Identifier: Apache-2.0
// The noise source before the core's nonce generator, with rings of a stochastic model (docs/entropy.md).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <random>
#include <vector>

#include "Vnoise_chain.h"
#include "Vreveille_noise_source.h"
#include "bench.hpp"
#include "catch.hpp"
#include "entropy/estimators.hpp"
#include "entropy/ring_model.hpp"

namespace {

using namespace reveille;
using test::Ring;
using test::RingParameters;

constexpr unsigned division = 32;  // cycles a bit, in the chain
constexpr unsigned sample_cycles = 9 * division;
constexpr unsigned window = 512;              // of the adaptive proportion test
constexpr unsigned until_seeded = 1024 + 48;  // samples
// A bit's phase variance in periods squared: what H = 4 needs; and what the longest ring has at 156.25 MHz with the
// least jitter of those cited in docs/entropy.md.
constexpr double least_q = 0.057, design_q = 0.085;

/// White noise so that a bit gathers `q`; the frequency has nothing to do with the clock's.
RingParameters sound(double q = design_q) {
  RingParameters parameters;
  parameters.variance = q / division;
  return parameters;
}

class Chain : public tb::Bench<Vnoise_chain> {
 public:
  explicit Chain(const std::array<RingParameters, 3>& rings, std::uint64_t seed = 1)
      : Bench(static_cast<int>(seed)),
        rings_{Ring(rings[0], 10 * seed), Ring(rings[1], 10 * seed + 1), Ring(rings[2], 10 * seed + 2)} {
    dut->enable_i = 1;
    dut->restart_i = dut->block_i = 0;
    dut->tap_ready_i = 0;
    reset();
  }

  void cycle() {
    settle();
    unsigned next = 0;
    for (unsigned i = 0; i < 3; ++i) {
      const unsigned stages = 3 + 2 * i;
      next |= static_cast<unsigned>(rings_[i].step(dut->runs_o >> stages & 1)) << stages;
    }
    dut->levels_i = static_cast<std::uint16_t>(next);
    tick();
    settle();
    if (dut->sample_valid_o) samples.push_back(dut->sample_o);
  }
  void run(unsigned count) {
    for (const auto end = samples.size() + count; samples.size() < end;) cycle();
  }
  [[nodiscard]] bool failed() const { return dut->rct_failed_o || dut->apt_failed_o || dut->silent_o; }
  /// Samples until a test failed, at most `limit`.
  unsigned until_failure(unsigned limit) {
    for (unsigned cycles = 0; !failed() && cycles < limit * sample_cycles; ++cycles) cycle();
    return static_cast<unsigned>(samples.size());
  }

  std::vector<std::uint8_t> samples;

 private:
  std::array<Ring, 3> rings_;
};

std::array<RingParameters, 3> all(const RingParameters& ring) { return {ring, ring, ring}; }

/// For each of some seeds: the source with these rings fails within `limit` samples.
void fails_within(unsigned limit, const std::array<RingParameters, 3>& rings) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Chain chain(rings, seed);
    const unsigned samples = chain.until_failure(limit + 1);
    CAPTURE(seed, samples);
    CHECK(chain.failed());
    CHECK(samples <= limit);
    chain.run(20);
    CHECK_FALSE(chain.dut->seeded_o);
  }
}

}  // namespace

TEST_CASE("the bound: 4 bits a sample at the least variance, more at the design's") {
  CHECK(-8 * std::log2(test::most_likely_bit(least_q)) >= 4);
  CHECK(-8 * std::log2(test::most_likely_bit(least_q - 0.001)) < 4);
  CHECK(-8 * std::log2(test::most_likely_bit(design_q)) > 5.5);
  CHECK(-8 * std::log2(test::most_likely_bit(design_q, 0.6)) > 3.8);
  CHECK(-8 * std::log2(test::most_likely_bit(100)) == Approx(8));
}

TEST_CASE("a sound source seeds the generator, raises no alarm, and its samples have more entropy than is claimed") {
  auto flicker = sound();
  flicker.flicker = 1e-3;
  for (const auto& ring : {sound(), flicker}) {
    Chain chain(all(ring));
    chain.run(until_seeded - 1);
    CHECK_FALSE(chain.dut->seeded_o);
    chain.run(20'000);
    CHECK(chain.dut->seeded_o);
    CHECK_FALSE(chain.failed());
    CHECK(test::most_common_value(chain.samples) > 4);
    CHECK(8 * test::markov(test::bits_of(chain.samples)) > 4);
  }
}

TEST_CASE("the estimate stays above the bound at the least variance, with every bit in the middle of a level") {
  // Whole periods a cycle, or half a period more a bit: without noise the phase would be a quarter or three at each.
  for (const double frequency : {7.0, 7.0 + 0.5 / division}) {
    auto ring = sound(least_q);
    ring.frequency = frequency;
    ring.start = 0.25;
    Chain chain(all(ring));
    chain.run(10'000);
    const double estimate = test::most_common_value(chain.samples);
    CAPTURE(frequency, estimate);
    CHECK(estimate > -8 * std::log2(test::most_likely_bit(least_q)));
    CHECK(estimate < 6.5);  // the case is a hard one
  }
}

TEST_CASE("a ring without noise, whatever its frequency, fails within three windows; all of them within one") {
  auto quiet = sound(0);
  for (const double frequency : {7.03, 7.31, 8.517}) {
    quiet.frequency = frequency;
    for (unsigned i = 0; i < 3; ++i) {
      auto rings = all(sound());
      rings[i] = quiet;
      fails_within(3 * window, rings);
    }
    fails_within(window, all(quiet));
  }
}

TEST_CASE("a stuck ring fails within three windows, three of them within eleven samples") {
  RingParameters stuck;
  stuck.stuck = true;
  for (unsigned i = 0; i < 3; ++i) {
    auto rings = all(sound());
    rings[i] = stuck;
    fails_within(3 * window, rings);
  }
  fails_within(11 + 1, all(stuck));
}

TEST_CASE("rings that follow the clock fail within a window, one of three within three") {
  auto locked = sound();
  locked.locking = 0.2;
  fails_within(window, all(locked));
  auto rings = all(sound());
  rings[1] = locked;
  fails_within(3 * window, rings);
}

TEST_CASE("rings whose level is 1 for nine tenths of a period fail within sixteen windows") {
  auto biased = sound();
  biased.duty = 0.9;
  fails_within(16 * window, all(biased));
}

TEST_CASE("a source that is switched off is silent, and fails as such") {
  Chain chain(all(sound()));
  chain.run(3);
  chain.dut->enable_i = 0;
  for (unsigned i = 0; i < 32 * division + 3; ++i) chain.cycle();
  CHECK(chain.dut->silent_o);
  CHECK(chain.samples.size() == 3);
}

TEST_CASE("restarts for SP 800-90B, 3.1.4: each begins anew, and the tap has it whole") {
  Chain chain(all(sound()));
  chain.dut->tap_ready_i = 1;
  std::vector<std::uint8_t> first;
  for (unsigned restart = 0; restart < 200; ++restart) {
    chain.dut->enable_i = 0;
    chain.cycle();
    chain.dut->enable_i = 1;
    chain.samples.clear();
    std::vector<std::uint8_t> tapped;
    while (tapped.size() < 10) {
      chain.cycle();
      if (!chain.dut->tap_valid_o) continue;
      CHECK(chain.dut->tap_gap_o == tapped.empty());
      tapped.push_back(chain.dut->tap_o);
    }
    CHECK(tapped == chain.samples);
    first.push_back(tapped[0]);
  }
  // The sanity check of 3.1.4.3 wants more of them; this sees a restart that repeats.
  CHECK(test::most_common_value(first) > 3);
}

TEST_CASE("a sample that is not taken stays, those behind it are dropped, and the tap has them all") {
  Chain chain(all(sound()));
  auto& rtl = *chain.dut;
  std::mt19937 random(1);
  std::vector<unsigned> tapped, taken;
  std::vector<bool> gaps;
  rtl.tap_ready_i = 1;
  while (tapped.size() < 500) {
    rtl.block_i = random() % 512 != 0;
    chain.settle();
    if (rtl.sample_valid_o && !rtl.block_i) taken.push_back(rtl.sample_o);
    if (rtl.tap_valid_o) {
      tapped.push_back(rtl.tap_o);
      gaps.push_back(rtl.tap_gap_o);
    }
    chain.cycle();
  }
  CHECK(std::count(gaps.begin(), gaps.end(), true) == 1);
  CHECK(taken.size() > 100);
  CHECK(taken.size() < 400);
  auto next = tapped.begin();  // what was taken is in the order of the tap
  for (const unsigned sample : taken) {
    next = std::find(next, tapped.end(), sample);
    REQUIRE(next != tapped.end());
    ++next;
  }
}

TEST_CASE("without a form for a device every sample is 0") {
  tb::Bench<Vreveille_noise_source> bench(1);
  auto& rtl = *bench.dut;
  rtl.enable_i = rtl.m_axis_entropy_tready = rtl.m_axis_tap_tready = 1;
  for (unsigned samples = 0; samples < 20; bench.tick()) {
    bench.settle();
    if (!rtl.m_axis_entropy_tvalid) continue;
    CHECK(rtl.m_axis_entropy_tdata == 0);
    rtl.m_axis_tap_tready = ++samples < 10;
  }
}

// For NIST's SP800-90B_EntropyAssessment: REVEILLE_NOISE_SAMPLES names the file, of 1,000,000 samples; with
// REVEILLE_NOISE_RESTARTS 1,000 of each of 1,000 restarts.
TEST_CASE("samples for an assessment", "[.samples]") {
  const char* path = std::getenv("REVEILLE_NOISE_SAMPLES");
  REQUIRE(path != nullptr);
  Chain chain(all(sound()));
  if (std::getenv("REVEILLE_NOISE_RESTARTS") == nullptr) {
    chain.run(1'000'000);
  } else {
    for (unsigned restart = 0; restart < 1000; ++restart) {
      chain.dut->enable_i = 0;
      chain.cycle();
      chain.dut->enable_i = 1;
      chain.run(1000);
    }
  }
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(chain.samples.data()), static_cast<std::streamsize>(chain.samples.size()));
  CHECK(out.good());
}
