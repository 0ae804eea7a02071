// SPDX-License-Identifier: Apache-2.0
// Streams of frames, random and dense.
#include <algorithm>
#include <map>

#include "ingress/parser_bench.hpp"
#include "ingress/random_frame.hpp"

namespace {

using reveille::Bytes;
using reveille::net::Address;
using reveille::net::ExtensionHeader;
using reveille::net::UdpFrame;
using reveille::test::both_families;
using reveille::test::GuardConfig;
using reveille::test::kServer4;
using reveille::test::kServer6;
using reveille::test::ParserBench;
using reveille::test::RandomFrame;
using reveille::test::Shown;

/// How often which outcome was met: a random test that misses one has tested less than it seems.
struct Census {
  std::map<std::string, unsigned> met;
  void count(const Shown& facts) {
    met[facts.kind == Shown::Kind::decided      ? std::string(name(facts.verdict))
        : facts.kind == Shown::Kind::ap_request ? "AP Request"
                                                : "SA Recovered"]++;
  }
  void require_all(unsigned least) {
    CHECK(met.size() == 11);  // verdicts 0 to 8 and the two that need a session
    for (const auto& [what, times] : met) {
      INFO(what << " met " << times << " times");
      CHECK(times >= least);
    }
  }
};

TEST_CASE("Random frames, any gaps, any neighbours") {
  const unsigned gaps = GENERATE(0U, 0U, 25U, 70U);
  CAPTURE(gaps);
  RandomFrame frames(gaps + 7);
  GuardConfig config = both_families();
  config.listed = gaps == 25;
  config.drop_later = gaps == 70;
  ParserBench bench(config, gaps);
  Census census;
  for (int i = 0; i < 40000; ++i) {
    bench.play(frames.next(config), gaps);
    census.count(bench.shown);
    if (frames.one_in(50)) bench.drain();
  }
  census.require_all(50);
}

TEST_CASE("L5, L8, L9, L13: other registers: addresses, destination, later fragments, port, DOIs, versions") {
  RandomFrame frames(99);
  ParserBench bench(both_families());
  Census census;
  for (int round = 0; round < 60; ++round) {
    GuardConfig config;
    config.port = static_cast<std::uint16_t>(frames.below(65536));
    for (std::size_t i = 0; i < 2; ++i) {
      if (frames.below(3) != 0) config.ipv4[i] = Address::from_octets(frames.octets(4));
      if (frames.below(3) != 0) config.ipv6[i] = Address::from_octets(frames.octets(16));
    }
    config.listed = frames.below(2) != 0;
    config.drop_later = frames.below(2) != 0;
    config.doi_snmp = frames.below(3) != 0;
    config.doi_ipsec = !config.doi_snmp || frames.below(2) != 0;
    config.versions = frames.octets(1 + frames.below(4));
    bench.configure(config);
    for (int i = 0; i < 500; ++i) {
      bench.play(frames.next(config));
      census.count(bench.shown);
    }
  }
  census.require_all(20);
}

TEST_CASE("Every truncation of good frames, back to back") {
  ParserBench bench(both_families());
  const bool ipv4 = GENERATE(true, false);
  const std::size_t tags = GENERATE(0U, 1U, 2U);
  for (const std::size_t headers : {0U, 1U, 2U}) {
    UdpFrame frame;
    frame.destination = ipv4 ? kServer4 : kServer6;
    frame.source = Address::parse(ipv4 ? "198.51.100.7" : "2001:db8::7");
    frame.tags.resize(tags);
    if (ipv4) frame.ipv4_options = Bytes(4 * headers, 1);
    for (std::size_t i = 0; !ipv4 && i < headers; ++i) frame.extensions.push_back(ExtensionHeader::padding(60));
    for (const bool first_fragment : {false, true}) {
      if (first_fragment && ipv4) frame.ipv4_fragment = 0x2000;
      if (first_fragment && !ipv4) frame.extensions.push_back(ExtensionHeader::fragment(0, true));
      for (const std::size_t content : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U, 130U, 260U}) {
        frame.payload = {2, 1, 0x10, 0x6e};
        if (content >= 0x100) frame.payload.insert(frame.payload.end(), {0x82, 1});
        if (content >= 0x80 && content < 0x100) frame.payload.push_back(0x81);
        frame.payload.push_back(static_cast<std::uint8_t>(content));
        for (std::size_t i = 0; i < content + 4; ++i) frame.payload.push_back(static_cast<std::uint8_t>(i + 17));
        const Bytes whole = reveille::net::build(frame);
        bench.play(whole);
        if (!first_fragment) REQUIRE(bench.shown.kind == Shown::Kind::ap_request);
        for (std::size_t length = 1; length <= whole.size(); ++length) {
          bench.play(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
        }
      }
    }
  }
}

TEST_CASE("The returned nonce at every octet, and the tag at both places") {
  ParserBench bench(both_families());
  RandomFrame random(5);
  const std::size_t tags = GENERATE(0U, 1U, 2U);
  const std::size_t options = GENERATE(0U, 4U);
  UdpFrame frame;
  frame.tags.resize(tags);
  frame.ipv4_options.resize(options);
  frame.destination = kServer4;
  frame.source = Address::parse("198.51.100.7");
  for (std::size_t content = 0; content < 600; ++content) {
    frame.payload = {2, 2, 0x10, 0x6e};
    if (content >= 0x100) frame.payload.insert(frame.payload.end(), {0x82, static_cast<std::uint8_t>(content >> 8)});
    if (content >= 0x80 && content < 0x100) frame.payload.push_back(0x81);
    frame.payload.push_back(static_cast<std::uint8_t>(content));
    const Bytes rest = random.octets(content + 4 + random.below(2) * random.below(9));
    frame.payload.insert(frame.payload.end(), rest.begin(), rest.end());
    bench.play(reveille::net::build(frame), content % 3 == 0 ? 40 : 0);
    REQUIRE(bench.shown.kind == Shown::Kind::ap_request);
    frame.payload = random.octets(23);
    frame.payload[0] = 4;
    frame.payload[1] = 1;
    frame.payload[2] = 0x10;
    bench.play(reveille::net::build(frame), content % 5 == 0 ? 40 : 0);
    REQUIRE(bench.shown.kind == Shown::Kind::sa_recovered);
  }
}

TEST_CASE("Frames of 1 to 9 beats in every order, no idle cycle") {
  ParserBench bench(both_families());
  RandomFrame random(6);
  for (int i = 0; i < 20000; ++i) {
    Bytes frame = random.next(both_families());
    frame.resize(std::min<std::size_t>(frame.size(), 1 + random.below(72)));
    bench.play(frame);
  }
}

TEST_CASE("Large frames, and larger ones than there may be") {
  ParserBench bench(both_families());
  UdpFrame frame;
  frame.destination = GENERATE(kServer4, kServer6);
  frame.source = frame.destination == kServer4 ? Address::parse("198.51.100.7") : Address::parse("2001:db8::7");
  const bool odd_sum = GENERATE(false, true);
  for (const std::size_t size : {9208U, 9209U, 9215U, 9216U, 9217U, 9224U, 9225U, 17000U, 40000U}) {
    frame.payload = {2, 1, 0x10, 0x6e, 0x82, 0x20, 0x00};
    frame.payload.resize(size - 14 - 20 - 8 - (frame.source.is_ipv4() ? 0 : 20), 0xff);
    frame.udp_checksum = std::nullopt;
    Bytes octets = reveille::net::build(frame);
    if (odd_sum) octets.back() ^= 1;
    REQUIRE(octets.size() == size);
    bench.play(octets);
    if (size <= 9216) REQUIRE((bench.shown.kind == Shown::Kind::ap_request) == !odd_sum);
    frame.payload.resize(40);
    bench.play(reveille::net::build(frame));  // the next frame is none the worse
  }
}

TEST_CASE("Octets with many carries: checksums of 0xFF and of nearly 0") {
  ParserBench bench(both_families());
  RandomFrame random(8);
  for (int i = 0; i < 3000; ++i) {
    UdpFrame frame;
    frame.destination = i % 2 == 0 ? kServer4 : kServer6;
    frame.source =
        i % 2 == 0 ? Address::parse("223.255.255.255") : Address::parse("fe80:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    frame.payload = {4, 1, 0x10};
    frame.payload.resize(23, i % 3 == 0 ? 0x00 : 0xff);
    frame.payload[3 + random.below(20)] = static_cast<std::uint8_t>(random.below(256));
    if (i % 2 == 0) frame.ipv4_options = Bytes(4 * random.below(11), 0xff);
    frame.source_port = static_cast<std::uint16_t>(i % 5 == 0 ? 0xffff : random.below(65536));
    Bytes octets = reveille::net::build(frame);
    bench.play(octets);
    REQUIRE(bench.shown.kind == Shown::Kind::sa_recovered);
    octets[20 + random.below(octets.size() - 20)] ^= static_cast<std::uint8_t>(1U << random.below(8));
    bench.play(octets);
  }
}

}  // namespace
