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
using reveille::test::GuardConfig;
using reveille::test::ParserBench;
using reveille::test::RandomFrame;
using reveille::test::Shown;

const Address kServer4 = Address::parse("192.0.2.1"), kServer6 = Address::parse("2001:db8::1");
const Address kSecond4 = Address::parse("192.0.2.65"), kSecond6 = Address::parse("2001:db8:1::1");

GuardConfig both_families() {
  GuardConfig config;
  config.ipv4 = {kServer4, kSecond4};
  config.ipv6 = {kServer6, kSecond6};
  return config;
}

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

/// Plays a frame and compares the policy's verdict, to which the bench holds the RTL, with the one the rule asks for.
struct Directed {
  ParserBench bench{both_families()};
  UdpFrame ipv4, ipv6;
  Directed() {
    ipv4.destination = kServer4;
    ipv4.source = Address::parse("198.51.100.7");
    ipv6.destination = kServer6;
    ipv6.source = Address::parse("2001:db8::7");
    ipv4.payload = ipv6.payload = {2, 1, 0x10, 0x6e, 3, 9, 9, 9, 0, 0, 0, 1};
  }
  void check(const char* rule, const Bytes& frame, Verdict verdict) {
    INFO(rule << ": " << reveille::test::hex_dump(frame));
    bench.play(frame);
    CHECK(bench.shown.kind == Shown::Kind::decided);
    CHECK(std::string(name(bench.shown.verdict)) == std::string(name(verdict)));
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
  {  // L12, L20: tags
    UdpFrame frame = d.ipv4;
    frame.tags.resize(3);
    d.check("L20: a third tag", frame, Verdict::unparsable);
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
    CHECK(d.bench.shown.kind == Shown::Kind::ap_request);
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

/// Frames whose shape alone decides, whatever else they hold.
struct LinkLayer {
  Bytes octets = Bytes(12, 2);
  LinkLayer& type(unsigned value) {
    reveille::append_big_endian(octets, value, 2);
    return *this;
  }
  LinkLayer& tag(unsigned tpid) { return type(tpid).type(7); }
  LinkLayer& snap(unsigned ethertype) { return type(0xaaaa).type(0x0300).type(0).type(ethertype); }
};

TEST_CASE("L20: a third tag, IP in SNAP: dropped whatever the destination, with no source, and cut at every octet") {
  Directed d;
  GuardConfig config = both_families();
  config.listed = GENERATE(false, true);
  d.bench.configure(config);
  const std::size_t third_type = 12 + 8 + 2;
  for (const unsigned a : {0x8100U, 0x88a8U}) {
    for (const unsigned b : {0x8100U, 0x88a8U}) {
      for (const unsigned c : {0x8100U, 0x88a8U, 0x9100U, 0x0800U}) {
        const bool is_tag = c == 0x8100 || c == 0x88a8;
        const Bytes frame = LinkLayer{}.tag(a).tag(b).tag(c).tag(0x8100).type(0x0800).octets;
        for (std::size_t size = 12; size <= frame.size(); ++size) {
          d.check("L20, L1", Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)),
                  is_tag && size >= third_type ? Verdict::unparsable : Verdict::bypass);
        }
      }
    }
  }
  for (std::size_t tags = 0; tags < 4; ++tags) {
    for (const unsigned length : {0U, 0x2eU, 0x5ffU, 0x600U, 0xffffU}) {
      for (const unsigned ethertype : {0x0800U, 0x86ddU, 0x0806U, 0x8100U}) {
        LinkLayer link;
        for (std::size_t i = 0; i < tags; ++i) link.tag(i % 2 ? 0x88a8 : 0x8100);
        Bytes frame = link.type(length).snap(ethertype).octets;
        const std::size_t whole = frame.size();
        frame.resize(whole + 40, 0x45);
        const bool is_snap = tags < 3 && length < 0x600 && (ethertype == 0x0800 || ethertype == 0x86dd);
        for (std::size_t size = 12; size <= frame.size(); ++size) {
          const bool unread = tags == 3 ? size >= third_type : is_snap && size >= whole;
          d.check("L20: SNAP", Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)),
                  unread ? Verdict::unparsable : Verdict::bypass);
        }
        if (!is_snap) continue;
        for (std::size_t bit = 0; bit < 64; ++bit) {  // AA AA 03 00 00 00 and the type: no other octets
          Bytes other = frame;
          other[whole - 8 + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
          d.check("L20: nearly SNAP", other, Verdict::bypass);
        }
      }
    }
  }
  // With an AP Request to the server inside, whole and good, it is all the same.
  Bytes inner = reveille::net::build(d.ipv4);
  Bytes frame = LinkLayer{}.type(static_cast<unsigned>(inner.size() - 6)).snap(0x0800).octets;
  frame.insert(frame.end(), inner.begin() + 14, inner.end());
  d.check("L20", frame, Verdict::unparsable);
}

TEST_CASE("L8: any destination counts, or the listed ones alone; L9: no source that is one of the server's") {
  Directed d;
  const bool is_ipv4 = GENERATE(true, false);
  UdpFrame frame = is_ipv4 ? d.ipv4 : d.ipv6;
  const auto kind = [&](const UdpFrame& f) {
    d.bench.play(reveille::net::build(f));
    return d.bench.shown.kind;
  };
  const Address elsewhere[] = {
      Address::parse(is_ipv4 ? "255.255.255.255" : "ff02::1"), Address::parse(is_ipv4 ? "224.0.0.1" : "fe80::1"),
      Address::parse(is_ipv4 ? "0.0.0.0" : "::"), Address::parse(is_ipv4 ? "10.0.0.9" : "::1")};
  const Address own[] = {is_ipv4 ? kServer4 : kServer6, is_ipv4 ? kSecond4 : kSecond6};
  for (unsigned enabled = 0; enabled < 4; ++enabled) {
    for (const bool listed : {false, true}) {
      GuardConfig config = both_families();
      config.listed = listed;
      auto& family = is_ipv4 ? config.ipv4 : config.ipv6;
      for (std::size_t i = 0; i < 2; ++i) {
        if ((enabled >> i & 1) == 0) family[i] = std::nullopt;
      }
      d.bench.configure(config);
      INFO("enabled " << enabled << ", listed " << listed);
      for (const auto& address : elsewhere) {
        frame.destination = address;
        CHECK((kind(frame) == Shown::Kind::ap_request) == !listed);
      }
      for (std::size_t i = 0; i < 2; ++i) {
        frame.destination = own[i];
        const bool counts = !listed || (enabled >> i & 1) != 0;
        CHECK((kind(frame) == Shown::Kind::ap_request) == counts);
        for (std::size_t k = 0; k < 2; ++k) {
          UdpFrame forged = frame;
          forged.source = own[k];
          kind(forged);
          const bool bad = counts && (enabled >> k & 1) != 0;
          CHECK((d.bench.shown.kind == Shown::Kind::decided && d.bench.shown.verdict == Verdict::bad_source) == bad);
        }
      }
    }
  }
}

TEST_CASE("L5: later fragments, dropped or passed") {
  Directed d;
  const bool drop = GENERATE(true, false), listed = GENERATE(true, false);
  GuardConfig config = both_families();
  config.drop_later = drop;
  config.listed = listed;
  d.bench.configure(config);
  const Verdict later = drop ? Verdict::fragmented : Verdict::bypass;
  for (std::size_t options : {0U, 4U, 8U, 40U}) {
    UdpFrame frame = d.ipv4;
    frame.ipv4_options = Bytes(options, 1);
    frame.ipv4_fragment = 0x2001;
    d.check("L5: more to come", frame, later);
    frame.ipv4_fragment = 1;
    d.check("L5: the last", frame, later);
    frame.ipv4_fragment = 0x1fff;
    frame.source = Address::parse("127.0.0.1");
    frame.ipv4_checksum = 7;
    frame.ip_length = 3;
    frame.protocol = 6;
    d.check("L5: source, checksum, length, protocol not looked at", frame, later);
    const std::size_t header = 14 + 20 + options;
    for (std::size_t size = 14; size < header + 9; ++size) {
      d.check_cut("L5, L1: cut", frame, size, size >= header ? later : Verdict::bypass);
    }
    frame.destination = Address::parse("192.0.2.2");
    d.check("L5, L8", frame, listed ? Verdict::bypass : later);
    Bytes octets = reveille::net::build(frame);
    octets[14] = 0x44;
    d.check("L2 before L5", octets, Verdict::bypass);
  }
  UdpFrame frame = d.ipv6;
  frame.extensions = {ExtensionHeader::padding(0), ExtensionHeader::fragment(5, true), ExtensionHeader::padding(60)};
  frame.protocol = 6;
  frame.ip_length = 1;
  frame.source = Address::parse("::1");
  d.check("L5: IPv6", frame, later);
  for (std::size_t size = 14; size < 14 + 40 + 24; ++size) {
    d.check_cut("L5, L6: cut", frame, size,
                size < 14 + 40   ? Verdict::bypass
                : size < 14 + 56 ? Verdict::unparsable
                                 : later);
  }
  frame.extensions = {ExtensionHeader::fragment(0, true), ExtensionHeader::fragment(1, false)};
  d.check("L7", frame, later);
  frame.extensions.assign(9, ExtensionHeader::padding(60));
  frame.extensions[8] = ExtensionHeader::fragment(1, false);
  d.check("L6 before L5: the ninth", frame, Verdict::unparsable);
  frame.extensions[7] = ExtensionHeader::fragment(1, false);
  d.check("L5: the eighth", frame, later);
  frame.extensions = {ExtensionHeader::padding(60, 58), ExtensionHeader::fragment(1, false)};
  d.check("L6 before L5: behind octet 511", frame, Verdict::unparsable);
}

TEST_CASE("A last beat that comes too late") {
  Directed d;
  for (const std::uint64_t cycles : {16383U, 16384U, 16385U, 16386U, 40000U}) {
    d.bench.play(reveille::net::build(d.ipv4), 0, cycles);
    CHECK((d.bench.shown.kind == Shown::Kind::ap_request) == (cycles <= 16384));
    d.bench.play(reveille::net::build(d.ipv4));  // the next frame is none the worse
    CHECK(d.bench.shown.kind == Shown::Kind::ap_request);
  }
}

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
