// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "ingress/parser_bench.hpp"
#include "ingress/random_frame.hpp"

namespace {

using reveille::Bytes;
using reveille::Verdict;
using reveille::net::Address;
using reveille::net::ExtensionHeader;
using reveille::net::UdpFrame;
using reveille::policy::FrameFacts;
using reveille::policy::ServerConfig;
using reveille::test::ParserBench;
using reveille::test::RandomFrame;

ServerConfig both_families() {
  ServerConfig config;
  config.ipv4 = {Address::parse("192.0.2.1")};
  config.ipv6 = {Address::parse("2001:db8::1")};
  return config;
}

/// How often which outcome was met: a random test that misses one has tested less than it seems.
struct Census {
  std::map<std::string, unsigned> met;
  void count(const FrameFacts& facts) {
    met[facts.kind == FrameFacts::Kind::decided      ? std::string(name(facts.early))
        : facts.kind == FrameFacts::Kind::ap_request ? "AP Request"
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

/// Plays a frame and compares the policy's verdict, to which the bench holds the RTL, with the one the rule asks for.
struct Directed {
  ParserBench bench{both_families()};
  UdpFrame ipv4, ipv6;
  Directed() {
    ipv4.destination = both_families().ipv4.front();
    ipv4.source = Address::parse("198.51.100.7");
    ipv6.destination = both_families().ipv6.front();
    ipv6.source = Address::parse("2001:db8::7");
    ipv4.payload = ipv6.payload = {2, 1, 0x10, 0x6e, 3, 9, 9, 9, 0, 0, 0, 1};
  }
  void check(const char* rule, const Bytes& frame, Verdict verdict) {
    INFO(rule << ": " << reveille::test::hex_dump(frame));
    bench.play(frame);
    CHECK(bench.facts.kind == FrameFacts::Kind::decided);
    CHECK(std::string(name(bench.facts.early)) == std::string(name(verdict)));
  }
  void check(const char* rule, const UdpFrame& frame, Verdict verdict) {
    check(rule, reveille::net::build(frame), verdict);
  }
  void check_cut(const char* rule, const UdpFrame& frame, std::size_t octets, Verdict verdict) {
    Bytes whole = reveille::net::build(frame);
    whole.resize(octets);
    check(rule, whole, verdict);
  }
};

TEST_CASE("Where two rules meet") {
  Directed d;
  {  // L3: the port counts up to the frame's end, then the IP length does
    UdpFrame frame = d.ipv4;
    frame.ip_length = 20;
    d.check("L3, L10", frame, Verdict::bad_length);
    frame.destination_port = 9;
    d.check("L3", frame, Verdict::bypass);
    frame = d.ipv6;
    frame.extensions = {ExtensionHeader::padding(60)};
    frame.ip_length = 0;
    d.check("L3, L10: no jumbo payload", frame, Verdict::bad_length);
    d.check_cut("L1 before L10", d.ipv4, 14 + 20 + 7, Verdict::bypass);
  }
  {  // L4
    UdpFrame frame = d.ipv4;
    frame.ipv4_fragment = 0x2000;
    d.check("L4", frame, Verdict::fragmented);
    d.check_cut("L4: port not shown", frame, 14 + 20 + 3, Verdict::fragmented);
    d.check_cut("L4, L1: destination not shown", frame, 14 + 19, Verdict::bypass);
    frame.ipv4_options = Bytes(8, 1);
    d.check_cut("L4: cut in the options", frame, 14 + 21, Verdict::fragmented);
    frame.destination_port = 9;
    d.check("L4: another port", frame, Verdict::bypass);
    frame.ip_length = 28 + 3;
    d.check("L4: another port, not inside the IP length", frame, Verdict::fragmented);
    frame.protocol = 6;
    d.check("L4: TCP", frame, Verdict::bypass);
    frame.ipv4_fragment = 0x2001;
    d.check("L5", frame, Verdict::bypass);
    frame = d.ipv4;
    frame.ipv4_fragment = 0x2000;
    frame.ipv4_checksum = 1;
    d.check("table: 2 before 4", frame, Verdict::fragmented);
  }
  {  // L4 and L6 at the end of an IPv6 chain
    UdpFrame frame = d.ipv6;
    frame.extensions = {ExtensionHeader::fragment(0, true), ExtensionHeader::padding(60)};
    frame.protocol = 6;
    d.check("L4: TCP", frame, Verdict::bypass);
    frame.ip_length = 15;
    d.check("L4: IP length ends before the headers, whatever comes next", frame, Verdict::fragmented);
    frame.extensions.front() = ExtensionHeader::fragment(0, false);
    d.check("L6: TCP, no fragment", frame, Verdict::bypass);
    frame.extensions.front() = ExtensionHeader::fragment(1, true);
    d.check("L7", frame, Verdict::bypass);
    frame.extensions = {ExtensionHeader::fragment(0, true), ExtensionHeader::padding(60, 58)};
    frame.protocol = std::nullopt;
    d.check("L6 before L4", frame, Verdict::unparsable);
    frame.protocol = 6;
    d.check("L4 before L6's bypass", frame, Verdict::fragmented);
    frame.ip_length = std::nullopt;
    d.check("L6: another protocol wherever it lies", frame, Verdict::bypass);
    frame = d.ipv6;
    frame.extensions = {ExtensionHeader::fragment(0, true)};
    d.check_cut("L4: only headers", frame, 14 + 48, Verdict::fragmented);
    frame.extensions = {ExtensionHeader::fragment(0, false)};
    d.check_cut("L1: only headers", frame, 14 + 48, Verdict::bypass);
    d.check_cut("L6: header cut", frame, 14 + 47, Verdict::unparsable);
    d.check_cut("L1: IPv6 header cut", frame, 14 + 39, Verdict::bypass);
    frame.extensions.assign(9, ExtensionHeader::padding(60));
    frame.extensions[8] = ExtensionHeader::fragment(1, false);
    d.check("L6: the ninth comes before its offset", frame, Verdict::unparsable);
    frame.extensions[7] = ExtensionHeader::fragment(1, false);
    d.check("L6: an offset comes before the ninth", frame, Verdict::bypass);
  }
  {  // L12: tags
    UdpFrame frame = d.ipv4;
    frame.tags.resize(3);
    d.check("L12: a third tag", frame, Verdict::bypass);
    frame.tags.resize(2);
    frame.tags[1].tpid = 0x1234;
    d.check("an EtherType of neither, with ours behind it", frame, Verdict::bypass);
    frame.tags[1].tpid = 0x0800;
    d.check("an EtherType, with another behind it", frame, Verdict::bypass);
  }
  {  // L2, L9, L11, order of the table
    UdpFrame frame = d.ipv4;
    Bytes octets = reveille::net::build(frame);
    octets[14] = 0x44;
    d.check("L2", octets, Verdict::bypass);
    octets[14] = 0x65;
    d.check("L2", octets, Verdict::bypass);
    frame.source = Address::parse("127.0.0.1");
    d.check("L9", frame, Verdict::bad_source);
    frame.udp_checksum = 1;
    d.check("table: 4 before 5", frame, Verdict::bad_checksum);
    frame.udp_length = 7;
    d.check("table: 3 before 4", frame, Verdict::bad_length);
    frame = d.ipv6;
    frame.udp_checksum = 0;
    d.check("L11: IPv6 needs one", frame, Verdict::bad_checksum);
    frame = d.ipv4;
    frame.udp_checksum = 0;
    d.bench.play(reveille::net::build(frame));
    CHECK(d.bench.facts.kind == FrameFacts::Kind::ap_request);
    frame.payload = {2, 1};
    d.check("table: 6 before 7", frame, Verdict::malformed);
    frame.payload = {7, 1, 0x10};
    d.check("table: 7", frame, Verdict::unsupported);
    frame.payload = {3, 1, 0x11};
    d.check("table: 7 before 8", frame, Verdict::unsupported);
    frame.payload = {3, 1, 0x10};
    d.check("table: 8", frame, Verdict::wrong_direction);
    frame.payload = {2, 1, 0x10};
    d.check("table: the rest of 6", frame, Verdict::malformed);
    frame.payload = d.ipv4.payload;
    frame.payload.pop_back();
    frame.trailer = {0, 0, 0, 0};
    d.check("L17: the nonce runs into the trailer", frame, Verdict::malformed);
  }
}

TEST_CASE("Random frames, any gaps, any neighbours") {
  const unsigned gaps = GENERATE(0U, 0U, 25U, 70U);
  CAPTURE(gaps);
  RandomFrame frames(gaps + 7);
  ParserBench bench(both_families(), gaps);
  Census census;
  for (int i = 0; i < 40000; ++i) {
    bench.play(frames.next(both_families()), gaps);
    census.count(bench.facts);
    if (frames.one_in(50)) bench.drain();
  }
  census.require_all(50);
}

TEST_CASE("L8, L13: other registers: port, families, DOIs, versions") {
  RandomFrame frames(99);
  ParserBench bench(both_families());
  Census census;
  for (int round = 0; round < 60; ++round) {
    ServerConfig config;
    config.port = static_cast<std::uint16_t>(frames.below(65536));
    const auto families = frames.below(4);
    if (families != 1) config.ipv4 = {Address::from_octets(frames.octets(4))};
    if (families != 2) config.ipv6 = {Address::from_octets(frames.octets(16))};
    if (families == 3) config.ipv4 = config.ipv6 = {};
    config.doi_snmp = frames.below(3) != 0;
    config.doi_ipsec = !config.doi_snmp || frames.below(2) != 0;
    config.versions = frames.octets(1 + frames.below(4));
    bench.configure(config);
    for (int i = 0; i < 500; ++i) {
      bench.play(frames.next(config));
      census.count(bench.facts);
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
    frame.destination = ipv4 ? both_families().ipv4.front() : both_families().ipv6.front();
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
        if (!first_fragment) REQUIRE(bench.facts.kind == FrameFacts::Kind::ap_request);
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
  frame.destination = both_families().ipv4.front();
  frame.source = Address::parse("198.51.100.7");
  for (std::size_t content = 0; content < 600; ++content) {
    frame.payload = {2, 2, 0x10, 0x6e};
    if (content >= 0x100) frame.payload.insert(frame.payload.end(), {0x82, static_cast<std::uint8_t>(content >> 8)});
    if (content >= 0x80 && content < 0x100) frame.payload.push_back(0x81);
    frame.payload.push_back(static_cast<std::uint8_t>(content));
    const Bytes rest = random.octets(content + 4 + random.below(2) * random.below(9));
    frame.payload.insert(frame.payload.end(), rest.begin(), rest.end());
    bench.play(reveille::net::build(frame), content % 3 == 0 ? 40 : 0);
    REQUIRE(bench.facts.kind == FrameFacts::Kind::ap_request);
    frame.payload = random.octets(23);
    frame.payload[0] = 4;
    frame.payload[1] = 1;
    frame.payload[2] = 0x10;
    bench.play(reveille::net::build(frame), content % 5 == 0 ? 40 : 0);
    REQUIRE(bench.facts.kind == FrameFacts::Kind::sa_recovered);
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
  frame.destination = GENERATE(as<Address>{}, both_families().ipv4.front(), both_families().ipv6.front());
  frame.source = frame.destination == both_families().ipv4.front() ? Address::parse("198.51.100.7")
                                                                   : Address::parse("2001:db8::7");
  const bool odd_sum = GENERATE(false, true);
  for (const std::size_t size : {9208U, 9209U, 9215U, 9216U, 9217U, 9224U, 9225U, 17000U, 40000U}) {
    frame.payload = {2, 1, 0x10, 0x6e, 0x82, 0x20, 0x00};
    frame.payload.resize(size - 14 - 20 - 8 - (frame.source.is_ipv4() ? 0 : 20), 0xff);
    frame.udp_checksum = std::nullopt;
    Bytes octets = reveille::net::build(frame);
    if (odd_sum) octets.back() ^= 1;
    REQUIRE(octets.size() == size);
    bench.play(octets);
    if (size <= 9216) REQUIRE((bench.facts.kind == FrameFacts::Kind::ap_request) == !odd_sum);
    frame.payload.resize(40);
    bench.play(reveille::net::build(frame));  // the next frame is none the worse
  }
}

TEST_CASE("Octets with many carries: checksums of 0xFF and of nearly 0") {
  ParserBench bench(both_families());
  RandomFrame random(8);
  for (int i = 0; i < 3000; ++i) {
    UdpFrame frame;
    frame.destination = i % 2 == 0 ? both_families().ipv4.front() : both_families().ipv6.front();
    frame.source =
        i % 2 == 0 ? Address::parse("223.255.255.255") : Address::parse("fe80:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    frame.payload = {4, 1, 0x10};
    frame.payload.resize(23, i % 3 == 0 ? 0x00 : 0xff);
    frame.payload[3 + random.below(20)] = static_cast<std::uint8_t>(random.below(256));
    if (i % 2 == 0) frame.ipv4_options = Bytes(4 * random.below(11), 0xff);
    frame.source_port = static_cast<std::uint16_t>(i % 5 == 0 ? 0xffff : random.below(65536));
    Bytes octets = reveille::net::build(frame);
    bench.play(octets);
    REQUIRE(bench.facts.kind == FrameFacts::Kind::sa_recovered);
    octets[20 + random.below(octets.size() - 20)] ^= static_cast<std::uint8_t>(1U << random.below(8));
    bench.play(octets);
  }
}

}  // namespace
