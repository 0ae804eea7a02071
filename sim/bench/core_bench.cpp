// SPDX-License-Identifier: Apache-2.0
#include "bench/core_bench.hpp"

#include "bench/measurement.hpp"
#include "engine/core_engine.hpp"
#include "engine/server_setup.hpp"
#include "interrupt.hpp"
#include "reveille/core/driver.hpp"
#include "reveille/net/frame.hpp"
#include "story/stream.hpp"

namespace reveille::sim::bench {

void measure_line_rate(Results& results, EngineKind kind, std::uint64_t line_frames) {
  Measurement measurement("minimum frames back to back");
  CoreSet cores(kind, 1);
  core::CoreInterface& core = cores.core();
  core::Driver driver(core, [&core] {
    end_if_interrupted();
    core.clock();
  });
  core::Setup setup;
  setup.server = server_setup(server());
  setup.event_mask = 0;
  setup.noise_silence = 0;  // brought for the start alone
  driver.bring_up(setup, 1);
  core::Command restore;
  restore.code = CommandCode::restore;
  restore.client = client();
  restore.lifetime = 1'000'000'000;
  restore.nonce = 0x1BADCAFE;
  if (driver.command(restore).code != ResultCode::ok) throw Error(ErrorKind::internal, "restore was refused");

  const std::vector<Bytes> frames = minimum_frames(4'096);
  net::UdpFrame true_frame;
  true_frame.source = client();
  true_frame.destination = server().ipv4.front();
  true_frame.payload = {2, 1, 0x10, 0x6E, 0, 0x1B, 0xAD, 0xCA, 0xFE};
  Bytes true_octets = net::build(true_frame);
  true_octets.resize(60);

  FrameSender line;
  HostFrameCollector host;
  std::uint64_t sent = 0;
  std::uint64_t ready_low = 0;
  std::uint64_t verdicts = 0;
  std::uint64_t lost = 0;
  std::uint64_t accepted = 0;
  std::uint64_t idle = 0;
  while (verdicts < line_frames && idle < 4'096) {
    measurement.step(sent, line_frames);
    if (line.idle() && sent < line_frames) {
      line.start(sent == line_frames / 2 ? true_octets : frames[sent % frames.size()]);
      ++sent;
    }
    idle = line.idle() ? idle + 1 : 0;
    core.inputs.net_rx = line.beat();
    const core::Outputs& outputs = core.outputs();
    if (core.inputs.net_rx.valid) {
      if (outputs.net_rx_ready) {
        line.advance();
      } else {
        ++ready_low;
      }
    }
    verdicts += outputs.verdict_valid ? 1 : 0;
    lost += outputs.verdict_lost ? 1 : 0;
    if (outputs.host_rx.valid && host.take(outputs.host_rx) && host.frame() == true_octets) ++accepted;
    core.clock();
  }
  results.table(
      "line_rate",
      "Minimum frames back to back, 8 cycles each: 19.5 M/s at 156.25 MHz, where 10 Gbit/s Ethernet brings 14.9 M/s");
  results.add("judged", "frames judged", {{static_cast<double>(verdicts), "frames"}});
  results.add("ready_low", "cycles with s_axis_net_tready = 0", {{static_cast<double>(ready_low), "cycles"}});
  results.add("lost", "frames lost", {{static_cast<double>(lost), "frames"}});
  results.add("accepted", "true AP Request at the host", {{static_cast<double>(accepted), "of 1"}});
}

void measure_wake_ups(Results& results, EngineKind kind, std::uint64_t sessions) {
  constexpr std::uint32_t interval_us = 10'000'000;
  Measurement measurement("Wake Ups of " + std::to_string(sessions) + " sessions");
  CoreSet cores(kind, 1);
  core::CoreInterface& core = cores.core();
  std::uint64_t sent = 0;
  std::uint64_t cycles = 0;
  std::size_t octets = 0;
  FrameCollector network;
  core::Driver driver(core, [&] {
    end_if_interrupted();
    core.inputs.net_tx_ready = true;
    if (core.outputs().net_tx.valid && network.take(core.outputs().net_tx)) {
      ++sent;
      octets = network.frame().size();
    }
    core.clock();
    ++cycles;
  });
  core::Setup setup;
  setup.server = server_setup(server());
  setup.event_mask = 0;
  setup.noise_silence = 0;  // brought for the start alone
  setup.wake_tries = 2;
  setup.wake_interval_us = interval_us;
  setup.hops = {{{0x02, 0, 0, 0, 0, 0xFE}, {0x02, 0, 0, 0, 0, 0x01}, 0, 0}};
  setup.principal = std::string(50, 'p');  // a frame of 100 octets
  driver.bring_up(setup, 1);
  core::Command restore;
  restore.code = CommandCode::restore;
  restore.lifetime = 1'000'000'000;
  restore.armed = true;
  for (std::uint64_t i = 1; i <= sessions; ++i) {
    measurement.step(i, 2 * sessions);
    restore.client = net::Address::parse("198.18." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250));
    restore.nonce = static_cast<std::uint32_t>(i);
    if (driver.command(restore).code != ResultCode::ok) throw Error(ErrorKind::internal, "restore was refused");
  }
  while (sent < sessions) driver.run(1);
  core.inputs.time_us += interval_us;  // the second Wake Up of all of them is due
  while (sent < sessions + 1) driver.run(1);
  const std::uint64_t first = cycles;
  while (sent < 2 * sessions) {
    measurement.step(sent, 2 * sessions);
    driver.run(1);
  }
  const double each = static_cast<double>(cycles - first) / static_cast<double>(sessions - 1);
  results.add("sessions_" + std::to_string(sessions),
              std::to_string(sessions) + " sessions due, frames of " + std::to_string(octets) + " octets",
              {{each, "cycles each"}, {156.25e6 / each, "a second at 156.25 MHz"}});
}

}  // namespace reveille::sim::bench
