// SPDX-License-Identifier: Apache-2.0
// Rule S9: which parts each command writes, and what (docs/architecture.md, "Commands").
#include <algorithm>
#include <random>

#include "Vreveille_session_write.h"
#include "catch.hpp"
#include "guard/session_types.hpp"

using namespace reveille::tb;

TEST_CASE("S9: the parts that a command writes, and none in other cycles") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  VerilatedContext context;
  context.randReset(2);
  Vreveille_session_write dut(&context);
  unsigned last_deadlines = 0;
  for (unsigned i = 0; i < 50'000; ++i) {
    const auto any = [&random] { return static_cast<u128>(random()) << 64 | random(); };
    static constexpr Opcode kWrites[] = {kWake, kReply, kReject, kClose, kRestore};
    Command command{.opcode = kWrites[random() % 5],
                    .client = any(),
                    .lifetime = (random() & kTimeMask) >> random() % 52,
                    .nonce = static_cast<std::uint32_t>(random()),
                    .phase = static_cast<std::uint8_t>(random() % 4),
                    .tag = random(),
                    .hop = static_cast<std::uint8_t>(random() % 8),
                    .doi = random() % 2 != 0,
                    .armed = random() % 2 != 0,
                    .source = static_cast<std::uint8_t>(random() % 8)};
    const bool wake = command.opcode == kWake, restore = command.opcode == kRestore, reply = command.opcode == kReply;
    const bool inserts = wake || restore, tags = reply || (restore && command.phase >= kReplied);
    const Time now = random() % 2 != 0 ? kTimeMask - (random() & 0xffff) : random() & kTimeMask;
    const auto budget = static_cast<unsigned>(random() % 16), left = static_cast<unsigned>(random() % 16);
    const auto where = static_cast<unsigned>(random() % 4096);
    const bool write = random() % 4 != 0;
    drive(dut.command_i, {{command.opcode, 3},
                          {command.client, 128},
                          {command.lifetime, 52},
                          {command.nonce, 32},
                          {command.phase, 2},
                          {command.tag, 64},
                          {command.hop, 3},
                          {command.doi, 1},
                          {command.armed, 1},
                          {command.source, 3},
                          {0, 12}});
    drive(dut.request_i, {{wake, 1},
                          {reply, 1},
                          {command.opcode == kReject, 1},
                          {command.opcode == kClose, 1},
                          {restore, 1},
                          {0, 3},
                          {inserts, 1},
                          {tags, 1}});
    dut.now_i = now;
    dut.nonce_i = command.nonce;
    dut.place_i = where;
    dut.resend_budget_i = budget;
    dut.resends_left_i = left;
    dut.write_i = write;
    for (unsigned cycle = 0; cycle < 2; ++cycle) {
      dut.clk_i = 0;
      dut.eval();
      dut.clk_i = 1;
      dut.eval();
    }
    bool all_lanes = true, identity = false, aux = false, phase = false, false_nonces = false, held = false;
    unsigned to = 0;
    Entry entry;
    Fields(dut.write_o, 309)
        .take(all_lanes, 1)
        .take(identity, 1)
        .take(aux, 1)
        .take(phase, 1)
        .take(false_nonces, 1)
        .take(to, 12)
        .take(held, 1)
        .take(entry.client, 128)
        .take(entry.nonce, 32)
        .take(entry.deadline, 52)
        .take(entry.aux, 64)
        .take(entry.phase, 2)
        .take(entry.resends_left, 4)
        .take(entry.false_nonces, 9);
    REQUIRE_FALSE(all_lanes);
    REQUIRE(to == where);
    REQUIRE(identity == (write && (inserts || command.opcode == kClose)));
    REQUIRE(aux == (write && (inserts || reply)));
    REQUIRE(phase == (write && (inserts || reply || command.opcode == kReject)));
    REQUIRE(false_nonces == (write && inserts));
    if (identity) REQUIRE(held == inserts);
    if (inserts) {
      const Time deadline = std::min(now + command.lifetime, kTimeMask);
      last_deadlines += deadline == kTimeMask;
      REQUIRE(entry.client == command.client);
      REQUIRE(entry.nonce == command.nonce);
      REQUIRE(entry.deadline == deadline);
      REQUIRE(entry.false_nonces == 0);
    }
    const std::uint64_t fresh =
        static_cast<std::uint64_t>(command.source) << 61 | static_cast<std::uint64_t>(wake || command.armed) << 60 |
        static_cast<std::uint64_t>(command.doi) << 59 | static_cast<std::uint64_t>(command.hop) << 56 | now;
    if (aux) REQUIRE(entry.aux == (tags ? command.tag : fresh));
    if (phase) {
      REQUIRE(entry.phase == (reply ? kReplied : restore ? static_cast<Phase>(command.phase) : kOutstanding));
      REQUIRE(entry.resends_left == (inserts ? budget : left));
    }
  }
  CHECK(last_deadlines > 1000);
}
