// SPDX-License-Identifier: Apache-2.0
// reveille_octet_sum against a sum of whole words (RFC 1071).
#include <verilated.h>

#include <cstdint>
#include <random>

#include "Vreveille_octet_sum.h"
#include "catch.hpp"

TEST_CASE("octets sum as the words that they are halves of") {
  VerilatedContext context;
  context.randReset(2);
  Vreveille_octet_sum dut(&context);
  std::mt19937 random(1);
  const auto cycle = [&dut](bool clear, bool turn, unsigned octet) {
    dut.clear_i = clear;
    dut.turn_i = turn;
    dut.octet_i = octet;
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  };
  for (int round = 0; round < 20'000; ++round) {
    cycle(true, random() % 2, 0xFF);
    std::uint32_t expected = 0;
    for (unsigned words = random() % 40; words != 0; --words) {
      // Those that carry most, and those that carry into all ones, are as frequent as any.
      const std::uint32_t word = random() % 3 == 0 ? 0xFFFF - random() % 3 : random() & 0xFFFF;
      expected += word;
      for (const unsigned octet : {word >> 8, word & 0xFF}) {
        while (random() % 4 == 0) cycle(false, false, random() & 0xFF);
        cycle(false, true, octet);
      }
    }
    for (int turn = 0; turn < 4; ++turn) cycle(false, true, 0);
    while (expected >> 16 != 0) expected = (expected & 0xFFFF) + (expected >> 16);
    REQUIRE(static_cast<std::uint32_t>(dut.first_o << 8 | dut.other_o) == expected);
  }
}
