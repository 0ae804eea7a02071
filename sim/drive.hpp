// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"

namespace reveille::sim {

/// Adds `reveille drive`: one command to a core, through the control socket of `reveille live` or a memory-mapped file
/// (docs/live.md).
void add_drive_command(CLI::App& app, Action& action);

}  // namespace reveille::sim
