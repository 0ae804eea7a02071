// SPDX-License-Identifier: Apache-2.0
#include "run.hpp"

#include <iostream>
#include <memory>

#include "core/core.hpp"
#include "interrupt.hpp"
#include "story/story.hpp"

namespace reveille::sim {

namespace {

struct RunOptions {
  Scenario scenario;
  EngineKind engine = EngineKind::lockstep;
  std::string kdc = "model";
  std::filesystem::path out = "reveille-report";
  bool capture_all = false;
};

int run(const RunOptions& options) {
  core::Core core;
  StoryOptions story_options;
  story_options.kdc = options.kdc == "mit" ? KdcKind::mit : KdcKind::model;
  story_options.capture_all = options.capture_all;
  story_options.progress = [](double share, const RunReport& report) {
    std::cerr << "\r" << static_cast<int>(share * 100) << " %  " << report.cycles.run << " cycles  "
              << report.sessions.established << " established" << std::flush;
    return !interrupted();
  };
  StoryResult result;
  play(options.scenario, core, story_options, result);
  std::cerr << '\n';
  const RunReport& report = result.report;
  std::cout << "cycles " << report.cycles.run << ", " << report.cycles.per_second() << "/s\n"
            << "reachable " << report.sessions.reachable << ", established " << report.sessions.established << '\n';
  for (const auto& [reason, count] : report.sessions.aborted) std::cout << "  " << reason << ": " << count << '\n';
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    std::cout << name(static_cast<Verdict>(i)) << ": " << report.verdicts[i].frames << '\n';
  }
  for (const auto& step : report.exchange) std::cout << step.time_us << "  " << step.label << "  " << step.detail << '\n';
  return report.interrupted ? exit_interrupted : exit_success;
}

}  // namespace

void add_run_command(CLI::App& app, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Play the whole exchange, with attackers, and report");
  command->add_option("--ctas", options->scenario.ctas, "Number of CTAs");
  command->add_option("--seed", options->scenario.seed, "Same seed, same octets");
  add_engine_option(*command, options->engine);
  command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace reveille::sim
