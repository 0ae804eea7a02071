// SPDX-License-Identifier: Apache-2.0
// Rules S1 and S2: the clear of 1,024 addresses, then a word of the hash tables from each nonce.
#include <random>

#include "Vreveille_session_startup.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/session_types.hpp"

using namespace reveille::tb;

TEST_CASE("S1, S2: clear, fill, ready; once again after a reset in the midst of it") {
  const unsigned percent = GENERATE(100U, 40U, 3U);
  std::mt19937_64 random(percent);
  Bench<Vreveille_session_startup> bench(1);
  Vreveille_session_startup& dut = *bench.dut;
  for (const unsigned last : {1'500U, 9'000'000U}) {
    bench.reset();
    HashTables tables;
    bool writes_word = false;  // in this cycle
    std::optional<unsigned> ready_at;
    bool fills = false;  // a nonce is taken in this cycle, if one is valid
    for (unsigned cycle = 0; cycle < last && cycle < ready_at.value_or(last) + 10; ++cycle) {
      const auto nonce = static_cast<std::uint32_t>(random());
      const bool taken = fills && random() % 100 < percent;
      dut.nonce_taken_i = taken || (ready_at && cycle >= *ready_at && random() % 2 == 0);  // a wake's
      dut.nonce_i = nonce;
      bench.settle();
      CAPTURE(cycle);
      REQUIRE(static_cast<bool>(dut.cleared_o) == (cycle >= 1024));
      REQUIRE(static_cast<bool>(dut.ready_next_o) == (ready_at && cycle + 1 == *ready_at));
      REQUIRE(static_cast<bool>(dut.ready_o) == (ready_at && cycle >= *ready_at));
      bool writes = false;
      unsigned index = 0;
      std::uint32_t word = 0;
      Fields(dut.hash_write_o, 31).take(writes, 1).take(index, 12).take(word, 18);
      REQUIRE(writes == writes_word);
      if (writes) {
        REQUIRE(index == tables.size() - 1);
        REQUIRE(word == tables.back());
      }
      writes_word = taken;
      if (taken) {
        tables.push_back(nonce & 0x3ffff);
        if (tables.size() == kHashWords) ready_at = cycle + 2;
      }
      fills = cycle >= 1023 && tables.size() < kHashWords;  // in the next
      REQUIRE(static_cast<bool>(dut.fills_next_o) == fills);
      bench.tick();
    }
    CHECK(ready_at.has_value() == (last > 1'500));
  }
}
