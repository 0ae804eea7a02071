// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

// architecture.md, "Hash", bit by bit.
std::uint32_t toeplitz(const std::array<std::uint32_t, 5>& key, const net::Address& client) {
  const auto key_bit = [&](int bit) { return key[4 - bit / 32] >> (bit % 32) & 1; };
  std::uint32_t result = 0;
  for (int i = client.is_ipv4() ? 96 : 0; i < 128; ++i) {
    if ((client.octets[i / 8] >> (7 - i % 8) & 1) == 0) continue;
    for (int j = 0; j < 18; ++j) result ^= key_bit(142 - i + j) << j;
  }
  return result;
}

TEST_CASE("Rows are the Toeplitz hash of the client") {
  std::mt19937_64 random(1);
  for (unsigned round = 0; round < 20; ++round) {
    std::array<std::uint32_t, 5> words;
    for (auto& word : words) word = static_cast<std::uint32_t>(random());
    const HashKey key(words);
    for (unsigned i = 0; i < 20; ++i) {
      net::Address client = i % 3 == 0 ? client4 : client6;
      for (unsigned j = i % 3 == 0 ? 12 : 0; j < 16; ++j) client.octets[j] = static_cast<std::uint8_t>(random());
      const std::uint32_t expected = toeplitz(words, client);
      CHECK(key.rows(client).row0 == expected >> 9);
      CHECK(key.rows(client).row1 == (expected & 0x1FF));
    }
  }
  CHECK(HashKey().rows(client6).row0 == 0);
}

struct ParserBench {
  FrameParser parser;
  policy::ServerConfig config = both_families();
  HashKey key{{1, 2, 3, 4, 5}};
  std::uint64_t time = 1000;
  std::uint64_t cycle = 0;
  std::uint64_t last = 0;  // T

  void step(const StreamSource& beat = {}) {
    if (beat.valid && beat.last) last = cycle;
    parser.clock(beat, time++, config, key);
    ++cycle;
  }
};

TEST_CASE("Look-up and descriptor come two and six cycles after the last beat") {  // I1, I2, I3
  ParserBench bench;
  const std::uint64_t first_time = bench.time;
  const Bytes payload = ap_request(nonce, 3);
  for (const StreamSource& beat : beats(net::build(to_server6(payload)))) {
    bench.step(beat);
    if (beat.last) break;
    CHECK(bench.parser.lookup() == nullptr);
    bench.step();  // gaps do not matter
  }
  for (unsigned after = 1; after < 9; ++after) {  // the parser shows T + after
    INFO(after);
    CHECK((bench.parser.lookup() != nullptr) == (after == 2));
    CHECK((bench.parser.descriptor() != nullptr) == (after == 6));
    if (const Lookup* lookup = bench.parser.lookup()) {
      CHECK(lookup->client == client6);
      CHECK(lookup->time == first_time);
      CHECK(lookup->value == nonce);
      CHECK(lookup->row0 == bench.key.rows(client6).row0);
      CHECK(lookup->row1 == bench.key.rows(client6).row1);
    }
    if (const Descriptor* descriptor = bench.parser.descriptor()) {
      CHECK(descriptor->facts.returned_nonce == nonce);
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
  for (const StreamSource& beat : beats(Bytes(octets, 0))) bench.step(beat);
  for (unsigned i = 0; i < 8; ++i) {
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
  for (const StreamSource& beat : beats(net::build(frame))) bench.step(beat);
  for (unsigned i = 0; i < 5; ++i) bench.step();
  REQUIRE(bench.parser.descriptor() != nullptr);
  CHECK(bench.parser.descriptor()->facts.kind == policy::FrameFacts::Kind::decided);
  CHECK(bench.parser.descriptor()->facts.early == Verdict::bypass);
}

TEST_CASE("The store time is that of the oldest frame under way") {
  ParserBench bench;
  const std::size_t octets = GENERATE(48U, 49U);
  const auto frame = beats(Bytes(octets, 0));
  CHECK(bench.parser.store_time(bench.time) == bench.time);  // in the cycle of the first beat
  const std::uint64_t first = bench.time;
  for (const StreamSource& beat : frame) {
    if (bench.time != first) CHECK(bench.parser.store_time(bench.time) == first);
    bench.step(beat);
  }
  const std::uint64_t second = bench.time;  // T+1: the next frame begins
  for (unsigned after = 1; after <= 5; ++after) {
    INFO(after);
    const bool under_way = octets > 48 && after <= 3;
    CHECK(bench.parser.store_time(bench.time) == (under_way ? first : after == 1 ? bench.time : second));
    bench.step(frame[after - 1]);
  }
}

TEST_CASE("One-beat frames have a descriptor in every cycle") {
  ParserBench bench;
  for (unsigned i = 0; i < 30; ++i) {
    CHECK((bench.parser.descriptor() != nullptr) == (i >= 6));
    bench.step({true, i, 0xFF, true, 0});
  }
}

TEST_CASE("A beat leaves the delay eight cycles later") {  // I4
  FrameDelay delay;
  for (unsigned cycle = 0; cycle < 50; ++cycle) {
    const bool expected = cycle >= 8 && (cycle - 8) % 3 == 0;
    CHECK(delay.beat().valid == expected);
    if (expected) CHECK(delay.beat().data == cycle - 8);
    delay.clock(cycle % 3 == 0 ? StreamSource{true, cycle, 0xFF, false, 0} : StreamSource{});
  }
}

constexpr StreamSource beat_of(std::uint64_t data, bool last, std::uint8_t keep = 0xFF) {
  return {true, data, keep, last, 0};
}
constexpr FrameVerdict pass_verdict{true, true, false, Verdict::accepted};
constexpr FrameVerdict drop_verdict{true, false, false, Verdict::repeat};

TEST_CASE("A committed frame is offered four cycles later, then a beat in every cycle") {  // I6
  FrameBuffer buffer;
  buffer.clock(beat_of(1, false), {}, true);
  buffer.clock(beat_of(2, true, 0x03), pass_verdict, true);  // C
  for (unsigned after = 1; after < 10; ++after) {
    INFO(after);
    const StreamSource& host = buffer.host();
    if (after == 4) CHECK(host == StreamSource{true, 1, 0xFF, false, 0});
    if (after == 5) CHECK(host == StreamSource{true, 2, 0x03, true, 13});
    if (after != 4 && after != 5) CHECK(host == StreamSource{});
    buffer.clock({}, {}, true);
  }
}

TEST_CASE("A beat waits for the host, the next one follows in the cycle after") {
  FrameBuffer buffer;
  buffer.clock(beat_of(1, false), {}, false);
  buffer.clock(beat_of(2, true), pass_verdict, false);
  for (unsigned i = 0; i < 9; ++i) buffer.clock({}, {}, false);
  CHECK(buffer.host().data == 1);
  buffer.clock({}, {}, true);  // H
  CHECK(buffer.host().data == 2);
}

TEST_CASE("A dropped frame leaves nothing behind") {
  FrameBuffer buffer;
  for (unsigned i = 0; i < 5000; ++i)
    buffer.clock(beat_of(i, i % 4 == 3), i % 4 == 3 ? drop_verdict : FrameVerdict{}, false);
  CHECK(!buffer.host().valid);
  CHECK(!buffer.lost(pass_verdict));
}

TEST_CASE("2,048 beats fit, one more is an overrun") {
  const unsigned length = GENERATE(2048U, 2049U);
  FrameBuffer buffer;
  for (unsigned i = 0; i + 1 < length; ++i) {
    CHECK(!buffer.lost({}));
    buffer.clock(beat_of(i, false), {}, true);
  }
  CHECK(buffer.lost(pass_verdict) == (length == 2049));
  CHECK(!buffer.lost(drop_verdict));
  CHECK(buffer.lost({true, false, true, Verdict::bypass}));  // oversize
  buffer.clock(beat_of(0, true), pass_verdict, true);
  unsigned handed_over = 0;
  for (unsigned i = 0; i < 3000; ++i) {
    handed_over += buffer.host().valid ? 1 : 0;
    buffer.clock({}, {}, true);
  }
  CHECK(handed_over == (length == 2048 ? 2048 : 0));
}

TEST_CASE("Room given by the host counts from the next cycle but one on, and a refused frame stays refused") {
  FrameBuffer buffer;
  for (unsigned i = 0; i < 2047; ++i) buffer.clock(beat_of(i, false), {}, false);
  buffer.clock(beat_of(2047, true), pass_verdict, false);
  for (unsigned i = 0; i < 4; ++i) buffer.clock({}, {}, false);
  REQUIRE(buffer.host().valid);
  SECTION("in the cycle of the hand-over and the next it is full") {
    CHECK(buffer.lost(pass_verdict));
    buffer.clock(beat_of(5000, true), pass_verdict, true);
    CHECK(buffer.lost(pass_verdict));
    buffer.clock(beat_of(5001, true), pass_verdict, false);
    CHECK(!buffer.lost(pass_verdict));  // one place free now
  }
  SECTION("a later beat of an overrun frame is not written") {
    buffer.clock(beat_of(5000, false), {}, true);  // refused
    buffer.clock(beat_of(5001, false), {}, true);  // there would be room
    CHECK(buffer.lost(pass_verdict));
    buffer.clock(beat_of(5002, true), pass_verdict, true);
    CHECK(!buffer.lost(pass_verdict));
    for (unsigned i = 0; i < 3000; ++i) {
      if (buffer.host().data >= 5000) FAIL("handed over");
      buffer.clock({}, {}, true);
    }
  }
}

}  // namespace
}  // namespace reveille::core::test
