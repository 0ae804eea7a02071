// SPDX-License-Identifier: Apache-2.0
// Rule S4 and the paragraph before S1: when a command is eligible, and what it is refused for.
#include <random>

#include "Vreveille_session_request.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/session_traffic.hpp"

using namespace reveille::tb;

namespace {

void drive_command(Vreveille_session_request& dut, const Command& c) {
  drive(dut.command_i, {{c.opcode, 3},
                        {c.client, 128},
                        {c.lifetime, 52},
                        {c.nonce, 32},
                        {c.phase, 2},
                        {c.tag, 64},
                        {c.hop, 3},
                        {c.doi, 1},
                        {c.armed, 1},
                        {c.source, 3},
                        {c.location, 12}});
}

}  // namespace

TEST_CASE("S4: kind and refusals, of the command of c-1 and the registers of c") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  Bench<Vreveille_session_request> bench(1);
  Vreveille_session_request& dut = *bench.dut;
  dut.ready_i = 1;
  unsigned bad = 0, good = 0;
  for (unsigned i = 0; i < 50'000; ++i) {
    const auto one_in = [&random](unsigned n) { return random() % n == 0; };
    Command command{.opcode = static_cast<Opcode>(random() % 8),
                    .client = one_in(2) ? u128{0xffff} << 32 | static_cast<std::uint32_t>(random()) : random(),
                    .lifetime = one_in(3) ? 0 : Time{1} << random() % 52,
                    .nonce = one_in(3) ? 0 : 1U << random() % 32,
                    .phase = static_cast<std::uint8_t>(random() % 4),
                    .tag = random(),
                    .location = static_cast<unsigned>(random() % 4096)};
    if (one_in(3)) command.client ^= u128{1} << random() % 128;
    drive_command(dut, command);
    bench.settle();
    bench.tick();  // c-1
    const bool ipv4 = one_in(2), ipv6 = one_in(2), seeded = one_in(2);
    dut.ipv4_enable_i = ipv4;
    dut.ipv6_enable_i = ipv6;
    dut.nonce_seeded_i = seeded;
    bench.settle();
    bench.tick();
    dut.ipv4_enable_i = one_in(2);
    dut.ipv6_enable_i = one_in(2);
    dut.nonce_seeded_i = one_in(2);
    bench.settle();
    const bool wake = command.opcode == kWake, restore = command.opcode == kRestore;
    const bool enabled = is_ipv4(command.client) ? ipv4 : ipv6;
    const bool bad_argument = command.opcode == kNone || ((wake || restore) && (!enabled || command.lifetime == 0)) ||
                              (restore && command.nonce == 0);
    REQUIRE(static_cast<bool>(dut.ipv4_o) == is_ipv4(command.client));
    REQUIRE(static_cast<bool>(dut.not_seeded_o) == (wake && !seeded));
    REQUIRE(static_cast<bool>(dut.bad_argument_o) == bad_argument);
    unsigned kind = 0;
    for (const Opcode opcode : {kWake, kReply, kReject, kClose, kRestore, kRead, kReadLocation, kNone}) {
      kind = kind << 1 | static_cast<unsigned>(command.opcode == opcode);
    }
    kind = kind << 1 | static_cast<unsigned>(wake || restore);
    kind = kind << 1 | static_cast<unsigned>(command.opcode == kReply || command.opcode == kReject);
    kind = kind << 1 | static_cast<unsigned>(command.opcode == kReply || (restore && command.phase >= kReplied));
    REQUIRE(dut.request_o == kind);
    ++(bad_argument ? bad : good);
  }
  CHECK(bad > 1000);
  CHECK(good > 1000);
}

TEST_CASE("Eligible: pending, behind a visit, and a wake with its nonce, unseeded, or after 65,536 cycles") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  Bench<Vreveille_session_request> bench(1);
  Vreveille_session_request& dut = *bench.dut;
  dut.ready_i = 1;
  bool visited = true, was_pending = false, expected = false;
  unsigned waited = 0, patience = 0;
  Command command;
  for (unsigned i = 0; i < 600'000; ++i) {
    const auto one_in = [&random](unsigned n) { return random() % n == 0; };
    const bool pending = was_pending ? !one_in(waited > 65'540 ? 10 : 200'000) : one_in(3);
    if (pending && !was_pending) {
      command.opcode = one_in(2) ? kWake : static_cast<Opcode>(random() % 8);
      drive_command(dut, command);
    }
    dut.pending_i = pending;
    dut.nonce_valid_i = one_in(50);
    dut.nonce_seeded_i = !one_in(50);
    dut.ready_i = !one_in(20);
    bench.settle();
    CAPTURE(i, pending, visited, waited);
    REQUIRE(static_cast<bool>(dut.eligible_o) == expected);  // by the cycle before
    const bool started = expected;
    expected = pending && dut.ready_i && visited &&
               (command.opcode != kWake || dut.nonce_valid_i || !dut.nonce_seeded_i || waited >= 65'536);
    patience += expected && command.opcode == kWake && !dut.nonce_valid_i && dut.nonce_seeded_i;
    dut.start_i = started && one_in(1000);
    dut.visit_i = !dut.start_i && one_in(100);
    bench.settle();
    if (dut.start_i) visited = false;
    if (dut.visit_i) visited = true;
    bench.tick();
    waited = pending ? waited + 1 : 0;
    was_pending = pending;
  }
  CHECK(patience > 0);
}
