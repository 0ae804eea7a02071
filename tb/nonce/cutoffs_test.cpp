// SPDX-License-Identifier: Apache-2.0
// reveille_nonce_pkg's cutoffs, for every claim of entropy and every false alarm that the core takes, against the
// standard's formulas in 200 digits (cutoffs.py).
#include "cutoffs.hpp"

#include <verilated.h>

#include <array>

#include "Vcutoffs.h"
#include "catch.hpp"

TEST_CASE("The cutoffs are those of SP 800-90B, 4.4.1 and 4.4.2") {
  VerilatedContext context;
  Vcutoffs dut(&context);
  for (const Cutoffs& expected : kCutoffs) {
    CAPTURE(expected.entropy_eighths, expected.false_alarm);
    dut.entropy_eighths_i = expected.entropy_eighths;
    dut.false_alarm_i = expected.false_alarm;
    dut.eval();
    REQUIRE(dut.rct_o == expected.rct);
    REQUIRE(dut.apt_o == expected.apt);
  }
}

TEST_CASE("They are the same when computed at elaboration") {
  VerilatedContext context;
  Vcutoffs dut(&context);
  dut.eval();
  REQUIRE(dut.elaborated_o[0] == 11);
  REQUIRE(dut.elaborated_o[1] == 78);
  constexpr std::array<std::array<unsigned, 2>, 4> kClaims = {{{32, 40}, {8, 20}, {1, 50}, {64, 30}}};
  for (unsigned i = 0; i < kClaims.size(); ++i) {
    for (const Cutoffs& expected : kCutoffs) {
      if (expected.entropy_eighths != kClaims[i][0] || expected.false_alarm != kClaims[i][1]) continue;
      REQUIRE(dut.elaborated_o[2 * i] == expected.rct);
      REQUIRE(dut.elaborated_o[2 * i + 1] == expected.apt);
    }
  }
}
