// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

#include <cmath>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>

#include "engine/core_engine.hpp"
#include "engine/difference_report.hpp"
#include "engine/make_verilated_core.hpp"
#include "interrupt.hpp"
#include "number.hpp"
#include "output_file.hpp"
#include "planned_load.hpp"
#include "progress.hpp"
#include "report/capture_files.hpp"
#include "report/difference_page.hpp"
#include "report/report_files.hpp"
#include "report/waveform.hpp"
#include "reveille/core/types.hpp"
#include "story/story.hpp"
#include "version.hpp"

namespace reveille::sim {

namespace {

struct RunOptions {
  std::optional<std::string> scenario_file;
  std::optional<std::string> ctas;
  std::optional<std::string> seed;
  std::optional<std::string> duration;
  std::optional<std::string> loss;
  std::optional<std::string> attack;
  bool call = false;
  EngineKind engine = EngineKind::lockstep;
  std::string kdc = "model";
  std::string capture = "sample";
  std::string out = "reveille-report";
  std::optional<WaveformWindow> waveform;  ///< reveille-waves only
};

/// `84ms`, `500us`, `1.5s` as microseconds; Error{bad_input} otherwise.
std::string parse_duration(const std::string& text) {
  constexpr struct {
    std::string_view unit;
    double microseconds;
  } units[] = {{"us", 1}, {"ms", 1e3}, {"s", 1e6}};
  for (const auto& [unit, microseconds] : units) {
    if (!text.ends_with(unit)) continue;
    const auto value = parse_number<double>(std::string_view(text).substr(0, text.size() - unit.size()));
    if (!value) continue;  // 1ms ends with s, too
    const double time = *value * microseconds;
    if (!(time >= 0 && time < 1e15) || std::abs(time - std::round(time)) > 1e-6) break;
    return std::to_string(std::llround(time));
  }
  throw Error(ErrorKind::bad_input,
              "--duration: \"" + text + "\": expected a number and us, ms or s, in whole microseconds, as 84ms");
}

/// A second of speech, as --call has it.
constexpr unsigned packets_of_call = 50;

Scenario scenario_of(const RunOptions& options) {
  Scenario scenario = options.scenario_file ? Scenario::load(*options.scenario_file) : Scenario{};
  if (options.ctas) scenario.set("ctas", *options.ctas, "--ctas");
  if (options.seed) scenario.set("seed", *options.seed, "--seed");
  if (options.duration) scenario.set("duration_us", parse_duration(*options.duration), "--duration, in microseconds");
  if (options.loss) scenario.set("loss", *options.loss, "--loss");
  if (options.attack) scenario.attacks = parse_attacks(*options.attack, "--attack");
  if (options.call && scenario.call_packets == 0) scenario.call_packets = packets_of_call;
  return scenario.whole();
}

std::string repeat_command(const RunOptions& options) {
  return "reveille run --scenario " + shell_word(options.out + "/scenario.json") + " --engine " +
         engine_name(options.engine) + " --kdc " + options.kdc + " --capture " + options.capture + " --out " +
         shell_word(options.out);
}

void write_waves(const std::filesystem::path& out, RunReport& report) {
  Difference& difference = *report.difference;
  difference.waveform = write_waveform(out, report);
  if (difference.waveform.empty()) return;
  difference.view = out / view_name;
  write_text(difference.view, html::difference_view(difference));
  report.files[waveform_name] = "the RTL's signals from 200 cycles before the difference";
  report.files[view_name] = "a view of them, for scripts/waves";
}

void write_files(const std::filesystem::path& out, const CaptureFiles& captures, StoryResult& result) {
  RunReport& report = result.report;
  for (Exchange& exchange : report.exchanges) {
    for (ExchangeStep& step : exchange.steps) {
      if (step.recorded) step.place = captures.place(*step.recorded);
    }
  }
  report.files = {{"report.html", "this run, to look at"},
                  {"report.json", "this run, to compute with"},
                  {"scenario.json", "repeats it"},
                  {"network.pcapng", "true frames and the well-formed ones of the flood, both sides of the core"},
                  {"malformed.pcapng", "frames that are wrong on purpose"},
                  {"network.keytab", "opens the tickets in the captures"},
                  {"sessions.json", "what the host told the core, for reveille replay"}};
  if (!result.esp_table.empty()) {
    report.files["network.esp_sa"] = "opens what the associations carry, as Wireshark's table of that name";
    write_text(out / "network.esp_sa", result.esp_table);
  }
  if (!result.media_keys.empty()) {
    report.files["network.srtp"] = "the keys of the call's SRTP, a line each way";
    write_text(out / "network.srtp", result.media_keys);
  }
  result.keys.save(out / "network.keytab");
  write_text(out / "scenario.json", report.scenario.to_json() + '\n');
  write_text(out / "sessions.json", sessions_text(result.sessions));
  std::error_code ignored;
  for (const char* earlier : {waveform_name, view_name}) std::filesystem::remove(out / earlier, ignored);
  if (report.difference) write_waves(out, report);
  write_text(out / "report.html", report_html(report));
  write_text(out / "report.json", report_json(report));
}

/// What a reader of the result should know before the run.
void announce(const Scenario& scenario) {
  if (scenario.ctas > planned_sessions) {
    std::cerr << "reveille: the store holds " << config::kSessions << " sessions and is planned for "
              << planned_sessions << " at once (docs/hash.md): with " << scenario.ctas
              << " CTAs a wake may find no place; it is repeated, and counted in the report\n";
  }
  const std::uint64_t all_woken_us = scenario.ctas * scenario.wake_spacing_us;
  if (scenario.duration_us >= all_woken_us) return;
  std::cerr << "reveille: " << scenario.duration_us << " us are over before all " << scenario.ctas
            << " CTAs have been woken, one in " << scenario.wake_spacing_us << " us; that takes " << all_woken_us
            << " us\n";
}

int run(const RunOptions& options) {
  const Scenario scenario = scenario_of(options);
  if (options.waveform && options.engine == EngineKind::model) {
    throw Error(ErrorKind::bad_input, "--waveform: --engine model has no signals: expected rtl or lockstep");
  }
  const std::filesystem::path out = options.out;
  CoreSet cores(options.engine, scenario.seed, options.waveform);
  StoryResult result;
  RunReport& report = result.report;
  report.version = version();
  report.revision = revision();
  report.configuration = configuration();
  report.engine = engine_name(options.engine);
  report.command = repeat_command(options);

  StoryOptions story;
  story.kdc = options.kdc == "mit" ? KdcKind::mit : KdcKind::model;
  story.capture_all = options.capture == "all";
  std::optional<OutputFolder> folder;
  std::optional<CaptureFiles> captures;
  if (!options.waveform) {  // else this run is for the waveform alone
    announce(scenario);
    folder.emplace("--out", out);
    captures.emplace(out);
    story.on_begin = [&captures](std::uint64_t begin_ns, const HostNames& names) { captures->begin(begin_ns, names); };
    story.on_frame = [&captures](RecordedFrame frame) { captures->add(std::move(frame)); };
  }
  int status = exit_success;
  try {
    Progress progress;
    story.progress = [&progress](double share, const RunReport& so_far) {
      progress.show(share, std::to_string(so_far.cycles.run) + " cycles   " +
                               std::to_string(so_far.sessions.established) + " of " +
                               std::to_string(so_far.sessions.reachable) + " CTAs established");
      return !interrupted();
    };
    play(scenario, cores.core(), story, result);
    cores.core().finish();
  } catch (const LockstepError& found) {
    status = exit_difference;
    const LockstepDifference& first = found.difference();
    report.cycles.differences = 1;
    report.difference =
        Difference{first.cycle, first.signal, first.rtl, first.model, first.rule, describe_frames(*cores.lockstep())};
    if (auto frame = cores.lockstep()->judged_frame()) {
      report.difference->judged = JudgedFrame{frame->first_cycle, frame->last_cycle,
                                              frame->last_cycle + core::kVerdictLatency, std::move(frame->octets)};
    }
    std::cerr << describe(first, *cores.lockstep());
  } catch (const Interrupted&) {
    std::cerr << "reveille: interrupted during the start, no output is written\n";
    return exit_interrupted;
  }
  if (cores.lockstep() != nullptr) report.cycles.compared = cores.lockstep()->cycles_compared();
  if (options.waveform) return status;
  captures->commit();
  write_files(out, *captures, result);
  print_report(std::cout, report);
  std::cout << "Report: " << (out / "report.html").string() << '\n';
  if (report.interrupted) return exit_interrupted;
  return status;
}

std::string attacks_help() {
  std::string names;
  for (const Attack attack : all_attacks()) names += (names.empty() ? "" : ", ") + std::string(attack_name(attack));
  return "all, none, or some of these, separated by commas: " + names + " (all)";
}

}  // namespace

void add_run_command(CLI::App& app, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Play the whole exchange, with attackers, and report");
  add_text_option(*command, "--ctas", options->ctas, "CTAs to wake (256)");
  add_text_option(*command, "--seed", options->seed, "Same seed, same octets (1)");
  add_text_option(*command, "--duration", options->duration,
                  "Simulated time, as 84ms (until all CTAs had their turns)");
  add_text_option(*command, "--loss", options->loss, "Share of datagrams that the network loses, 0 to 1 (0.05)");
  add_text_option(*command, "--attack", options->attack, attacks_help());
  command->add_flag("--call", options->call, "Two of the CTAs place a call in the end");
  add_text_option(*command, "--scenario", options->scenario_file,
                  "JSON file of everything above and more (docs/scenario.md)");
  command->add_option("--out", options->out, "Folder of the report")->capture_default_str();
  command->add_option("--kdc", options->kdc, "The model's KDC, or MIT's krb5kdc on loopback")
      ->check(one_of({"model", "mit"}))
      ->capture_default_str();
  command->add_option("--capture", options->capture, "What the captures hold of the flood")
      ->check(one_of({"sample", "all"}))
      ->capture_default_str();
  add_engine_option(*command, options->engine);
  command
      ->add_option_function<std::vector<std::string>>(
          "--waveform",
          [options](const std::vector<std::string>& values) {
            constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
            options->waveform = WaveformWindow{values.at(0), whole_number(values.at(1), 0, last, "--waveform: CYCLE")};
          })
      ->expected(2)
      ->type_name("FILE CYCLE")
      ->description("FST of the RTL from that cycle on (reveille-waves only)");
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace reveille::sim
