// SPDX-License-Identifier: Apache-2.0
// Frames at the neighbours of a rule, each with the verdict that the rule asks for.
#include "ingress/parser_bench.hpp"
#include "reveille/net/frame.hpp"

namespace {

using reveille::Bytes;
using reveille::Verdict;
using reveille::net::Address;
using reveille::net::ExtensionHeader;
using reveille::net::UdpFrame;
using reveille::test::both_families;
using reveille::test::GuardConfig;
using reveille::test::kSecond4;
using reveille::test::kSecond6;
using reveille::test::kServer4;
using reveille::test::kServer6;
using reveille::test::ParserBench;
using reveille::test::Shown;

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

}  // namespace
