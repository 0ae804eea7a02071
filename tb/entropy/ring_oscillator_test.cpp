// SPDX-License-Identifier: Apache-2.0
#include "Vreveille_ring_oscillator.h"
#include "catch.hpp"

TEST_CASE("the plain form of a ring rests at 1, falls when it is enabled, and is no source of noise") {
  Vreveille_ring_oscillator ring;
  for (unsigned round = 0; round < 3; ++round) {
    ring.enable_i = 0;
    ring.eval();
    CHECK(ring.ring_o == 1);
    ring.enable_i = 1;
    for (unsigned i = 0; i < 10; ++i) {
      ring.eval();
      CHECK(ring.ring_o == 0);
    }
  }
}
