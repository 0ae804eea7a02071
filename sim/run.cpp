// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>

#include "engine/core_engine.hpp"
#include "engine/difference_report.hpp"
#include "engine/verilated_core.hpp"
#include "interrupt.hpp"
#include "output_file.hpp"
#include "report/report_files.hpp"
#include "report/waveform.hpp"
#include "story/story.hpp"

namespace reveille::sim {

namespace {

struct RunOptions {
  std::optional<std::filesystem::path> scenario_file;
  std::optional<unsigned> ctas;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> duration;
  std::optional<double> loss;
  std::optional<std::string> attack;
  EngineKind engine = EngineKind::lockstep;
  std::string kdc = "model";
  std::string capture = "sample";
  std::filesystem::path out = "reveille-report";
  std::optional<WaveformWindow> waveform;  ///< reveille-waves only
};

/// `84ms`, `500us`, `1.5s`; Error{bad_input} otherwise.
std::uint64_t parse_duration(const std::string& text) {
  constexpr struct {
    std::string_view unit;
    double microseconds;
  } units[] = {{"us", 1}, {"ms", 1e3}, {"s", 1e6}};
  std::size_t used = 0;
  double value = -1;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  for (const auto& [unit, microseconds] : units) {
    if (used != 0 && std::string_view(text).substr(used) == unit && std::isfinite(value) && value >= 0) {
      return static_cast<std::uint64_t>(std::min(value * microseconds, 1e18));
    }
  }
  throw Error(ErrorKind::bad_input, "--duration: \"" + text + "\": expected a number and us, ms or s, as 84ms");
}

Scenario scenario_of(const RunOptions& options) {
  Scenario scenario = options.scenario_file ? Scenario::load(*options.scenario_file) : Scenario{};
  if (options.ctas) scenario.ctas = *options.ctas;
  if (options.seed) scenario.seed = *options.seed;
  if (options.duration) scenario.duration_us = parse_duration(*options.duration);
  if (options.loss) scenario.loss = *options.loss;
  if (options.attack) scenario.attacks = parse_attacks(*options.attack, "--attack");
  scenario.validate("command line");
  return scenario;
}

std::string engine_name(EngineKind kind) {
  return kind == EngineKind::rtl ? "rtl" : kind == EngineKind::model ? "model" : "lockstep";
}

std::string repeat_command(const RunOptions& options, const Scenario& scenario) {
  return "reveille run --scenario " + (options.out / "scenario.json").string() + " --engine " +
         engine_name(options.engine) + " --kdc " + options.kdc + " --capture " + options.capture + " --out " +
         options.out.string() + " --seed " + std::to_string(scenario.seed);
}

/// On a terminal one line that is written over again; elsewhere a line every tenth of the run.
class Progress {
 public:
  void show(double share, const RunReport& report) {
    const auto now = std::chrono::steady_clock::now();
    const int tenth = static_cast<int>(share * 10);
    if (terminal_ ? share < 1 && now - last_ < std::chrono::milliseconds(100) : tenth == tenth_) return;
    last_ = now;
    tenth_ = tenth;
    std::cerr << (terminal_ ? "\r" : "") << "  " << static_cast<int>(share * 100) << " %   " << report.cycles.run
              << " cycles   " << report.sessions.established << " of " << report.sessions.reachable
              << " CTAs established" << (terminal_ ? "   " : "\n") << std::flush;
  }
  ~Progress() {
    if (terminal_) std::cerr << '\n';
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  std::chrono::steady_clock::time_point last_{};
  int tenth_ = -1;
};

void write_text(const std::filesystem::path& path, const std::string& text) {
  OutputFile file(path);
  file.stream() << text;
  file.commit();
}

void write_files(const std::filesystem::path& out, StoryResult& result) {
  RunReport& report = result.report;
  report.files = {{"report.html", "this run, to look at"},
                  {"report.json", "this run, to compute with"},
                  {"scenario.json", "repeats it"},
                  {"network.pcapng", "true frames and a sample of the well-formed flood, both sides of the core"},
                  {"malformed.pcapng", "a sample of the frames that are wrong on purpose"},
                  {"network.keytab", "opens the tickets in the captures"}};
  write_captures(out, result.frames);
  result.keys.save(out / "network.keytab");
  write_text(out / "scenario.json", report.scenario.to_json() + '\n');
  write_text(out / "report.html", report_html(report));
  write_text(out / "report.json", report_json(report));
}

int run(const RunOptions& options) {
  const Scenario scenario = scenario_of(options);
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) {
    throw Error(ErrorKind::bad_input,
                "--out: " + options.out.string() + ": " + error.message() + ": expected a folder");
  }
  CoreSet cores(options.engine, scenario.seed, options.waveform);
  StoryResult result;
  RunReport& report = result.report;
  report.engine = engine_name(options.engine);
  report.command = repeat_command(options, scenario);

  StoryOptions story;
  story.kdc = options.kdc == "mit" ? KdcKind::mit : KdcKind::model;
  story.capture_all = options.capture == "all";
  int status = exit_success;
  try {
    Progress progress;
    story.progress = [&progress](double share, const RunReport& so_far) {
      progress.show(share, so_far);
      return !interrupted();
    };
    play(scenario, cores.core(), story, result);
    cores.core().finish();
  } catch (const LockstepError& found) {
    status = exit_difference;
    const LockstepDifference& first = found.difference();
    report.cycles.differences = 1;
    report.difference = Difference{
        first.cycle, first.signal, first.rtl, first.model, first.rule, describe_frames(*cores.lockstep()), {}};
    std::cerr << describe(first, *cores.lockstep());
  }
  if (cores.lockstep() != nullptr) report.cycles.compared = cores.lockstep()->cycles_compared();
  if (options.waveform) return status;  // this run was for the waveform alone
  write_files(options.out, result);
  if (report.difference) {
    report.difference->waveform = write_waveform(options.out, report);
    write_text(options.out / "report.json", report_json(report));
    write_text(options.out / "report.html", report_html(report));
  }
  print_report(std::cout, report);
  std::cout << "Report: " << (options.out / "report.html").string() << '\n';
  if (report.interrupted) return exit_interrupted;
  return status;
}

}  // namespace

void add_run_command(CLI::App& app, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Play the whole exchange, with attackers, and report");
  command->add_option("--ctas", options->ctas, "CTAs to wake");
  command->add_option("--seed", options->seed, "Same seed, same octets");
  command->add_option("--duration", options->duration, "Simulated time, as 84ms");
  command->add_option("--loss", options->loss, "Share of datagrams that the network loses, 0 to 1");
  command->add_option("--attack", options->attack, "all, none, or a comma-separated list of attacks");
  command->add_option("--scenario", options->scenario_file,
                      "JSON file of everything above and more (docs/scenario.md)");
  command->add_option("--out", options->out, "Folder of the report")->capture_default_str();
  command->add_option("--kdc", options->kdc, "The model's KDC, or MIT's krb5kdc on loopback")
      ->check(CLI::IsMember({"model", "mit"}))
      ->capture_default_str();
  command->add_option("--capture", options->capture, "What the captures hold of the flood")
      ->check(CLI::IsMember({"sample", "all"}))
      ->capture_default_str();
  add_engine_option(*command, options->engine);
  command
      ->add_option_function<std::vector<std::string>>(
          "--waveform",
          [options](const std::vector<std::string>& values) {
            options->waveform = WaveformWindow{values.at(0), std::stoull(values.at(1))};
          })
      ->expected(2)
      ->type_name("FILE CYCLE")
      ->description("FST of the RTL from that cycle on (reveille-waves only)");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace reveille::sim
