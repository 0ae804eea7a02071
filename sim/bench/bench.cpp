// SPDX-License-Identifier: Apache-2.0
#include "bench/bench.hpp"

#include <filesystem>
#include <iostream>
#include <memory>

#include "bench/bench_report.hpp"
#include "bench/core_bench.hpp"
#include "bench/host_bench.hpp"
#include "bench/measurement.hpp"
#include "interrupt.hpp"
#include "output_file.hpp"
#include "reveille/net/frame.hpp"
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
  std::optional<std::filesystem::path> json;
  std::optional<std::filesystem::path> report;
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
void bench_engine(Results& results, EngineKind kind, const std::vector<Bytes>& frames, std::uint64_t count) {
  const std::string octets = std::to_string(frames.front().size());
  const std::string what = engine_name(kind) + ", frames of " + octets + " octets";
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
  results.add(engine_name(kind) + "_" + octets, what,
              {{static_cast<double>(count) / seconds, "frames/s"},
               {static_cast<double>(engine->cycles() - first_cycle) / seconds, "cycles/s"}});
}

void measure_all(Results& results, const BenchOptions& options) {
  const std::vector<Bytes> small = minimum_frames(4'096);
  const std::vector<Bytes> large{long_frame(1'000)};
  results.table("engines", "Engines, on one CPU core, as replay drives them");
  std::vector<EngineKind> engines{EngineKind::model};
  if (!options.model_only) engines.insert(engines.end(), {EngineKind::rtl, EngineKind::lockstep});
  for (const EngineKind engine : engines) {
    bench_engine(results, engine, small, options.frames);
    bench_engine(results, engine, large, options.frames / 20 + 1);
  }
  const EngineKind kind = options.model_only ? EngineKind::model : EngineKind::rtl;
  measure_line_rate(results, kind, options.line_frames);
  results.table("wake_ups", "Wake Ups that the core sends");
  for (const std::uint64_t sessions : {100, 1'000, 2'000}) measure_wake_ups(results, kind, sessions);
  measure_flood(results, kind);
  measure_policy(results, small, 10 * options.frames);
}

/// The files that were asked for: refused before anything is measured, and there only when all of it is.
class BenchFiles {
 public:
  explicit BenchFiles(const BenchOptions& options) {
    if (options.json && options.report && is_same_file(*options.json, *options.report / page_name)) {
      throw Error(ErrorKind::bad_input,
                  options.json->string() + ": --json names the same file as the page of --report: another expected");
    }
    if (options.json && options.json->empty()) throw Error(ErrorKind::bad_input, R"(--json: "": expected a file)");
    if (options.report) {
      folder_.emplace("--report", *options.report);
      page_.emplace(*options.report / page_name);
    }
    if (options.json) json_.emplace(*options.json);
  }
  void commit(const Results& results, const std::string& command) {
    if (page_) {
      page_->stream() << bench_html(results, command);
      page_->commit();
    }
    if (json_) {
      json_->stream() << bench_json(results, command);
      json_->commit();
    }
  }

 private:
  static constexpr const char* page_name = "report.html";
  std::optional<OutputFolder> folder_;  // in front of the page, so that it goes behind it
  std::optional<OutputFile> page_;
  std::optional<OutputFile> json_;
};

std::string repeat_command(const BenchOptions& options) {
  std::string command = "reveille bench --frames " + std::to_string(options.frames) + " --line-frames " +
                        std::to_string(options.line_frames);
  if (options.model_only) command += " --model-only";
  if (options.json) command += " --json " + shell_word(options.json->string());
  if (options.report) command += " --report " + shell_word(options.report->string());
  return command;
}

int run_bench(BenchOptions options) {
  if (options.frames_text) options.frames = whole_number(*options.frames_text, 100, 10'000'000, "--frames");
  if (options.line_frames_text) {
    options.line_frames = whole_number(*options.line_frames_text, 100, 100'000'000, "--line-frames");
  }
  BenchFiles files(options);
  std::cout << "reveille " << version() << ", revision " << revision() << ", configuration " << configuration() << '\n'
            << std::flush;
  try {
    Results results;
    measure_all(results, options);
    files.commit(results, repeat_command(options));
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
  command->add_option("--json", options->json, "Write the figures for programs (docs/bench.md)")
      ->type_name("FILE.json");
  command->add_option("--report", options->report, "Write a page, report.html, of the figures")->type_name("DIR");
  command->callback([options, &action] { action = [options] { return run_bench(*options); }; });
}

}  // namespace reveille::sim
