// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace reveille::sim {

/// `reveille run`: plays a scenario and reports. Sets `status` to the exit status: 0, 1 for a difference in lockstep,
/// 130 when interrupted. Bad input is thrown as Error{bad_input}.
void add_run_command(CLI::App& app, int& status);

}  // namespace reveille::sim
