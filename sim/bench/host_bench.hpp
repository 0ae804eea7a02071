// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/results.hpp"
#include "engine.hpp"
#include "reveille/common/bytes.hpp"

namespace reveille::sim::bench {

/// Whole AP Requests with a false nonce, each with a fresh authenticator, and one true one: the dearest flood there is.
/// What it costs the host without a guard and with the policy in software, and what the core, of `kind`, leaves of it.
void measure_flood(Results& results, EngineKind kind);

/// Microseconds of CPU time that a whole AP Request costs a host without a guard, of some hundreds.
double opened_request_us();

/// The policy in software as a filter, of `count` frames, the given ones in turn.
void measure_policy(Results& results, const std::vector<Bytes>& frames, std::uint64_t count);

}  // namespace reveille::sim::bench
