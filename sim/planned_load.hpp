// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "reveille/config.hpp"

namespace reveille::sim {

/// Sessions that a store of this configuration is planned to hold at once (docs/hash.md). With more, one that is to
/// begin may find all its places taken.
constexpr std::uint64_t planned_sessions = config::kSessions / 2;

}  // namespace reveille::sim
