// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_frame_buffer.h>

#include <bit>
#include <deque>
#include <optional>
#include <random>

#include "catch.hpp"
#include "guard/packed.hpp"
#include "nonce/support.hpp"
#include "reveille/verdict.hpp"

namespace {

using reveille::Verdict;

struct Beat {
  std::uint64_t data = 0;
  std::uint8_t keep = 0;
  bool last = false;
  std::uint8_t user = 0;
  bool operator==(const Beat&) const = default;
};

/// docs/timing/ingress.md, "Frame buffer", as it stands there: a list of beats, and counts.
class Reference {
 public:
  bool writes() const { return occupancy() < 2044 && !overrun_; }
  /// This beat makes the frame wide, or one before did; then it may not pass if anybody can send it.
  bool is_wide() const { return wide_ || occupancy() >= 2048 - 768; }
  bool lost(bool pass, bool oversize, Verdict verdict) const {
    const bool yields = verdict == Verdict::bypass || verdict == Verdict::client_initiated;
    return oversize || (pass && (!writes() || (yields && is_wide())));
  }

  /// Whether a beat is offered in `cycle`, and which.
  const Beat* offered(std::uint64_t cycle) const {
    if (held_.empty()) return nullptr;
    return cycle >= std::max(held_.front().committed + 5, handed_ + 1) ? &held_.front().beat : nullptr;
  }

  void end_cycle(std::uint64_t cycle, const Beat* beat, bool pass, bool oversize, Verdict verdict, bool hands_over) {
    const bool written = writes(), is_lost = lost(pass, oversize, verdict);
    if (beat != nullptr) wide_ = is_wide();
    if (hands_over) {
      held_.pop_front();
      handed_ = cycle;
    }
    if (beat != nullptr) {
      if (written)
        frame_.push_back({*beat, cycle});
      else
        overrun_ = true;
    }
    if (beat != nullptr && beat->last) {
      if (pass && !is_lost) {
        frame_.back().beat.user = static_cast<std::uint8_t>(verdict);
        for (auto& word : frame_) held_.push_back({word.beat, cycle});
      }
      frame_.clear();
      overrun_ = wide_ = false;
    }
    counted_.push_back(held_.size() + frame_.size());
    counted_.pop_front();
  }
  /// What was written, rolled back or handed over in the three cycles before does not count yet.
  std::size_t occupancy() const { return counted_.front(); }
  /// What there is.
  std::size_t held() const { return counted_.back(); }

 private:
  struct Word {
    Beat beat;
    std::uint64_t committed = 0;
  };
  std::deque<Word> held_, frame_;
  std::deque<std::size_t> counted_ = std::deque<std::size_t>(4);  // at the end of the last four cycles
  bool overrun_ = false, wide_ = false;
  std::uint64_t handed_ = 0;  // H of the beat handed over last
};

struct BufferBench {
  reveille::test::Bench<Vreveille_frame_buffer> rtl;
  Reference reference;
  std::mt19937_64 random;
  std::optional<Beat> before;  // its octets come a cycle later
  unsigned lost = 0, passed = 0, dropped = 0, fullest = 0;
  unsigned pause = 0;  // idle cycles behind each beat; with three occupancy is what there is

  explicit BufferBench(std::uint64_t seed) : random(seed) {
    input(nullptr, false, false, Verdict::bypass);
    rtl->host_ready_i = 0;
    rtl.reset();
    rtl.cycle = 10;  // before it, nothing was handed over
  }

  void input(const Beat* beat, bool pass, bool oversize, Verdict verdict) {
    const bool ends = beat != nullptr && beat->last;
    rtl->valid_i = beat != nullptr;
    rtl->ends_i = ends;
    rtl->octets_i = static_cast<unsigned>(before ? std::popcount(before->keep) - 1 : random()) & 7;
    rtl->data_i = before ? before->data : random();
    before = beat ? std::optional<Beat>(*beat) : std::nullopt;
    reveille::tb::drive(rtl->verdict_i, {{ends, 1},
                                         {ends ? static_cast<unsigned>(verdict) : random() % 17, 5},
                                         {ends && pass, 1},
                                         {ends && oversize, 1},
                                         {random(), 1},
                                         {random(), 32},
                                         {random(), 64},
                                         {random(), 64},
                                         {random(), 52}});
    rtl->yields_i =
        ends && pass ? verdict == Verdict::bypass || verdict == Verdict::client_initiated : random() % 2 != 0;
  }

  /// One cycle, every output compared.
  void cycle(const Beat* beat, bool pass, bool oversize, Verdict verdict, bool ready) {
    input(beat, pass, oversize, verdict);
    rtl->host_ready_i = ready;
    rtl->eval();
    const bool ends = beat != nullptr && beat->last;
    INFO("cycle " << rtl.cycle << ", occupancy " << reference.occupancy());
    const bool is_lost = ends && reference.lost(pass, oversize, verdict);
    REQUIRE(static_cast<bool>(rtl->frame_lost_o) == is_lost);
    const Beat* offered = reference.offered(rtl.cycle);
    REQUIRE(static_cast<bool>(rtl->host_valid_o) == (offered != nullptr));
    const Beat out{rtl->host_data_o, rtl->host_keep_o, static_cast<bool>(rtl->host_last_o), rtl->host_user_o};
    REQUIRE(out == (offered ? *offered : Beat{}));
    if (ends) {
      lost += is_lost;
      passed += pass && !is_lost;
      dropped += !pass && !is_lost;
    }
    reference.end_cycle(rtl.cycle, beat, pass, oversize, verdict, offered != nullptr && ready);
    fullest = std::max(fullest, static_cast<unsigned>(reference.held()));
    rtl.step();
  }

  void play(std::size_t beats, bool pass, bool oversize, unsigned gap_percent, unsigned ready_percent,
            std::optional<Verdict> chosen = std::nullopt) {
    static const Verdict passing[] = {Verdict::bypass, Verdict::client_initiated, Verdict::accepted, Verdict::resend,
                                      Verdict::sa_recovered};
    static const Verdict dropping[] = {Verdict::unparsable, Verdict::client_initiated, Verdict::repeat};
    const Verdict verdict = chosen ? *chosen : pass ? passing[random() % 5] : dropping[random() % 3];
    for (std::size_t i = 0; i < beats; ++i) {
      while (random() % 100 < gap_percent)
        cycle(nullptr, false, false, Verdict::bypass, random() % 100 < ready_percent);
      const bool last = i + 1 == beats;
      const Beat beat{random(), static_cast<std::uint8_t>(last ? 0xff >> random() % 8 : 0xff), last, 0};
      cycle(&beat, pass, oversize, verdict, random() % 100 < ready_percent);
      idle(pause, false);
    }
  }
  void idle(unsigned cycles, bool ready) {
    while (cycles-- != 0) cycle(nullptr, false, false, Verdict::bypass, ready);
  }
};

TEST_CASE("I6: a beat is offered 5 cycles after its commit, then one a cycle") {
  for (const std::size_t beats : {1U, 2U, 3U, 4U, 5U, 20U, 1152U}) {
    BufferBench bench(beats);
    bench.play(beats, true, false, 0, 100);
    bench.idle(static_cast<unsigned>(beats) + 10, true);
    CHECK(bench.reference.held() == 0);
    CHECK(bench.passed == 1);
  }
}

TEST_CASE("I5, I6: random frames, verdicts and back-pressure") {
  const unsigned ready = GENERATE(100U, 95U, 60U, 50U, 20U);
  const unsigned gap = GENERATE(0U, 30U);
  CAPTURE(ready, gap);
  BufferBench bench(ready + gap);
  for (int i = 0; i < 6000; ++i) {
    const auto kind = bench.random() % 8;
    bench.play(1 + bench.random() % (kind == 0  ? 1200
                                     : kind < 4 ? 12
                                                : 3),
               bench.random() % 3 != 0, bench.random() % 40 == 0, gap, ready);
    if (bench.random() % 200 == 0) bench.idle(2100, bench.random() % 2 == 0);
  }
  bench.idle(3000, true);
  CHECK(bench.reference.held() == 0);
  CHECK(bench.passed > 500);
  CHECK(bench.dropped > 500);
  CHECK(bench.lost > 50);
}

TEST_CASE("The reserve: bypass and client_initiated pass while they leave 768 beats free, the others go on") {
  for (const Verdict yields : {Verdict::bypass, Verdict::client_initiated}) {
    for (const std::size_t last : {1U, 2U, 7U, 100U}) {
      // A frame's last beat finds `before` others: up to 1,279 it passes.
      for (const std::size_t before : {1278U, 1279U, 1280U, 1281U}) {
        BufferBench bench(last);
        bench.pause = 3;
        bench.play(before + 1 - last, true, false, 0, 0, Verdict::accepted);
        bench.play(last, true, false, 0, 0, yields);
        CHECK(bench.lost == (before >= 1280));
        bench.play(last, true, false, 0, 0, Verdict::accepted);
        bench.play(700, true, false, 0, 0, Verdict::resend);
        CHECK(bench.lost == (before >= 1280 ? 1 : last == 100 && before == 1279 ? 1 : last == 100 ? 1 : 0));
        bench.play(3, true, false, 0, 0, yields);
        bench.play(3, false, false, 0, 0, yields);  // dropped, not lost
        bench.idle(900, true);
        bench.play(3, true, false, 0, 100, yields);  // room again
        bench.idle(2100, true);
        CHECK(bench.reference.held() == 0);
      }
    }
  }
}

TEST_CASE("The reserve: a frame that was wide for one beat is wide, also when the host has made room since") {
  BufferBench bench(5);
  bench.play(1270, true, false, 0, 0, Verdict::accepted);
  bench.idle(3, false);
  const Beat beat{1, 0xff, false, 0};
  for (int i = 0; i < 14; ++i) bench.cycle(&beat, false, false, Verdict::bypass, false);  // the last finds 1,280
  bench.idle(600, true);
  const Beat last{1, 0xff, true, 0};
  bench.cycle(&last, true, false, Verdict::bypass, true);
  CHECK(bench.lost == 1);
  bench.idle(2000, true);
  CHECK(bench.reference.held() == 0);
}

TEST_CASE("I5: the 2,044th beat is written, the next one is not") {
  for (const std::size_t room : {0U, 1U, 2U}) {
    BufferBench bench(room);
    bench.pause = 3;
    for (int i = 0; i < 2; ++i) bench.play(1000, true, false, 0, 0, Verdict::accepted);
    bench.play(44 - room, true, false, 0, 0, Verdict::resend);
    bench.play(2, true, false, 0, 0, Verdict::accepted);  // fits if there is room for two
    CHECK(bench.lost == (room == 2 ? 0 : 1));
    bench.play(1, true, false, 0, 0, Verdict::sa_recovered);  // fits in the place that is left or was given back
    CHECK(bench.lost == (room == 1 ? 1 : room == 0 ? 2 : 1));
    bench.play(3, false, false, 0, 0);  // a drop that does not fit counts as a drop
    CHECK(bench.dropped == 1);
    CHECK(bench.fullest == 2044);
    bench.idle(2100, true);
    CHECK(bench.reference.held() == 0);
  }
}

TEST_CASE("I5: beats that come one a cycle fill three places more") {
  BufferBench bench(4);
  for (int i = 0; i < 2100; ++i) bench.play(1, true, false, 0, 0, Verdict::accepted);
  CHECK(bench.passed == 2047);
  CHECK(bench.fullest == 2047);
  bench.idle(2100, true);
  CHECK(bench.reference.held() == 0);
}

TEST_CASE("I5: a dropped frame gives back its room at once, without end") {
  BufferBench bench(3);
  bench.play(900, true, false, 0, 0);
  for (int i = 0; i < 30; ++i) bench.play(1144, false, i % 2 == 0, 0, 0);
  CHECK(bench.lost == 15);
  CHECK(bench.dropped == 15);
  bench.play(1144, true, false, 0, 0, Verdict::accepted);
  CHECK(bench.passed == 2);
  bench.idle(2100, true);
  CHECK(bench.reference.held() == 0);
}

}  // namespace
