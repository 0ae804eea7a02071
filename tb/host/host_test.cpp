// SPDX-License-Identifier: Apache-2.0
// reveille_host through its bus: every register of the generated header, and docs/timing/host.md H3 to H10, H13, H19.
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "catch.hpp"
#include "host/host_bench.hpp"
#include "reveille_registers.h"

#define AT(field) static_cast<std::uint16_t>(offsetof(reveille_registers_t, field))

namespace {

using reveille::tb::drive;
using reveille::tb::Fields;
using reveille::tb::HostBench;
using reveille::tb::words;

struct Register {
  std::uint16_t address;
  std::uint32_t reset, writable;  // what is written is read back
};

const std::vector<Register> kConfiguration = {
    {AT(IRQ_ENABLE), 0, 7},
    {AT(SERVER_ENABLE), 0x10300, 0xF0303},
    {AT(SERVER_IPV4), 0, ~0U},
    {AT(SERVER_PORT), 1293, 0xFFFF},
    {AT(SERVER_VERSIONS), 0x10, ~0U},
    {AT(SERVER_IPV6[0]), 0, ~0U},
    {AT(SERVER_IPV6[1]), 0, ~0U},
    {AT(SERVER_IPV6[2]), 0, ~0U},
    {AT(SERVER_IPV6[3]), 0, ~0U},
    {AT(CLIENT_INITIATED), 0, 3},
    {AT(INTERVAL), 0, ~0U},
    {AT(TOLERANCE_LOW), 0, ~0U},
    {AT(TOLERANCE_HIGH), 0, 0xFFFF},
    {AT(RESEND_BUDGET), 2, 0xF},
    {AT(EVENT_MASK), 0x9FFE, 0x1FFFE},
    {AT(WAKE), 0x1005, 0xFF0F},
    {AT(WAKE_INTERVAL), 1'000'000, ~0U},
};

}  // namespace

TEST_CASE("Identity and reset values") {
  HostBench bench(1);
  REQUIRE(bench.read(AT(ID)) == 0x52455645);
  REQUIRE(bench.read(AT(VERSION)) == 0x000100);
  REQUIRE(bench.read(AT(PARAMETERS)) == 0x07'0B'0C);
  REQUIRE(bench.read(AT(STATUS)) == 0);
  REQUIRE(bench.read(AT(IRQ_STATUS)) == 0);
  for (const Register& reg : kConfiguration) REQUIRE(bench.read(reg.address) == reg.reset);
  REQUIRE_FALSE(bench.dut->irq_o);
  REQUIRE_FALSE(bench.dut->command_valid_o);
}

TEST_CASE("Configuration is read back as written, each register by itself") {
  HostBench bench(2);
  std::mt19937 random(1);
  std::vector<std::uint32_t> value;
  value.reserve(kConfiguration.size());
  for (const Register& reg : kConfiguration) value.push_back(reg.reset);
  for (int i = 0; i < 300; ++i) {
    const std::size_t which = random() % kConfiguration.size();
    const auto data = static_cast<std::uint32_t>(random());
    bench.write(kConfiguration[which].address, data);
    value[which] = data & kConfiguration[which].writable;
    const std::size_t other = random() % kConfiguration.size();
    REQUIRE(bench.read(kConfiguration[which].address) == value[which]);
    REQUIRE(bench.read(kConfiguration[other].address) == value[other]);
  }
}

TEST_CASE("Configuration reaches the blocks") {
  HostBench bench(3);
  const std::array<std::uint32_t, 4> ipv6{0x20010db8, 0x11112222, 0x33334444, 0x55556666};
  bench.write(AT(SERVER_IPV4), 0xC0000201);
  for (std::uint16_t i = 0; i < 4; ++i) bench.write(static_cast<std::uint16_t>(AT(SERVER_IPV6) + 4 * i), ipv6[i]);
  bench.write(AT(SERVER_PORT), 4711);
  bench.write(AT(SERVER_VERSIONS), 0x40302010);
  for (unsigned bit : {0U, 1U, 8U, 9U, 16U, 17U, 18U, 19U}) {
    bench.write(AT(SERVER_ENABLE), 1U << bit);
    const auto server = bench.server();
    REQUIRE(server.ipv4_enable == (bit == 0));
    REQUIRE(server.ipv6_enable == (bit == 1));
    REQUIRE(server.doi_ipsec == (bit == 8));
    REQUIRE(server.doi_snmp == (bit == 9));
    REQUIRE(server.version_enable == (bit >= 16 ? 1U << (bit - 16) : 0));
  }
  const auto server = bench.server();
  REQUIRE(server.ipv4 == 0xC0000201);
  REQUIRE((server.ipv6 == words(ipv6)));
  REQUIRE(server.port == 4711);
  REQUIRE(server.version == 0x40302010);

  bench.write(AT(CLIENT_INITIATED), 2);
  bench.write(AT(INTERVAL), 0x12345678);
  bench.write(AT(TOLERANCE_LOW), 0x9ABCDEF0);
  bench.write(AT(TOLERANCE_HIGH), 0x1357);
  bench.write(AT(RESEND_BUDGET), 11);
  bench.write(AT(WAKE), 0x2107);
  bench.write(AT(WAKE_INTERVAL), 0xFEDCBA98);
  bench.settle();
  Fields policy(bench.dut->policy_o, 2 + 32 + 48 + 4);
  REQUIRE(static_cast<unsigned>(policy.next(2)) == 2);
  REQUIRE(static_cast<std::uint32_t>(policy.next(32)) == 0x12345678);
  REQUIRE(static_cast<std::uint64_t>(policy.next(48)) == 0x1357'9ABC'DEF0);
  REQUIRE(static_cast<unsigned>(policy.next(4)) == 11);
  REQUIRE(bench.dut->wake_tries_o == 7);
  REQUIRE(bench.dut->wake_version_o == 0x21);
  REQUIRE(bench.dut->wake_interval_o == 0xFEDCBA98);
}

TEST_CASE("H5: addresses of no register, and partial writes, answer SLVERR and do nothing") {
  HostBench bench(4);
  std::vector<bool> exists(1024);
  const auto mark = [&](std::size_t from, std::size_t to) {
    std::fill(exists.begin() + static_cast<std::ptrdiff_t>(from / 4),
              exists.begin() + static_cast<std::ptrdiff_t>(to / 4), true);
  };
  mark(AT(ID), AT(RESERVED_1c_1f));
  mark(AT(SERVER_ENABLE), AT(RESERVED_60_7f));
  mark(AT(COMMAND_CLIENT), AT(RESERVED_9c_9f));
  mark(AT(COMMAND_TAG), AT(RESERVED_b4_bf));
  mark(AT(RESULT), AT(RESERVED_d8_df));
  mark(AT(RESULT_CLIENT), AT(RESERVED_104_1ff));
  mark(AT(COUNTERS), sizeof(reveille_registers_t));
  for (std::uint16_t word = 0; word < 1024; ++word) {
    const auto address = static_cast<std::uint16_t>(4 * word);
    const auto answer = bench.bus.read(address);
    CAPTURE(address);
    REQUIRE(answer.resp == (exists[word] ? 0 : 2));
    if (!exists[word]) REQUIRE(answer.data == 0);
    // Bits 1:0 are ignored.
    REQUIRE(bench.bus.read(static_cast<std::uint16_t>(address + word % 4)).resp == answer.resp);
    if (!exists[word]) REQUIRE(bench.bus.write(address, ~0U).resp == 2);
  }
  for (const Register& reg : kConfiguration) REQUIRE(bench.read(reg.address) == reg.reset);
  for (unsigned strobe = 0; strobe < 15; ++strobe) {
    REQUIRE(bench.bus.write(AT(SERVER_IPV4), ~0U, static_cast<std::uint8_t>(strobe)).resp == 2);
  }
  REQUIRE(bench.read(AT(SERVER_IPV4)) == 0);
  // Read-only and write-only registers.
  bench.write(AT(ID), 0);
  bench.write(AT(EVENT_DATA), 0);
  bench.write(AT(COUNTERS), 0);
  REQUIRE(bench.read(AT(ID)) == 0x52455645);
  bench.write(AT(COMMAND_NONCE), ~0U);
  REQUIRE(bench.read(AT(COMMAND_NONCE)) == 0);
  REQUIRE(bench.read(AT(FRAMING)) == 0);
}

TEST_CASE("H6, H7: a command is under way from its write to its end, and its arguments stand still") {
  HostBench bench(5);
  const std::array<std::uint32_t, 4> client{1, 2, 3, 4};
  for (std::uint16_t i = 0; i < 4; ++i) bench.write(static_cast<std::uint16_t>(AT(COMMAND_CLIENT) + 4 * i), client[i]);
  bench.write(AT(COMMAND_LIFETIME_LOW), 0x89ABCDEF);
  bench.write(AT(COMMAND_LIFETIME_HIGH), 0x4567);
  bench.write(AT(COMMAND_NONCE), 0xCAFEF00D);
  bench.write(AT(COMMAND_TAG[0]), 0x01020304);
  bench.write(AT(COMMAND_TAG[1]), 0x05060708);
  bench.write(AT(COMMAND_SESSION), 0x3 | 5 << 4 | 1 << 8 | 1 << 9);
  bench.write(AT(COMMAND_LOCATION), 0xABC);
  bench.settle();
  REQUIRE_FALSE(bench.dut->command_valid_o);

  const auto start = [&](std::uint32_t opcode) {
    bench.dut->awaddr_i = AT(COMMAND);
    bench.dut->wdata_i = opcode;
    bench.dut->wstrb_i = 0xF;
    bench.dut->awvalid_i = bench.dut->wvalid_i = 1;  // N
    bench.dut->bready_i = 1;
    bench.tick();
    bench.tick();  // N+1
    bench.dut->awvalid_i = bench.dut->wvalid_i = 0;
    REQUIRE_FALSE(bench.dut->command_valid_o);
    bench.tick();  // N+2
  };
  start(5);
  REQUIRE(bench.dut->command_valid_o);  // N+3
  for (int i = 0; i < 2; ++i) bench.tick();
  REQUIRE(bench.read(AT(STATUS)) == 1 << 4);
  for (std::uint16_t address = AT(COMMAND_CLIENT); address <= AT(COMMAND); address += 4)
    bench.bus.write(address, 0x5A5A5A5A);
  const auto command = bench.command();
  REQUIRE(command.opcode == 5);
  REQUIRE((command.client == words(client)));
  REQUIRE(command.lifetime == 0x4567'89AB'CDEF);
  REQUIRE(command.nonce == 0xCAFEF00D);
  REQUIRE(command.tag == 0x0102030405060708);
  REQUIRE(command.phase == 3);
  REQUIRE(command.hop == 5);
  REQUIRE(command.doi == 1);
  REQUIRE(command.armed == 1);
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
  for (int i = 0; i < 3; ++i) bench.tick();
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
                              {0x5566'778899AA, 48},
                              {0x0123456789ABCDEF, 64},
                              {2, 2},
                              {0xE, 4}});
  REQUIRE(bench.read(AT(RESULT)) == (5U | 2U << 8 | 0xEU << 12 | 0x9ABU << 16));
  REQUIRE(bench.read(AT(RESULT_NONCE)) == 0x11223344);
  REQUIRE(bench.read(AT(RESULT_DEADLINE_LOW)) == 0x778899AA);
  REQUIRE(bench.read(AT(RESULT_DEADLINE_HIGH)) == 0x5566);
  REQUIRE(bench.read(AT(RESULT_AUX[0])) == 0x01234567);
  REQUIRE(bench.read(AT(RESULT_AUX[1])) == 0x89ABCDEF);
  REQUIRE(bench.read(AT(RESULT_CLIENT[0])) == 0xA0A1A2A3);
  REQUIRE(bench.read(AT(RESULT_CLIENT[3])) == 0xD0D1D2D3);
  bench.dut->ready_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 1);
  bench.dut->seeded_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 3);
  bench.dut->rct_failed_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 7);
  bench.dut->apt_failed_i = 1;
  REQUIRE(bench.read(AT(STATUS)) == 15);
}

TEST_CASE("H8, H9: the interrupt follows its sources a cycle later, as far as they are enabled") {
  HostBench bench(7);
  bench.dut->apt_failed_i = 1;
  bench.dut->command_done_i = 1;  // d
  bench.tick();
  bench.dut->command_done_i = 0;
  REQUIRE(bench.read(AT(IRQ_STATUS)) == 6);
  REQUIRE_FALSE(bench.dut->irq_o);
  bench.write(AT(IRQ_ENABLE), 2);
  REQUIRE(bench.dut->irq_o);
  bench.write(AT(IRQ_STATUS), 5);  // clears nothing
  REQUIRE(bench.dut->irq_o);
  bench.write(AT(IRQ_STATUS), 2);
  REQUIRE_FALSE(bench.dut->irq_o);
  REQUIRE(bench.read(AT(IRQ_STATUS)) == 4);
  bench.write(AT(IRQ_ENABLE), 4);
  REQUIRE(bench.dut->irq_o);
  bench.dut->apt_failed_i = 0;
  bench.settle();
  REQUIRE(bench.dut->irq_o);
  bench.tick();
  REQUIRE_FALSE(bench.dut->irq_o);

  // Set beats clear.
  bench.write(AT(IRQ_ENABLE), 2);
  bench.dut->awaddr_i = AT(IRQ_STATUS);
  bench.dut->wdata_i = 2;
  bench.dut->awvalid_i = bench.dut->wvalid_i = 1;
  bench.tick();
  bench.tick();
  bench.dut->awvalid_i = bench.dut->wvalid_i = 0;
  bench.dut->command_done_i = 1;  // d = N+2 = c-1
  bench.tick();
  bench.dut->command_done_i = 0;
  REQUIRE_FALSE(bench.dut->irq_o);  // d+1
  for (int i = 0; i < 3; ++i) {
    bench.tick();
    REQUIRE(bench.dut->irq_o);
  }
}

TEST_CASE("H3, H10: single pulses, the framing memory's writes, small counts") {
  HostBench bench(8);
  bench.dut->awaddr_i = AT(CONTROL);
  bench.dut->wdata_i = 1;
  bench.dut->wstrb_i = 0xF;
  bench.dut->awvalid_i = bench.dut->wvalid_i = 1;
  bench.dut->bready_i = 1;
  for (int cycle = 0; cycle < 8; ++cycle) {  // N is 0
    if (cycle == 2) bench.dut->awvalid_i = bench.dut->wvalid_i = 0;
    bench.settle();
    REQUIRE(bench.dut->generator_restart_o == (cycle == 3));
    bench.tick();
  }
  std::vector<std::uint32_t> memory(64);
  std::mt19937 random(2);
  for (std::uint16_t i = 0; i < 200; ++i) {
    const auto word = static_cast<std::uint16_t>(random() % 64);
    const auto data = static_cast<std::uint32_t>(random());
    bench.dut->awaddr_i = static_cast<std::uint16_t>(AT(FRAMING) + 4 * word);
    bench.dut->wdata_i = data;
    bench.dut->awvalid_i = bench.dut->wvalid_i = 1;
    unsigned writes = 0;
    for (int cycle = 0; cycle < 5; ++cycle) {
      bench.settle();
      if (bench.dut->awready_o) {
        bench.tick();
        bench.dut->awvalid_i = bench.dut->wvalid_i = 0;
        continue;
      }
      if (bench.dut->framing_write_o) {
        ++writes;
        REQUIRE(bench.dut->framing_address_o == word);
        REQUIRE(bench.dut->framing_data_o == data);
      }
      bench.tick();
    }
    REQUIRE(writes == 1);
  }
  for (unsigned i = 1; i < 20; ++i) {
    bench.dut->wakeup_sent_i = 1;
    bench.dut->message_error_i = i % 2;
    bench.tick();
    bench.dut->wakeup_sent_i = bench.dut->message_error_i = 0;
    REQUIRE(bench.read(AT(WAKEUPS_SENT)) == i);
    REQUIRE(bench.read(AT(HOST_MESSAGE_ERRORS)) == (i + 1) / 2);
  }
  for (const std::uint16_t address : {AT(WAKEUPS_SENT), AT(HOST_MESSAGE_ERRORS)}) {
    for (const int w : {0, 1}) {  // seen in w+2, read in N+2; N is 0
      const std::uint32_t before = bench.read(address);
      bench.dut->araddr_i = address;
      bench.dut->arvalid_i = 1;
      for (int cycle = 0; cycle < 4; ++cycle) {
        bench.dut->wakeup_sent_i = bench.dut->message_error_i = cycle == w;
        if (cycle == 2) bench.dut->arvalid_i = 0;
        bench.tick();
      }
      REQUIRE(bench.dut->rdata_o == before + (w == 0));
      bench.tick();
    }
  }
}

TEST_CASE("H13, H19: counters and events through the bus") {
  HostBench bench(9);
  for (int i = 0; i < 64; ++i) bench.tick();
  bench.write(AT(IRQ_ENABLE), 1);
  const auto verdict = [&](unsigned code, bool oversize, bool lost) {
    drive(bench.dut->verdict_i, {{1, 1},
                                 {code, 5},
                                 {0, 1},
                                 {oversize, 1},
                                 {0x01020304, 32},
                                 {words({5, 6, 7, 8}), 128},
                                 {0xABCD'00112233, 48}});
    bench.dut->lost_i = lost;
    bench.tick();
    drive(bench.dut->verdict_i, {{0, 128}, {0, 88}});
    bench.dut->lost_i = 0;
    bench.settle();
    for (int i = 0; i < 4; ++i) bench.tick();
  };
  for (unsigned code = 0; code < 17; ++code) {
    for (unsigned i = 0; i <= code; ++i) verdict(code, false, false);
  }
  verdict(13, false, true);
  verdict(13, true, true);
  verdict(0, true, true);
  const auto counter = [&](unsigned index, bool high) {
    return bench.read(static_cast<std::uint16_t>(AT(COUNTERS) + 8 * index + 4 * high));
  };
  for (unsigned code = 0; code < 17; ++code) {
    REQUIRE(counter(code, false) == code + 1);
    REQUIRE(counter(code, true) == 0);
  }
  REQUIRE(counter(17, false) == 1);
  REQUIRE(counter(18, false) == 2);
  for (unsigned index = 19; index < 32; ++index) REQUIRE(counter(index, false) == 0);

  // Logged: codes 1 to 12 and 15, of which 94 + 16 came; 96 found room.
  unsigned logged = 0;
  for (unsigned code = 1; code < 17; ++code) logged += (0x9FFE >> code & 1) ? code + 1 : 0;
  REQUIRE(bench.read(AT(EVENT_COUNT)) == 96);
  REQUIRE(bench.read(AT(EVENT_DROPPED)) == logged - 96);
  REQUIRE(bench.dut->irq_o);
  for (unsigned record = 0; record < 96; ++record) {
    REQUIRE(bench.read(AT(EVENT_COUNT)) == 96 - record);
    const std::uint32_t first = bench.read(AT(EVENT_DATA));
    REQUIRE((first & 0xFF) == 1);
    if (record < 2) REQUIRE(first >> 8 == 1);
    for (const std::uint32_t word : {0x00112233U, 0xABCDU, 0x01020304U, 5U, 6U, 7U, 8U}) {
      REQUIRE(bench.read(AT(EVENT_DATA)) == word);
    }
  }
  REQUIRE(bench.read(AT(EVENT_COUNT)) == 0);
  REQUIRE(bench.read(AT(EVENT_DATA)) == 0);
  REQUIRE_FALSE(bench.dut->irq_o);
}
