// SPDX-License-Identifier: Apache-2.0
// reveille_event_log against a queue of records: docs/timing/host.md H14 to H19, H22, H24, H27.
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>

#include "Vreveille_event_log.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/packed.hpp"

namespace {

using reveille::tb::drive;
using reveille::tb::u128;

struct Event {
  unsigned kind = 1, verdict = 0;
  std::uint64_t time = 0;
  std::uint32_t value = 0;
  std::array<std::uint32_t, 4> client{};

  [[nodiscard]] std::array<std::uint32_t, 8> words() const {
    return {kind | verdict << 8,
            static_cast<std::uint32_t>(time),
            static_cast<std::uint32_t>(time >> 32),
            value,
            client[0],
            client[1],
            client[2],
            client[3]};
  }
  [[nodiscard]] u128 address() const {
    u128 address = 0;
    for (const std::uint32_t word : client) address = address << 32 | word;
    return address;
  }
};

struct Inputs {
  std::uint32_t mask = 0;
  std::optional<Event> verdict;  // of kind 4: guessing
  bool lost = false;
  std::optional<Event> session;
  bool read = false, realign = false, hide = false;
};

/// The log as host.md tells it. Members are what holds in the cycle at hand; step() moves to the next.
class Log {
 public:
  std::deque<std::array<std::uint32_t, 8>> records;  // written, not wholly read
  std::uint32_t dropped = 0;
  unsigned taken_in_turns = 0;

  /// H27.
  [[nodiscard]] bool ready() const { return busy_ == 1 && !of_slot_; }
  [[nodiscard]] std::uint32_t next_word(bool hide) const {
    return records.empty() || (hide && word_ == 3) ? 0 : records.front()[word_];
  }

  void step(const Inputs& in) {
    const std::size_t count = records.size();
    const bool slot_was_full = slot_.has_value();
    dropped += drops_;
    drops_ = 0;
    if (busy_ == 0) {
      take(in, count);
    } else if (--busy_ == 0) {
      if (of_slot_) slot_.reset();
      if (room_) written_ = record_;
    }
    // H14: a verdict's event is known in the cycle after its own.
    const bool event = seen_.has_value();
    if (event && slot_free_) slot_ = seen_;
    if (event && !slot_free_) ++drops_;
    slot_free_ = !slot_was_full && !event;
    seen_.reset();
    if (in.verdict && !in.lost && (in.verdict->kind == 4 || (in.mask & 0x1FFFE) >> in.verdict->verdict & 1))
      seen_ = in.verdict;

    if (in.read && count != 0 && ++word_ == 8) next_record();
    if (in.realign && word_ != 0) next_record();
    if (written_) records.push_back(*written_);
    written_.reset();
  }

 private:
  void next_record() {
    records.pop_front();
    word_ = 0;
  }

  /// H15 to H18; the writer is idle.
  void take(const Inputs& in, std::size_t count) {
    if (!slot_ && !in.session) return;
    of_slot_ = slot_ && !(in.session && slot_taken_last_);
    taken_in_turns += slot_ && in.session;
    const Event event = of_slot_ ? *slot_ : *in.session;
    slot_taken_last_ = of_slot_;
    room_ = count < (event.kind == 1 ? 96 : 128);
    if (!room_) ++drops_;
    record_ = event.words();
    busy_ = room_ ? 4 : 1;
  }

  std::optional<Event> seen_, slot_;
  bool slot_free_ = false;  // the slot was empty in the cycle before, and no event has filled it since
  bool slot_taken_last_ = false;
  unsigned drops_ = 0;
  int busy_ = 0;  // cycles up to that in which the event taken is let go, from the one behind its taking on
  bool of_slot_ = false, room_ = false;
  std::array<std::uint32_t, 8> record_{};
  std::optional<std::array<std::uint32_t, 8>> written_;
  unsigned word_ = 0;
};

class LogBench : public reveille::tb::Bench<Vreveille_event_log> {
 public:
  using Bench::Bench;
  Log log;

  void cycle(const Inputs& in) {
    const Event verdict = in.verdict.value_or(Event{});
    drive(dut->verdict_i, {{in.verdict.has_value(), 1},
                           {verdict.verdict, 5},
                           {0, 1},
                           {in.lost && verdict.value % 2, 1},
                           {verdict.kind == 4, 1},
                           {verdict.value, 32},
                           {verdict.address(), 128},
                           {verdict.time, 52}});
    dut->lost_i = in.lost;
    dut->mask_i = in.mask >> 1;
    const Event session = in.session.value_or(Event{});
    dut->event_valid_i = in.session.has_value();
    drive(dut->event_i, {{session.kind, 3}, {0, 5}, {session.time, 52}, {session.value, 32}, {session.address(), 128}});
    dut->read_i = in.read;
    dut->realign_i = in.realign;
    dut->hide_value_i = in.hide;
    settle();
    REQUIRE(dut->event_ready_o == log.ready());
    REQUIRE(dut->count_o == log.records.size());
    REQUIRE(dut->empty_o == log.records.empty());
    REQUIRE(dut->dropped_o == log.dropped);
    if (in.read) REQUIRE(dut->data_o == log.next_word(in.hide));

    session_taken = in.session.has_value() && log.ready();
    log.step(in);
    tick();
  }

  bool session_taken = false;
};

Event random_event(std::mt19937& random, unsigned kind) {
  Event event;
  event.kind = kind;
  event.verdict = kind == 1 ? 1 + random() % 16 : kind == 4 ? 12 : 0;
  event.time = (static_cast<std::uint64_t>(random()) << 20 ^ random()) & 0xF'FFFF'FFFF'FFFF;
  event.value = static_cast<std::uint32_t>(random());
  for (std::uint32_t& word : event.client) word = static_cast<std::uint32_t>(random());
  return event;
}

}  // namespace

TEST_CASE("H14 to H19: the event log keeps every record, to the cycle") {
  LogBench bench(1);
  std::mt19937 random(7);
  int apart = 0, waits = 0;
  std::size_t most = 0, full_of_verdicts = 0;
  std::optional<Event> session;
  for (int i = 0; i < 600'000; ++i) {
    const int phase = i / 5000 % 6;  // flood; sessions only; mixed, drained; events in every cycle; quiet reads; idle
    Inputs in;
    in.mask = phase == 0 ? 0x1FFFE : random() % 2 ? 0x9FFE : static_cast<std::uint32_t>(random()) & 0x1FFFE;
    in.hide = i / 30'000 % 2;
    if (phase == 3 || (phase == 0 && random() % 5 == 0) || (phase == 2 && random() % 20 == 0)) {
      in.verdict = random_event(random, random() % 8 == 0 ? 4 : 1);
      in.lost = random() % 10 == 0;
    } else if (random() % 3 == 0) {
      in.verdict = Event{1, 0, 0, 0, {}};
    }
    // An offered event stays until it is taken.
    if (!session && phase <= 3 && random() % (phase == 1 ? 2 : phase == 3 ? 4 : 30) == 0)
      session = random_event(random, 2 + random() % 2);
    in.session = session;
    if (--apart <= 0 && (phase >= 2 ? true : random() % 400 == 0)) {
      (random() % 16 == 0 ? in.realign : in.read) = true;
      apart = 5;
    }
    bench.cycle(in);
    waits = session && !bench.session_taken ? waits + 1 : 0;
    REQUIRE(waits < 10);  // two events (B5)
    if (bench.session_taken) session.reset();
    most = std::max(most, bench.log.records.size());
    if (phase == 0 && bench.log.records.size() == 96) ++full_of_verdicts;
  }
  REQUIRE(most == 128);
  REQUIRE(full_of_verdicts > 0);
  REQUIRE(bench.log.dropped > 1000);
  REQUIRE(bench.log.taken_in_turns > 1000);
}

TEST_CASE("H15, H16: a flood of verdict events leaves every second turn to session events") {
  LogBench bench(4);
  std::mt19937 random(9);
  unsigned sessions = 0, waited = 0, longest = 0;
  Event session = random_event(random, 2);
  for (int i = 0; i < 450; ++i) {
    Inputs in;
    in.mask = 0x1FFFE;
    in.verdict = random_event(random, 1);
    in.session = session;
    bench.cycle(in);
    if (bench.session_taken) session = random_event(random, 2);
    waited = bench.session_taken ? 0 : waited + 1;
    longest = std::max(longest, waited);
    sessions += bench.session_taken;
  }
  // Five cycles an event, or two without room.
  REQUIRE(sessions > 450 / 11);
  REQUIRE(longest <= 10);
}

TEST_CASE("H17: a flood leaves the last 32 records to session events") {
  LogBench bench(2);
  std::mt19937 random(8);
  for (int i = 0; i < 200; ++i) {
    Inputs in;
    in.mask = 0x9FFE;
    in.verdict = Event{1, 10, 5, 6, {1, 2, 3, 4}};
    bench.cycle(in);
    in.verdict.reset();
    for (int wait = 0; wait < 4; ++wait) bench.cycle(in);
  }
  for (int wait = 0; wait < 8; ++wait) bench.cycle({});
  REQUIRE(bench.log.records.size() == 96);
  for (int i = 0; i < 40; ++i) {
    Inputs in;
    in.session = random_event(random, 2);
    do bench.cycle(in);
    while (!bench.session_taken);
  }
  REQUIRE(bench.log.records.size() == 128);
  REQUIRE(bench.log.dropped == 104 + 8);
}

TEST_CASE("H14: an event whose mask bit is 0, or of a lost frame, is not logged") {
  LogBench bench(3);
  for (unsigned verdict = 0; verdict < 17; ++verdict) {
    for (const std::uint32_t mask : {1U << verdict, ~(1U << verdict)}) {
      for (const bool lost : {false, true}) {
        const std::size_t before = bench.log.records.size();
        Inputs in;
        in.mask = mask & 0x1FFFE;
        in.lost = lost;
        in.verdict = Event{1, verdict, 1, 2, {}};
        bench.cycle(in);
        in.verdict.reset();
        for (int wait = 0; wait < 8; ++wait) bench.cycle({});
        const bool logged = mask == 1U << verdict && !lost && verdict != 0;
        REQUIRE(bench.log.records.size() == before + logged);
        in.verdict = Event{4, verdict, 1, 2, {}};  // guessing has no bit
        bench.cycle(in);
        for (int wait = 0; wait < 8; ++wait) bench.cycle({});
        REQUIRE(bench.log.records.size() == before + logged + !lost);
      }
    }
  }
}
