// SPDX-License-Identifier: Apache-2.0
// Rule S7 from the flags on: decided in g = b+5, whatever lies between a and b (docs/architecture.md, "Insert").
#include <map>
#include <random>
#include <vector>

#include "Vreveille_session_find.h"
#include "catch.hpp"
#include "guard/packed.hpp"

using namespace reveille::tb;

TEST_CASE("S7: found, or the way a session would take") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  VerilatedContext context;
  context.randReset(2);
  Vreveille_session_find dut(&context);
  const auto clock = [&dut] {
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
  };
  dut.first_i = dut.second_i = 0;
  dut.rst_ni = 0;
  clock();
  dut.rst_ni = 1;
  unsigned full = 0, found = 0, held = 0, denied = 0, banks[2] = {};
  for (unsigned i = 0; i < 50'000; ++i) {
    LaneFlags ways[8];  // {half, bank, lane}
    const unsigned crowd = static_cast<unsigned>(random() % 101);
    for (LaneFlags& way : ways) {
      way.held = random() % 100 < crowd;
      way.live = way.held && random() % 2 == 0;
      way.phase = static_cast<unsigned>(random() % 4);
      way.resends_left = static_cast<unsigned>(random() % 16);
    }
    const unsigned client = static_cast<unsigned>(random() % 16);
    if (client < 8) ways[client].match = ways[client].held = true;
    const auto row0 = static_cast<unsigned>(random() % 512), row1 = static_cast<unsigned>(random() % 512);
    dut.rows_i = row1 << 9 | row0;

    const unsigned kind = static_cast<unsigned>(random() % 3);  // inserts, answers, or neither
    dut.inserts_i = kind == 0;
    dut.answers_i = kind == 1;

    const unsigned gap = 1 + static_cast<unsigned>(random() % 4);  // f(a+1) is a+4 at the latest
    const unsigned g = gap + 6;
    for (unsigned cycle = 0; cycle <= g; ++cycle) {  // a is cycle 0
      dut.first_i = cycle == 0;
      dut.second_i = cycle == gap;
      LaneFlags noise[4];  // never two entries of a client
      for (LaneFlags& lane : noise)
        lane = {.held = random() % 2 == 0, .live = random() % 2 == 0, .phase = static_cast<unsigned>(random() % 4)};
      drive_flags(dut.flags_i, noise);
      if (cycle == 4) drive_flags(dut.flags_i, ways);
      if (cycle == gap + 4) drive_flags(dut.flags_i, ways + 4);
      dut.eval();
      REQUIRE(static_cast<bool>(dut.decided_o) == (cycle == g));
      if (cycle != g) clock();
    }

    const auto location = [&](unsigned bank, unsigned way) { return (bank == 0 ? row0 : row1) << 3 | bank << 2 | way; };
    const auto at = [&](unsigned bank, unsigned way) { return ways[(way & 2) << 1 | bank << 1 | (way & 1)]; };
    std::vector<unsigned> empty[2];
    unsigned where = 0, phase = 0;
    bool holds = false, live = false;
    for (unsigned bank = 0; bank < 2; ++bank) {
      for (unsigned way = 0; way < 4; ++way) {
        if (!at(bank, way).held) empty[bank].push_back(location(bank, way));
        if (!at(bank, way).match) continue;
        holds = true;
        live = at(bank, way).live;
        where = location(bank, way);
        phase = at(bank, way).phase;
      }
    }
    const bool room = holds || !empty[0].empty() || !empty[1].empty();
    CAPTURE(i, client, crowd);
    REQUIRE(static_cast<bool>(dut.found_o) == live);
    REQUIRE(static_cast<bool>(dut.room_o) == room);
    if (live) REQUIRE(static_cast<bool>(dut.in_service_o) == (phase == 1));
    REQUIRE(static_cast<bool>(dut.denied_o) == (kind == 0 ? live || !room : !live || (kind == 1 && phase != 1)));
    denied += dut.denied_o;
    if (!holds && room) {
      const unsigned bank = empty[1].size() > empty[0].size();
      where = empty[bank].front();
      ++banks[bank];
    }
    if (holds || room) REQUIRE(dut.place_o == where);
    full += !room;
    found += live;
    held += holds && !live;
    clock();
  }
  CHECK(full > 100);
  CHECK(found > 1000);
  CHECK(held > 1000);
  CHECK(denied > 1000);
  CHECK(banks[0] > 1000);
  CHECK(banks[1] > 1000);
}
