// SPDX-License-Identifier: Apache-2.0
// reveille_event_log against a queue of records: docs/timing/host.md H14 to H19.
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
  std::optional<Event> verdict;  // logged if its bit is set and it is not lost
  bool lost = false;
  std::optional<Event> session;
  bool read = false;
};

/// The log as host.md tells it. Members are what holds in the cycle at hand; step() moves to the next.
class Log {
 public:
  std::deque<std::array<std::uint32_t, 8>> records;  // written, not wholly read
  std::uint32_t dropped = 0;
  [[nodiscard]] bool idle() const { return writing_ == 0; }
  [[nodiscard]] bool ready() const { return idle() && !slot_; }
  [[nodiscard]] std::uint32_t next_word() const { return records.empty() ? 0 : records.front()[word_]; }

  void step(const Inputs& in) {
    const std::size_t count = records.size();
    dropped += drops_;
    drops_ = false;
    if (in.read && count != 0 && ++word_ == 8) {
      records.pop_front();
      word_ = 0;
    }
    if (!idle() && --writing_ == 0)
      records.push_back(record_);
    else if (idle())
      look(in, count);
    if (slot_ && slot_->age++ == 0) slot_->logged &= in.mask >> slot_->event.verdict & 1;
    if (in.verdict && in.verdict->verdict != 0) slot_ = Slot{*in.verdict, !in.lost};
  }

 private:
  struct Slot {
    Event event;
    bool logged = false;
    unsigned age = 0;  // cycles
  };

  /// The writer is idle.
  void look(const Inputs& in, std::size_t count) {
    if (slot_ && slot_->age == 0) return;
    const bool verdict = slot_.has_value();
    const std::optional<Event> taken = !verdict        ? in.session
                                       : slot_->logged ? std::optional(slot_->event)
                                                       : std::nullopt;
    slot_.reset();
    if (!taken) return;
    if (count >= (verdict ? 96 : 128)) {
      drops_ = true;
      return;
    }
    record_ = taken->words();
    writing_ = 4;
  }

  std::optional<Slot> slot_;
  bool drops_ = false;
  std::array<std::uint32_t, 8> record_{};
  int writing_ = 0;  // cycles left
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
                           {verdict.value, 32},
                           {verdict.address(), 128},
                           {verdict.time, 48}});
    dut->lost_i = in.lost;
    dut->mask_i = in.mask >> 1;
    const Event session = in.session.value_or(Event{});
    dut->event_valid_i = in.session.has_value();
    drive(dut->event_i, {{session.kind, 2}, {0, 5}, {session.time, 48}, {session.value, 32}, {session.address(), 128}});
    dut->read_i = in.read;
    settle();
    REQUIRE(dut->event_ready_o == log.ready());
    REQUIRE(dut->count_o == log.records.size());
    REQUIRE(dut->empty_o == log.records.empty());
    REQUIRE(dut->dropped_o == log.dropped);
    if (in.read) REQUIRE(dut->data_o == log.next_word());

    Inputs taken = in;
    if (!log.ready()) taken.session.reset();
    log.step(taken);
    tick();
  }
};

Event random_event(std::mt19937& random, unsigned kind) {
  Event event;
  event.kind = kind;
  event.verdict = kind == 1 ? 1 + random() % 16 : 0;
  event.time = (static_cast<std::uint64_t>(random()) << 16 ^ random()) & 0xFFFF'FFFF'FFFF;
  event.value = static_cast<std::uint32_t>(random());
  for (std::uint32_t& word : event.client) word = static_cast<std::uint32_t>(random());
  return event;
}

}  // namespace

TEST_CASE("H14 to H19: the event log keeps every record, to the cycle") {
  LogBench bench(1);
  std::mt19937 random(7);
  int verdict_in = 0, read_in = 0;
  std::size_t most = 0, full_of_verdicts = 0;
  for (int i = 0; i < 400'000; ++i) {
    const int phase = i / 5000 % 5;  // flood; sessions only; mixed, drained; quiet reads; idle
    Inputs in;
    in.mask = phase == 0 ? 0x1FFFE : random() % 2 ? 0x9FFE : static_cast<std::uint32_t>(random()) & 0x1FFFE;
    if (--verdict_in <= 0 && (phase == 0 || (phase == 2 && random() % 20 == 0))) {
      in.verdict = random_event(random, 1);
      in.lost = random() % 10 == 0;
      verdict_in = 5;  // judged frames have at least five beats
    } else if (random() % 3 == 0) {
      in.verdict = Event{1, 0, 0, 0, {}};  // bypass may come in any cycle
    }
    if (phase <= 2 && random() % (phase == 1 ? 2 : 30) == 0) in.session = random_event(random, 2 + random() % 2);
    if (--read_in <= 0 && (phase >= 2 ? true : random() % 400 == 0)) {
      in.read = true;
      read_in = 5;
    }
    bench.cycle(in);
    most = std::max(most, bench.log.records.size());
    if (phase == 0 && bench.log.records.size() == 96) ++full_of_verdicts;
  }
  REQUIRE(most == 128);
  REQUIRE(full_of_verdicts > 0);
  REQUIRE(bench.log.dropped > 1000);
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
    bench.cycle(in);
    for (int wait = 0; wait < 4; ++wait) bench.cycle({});
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
        bench.cycle(in);  // the mask counts in the cycle after
        for (int wait = 0; wait < 8; ++wait) bench.cycle({});
        const bool logged = mask == 1U << verdict && !lost && verdict != 0;
        REQUIRE(bench.log.records.size() == before + logged);
      }
    }
  }
}
