// SPDX-License-Identifier: Apache-2.0
// reveille_host: what the blocks report, and what is written to them (docs/timing/host.md, H3, H10, H13, H19 to H25).
#include <cstdint>
#include <random>
#include <vector>

#include "Vreveille_host___024root.h"
#include "catch.hpp"
#include "host/host_bench.hpp"

namespace {

using reveille::tb::drive;
using reveille::tb::HostBench;
using reveille::tb::words;

}  // namespace

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
  for (int i = 0; i < 300; ++i) {
    fail(0);
    bench.tick();
    fail(5);
    bench.tick();
  }
  REQUIRE(bench.read(AT(GENERATOR_FAILURES)) == 0xFFFFFF);
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
    for (int cycle = 0; cycle < 6; ++cycle) {  // N is 0
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
    const std::uint64_t expected = time + 2;  // c-1 = N+2
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
    for (int cycle = 0; cycle < 7; ++cycle) {
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
    for (const int w : {1, 2}) {  // seen in w+2, read in N+3; N is 0
      const std::uint32_t before = bench.read(address);
      bench.dut->araddr_i = address;
      bench.dut->arvalid_i = 1;
      for (int cycle = 0; cycle < 6; ++cycle) {
        bench.dut->wakeup_sent_i = bench.dut->message_error_i = cycle == w;
        if (cycle == 2) bench.dut->arvalid_i = 0;
        bench.tick();
      }
      REQUIRE(bench.dut->rdata_o == before + (w == 1));
      bench.tick();
    }
  }
}

TEST_CASE("H13, H19, H25: each bit of a count is read where it belongs, and a count goes on to all of them") {
  HostBench bench(11);
  for (int i = 0; i < 64; ++i) bench.tick();
  auto& root = *bench.dut->rootp;
  for (const std::uint32_t count : {0x7FFFFFFFU, 0x55555555U, 0xAAAAAAAAU, 0xFFFFFFFFU, 0U}) {
    root.reveille_host__DOT__wakeups_sent_q = count;
    root.reveille_host__DOT__message_errors_q = ~count;
    root.reveille_host__DOT__u_event_log__DOT__dropped_o = count ^ 0xFF;
    for (unsigned time = 0; time < 2; ++time) {  // the sweep may be about to write one of them
      for (unsigned index = 0; index < 32; ++index)
        root.reveille_host__DOT__u_counters__DOT__u_high__DOT__memory[index] = std::uint64_t{count} << 4;
      for (int i = 0; i < 20; ++i) bench.tick();
    }
    REQUIRE(bench.read(AT(WAKEUPS_SENT)) == count);
    REQUIRE(bench.read(AT(MESSAGE_ERRORS)) == ~count);
    REQUIRE(bench.read(AT(EVENT_DROPPED)) == (count ^ 0xFF));
    bench.dut->wakeup_sent_i = bench.dut->message_error_i = 1;
    bench.tick();
    bench.dut->wakeup_sent_i = bench.dut->message_error_i = 0;
    REQUIRE(bench.read(AT(WAKEUPS_SENT)) == count + 1);
    REQUIRE(bench.read(AT(MESSAGE_ERRORS)) == ~count + 1);
    for (unsigned i = 0; i < 20; ++i) {
      const auto counter = static_cast<std::uint16_t>(AT(COUNTERS_COUNTER_LOW) + 8 * i);
      REQUIRE(bench.read(counter) == count << 16);
      REQUIRE(bench.read(static_cast<std::uint16_t>(counter + 4)) == count >> 16);
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
