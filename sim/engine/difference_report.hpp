// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/lockstep.hpp"

namespace reveille::sim {

/// The frames that were last put into the core, decoded, one line each, the oldest first.
std::vector<std::string> describe_frames(const Lockstep& lockstep);

/// The whole report of a difference: its line, and the frames in flight.
std::string describe(const LockstepDifference& difference, const Lockstep& lockstep);

}  // namespace reveille::sim
