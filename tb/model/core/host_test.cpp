// SPDX-License-Identifier: Apache-2.0
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
  /// Starts in this cycle, N; ends in N+5, its response handed over in N+4.
  void write(std::uint16_t address, std::uint32_t value) {
    bus.awvalid = bus.wvalid = bus.bready = true;
    bus.awaddr = address;
    bus.wdata = value;
    for (unsigned i = 0; i < 2; ++i) step();
    bus.awvalid = bus.wvalid = false;
    for (unsigned i = 0; i < 3; ++i) step();
  }
  std::uint32_t read(std::uint16_t address) {
    bus.arvalid = bus.rready = true;
    bus.araddr = address;
    for (unsigned i = 0; i < 2; ++i) step();
    bus.arvalid = false;
    for (unsigned i = 0; i < 2; ++i) step();
    const std::uint32_t data = registers.bus().rdata;
    step();
    return data;
  }
};

TEST_CASE("A write takes four cycles to its response and acts after three") {  // H1, H2, H3, H5
  BusBench bench;
  bench.bus.awvalid = true;
  bench.bus.awaddr = address::server_port + 3;  // bits 1:0 are ignored
  bench.bus.wdata = 4000;
  for (unsigned i = 0; i < 3; ++i) bench.step();
  CHECK(!bench.registers.bus().awready);  // no data yet
  bench.bus.wvalid = true;
  bench.bus.arvalid = true;  // writes come first
  const std::uint64_t n = bench.cycle;
  for (; bench.cycle < n + 8;) {
    const std::uint64_t after = bench.cycle - n;
    INFO(after);
    const Registers::Bus& out = bench.registers.bus();
    CHECK(out.awready == (after == 1));
    CHECK(out.wready == (after == 1));
    CHECK(!out.arready);
    CHECK((bench.registers.configuration().server.port == 4000) == (after >= 3));
    CHECK(out.bvalid == (after >= 4));
    CHECK(out.bresp == 0);
    if (after == 2) bench.bus.awvalid = bench.bus.wvalid = false;
    bench.step();
  }
  bench.bus.bready = true;
  bench.step();  // handed over; then Idle, and the read is taken
  CHECK(!bench.registers.bus().bvalid);
  bench.step();
  CHECK(bench.registers.bus().arready);
}

TEST_CASE("A read returns what holds in N+2") {  // H4, H5
  const unsigned change = GENERATE(1U, 2U, 3U);
  BusBench bench;
  bench.bus.arvalid = true;
  bench.bus.araddr = address::event_dropped;
  for (unsigned after = 0; after < 8; ++after) {
    INFO(after);
    CHECK(bench.registers.bus().arready == (after == 1));
    CHECK(bench.registers.bus().rvalid == (after >= 4));
    CHECK(bench.registers.bus().rdata == (after >= 4 && change <= 2 ? 9 : 0));
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
    for (unsigned i = 0; i < 4; ++i) {
      bench.step();
      if (i == 1) bench.bus.arvalid = false;
    }
    CHECK(bench.registers.bus().rvalid);
    const unsigned response = bench.registers.bus().rresp;
    bench.bus.rready = true;
    bench.step();
    return response;
  };
  for (const unsigned hole : {0x01CU, 0x060U, 0x09CU, 0x0B4U, 0x0D8U, 0x104U, 0x1FCU, 0x400U, 0xFFCU}) {
    INFO(hole);
    CHECK(response_of_read(static_cast<std::uint16_t>(hole)) == 2);
  }
  for (const unsigned good : {0x000U, 0x080U, 0x0B0U, 0x0F4U, 0x2FCU, 0x300U, 0x3FCU}) {
    INFO(good);
    CHECK(response_of_read(static_cast<std::uint16_t>(good)) == 0);
  }
  CHECK(bench.read(address::id) == 0x52455645);
  CHECK(bench.read(address::version) == 0x00000100);
  CHECK(bench.read(address::parameters) == 0x00070B0C);
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
  for (; bench.cycle < n + 9;) {
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
  for (unsigned i = 0; i < 5; ++i) bench.step();
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
  bench.step();
  bench.write(address::irq_enable, 4);
  bench.in.generator_failed = true;
  CHECK(!bench.registers.irq());
  bench.step();
  CHECK(bench.registers.irq());
}

TEST_CASE("Small counts show two cycles after what they count") {  // H10
  const unsigned before = GENERATE(1U, 2U);                        // N+2 of the read, less w
  BusBench bench;
  bench.bus.araddr = address::wakeups_sent;
  const bool errors = GENERATE(false, true);
  if (errors) bench.bus.araddr = address::host_message_errors;
  bench.bus.arvalid = true;
  for (unsigned after = 0; after < 4; ++after) {
    bench.in.wakeup_taken = after + before == 2;
    bench.in.host_message_errors = after + before > 2 ? 1 : 0;  // the framer's own count
    if (after == 2) bench.bus.arvalid = false;
    bench.step();
  }
  CHECK(bench.registers.bus().rdata == (before == 2 ? 1 : 0));
}

TEST_CASE("Counters show a verdict two cycles later, lost ones apart") {  // H11, H12
  Counters counters;
  counters.reset();
  for (unsigned i = 0; i < 32; ++i) counters.clock(true, Verdict::repeat, false, false);
  counters.clock(true, Verdict::repeat, false, false);
  CHECK(counters.value(12) == 0);
  counters.clock(true, Verdict::bypass, true, false);
  CHECK(counters.value(12) == 1);
  counters.clock(true, Verdict::bypass, true, true);
  CHECK(counters.value(17) == 1);
  counters.clock(false, Verdict::bypass, false, false);
  CHECK(counters.value(18) == 1);
  counters.clock(false, Verdict::bypass, false, false);
  CHECK(counters.value(0) == 0);
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

const VerdictOutput some_verdict{{true, false, false, Verdict::false_nonce}, client4, 0x1234, 0x1'0000'0002};
constexpr std::uint32_t logs_all = 0x1FFFE;
const Event some_event{EventKind::expired, Verdict::bypass, 77, 88, client6};

TEST_CASE("A verdict event is a record seven cycles later") {  // H14, H15, H17
  EventLog log;
  log.clock(&some_verdict, false, logs_all, nullptr, false);  // c
  for (unsigned after = 1; after < 10; ++after) {
    INFO(after);
    CHECK(log.count() == (after >= 7 ? 1 : 0));
    CHECK(log.ready() == (after >= 7));
    log.clock(nullptr, false, logs_all, nullptr, false);
  }
  const std::array<std::uint32_t, 8> expected{1 | 11 << 8, 2, 1, 0x1234, 0, 0, 0xFFFF, 0xC6336407};
  for (const std::uint32_t word : expected) {  // H19
    CHECK(log.count() == 1);
    CHECK(log.word() == word);
    log.clock(nullptr, false, logs_all, nullptr, true);
  }
  CHECK(log.count() == 0);
  CHECK(log.word() == 0);
}

TEST_CASE("A verdict that is lost, or whose bit is 0 in the cycle after, only fills the slot") {  // H14, H15
  const bool lost = GENERATE(false, true);
  EventLog log;
  log.clock(&some_verdict, lost, logs_all, nullptr, false);
  CHECK(!log.ready());
  log.clock(nullptr, false, lost ? logs_all : logs_all & ~(1U << 11), nullptr, false);
  CHECK(!log.ready());
  for (unsigned i = 0; i < 10; ++i) {
    log.clock(nullptr, false, logs_all, nullptr, false);
    CHECK(log.ready());
    CHECK(log.count() == 0);
  }
  CHECK(log.dropped() == 0);
}

TEST_CASE("A session event is a record five cycles later") {  // H16
  EventLog log;
  REQUIRE(log.ready());
  log.clock(nullptr, false, logs_all, &some_event, false);  // i
  for (unsigned after = 1; after < 5; ++after) {
    CHECK(!log.ready());
    CHECK(log.count() == 0);
    log.clock(nullptr, false, logs_all, nullptr, false);
  }
  CHECK(log.ready());
  CHECK(log.count() == 1);
  CHECK(log.word() == 2);
}

TEST_CASE("Verdicts may fill 96 records, session events all 128") {  // H17, H18
  EventLog log;
  for (unsigned i = 0; i < 100; ++i) {
    log.clock(&some_verdict, false, logs_all, nullptr, false);
    for (unsigned j = 0; j < 6; ++j) log.clock(nullptr, false, logs_all, nullptr, false);
  }
  CHECK(log.count() == 96);
  CHECK(log.dropped() == 4);
  CHECK(log.ready());
  for (unsigned i = 0; i < 40; ++i) {
    log.clock(nullptr, false, logs_all, &some_event, false);
    for (unsigned j = 0; j < 6; ++j) log.clock(nullptr, false, logs_all, nullptr, false);
  }
  CHECK(log.count() == 128);
  CHECK(log.dropped() == 12);
  log.clock(nullptr, false, logs_all, &some_event, false);
  CHECK(log.dropped() == 12);  // i+1, still idle
  CHECK(log.ready());
  log.clock(nullptr, false, logs_all, nullptr, false);
  CHECK(log.dropped() == 13);
  for (unsigned i = 0; i < 128 * 8; ++i) {
    if (log.word() == 0 && i % 8 == 0) FAIL(i);
    log.clock(nullptr, false, logs_all, nullptr, true);
  }
  CHECK(log.count() == 0);
}

}  // namespace
}  // namespace reveille::core::test
