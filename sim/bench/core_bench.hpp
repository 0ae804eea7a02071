// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "bench/results.hpp"
#include "engine.hpp"

namespace reveille::sim::bench {

/// The core at its port: `frames` minimum frames without the gap that an Ethernet line has, one true AP Request among
/// them.
void measure_line_rate(Results& results, EngineKind kind, std::uint64_t frames);

/// As many sessions whose Wake Ups fall due at once, and how fast the core sends them.
void measure_wake_ups(Results& results, EngineKind kind, std::uint64_t sessions);

}  // namespace reveille::sim::bench
