// SPDX-License-Identifier: Apache-2.0
// reveille_host through its bus: every register of the generated header, what it configures and locks, and what is
// refused (docs/timing/host.md, H5, H26).
#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "catch.hpp"
#include "host/host_bench.hpp"

namespace {

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
      REQUIRE(answer.cycles == 6);
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

TEST_CASE("After a reset, a write that is refused leaves the reset value to be read") {
  HostBench bench(12);
  const std::vector<std::uint16_t> locked = {AT(INTERVAL), AT(TOLERANCE_LOW), AT_WORD(SERVER_IPV4, 0), IPV6(0, 2)};
  for (const std::uint16_t address : locked) bench.write(address, 0x11111);  // what the block RAM keeps
  bench.reset();
  bench.write(AT(SERVER_ENABLE), 1 << 0 | 1 << 8);
  bench.write(AT(CLIENT_INITIATED), 1);
  for (const std::uint16_t address : locked) {
    CAPTURE(address);
    REQUIRE(bench.bus.write(address, 0x22222).resp == 2);
    REQUIRE(bench.read(address) == 0);
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
