// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

struct BusBench {
  Registers registers;
  Inputs bus;
  RegisterInputs in;
  RegisterSources sources;
  std::uint64_t cycle = 0;

  BusBench() { bus.bready = bus.rready = false; }
  void step() {
    if (registers.reads_now()) registers.sample(sources);
    registers.clock(bus, in);
    ++cycle;
  }
  /// Starts in this cycle, N; ends in N+7, its response handed over in N+6.
  void write(std::uint16_t address, std::uint32_t value) {
    bus.awvalid = bus.wvalid = bus.bready = true;
    bus.awaddr = address;
    bus.wdata = value;
    for (unsigned i = 0; i < 2; ++i) step();
    bus.awvalid = bus.wvalid = false;
    for (unsigned i = 0; i < 5; ++i) step();
  }
  std::uint32_t read(std::uint16_t address) {
    bus.arvalid = bus.rready = true;
    bus.araddr = address;
    for (unsigned i = 0; i < 2; ++i) step();
    bus.arvalid = false;
    for (unsigned i = 0; i < 4; ++i) step();
    const std::uint32_t data = registers.bus().rdata;
    step();
    return data;
  }
};

TEST_CASE("A write takes six cycles to its response and acts after three") {  // H1, H2, H3, H5
  BusBench bench;
  bench.bus.awvalid = true;
  bench.bus.awaddr = address::server_port + 3;  // bits 1:0 are ignored
  bench.bus.wdata = 4000;
  for (unsigned i = 0; i < 3; ++i) bench.step();
  CHECK(!bench.registers.bus().awready);  // no data yet
  bench.bus.wvalid = true;
  bench.bus.arvalid = true;  // the first of two is the write
  const std::uint64_t n = bench.cycle;
  for (; bench.cycle < n + 8;) {
    const std::uint64_t after = bench.cycle - n;
    INFO(after);
    const AxilSlave::Bus& out = bench.registers.bus();
    CHECK(out.awready == (after == 1));
    CHECK(out.wready == (after == 1));
    CHECK(!out.arready);
    CHECK((bench.registers.configuration().port == 4000) == (after >= 3));
    CHECK(out.bvalid == (after >= 6));
    CHECK(out.bresp == 0);
    if (after == 2) bench.bus.awvalid = bench.bus.wvalid = false;
    bench.step();
  }
  bench.bus.bready = bench.bus.rready = true;
  bench.bus.awvalid = bench.bus.wvalid = true;
  bench.step();  // handed over; then Idle, and the read is taken: they take turns
  CHECK(!bench.registers.bus().bvalid);
  std::vector<bool> reads;
  for (unsigned i = 0; i < 42; ++i) {
    bench.step();
    CHECK(!(bench.registers.bus().arready && bench.registers.bus().awready));
    if (bench.registers.bus().arready || bench.registers.bus().awready) reads.push_back(bench.registers.bus().arready);
  }
  CHECK(reads == std::vector<bool>{true, false, true, false, true, false});
}

TEST_CASE("A read returns what holds in N+3") {  // H4, H5
  const unsigned change = GENERATE(2U, 3U, 4U);
  BusBench bench;
  bench.bus.arvalid = true;
  bench.bus.araddr = address::event_dropped;
  for (unsigned after = 0; after < 8; ++after) {
    INFO(after);
    CHECK(bench.registers.bus().arready == (after == 1));
    CHECK(bench.registers.bus().rvalid == (after >= 6));
    CHECK(bench.registers.bus().rdata == (after >= 6 && change <= 3 ? 9 : 0));
    if (after == change) bench.sources.event_dropped = 9;
    if (after == 2) bench.bus.arvalid = false;
    bench.step();
  }
}

TEST_CASE("Refused and unusual accesses") {
  BusBench bench;
  const auto response_of_read = [&bench](std::uint16_t address) {
    bench.bus.arvalid = true;
    bench.bus.rready = false;
    bench.bus.araddr = address;
    for (unsigned i = 0; i < 6; ++i) {
      bench.step();
      if (i == 1) bench.bus.arvalid = false;
    }
    CHECK(bench.registers.bus().rvalid);
    const unsigned response = bench.registers.bus().rresp;
    bench.bus.rready = true;
    bench.step();
    return response;
  };
  for (const unsigned hole :
       {0x030U, 0x03CU, 0x078U, 0x09CU, 0x0B4U, 0x0D8U, 0x108U, 0x128U, 0x17CU, 0x1A0U, 0x1FCU, 0x400U, 0xFFCU}) {
    INFO(hole);
    CHECK(response_of_read(static_cast<std::uint16_t>(hole)) == 2);
  }
  for (const unsigned good :
       {0x000U, 0x01CU, 0x06CU, 0x074U, 0x080U, 0x0B0U, 0x0F4U, 0x104U, 0x124U, 0x19CU, 0x2FCU, 0x300U, 0x3FCU}) {
    INFO(good);
    CHECK(response_of_read(static_cast<std::uint16_t>(good)) == 0);
  }
  CHECK(bench.read(address::id) == 0x52455645);
  CHECK(bench.read(address::version) == 0x00000200);
  constexpr unsigned sizes = std::countr_zero(config::kSessions) | std::countr_zero(config::kFrameBufferBeats) << 8 |
                             std::countr_zero(config::kEventRecords) << 16;
  CHECK(bench.read(address::parameters) ==
        (sizes | config::kIpv4Addresses << 20 | config::kIpv6Addresses << 24 | config::kInBandHeader << 28));
  bench.write(address::command_nonce, 5);
  CHECK(bench.read(address::command_nonce) == 0);
  bench.write(address::event_mask, 0xFFFFFFFF);
  CHECK(bench.read(address::event_mask) == 0x1FFFE);
  bench.bus.wstrb = 7;
  bench.write(address::event_mask, 0);
  CHECK(bench.read(address::event_mask) == 0x1FFFE);
}

TEST_CASE("A command is pending from N+3 through the cycle of its done") {  // H6, H7, H8
  BusBench bench;
  const std::uint64_t n = bench.cycle;
  bench.bus.awvalid = bench.bus.wvalid = bench.bus.bready = true;
  bench.bus.awaddr = address::command;
  bench.bus.wdata = 7;
  for (; bench.cycle < n + 10;) {
    CHECK((bench.registers.command() != nullptr) == (bench.cycle >= n + 3));
    if (bench.cycle == n + 2) bench.bus.awvalid = bench.bus.wvalid = false;
    bench.step();
  }
  bench.write(address::command_nonce, 5);  // busy: ignored
  CHECK(bench.registers.command()->nonce == 0);

  // A write with N = d-2 is written in c = d+1: ignored. The next one, N = d-1, counts.
  const unsigned after_done = GENERATE(0U, 1U);
  bench.bus.awaddr = address::command_nonce;
  bench.bus.wdata = 6;
  bench.bus.awvalid = bench.bus.wvalid = after_done == 0;
  bench.step();  // d-2
  bench.bus.awvalid = bench.bus.wvalid = true;
  bench.step();  // d-1
  bench.in.command_done = true;
  bench.step();  // d
  bench.in.command_done = false;
  CHECK(bench.registers.command() == nullptr);
  bench.step();
  bench.bus.awvalid = bench.bus.wvalid = false;
  for (unsigned i = 0; i < 6; ++i) bench.step();
  bench.write(address::command, 1);
  CHECK(bench.registers.command()->nonce == (after_done == 0 ? 0 : 6));
}

TEST_CASE("The interrupt follows status and enable a cycle later") {  // H8, H9
  BusBench bench;
  bench.write(address::irq_enable, 2);
  bench.in.command_done = true;
  bench.step();  // d
  bench.in.command_done = false;
  CHECK(!bench.registers.irq());
  bench.step();  // d+1: IRQ_STATUS is 1
  CHECK(bench.registers.irq());
  // Cleared by a 1 written in c = N+3, unless that is d+1.
  bench.write(address::irq_status, 5);
  CHECK(bench.read(address::irq_status) == 2);
  const bool with_done = GENERATE(false, true);
  bench.bus.awvalid = bench.bus.wvalid = true;
  bench.bus.awaddr = address::irq_status;
  bench.bus.wdata = 2;
  bench.step();  // N
  bench.step();  // N+1
  bench.bus.awvalid = bench.bus.wvalid = false;
  bench.in.command_done = with_done;
  bench.step();  // N+2
  bench.in.command_done = false;
  CHECK(bench.registers.irq());
  bench.step();  // N+3
  CHECK(bench.registers.irq() == with_done);
  for (unsigned i = 0; i < 2; ++i) bench.step();
}

TEST_CASE("A failure of the generator shows, counts, and interrupts") {  // H20, H21
  const unsigned kind = GENERATE(0U, 1U, 2U);
  BusBench bench;
  bool& failed = kind == 0 ? bench.in.rct_failed : kind == 1 ? bench.in.apt_failed : bench.in.silent;
  bench.write(address::irq_enable, 4);
  failed = true;
  bench.step();  // a+1
  CHECK(!bench.registers.irq());
  bench.step();  // a+2: IRQ_STATUS is 1
  CHECK(bench.registers.irq());
  CHECK(bench.read(address::irq_status) == 4);
  CHECK(bench.read(address::generator_failures) == 1U << 8 * kind);
  bench.write(address::irq_status, 4);  // it failed only once
  CHECK(bench.read(address::irq_status) == 0);
  for (unsigned i = 0; i < 300; ++i) {
    failed = false;
    bench.step();
    failed = true;
    bench.step();
  }
  CHECK(bench.read(address::generator_failures) == 255U << 8 * kind);

  // Cleared by a restart written in c = N+3, unless it counts in c: then a+1 = c-1 = N+2.
  const bool counts = GENERATE(false, true);
  bench.registers.reset();
  failed = false;
  for (const bool again : {true, false}) {
    if (again) failed = true;
    bench.step();
    failed = false;
  }
  bench.bus.awvalid = bench.bus.wvalid = true;
  bench.bus.awaddr = address::control;
  bench.bus.wdata = 1;
  bench.step();
  bench.step();
  bench.bus.awvalid = bench.bus.wvalid = false;
  failed = counts;
  bench.step();  // N+2
  CHECK(bench.registers.generator_restart());
  for (unsigned i = 0; i < 5; ++i) bench.step();
  CHECK(bench.read(address::generator_failures) == (counts ? 2U : 0U) << 8 * kind);
}

TEST_CASE("A new command takes back the last one's done, and RESULT says busy") {  // H6
  BusBench bench;
  bench.in.command_done = true;
  bench.step();
  bench.in.command_done = false;
  CHECK(bench.read(address::irq_status) == 2);
  CommandResult result;
  result.code = ResultCode::live;
  result.location = 5;
  bench.sources.result = &result;
  CHECK(bench.read(address::result) == (2 | 5 << 16));
  bench.write(address::command, 1);
  CHECK(bench.read(address::irq_status) == 0);
  CHECK(bench.read(address::result) == (7 | 5 << 16));
  bench.in.command_done = true;
  bench.step();
  bench.in.command_done = false;
  CHECK(bench.read(address::result) == (2 | 5 << 16));
  CHECK(bench.read(address::irq_status) == 2);
}

TEST_CASE("What belongs together is locked while it is enabled") {
  BusBench bench;
  const auto write_refused = [&bench](unsigned at, std::uint32_t value) {
    bench.bus.awvalid = bench.bus.wvalid = true;
    bench.bus.bready = false;
    bench.bus.awaddr = static_cast<std::uint16_t>(at);
    bench.bus.wdata = value;
    for (unsigned i = 0; i < 6; ++i) {
      bench.step();
      if (i == 1) bench.bus.awvalid = bench.bus.wvalid = false;
    }
    const bool refused = bench.registers.bus().bresp == 2;
    bench.bus.bready = true;
    bench.step();
    return refused;
  };
  bench.write(address::server_enable, 0x02'01);
  CHECK(write_refused(address::server_ipv4, 1));
  CHECK(!write_refused(address::server_ipv4 + 4, 2));
  for (unsigned word = 0; word < 4; ++word) {
    CHECK(!write_refused(address::server_ipv6 + 4 * word, 3));
    CHECK(write_refused(address::server_ipv6 + 16 + 4 * word, 3));
  }
  CHECK(bench.read(address::server_ipv4) == 0);
  CHECK(bench.read(address::server_ipv4 + 4) == 2);
  CHECK(bench.read(address::server_ipv6 + 12) == 3);
  CHECK(bench.registers.configuration().ipv4.enabled == 1);
  CHECK(bench.registers.configuration().ipv6.enabled == 2);
  bench.write(address::server_enable, 0xFC'FC);  // bits without a register
  CHECK(bench.read(address::server_enable) == 0xFC'FC);
  CHECK(!bench.registers.configuration().ipv4.any());
  CHECK(!bench.registers.configuration().ipv6.any());
  for (const std::uint32_t mode : {0U, 1U, 2U, 3U}) {
    bench.write(address::client_initiated, mode);
    for (const unsigned at : {address::interval, address::tolerance_low, address::tolerance_high})
      CHECK(write_refused(at, mode) == (mode == 1));
  }
}

TEST_CASE("Locked nonces read 0 until reset") {  // H22
  BusBench bench;
  CommandResult result;
  result.entry.nonce = 5;
  result.entry.aux = 0x0000'0007'0000'0009;
  result.entry.deadline = 11;
  bench.sources.result = &result;
  bench.sources.event_word = 13;
  bench.sources.event_word_is_nonce = true;
  for (const bool locked : {false, true}) {
    CHECK(bench.read(address::lock) == (locked ? 1 : 0));
    CHECK(bench.read(address::result_nonce) == (locked ? 0 : 5));
    CHECK(bench.read(address::result_aux) == (locked ? 0 : 7));
    CHECK(bench.read(address::result_aux + 4) == (locked ? 0 : 9));
    CHECK(bench.read(address::event_data) == (locked ? 0 : 13));
    CHECK(bench.read(address::result_deadline_low) == 11);
    bench.write(address::lock, 0);
    CHECK(bench.read(address::lock) == (locked ? 1 : 0));
    bench.write(address::lock, 1);
  }
  bench.sources.event_word_is_nonce = false;
  CHECK(bench.read(address::event_data) == 13);
  bench.registers.reset();
  CHECK(bench.read(address::result_nonce) == 5);
}

TEST_CASE("TIME_LOW is time_i of the cycle before, and keeps the high word") {  // H23
  BusBench bench;
  CHECK(bench.read(address::time_high) == 0);
  bench.bus.arvalid = bench.bus.rready = true;
  bench.bus.araddr = address::time_low;
  for (unsigned after = 0; after < 7; ++after) {
    bench.in.time = 0x000A'BCDE'0000'0000 + 100 + after;
    if (after == 2) bench.bus.arvalid = false;
    if (after == 6) CHECK(bench.registers.bus().rdata == 102);  // N+2
    bench.step();
  }
  bench.in.time = 0;
  CHECK(bench.read(address::time_high) == 0xABCDE);
  CHECK(bench.read(address::time_low) == 0);
  CHECK(bench.read(address::time_high) == 0);
}

TEST_CASE("CONTROL's bits are pulses, and GENERATOR holds the limit beside the count") {
  BusBench bench;
  CHECK(bench.read(address::control) == 0);
  CHECK(bench.read(address::framing) == 0);  // write only
  bench.bus.awvalid = bench.bus.wvalid = bench.bus.bready = true;
  bench.bus.awaddr = address::control;
  bench.bus.wdata = 7;
  for (unsigned after = 0; after < 8; ++after) {
    INFO(after);
    CHECK(bench.registers.generator_restart() == (after == 3));
    CHECK(bench.registers.framing_commit() == (after == 3));
    CHECK(bench.registers.event_realign() == (after == 3));
    if (after == 2) bench.bus.awvalid = bench.bus.wvalid = false;
    bench.step();
  }
  bench.sources.restarts = 9;
  CHECK(bench.read(address::generator) == 0x903);
  bench.write(address::generator, 0xFFFF);
  CHECK(bench.read(address::generator) == 0x90F);
  CHECK(bench.registers.configuration().restart_limit == 15);
}

TEST_CASE("Small counts show two cycles after what they count") {  // H10
  const unsigned before = GENERATE(1U, 2U);                        // N+3 of the read, less w
  BusBench bench;
  bench.bus.araddr = address::wakeups_sent;
  const bool errors = GENERATE(false, true);
  if (errors) bench.bus.araddr = address::message_errors;
  bench.bus.arvalid = true;
  for (unsigned after = 0; after < 6; ++after) {
    (errors ? bench.in.message_error : bench.in.wakeup_taken) = after + before == 3;
    if (after == 2) bench.bus.arvalid = false;
    bench.step();
  }
  CHECK(bench.registers.bus().rdata == (before == 2 ? 1 : 0));
}

TEST_CASE("A counter's high word is the one of the last low word read") {  // H13
  BusBench bench;
  bench.sources.counter = 0x0000'1234'5678'9ABC;
  CHECK(bench.read(address::counters + 8 * 3 + 4) == 0);
  CHECK(bench.read(address::counters + 8 * 3) == 0x56789ABC);
  bench.sources.counter = 0;
  CHECK(bench.read(address::counters + 8 * 4 + 4) == 0x1234);
  CHECK(bench.read(address::counters + 8 * 4) == 0);
  CHECK(bench.read(address::counters + 8 * 3 + 4) == 0);
}

}  // namespace
}  // namespace reveille::core::test
