// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "command.hpp"

namespace reveille::sim {

/// `reveille live`: the core between two interfaces of this machine (docs/live.md).
struct LiveOptions {
  std::string net;
  std::string host;
  EngineKind engine = EngineKind::model;
  std::optional<std::string> server;
  std::optional<std::string> port;
  std::optional<std::filesystem::path> sessions;
  std::optional<std::string> hop;
  std::string principal;
  std::optional<std::filesystem::path> control;
  std::optional<std::filesystem::path> feed;
  std::optional<std::filesystem::path> standby;
  std::optional<std::filesystem::path> capture;
  std::optional<std::string> seconds;
};

/// Runs until a signal, or so many seconds. A line a second and the summary go to `table`, what is to be known before
/// to `messages`. Gives exit_success or exit_difference; bad input, and an interface that goes away, are
/// Error{bad_input}.
int live(const LiveOptions& options, std::ostream& table, std::ostream& messages);

/// Adds the subcommand; `action` becomes it when it is chosen.
void add_live_command(CLI::App& app, Action& action);

}  // namespace reveille::sim
