// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "Vreveille_health_tests.h"
#include "catch.hpp"
#include "support.hpp"

namespace {

using namespace reveille;
using test::Bench;

// As they are by default (cutoffs_test.cpp).
constexpr unsigned rct_cutoff = 11;
constexpr unsigned apt_cutoff = 78;

/// The two tests, from nothing but all samples so far.
struct Reference {
  std::vector<unsigned> samples;
  bool rct_failed = false;
  bool apt_failed = false;

  void sample(unsigned value) {
    samples.push_back(value);
    const auto run = std::find_if(samples.rbegin(), samples.rend(), [&](unsigned s) { return s != value; });
    if (run - samples.rbegin() >= rct_cutoff) rct_failed = true;
    const auto window = samples.begin() + static_cast<std::ptrdiff_t>((samples.size() - 1) / 512 * 512);
    if (std::count(window, samples.end(), *window) >= apt_cutoff) apt_failed = true;
  }
};

class HealthTests : public Bench<Vreveille_health_tests> {
 public:
  HealthTests() {
    HealthTests& rtl = *this;
    rtl->clear_i = rtl->sample_valid_i = 0;
    reset();
  }

  void clear() {
    HealthTests& rtl = *this;
    rtl->clear_i = 1;
    step();
    rtl->clear_i = 0;
    rtl->eval();
    reference = {};
    past = {};
    compare();
  }
  void sample(unsigned value) {
    HealthTests& rtl = *this;
    reference.sample(value);
    rtl->sample_valid_i = 1;
    rtl->sample_i = value;
    step();
    rtl->sample_valid_i = 0;
    rtl->eval();
    compare();
  }
  void idle() {
    step();
    compare();
  }
  /// Once a cycle: what a sample of cycle a does is seen from a+3 on.
  void compare() {
    HealthTests& rtl = *this;
    REQUIRE(rtl->rct_failed_o == past[0].first);
    REQUIRE(rtl->apt_failed_o == past[0].second);
    past = {past[1], {reference.rct_failed, reference.apt_failed}};
  }
  [[nodiscard]] bool failed() const { return reference.rct_failed || reference.apt_failed; }

  Reference reference;
  std::array<std::pair<bool, bool>, 2> past{};
};

/// `count` samples without two equal neighbours, none of which is `except`.
void others(HealthTests& tests, unsigned count, unsigned except) {
  for (unsigned i = 0; i < count; ++i) tests.sample((except + 1 + i % 200) & 0xff);
}

}  // namespace

TEST_CASE("repetition count: one less than the cutoff passes, the cutoff fails, and the failure stays") {
  HealthTests tests;
  for (unsigned value : {0U, 1U, 0x80U, 0xffU}) {
    tests.clear();
    others(tests, 37, value);
    for (unsigned i = 1; i < rct_cutoff; ++i) tests.sample(value);
    CHECK_FALSE(tests.reference.rct_failed);
    others(tests, 3, value);
    for (unsigned i = 1; i < rct_cutoff; ++i) tests.sample(value);
    CHECK_FALSE(tests.reference.rct_failed);
    tests.idle();
    tests.sample(value);
    CHECK(tests.reference.rct_failed);
    others(tests, 1200, value);
  }
  tests.clear();
  for (unsigned i = 0; i < rct_cutoff; ++i) tests.sample(0);  // the very first samples are a run as well
  CHECK(tests.reference.rct_failed);
}

TEST_CASE("adaptive proportion: counted from the first sample of each window") {
  HealthTests tests;
  for (unsigned excess : {0U, 1U}) {
    for (unsigned window : {0U, 1U, 2U}) {
      tests.clear();
      others(tests, 512 * window, 7);
      for (unsigned i = 1; i < apt_cutoff - 1 + excess; ++i) {
        tests.sample(7);
        tests.sample(8 + i);
      }
      while (tests.reference.samples.size() % 512 != 511) tests.sample(1 + tests.reference.samples.size() % 2);
      CHECK_FALSE(tests.failed());
      tests.sample(7);  // the last of the window
      CHECK(tests.reference.apt_failed == (excess == 1));
      // A new window counts anew.
      for (unsigned i = 1; i < apt_cutoff; ++i) {
        tests.sample(9);
        tests.sample(i & 1);
      }
      CHECK(tests.reference.apt_failed == (excess == 1));
      CHECK_FALSE(tests.reference.rct_failed);
    }
  }
}

TEST_CASE("random sources") {
  HealthTests tests;
  std::mt19937 random(1);
  unsigned failures = 0;
  for (unsigned round = 0; round < 300; ++round) {
    tests.clear();
    const unsigned values = 2 + random() % 40;
    const unsigned gap = random() % 4;
    const unsigned length = random() % 2500;
    for (unsigned i = 0; i < length; ++i) {
      while (gap != 0 && random() % (gap + 1) != 0) tests.idle();
      tests.sample(random() % 3 == 0 ? 0xa5 : 3 * (random() % values));
    }
    failures += tests.failed();
  }
  CHECK(failures > 50);
  CHECK(failures < 250);
}

TEST_CASE("a good source raises no alarm in a million samples, one of 2 bits a sample does within a window") {
  Bench<Vreveille_health_tests> tests;
  std::mt19937 random(1);
  const auto failed_after = [&](unsigned mask, unsigned limit) {
    tests->clear_i = 1;
    tests.step();
    tests->clear_i = 0;
    tests->sample_valid_i = 1;
    unsigned count = 0;
    while (count < limit && !tests->rct_failed_o && !tests->apt_failed_o) {
      tests->sample_i = random() & mask;
      tests.step();
      ++count;
    }
    return count;
  };
  tests.reset();
  CHECK(failed_after(0xff, 1'000'000) == 1'000'000);
  for (unsigned i = 0; i < 100; ++i) CHECK(failed_after(0x03, 2000) <= 512 + 2);
}
