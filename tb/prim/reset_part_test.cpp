// SPDX-License-Identifier: Apache-2.0
// reveille_reset_part: falls with the reset at once, and takes the release with the clock.
#include "Vreveille_reset_part.h"
#include "catch.hpp"

TEST_CASE("a part's reset falls at once and is released by the clock alone") {
  Vreveille_reset_part dut;
  const auto set = [&dut](bool reset_n, bool released) {
    dut.rst_ni = reset_n;
    dut.released_i = released;
    dut.eval();
    return dut.rst_no != 0;
  };
  const auto tick = [&dut] {
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
    return dut.rst_no != 0;
  };
  dut.clk_i = 0;
  set(true, false);
  for (int round = 0; round < 3; ++round) {
    CHECK_FALSE(set(false, true));
    CHECK_FALSE(tick());
    CHECK_FALSE(set(true, false));
    CHECK_FALSE(tick());
    CHECK_FALSE(set(true, true));
    CHECK(tick());
  }
}
