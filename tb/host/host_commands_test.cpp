// SPDX-License-Identifier: Apache-2.0
// reveille_host: commands, their results, and the interrupt (docs/timing/host.md, H6 to H9).
#include <array>
#include <cstdint>

#include "catch.hpp"
#include "host/host_bench.hpp"

namespace {

using reveille::tb::drive;
using reveille::tb::HostBench;
using reveille::tb::words;

}  // namespace

TEST_CASE("H6, H7: a command is under way from its write to its end, and its arguments stand still") {
  HostBench bench(5);
  const std::array<std::uint32_t, 4> client{1, 2, 3, 4};
  for (std::uint16_t i = 0; i < 4; ++i) bench.write(static_cast<std::uint16_t>(AT(COMMAND_CLIENT) + 4 * i), client[i]);
  bench.write(AT(COMMAND_LIFETIME_LOW), 0x89ABCDEF);
  bench.write(AT(COMMAND_LIFETIME_HIGH), 0xC4567);
  bench.write(AT(COMMAND_NONCE), 0xCAFEF00D);
  bench.write(AT_WORD(COMMAND_TAG, 0), 0x01020304);
  bench.write(AT_WORD(COMMAND_TAG, 1), 0x05060708);
  bench.write(AT(COMMAND_SESSION), 0x3 | 5 << 4 | 1 << 8 | 1 << 9 | 6 << 12);
  bench.write(AT(COMMAND_LOCATION), 0xABC);
  bench.settle();
  REQUIRE_FALSE(bench.dut->command_valid_o);

  const auto start = [&](std::uint32_t opcode) {
    bench.begin_write(AT(COMMAND), opcode);
    REQUIRE_FALSE(bench.dut->command_valid_o);
    bench.tick();  // N+2
  };
  start(5);
  REQUIRE(bench.dut->command_valid_o);  // N+3
  for (int i = 0; i < 4; ++i) bench.tick();
  REQUIRE(bench.read(AT(STATUS)) == 1 << 4);
  REQUIRE(bench.read(AT(RESULT)) == 7);
  for (std::uint16_t address = AT(COMMAND_CLIENT); address <= AT(COMMAND); address += 4)
    bench.bus.write(address, 0x5A5A5A5A);
  const auto command = bench.command();
  REQUIRE(command.opcode == 5);
  REQUIRE((command.client == words(client)));
  REQUIRE(command.lifetime == 0xC4567'89AB'CDEF);
  REQUIRE(command.nonce == 0xCAFEF00D);
  REQUIRE(command.tag == 0x0102030405060708);
  REQUIRE(command.phase == 3);
  REQUIRE(command.hop == 5);
  REQUIRE(command.doi == 1);
  REQUIRE(command.armed == 1);
  REQUIRE(command.source == 6);
  REQUIRE(command.location == 0xABC);

  // Done in d: a COMMAND that would take effect in d+1 comes too late by one cycle.
  bench.dut->awaddr_i = AT(COMMAND);
  bench.dut->wdata_i = 1;
  bench.dut->awvalid_i = bench.dut->wvalid_i = 1;
  bench.tick();
  bench.tick();
  bench.dut->awvalid_i = bench.dut->wvalid_i = 0;
  bench.dut->command_done_i = 1;  // d = N+2
  bench.settle();
  REQUIRE(bench.dut->command_valid_o);
  bench.tick();
  bench.dut->command_done_i = 0;
  bench.settle();
  REQUIRE_FALSE(bench.dut->command_valid_o);
  for (int i = 0; i < 4; ++i) bench.tick();
  REQUIRE(bench.command().opcode == 5);
  start(2);
  REQUIRE(bench.dut->command_valid_o);
  REQUIRE(bench.command().opcode == 2);
}

TEST_CASE("Results and status are shown as they stand") {
  HostBench bench(6);
  drive(bench.dut->result_i, {{5, 3},
                              {0x9AB, 12},
                              {1, 1},
                              {words({0xA0A1A2A3, 0xB0B1B2B3, 0xC0C1C2C3, 0xD0D1D2D3}), 128},
                              {0x11223344, 32},
                              {0xA5566'778899AA, 52},
                              {0x0123456789ABCDEF, 64},
                              {2, 2},
                              {0xE, 4},
                              {0x1AB, 9}});
  REQUIRE(bench.read(AT(RESULT)) == (5U | 2U << 8 | 0xEU << 12 | 0x9ABU << 16));
  REQUIRE(bench.read(AT(RESULT_NONCE)) == 0x11223344);
  REQUIRE(bench.read(AT(RESULT_DEADLINE_LOW)) == 0x778899AA);
  REQUIRE(bench.read(AT(RESULT_DEADLINE_HIGH)) == 0xA5566);
  REQUIRE(bench.read(AT(RESULT_FALSE_NONCES)) == 0x1AB);
  REQUIRE(bench.read(AT_WORD(RESULT_AUX, 0)) == 0x01234567);
  REQUIRE(bench.read(AT_WORD(RESULT_AUX, 1)) == 0x89ABCDEF);
  REQUIRE(bench.read(AT_WORD(RESULT_CLIENT, 0)) == 0xA0A1A2A3);
  REQUIRE(bench.read(AT_WORD(RESULT_CLIENT, 3)) == 0xD0D1D2D3);
  bench.dut->ready_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 1);
  bench.dut->seeded_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 3);
  bench.dut->rct_failed_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 7);
  bench.dut->apt_failed_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 15);
  bench.dut->silent_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 0x2F);
  bench.dut->framing_busy_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 0x6F);
  for (unsigned restarts = 0; restarts < 16; ++restarts) {
    bench.dut->restarts_i = restarts;
    REQUIRE(bench.read(AT(GENERATOR)) == (3 | restarts << 8));
  }
  // H22: locked until reset, whatever is written.
  bench.write(AT(LOCK), ~1U);
  REQUIRE(bench.read(AT(LOCK)) == 0);
  REQUIRE(bench.read(AT(RESULT_NONCE)) == 0x11223344);
  bench.write(AT(LOCK), ~0U);
  bench.write(AT(LOCK), 0);
  REQUIRE(bench.read(AT(LOCK)) == 1);
  REQUIRE(bench.read(AT(RESULT_NONCE)) == 0);
  REQUIRE(bench.read(AT_WORD(RESULT_AUX, 0)) == 0);
  REQUIRE(bench.read(AT_WORD(RESULT_AUX, 1)) == 0);
  REQUIRE(bench.read(AT_WORD(RESULT_CLIENT, 0)) == 0xA0A1A2A3);
  REQUIRE(bench.read(AT(RESULT_DEADLINE_LOW)) == 0x778899AA);
  bench.reset();
  REQUIRE(bench.read(AT(RESULT_NONCE)) == 0x11223344);
}

TEST_CASE("H6, H8, H9: command_done from its end to the next command, and the interrupt a cycle later") {
  HostBench bench(7);
  bench.write(AT(IRQ_ENABLE), 2);
  const auto done = [&bench] {
    bench.dut->command_done_i = 1;  // d
    bench.tick();
    bench.dut->command_done_i = 0;
  };
  bench.write(AT(COMMAND), 1);
  done();
  REQUIRE_FALSE(bench.dut->irq_o);  // d+1
  bench.tick();
  REQUIRE(bench.dut->irq_o);
  REQUIRE(bench.read(AT(IRQ_STATUS)) == 2);
  bench.write(AT(IRQ_STATUS), 5);  // clears others
  REQUIRE(bench.dut->irq_o);
  bench.begin_write(AT(IRQ_STATUS), 2);  // written in c
  bench.tick();
  REQUIRE(bench.dut->irq_o);  // c
  bench.tick();
  REQUIRE_FALSE(bench.dut->irq_o);
  for (int i = 0; i < 4; ++i) bench.tick();

  // A new command clears it in c; one that comes while busy does nothing.
  bench.write(AT(COMMAND), 1);
  done();
  for (int i = 0; i < 2; ++i) bench.tick();
  REQUIRE(bench.dut->irq_o);
  bench.begin_write(AT(COMMAND), 3);
  bench.tick();
  REQUIRE(bench.dut->irq_o);  // c
  bench.tick();
  REQUIRE_FALSE(bench.dut->irq_o);
  for (int i = 0; i < 4; ++i) bench.tick();
  REQUIRE(bench.read(AT(IRQ_STATUS)) == 0);
  done();
  bench.tick();
  REQUIRE(bench.dut->irq_o);

  // Set beats clear: d = c-1.
  for (const std::uint16_t address : {AT(IRQ_STATUS), AT(COMMAND)}) {
    bench.write(AT(COMMAND), 1);
    bench.tick();
    REQUIRE_FALSE(bench.dut->irq_o);
    bench.begin_write(address, 2);
    done();  // N+2
    for (int i = 0; i < 4; ++i) {
      bench.tick();
      REQUIRE(bench.dut->irq_o);
    }
    REQUIRE(bench.read(AT(IRQ_STATUS)) == 2);
  }
}
