// SPDX-License-Identifier: Apache-2.0
// Hand-made frames for the rules of docs/protocol.md, part 4, that need no session. `not_woken` means: judged, and
// nothing wrong with it.
#include <catch2/catch.hpp>

#include "model/policy/frames.hpp"

using namespace reveille;
using namespace reveille::policy;
using namespace reveille::policy::test;
using net::ExtensionHeader;

namespace {

constexpr std::size_t ethernet = 14;
const Bytes request = ap_request(nonce);

net::UdpFrame fragment4(std::uint16_t flags_and_offset) {
  net::UdpFrame frame = to_server4(request);
  frame.ipv4_fragment = flags_and_offset;
  return frame;
}

net::UdpFrame with_extensions(std::vector<ExtensionHeader> extensions) {
  net::UdpFrame frame = to_server6(request);
  frame.extensions = std::move(extensions);
  return frame;
}

}  // namespace

TEST_CASE("A right frame is judged in both families, with 0 to 2 tags") {
  CHECK(alone(to_server4(request)) == Verdict::not_woken);
  CHECK(alone(to_server6(request)) == Verdict::not_woken);
  for (const std::uint16_t outer : {0x8100, 0x88a8}) {
    for (const std::uint16_t inner : {0x8100, 0x88a8}) {
      net::UdpFrame frame = to_server4(request);
      frame.tags = {{outer, 0xffff}};
      CHECK(alone(frame) == Verdict::not_woken);
      frame.tags.push_back({inner, 0});  // L12: tags in any order
      CHECK(alone(frame) == Verdict::not_woken);
      frame.tags.push_back({0x8100, 0});  // L12: a third tag bypasses
      CHECK(alone(frame) == Verdict::bypass);
    }
  }
}

TEST_CASE("What is not for the server bypasses") {
  net::UdpFrame frame = to_server4(request);
  frame.destination = net::Address::parse("192.0.2.2");
  CHECK(alone(frame) == Verdict::bypass);
  frame = to_server4(request);
  frame.destination_port = 1292;
  CHECK(alone(frame) == Verdict::bypass);
  ServerConfig config = both_families();
  config.port = 1292;
  CHECK(alone(frame, config) == Verdict::not_woken);
  frame = to_server4(request);
  frame.protocol = 6;
  CHECK(alone(frame) == Verdict::bypass);
  Bytes arp = net::build(to_server4(request));
  arp[12] = 0x08;
  arp[13] = 0x06;
  CHECK(alone(arp) == Verdict::bypass);
}

TEST_CASE("L1: runts bypass wherever they end") {
  // Every cut before the eighth octet of the UDP header, whatever the lengths say; behind it, the IP length tells.
  net::UdpFrame v4 = to_server4(request);
  v4.ipv4_options = {1, 1, 1, 1, 1, 1, 1, 0};
  v4.tags = {{0x8100, 5}};
  const std::size_t udp4 = ethernet + 4 + 28;
  for (std::size_t length = 0; length <= udp4 + 7; ++length) {
    INFO(length);
    CHECK(alone(cut(v4, length)) == Verdict::bypass);
  }
  CHECK(alone(cut(v4, udp4 + 8)) == Verdict::bad_length);

  const net::UdpFrame v6 = to_server6(request);
  const std::size_t udp6 = ethernet + 40;
  for (std::size_t length = 0; length <= udp6 + 7; ++length) {
    INFO(length);
    CHECK(alone(cut(v6, length)) == Verdict::bypass);
  }
  CHECK(alone(cut(v6, udp6 + 8)) == Verdict::bad_length);
}

TEST_CASE("L2: a version that is not the EtherType's, or an IHL below 5, bypasses") {
  Bytes frame = net::build(to_server4(request));
  for (const int version_ihl : {0x65, 0x55, 0x05, 0x44, 0x40}) {
    frame[ethernet] = static_cast<std::uint8_t>(version_ihl);
    CHECK(alone(frame) == Verdict::bypass);
  }
  frame = net::build(fragment4(0x2000));
  frame[ethernet] = 0x44;
  CHECK(alone(frame) == Verdict::bypass);  // first fragments included
  frame = net::build(to_server6(request));
  frame[ethernet] = 0x40;
  CHECK(alone(frame) == Verdict::bypass);
}

TEST_CASE("L3: up to the destination port only the frame's end counts") {
  net::UdpFrame frame = to_server4(request);
  for (const std::uint16_t total : {0, 10, 20, 21, 27}) {
    frame.ip_length = total;
    frame.destination_port = 1293;
    CHECK(alone(frame) == Verdict::bad_length);
    frame.destination_port = 1294;
    CHECK(alone(frame) == Verdict::bypass);
  }
  // An IPv6 chain is walked through octets beyond the payload length.
  net::UdpFrame v6 = with_extensions({ExtensionHeader::padding(0, 1), ExtensionHeader::padding(60)});
  v6.ip_length = 3;
  CHECK(alone(v6) == Verdict::bad_length);
  v6.destination_port = 1;
  CHECK(alone(v6) == Verdict::bypass);
}

TEST_CASE("L4: first fragments show what lies inside both the frame and the IP length") {
  CHECK(alone(fragment4(0x2000)) == Verdict::fragmented);
  net::UdpFrame other_port = fragment4(0x2000);
  other_port.destination_port = 53;
  CHECK(alone(other_port) == Verdict::bypass);
  net::UdpFrame tcp = fragment4(0x2000);
  tcp.protocol = 6;
  CHECK(alone(tcp) == Verdict::bypass);

  // The IP length hides the ports: 23 octets show three octets of UDP, 24 show them all.
  other_port.ip_length = 23;
  CHECK(alone(other_port) == Verdict::fragmented);
  other_port.ip_length = 0;
  CHECK(alone(other_port) == Verdict::fragmented);
  other_port.ip_length = 24;
  CHECK(alone(other_port) == Verdict::bypass);
  // The frame's end hides them; runts are for frames that are not first fragments.
  other_port.ip_length.reset();
  CHECK(alone(cut(other_port, ethernet + 20)) == Verdict::fragmented);
  CHECK(alone(cut(other_port, ethernet + 23)) == Verdict::fragmented);
  CHECK(alone(cut(other_port, ethernet + 24)) == Verdict::bypass);
  // An IPv4 header cut inside its options; before its 20th octet there is no destination.
  other_port.ipv4_options = Bytes(8, 1);
  CHECK(alone(cut(other_port, ethernet + 22)) == Verdict::fragmented);
  CHECK(alone(cut(other_port, ethernet + 19)) == Verdict::bypass);
  // Checksums and lengths come later in the table.
  net::UdpFrame wrong = fragment4(0x2000);
  wrong.ipv4_checksum = 1;
  CHECK(alone(wrong) == Verdict::fragmented);
}

TEST_CASE("L4: IPv6 first fragments") {
  const ExtensionHeader first = ExtensionHeader::fragment(0, true);
  CHECK(alone(with_extensions({first})) == Verdict::fragmented);
  net::UdpFrame frame = with_extensions({first});
  frame.destination_port = 53;
  CHECK(alone(frame) == Verdict::bypass);
  frame.ip_length = 8 + 3;
  CHECK(alone(frame) == Verdict::fragmented);
  frame.ip_length = 8 + 4;
  CHECK(alone(frame) == Verdict::bypass);
  frame.ip_length.reset();
  CHECK(alone(cut(frame, ethernet + 40 + 8)) == Verdict::fragmented);
  CHECK(alone(cut(frame, ethernet + 40 + 8 + 3)) == Verdict::fragmented);
  CHECK(alone(cut(frame, ethernet + 40 + 8 + 4)) == Verdict::bypass);
  frame.protocol = 6;
  CHECK(alone(frame) == Verdict::bypass);
  frame.ip_length = 7;  // ends before its extension headers do: whatever comes next
  CHECK(alone(frame) == Verdict::fragmented);
  frame.ip_length = 8;
  CHECK(alone(frame) == Verdict::bypass);
  frame = with_extensions({first, ExtensionHeader::padding(60, 2)});
  frame.protocol = 59;
  frame.ip_length = 31;
  CHECK(alone(frame) == Verdict::fragmented);
  frame.ip_length = 32;
  CHECK(alone(frame) == Verdict::bypass);
}

TEST_CASE("L5: later fragments bypass") {
  CHECK(alone(fragment4(0x0001)) == Verdict::bypass);
  CHECK(alone(fragment4(0x3fff)) == Verdict::bypass);
  CHECK(alone(with_extensions({ExtensionHeader::fragment(1, false)})) == Verdict::bypass);
  CHECK(alone(with_extensions({ExtensionHeader::fragment(0x1fff, true)})) == Verdict::bypass);
}

TEST_CASE("L6: the IPv6 walk is bounded") {
  std::vector<ExtensionHeader> eight;
  for (int i = 0; i < 8; ++i) eight.push_back(ExtensionHeader::padding(i % 2 == 0 ? 60 : 43));
  CHECK(alone(with_extensions(eight)) == Verdict::not_woken);
  std::vector<ExtensionHeader> nine = eight;
  nine.push_back(ExtensionHeader::padding(0));
  CHECK(alone(with_extensions(nine)) == Verdict::unparsable);
  nine.back() = ExtensionHeader::fragment(5, false);  // the ninth comes before its offset
  CHECK(alone(with_extensions(nine)) == Verdict::unparsable);
  net::UdpFrame tcp = with_extensions(eight);
  tcp.protocol = 6;
  CHECK(alone(tcp) == Verdict::bypass);

  // 54 octets of headers before the chain: one of 8 * 57 = 456 octets puts the next at 510, one of 8 * 58 at 518.
  const ExtensionHeader to_510 = ExtensionHeader::padding(60, 56);
  const ExtensionHeader to_518 = ExtensionHeader::padding(60, 57);
  CHECK(alone(with_extensions({to_510})) == Verdict::not_woken);
  CHECK(alone(with_extensions({to_518})) == Verdict::unparsable);
  CHECK(alone(with_extensions({to_510, ExtensionHeader::fragment(3, false)})) == Verdict::bypass);
  CHECK(alone(with_extensions({to_518, ExtensionHeader::fragment(3, false)})) == Verdict::unparsable);
  // A tag moves the chain by 4: 514 is too far, and so tags count.
  net::UdpFrame tagged = with_extensions({to_510});
  tagged.tags = {{0x8100, 1}};
  CHECK(alone(tagged) == Verdict::unparsable);
  // Another protocol bypasses wherever it would lie, even outside the frame.
  net::UdpFrame far_tcp = with_extensions({to_518});
  far_tcp.protocol = 6;
  CHECK(alone(far_tcp) == Verdict::bypass);
  CHECK(alone(cut(far_tcp, ethernet + 40 + 464)) == Verdict::bypass);
  // UDP that would begin behind octet 511 is unparsable also where the frame has ended before.
  CHECK(alone(cut(with_extensions({to_518}), ethernet + 40 + 464)) == Verdict::unparsable);
  CHECK(alone(cut(with_extensions({to_510}), ethernet + 40 + 456)) == Verdict::bypass);
  // unparsable comes before fragmented.
  CHECK(alone(with_extensions({ExtensionHeader::fragment(0, true), to_510})) == Verdict::unparsable);
}

TEST_CASE("L6: an extension header that does not lie whole in the frame is unparsable") {
  const net::UdpFrame frame = with_extensions({ExtensionHeader::padding(0), ExtensionHeader::padding(60, 1)});
  const std::size_t chain = ethernet + 40;
  for (const std::size_t length : {chain, chain + 1, chain + 7, chain + 8, chain + 9, chain + 23}) {
    INFO(length);
    CHECK(alone(cut(frame, length)) == Verdict::unparsable);
  }
  CHECK(alone(cut(frame, chain + 24)) == Verdict::bypass);  // L1
  const net::UdpFrame later = with_extensions({ExtensionHeader::fragment(9, false)});
  CHECK(alone(cut(later, chain + 7)) == Verdict::unparsable);
  CHECK(alone(cut(later, chain + 8)) == Verdict::bypass);
  // The octet behind a fragment header's type is reserved, no length.
  Bytes reserved = net::build(with_extensions({ExtensionHeader::fragment(0, false)}));
  reserved[chain + 1] = 0xff;
  CHECK(alone(reserved) == Verdict::not_woken);
}

TEST_CASE("L6: any other next header bypasses") {
  for (const std::uint8_t protocol : {1, 4, 6, 41, 50, 51, 58, 59, 135, 139, 140, 253, 255}) {
    net::UdpFrame frame = with_extensions({ExtensionHeader::padding(60)});
    frame.protocol = protocol;
    INFO(int{protocol});
    CHECK(alone(frame) == Verdict::bypass);
    frame = to_server6(request);
    frame.protocol = protocol;
    CHECK(alone(frame) == Verdict::bypass);
  }
}

TEST_CASE("L7: headers in any order, as often as they like") {
  const auto atomic = ExtensionHeader::fragment(0, false);
  const auto more = ExtensionHeader::fragment(0, true);
  const auto later = ExtensionHeader::fragment(2, true);
  CHECK(alone(with_extensions({atomic, ExtensionHeader::padding(0), ExtensionHeader::padding(0), atomic})) ==
        Verdict::not_woken);
  CHECK(alone(with_extensions(std::vector<ExtensionHeader>(8, atomic))) == Verdict::not_woken);
  CHECK(alone(with_extensions(std::vector<ExtensionHeader>(9, atomic))) == Verdict::unparsable);
  CHECK(alone(with_extensions({more, atomic})) == Verdict::fragmented);
  CHECK(alone(with_extensions({atomic, more})) == Verdict::fragmented);
  CHECK(alone(with_extensions({more, later})) == Verdict::bypass);
  CHECK(alone(with_extensions({later, more})) == Verdict::bypass);
}

TEST_CASE("L8: a family without an enabled address is not judged at all") {
  ServerConfig config = both_families();
  config.ipv4.reset();
  CHECK(alone(to_server4(request), config) == Verdict::bypass);
  CHECK(alone(fragment4(0x2000), config) == Verdict::bypass);
  CHECK(alone(to_server6(request), config) == Verdict::not_woken);
  config = both_families();
  config.ipv6.reset();
  CHECK(alone(to_server6(request), config) == Verdict::bypass);
  CHECK(alone(to_server4(request), config) == Verdict::not_woken);
}

TEST_CASE("L9: bad sources are these and no others") {
  for (const char* text : {"0.0.0.0", "127.0.0.0", "127.0.0.1", "127.255.255.255", "224.0.0.0", "239.255.255.255",
                           "255.255.255.255", "192.0.2.1"}) {
    net::UdpFrame frame = to_server4(request);
    frame.source = net::Address::parse(text);
    INFO(text);
    CHECK(alone(frame) == Verdict::bad_source);
  }
  for (const char* text : {"0.0.0.1", "0.255.255.255", "126.255.255.255", "128.0.0.0", "223.255.255.255", "240.0.0.0",
                           "240.0.0.1", "255.255.255.254", "192.0.2.255", "192.0.2.0", "10.0.0.1", "169.254.0.1"}) {
    net::UdpFrame frame = to_server4(request);
    frame.source = net::Address::parse(text);
    INFO(text);
    CHECK(alone(frame) == Verdict::not_woken);
  }
  for (const char* text : {"::", "::1", "ff00::", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                           "::ffff:0.0.0.0", "::ffff:198.51.100.7", "::ffff:255.255.255.255", "2001:db8::1"}) {
    net::UdpFrame frame = to_server6(request);
    frame.source = net::Address::parse(text);
    INFO(text);
    CHECK(alone(frame) == Verdict::bad_source);
  }
  for (const char* text :
       {"::2", "::198.51.100.7", "1::", "0:0:0:0:0:fffe:c633:6407", "::fffe:ffff:c633:6407", "::1:ffff:0:0",
        "::ffff:0:c633:6407", "fe80::1", "fc00::1", "feff::1", "2001:db8::", "::1:0", "8000::1"}) {
    net::UdpFrame frame = to_server6(request);
    frame.source = net::Address::parse(text);
    INFO(text);
    CHECK(alone(frame) == Verdict::not_woken);
  }
}

TEST_CASE("L10: lengths") {
  const auto request_length = static_cast<std::uint16_t>(request.size());
  net::UdpFrame v4 = to_server4(request);
  v4.ip_length = static_cast<std::uint16_t>(28 + request_length + 1);  // beyond the frame
  CHECK(alone(v4) == Verdict::bad_length);
  v4.trailer = {0};
  v4.ip_length.reset();
  CHECK(alone(v4) == Verdict::not_woken);                              // L12: octets behind the IP length
  v4.udp_length = static_cast<std::uint16_t>(8 + request_length + 1);  // beyond the IP payload, inside the frame
  CHECK(alone(v4) == Verdict::bad_length);
  for (const std::uint16_t length : {0, 1, 7}) {
    v4.udp_length = length;
    CHECK(alone(v4) == Verdict::bad_length);
  }
  v4.udp_length = 8;
  v4.udp_checksum = 0;
  CHECK(alone(v4) == Verdict::malformed);  // an empty payload
  net::UdpFrame options = to_server4(request);
  options.ipv4_options = Bytes(40, 1);
  CHECK(alone(options) == Verdict::not_woken);
  options.ip_length = 59;  // below its headers
  CHECK(alone(options) == Verdict::bad_length);

  net::UdpFrame v6 = to_server6(request);
  v6.ip_length = static_cast<std::uint16_t>(8 + request_length + 1);
  CHECK(alone(v6) == Verdict::bad_length);
  v6.ip_length = 0;  // no jumbograms
  CHECK(alone(v6) == Verdict::bad_length);
  net::UdpFrame chain = with_extensions({ExtensionHeader::padding(60, 3)});
  for (const std::uint16_t length : {31, 32, 39, 8 + 32 + request_length - 1}) {
    chain.ip_length = length;
    CHECK(alone(chain) == Verdict::bad_length);
  }
  // bad_length comes before bad_checksum.
  chain.udp_checksum = 0;
  CHECK(alone(chain) == Verdict::bad_length);
}

TEST_CASE("L11: checksums") {
  net::UdpFrame v4 = to_server4(request);
  v4.udp_checksum = 0;
  CHECK(alone(v4) == Verdict::not_woken);
  v4.ipv4_checksum = 0x1234;
  CHECK(alone(v4) == Verdict::bad_checksum);
  net::UdpFrame v6 = to_server6(request);
  v6.udp_checksum = 0;
  CHECK(alone(v6) == Verdict::bad_checksum);
  // 0 is bad in IPv6 also where the sum is good with it: choose two octets of the payload so.
  Bytes frame = net::build(to_server6(request));
  const std::size_t udp = ethernet + 40;
  const unsigned field = frame[udp + 6] << 8 | frame[udp + 7];
  const unsigned word = frame[udp + 30] << 8 | frame[udp + 31];
  const unsigned moved = (word + field) % 0xffff;
  frame[udp + 30] = static_cast<std::uint8_t>(moved >> 8);
  frame[udp + 31] = static_cast<std::uint8_t>(moved);
  frame[udp + 6] = frame[udp + 7] = 0xff;  // the other form of zero
  CHECK(alone(frame) == Verdict::not_woken);
  frame[udp + 6] = frame[udp + 7] = 0;
  CHECK(alone(frame) == Verdict::bad_checksum);

  // Every octet that it covers, and none behind the UDP length.
  for (const bool ipv4 : {true, false}) {
    net::UdpFrame odd = ipv4 ? to_server4(request) : to_server6(request);
    odd.payload.push_back(0x77);
    odd.trailer = {1, 2, 3};
    const Bytes good = net::build(odd);
    REQUIRE(alone(good) == Verdict::not_woken);
    const std::size_t begin = ethernet + (ipv4 ? 20 : 40);
    for (std::size_t at = begin + 8; at < good.size() - 3; ++at) {
      Bytes bad = good;
      bad[at] ^= 0x10;
      CHECK(alone(bad) == Verdict::bad_checksum);
    }
    for (std::size_t at = good.size() - 3; at < good.size(); ++at) {
      Bytes other = good;
      other[at] ^= 0x10;
      CHECK(alone(other) == Verdict::not_woken);
    }
  }
  // The UDP length, not the IP payload.
  net::UdpFrame slack = to_server4(request);
  slack.trailer = {9, 9};
  slack.ip_length = static_cast<std::uint16_t>(28 + request.size() + 2);
  CHECK(alone(slack) == Verdict::not_woken);
  // A routing header's addresses do not enter the pseudo header.
  ExtensionHeader routing = ExtensionHeader::padding(43, 2);
  routing.body[2] = 1;  // one segment left
  routing.body[20] = 0x55;
  CHECK(alone(with_extensions({routing})) == Verdict::not_woken);
  // bad_checksum comes before bad_source.
  net::UdpFrame source = to_server4(request);
  source.source = server4;
  source.ipv4_checksum = 0;
  CHECK(alone(source) == Verdict::bad_checksum);
}

TEST_CASE("L12: what is not looked at") {
  net::UdpFrame frame = to_server4(request);
  frame.ethernet_destination = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  frame.ethernet_source = {1, 2, 3, 4, 5, 6};
  frame.hop_limit = 0;
  frame.traffic_class = 0xff;
  frame.identification = 0xbeef;
  frame.source_port = 0;
  frame.ipv4_options = {0x83, 3, 200, 0xff};  // nonsense
  for (const std::uint16_t flags : {0x0000, 0x4000, 0x8000, 0xc000}) {
    frame.ipv4_fragment = flags;
    CHECK(alone(frame) == Verdict::not_woken);
  }
  Bytes v6 = net::build(to_server6(request));
  v6[ethernet] |= 0x0f;
  v6[ethernet + 1] = v6[ethernet + 2] = v6[ethernet + 3] = 0xff;
  v6[ethernet + 7] = 0;
  CHECK(alone(v6) == Verdict::not_woken);
}
