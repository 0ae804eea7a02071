// SPDX-License-Identifier: Apache-2.0
// reveille_reset: falls at once, rises three cycles after the release, and not at all for a shorter one.
#include "Vreset_ecp5.h"
#include "Vreset_plain.h"
#include "catch.hpp"

namespace {

template <class Dut>
struct Reset {
  Dut dut;

  Reset() {
    dut.clk_i = 0;
    set(true);
    set(false);
  }

  void set(bool released) {
    dut.rst_ni = released;
    dut.eval();
  }

  void tick() {
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
  }
};

}  // namespace

TEMPLATE_TEST_CASE("reset is left three cycles after the release and entered at once", "", Vreset_plain, Vreset_ecp5) {
  Reset<TestType> reset;
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    CHECK(reset.dut.rst_no == 0);
    reset.set(true);
    for (int cycle = 0; cycle < 3; ++cycle) {
      CAPTURE(cycle);
      CHECK(reset.dut.rst_no == 0);
      reset.tick();
    }
    for (int cycle = 0; cycle < 5; ++cycle, reset.tick()) CHECK(reset.dut.rst_no == 1);
    reset.set(false);
  }
}

TEMPLATE_TEST_CASE("a release that lasts two cycles leaves no trace", "", Vreset_plain, Vreset_ecp5) {
  Reset<TestType> reset;
  for (int round = 0; round < 4; ++round) {
    reset.set(true);
    for (int cycle = 0; cycle < 2; ++cycle, reset.tick()) CHECK(reset.dut.rst_no == 0);
    CHECK(reset.dut.rst_no == 0);
    reset.set(false);
    CHECK(reset.dut.rst_no == 0);
  }
}
