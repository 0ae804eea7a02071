// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reveille::sim {

/// From here on Ctrl-C and SIGTERM only set a flag, so that a command can tidy up; a second one ends the program at
/// once.
void catch_interrupts();
/// Whether one came.
[[nodiscard]] bool interrupted() noexcept;

/// What has begun is not brought to its end.
struct Interrupted {};
/// Throws Interrupted after a signal; cheap enough for every cycle.
void end_if_interrupted();

}  // namespace reveille::sim
