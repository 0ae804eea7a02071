// SPDX-License-Identifier: Apache-2.0
// The sampler against docs/entropy.md, N2 to N4: which ring runs in which cycle, and which level is which bit.
#include <random>
#include <vector>

#include "Vreveille_ring_sampler.h"
#include "Vring_sampler_five.h"
#include "Vring_sampler_one.h"
#include "bench.hpp"
#include "catch.hpp"

namespace {

/// Levels of the running ring at the end of each cycle, since enable rose.
struct Expected {
  unsigned rings, division;
  std::vector<unsigned> levels;

  [[nodiscard]] unsigned cycle() const { return static_cast<unsigned>(levels.size()); }
  [[nodiscard]] unsigned slot() const { return cycle() / division % 9; }
  [[nodiscard]] unsigned runs() const { return slot() == 0 ? 0 : 1U << (cycle() / division / 9 % rings); }
  /// A sample is valid in the first cycle behind its last slot.
  [[nodiscard]] bool valid() const { return cycle() != 0 && cycle() % (9 * division) == 0; }
  [[nodiscard]] unsigned sample() const {
    unsigned sample = 0;
    // The level at the end of the fourth cycle before the last of its slot.
    for (unsigned bit = 0; bit < 8; ++bit) sample |= levels[cycle() - (7 - bit) * division - 1 - 3] << bit;
    return sample;
  }
};

template <class Module>
void compare(unsigned rings, unsigned division, std::uint64_t samples) {
  reveille::tb::Bench<Module> bench(1);
  auto& rtl = *bench.dut;
  std::mt19937 random(1);
  const unsigned all = (1U << rings) - 1;
  Expected expected{rings, division, {}};
  rtl.enable_i = 0;
  rtl.rings_i = all;
  for (std::uint64_t seen = 0; seen < samples;) {
    bench.settle();
    CAPTURE(expected.cycle());
    REQUIRE(rtl.run_o == expected.runs());
    REQUIRE(rtl.sample_valid_o == expected.valid());
    if (expected.valid()) {
      REQUIRE(rtl.sample_o == expected.sample());
      ++seen;
    }
    const unsigned level = random() % 2;
    const unsigned runs = rtl.run_o;
    rtl.rings_i = runs == 0 ? all : all & ~(level == 0 ? runs : 0U);
    // Off now and then, in any cycle: everything begins anew.
    rtl.enable_i = seen == 0 || random() % (40 * division) != 0;
    if (rtl.enable_i) {
      expected.levels.push_back(runs == 0 ? 1 : level);
    } else {
      expected.levels.clear();
    }
    bench.tick();
  }
}

}  // namespace

TEST_CASE("rings run one at a time, in turn, and rest before every sample; a slot ends with a bit") {
  compare<Vreveille_ring_sampler>(3, 12, 300);
  compare<Vring_sampler_five>(5, 8, 300);
  compare<Vring_sampler_one>(1, 9, 300);
}
