// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_frame_buffer.h>

#include <deque>
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
  bool writes() const { return held_.size() + frame_.size() < 2048 && !overrun_; }
  bool lost(bool pass, bool oversize) const { return oversize || (pass && !writes()); }

  /// Whether a beat is offered in `cycle`, and which.
  const Beat* offered(std::uint64_t cycle) const {
    if (held_.empty()) return nullptr;
    return cycle >= std::max(held_.front().committed + 4, handed_ + 1) ? &held_.front().beat : nullptr;
  }

  void end_cycle(std::uint64_t cycle, const Beat* beat, bool pass, bool oversize, std::uint8_t verdict,
                 bool hands_over) {
    const bool written = writes();
    if (hands_over) {
      held_.pop_front();
      handed_ = cycle;
    }
    if (beat == nullptr) return;
    if (written)
      frame_.push_back({*beat, cycle});
    else
      overrun_ = true;
    if (!beat->last) return;
    if (pass && !oversize && !overrun_) {
      frame_.back().beat.user = verdict;
      for (auto& word : frame_) held_.push_back({word.beat, cycle});
    }
    frame_.clear();
    overrun_ = false;
  }
  std::size_t occupancy() const { return held_.size() + frame_.size(); }

 private:
  struct Word {
    Beat beat;
    std::uint64_t committed = 0;
  };
  std::deque<Word> held_, frame_;
  bool overrun_ = false;
  std::uint64_t handed_ = 0;  // H of the beat handed over last
};

struct BufferBench {
  reveille::test::Bench<Vreveille_frame_buffer> rtl;
  Reference reference;
  std::mt19937_64 random;
  unsigned lost = 0, passed = 0, dropped = 0, fullest = 0;

  explicit BufferBench(std::uint64_t seed) : random(seed) {
    input(nullptr, false, false, Verdict::bypass);
    rtl->m_axis_host_tready_i = 0;
    rtl.reset();
    rtl.cycle = 10;  // before it, nothing was handed over
  }

  void input(const Beat* beat, bool pass, bool oversize, Verdict verdict) {
    const bool ends = beat != nullptr && beat->last;
    reveille::tb::drive(rtl->beat_i,
                        {{beat != nullptr, 1},
                         {beat ? beat->last : random() & 1, 1},
                         {beat && beat->last ? beat->keep : random(), 8},  // of the others it is not looked at
                         {beat ? beat->data : random(), 64}});
    // Only its valid bit says that there is a verdict.
    reveille::tb::drive(rtl->verdict_i, {{ends, 1},
                                         {ends ? static_cast<unsigned>(verdict) : random() % 17, 5},
                                         {ends ? pass : random() & 1, 1},
                                         {ends ? oversize : random() & 1, 1},
                                         {random(), 32},
                                         {random(), 64},
                                         {random(), 64},
                                         {random(), 48}});
  }

  /// One cycle, every output compared.
  void cycle(const Beat* beat, bool pass, bool oversize, Verdict verdict, bool ready) {
    input(beat, pass, oversize, verdict);
    rtl->m_axis_host_tready_i = ready;
    rtl->eval();
    const bool ends = beat != nullptr && beat->last;
    INFO("cycle " << rtl.cycle << ", occupancy " << reference.occupancy());
    const bool is_lost = ends && reference.lost(pass, oversize);
    REQUIRE(static_cast<bool>(rtl->frame_lost_o) == is_lost);
    const Beat* offered = reference.offered(rtl.cycle);
    REQUIRE(static_cast<bool>(rtl->m_axis_host_tvalid_o) == (offered != nullptr));
    const Beat out{rtl->m_axis_host_tdata_o, rtl->m_axis_host_tkeep_o, static_cast<bool>(rtl->m_axis_host_tlast_o),
                   rtl->m_axis_host_tuser_o};
    REQUIRE(out == (offered ? *offered : Beat{}));
    if (ends) {
      lost += is_lost;
      passed += pass && !is_lost;
      dropped += !pass && !is_lost;
    }
    reference.end_cycle(rtl.cycle, beat, pass, oversize, static_cast<std::uint8_t>(verdict),
                        offered != nullptr && ready);
    fullest = std::max(fullest, static_cast<unsigned>(reference.occupancy()));
    rtl.step();
  }

  void play(std::size_t beats, bool pass, bool oversize, unsigned gap_percent, unsigned ready_percent) {
    static const Verdict passing[] = {Verdict::bypass, Verdict::client_initiated, Verdict::accepted, Verdict::resend,
                                      Verdict::sa_recovered};
    static const Verdict dropping[] = {Verdict::unparsable, Verdict::client_initiated, Verdict::repeat};
    const Verdict verdict = pass ? passing[random() % 5] : dropping[random() % 3];
    for (std::size_t i = 0; i < beats; ++i) {
      while (random() % 100 < gap_percent)
        cycle(nullptr, false, false, Verdict::bypass, random() % 100 < ready_percent);
      const bool last = i + 1 == beats;
      const Beat beat{random(), static_cast<std::uint8_t>(last ? 0xff >> random() % 8 : 0xff), last, 0};
      cycle(&beat, pass, oversize, verdict, random() % 100 < ready_percent);
    }
  }
  void idle(unsigned cycles, bool ready) {
    while (cycles-- != 0) cycle(nullptr, false, false, Verdict::bypass, ready);
  }
};

TEST_CASE("I6: a beat is offered 4 cycles after its commit, then one a cycle") {
  for (const std::size_t beats : {1U, 2U, 3U, 4U, 5U, 20U, 1152U}) {
    BufferBench bench(beats);
    bench.play(beats, true, false, 0, 100);
    bench.idle(static_cast<unsigned>(beats) + 10, true);
    CHECK(bench.reference.occupancy() == 0);
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
  CHECK(bench.reference.occupancy() == 0);
  CHECK(bench.passed > 500);
  CHECK(bench.dropped > 500);
  CHECK(bench.lost > 50);
}

TEST_CASE("I5: the 2,048th beat is written, the next one is not") {
  for (const std::size_t room : {0U, 1U, 2U}) {
    BufferBench bench(room);
    for (int i = 0; i < 2; ++i) bench.play(1000, true, false, 0, 0);
    bench.play(48 - room, true, false, 0, 0);
    bench.play(2, true, false, 0, 0);  // fits if there is room for two
    CHECK(bench.lost == (room == 2 ? 0 : 1));
    bench.play(1, true, false, 0, 0);  // fits in the place that is left or was given back
    CHECK(bench.lost == (room == 1 ? 1 : room == 0 ? 2 : 1));
    bench.play(3, false, false, 0, 0);  // a drop that does not fit counts as a drop
    CHECK(bench.dropped == 1);
    CHECK(bench.fullest == 2048);
    bench.idle(2100, true);
    CHECK(bench.reference.occupancy() == 0);
  }
}

TEST_CASE("I5: a dropped frame gives back its room at once, without end") {
  BufferBench bench(3);
  bench.play(900, true, false, 0, 0);
  for (int i = 0; i < 30; ++i) bench.play(1148, false, i % 2 == 0, 0, 0);
  CHECK(bench.lost == 15);
  CHECK(bench.dropped == 15);
  bench.play(1148, true, false, 0, 0);
  CHECK(bench.passed == 2);
  bench.idle(2100, true);
  CHECK(bench.reference.occupancy() == 0);
}

}  // namespace
