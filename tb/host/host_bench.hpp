// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "Vreveille_host.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/packed.hpp"
#include "host/axil_driver.hpp"
#include "reveille.h"

// Addresses of registers.
#define AT(reg) static_cast<std::uint16_t>(REVEILLE_##reg##_OFFSET)
#define AT_WORD(reg, i) static_cast<std::uint16_t>(REVEILLE_##reg##_OFFSET + REVEILLE_##reg##_STRIDE * (i))
#define IPV6(k, i) static_cast<std::uint16_t>(AT_WORD(SERVER_IPV6_WORD, i) + REVEILLE_SERVER_IPV6_STRIDE * (k))

namespace reveille::tb {

/// reveille_host with all its inputs quiet, its bus, and its packed outputs by name.
class HostBench : public Bench<Vreveille_host> {
 public:
  explicit HostBench(int seed) : Bench(seed) {
    auto& d = *dut;
    d.awvalid_i = d.wvalid_i = d.arvalid_i = d.bready_i = d.rready_i = 0;
    d.command_done_i = d.ready_i = d.seeded_i = d.rct_failed_i = d.apt_failed_i = d.silent_i = 0;
    d.restarts_i = d.framing_busy_i = 0;
    d.time_i = 0;
    d.event_valid_i = d.wakeup_sent_i = d.message_error_i = d.lost_i = 0;
    drive(d.verdict_i, {{0, 128}, {0, 93}});
    drive(d.result_i, {{0, 128}, {0, 128}, {0, 51}});
    reset();
  }

  auto& awaddr() { return dut->awaddr_i; }
  auto& awvalid() { return dut->awvalid_i; }
  auto& wdata() { return dut->wdata_i; }
  auto& wstrb() { return dut->wstrb_i; }
  auto& wvalid() { return dut->wvalid_i; }
  auto& bready() { return dut->bready_i; }
  auto& araddr() { return dut->araddr_i; }
  auto& arvalid() { return dut->arvalid_i; }
  auto& rready() { return dut->rready_i; }
  [[nodiscard]] bool awready() const { return dut->awready_o; }
  [[nodiscard]] bool bvalid() const { return dut->bvalid_o; }
  [[nodiscard]] unsigned bresp() const { return dut->bresp_o; }
  [[nodiscard]] bool arready() const { return dut->arready_o; }
  [[nodiscard]] bool rvalid() const { return dut->rvalid_o; }
  [[nodiscard]] unsigned rresp() const { return dut->rresp_o; }
  [[nodiscard]] std::uint32_t rdata() const { return dut->rdata_o; }

  AxilDriver<HostBench> bus{*this};

  std::uint32_t read(std::uint16_t address) {
    const auto answer = bus.read(address);
    REQUIRE(answer.resp == 0);
    REQUIRE(answer.cycles == 6);
    return answer.data;
  }
  void write(std::uint16_t address, std::uint32_t data) {
    const auto answer = bus.write(address, data);
    REQUIRE(answer.resp == 0);
    REQUIRE(answer.cycles == 6);
  }

  /// Offers a write in this cycle, N, and goes to N+2; what the bus does from there on is left to the caller.
  void begin_write(std::uint16_t address, std::uint32_t data) {
    awaddr() = address;
    wdata() = data;
    wstrb() = 0xF;
    bready() = 1;
    awvalid() = wvalid() = 1;
    tick();
    tick();
    awvalid() = wvalid() = 0;
    settle();
  }

  struct Server {
    unsigned ipv4_enable, ipv6_enable, listed, drop_later, port, doi_ipsec, doi_snmp, version_enable;
    std::array<std::uint32_t, 2> ipv4;
    std::array<u128, 2> ipv6;
    std::uint32_t version;
  };
  Server server() {
    settle();
    Server out{};
    Fields(dut->server_o, 2 + 64 + 2 + 256 + 1 + 1 + 16 + 1 + 1 + 4 + 32)
        .take(out.ipv4_enable, 2)
        .take(out.ipv4[1], 32)
        .take(out.ipv4[0], 32)
        .take(out.ipv6_enable, 2)
        .take(out.ipv6[1], 128)
        .take(out.ipv6[0], 128)
        .take(out.listed, 1)
        .take(out.drop_later, 1)
        .take(out.port, 16)
        .take(out.doi_ipsec, 1)
        .take(out.doi_snmp, 1)
        .take(out.version_enable, 4)
        .take(out.version, 32);
    return out;
  }
  struct Command {
    unsigned opcode, phase, hop, doi, armed, source, location;
    u128 client;
    std::uint64_t lifetime, tag;
    std::uint32_t nonce;
  };
  Command command() {
    settle();
    Command out{};
    Fields(dut->command_o, 3 + 128 + 52 + 32 + 2 + 64 + 3 + 1 + 1 + 3 + 12)
        .take(out.opcode, 3)
        .take(out.client, 128)
        .take(out.lifetime, 52)
        .take(out.nonce, 32)
        .take(out.phase, 2)
        .take(out.tag, 64)
        .take(out.hop, 3)
        .take(out.doi, 1)
        .take(out.armed, 1)
        .take(out.source, 3)
        .take(out.location, 12);
    return out;
  }
};

inline u128 words(std::array<std::uint32_t, 4> words) {
  u128 value = 0;
  for (const std::uint32_t word : words) value = value << 32 | word;
  return value;
}

}  // namespace reveille::tb
