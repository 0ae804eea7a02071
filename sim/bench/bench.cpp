// SPDX-License-Identifier: Apache-2.0
#include "bench/bench.hpp"

#include <iostream>
#include <memory>

#include "bench/core_bench.hpp"
#include "bench/host_bench.hpp"
#include "bench/measurement.hpp"
#include "interrupt.hpp"
#include "net/frame.hpp"
#include "version.hpp"

namespace reveille::sim {

namespace {

using namespace bench;

struct BenchOptions {
  std::optional<std::string> frames_text;
  std::optional<std::string> line_frames_text;
  std::uint64_t frames = 200'000;
  std::uint64_t line_frames = 1'000'000;
  bool model_only = false;
};

Bytes long_frame(std::size_t octets) {
  net::UdpFrame frame;
  frame.source = client();
  frame.destination = server().ipv4.front();
  frame.payload = {2, 1, 0x10, 0x6E, 0, 1, 2, 3, 4};
  frame.payload.resize(octets - 42);
  return net::build(frame);
}

/// One engine on `count` frames, the given ones in turn, with a time of their own each, as replay plays them.
void bench_engine(const std::string& name, EngineKind kind, const std::vector<Bytes>& frames, std::uint64_t count) {
  const std::string what = name + ", frames of " + std::to_string(frames.front().size()) + " octets";
  Measurement measurement(what);
  const std::unique_ptr<Engine> engine = make_engine(kind);
  engine->on_outcome = [](const Outcome&) {};
  engine->configure(server());
  const std::uint64_t first_cycle = engine->cycles();
  const double begin = cpu_seconds();
  for (std::uint64_t i = 0; i < count; ++i) {
    measurement.step(i, count);
    engine->play(frames[i % frames.size()], 10 * i);
  }
  engine->finish();
  const double seconds = cpu_seconds() - begin;
  row(what, static_cast<double>(count) / seconds, "frames/s",
      static_cast<double>(engine->cycles() - first_cycle) / seconds, "cycles/s");
}

void measure_all(const BenchOptions& options) {
  const std::vector<Bytes> small = minimum_frames(4'096);
  const std::vector<Bytes> large{long_frame(1'000)};
  heading("Engines, on one CPU core, as replay drives them");
  const auto engine = [&](const char* name, EngineKind kind) {
    bench_engine(name, kind, small, options.frames);
    bench_engine(name, kind, large, options.frames / 20 + 1);
  };
  engine("model", EngineKind::model);
  if (!options.model_only) {
    engine("rtl", EngineKind::rtl);
    engine("lockstep", EngineKind::lockstep);
  }
  const EngineKind kind = options.model_only ? EngineKind::model : EngineKind::rtl;
  measure_line_rate(kind, options.line_frames);
  heading("Wake Ups that the core sends");
  for (const std::uint64_t sessions : {100, 1'000, 2'000}) measure_wake_ups(kind, sessions);
  measure_flood(kind);
  measure_policy(small, 10 * options.frames);
}

int run_bench(BenchOptions options) {
  if (options.frames_text) options.frames = whole_number(*options.frames_text, 100, 10'000'000, "--frames");
  if (options.line_frames_text) {
    options.line_frames = whole_number(*options.line_frames_text, 100, 100'000'000, "--line-frames");
  }
  std::cout << "reveille " << version() << ", revision " << revision() << ", configuration " << configuration() << '\n'
            << std::flush;
  try {
    measure_all(options);
  } catch (const Interrupted&) {
    std::cerr << "reveille: interrupted\n";
    return exit_interrupted;
  }
  return exit_success;
}

}  // namespace

void add_bench_command(CLI::App& app, Action& action) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "Measure: engines, line rate, Wake Ups, and what a flood costs");
  add_text_option(*command, "--frames", options->frames_text, "Frames for each engine, 100 to 10000000 (200000)");
  add_text_option(*command, "--line-frames", options->line_frames_text,
                  "Frames of the line-rate run, 100 to 100000000 (1000000)");
  command->add_flag("--model-only", options->model_only, "Without the Verilated core");
  command->callback([options, &action] { action = [options] { return run_bench(*options); }; });
}

}  // namespace reveille::sim
