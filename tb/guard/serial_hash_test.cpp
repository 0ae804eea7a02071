// SPDX-License-Identifier: Apache-2.0
// Rule S6: 128 cycles, and the hash of docs/architecture.md.
#include <random>

#include "Vreveille_serial_hash.h"
#include "catch.hpp"
#include "guard/session_reference.hpp"

using namespace reveille::tb;

TEST_CASE("S6: rows after 128 cycles, of whatever was loaded last") {
  std::mt19937_64 random(GENERATE(1U, 2U, 3U));
  VerilatedContext context;
  context.randReset(2);
  Vreveille_serial_hash dut(&context);
  const auto clock = [&dut] {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  };
  for (unsigned i = 0; i < 200; ++i) {
    HashKey key;
    for (std::uint32_t& word : key) word = static_cast<std::uint32_t>(random());
    u128 client = static_cast<u128>(random()) << 64 | random();
    if (i < 128) client = u128{1} << i;  // each bit alone
    drive(dut.hash_key_i, {{key[0], 32}, {key[1], 32}, {key[2], 32}, {key[3], 32}, {key[4], 32}});
    drive(dut.client_i, {{random(), 64}, {random(), 64}});
    dut.run_i = 0;
    dut.load_i = 1;
    if (random() % 2 != 0) clock();
    drive(dut.client_i, {{client, 128}});
    clock();
    drive(dut.client_i, {{random(), 64}, {random(), 64}});
    dut.load_i = 0;
    dut.run_i = 1;
    for (unsigned cycle = 0; cycle < 128; ++cycle) {
      REQUIRE(static_cast<bool>(dut.last_o) == (cycle == 127));
      dut.eval();
      const auto next = dut.next_rows_o;
      clock();
      REQUIRE(dut.rows_o == next);
    }
    dut.run_i = 0;
    for (unsigned cycle = random() % 3; cycle != 0; --cycle) clock();
    const Rows expected = hash(key, client);
    Rows got{};
    Fields(dut.rows_o, 18).take(got.row1, 9).take(got.row0, 9);
    REQUIRE(got.row0 == expected.row0);
    REQUIRE(got.row1 == expected.row1);
  }
}
