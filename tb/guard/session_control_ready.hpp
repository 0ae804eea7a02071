// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "guard/session_control_bench.hpp"

namespace reveille::tb {

/// A bench that is ready and Idle, with `nonces` in its hash tables.
struct ReadyBench : SessionControlBench {
  std::vector<std::uint32_t> nonces;
  explicit ReadyBench() : SessionControlBench(7) {
    std::mt19937_64 random(70);
    nonces = random_nonces(random);
    in.seeded = true;
    in.nonce_valid = true;
    in.wake_tries = 3;
    in.wake_interval = 1000;
    in.resend_budget = 2;
    in.wakeup_ready = in.event_ready = true;
    for (std::size_t taken = 0; !out.ready; taken += out.nonce_ready) {
      in.nonce = taken < nonces.size() ? nonces[taken] : 0;
      step();
    }
    in.nonce = 0xabcd;
  }
  /// Runs to a visit of S12, and returns its v.
  std::uint64_t visited() {
    return until([this] { return out.visited && !out.s10; });
  }
};

inline constexpr u128 kClient = static_cast<u128>(0x20010db8) << 96 | 1;
inline Command wake(Time lifetime = 1'000'000) {
  return {.opcode = kWake, .client = kClient, .lifetime = lifetime, .hop = 5, .doi = true, .source = 6};
}
inline Command on(Opcode opcode, u128 client = kClient) {
  return {.opcode = opcode, .client = client, .tag = 0x1122334455667788};
}
inline Command restore(u128 client, Phase phase) {
  return {.opcode = kRestore,
          .client = client,
          .lifetime = 1'000'000,
          .nonce = 77,
          .phase = phase,
          .tag = 0xfeed,
          .armed = true};
}

}  // namespace reveille::tb
