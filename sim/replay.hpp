// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "command.hpp"

namespace reveille::sim {

/// `reveille replay`: every frame of a capture through the guard, and each one's verdict (docs/replay.md).
struct ReplayOptions {
  std::filesystem::path input;
  EngineKind engine = EngineKind::lockstep;
  std::optional<std::string> server;  ///< addresses; sessions are learned
  std::optional<std::string> port;
  std::optional<std::filesystem::path> keytab;
  std::optional<std::filesystem::path> sessions;
  std::optional<std::filesystem::path> verdicts;
  std::optional<std::filesystem::path> out;
  std::optional<std::filesystem::path> report;  ///< folder of the page
  bool host_cpu = false;                        ///< it says what the host was spared, of this machine's CPU
  bool allow_short = false;
  bool lenient = false;
};

/// Runs one replay: the table goes to `table`, progress and the report of a difference to `messages`. Gives
/// exit_success, exit_difference or exit_interrupted; bad input is Error{bad_input}, and then no output was created.
int replay(const ReplayOptions& options, const EngineFactory& make, std::ostream& table, std::ostream& messages);

/// Adds the subcommand; `action` becomes the replay when it is chosen.
void add_replay_command(CLI::App& app, Action& action);

}  // namespace reveille::sim
