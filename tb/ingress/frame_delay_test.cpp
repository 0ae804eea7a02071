// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_frame_delay.h>

#include <deque>
#include <random>

#include "catch.hpp"
#include "guard/packed.hpp"
#include "nonce/support.hpp"

namespace {

struct Beat {
  bool valid = false, last = false;
  unsigned octets = 0;
  std::uint64_t data = 0;
};

TEST_CASE("I4: every beat leaves 14 cycles after it came, and none else; its octets a cycle later") {
  reveille::test::Bench<Vreveille_frame_delay> rtl;
  std::mt19937_64 random(1);
  const auto present = [&](const Beat& beat) {
    const auto keep = beat.last ? 0xffU >> (8 - beat.octets) : static_cast<unsigned>(random());
    reveille::tb::drive(rtl->beat_i, {{beat.valid, 1}, {beat.last, 1}, {keep, 8}, {beat.data, 64}});
  };
  present({false, true, 1, 0});
  rtl.reset();
  std::deque<Beat> under_way(15);  // what has come in the fifteen cycles before this one
  for (int cycle = 0; cycle < 5000; ++cycle) {
    const bool last = random() % 4 == 0;
    const Beat beat{random() % 3 != 0, last, last ? 1 + static_cast<unsigned>(random() % 8) : 8, random()};
    present(beat);
    rtl->eval();
    const Beat &leaves = under_way[1], &left = under_way[0];
    REQUIRE(static_cast<bool>(rtl->valid_o) == leaves.valid);
    REQUIRE(static_cast<bool>(rtl->ends_o) == (leaves.valid && leaves.last));
    if (left.valid) {
      REQUIRE(rtl->data_o == left.data);
      REQUIRE(rtl->octets_o + 1U == left.octets);
    }
    under_way.pop_front();
    under_way.push_back(beat);
    rtl.step();
  }
}

}  // namespace
