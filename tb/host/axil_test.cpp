// SPDX-License-Identifier: Apache-2.0
// reveille_axil against docs/timing/host.md H1, H2 and H5, with masters that wait where AXI4-Lite lets them.
#include <cstdint>
#include <random>

#include "Vreveille_axil.h"
#include "bench.hpp"
#include "catch.hpp"

namespace {

/// A transaction as host.md tells it, in cycles from the one in which it is taken.
struct Transaction {
  bool write = false;
  std::uint16_t address = 0;
  std::uint32_t data = 0;
  std::uint8_t strobe = 0;
  int age = -1;  // -1: Idle
  bool error = false;
  std::uint32_t answer = 0;
};

}  // namespace

TEST_CASE("H1, H2, H5: one transaction at a time, all of one length, of two kinds in turns") {
  reveille::tb::Bench<Vreveille_axil> bench(1);
  auto& dut = *bench.dut;
  std::mt19937 random(5);
  Transaction now;
  bool write_last = false;
  bool aw = false, w = false, ar = false;
  unsigned writes = 0, reads = 0, both = 0, errors = 0;
  dut.awvalid_i = dut.wvalid_i = dut.arvalid_i = 0;
  bench.reset();

  for (int cycle = 0; cycle < 200'000; ++cycle) {
    const unsigned percent = cycle / 1000 % 2 ? 90 : 10;
    // What is offered stays until it is taken; address and data of a write may come apart.
    if (!aw && random() % 100 < percent) {
      aw = true;
      dut.awaddr_i = static_cast<std::uint16_t>(random() % 4096);
    }
    if (!w && random() % 100 < percent) {
      w = true;
      dut.wdata_i = static_cast<std::uint32_t>(random());
      dut.wstrb_i = random() % 4 ? 0xF : static_cast<std::uint8_t>(random() % 16);
    }
    if (!ar && random() % 100 < percent) {
      ar = true;
      dut.araddr_i = static_cast<std::uint16_t>(random() % 4096);
    }
    dut.awvalid_i = aw;
    dut.wvalid_i = w;
    dut.arvalid_i = ar;
    dut.bready_i = random() % 100 < percent;
    dut.rready_i = random() % 100 < percent;
    const bool error = random() % 4 == 0;
    const bool answers = now.age == 5 && !now.write && !now.error;
    const auto answer = answers ? static_cast<std::uint32_t>(random()) : 0;
    dut.error_i = error;
    dut.rdata_i = answer;
    bench.settle();

    const bool accept = now.age == 1, respond = now.age >= 6;
    const bool refused = now.address >> 10 != 0 || (now.write && now.strobe != 0xF);
    REQUIRE(dut.awready_o == (accept && now.write));
    REQUIRE(dut.wready_o == (accept && now.write));
    REQUIRE(dut.arready_o == (accept && !now.write));
    REQUIRE(dut.taken_o == accept);
    REQUIRE(dut.req_o == (accept && !refused));
    if (accept) {
      REQUIRE(dut.write_o == now.write);
      REQUIRE(dut.address_o == (now.address & 0x3FC));
      if (now.write) REQUIRE(dut.wdata_o == now.data);
    }
    REQUIRE(dut.bvalid_o == (respond && now.write));
    REQUIRE(dut.rvalid_o == (respond && !now.write));
    REQUIRE(dut.bresp_o == (respond && now.write && now.error ? 2 : 0));
    REQUIRE(dut.rresp_o == (respond && !now.write && now.error ? 2 : 0));
    REQUIRE(dut.rdata_o == (respond && !now.write && !now.error ? now.answer : 0));

    if (now.age == -1) {
      both += aw && w && ar;
      if (aw && w && !(ar && write_last))
        now = {true, dut.awaddr_i, dut.wdata_i, dut.wstrb_i, 1, false, 0};
      else if (ar)
        now = {false, dut.araddr_i, 0, 0, 1, false, 0};
      if (now.age == 1) write_last = now.write;
    } else if (respond && (now.write ? dut.bready_i : dut.rready_i)) {
      (now.write ? writes : reads) += 1;
      errors += now.error;
      now.age = -1;
    } else {
      if (accept) {
        (now.write ? aw : ar) = false;
        if (now.write) w = false;
      }
      if (now.age == 3) now.error = error || refused;
      if (now.age == 5) now.answer = answer;
      if (now.age < 6) ++now.age;
    }
    bench.tick();
  }
  REQUIRE(writes > 5000);
  REQUIRE(reads > 5000);
  REQUIRE(both > 1000);
  REQUIRE(errors > 1000);
}
