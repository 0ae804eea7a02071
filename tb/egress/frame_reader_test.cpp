// SPDX-License-Identifier: Apache-2.0
// reveille_frame_reader: started in r-1, the first beat in r+2, and from then on never short of one (E8).
#include <array>
#include <cstdint>
#include <random>

#include "Vreveille_frame_reader.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/packed.hpp"

TEST_CASE("E8: a frame is offered from r+2 on, beat after beat, whatever the arbiter's pauses") {
  reveille::tb::Bench<Vreveille_frame_reader> bench(1);
  auto& dut = *bench.dut;
  std::mt19937_64 random(4);
  std::array<std::uint64_t, 256> memory{};
  for (std::uint64_t& word : memory) word = random();
  std::uint64_t word1 = 0, word2 = 0;

  const auto cycle = [&](bool start, bool ready) {
    dut.start_i = start;
    dut.frame_ready_i = ready;
    dut.word_i = word2;
    bench.settle();
    const std::uint64_t word = memory[dut.address_o];
    const bool read = dut.read_o;
    reveille::tb::Fields frame(dut.frame_o, 74);
    struct {
      bool valid, last;
      std::uint8_t keep;
      std::uint64_t data;
      bool done;
    } out{};
    frame.take(out.valid, 1).take(out.last, 1).take(out.keep, 8).take(out.data, 64);
    out.done = dut.done_o;
    bench.tick();
    if (read) word2 = word1;
    if (read) word1 = word;
    return out;
  };

  for (unsigned octets = 57; octets <= 1518; octets += octets < 80 ? 1 : 1 + static_cast<unsigned>(random() % 40)) {
    for (unsigned percent : {100U, 60U, 10U}) {
      dut.last_octet_i = octets - 1;
      const bool last_ready = random() % 2;
      REQUIRE_FALSE(cycle(true, last_ready).valid);                                 // r-1
      for (int i = 0; i < 2; ++i) REQUIRE_FALSE(cycle(false, random() % 2).valid);  // r, r+1
      const unsigned beats = (octets + 7) / 8;
      for (unsigned beat = 0; beat < beats;) {
        const bool ready = random() % 100 < percent;
        const auto out = cycle(false, ready);
        REQUIRE(out.valid);
        REQUIRE(out.data == memory[beat]);
        REQUIRE(out.last == (beat + 1 == beats));
        REQUIRE(out.keep == (out.last && octets % 8 ? 0xFF >> (8 - octets % 8) : 0xFF));
        REQUIRE(out.done == (ready && out.last));
        beat += ready;
      }
      REQUIRE_FALSE(cycle(false, true).valid);
    }
  }
}
