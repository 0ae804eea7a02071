// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reveille::sim {

/// From here on Ctrl-C and SIGTERM only set a flag, so that a command can tidy up; a second one ends the program at
/// once.
void catch_interrupts();
/// Whether one came.
[[nodiscard]] bool interrupted() noexcept;

}  // namespace reveille::sim
