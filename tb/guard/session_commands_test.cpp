// SPDX-License-Identifier: Apache-2.0
// Rules S3 to S9, S11 of the commands alone: steps and results with rows, flags and entries of the bench's own.
// session_control_test.cpp has commands, visits and a store together.
#include <random>

#include "Vreveille_session_commands.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/session_traffic.hpp"

using namespace reveille::tb;

TEST_CASE("S3-S9, S11: every command to its result, in its cycle") {
  std::mt19937_64 random(GENERATE(1U, 2U, 3U));
  const auto one_in = [&random](unsigned n) { return random() % n == 0; };
  Bench<Vreveille_session_commands> bench(1);
  Vreveille_session_commands& dut = *bench.dut;
  dut.ready_i = 1;
  dut.ipv4_enable_i = dut.ipv6_enable_i = dut.nonce_seeded_i = 1;
  dut.command_valid_i = dut.start_i = dut.visit_i = 0;
  bench.reset();
  std::map<std::pair<Opcode, Code>, unsigned> seen;
  for (unsigned i = 0; i < 20'000; ++i) {
    CAPTURE(i);
    const Command command{.opcode = static_cast<Opcode>(random() % 8),
                          .client = random(),
                          .lifetime = one_in(5) ? 0 : random() & 0xffff,
                          .nonce = one_in(5) ? 0 : static_cast<std::uint32_t>(random()),
                          .phase = static_cast<std::uint8_t>(random() % 4),
                          .tag = random(),
                          .location = static_cast<unsigned>(random() % 4096)};
    const bool inserts = command.opcode == kWake || command.opcode == kRestore;
    LaneFlags ways[8];  // half 0, then half 1
    for (LaneFlags& way : ways) way = {.held = !one_in(i % 5 + 1), .phase = static_cast<unsigned>(random() % 4)};
    for (LaneFlags& way : ways) way.live = way.held && one_in(2);
    const auto mine = static_cast<unsigned>(random() % 16);
    if (mine < 8) ways[mine].match = ways[mine].held = true;
    const bool found = mine < 8 && ways[mine].live;
    const bool held = one_in(2);
    const Entry entry{random(), static_cast<std::uint32_t>(random()), 7, 8, 1, 2, 3};
    const bool nonce = !one_in(5);
    unsigned found_place = 0;

    drive(dut.command_i, {{command.opcode, 3},
                          {command.client, 128},
                          {command.lifetime, 52},
                          {command.nonce, 32},
                          {command.phase, 2},
                          {command.tag, 64},
                          {0, 8},
                          {command.location, 12}});
    drive(dut.entry_i, {{held, 1}, {entry.client, 128}, {entry.nonce, 32}, {entry.deadline, 52}, {entry.aux, 64}});
    dut.place_i = command.location;
    drive(dut.state_i, {{entry.phase, 2}, {entry.resends_left, 4}, {entry.false_nonces, 9}});
    dut.command_valid_i = 1;
    dut.nonce_valid_i = nonce || one_in(2);
    dut.nonce_i = 0x5eed;

    // What it is to come to
    Code code = kOk;
    const bool room = std::any_of(ways, ways + 8, [](const LaneFlags& way) { return !way.held; });
    if (command.opcode == kNone || (inserts && command.lifetime == 0) ||
        (command.opcode == kRestore && command.nonce == 0)) {
      code = kBadArgument;
    } else if (command.opcode == kWake && !nonce) {
      code = kNotReady;
    } else if (command.opcode == kReadLocation) {
      code = held ? kOk : kNotFound;
    } else if (inserts) {
      code = found ? kLive : mine < 8 || room ? kOk : kFull;
    } else if (!found) {
      code = kNotFound;
    } else if ((command.opcode == kReply || command.opcode == kReject) && ways[mine].phase != kInService) {
      code = kWrongState;
    } else if (command.opcode == kRead && !held) {
      code = kNotFound;
    }

    // c-1, c
    dut.free_i = 1;
    if (command.opcode == kWake) dut.nonce_valid_i = 1;
    bench.settle();
    bench.tick();
    bench.settle();
    REQUIRE(dut.eligible_o);
    dut.start_i = 1;
    bench.tick();
    dut.start_i = 0;
    dut.nonce_valid_i = nonce;

    std::optional<unsigned> a, b, w, v, g;
    bool ordered = false, ended = false;
    unsigned done = 0;
    for (unsigned cycle = 1; done == 0; ++cycle) {  // since c
      REQUIRE(cycle < 100);
      const bool free = !one_in(3);
      dut.free_i = free;
      dut.rows_i = cycle >= 7 ? 300U << 9 | 17U : static_cast<unsigned>(random() & 0x3ffff);
      LaneFlags noise[4];
      for (LaneFlags& lane : noise) lane.held = one_in(2);
      drive_flags(dut.flags_i, noise);
      if (a && cycle == *a + 4) drive_flags(dut.flags_i, ways);
      if (b && cycle == *b + 4) drive_flags(dut.flags_i, ways + 4);
      bench.settle();
      CAPTURE(cycle, static_cast<int>(command.opcode), static_cast<int>(code));
      REQUIRE(static_cast<bool>(dut.hash_start_o) == (cycle == 1));
      REQUIRE(static_cast<bool>(dut.takes_next_o) == (cycle == 1 && command.opcode == kWake && code != kBadArgument));
      if (dut.read_o) {
        REQUIRE(free);
        if (command.opcode == kReadLocation || b) {
          v = cycle;
        } else {
          REQUIRE(dut.half_o);  // of the next read
          (a ? b : a) = cycle;
        }
      }
      if (a || cycle >= 7) REQUIRE(static_cast<bool>(dut.finds_o) == (command.opcode != kReadLocation && !g));
      if (dut.decided_o) g = cycle;
      if (g && cycle == *g + 1) dut.place_i = found_place;
      if (dut.decided_o) found_place = dut.found_place_o;
      if (dut.parts_o != 0) {
        REQUIRE(!ordered);
        REQUIRE(cycle == *g + 1);
        const bool reply = command.opcode == kReply;
        const unsigned parts = inserts ? 15 : command.opcode == kClose ? 8 : reply ? 6 : 2;
        REQUIRE(dut.parts_o == parts);
        ordered = true;
      } else if (ordered && free && !w) {
        w = cycle;
      }
      REQUIRE(static_cast<bool>(dut.woken_o) == (w == cycle && command.opcode == kWake));
      if (dut.command_done_o) {
        REQUIRE(ended);
        done = cycle;
      }
      ended = dut.ends_o;
      bench.tick();
    }
    dut.command_valid_i = 0;
    dut.visit_i = 1;
    bench.settle();
    Result got;
    bool got_held = false;
    Fields(dut.result_o, 307)
        .take(got.code, 3)
        .take(got.location, 12)
        .take(got_held, 1)
        .take(got.entry.client, 128)
        .take(got.entry.nonce, 32);
    REQUIRE(got.code == code);
    bench.tick();
    dut.visit_i = 0;
    const bool reads_client = command.opcode == kRead && found, reads_location = command.opcode == kReadLocation;
    if (code == kBadArgument || code == kNotReady) {
      REQUIRE(done == (code == kBadArgument ? 2 : 3));
      REQUIRE_FALSE((a || v || w));
    } else if (reads_location) {
      REQUIRE(v >= 2U);
      REQUIRE(done == *v + 5);
    } else {
      REQUIRE(a >= 8U);
      REQUIRE(b > a);
      if (reads_client) {
        REQUIRE(v >= *b + 8);
        REQUIRE(done == *v + 5);
      } else if (code != kOk) {
        REQUIRE(done == *b + 7);
        REQUIRE_FALSE(w);
      } else {
        REQUIRE(w >= *b + 8);
        REQUIRE(done == *w + 1);
      }
    }
    if (code == kOk && (reads_client || reads_location)) REQUIRE(got.entry.nonce == entry.nonce);
    if (code == kOk && reads_location) REQUIRE(got.location == command.location);
    if (code == kOk && command.opcode == kWake) REQUIRE(got.entry.nonce == 0x5eed);
    if (code == kOk && command.opcode == kRestore) REQUIRE(got.entry.nonce == command.nonce);
    ++seen[{command.opcode, code}];
  }
  CHECK(seen.size() >= 19);

  // S3
  dut.ready_i = 0;
  dut.command_valid_i = 1;
  bench.settle();
  bench.tick();
  bench.settle();
  CHECK(dut.command_done_o);
  unsigned code = 0;
  Fields(dut.result_o, 307).take(code, 3);
  CHECK(code == kNotReady);
}
