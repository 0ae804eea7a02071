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
  std::uint8_t keep = 0;
  std::uint64_t data = 0;
  bool operator==(const Beat&) const = default;
};

TEST_CASE("I4: every beat leaves 13 cycles after it came, and none else") {
  reveille::test::Bench<Vreveille_frame_delay> rtl;
  std::mt19937_64 random(1);
  const auto present = [&](const Beat& beat) {
    reveille::tb::drive(rtl->beat_i, {{beat.valid, 1}, {beat.last, 1}, {beat.keep, 8}, {beat.data, 64}});
  };
  present({});
  rtl.reset();
  std::deque<Beat> under_way(13);  // what has come in the thirteen cycles before this one
  for (int cycle = 0; cycle < 5000; ++cycle) {
    const Beat beat{random() % 3 != 0, random() % 4 == 0, static_cast<std::uint8_t>(random()), random()};
    present(beat);
    rtl->eval();
    Beat out;
    reveille::tb::Fields(rtl->beat_o, 74).take(out.valid, 1).take(out.last, 1).take(out.keep, 8).take(out.data, 64);
    REQUIRE(out.valid == under_way.front().valid);
    if (out.valid) REQUIRE(out == under_way.front());
    under_way.pop_front();
    under_way.push_back(beat);
    rtl.step();
  }
}

}  // namespace
