// SPDX-License-Identifier: Apache-2.0
// The bounds B1, B2, B4, B5 and B7 of docs/timing.md: frames of every spacing from 7 to 64 beats, each of a fixed
// length and of a length that varies, with everything due at once that may be, and every wait by a stopwatch. B3 is
// measured in session_turns_test.cpp.
#include <cstdio>
#include <deque>
#include <set>

#include "Vreveille_session_guard.h"
#include "guard/session_traffic.hpp"
#include "reveille/config.hpp"

using namespace reveille::tb;

namespace {

/// The event log as docs/timing/host.md has it (H14 to H17), always read; or one that is ready in every sixth cycle.
class EventLog {
 public:
  bool hostile = false;

  /// `event_ready` in this cycle, given whether a session event is offered, and a verdict that is logged.
  bool cycle(std::uint64_t now, bool offered, bool verdict) {
    if (now == slot_from_) slot_full_ = true;
    const bool idle = now >= idle_from_;
    bool ready = idle && (!slot_full_ || slot_was_last_);
    if (idle && slot_full_ && (!offered || !slot_was_last_)) {
      slot_full_ = false;
      slot_was_last_ = true;
      idle_from_ = now + 5;
      ready = false;
    } else if (ready && offered) {
      slot_was_last_ = false;
      idle_from_ = now + 5;
    }
    if (verdict_before_ && !slot_full_) slot_from_ = now + 1;  // this is the cycle behind its verdict
    verdict_before_ = verdict;
    return hostile ? now % 6 == 0 : ready;
  }

 private:
  std::uint64_t idle_from_ = 0, slot_from_ = 0;
  bool slot_full_ = false, slot_was_last_ = false, verdict_before_ = false;
};

struct Worst {
  std::uint64_t command = 0, wake = 0, expired = 0, taken = 0, wakeup = 0, wake_failed = 0;
};

enum class Log : std::uint8_t { quiet, verdicts, hostile };

class BoundsBench {
 public:
  static constexpr unsigned kSessions = 4;  // of each kind that is due

  BoundsBench(unsigned seed, std::uint64_t framer_busy)
      : framer_busy_(framer_busy), random_(seed), nonces_(random_nonces(random_)), tables_(tables_of(nonces_)) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed));
    context_.assertOn(false);
    Inputs in;
    in.seeded = in.nonce_valid = true;
    in.wake_tries = 2;
    in.wake_interval = 1000;
    ports_.drive(in);
    drive(dut_.policy_i, {{0, 99}});
    dut_.rst_ni = 0;
    for (int i = 0; i < 3; ++i) {
      dut_.clk_i = 0;
      dut_.eval();
      dut_.clk_i = 1;
      dut_.eval();
    }
    dut_.rst_ni = 1;
    context_.assertOn(true);
    for (std::size_t taken = 0; !dut_.ready_o; taken += dut_.nonce_ready_o) {
      dut_.nonce_i = taken < nonces_.size() ? nonces_[taken] : 0;
      step();
    }
    dut_.nonce_i = 0x1234567;
  }

  /// A frame of `beats` follows each other without a gap; of 7 to 2 x beats - 7 with `jitter`.
  void traffic(unsigned beats, bool jitter, Log log) {
    beats_ = beats;
    jitter_ = jitter;
    log_ = log;
    event_log_.hostile = log == Log::hostile;
  }

  /// All that is due falls due at once, here and now; runs until all of it is done.
  Worst measure(bool commands, std::uint64_t limit) {
    worst_ = {};
    std::set<u128> fresh;
    for (unsigned i = 0; i < kSessions; ++i) {
      const u128 client = static_cast<u128>(0x20010db8) << 96 | random_();
      first_ = client;
      run_command({.opcode = kWake, .client = client, .lifetime = 5'000});
      unsigned code = 7;
      Fields(dut_.result_o, 307).take(code, 3);
      REQUIRE(code == kOk);
      while (first_) step();  // its first Wake Up
      fresh.insert(client);
      live_client_ = client;
    }
    // What was retransmitted the last time fails now, what failed expires.
    time_ += 2'000;
    due_at_ = cycle_;
    due_ = {due_next_[kExpiry], fresh, due_next_[kFailure]};
    due_next_ = {due_next_[kFailure], {}, fresh};
    const auto left = [this] { return due_[0].size() + due_[1].size() + due_[2].size(); };
    while (left() != 0) {
      REQUIRE(cycle_ - due_at_ < limit);
      if (commands) {
        run_command(any_command());
      } else {
        step();
      }
    }
    return worst_;
  }

  std::uint64_t run_command(const Command& command) {
    ports_.drive(true, command);
    const std::uint64_t from = cycle_;
    do step();
    while (!dut_.command_done_o && cycle_ - from < 100'000);
    const std::uint64_t wait = cycle_ - 1 - from;
    ports_.drive(false, command);
    (command.opcode == kWake ? worst_.wake : worst_.command) =
        std::max(command.opcode == kWake ? worst_.wake : worst_.command, wait);
    return wait;
  }

  void nonces(bool valid) { dut_.nonce_valid_i = valid; }

 private:
  enum Kind { kExpiry, kRetransmission, kFailure };
  struct Line {
    std::uint64_t first, last;
    Time time;
  };

  Command any_command() {
    static constexpr Opcode kMix[] = {kWake, kReply, kReject, kClose, kRestore, kRead, kReadLocation};
    Command command{.opcode = kMix[random_() % 7], .client = random_(), .lifetime = 100, .nonce = 1, .phase = kReplied};
    command.location = static_cast<unsigned>(random_() % 4096);
    if (command.opcode == kWake) command.lifetime = 0;  // refused: its Wake Ups would be measured
    if (command.opcode == kRead) command.client = live_client_;
    return command;
  }

  void step() {
    // The line
    if (frames_.empty() || frames_.back().last < cycle_) {
      unsigned beats = beats_;
      if (jitter_) beats = 7 + static_cast<unsigned>(random_() % (2 * (beats_ - 7) + 1));
      frames_.push_back({cycle_, cycle_ + beats - 1, time_});
    }
    if (frames_.front().last + 15 < cycle_) frames_.pop_front();
    Time store_time = time_;
    dut_.lookup_soon_i = 0;
    bool lookup = false, descriptor = false, verdict = false;
    for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
      if (frame->first < cycle_ && cycle_ <= frame->last + 8) store_time = frame->time;
      if (cycle_ == frame->last + 7) dut_.lookup_soon_i = 1;
      lookup |= cycle_ == frame->last + 8;
      descriptor |= cycle_ == frame->last + 12;
      verdict |= cycle_ == frame->last + 14;
    }
    drive(dut_.lookup_client_i, {{lookup, 128}});
    if (descriptor || descriptor_driven_) {  // nobody's AP Request
      drive(dut_.descriptor_i,
            {{descriptor, 1}, {0, 1}, {0, 1}, {0, 5}, {1, 1}, {1, 1}, {7, 32}, {descriptor, 128}, {store_time, 52}});
    }
    descriptor_driven_ = descriptor;
    dut_.store_time_i = store_time;
    dut_.lookup_row0_i = 2;
    dut_.lookup_row1_i = 3;
    dut_.lookup_value_i = 7;
    dut_.frame_lost_i = 0;
    ports_.drive_rows(tables_, random_);
    dut_.hash_row0_i = ports_.rows().row0;
    dut_.hash_row1_i = ports_.rows().row1;

    // The other sides
    dut_.wakeup_ready_i = cycle_ >= framer_idle_from_;
    dut_.clk_i = 0;
    dut_.eval();
    dut_.event_ready_i = event_log_.cycle(cycle_, dut_.event_valid_o, verdict && log_ == Log::verdicts);
    dut_.eval();
    ports_.sample_start();
    if (dut_.event_valid_o) event();
    if (dut_.wakeup_valid_o) wakeup();
    dut_.clk_i = 1;
    dut_.eval();
    ++cycle_;
  }

  void event() {
    if (!event_from_) {
      event_from_ = cycle_;
      unsigned kind = 0;
      u128 client = 0;
      Fields fields(dut_.event_o, 220);
      fields.take(kind, 3).next(5 + 52 + 32);
      fields.take(client, 128);
      const bool expired = kind == kExpired;
      if (due_[expired ? kExpiry : kFailure].erase(client) != 0) {
        std::uint64_t& worst = expired ? worst_.expired : worst_.wake_failed;
        worst = std::max(worst, cycle_ - due_at_);
      }
    }
    if (!dut_.event_ready_i) return;
    worst_.taken = std::max(worst_.taken, cycle_ - *event_from_);
    event_from_.reset();
  }

  void wakeup() {
    if (!wakeup_waits_) {
      wakeup_waits_ = true;
      u128 client = 0;
      Fields(dut_.wakeup_o, 167).take(client, 128);
      if (first_ == client) first_.reset();
      if (due_[kRetransmission].erase(client) != 0) worst_.wakeup = std::max(worst_.wakeup, cycle_ - due_at_);
    }
    if (!dut_.wakeup_ready_i) return;
    wakeup_waits_ = false;
    framer_idle_from_ = cycle_ + framer_busy_;
  }

  std::uint64_t framer_busy_;
  VerilatedContext context_;
  Vreveille_session_guard dut_{&context_};
  SessionPorts<Vreveille_session_guard> ports_{dut_};
  std::mt19937_64 random_;
  std::vector<std::uint32_t> nonces_;
  HashTables tables_;
  EventLog event_log_;
  std::uint64_t cycle_ = 0, framer_idle_from_ = 0, due_at_ = 0;
  Time time_ = 1;
  unsigned beats_ = 7;
  bool jitter_ = false, descriptor_driven_ = true;
  Log log_ = Log::quiet;
  std::deque<Line> frames_;
  std::array<std::set<u128>, 3> due_, due_next_;  // by Kind
  std::optional<u128> first_;
  u128 live_client_ = 0;
  std::optional<std::uint64_t> event_from_;
  bool wakeup_waits_ = false;
  Worst worst_;
};

void keep(Worst& worst, const Worst& one) {
  const auto keep_one = [](std::uint64_t& kept, std::uint64_t value) { kept = std::max(kept, value); };
  keep_one(worst.command, one.command);
  keep_one(worst.wake, one.wake);
  keep_one(worst.expired, one.expired);
  keep_one(worst.taken, one.taken);
  keep_one(worst.wakeup, one.wakeup);
  keep_one(worst.wake_failed, one.wake_failed);
}

/// Prints a wait beside its bound.
void check(const char* name, std::uint64_t worst, std::uint64_t bound) {
  std::printf("  %-32s worst %8llu of %8llu cycles\n", name, static_cast<unsigned long long>(worst),
              static_cast<unsigned long long>(bound));
  CHECK(worst <= bound);
}

constexpr std::uint64_t kFraming = 3'900;  // how long the framer makes a Wake Up wait: B6
// B4, without commands and with them: visits of both walks to all sessions.
constexpr std::uint64_t kRound = std::uint64_t{25} * reveille::config::kSessions;
constexpr std::uint64_t kRoundWithCommands = std::uint64_t{200} * reveille::config::kSessions;
constexpr std::uint64_t kAllFramed = BoundsBench::kSessions * kFraming;

}  // namespace

TEST_CASE("B4, B5, B7: everything due at once, under frames of every spacing") {
  const Log log = GENERATE(Log::quiet, Log::verdicts, Log::hostile);
  BoundsBench bench(1, 300);
  Worst worst;
  const unsigned step = log == Log::verdicts ? 1 : 4;
  for (unsigned beats = 7; beats <= 64; beats += step) {
    for (const bool jitter : {false, true}) {
      CAPTURE(beats, jitter);
      bench.traffic(beats, jitter, log);
      keep(worst, bench.measure(false, 2 * kRound));
    }
  }
  std::printf("Log %d, without commands in the way:\n", static_cast<int>(log));
  check("B2 a wake with a nonce", worst.wake, 160);
  check("B4 expiry to event", worst.expired, kRound);
  check("B5 event to log", worst.taken, 6);
  check("B7 retransmission", worst.wakeup, kRound + kAllFramed);
  check("B7 wake_failed", worst.wake_failed, kRound + kAllFramed);
}

TEST_CASE("B1, B2, B4, B5, B7: the same with commands back to back") {
  BoundsBench bench(2, kFraming);
  Worst worst;
  for (const unsigned beats : {7U, 8U, 10U, 13U, 16U, 31U}) {
    CAPTURE(beats);
    bench.traffic(beats, beats == 10 || beats == 31, beats == 13 ? Log::hostile : Log::verdicts);
    keep(worst, bench.measure(true, kRoundWithCommands + kRound));
  }
  std::printf("With commands back to back:\n");
  check("B1 a command but wake", worst.command, 120);
  check("B2 a wake that is refused", worst.wake, 160);
  check("B4 expiry to event", worst.expired, kRoundWithCommands);
  check("B5 event to log", worst.taken, 6);
  check("B7 retransmission", worst.wakeup, kRoundWithCommands + kAllFramed);
  check("B7 wake_failed", worst.wake_failed, kRoundWithCommands + kAllFramed);
}

TEST_CASE("B2: a wake without a nonce ends") {
  BoundsBench bench(3, kFraming);
  for (const unsigned beats : {7U, 16U}) {
    bench.traffic(beats, false, Log::verdicts);
    bench.nonces(false);
    const std::uint64_t wait =
        bench.run_command({.opcode = kWake, .client = static_cast<u128>(0x20010db8) << 96 | 9, .lifetime = 1});
    std::printf("  B2 a wake without a nonce: %llu of %d cycles\n", static_cast<unsigned long long>(wait),
                65'536 + 160);
    CHECK(wait >= 65'536);
    CHECK(wait <= 65'536 + 160);
  }
}
