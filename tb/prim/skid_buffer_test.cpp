// SPDX-License-Identifier: Apache-2.0
// reveille_skid_buffer against std::queue: two words, taken from the cycle after they were put in.
#include <cstdint>
#include <queue>
#include <random>

#include "Vreveille_skid_buffer.h"
#include "catch.hpp"

TEST_CASE("a skid buffer is a queue of two words whose outputs come from registers") {
  Vreveille_skid_buffer dut;
  std::mt19937_64 random(1);
  dut.rst_ni = 0;
  dut.eval();
  dut.rst_ni = 1;

  std::queue<std::uint64_t> queue;
  std::uint64_t moved = 0, before = 0;
  for (int cycle = 0; cycle < 100'000; ++cycle) {
    const unsigned phase = static_cast<unsigned>(cycle / 1000 % 4);  // both busy, starved, blocked, random
    dut.valid_i = phase == 1 ? random() % 8 == 0 : phase == 3 ? random() % 2 : 1;
    dut.ready_i = phase == 2 ? random() % 8 == 0 : phase == 3 ? random() % 2 : 1;
    dut.data_i = random();
    dut.eval();
    // Nothing here may depend on the inputs of this cycle.
    REQUIRE(dut.ready_o == (queue.size() < 2));
    REQUIRE(dut.valid_o == !queue.empty());
    REQUIRE(dut.data_o == (queue.empty() ? before : queue.front()));

    const bool push = dut.valid_i && queue.size() < 2;
    if (dut.ready_i && !queue.empty()) {
      queue.pop();
      ++moved;
    }
    if (push) queue.push(dut.data_i);
    before = dut.data_i;
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
  }
  REQUIRE(moved > 40'000);
}
