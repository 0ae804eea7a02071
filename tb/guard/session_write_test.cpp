// SPDX-License-Identifier: Apache-2.0
// Rules S1, S9, S14, S15: which parts a command, a visit and the start-up write, what they write, and that an order
// stands until the first free cycle behind it.
#include <random>

#include "Vreveille_session_write.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/session_types.hpp"

using namespace reveille::tb;

namespace {

struct Written {
  bool clears = false, held = false;
  unsigned parts = 0, address = 0;  // four parts a lane
  Entry entry;

  explicit Written(Vreveille_session_write& dut) {
    Fields(dut.write_o, 319)
        .take(clears, 1)
        .take(parts, 16)
        .take(address, 10)
        .take(held, 1)
        .take(entry.client, 128)
        .take(entry.nonce, 32)
        .take(entry.deadline, 52)
        .take(entry.aux, 64)
        .take(entry.phase, 2)
        .take(entry.resends_left, 4)
        .take(entry.false_nonces, 9);
  }
};

}  // namespace

TEST_CASE("S9, S14, S15: what a command or a visit writes, in the first free cycle behind its order") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  Bench<Vreveille_session_write> bench(1);
  Vreveille_session_write& dut = *bench.dut;
  dut.cleared_i = 1;
  dut.command_parts_i = dut.visit_parts_i = 0;
  bench.reset();
  for (unsigned i = 0; i < 50'000; ++i) {
    const auto any = [&random] { return static_cast<u128>(random()) << 64 | random(); };
    Command command{.opcode = static_cast<Opcode>(kWake + random() % 5),
                    .client = any(),
                    .phase = static_cast<std::uint8_t>(random() % 4),
                    .tag = random(),
                    .hop = static_cast<std::uint8_t>(random() % 8),
                    .doi = random() % 2 != 0,
                    .armed = random() % 2 != 0,
                    .source = static_cast<std::uint8_t>(random() % 8)};
    const bool wake = command.opcode == kWake, restore = command.opcode == kRestore, reply = command.opcode == kReply;
    const bool inserts = wake || restore, tags = reply || (restore && command.phase >= kReplied);
    const bool visit = random() % 2 != 0, wakes = random() % 2 != 0;
    const Time later = random() & kTimeMask;
    const std::uint64_t state = random();
    const auto nonce = static_cast<std::uint32_t>(random());
    const auto budget = static_cast<unsigned>(random() % 16), where = static_cast<unsigned>(random() % 4096);
    const unsigned parts = 1 + static_cast<unsigned>(random() % 15);
    drive(dut.command_i, {{command.opcode, 3},
                          {command.client, 128},
                          {0, 52},
                          {0, 32},
                          {command.phase, 2},
                          {command.tag, 64},
                          {command.hop, 3},
                          {command.doi, 1},
                          {command.armed, 1},
                          {command.source, 3},
                          {0, 12}});
    drive(dut.request_i, {{wake, 1}, {reply, 1}, {0, 2}, {restore, 1}, {0, 3}, {inserts, 1}, {0, 1}, {tags, 1}});
    dut.nonce_i = nonce;
    dut.place_i = where;
    dut.resend_budget_i = budget;
    dut.visit_i = visit;
    drive(dut.wake_state_i, {{state, 64}});
    dut.wake_i = wakes;
    dut.later_i = later;
    dut.command_parts_i = visit ? 0 : parts;
    dut.visit_parts_i = visit ? parts : 0;
    bool free = random() % 3 == 0;  // the next cycle
    dut.free_next_i = free;
    bench.settle();
    REQUIRE(Written(dut).parts == 0);
    bench.tick();
    dut.command_parts_i = dut.visit_parts_i = 0;
    for (bool written = false; !written;) {
      written = free;
      free = random() % 3 == 0;
      dut.free_next_i = free;
      bench.settle();
      const Written got(dut);
      REQUIRE_FALSE(got.clears);
      REQUIRE(got.parts == (written ? parts << 4 * ((where >> 2 & 1) << 1 | (where & 1)) : 0));
      REQUIRE(got.address == ((where >> 3) << 1 | (where >> 1 & 1)));
      REQUIRE(got.held == (!visit && inserts));
      REQUIRE(got.entry.client == command.client);
      REQUIRE(got.entry.nonce == nonce);
      REQUIRE(got.entry.deadline == later);
      const std::uint64_t fresh =
          static_cast<std::uint64_t>(command.source) << 61 | static_cast<std::uint64_t>(wake || command.armed) << 60 |
          static_cast<std::uint64_t>(command.doi) << 59 | static_cast<std::uint64_t>(command.hop) << 56;
      const std::uint64_t sent = ((state >> 52 & 15) + wakes) & 15;
      const std::uint64_t next =
          (state >> 56 & 0xef) << 56 | static_cast<std::uint64_t>(wakes) << 60 | sent << 52 | later;
      REQUIRE(got.entry.aux == (visit ? next : tags ? command.tag : fresh));
      REQUIRE(got.entry.phase == (reply ? kReplied : restore ? static_cast<Phase>(command.phase) : kOutstanding));
      REQUIRE(got.entry.resends_left == budget);
      REQUIRE(got.entry.false_nonces == 0);
      bench.tick();
    }
  }
}

TEST_CASE("S1: until it is cleared the store's entries are written empty, one after the other") {
  std::mt19937_64 random(1);
  Bench<Vreveille_session_write> bench(1);
  Vreveille_session_write& dut = *bench.dut;
  dut.command_parts_i = dut.visit_parts_i = 0;
  dut.cleared_i = 0;
  bench.reset();
  // Reset is left in the cycle that a bench's reset ends with.
  for (unsigned i = 0; i < 1024; ++i) {
    dut.place_i = random() % 4096;
    dut.free_next_i = random() % 2;
    dut.request_i = random() % 2048;
    dut.visit_i = random() % 2;
    bench.settle();
    const Written got(dut);
    REQUIRE(got.clears);
    REQUIRE_FALSE(got.held);
    REQUIRE(got.address == i);
    bench.tick();
  }
}
