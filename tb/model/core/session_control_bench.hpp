// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "model/core/support.hpp"

namespace reveille::core::test {

/// session_control with a store, a generator that always offers, and a pattern of frame cycles. Cycle 0 is R.
struct ControlBench {
  SessionControl control;
  NonceStore store;
  Configuration config = both_families_configuration();
  std::uint64_t cycle = 0;
  const Command* command = nullptr;
  bool nonce_valid = true;
  bool seeded = true;
  std::uint32_t next_nonce = 100;
  bool event_ready = true;
  bool wakeup_ready = true;
  std::uint64_t time = 1000;
  std::set<std::uint64_t> frame_cycles;

  std::vector<std::uint64_t> nonces_taken;
  std::vector<std::uint64_t> wakeups;  ///< when a job was taken
  std::vector<WakeupJob> jobs;
  std::vector<Event> events;
  std::vector<std::uint64_t> event_cycles;

  ControlBench() {
    config.wake_tries = 3;
    config.wake_interval = 10;
  }
  void step() {
    const bool takes = control.nonce_ready() && nonce_valid;
    if (takes) nonces_taken.push_back(cycle);
    if (wakeup_ready && control.wakeup() != nullptr) {
      wakeups.push_back(cycle);
      jobs.push_back(*control.wakeup());
    }
    if (event_ready && control.event() != nullptr) {
      events.push_back(*control.event());
      event_cycles.push_back(cycle);
    }
    control.clock(
        {command, nonce_valid, next_nonce, seeded, frame_cycles.count(cycle) == 0, event_ready, wakeup_ready, time},
        store, config);
    if (takes) ++next_nonce;
    ++cycle;
  }
  void run_to(std::uint64_t until) {
    while (cycle < until) step();
  }
  /// Makes it ready: in that cycle it is Idle for the first time.
  void get_ready() {
    while (!control.ready()) step();
    nonces_taken.clear();
  }
  /// The command is pending from this cycle on; returns the cycle of its done.
  std::uint64_t run(const Command& of) {
    command = &of;
    while (!control.done()) step();
    const std::uint64_t at = cycle;
    step();
    command = nullptr;
    return at;
  }
};

/// S1: the addresses of a memory of the store.
constexpr std::uint64_t clear_cycles = config::kSessions / (four_reads ? 2 : 4);
// After them 4,096 for a nonce each, and one to write the last of these: then ready, and Idle.
constexpr std::uint64_t r = clear_cycles + 4096 + 1;
/// From Idle to Idle, of a visit with nothing to do and no frames: v = c+2, Idle in v+7.
constexpr std::uint64_t visit_cycles = 9;
/// Where a command that is pending from r on is looked at: it was not pending in r-1.
constexpr std::uint64_t c = r + visit_cycles;
/// From there, without frames: decided on in g, or in another one for a wake; if something is written, in w.
constexpr std::uint64_t g = 14 + find_cycles;  // S7: y = c+7, a = c+8
constexpr std::uint64_t w = g + 2;

inline Command wake4() {
  Command command = make_command(CommandCode::wake, client4);
  command.lifetime = 1000;
  return command;
}
inline Command restore4(Phase phase = Phase::in_service) {
  Command command = make_command(CommandCode::restore, client4);
  command.lifetime = 1000;
  command.nonce = nonce;
  command.phase = phase;
  command.tag = tag;
  return command;
}

}  // namespace reveille::core::test
