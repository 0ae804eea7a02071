// SPDX-License-Identifier: Apache-2.0
// reveille_host through its bus: every register of the generated header, and docs/timing/host.md H3 to H10, H13, H19
// to H26.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "catch.hpp"
#include "host/host_bench.hpp"
#include "reveille.h"

#define AT(reg) static_cast<std::uint16_t>(REVEILLE_##reg##_OFFSET)
#define AT_WORD(reg, i) static_cast<std::uint16_t>(REVEILLE_##reg##_OFFSET + REVEILLE_##reg##_STRIDE * (i))
#define IPV6(k, i) static_cast<std::uint16_t>(AT_WORD(SERVER_IPV6_WORD, i) + REVEILLE_SERVER_IPV6_STRIDE * (k))

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
    {AT(GENERATOR), 3, 0xF},
    {AT(SERVER_PORT), 1293, 0xFFFF},
    {AT(POLICY), 0, 3},
    {AT(SERVER_VERSIONS), 0x10, ~0U},
    {AT_WORD(SERVER_IPV4, 0), 0, ~0U},
    {AT_WORD(SERVER_IPV4, 1), 0, ~0U},
    {IPV6(0, 0), 0, ~0U},
    {IPV6(0, 3), 0, ~0U},
    {IPV6(1, 1), 0, ~0U},
    {IPV6(1, 2), 0, ~0U},
    {AT(INTERVAL), 0, ~0U},
    {AT(TOLERANCE_LOW), 0, ~0U},
    {AT(TOLERANCE_HIGH), 0, 0xFFFFF},
    {AT(RESEND_BUDGET), 2, 0xF},
    {AT(EVENT_MASK), 0x9FFE, 0x1FFFE},
    {AT(WAKE), 0x1005, 0xFF0F},
    {AT(WAKE_INTERVAL), 1'000'000, ~0U},
    {AT(GUESSING), 16, 0x1FF},
    {AT(NOISE_SILENCE), 0x1000000, ~0U},
};
// Those that lock others.
const std::vector<Register> kLocking = {
    {AT(SERVER_ENABLE), 0x130000, 0xF3FFFF},
    {AT(CLIENT_INITIATED), 0, 3},
};

}  // namespace

TEST_CASE("Identity and reset values") {
  HostBench bench(1);
  REQUIRE(bench.read(AT(ID)) == 0x52455645);
  REQUIRE(bench.read(AT(VERSION)) == 0x000200);
  REQUIRE(bench.read(AT(PARAMETERS)) == 0x02'27'0B'0C);
  REQUIRE(bench.read(AT(STATUS)) == 0);
  REQUIRE(bench.read(AT(IRQ_STATUS)) == 0);
  for (const Register& reg : kConfiguration) REQUIRE(bench.read(reg.address) == reg.reset);
  for (const Register& reg : kLocking) REQUIRE(bench.read(reg.address) == reg.reset);
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
  for (const Register& reg : kLocking) {
    for (const std::uint32_t data : {~0U, 0x55555555U, 0xAAAAAAAAU, 0U}) {
      bench.write(reg.address, data);
      REQUIRE(bench.read(reg.address) == (data & reg.writable));
    }
  }
}

TEST_CASE("Configuration reaches the blocks") {
  HostBench bench(3);
  const std::array<std::uint32_t, 4> ipv6{0x20010db8, 0x11112222, 0x33334444, 0x55556666};
  for (std::uint16_t k = 0; k < 2; ++k) {
    bench.write(static_cast<std::uint16_t>(AT(SERVER_IPV4) + 4 * k), 0xC0000201 + k);
    for (std::uint16_t i = 0; i < 4; ++i) bench.write(IPV6(k, i), ipv6[i] + k);
  }
  bench.write(AT(SERVER_PORT), 4711);
  bench.write(AT(SERVER_VERSIONS), 0x40302010);
  for (unsigned bit = 0; bit < 24; ++bit) {
    bench.write(AT(SERVER_ENABLE), 1U << bit);
    const auto server = bench.server();
    REQUIRE(server.ipv4_enable == (bit < 2 ? 1U << bit : 0));
    REQUIRE(server.ipv6_enable == (bit == 8 || bit == 9 ? 1U << (bit - 8) : 0));
    REQUIRE(server.doi_ipsec == (bit == 16));
    REQUIRE(server.doi_snmp == (bit == 17));
    REQUIRE(server.version_enable == (bit >= 20 ? 1U << (bit - 20) : 0));
  }
  for (unsigned policy = 0; policy < 4; ++policy) {
    bench.write(AT(POLICY), policy);
    REQUIRE(bench.server().listed == policy % 2);
    REQUIRE(bench.server().drop_later == policy / 2);
  }
  const auto server = bench.server();
  for (unsigned k = 0; k < 2; ++k) {
    REQUIRE(server.ipv4[k] == 0xC0000201 + k);
    REQUIRE((server.ipv6[k] == words({ipv6[0] + k, ipv6[1] + k, ipv6[2] + k, ipv6[3] + k})));
  }
  REQUIRE(server.port == 4711);
  REQUIRE(server.version == 0x40302010);

  bench.write(AT(CLIENT_INITIATED), 2);
  bench.write(AT(INTERVAL), 0x12345678);
  bench.write(AT(TOLERANCE_LOW), 0x9ABCDEF0);
  bench.write(AT(TOLERANCE_HIGH), 0x81357);
  bench.write(AT(RESEND_BUDGET), 11);
  bench.write(AT(GUESSING), 0x123);
  bench.write(AT(WAKE), 0x2107);
  bench.write(AT(WAKE_INTERVAL), 0xFEDCBA98);
  bench.write(AT(NOISE_SILENCE), 0x13572468);
  bench.write(AT(GENERATOR), 9);
  bench.settle();
  Fields policy(bench.dut->policy_o, 2 + 32 + 52 + 4 + 9);
  REQUIRE(static_cast<unsigned>(policy.next(2)) == 2);
  REQUIRE(static_cast<std::uint32_t>(policy.next(32)) == 0x12345678);
  REQUIRE(static_cast<std::uint64_t>(policy.next(52)) == 0x81357'9ABC'DEF0);
  REQUIRE(static_cast<unsigned>(policy.next(4)) == 11);
  REQUIRE(static_cast<unsigned>(policy.next(9)) == 0x123);
  REQUIRE(bench.dut->wake_tries_o == 7);
  REQUIRE(bench.dut->wake_version_o == 0x21);
  REQUIRE(bench.dut->wake_interval_o == 0xFEDCBA98);
  REQUIRE(bench.dut->silence_limit_o == 0x13572468);
  REQUIRE(bench.dut->restart_limit_o == 9);
}

TEST_CASE("What is enabled is locked: a write answers SLVERR and does nothing") {
  struct Lock {
    std::uint16_t enable;
    std::uint32_t value, others;  // that locks; that locks nothing of these
    std::vector<std::uint16_t> locked;
  };
  const auto ipv6 = [](std::uint16_t k) {
    std::vector<std::uint16_t> addresses;
    for (std::uint16_t i = 0; i < 4; ++i) addresses.push_back(IPV6(k, i));
    return addresses;
  };
  const std::vector<Lock> locks = {
      {AT(SERVER_ENABLE), 1 << 0, 0xF3FFFE, {AT_WORD(SERVER_IPV4, 0)}},
      {AT(SERVER_ENABLE), 1 << 1, 0xF3FFFD, {AT_WORD(SERVER_IPV4, 1)}},
      {AT(SERVER_ENABLE), 1 << 8, 0xF3FEFF, ipv6(0)},
      {AT(SERVER_ENABLE), 1 << 9, 0xF3FDFF, ipv6(1)},
      {AT(CLIENT_INITIATED), 1, 0, {AT(INTERVAL), AT(TOLERANCE_LOW), AT(TOLERANCE_HIGH)}},
      {AT(CLIENT_INITIATED), 1, 2, {AT(INTERVAL), AT(TOLERANCE_LOW), AT(TOLERANCE_HIGH)}},
      {AT(CLIENT_INITIATED), 1, 3, {AT(INTERVAL), AT(TOLERANCE_LOW), AT(TOLERANCE_HIGH)}},
  };
  HostBench bench(11);
  for (const Lock& lock : locks) {
    CAPTURE(lock.enable, lock.value);
    for (const std::uint16_t address : lock.locked) bench.write(address, 0x11111);
    bench.write(lock.enable, lock.value);
    for (const Register& reg : kConfiguration) {
      const bool locked = std::count(lock.locked.begin(), lock.locked.end(), reg.address) != 0;
      REQUIRE(bench.bus.write(reg.address, reg.reset).resp == (locked ? 2 : 0));
    }
    for (const std::uint16_t address : lock.locked) {
      const auto answer = bench.bus.write(address, 0x22222);
      REQUIRE(answer.resp == 2);
      REQUIRE(answer.cycles == 4);
      REQUIRE(bench.read(address) == 0x11111);
    }
    bench.write(lock.enable, lock.others);
    for (const std::uint16_t address : lock.locked) {
      bench.write(address, 0x22222);
      REQUIRE(bench.read(address) == 0x22222);
    }
    bench.write(lock.enable, 0);
    for (const Register& reg : kConfiguration) bench.write(reg.address, reg.reset);
  }
}

TEST_CASE("H5: addresses of no register, and partial writes, answer SLVERR and do nothing") {
  HostBench bench(4);
  std::vector<bool> exists(1024);
  const auto mark = [&](std::size_t from, std::size_t to) {
    std::fill(exists.begin() + static_cast<std::ptrdiff_t>(from / 4),
              exists.begin() + static_cast<std::ptrdiff_t>(to / 4), true);
  };
  mark(0x000, 0x030);
  mark(0x040, 0x078);
  mark(0x080, 0x09C);
  mark(0x0A0, 0x0B4);
  mark(0x0C0, 0x0D8);
  mark(0x0E0, 0x108);
  mark(0x120, 0x128);
  mark(0x180, 0x1A0);
  mark(0x200, 0x400);
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
    REQUIRE(bench.bus.write(AT(SERVER_PORT), ~0U, static_cast<std::uint8_t>(strobe)).resp == 2);
  }
  REQUIRE(bench.read(AT(SERVER_PORT)) == 1293);
  // Read-only and write-only registers.
  bench.write(AT(ID), 0);
  bench.write(AT(EVENT_DATA), 0);
  bench.write(AT(COUNTERS_COUNTER_LOW), 0);
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
  for (int i = 0; i < 2; ++i) bench.tick();
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

TEST_CASE("H20, H21: failures of the generator are kept and counted as they begin") {
  HostBench bench(10);
  const auto fail = [&bench](unsigned kinds) {
    bench.dut->rct_failed_i = kinds & 1;
    bench.dut->apt_failed_i = kinds >> 1 & 1;
    bench.dut->silent_i = kinds >> 2 & 1;
  };
  bench.write(AT(IRQ_ENABLE), 4);
  for (unsigned kind = 0; kind < 3; ++kind) {
    fail(1 << kind);  // a+1
    bench.tick();
    REQUIRE_FALSE(bench.dut->irq_o);  // a+2
    bench.tick();
    REQUIRE(bench.dut->irq_o);
    fail(0);
    for (int i = 0; i < 10; ++i) bench.tick();
    REQUIRE(bench.read(AT(IRQ_STATUS)) == 4);
    REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == 1U << 8 * kind);
    bench.write(AT(IRQ_STATUS), 3);
    REQUIRE(bench.dut->irq_o);
    bench.write(AT(IRQ_STATUS), 4);
    REQUIRE_FALSE(bench.dut->irq_o);
    bench.write(AT(CONTROL), 1);
    REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == 0);
  }
  // A failure that goes on counts once, and its status bit stays cleared.
  fail(7);
  for (int i = 0; i < 20; ++i) bench.tick();
  bench.write(AT(IRQ_STATUS), 4);
  REQUIRE_FALSE(bench.dut->irq_o);
  REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == 0x010101);
  // Each kind stops at 255.
  for (int i = 0; i < 300; ++i) {
    fail(0);
    bench.tick();
    fail(i < 100 ? 6 : 2);
    bench.tick();
  }
  REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == (101U << 16 | 255U << 8 | 1U));
  bench.write(AT(CONTROL), 6);  // clears nothing
  REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == (101U << 16 | 255U << 8 | 1U));
  fail(0);
  bench.tick();

  // A restart written in c clears what does not count in c.
  for (int a2 = -1; a2 <= 1; ++a2) {  // visible in c + a2
    CAPTURE(a2);
    bench.write(AT(CONTROL), 1);
    fail(4);
    bench.tick();
    fail(0);
    bench.write(AT(IRQ_STATUS), 4);
    REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == 1U << 16);
    bench.dut->awaddr_i = AT(CONTROL);
    bench.dut->wdata_i = 1;
    bench.dut->awvalid_i = bench.dut->wvalid_i = 1;
    for (int cycle = -3; cycle < 4; ++cycle) {  // c is 0
      if (cycle == -1) bench.dut->awvalid_i = bench.dut->wvalid_i = 0;
      fail(cycle == a2 - 1 ? 4 : 0);
      bench.tick();
    }
    REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == (a2 < 0 ? 0U : a2 == 0 ? 2U << 16 : 1U << 16));
    // And the status bit likewise.
    bench.dut->awaddr_i = AT(IRQ_STATUS);
    bench.dut->wdata_i = 4;
    bench.dut->awvalid_i = bench.dut->wvalid_i = 1;
    for (int cycle = -3; cycle < 4; ++cycle) {
      if (cycle == -1) bench.dut->awvalid_i = bench.dut->wvalid_i = 0;
      fail(cycle == a2 - 1 ? 4 : 0);
      bench.tick();
    }
    REQUIRE(bench.read(AT(IRQ_STATUS)) == (a2 < 0 ? 0 : 4));
  }
  // What has failed in R is a failure.
  fail(1);
  bench.reset();
  REQUIRE(bench.read(AT(IRQ_STATUS)) == 4);
  REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == 1);
}

TEST_CASE("H23: the time of a cycle, in two words") {
  HostBench bench(12);
  REQUIRE(bench.read(AT(TIME_HIGH)) == 0);
  std::uint64_t time = 0xABCDE'FFFF'FFF0;
  const auto read = [&](std::uint16_t address) {
    bench.dut->araddr_i = address;
    bench.dut->arvalid_i = bench.dut->rready_i = 1;
    for (int cycle = 0; cycle < 4; ++cycle) {  // N is 0
      bench.dut->time_i = time++;
      if (cycle == 2) bench.dut->arvalid_i = 0;
      bench.tick();
    }
    bench.settle();
    REQUIRE(bench.dut->rvalid_o);
    const std::uint32_t data = bench.dut->rdata_o;
    bench.dut->time_i = time++;
    bench.tick();
    return data;
  };
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t expected = time + 1;  // c-1 = N+1
    REQUIRE(read(AT(TIME_LOW)) == static_cast<std::uint32_t>(expected));
    REQUIRE(read(AT(TIME_HIGH)) == expected >> 32);
    REQUIRE(read(AT(TIME_HIGH)) == expected >> 32);
  }
}

TEST_CASE("H3, H10, H25: single pulses, the framing memory's writes, small counts") {
  HostBench bench(8);
  for (std::uint32_t bits = 0; bits < 8; ++bits) {
    bench.dut->awaddr_i = AT(CONTROL);
    bench.dut->wdata_i = bits;
    bench.dut->wstrb_i = 0xF;
    bench.dut->awvalid_i = bench.dut->wvalid_i = 1;
    bench.dut->bready_i = 1;
    for (int cycle = 0; cycle < 8; ++cycle) {  // N is 0
      if (cycle == 2) bench.dut->awvalid_i = bench.dut->wvalid_i = 0;
      bench.settle();
      REQUIRE(bench.dut->generator_restart_o == (cycle == 3 && (bits & 1)));
      REQUIRE(bench.dut->framing_commit_o == (cycle == 3 && (bits & 2)));
      bench.tick();
    }
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
    REQUIRE(bench.read(AT(MESSAGE_ERRORS)) == (i + 1) / 2);
  }
  for (const std::uint16_t address : {AT(WAKEUPS_SENT), AT(MESSAGE_ERRORS)}) {
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
                                 {0, 1},
                                 {0x01020304, 32},
                                 {words({5, 6, 7, 8}), 128},
                                 {0x9ABCD'00112233, 52}});
    bench.dut->lost_i = lost;
    bench.tick();
    drive(bench.dut->verdict_i, {{0, 128}, {0, 93}});
    bench.dut->lost_i = 0;
    bench.settle();
    for (int i = 0; i < 8; ++i) bench.tick();
  };
  for (unsigned code = 0; code < 17; ++code) {
    for (unsigned i = 0; i <= code; ++i) verdict(code, false, false);
  }
  for (unsigned code = 0; code < 17; ++code) verdict(code, false, true);
  verdict(13, true, true);
  verdict(0, true, true);
  const auto counter = [&](unsigned index, bool high) {
    return bench.read(static_cast<std::uint16_t>(AT(COUNTERS_COUNTER_LOW) + 8 * index + 4 * high));
  };
  for (unsigned code = 0; code < 17; ++code) {
    REQUIRE(counter(code, false) == code + 1);
    REQUIRE(counter(code, true) == 0);
  }
  REQUIRE(counter(17, false) == 14);
  REQUIRE(counter(18, false) == 2);
  REQUIRE(counter(19, false) == 3);
  for (unsigned index = 20; index < 32; ++index) REQUIRE(counter(index, false) == 0);

  // Logged: codes 1 to 12 and 15, of which 94 + 16 came; 96 found room.
  unsigned logged = 0;
  for (unsigned code = 1; code < 17; ++code) logged += (0x9FFE >> code & 1) ? code + 1 : 0;
  REQUIRE(bench.read(AT(EVENT_COUNT)) == 96);
  REQUIRE(bench.read(AT(EVENT_DROPPED)) == logged - 96);
  REQUIRE(bench.dut->irq_o);
  // H24: what is read in part is left behind, and only that.
  const std::uint32_t before = bench.read(AT(EVENT_DATA));
  REQUIRE((before & 0xFF) == 1);
  REQUIRE(bench.read(AT(EVENT_DATA)) == 0x00112233);
  bench.write(AT(CONTROL), 3);
  REQUIRE(bench.read(AT(EVENT_COUNT)) == 96);
  bench.write(AT(CONTROL), 4);
  REQUIRE(bench.read(AT(EVENT_COUNT)) == 95);
  bench.write(AT(CONTROL), 4);
  REQUIRE(bench.read(AT(EVENT_COUNT)) == 95);
  for (unsigned record = 1; record < 96; ++record) {
    if (record == 90) bench.write(AT(LOCK), 1);  // H22
    const std::uint32_t value = record < 90 ? 0x01020304U : 0;
    REQUIRE(bench.read(AT(EVENT_COUNT)) == 96 - record);
    const std::uint32_t first = bench.read(AT(EVENT_DATA));
    REQUIRE((first & 0xFF) == 1);
    if (record < 2) REQUIRE(first >> 8 == 1);
    for (const std::uint32_t word : {0x00112233U, 0x9ABCDU, value, 5U, 6U, 7U, 8U}) {
      REQUIRE(bench.read(AT(EVENT_DATA)) == word);
    }
  }
  REQUIRE(bench.read(AT(EVENT_COUNT)) == 0);
  REQUIRE(bench.read(AT(EVENT_DATA)) == 0);
  REQUIRE_FALSE(bench.dut->irq_o);
}
