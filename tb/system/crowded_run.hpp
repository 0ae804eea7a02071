// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/directed_run.hpp"

namespace reveille::sim::test {

/// A core whose store is so full that clients lie in every way of their rows: in each, sessions are met, or missed by a
/// bit, guessed, read, answered, and end.
class CrowdedRun : private DirectedRun {
 public:
  CrowdedRun(core::CoreInterface& core, std::uint64_t seed) : DirectedRun(core, seed) {}

  /// Of a core whose store is ready: as many clients as it takes, each of which shows its rows.
  void fill() {
    configure();
    crowd();
  }
  /// Of a core whose store is ready. Time goes to its end.
  void play() {
    fill();
    meet();
    guess_in_each_way();
    for (const std::uint64_t pattern : {0x0155555555555, 0x02AAAAAAAAAAA}) {
      now() = std::max(now() + 1, pattern);
      walk();
    }
    upper_parts_of_time();
    deadlines();
    limit_beyond_the_end();
  }

 private:
  static constexpr unsigned kClients = 2200;
  static constexpr std::size_t kWays = 8;

  /// Sessions of every phase, resend budget, nonce and tag, by their way.
  void crowd() {
    for (unsigned i = 0; i < kClients; ++i) {
      if (i % 8 == 0) write(core::address::resend_budget, below(16));
      Command command = any_restore(any_client(chance(50)), std::uint64_t{1} << 50);
      command.nonce = std::max<std::uint32_t>(word(), 1);
      const core::CommandResult result = bench_.driver.command(command);
      if (result.code == ResultCode::ok) sessions_[result.location % kWays].push_back(command);
    }
  }

  /// False answers, then the right one; then what a host does.
  void meet() {
    static constexpr CommandCode codes[] = {CommandCode::read, CommandCode::reply, CommandCode::reject,
                                            CommandCode::close};
    for (auto& sessions : sessions_) {
      for (std::size_t i = 0; i < sessions.size() / 2; ++i) {
        const Command session = sessions.back();
        sessions.pop_back();
        request(session.client, session.nonce ^ static_cast<std::uint32_t>(one_bit(32)));
        send(session.client, sa_recovered(session.tag ^ one_bit(64)));
        for (unsigned time = 0; time < 2; ++time) {
          request(session.client, session.nonce);
          send(session.client, sa_recovered(session.tag));
        }
        if (i % 2 == 0) continue;
        drain();
        Command command = session;
        command.code = codes[below(4)];
        command.tag = random_();
        static_cast<void>(bench_.driver.command(command));
        request(session.client, session.nonce);
        send(session.client, sa_recovered(command.tag));
        command.code = CommandCode::read;
        static_cast<void>(bench_.driver.command(command));
        pop_events(1);
      }
    }
    drain();
  }

  /// Up to thresholds of every bit, and beyond what is counted where there is none.
  void guess_in_each_way() {
    write(core::address::event_mask, 0);
    pop_events(4000);
    write(core::address::irq_enable, REVEILLE_IRQ_ENABLE_EVENT_AVAILABLE_MASK);  // in the cycle of an event
    for (const unsigned threshold : {1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 17, 33, 65, 129, 257, 511, 0}) {
      write(core::address::guessing, threshold);
      for (std::size_t way = 0; way < kWays; ++way) {
        auto& sessions = sessions_[way];
        const bool is_second_half = (way & 2) != 0;  // it has the first one's comparators
        if (sessions.empty() || (is_second_half && threshold > 100)) continue;
        Command session = sessions.back();
        sessions.pop_back();
        const unsigned guesses = threshold == 0 ? 515 : threshold + 2;
        for (unsigned guess = 0; guess < guesses; ++guess) {
          if (session.phase == Phase::replied)
            send(session.client, sa_recovered(session.tag ^ 2));
          else
            request(session.client, session.nonce ^ 2);
        }
        drain();
        session.code = CommandCode::read;
        static_cast<void>(bench_.driver.command(session));
        pop_events(4);
      }
    }
    write(core::address::event_mask, 0x1FFFE);
  }

  /// Theoretical arrival times that no clock comes to, met to the microsecond.
  void limit_beyond_the_end() {
    now() = core::kTimeMask;
    std::uint64_t lead = 0;  // of the next arrival over now
    for (unsigned i = 0; i < 40; ++i) {
      const std::uint32_t interval = word() | 1U << 31;
      if (lead != 0) {
        limiter(interval, lead - 1);
        ask(1);
      }
      limiter(interval, lead);
      ask(1);
      lead += interval;
    }
  }

  std::array<std::vector<Command>, kWays> sessions_;
};

}  // namespace reveille::sim::test
