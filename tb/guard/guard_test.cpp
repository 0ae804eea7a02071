// SPDX-License-Identifier: Apache-2.0
// Rules V1 to V7 of the guard alone: flags come from the bench, so that every combination does.
#include <map>
#include <random>
#include <reveille/verdict.hpp>

#include "Vreveille_guard.h"
#include "catch.hpp"
#include "guard/session_traffic.hpp"

using namespace reveille::tb;
using reveille::Verdict;

namespace {

struct Frame {
  bool oversize = false, decided = true, ap_request = false, looked_up = false, overrun = false;
  unsigned verdict = 0;
  std::uint32_t nonce = 0;
  u128 source = 0;
  Time time = 0;
  std::array<LaneFlags, 8> flags{};  // as they are read: half 0, then half 1, each by {bank, lane}
  bool conforms = false;             // to the rate
  unsigned mode = 0, interval = 0;
};

struct Expected {
  unsigned code = 0;
  bool pass = false, guessing = false, counts = false;
  std::optional<unsigned> write_place;                     // of the eight
  unsigned phase = 0, resends_left = 0, false_nonces = 0;  // what is written
};

Expected judge(const Frame& frame) {
  const auto code = [](Verdict verdict) { return static_cast<unsigned>(verdict); };
  Expected expected;
  unsigned hit = 8;
  for (unsigned way = 0; way < 8; ++way) {
    if (frame.flags[way].hit()) hit = way;
  }
  if (frame.decided) {
    expected.code = frame.verdict;
  } else if (frame.ap_request && frame.nonce == 0) {
    expected.code = code(Verdict::client_initiated);
    expected.pass = frame.mode == 2 || (frame.mode == 1 && frame.conforms);
  } else if (hit == 8) {
    expected.code = code(Verdict::not_woken);
  } else {
    const LaneFlags& session = frame.flags[hit];
    unsigned phase = session.phase, left = session.resends_left;
    if (frame.ap_request) {
      if (!session.nonce_equal) {
        expected.code = code(Verdict::false_nonce);
      } else if (phase == kOutstanding) {
        expected.code = code(Verdict::accepted);
        phase = kInService;
      } else if (phase == kReplied && left != 0) {
        expected.code = code(Verdict::resend);
        --left;
      } else {
        expected.code = code(Verdict::repeat);
      }
    } else if (phase != kReplied) {
      expected.code = code(Verdict::unexpected);
    } else if (!session.tag_equal) {
      expected.code = code(Verdict::false_nonce);
    } else {
      expected.code = code(Verdict::sa_recovered);
      phase = kRecovered;
    }
    expected.counts = expected.code == code(Verdict::false_nonce);
    expected.guessing = expected.counts && session.guesses;
    if (phase != session.phase || left != session.resends_left || expected.counts) {
      expected.write_place = hit;
      expected.phase = phase;
      expected.resends_left = left;
      expected.false_nonces = std::min(session.false_nonces + 1, 511U);
    }
  }
  if (expected.code != code(Verdict::client_initiated)) {
    expected.pass = reveille::is_pass(static_cast<Verdict>(expected.code));
  }
  return expected;
}

}  // namespace

TEST_CASE("V1-V3, V5-V7: verdicts back to back, state changes, lost frames") {
  const unsigned seed = GENERATE(1U, 2U, 3U);
  std::mt19937_64 random(seed);
  const auto one_in = [&random](unsigned n) { return random() % n == 0; };
  const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
  VerilatedContext context;
  context.randReset(2);
  context.randSeed(static_cast<int>(seed));
  Vreveille_guard dut(&context);
  std::map<std::uint64_t, Frame> frames;  // by T
  std::map<unsigned, unsigned> codes;
  unsigned limited = 0, lost_writes = 0, guesses = 0;
  std::uint64_t last_lookup = 0;
  u128 tat = 0;
  Time time = 0;

  dut.rst_ni = 0;
  drive(dut.descriptor_i, {{0, 1}, {0, 128}, {0, 93}});
  for (int i = 0; i < 4; ++i) {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  }
  dut.rst_ni = 1;

  for (std::uint64_t cycle = 100; cycle < 200'000; ++cycle) {
    CAPTURE(cycle);
    const auto at = [&](unsigned offset) -> Frame* {
      const auto frame = frames.find(cycle - offset);
      return frame == frames.end() ? nullptr : &frame->second;
    };
    time += below(3);

    // A frame ends here; decided ones as densely as they like.
    if (cycle >= last_lookup + 7 && one_in(3)) {
      last_lookup = cycle;
      Frame frame{.oversize = one_in(20),
                  .decided = one_in(6),
                  .ap_request = !one_in(3),
                  .looked_up = true,
                  .overrun = one_in(8),
                  .verdict = below(9)};
      if (frame.oversize) frame.decided = true;
      if (!frame.decided) frame.verdict = 0;
      frame.nonce = one_in(4) || !frame.ap_request ? 0
                    : one_in(2)                    ? 1U << below(32)
                                                   : static_cast<std::uint32_t>(random());
      frame.source = static_cast<u128>(random()) << 64 | random();
      frame.time = time;
      const unsigned hit = below(10);
      for (unsigned way = 0; way < 8; ++way) {
        LaneFlags& flags = frame.flags[way];
        flags = {.match = one_in(2),
                 .live = one_in(2),
                 .nonce_equal = one_in(2),
                 .tag_equal = one_in(2),
                 .guesses = one_in(2),
                 .phase = below(4),
                 .resends_left = one_in(2)   ? 0
                                 : one_in(2) ? 1U << below(4)
                                             : below(16),
                 .false_nonces = one_in(8) ? 511 : below(512)};
        if (way == hit) flags.match = flags.live = true;
        if (way != hit && flags.live) flags.match = false;
      }
      frames[cycle] = frame;
    } else if (cycle > last_lookup + 1 && one_in(2)) {
      frames[cycle] = {.oversize = one_in(20),
                       .overrun = one_in(8),
                       .verdict = below(9),
                       .nonce = static_cast<std::uint32_t>(random()),
                       .source = random(),
                       .time = time};
    }

    // T+12; the rate limiter's part of it, and the nonce, in T+11
    const auto noise = [&random] { return static_cast<u128>(random()) << 64 | random(); };
    Frame described{.oversize = one_in(2),
                    .decided = one_in(2),
                    .ap_request = one_in(2),
                    .looked_up = one_in(2),
                    .verdict = below(9),
                    .nonce = 0,
                    .source = noise(),
                    .time = random() & kTimeMask};
    if (const Frame* frame = at(12))
      described = *frame;
    else
      described.source = 0;  // I3
    drive(dut.descriptor_i, {{at(12) != nullptr, 1},
                             {described.oversize, 1},
                             {described.decided, 1},
                             {described.verdict, 5},
                             {described.ap_request, 1},
                             {described.looked_up, 1},
                             {described.nonce, 32},
                             {described.source, 128},
                             {described.time, 52}});
    const Time tolerance = one_in(3) ? random() & kTimeMask : below(200);
    dut.tolerance_i = tolerance;
    dut.now_i = random() & kTimeMask;
    if (const Frame* frame = at(11); frame != nullptr && frame->looked_up) dut.now_i = frame->time;
    dut.nonce_i = static_cast<std::uint32_t>(random());
    if (const Frame* frame = at(11); frame != nullptr && !frame->decided) dut.nonce_i = frame->nonce;
    if (Frame* frame = at(11)) frame->conforms = tat <= static_cast<u128>(frame->time) + tolerance;

    // T+12, T+13
    std::array<LaneFlags, 4> lanes;  // noise, but nobody's session
    for (LaneFlags& lane : lanes)
      lane = {.match = one_in(2),
              .nonce_equal = one_in(2),
              .tag_equal = one_in(2),
              .guesses = one_in(2),
              .phase = below(4)};
    drive_flags(dut.flags_i, lanes.data());
    for (const unsigned half : {0U, 1U}) {
      const Frame* frame = at(12 + half);
      if (frame != nullptr && frame->looked_up) {
        drive_flags(dut.flags_i, &frame->flags[half == 0 ? 0 : 4]);
      }
    }
    const unsigned mode = one_in(4) ? below(4) : 1;
    const auto interval = below(400);
    dut.client_initiated_i = mode;
    dut.interval_i = interval;
    if (Frame* frame = at(12)) frame->mode = mode;
    if (Frame* frame = at(13)) frame->interval = interval;
    // T+14
    Expected expected;
    const Frame* frame = at(14);
    if (frame != nullptr) expected = judge(*frame);
    const bool lost = frame != nullptr ? frame->oversize || (expected.pass && frame->overrun) : one_in(2);
    dut.frame_lost_i = lost;
    dut.refused_i = expected.pass ? lost : one_in(2);

    dut.clk_i = 0;
    dut.eval();

    bool valid = false, pass = false, oversize = false, guessing = false;
    unsigned code = 0;
    std::uint32_t value = 0;
    u128 source = 0;
    Time now = 0;
    Fields(dut.verdict_o, 221)
        .take(valid, 1)
        .take(code, 5)
        .take(pass, 1)
        .take(oversize, 1)
        .take(guessing, 1)
        .take(value, 32)
        .take(source, 128)
        .take(now, 52);
    REQUIRE(valid == (frame != nullptr));
    REQUIRE(code == expected.code);
    REQUIRE(pass == expected.pass);
    if (pass) REQUIRE((dut.yields_o != 0) == (code == 0 || code == 9));
    REQUIRE(guessing == expected.guessing);
    REQUIRE(oversize == (frame != nullptr && frame->oversize));
    REQUIRE(value == (frame != nullptr && !frame->decided && frame->ap_request ? frame->nonce : 0));
    REQUIRE(source == (frame != nullptr ? frame->source : 0));
    if (frame != nullptr) REQUIRE(now == frame->time);

    unsigned writes_phase = 0, writes_count = 0, write_half = 0, phase = 0, resends_left = 0, false_nonces = 0;
    Fields(dut.state_write_o, 24)
        .take(writes_phase, 4)
        .take(writes_count, 4)
        .take(write_half, 1)
        .take(phase, 2)
        .take(resends_left, 4)
        .take(false_nonces, 9);
    const bool writes = expected.write_place.has_value() && !lost;
    const unsigned write_lanes = writes ? 1U << *expected.write_place % 4 : 0;
    REQUIRE(writes_phase == (expected.counts ? 0 : write_lanes));
    REQUIRE(writes_count == (expected.counts ? write_lanes : 0));
    if (writes) REQUIRE(write_half == *expected.write_place / 4);
    if (writes_phase != 0) REQUIRE(std::pair(phase, resends_left) == std::pair(expected.phase, expected.resends_left));
    if (writes_count != 0) REQUIRE(false_nonces == expected.false_nonces);
    if (frame != nullptr) {
      ++codes[code];
      guesses += guessing;
      lost_writes += expected.write_place.has_value() && lost;
      const bool takes =
          !frame->decided && frame->ap_request && frame->nonce == 0 && frame->mode == 1 && frame->conforms;
      if (takes && !lost) {
        tat = (tat > frame->time ? tat : frame->time) + frame->interval;
        ++limited;
      }
    }
    frames.erase(cycle - 15);
    dut.clk_i = 1;
    dut.eval();
  }
  for (unsigned code = 0; code < reveille::kVerdictCount; ++code) {
    CAPTURE(code);
    CHECK(codes[code] > 100);
  }
  CHECK(guesses > 100);
  CHECK(limited > 100);
  CHECK(lost_writes > 100);
}
