// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"

namespace reveille::sim {

/// The nodes as programs on sockets: docs/programs.md.
void add_kdc_command(CLI::App& app, Action& action);
void add_cta_command(CLI::App& app, Action& action);
void add_controller_command(CLI::App& app, Action& action);

/// `principal` of `kdc`.
CLI::App* add_principal_command(CLI::App& kdc, Action& action);

}  // namespace reveille::sim
