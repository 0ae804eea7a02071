// SPDX-License-Identifier: Apache-2.0
// Rules S1 and S2: the clear of 1,024 addresses, then every word of the hash tables as soon as its bits are there.
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
    std::vector<std::uint32_t> nonces;
    HashTables tables;
    unsigned at_hand = 0;
    for (unsigned cycle = 0; cycle < last && tables.size() < kHashWords; ++cycle) {
      const auto nonce = static_cast<std::uint32_t>(random());
      dut.nonce_valid_i = random() % 100 < percent;
      dut.nonce_i = nonce;
      bench.settle();
      CAPTURE(cycle);
      REQUIRE(static_cast<bool>(dut.cleared_o) == (cycle >= 1024));
      REQUIRE_FALSE(dut.ready_o);
      bool writes = false;
      unsigned index = 0;
      std::uint32_t word = 0;
      Fields(dut.hash_write_o, 31).take(writes, 1).take(index, 12).take(word, 18);
      if (cycle < 1024) {
        REQUIRE(dut.clear_address_o == cycle);
        REQUIRE_FALSE(writes);
        REQUIRE_FALSE(dut.nonce_ready_o);
      } else {
        REQUIRE(writes == (at_hand >= 18));
        REQUIRE(static_cast<bool>(dut.nonce_ready_o) == !writes);
        if (writes) {
          REQUIRE(index == tables.size());
          tables.push_back(word);
          at_hand -= 18;
        } else if (dut.nonce_valid_i) {
          nonces.push_back(nonce);
          at_hand += 32;
        }
      }
      bench.tick();
    }
    if (tables.size() < kHashWords) continue;
    CHECK(nonces.size() == kHashNonces);
    CHECK(tables == tables_of(nonces));
    for (unsigned i = 0; i < 10; ++i) {
      dut.nonce_valid_i = i % 2;
      bench.settle();
      bool writes = true;
      Fields(dut.hash_write_o, 31).take(writes, 1);
      CHECK_FALSE(writes);
      CHECK_FALSE(dut.nonce_ready_o);
      CHECK(dut.ready_o);
      bench.tick();
    }
  }
}
