// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_ip_parser.h>

#include "ingress/stage_bench.hpp"
#include "reveille/net/frame.hpp"

namespace {

using reveille::Bytes;
using reveille::net::Address;
using reveille::net::ExtensionHeader;
using reveille::net::UdpFrame;
using reveille::test::Datagram;

struct Facts {
  bool ipv4 = false, version_good = false, unparsable = false, later_fragment = false, first_fragment = false,
       udp = false, too_long = false, header_cut = false, ports_cut = false;
  bool operator==(const Facts&) const = default;
};

const Address kServer4 = Address::parse("192.0.2.1"), kServer6 = Address::parse("2001:db8::1");

struct IpBench {
  reveille::test::Bench<Vreveille_ip_parser> rtl;
  std::mt19937_64 random{1};

  static constexpr std::size_t kAnywhere = SIZE_MAX;
  /// Plays a datagram; `header` is where UDP must be found, 0 for nowhere. Where the walk fails it makes no difference.
  /// What is said of a beat is seen in the cycle behind it, beside datagram_o.
  Facts play(const Bytes& octets, bool ipv6, bool vlan, std::size_t header) {
    const Datagram datagram{octets, ipv6, vlan, vlan && random() % 2 == 0};
    reveille::test::DatagramBeat before;
    reveille::test::play(rtl, datagram, random, 25, [&](const reveille::test::DatagramBeat& beat) {
      const bool expected = before.valid && header != 0 && before.index == header / 8;
      INFO("beat " << before.index << ", UDP at " << header);
      if (header != kAnywhere) REQUIRE(static_cast<bool>(rtl->udp_start_o) == expected);
      if (expected) REQUIRE(static_cast<bool>(rtl->udp_at_4_o) == (header % 8 == 4));
      before = beat;
    });
    if (header != kAnywhere) {
      REQUIRE(static_cast<bool>(rtl->udp_start_o) == (before.valid && header != 0 && before.index == header / 8));
    }
    reveille::test::settle(rtl, 5);
    Facts f;
    reveille::tb::Fields(rtl->facts_o, 9)
        .take(f.ipv4, 1)
        .take(f.version_good, 1)
        .take(f.unparsable, 1)
        .take(f.later_fragment, 1)
        .take(f.first_fragment, 1)
        .take(f.udp, 1)
        .take(f.too_long, 1)
        .take(f.header_cut, 1)
        .take(f.ports_cut, 1);
    rtl.step();
    rtl->eval();
    Facts again;  // T+9
    reveille::tb::Fields(rtl->facts_o, 9)
        .take(again.ipv4, 1)
        .take(again.version_good, 1)
        .take(again.unparsable, 1)
        .take(again.later_fragment, 1)
        .take(again.first_fragment, 1)
        .take(again.udp, 1)
        .take(again.too_long, 1)
        .take(again.header_cut, 1)
        .take(again.ports_cut, 1);
    REQUIRE(again == f);
    return f;
  }
};

UdpFrame frame_to(const Address& server) {
  UdpFrame frame;
  frame.destination = server;
  frame.source = Address::parse(server == kServer4 ? "198.51.100.7" : "2001:db8::7");
  frame.payload.resize(30);
  return frame;
}
Bytes datagram_of(const UdpFrame& frame) {
  const Bytes octets = reveille::net::build(frame);
  return Bytes(octets.begin() + 14, octets.end());
}
Facts good(bool ipv6) {
  Facts facts;
  facts.ipv4 = !ipv6;
  facts.version_good = facts.udp = true;
  return facts;
}

TEST_CASE("L2: version, header length") {
  IpBench bench;
  for (const bool ipv6 : {false, true}) {
    const Bytes right = datagram_of(frame_to(ipv6 ? kServer6 : kServer4));
    CHECK(bench.play(right, ipv6, false, ipv6 ? 40 : 20) == good(ipv6));
    for (unsigned first = 0; first < 256; ++first) {
      Bytes other = right;
      other[0] = static_cast<std::uint8_t>(first);
      const bool is_good = ipv6 ? first >> 4 == 6 : first >> 4 == 4 && (first & 15) >= 5;
      CHECK(bench.play(other, ipv6, false, IpBench::kAnywhere).version_good == is_good);
    }
  }
}

TEST_CASE("L4, L10: lengths against the frame and the headers") {
  IpBench bench;
  for (const bool ipv6 : {false, true}) {
    UdpFrame frame = frame_to(ipv6 ? kServer6 : kServer4);
    if (ipv6)
      frame.extensions = {ExtensionHeader::padding(60, 1), ExtensionHeader::fragment(0, false)};
    else
      frame.ipv4_options.resize(12);
    const unsigned headers = ipv6 ? 24 : 32, whole = headers + 38;
    for (const unsigned length :
         {0U, 1U, headers - 1, headers, headers + 3, headers + 4, whole - 1, whole, whole + 1, 65535U}) {
      frame.ip_length = static_cast<std::uint16_t>(length);
      Facts expected = good(ipv6);
      expected.too_long = length > whole;
      expected.header_cut = ipv6 && length < headers;
      expected.ports_cut = length < headers + 4;
      INFO("IPv" << (ipv6 ? 6 : 4) << " length " << length);
      CHECK(bench.play(datagram_of(frame), ipv6, false, ipv6 ? 64 : 32) == expected);
    }
  }
}

TEST_CASE("L4, L5, L7: fragments") {
  IpBench bench;
  for (unsigned bit = 0; bit < 16; ++bit) {
    UdpFrame frame = frame_to(kServer4);
    frame.ipv4_fragment = static_cast<std::uint16_t>(1U << bit);
    Facts expected = good(false);
    expected.later_fragment = bit < 13;
    expected.udp = bit >= 13;
    expected.first_fragment = bit == 13;
    CHECK(bench.play(datagram_of(frame), false, false, 20) == expected);

    frame = frame_to(kServer6);
    frame.extensions = {ExtensionHeader::padding(0), ExtensionHeader::fragment(0, false), ExtensionHeader::padding(60)};
    Bytes octets = datagram_of(frame);
    octets[48 + 2 + (bit < 8)] = static_cast<std::uint8_t>(1U << bit % 8);
    frame = frame_to(kServer4);
    frame.ipv4_options.resize(8);
    frame.ipv4_fragment = static_cast<std::uint16_t>(1U << bit);
    for (std::size_t size = 20; size < 32; ++size) {  // L1: its header is whole, or it is none
      Bytes cut = datagram_of(frame);
      cut.resize(size);
      const std::size_t udp_at = size > 28 ? 28 : size > 24 ? IpBench::kAnywhere : 0;
      CHECK(bench.play(cut, false, false, udp_at).later_fragment == (bit < 13 && size >= 28));
    }

    expected = good(true);
    expected.first_fragment = bit == 0;
    expected.later_fragment = bit >= 3;
    const Facts facts = bench.play(octets, true, false, expected.later_fragment ? IpBench::kAnywhere : 64);
    CHECK(facts.later_fragment == expected.later_fragment);
    CHECK(facts.first_fragment == expected.first_fragment);
    CHECK_FALSE(facts.unparsable);
  }
}

TEST_CASE("L6: eight headers, octet 511, a header cut at every octet") {
  IpBench bench;
  for (std::size_t count = 0; count < 11; ++count) {
    UdpFrame frame = frame_to(kServer6);
    for (std::size_t i = 0; i < count; ++i) {
      frame.extensions.push_back(i % 4 == 3 ? ExtensionHeader::fragment(0, false)
                                            : ExtensionHeader::padding(i % 4 == 0   ? 0
                                                                       : i % 4 == 1 ? 43
                                                                                    : 60));
    }
    const std::size_t header = 40 + 8 * count;
    CHECK(bench.play(datagram_of(frame), true, false, count <= 8 ? header : IpBench::kAnywhere).unparsable ==
          (count > 8));
    if (count == 0 || count > 8) continue;
    const Bytes whole = datagram_of(frame);
    for (std::size_t length = 40; length < header + 8; ++length) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      INFO(count << " headers, " << length << " octets");
      CHECK(bench.play(cut, true, false,
                       length > header   ? header
                       : length < header ? IpBench::kAnywhere
                                         : 0)
                .unparsable == (length < header));
    }
  }
  for (const bool vlan : {false, true}) {
    for (unsigned length = 50; length < 66; ++length) {
      UdpFrame frame = frame_to(kServer6);
      frame.extensions = {ExtensionHeader::padding(43, static_cast<std::uint8_t>(length))};
      // With one tag at the earliest: 18 octets of Ethernet.
      const std::size_t header = 48 + 8 * length, begins = (vlan ? 18 : 14) + header;
      INFO("tag " << vlan << ", UDP at octet " << begins);
      CHECK(bench.play(datagram_of(frame), true, vlan, header).unparsable == (begins > 511));
      // Nothing of UDP in the frame: L6 comes first.
      Bytes without = datagram_of(frame);
      without.resize(header);
      CHECK(bench.play(without, true, vlan, 0).unparsable == (begins > 511));
      // Another protocol there is none of ours, another header is.
      frame.protocol = 6;
      CHECK_FALSE(bench.play(datagram_of(frame), true, vlan, 0).unparsable);
      frame.protocol = std::nullopt;
      frame.extensions.push_back(ExtensionHeader::padding(60));
      frame.protocol = 6;
      CHECK(bench.play(datagram_of(frame), true, vlan, 0).unparsable == (begins > 511));
    }
  }
}

TEST_CASE("L6: every protocol number at the chain's end") {
  IpBench bench;
  for (unsigned protocol = 0; protocol < 256; ++protocol) {
    if (protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60) continue;
    UdpFrame frame = frame_to(kServer6);
    frame.extensions = {ExtensionHeader::padding(0)};
    frame.protocol = static_cast<std::uint8_t>(protocol);
    Facts expected = good(true);
    expected.udp = protocol == 17;
    CHECK(bench.play(datagram_of(frame), true, false, protocol == 17 ? 48 : 0) == expected);
    frame = frame_to(kServer4);
    frame.protocol = static_cast<std::uint8_t>(protocol);
    expected.ipv4 = true;
    CHECK(bench.play(datagram_of(frame), false, false, protocol == 17 ? 20 : 0) == expected);
  }
}

}  // namespace
