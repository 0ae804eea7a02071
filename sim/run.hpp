// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"

namespace reveille::sim {

/// Adds the subcommand `run`: plays a scenario and reports (docs/run.md). `action` becomes the run when it is chosen.
void add_run_command(CLI::App& app, Action& action);

}  // namespace reveille::sim
