// SPDX-License-Identifier: Apache-2.0
//
// The bench of store, guard and session control together: it feeds frames, and compares every output in every cycle
// with SessionReference and the few lines of judge() (docs/protocol.md, part 3).
#pragma once

#include <deque>
#include <reveille/verdict.hpp>

#include "Vreveille_session_guard.h"
#include "guard/session_traffic.hpp"
#include "waveform.hpp"

namespace reveille::tb {

enum Mode : std::uint8_t { kDrop, kLimit, kPass };

struct Policy {
  std::uint8_t mode = kDrop;
  std::uint32_t interval = 0;
  Time tolerance = 0;
  unsigned guess_threshold = 0;
};

struct Frame {
  unsigned beats = 7;
  bool ap_request = true;
  std::optional<Verdict> decided = std::nullopt;
  u128 source = 0;
  std::uint32_t nonce = 0;
  std::uint64_t tag = 0;
  bool oversize = false, overrun = false;

  // Filled in by the bench.
  std::uint64_t first = 0, last = 0;  // cycles of the first beat, and of the last: T
  Time time = 0;
  Rows rows{};
  std::vector<std::pair<unsigned, Entry>> read{};  // location, entry: the eight ways
  Policy policy{};                                 // V6

  [[nodiscard]] bool looked_up() const { return beats >= 7; }
};

struct Judgement {
  Verdict verdict = Verdict::bypass;
  bool pass = false, lost = false, guessing = false;
  std::optional<u128> tat;                          // new theoretical arrival time
  std::optional<std::pair<unsigned, Entry>> write;  // location, and the entry with its new state
};

class SessionGuardBench {
 public:
  explicit SessionGuardBench(std::uint64_t seed) : noise_(seed) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed) + 1);
    dut_.rst_ni = 0;
    for (int i = 0; i < 4; ++i) clock();
    dut_.rst_ni = 1;
  }

  Inputs in;  // time is time_i here
  Outputs out;
  Policy policy;
  std::uint64_t cycle = 0;
  Coverage coverage;
  std::map<Verdict, unsigned> verdicts;
  unsigned lost = 0, guessing = 0, limited = 0;
  std::optional<Judgement> judged;  // in this cycle

  [[nodiscard]] const std::array<Entry, 4096>& store() const { return reference_.store; }
  [[nodiscard]] const HashTables& tables() const { return reference_.tables; }

  /// The frame's first beat is in the next cycle; its last follows without a gap, or after `gap` cycles.
  void begin(Frame frame, unsigned gap = 0) {
    frame.first = cycle;
    frame.last = cycle + frame.beats - 1 + gap;
    frames_.push_back(frame);
  }
  [[nodiscard]] bool line_idle() const { return frames_.empty() || frames_.back().last < cycle; }

  void step() {
    CAPTURE(cycle);
    Inputs seen = in;
    seen.time = store_time();
    seen.free = true;
    for (const Frame& frame : frames_) {
      if (frame.looked_up() && (at(frame, 8) || at(frame, 9) || at(frame, 14))) seen.free = false;
    }
    ports_.drive(seen);
    dut_.store_time_i = seen.time;
    drive(dut_.policy_i, {{policy.mode, 2},
                          {policy.interval, 32},
                          {policy.tolerance, 52},
                          {in.resend_budget, 4},
                          {policy.guess_threshold, 9}});
    ports_.drive_rows(reference_.tables, noise_);
    dut_.hash_row0_i = ports_.rows().row0;
    dut_.hash_row1_i = ports_.rows().row1;
    drive_frames();
    judged.reset();
    if (!frames_.empty() && at(frames_.front(), 14)) judged = judge(frames_.front());
    dut_.frame_lost_i = judged ? judged->lost : noise_() & 1;
    dut_.refused_i = judged && judged->pass ? judged->lost : noise_() & 1;
    dut_.clk_i = 0;
    dut_.eval();

    out = reference_.step(seen);
    coverage.sample(seen, out);
    ports_.compare(out);
    compare_verdict();
    if (judged) conclude();
    waveform_.sample();
    dut_.clk_i = 1;
    dut_.eval();
    waveform_.sample();
    ++cycle;
  }

  void run(unsigned count) {
    while (count-- != 0) step();
  }

  /// Sends the frame and runs to its verdict, T+14.
  Judgement send(const Frame& frame) {
    begin(frame);
    const std::uint64_t verdict = frames_.back().last + 14;
    while (cycle <= verdict) step();
    REQUIRE(judged);
    return *judged;
  }

  Result command(const Command& command) {
    in.command = command;
    in.command_valid = false;
    step();
    in.command_valid = true;
    do step();
    while (!out.done);
    in.command_valid = false;
    return out.result;
  }

 private:
  [[nodiscard]] bool at(const Frame& frame, unsigned offset) const { return cycle == frame.last + offset; }

  /// docs/timing/guard.md, "Store time".
  [[nodiscard]] Time store_time() const {
    for (const Frame& frame : frames_) {
      const std::uint64_t until = frame.last + (frame.looked_up() ? 8 : 0);
      if (frame.first < cycle && cycle <= until &&
          !(frame.last > frame.first + 16'384 && cycle > frame.first + 16'384)) {
        return frame.time;
      }
    }
    return in.time;
  }

  void drive_frames() {
    const auto noise = [this] { return static_cast<u128>(noise_()) << 64 | noise_(); };
    drive(dut_.lookup_client_i, {{noise(), 128}});
    drive(dut_.descriptor_i, {{0, 1},
                              {noise(), 1},
                              {noise(), 1},
                              {noise_() % 17, 5},
                              {noise(), 1},
                              {noise(), 1},
                              {noise(), 32},
                              {0, 128},  // I3
                              {noise(), 52}});
    dut_.lookup_value_i = noise_();
    dut_.lookup_soon_i = 0;
    dut_.lookup_row0_i = static_cast<unsigned>(noise_() % 512);
    dut_.lookup_row1_i = static_cast<unsigned>(noise_() % 512);
    for (Frame& frame : frames_) {
      if (cycle == frame.first) frame.time = in.time;
      if (frame.looked_up() && at(frame, 7)) {
        frame.rows = hash(reference_.tables, frame.source);
        dut_.lookup_soon_i = 1;
        dut_.lookup_row0_i = frame.rows.row0;
        dut_.lookup_row1_i = frame.rows.row1;
      }
      if (frame.looked_up() && at(frame, 8)) {
        frame.policy.guess_threshold = policy.guess_threshold;
        drive(dut_.lookup_client_i, {{frame.source, 128}});
        read(frame, 0);
      }
      if (frame.looked_up() && at(frame, 9)) read(frame, 1);
      if (!frame.decided && (at(frame, 10) || at(frame, 11))) {
        dut_.lookup_value_i = frame.ap_request ? frame.nonce : frame.tag;
      }
      if (at(frame, 11)) frame.policy.tolerance = policy.tolerance;
      if (at(frame, 12)) {
        frame.policy.mode = policy.mode;
        drive(dut_.descriptor_i, {{1, 1},
                                  {frame.oversize, 1},
                                  {frame.decided.has_value(), 1},
                                  {frame.decided ? reveille::index(*frame.decided) : 0, 5},
                                  {frame.ap_request, 1},
                                  {frame.looked_up(), 1},
                                  {frame.ap_request ? frame.nonce : 0, 32},
                                  {frame.source, 128},
                                  {frame.time, 52}});
      }
      if (at(frame, 13)) frame.policy.interval = policy.interval;
    }
  }

  void read(Frame& frame, unsigned half) {
    if (!out.cleared && cycle < 1024) return;  // N4
    for (unsigned bank = 0; bank < 2; ++bank) {
      for (unsigned lane = 0; lane < 2; ++lane) {
        const unsigned where = location(bank == 0 ? frame.rows.row0 : frame.rows.row1, bank, 2 * half + lane);
        frame.read.emplace_back(where, reference_.store[where]);
      }
    }
  }

  /// docs/protocol.md, part 3; V3-V5.
  [[nodiscard]] Judgement judge(const Frame& frame) const {
    Judgement result;
    const std::pair<unsigned, Entry>* live = nullptr;
    for (const auto& way : frame.read) {
      if (way.second.holds(frame.source) && way.second.live(frame.time)) live = &way;
    }
    if (frame.decided) {
      result.verdict = *frame.decided;
    } else if (frame.ap_request && frame.nonce == 0) {
      result.verdict = Verdict::client_initiated;
    } else if (live == nullptr) {
      result.verdict = Verdict::not_woken;
    } else if (const Entry& session = live->second; frame.ap_request) {
      const bool replied = session.phase == kReplied;
      result.verdict = session.nonce != frame.nonce           ? Verdict::false_nonce
                       : session.phase == kOutstanding        ? Verdict::accepted
                       : replied && session.resends_left != 0 ? Verdict::resend
                                                              : Verdict::repeat;
    } else {
      result.verdict = session.phase != kReplied  ? Verdict::unexpected
                       : session.aux == frame.tag ? Verdict::sa_recovered
                                                  : Verdict::false_nonce;
    }

    result.pass = reveille::is_pass(result.verdict);
    if (result.verdict == Verdict::client_initiated) {
      const Policy& p = frame.policy;
      const u128 now = frame.time;
      const bool conforms = p.mode == kLimit && tat_ <= now + p.tolerance;
      result.pass = p.mode == kPass || conforms;
      if (conforms) result.tat = (tat_ > now ? tat_ : now) + p.interval;
    }
    result.lost = frame.oversize || (result.pass && frame.overrun);

    if (live != nullptr) {
      result.write = *live;
      Entry& after = result.write->second;
      if (result.verdict == Verdict::accepted) {
        after.phase = kInService;
      } else if (result.verdict == Verdict::resend) {
        --after.resends_left;
      } else if (result.verdict == Verdict::sa_recovered) {
        after.phase = kRecovered;
      } else if (result.verdict == Verdict::false_nonce) {
        if (after.false_nonces != 511) {
          ++after.false_nonces;
          result.guessing = after.false_nonces == frame.policy.guess_threshold;
        }
      } else {
        result.write.reset();
      }
    }
    return result;
  }

  void compare_verdict() {
    bool valid = false, pass = false, oversize = false, guesses = false;
    unsigned code = 0;
    std::uint32_t value = 0;
    u128 source = 0;
    Time time = 0;
    Fields(dut_.verdict_o, 221)
        .take(valid, 1)
        .take(code, 5)
        .take(pass, 1)
        .take(oversize, 1)
        .take(guesses, 1)
        .take(value, 32)
        .take(source, 128)
        .take(time, 52);
    const Frame none{.decided = Verdict::bypass};
    const Frame& frame = judged ? frames_.front() : none;
    const Judgement& expected = judged ? *judged : Judgement{};
    CAPTURE(frame.last, reveille::name(expected.verdict), code);
    REQUIRE(valid == judged.has_value());
    REQUIRE(code == reveille::index(expected.verdict));
    REQUIRE(pass == expected.pass);
    REQUIRE(oversize == frame.oversize);
    REQUIRE(guesses == expected.guessing);
    REQUIRE(value == (frame.decided || !frame.ap_request ? 0 : frame.nonce));
    REQUIRE(source == frame.source);
    if (judged) REQUIRE(time == frame.time);
  }

  /// What the frame changes at the end of its T+14.
  void conclude() {
    ++verdicts[judged->verdict];
    lost += judged->lost;
    guessing += judged->guessing;
    limited += judged->tat.has_value();
    if (!judged->lost && judged->tat) tat_ = *judged->tat;
    if (!judged->lost && judged->write) {  // V3: each part alone
      Entry& entry = reference_.store[judged->write->first];
      if (judged->verdict == Verdict::false_nonce) {
        entry.false_nonces = judged->write->second.false_nonces;
      } else {
        entry.phase = judged->write->second.phase;
        entry.resends_left = judged->write->second.resends_left;
      }
    }
    frames_.pop_front();
  }

  void clock() {
    dut_.clk_i = 0;
    dut_.eval();
    dut_.clk_i = 1;
    dut_.eval();
  }

  VerilatedContext context_;
  Vreveille_session_guard dut_{&context_};
  Waveform<Vreveille_session_guard> waveform_{context_, dut_};
  SessionPorts<Vreveille_session_guard> ports_{dut_};
  SessionReference reference_;
  std::deque<Frame> frames_;
  std::mt19937_64 noise_;
  u128 tat_ = 0;
};

}  // namespace reveille::tb
