// SPDX-License-Identifier: Apache-2.0
#include <verilated.h>

#include <array>
#include <cstdint>
#include <random>

#include "Vreveille_lutram.h"
#include "catch.hpp"

TEST_CASE("a word is seen from the cycle after its write on") {
  VerilatedContext context;
  Vreveille_lutram rtl(&context);
  std::array<std::uint8_t, 16> words{};
  std::mt19937 random(1);
  for (unsigned cycle = 0; cycle < 10'000; ++cycle) {
    rtl.clk_i = 0;
    rtl.we_i = random() % 2;
    rtl.waddr_i = random() % 16;
    rtl.raddr_i = random() % 16;
    rtl.wdata_i = random() & 0xff;
    rtl.eval();
    REQUIRE(rtl.rdata_o == words[rtl.raddr_i]);
    rtl.clk_i = 1;
    rtl.eval();
    if (rtl.we_i) words[rtl.waddr_i] = rtl.wdata_i;
    REQUIRE(rtl.rdata_o == words[rtl.raddr_i]);
  }
}
