// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <set>

#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

// architecture.md, "Hash": table i entry j is the lowest bits of nonce 256 i + j.
TEST_CASE("Rows are the tabulation of the client's octets") {  // S2
  std::mt19937_64 random(1);
  std::vector<std::uint32_t> nonces;
  ClientHash hash;
  for (unsigned word = 0; word < 4096; ++word) {
    nonces.push_back(static_cast<std::uint32_t>(random()));
    hash.write(word, nonces.back());
  }
  for (unsigned round = 0; round < 200; ++round) {
    net::Address client = round % 3 == 0 ? client4 : client6;
    for (unsigned j = round % 3 == 0 ? 12 : 0; j < 16; ++j) client.octets[j] = static_cast<std::uint8_t>(random());
    std::uint32_t expected = 0;
    for (unsigned i = client.is_ipv4() ? 12 : 0; i < 16; ++i) expected ^= nonces[256 * i + client.octets[i]];
    constexpr unsigned rows = config::kSessions / 8;
    CHECK(hash.rows(client).row0 == expected / rows % rows);
    CHECK(hash.rows(client).row1 == expected % rows);
  }
}

struct ParserBench {
  FrameParser parser;
  Configuration config = both_families_configuration();
  ClientHash hash;
  std::uint64_t time = 1000;
  std::uint64_t cycle = 0;
  std::uint64_t last = 0;  // T

  ParserBench() {
    for (unsigned word = 0; word < ClientHash::kWords; ++word) hash.write(word, word * 0x9E3779B1U >> 14);
  }
  void step(const StreamSource& beat = {}) {
    if (beat.valid && beat.last) last = cycle;
    parser.clock(beat, time++, config, hash);
    ++cycle;
  }
  /// One after the other, each as soon as it is taken.
  void send(const std::vector<StreamSource>& line) {
    for (const StreamSource& beat : line) {
      while (!parser.ready()) step();
      step(beat);
    }
  }
};

TEST_CASE("Look-up and descriptor come eight and twelve cycles after the last beat") {  // I1, I2, I3
  ParserBench bench;
  const std::uint64_t first_time = bench.time;
  const Bytes payload = ap_request(nonce, 3);
  for (const StreamSource& beat : beats(net::build(to_server6(payload)))) {
    bench.step(beat);
    if (beat.last) break;
    CHECK(bench.parser.lookup() == nullptr);
    bench.step();  // gaps do not matter
  }
  for (unsigned after = 1; after < 16; ++after) {  // the parser shows T + after
    INFO(after);
    CHECK((bench.parser.lookup() != nullptr) == (after == 8));
    CHECK((bench.parser.descriptor() != nullptr) == (after == 12));
    if (const Lookup* lookup = bench.parser.lookup()) {
      CHECK(lookup->client == client6);
      CHECK(lookup->time == first_time);
      CHECK(lookup->value == nonce);
      CHECK(lookup->row0 == bench.hash.rows(client6).row0);
      CHECK(lookup->row1 == bench.hash.rows(client6).row1);
    }
    if (const Descriptor* descriptor = bench.parser.descriptor()) {
      CHECK(descriptor->nonce == nonce);
      CHECK(descriptor->time == first_time);
      CHECK(descriptor->has_lookup);
    }
    bench.step();
  }
}

TEST_CASE("A frame has a look-up from 49 octets on, and a descriptor always") {
  const std::size_t octets = GENERATE(1U, 8U, 9U, 48U, 49U, 9216U, 9217U, 20000U);
  ParserBench bench;
  unsigned lookups = 0;
  unsigned descriptors = 0;
  bench.send(beats(Bytes(octets, 0)));
  for (unsigned i = 0; i < 15; ++i) {
    lookups += bench.parser.lookup() != nullptr ? 1 : 0;
    if (const Descriptor* descriptor = bench.parser.descriptor()) {
      ++descriptors;
      CHECK(descriptor->oversize == (octets > 9216));
    }
    bench.step();
  }
  CHECK(lookups == (octets > 48 ? 1 : 0));
  CHECK(descriptors == 1);
}

TEST_CASE("An oversize frame is decided and bypass, whatever it holds") {
  ParserBench bench;
  net::UdpFrame frame = to_server4(ap_request(nonce));
  frame.trailer.assign(9000, 0);
  bench.send(beats(net::build(frame)));
  for (unsigned i = 0; i < 11; ++i) bench.step();
  REQUIRE(bench.parser.descriptor() != nullptr);
  CHECK(bench.parser.descriptor()->kind == KeymgmtParser::Kind::decided);
  CHECK(bench.parser.descriptor()->verdict == Verdict::bypass);
}

TEST_CASE("A frame is oversize if its last beat comes more than 16,384 cycles after its first") {
  const std::uint64_t cycles = GENERATE(16384U, 16385U);
  ParserBench bench;
  auto frame = beats(net::build(to_server4(ap_request(nonce))));
  const StreamSource last = frame.back();
  frame.pop_back();
  const std::uint64_t b = bench.cycle;
  const std::uint64_t first_time = bench.time;
  bench.send(frame);
  while (bench.cycle != b + cycles) {
    CHECK(bench.parser.store_time(bench.time) == first_time);
    bench.step();
  }
  CHECK(bench.parser.store_time(bench.time) == (cycles == 16384 ? first_time : bench.time));
  bench.step(last);  // T
  for (unsigned after = 1; after < 12; ++after) {
    const bool under_way = cycles == 16384 && after <= 8;
    CHECK(bench.parser.store_time(bench.time) == (under_way ? first_time : bench.time));
    bench.step();
  }
  REQUIRE(bench.parser.descriptor() != nullptr);
  CHECK(bench.parser.descriptor()->oversize == (cycles == 16385));
  CHECK(bench.parser.descriptor()->has_lookup);
}

TEST_CASE("The store time is that of the oldest frame under way") {
  ParserBench bench;
  const std::size_t octets = GENERATE(48U, 49U);
  std::vector<StreamSource> frame;
  for (const StreamSource& beat : beats(Bytes(octets, 0))) {
    if (!frame.empty()) frame.resize(frame.size() + beat_cycles - 1);  // gaps
    frame.push_back(beat);
  }
  CHECK(bench.parser.store_time(bench.time) == bench.time);  // in the cycle of the first beat
  const std::uint64_t first = bench.time;
  for (const StreamSource& beat : frame) {
    if (bench.time != first) CHECK(bench.parser.store_time(bench.time) == first);
    bench.step(beat);
  }
  const std::uint64_t second = bench.time + beat_cycles - 1;  // the next frame begins as soon as it can
  const std::size_t second_ends = beat_cycles + frame.size() - 1;
  for (unsigned after = 1; after <= 30; ++after) {
    INFO(after);
    const bool first_under_way = octets > 48 && after <= 8;
    const bool second_under_way = after > beat_cycles && after <= second_ends + (octets > 48 ? 8 : 0);
    CHECK(bench.parser.store_time(bench.time) == (first_under_way ? first : second_under_way ? second : bench.time));
    bench.step(after >= beat_cycles && after <= second_ends ? frame[after - beat_cycles] : StreamSource{});
  }
}

TEST_CASE("A beat is taken in every cycle, or in every second one, and what is not taken is no frame") {  // T1, T13
  ParserBench bench;
  std::set<std::uint64_t> taken;
  std::mt19937_64 random(2);
  bool accepted = false;
  for (unsigned i = 0; i < 200; ++i) {
    INFO(i);
    const bool ready = !four_reads || !accepted;
    CHECK(bench.parser.ready() == ready);
    CHECK((bench.parser.descriptor() != nullptr) == (taken.count(bench.cycle - 12) != 0));
    const bool offered = random() % 3 != 0;
    accepted = offered && ready;
    if (accepted) taken.insert(bench.cycle);
    bench.step({offered, i, 0xFF, true, 0});
  }
  bench.step({true, 0, 0xFF, true, 0});
  bench.parser.reset();
  CHECK(bench.parser.ready());
}

TEST_CASE("One-beat frames have a descriptor as often as they come") {
  ParserBench bench;
  for (unsigned i = 0; i < 30; ++i) {
    CHECK((bench.parser.descriptor() != nullptr) == (i >= 12 && i % beat_cycles == 0));
    bench.step({true, i, 0xFF, true, 0});
  }
}

TEST_CASE("A beat leaves the delay in the verdict's cycle, if it is the last") {  // I4
  FrameDelay delay;
  for (unsigned cycle = 0; cycle < 50; ++cycle) {
    const bool expected = cycle >= verdict_after && (cycle - verdict_after) % 3 == 0;
    CHECK(delay.beat().valid == expected);
    if (expected) CHECK(delay.beat().data == cycle - verdict_after);
    delay.clock(cycle % 3 == 0 ? StreamSource{true, cycle, 0xFF, false, 0} : StreamSource{});
  }
}

constexpr unsigned room = config::kFrameBufferBeats;
constexpr unsigned open_room = room - config::kFrameBufferReserve;  // to frames that are not a session's

constexpr StreamSource beat_of(std::uint64_t data, bool last, std::uint8_t keep = 0xFF) {
  return {true, data, keep, last, 0};
}
constexpr FrameVerdict pass_verdict{true, true, false, Verdict::accepted};
constexpr FrameVerdict drop_verdict{true, false, false, Verdict::repeat};

TEST_CASE("A committed frame is offered five cycles later, then a beat in every cycle") {  // I6
  FrameBuffer buffer;
  buffer.clock(beat_of(1, false), {}, true);
  buffer.clock(beat_of(2, true, 0x03), pass_verdict, true);  // C
  for (unsigned after = 1; after < 10; ++after) {
    INFO(after);
    const StreamSource& host = buffer.host();
    if (after == 5 && kInBandHeader) CHECK(host == StreamSource{true, 0x10D, 0xFF, false, 0});
    if (after == 5 + header_beats) CHECK(host == StreamSource{true, 1, 0xFF, false, 0});
    if (after == 6 + header_beats) CHECK(host == StreamSource{true, 2, 0x03, true, 13});
    if (after < 5 || after > 6 + header_beats) CHECK(host == StreamSource{});
    buffer.clock({}, {}, true);
  }
}

TEST_CASE("A beat waits for the host, the next one follows in the cycle after") {
  FrameBuffer buffer;
  buffer.clock(beat_of(1, false), {}, false);
  buffer.clock(beat_of(2, true), pass_verdict, false);
  for (unsigned i = 0; i < 9; ++i) buffer.clock({}, {}, false);
  for (unsigned i = 0; i < header_beats; ++i) {
    CHECK(buffer.host().data == 0x10D);
    buffer.clock({}, {}, true);
    for (unsigned j = 0; j < 9; ++j) buffer.clock({}, {}, false);
  }
  CHECK(buffer.host().data == 1);
  buffer.clock({}, {}, true);  // H
  CHECK(buffer.host().data == 2);
}

// I6, A28: what is offered in each cycle, of frames of every verdict that passes and of one beat to nine, back to back,
// to a host that takes what it is offered in some cycles.
TEST_CASE("Each frame is offered behind its header, when it is committed and the beat before it handed over") {
  const unsigned ready_percent = GENERATE(100U, 70U, 20U);
  std::mt19937_64 random(ready_percent);
  constexpr Verdict verdicts[] = {Verdict::bypass, Verdict::client_initiated, Verdict::accepted, Verdict::resend,
                                  Verdict::sa_recovered};
  struct Expected {
    StreamSource beat;
    std::uint64_t from;  // C + 5
  };
  std::deque<Expected> expected;
  std::array<unsigned, kVerdictCount> seen{};
  FrameBuffer buffer;
  std::vector<StreamSource> frame;
  std::size_t at = 0;
  FrameVerdict judged;
  for (std::uint64_t cycle = 0; cycle < 20000; ++cycle) {
    const bool due = !expected.empty() && cycle >= expected.front().from;
    if (!(buffer.host() == (due ? expected.front().beat : StreamSource{}))) FAIL("cycle " << cycle);
    const bool ready = random() % 100 < ready_percent;
    if (due && ready) expected.pop_front();

    if (at == frame.size()) {
      at = 0;
      frame.clear();
      const std::size_t count = random() % 3 == 0 ? 1 : 1 + random() % 9;
      for (std::size_t i = 1; i <= count; ++i) frame.push_back(beat_of(random(), i == count));
      frame.back().keep = static_cast<std::uint8_t>(0xFF >> random() % 8);
      judged = {true, random() % 4 != 0, false, verdicts[random() % 5]};
      // Of what has room for sure, whatever is on its way.
      if (expected.size() > open_room / 2) judged.pass = false;
    }
    const bool gap = random() % 4 == 0;
    const bool last = !gap && at + 1 == frame.size();
    buffer.clock(gap ? StreamSource{} : frame[at], last ? judged : FrameVerdict{}, ready);
    at += gap ? 0 : 1;
    if (!last || !judged.pass) continue;
    const auto code = static_cast<std::uint8_t>(judged.code);
    ++seen[code];
    if (kInBandHeader) expected.push_back({{true, 0x100U + code, 0xFF, false, 0}, cycle + 5});
    for (StreamSource beat : frame) {
      beat.user = beat.last ? code : 0;
      expected.push_back({beat, cycle + 5});
    }
  }
  for (const Verdict verdict : verdicts) CHECK(seen[index(verdict)] > 20);
}

TEST_CASE("A dropped frame leaves nothing behind") {
  FrameBuffer buffer;
  for (unsigned i = 0; i < 5000; ++i)
    buffer.clock(beat_of(i, i % 4 == 3), i % 4 == 3 ? drop_verdict : FrameVerdict{}, false);
  CHECK(!buffer.host().valid);
  CHECK(!buffer.lost(pass_verdict));
}

/// Beats that follow each other, but for `gap` cycles before the next one; what that one meets as occupancy, which is
/// three cycles late.
unsigned fill(FrameBuffer& buffer, unsigned count, unsigned gap) {
  for (unsigned i = 0; i < count; ++i) {
    CHECK(!buffer.lost({}));
    buffer.clock(beat_of(i, false), {}, true);
  }
  for (unsigned i = 0; i < gap; ++i) buffer.clock({}, {}, true);
  return count - (gap < 3 ? 3 - gap : 0);
}

TEST_CASE("A beat that finds room for four or less is an overrun") {
  const unsigned count = GENERATE(range(room - 5, room + 1));
  FrameBuffer buffer;
  const bool full = fill(buffer, count, GENERATE(range(0U, 5U))) >= room - 4;
  CHECK(buffer.lost(pass_verdict) == full);
  CHECK(!buffer.lost(drop_verdict));
  CHECK(buffer.lost({true, false, true, Verdict::bypass}));  // oversize
  buffer.clock(beat_of(0, true), pass_verdict, true);
  unsigned handed_over = 0;
  for (unsigned i = 0; i < 2 * room; ++i) {
    handed_over += buffer.host().valid ? 1 : 0;
    buffer.clock({}, {}, true);
  }
  CHECK(handed_over == (full ? 0 : header_beats + count + 1));
}

TEST_CASE("Frames that are not a session's leave the reserve free") {  // wide
  const unsigned count = GENERATE(range(open_room - 1, open_room + 4));
  const Verdict verdict =
      GENERATE(Verdict::bypass, Verdict::client_initiated, Verdict::accepted, Verdict::resend, Verdict::sa_recovered);
  const bool reserved = verdict != Verdict::bypass && verdict != Verdict::client_initiated;
  FrameBuffer buffer;
  const bool wide = fill(buffer, count, GENERATE(0U, 2U, 3U)) >= open_room;
  const FrameVerdict passes{true, true, false, verdict};
  CHECK(buffer.lost(passes) == (wide && !reserved));
  buffer.clock(beat_of(0, true), passes, false);
  for (unsigned i = 0; i < 5; ++i) buffer.clock({}, {}, false);
  CHECK(buffer.host().valid == (!wide || reserved));
}

TEST_CASE("A frame is wide from the beat on that met the reserve, room or not at its end") {
  FrameBuffer buffer;
  for (unsigned i = 0; i < open_room - 1; ++i) buffer.clock(beat_of(i, false), {}, false);
  buffer.clock(beat_of(0, true), pass_verdict, false);
  for (unsigned i = 0; i < 5; ++i) buffer.clock({}, {}, false);
  const FrameVerdict bypass{true, true, false, Verdict::bypass};
  buffer.clock(beat_of(1, false), {}, true);  // occupancy: what is open
  for (unsigned i = 0; i < 100; ++i) buffer.clock({}, {}, true);
  CHECK(buffer.lost(bypass));
  CHECK(!buffer.lost(pass_verdict));
  buffer.clock(beat_of(2, true), bypass, true);
  CHECK(!buffer.lost(bypass));
}

TEST_CASE("Room given by the host, or by a frame rolled back, counts four cycles later") {
  FrameBuffer buffer;
  const bool by_host = GENERATE(true, false);
  if (by_host) {
    fill(buffer, room - 2, 0);
    buffer.clock(beat_of(0, true), pass_verdict, false);
    for (unsigned i = 0; i < 5; ++i) buffer.clock({}, {}, false);
    REQUIRE(buffer.host().valid);
    for (unsigned i = 0; i < header_beats; ++i) buffer.clock({}, {}, true);  // gives no room
    for (unsigned taken = 0; taken < 4; ++taken) {  // one less than fit are there: the fourth makes room
      CHECK(buffer.lost(pass_verdict));
      buffer.clock({}, {}, true);
    }
  } else {
    fill(buffer, room - 2, 3);
    buffer.clock(beat_of(0, true), drop_verdict, false);
  }
  for (unsigned after = 1; after < 6; ++after) {
    INFO(after);
    CHECK(buffer.lost(pass_verdict) == (after < 4));
    buffer.clock({}, {}, false);
  }
}

TEST_CASE("A later beat of an overrun frame is not written") {
  FrameBuffer buffer;
  fill(buffer, room - 2, 0);
  buffer.clock(beat_of(0, true), pass_verdict, false);
  for (unsigned i = 0; i < 5; ++i) buffer.clock({}, {}, false);
  buffer.clock(beat_of(5000, false), {}, true);  // refused
  for (unsigned i = 0; i < 100; ++i) buffer.clock({}, {}, true);
  buffer.clock(beat_of(5001, false), {}, true);  // there would be room
  CHECK(buffer.lost(pass_verdict));
  buffer.clock(beat_of(5002, true), pass_verdict, true);
  CHECK(!buffer.lost(pass_verdict));
  for (unsigned i = 0; i < 2 * room; ++i) {
    if (buffer.host().data >= 5000) FAIL("handed over");
    buffer.clock({}, {}, true);
  }
}

}  // namespace
}  // namespace reveille::core::test
