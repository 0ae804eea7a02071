// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "command.hpp"

namespace reveille::sim {

/// The manual page, section 1, of the program or of one of its commands: what --help says, in roff.
std::string manual_page(const CLI::App& app);

/// The completion of bash for the program: commands, options, and the values of options that have a list of them.
std::string bash_completion(const CLI::App& app);

/// Adds the hidden subcommand `manual FOLDER`, which writes both, for the build: `reveille.1`, a page `reveille-NAME.1`
/// for each command, and `reveille.bash`.
void add_manual_command(CLI::App& app, Action& action);

}  // namespace reveille::sim
