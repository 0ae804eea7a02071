// SPDX-License-Identifier: Apache-2.0
// Both forms of reveille_register_copy: they take a word with the enable, and keep it without.
#include <verilated.h>

#include <cstdint>
#include <random>

#include "Vregister_copy_ecp5.h"
#include "Vregister_copy_plain.h"
#include "catch.hpp"

TEMPLATE_TEST_CASE("a copy takes its word with the enable alone", "", Vregister_copy_plain, Vregister_copy_ecp5) {
  VerilatedContext context;
  TestType rtl(&context);
  std::mt19937 random(1);
  std::uint8_t expected = 0;
  for (unsigned cycle = 0; cycle < 1000; ++cycle) {
    rtl.clk_i = 0;
    rtl.enable_i = cycle == 0 || random() % 2 != 0;
    rtl.d_i = static_cast<std::uint8_t>(random());
    rtl.eval();
    if (rtl.enable_i) expected = rtl.d_i;
    rtl.clk_i = 1;
    rtl.eval();
    CAPTURE(cycle);
    REQUIRE(rtl.q_o == expected);
  }
}
