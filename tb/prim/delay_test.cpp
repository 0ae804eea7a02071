// SPDX-License-Identifier: Apache-2.0
// reveille_delay at its default shape: eight bits, eight cycles.
#include <Vreveille_delay.h>

#include <deque>
#include <random>

#include "catch.hpp"
#include "nonce/support.hpp"

TEST_CASE("A word comes out eight cycles after it went in") {
  reveille::test::Bench<Vreveille_delay> rtl;
  std::mt19937 random(1);
  rtl.reset();
  std::deque<std::uint8_t> under_way;
  for (int cycle = 0; cycle < 2000; ++cycle) {
    const auto word = static_cast<std::uint8_t>(random());
    rtl->data_i = word;
    rtl->eval();
    if (under_way.size() == 8) {
      REQUIRE(rtl->data_o == under_way.front());
      under_way.pop_front();
    }
    under_way.push_back(word);
    rtl.step();
  }
}
