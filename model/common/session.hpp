// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The words for a session and what the host does to it (docs/architecture.md, A11 to A13): the same for the policy,
/// the core, its driver and the nodes. Each number is the one in the registers.
namespace reveille {

enum class Phase : std::uint8_t { outstanding, in_service, replied, recovered };

enum class CommandCode : std::uint8_t { none, wake, reply, reject, close, restore, read, read_location };

/// `busy` is no result, but that there is none yet.
enum class ResultCode : std::uint8_t { ok, full, live, not_ready, not_found, wrong_state, bad_argument, busy };

}  // namespace reveille
