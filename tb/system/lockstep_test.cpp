// SPDX-License-Identifier: Apache-2.0
// The Verilated core and its model, every output of every cycle, under traffic made to reach all verdicts and all
// commands.
#include "engine/lockstep.hpp"

#include <cstdlib>
#include <iostream>
#include <random>

#include "catch.hpp"
#include "engine/verilated_core.hpp"
#include "system/random_run.hpp"

namespace reveille::sim::test {
namespace {

/// REVEILLE_SEED moves all runs to another place; REVEILLE_STEPS makes them longer.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

TEST_CASE("RTL and model agree in every cycle of random runs") {
  const std::uint64_t seed = from_environment("REVEILLE_SEED", 1);
  const auto steps = static_cast<unsigned>(from_environment("REVEILLE_STEPS", 1500));
  std::array<std::uint64_t, RandomRun::kCounters> counted{};
  std::array<std::uint64_t, 5> events{};
  std::array<std::uint64_t, 8> results{};
  std::uint64_t cycles = 0;
  for (std::uint64_t run = seed; run < seed + 4; ++run) {
    const auto rtl = make_verilated_core(static_cast<int>(run));
    core::Core model;
    Lockstep lockstep(*rtl, model, run);
    RandomRun random_run(lockstep, run);
    try {
      random_run.play(steps);
      lockstep.finish();
    } catch (const LockstepError& error) {
      std::cerr << error.what() << "\n";
      for (const RecentFrame& frame : lockstep.recent_frames()) {
        std::cerr << (frame.port == RecentFrame::Port::net ? "net " : "host ") << frame.first_cycle << ".."
                  << frame.last_cycle << (frame.complete ? " " : " (under way) ");
        for (std::size_t i = 0; i < frame.octets.size() && i < 160; ++i) std::fprintf(stderr, "%02x", frame.octets[i]);
        std::cerr << " (" << frame.octets.size() << ")\n";
      }
      FAIL(error.what());
    }
    for (std::size_t i = 0; i < counted.size(); ++i) counted[i] += random_run.counted()[i];
    for (std::size_t i = 0; i < results.size(); ++i) results[i] += random_run.results()[i];
    for (std::size_t i = 0; i < events.size(); ++i) events[i] += random_run.events()[i];
    cycles += lockstep.cycles_compared();
  }
  std::cout << cycles << " cycles compared\n";
  for (std::size_t i = 0; i < counted.size(); ++i) {
    INFO("counter " << i);
    CHECK(counted[i] > 0);  // every verdict, overruns and oversize
  }
  for (std::size_t i = 1; i < events.size(); ++i) {
    INFO("event " << i);
    CHECK(events[i] > 0);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    INFO("result " << i);
    if (i != 1 && i != 7) CHECK(results[i] > 0);  // full has a test of its own
  }
}

TEST_CASE("RTL and model agree on senseless inputs") {
  const std::uint64_t seed = from_environment("REVEILLE_SEED", 1);
  const auto rtl = make_verilated_core(static_cast<int>(seed));
  core::Core model;
  Lockstep lockstep(*rtl, model, seed);
  Bench(lockstep).driver.load_framing({}, "x");  // the one memory that reset does not clear
  std::mt19937_64 random(seed);
  const auto chance = [&random](unsigned percent) { return random() % 100 < percent; };
  Inputs& in = lockstep.inputs;
  unsigned last_percent = 10;
  bool host_free = true;
  bool address_free = true;
  bool data_free = true;
  bool read_free = true;
  // Five short runs that end in a reset, then one in which the core gets ready.
  for (unsigned cycle = 0; cycle < 1300000; ++cycle) {
    const unsigned since_reset = cycle < 300000 ? cycle % 60000 : cycle - 300000;

    if (cycle % 1000 == 0) last_percent = static_cast<unsigned>(1 + random() % 90);
    in.rst_n = since_reset > 2;
    in.net_rx = {chance(80), random(), 0xFF, chance(last_percent), 0};
    if (in.net_rx.last) in.net_rx.keep = static_cast<std::uint8_t>(0xFF >> random() % 8);
    // What a source offers stays until it is taken.
    if (host_free) {
      in.host_tx = {chance(50), random(), 0xFF, chance(last_percent), static_cast<std::uint8_t>(random() & 1)};
      if (in.host_tx.last) in.host_tx.keep = static_cast<std::uint8_t>(0xFF >> random() % 8);
    }
    in.net_tx_ready = chance(60);
    in.host_rx_ready = chance(70);
    in.entropy_valid = chance(50);
    in.entropy_data = static_cast<std::uint8_t>(random());
    in.time_us += random() % 10;
    if (address_free) {
      in.awvalid = chance(30);
      in.awaddr = static_cast<std::uint16_t>(random() & 0xFFF);
    }
    if (data_free) {
      in.wvalid = chance(30);
      in.wdata = static_cast<std::uint32_t>(random());
      in.wdata &= static_cast<std::uint32_t>(random());
      in.wstrb = chance(90) ? 0xF : static_cast<std::uint8_t>(random() & 0xF);
    }
    if (read_free) {
      in.arvalid = chance(30);
      in.araddr = static_cast<std::uint16_t>(random() & 0xFFF);
      // Counters are not defined so early (H12).
      if (since_reset < 100 && in.araddr >= 0x200 && in.araddr < 0x300) in.arvalid = false;
    }
    // No server addresses: to change them while a message is framed has no defined result.
    if (in.awvalid && (in.awaddr & 0xFE0) == core::address::server_enable) in.wstrb &= 7;
    in.bready = chance(50);
    in.rready = chance(50);
    const auto& out = lockstep.outputs();
    host_free = !in.host_tx.valid || out.host_tx_ready;
    address_free = !in.awvalid || out.awready;
    data_free = !in.wvalid || out.wready;
    read_free = !in.arvalid || out.arready;
    try {
      lockstep.clock();
    } catch (const LockstepError& error) {
      FAIL(error.what());
    }
  }
  lockstep.finish();
  CHECK(lockstep.cycles_compared() > 1300000);
}

}  // namespace
}  // namespace reveille::sim::test
