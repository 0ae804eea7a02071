// SPDX-License-Identifier: Apache-2.0
// Hand-made frames for the rules of docs/protocol.md, part 4, that need no session. `not_woken` means: judged, and
// nothing wrong with it.
#include "catch.hpp"
#include "model/policy/holes.hpp"

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
    }
  }
}

TEST_CASE("What is not for the port bypasses") {
  net::UdpFrame frame = to_server4(request);
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

TEST_CASE("L5: with `pass` later fragments bypass") {
  CHECK(alone(fragment4(0x0001)) == Verdict::bypass);
  CHECK(alone(fragment4(0x3fff)) == Verdict::bypass);
  CHECK(alone(with_extensions({ExtensionHeader::fragment(1, false)})) == Verdict::bypass);
  CHECK(alone(with_extensions({ExtensionHeader::fragment(0x1fff, true)})) == Verdict::bypass);
}

TEST_CASE("L5: with `drop` a later fragment is fragmented, of whatever protocol and port") {
  const ServerConfig config = dropping_later();
  for (const std::uint16_t offset : {0x0001, 0x1fff, 0x2001, 0x3fff, 0xe001}) {
    net::UdpFrame frame = fragment4(offset);
    CHECK(alone(frame, config) == Verdict::fragmented);
    for (const std::uint8_t protocol : {0, 1, 6, 50, 255}) {
      frame.protocol = protocol;
      CHECK(alone(frame, config) == Verdict::fragmented);
    }
    frame = fragment4(offset);
    frame.destination_port = 53;
    CHECK(alone(frame, config) == Verdict::fragmented);
  }
  for (const std::uint16_t flags : {0x0000, 0x4000, 0x8000})
    CHECK(alone(fragment4(flags), config) == Verdict::not_woken);
  for (const auto& later : {ExtensionHeader::fragment(1, false), ExtensionHeader::fragment(0x1fff, true)}) {
    net::UdpFrame frame = with_extensions({ExtensionHeader::padding(0), later});
    CHECK(alone(frame, config) == Verdict::fragmented);
    frame.protocol = 58;
    CHECK(alone(frame, config) == Verdict::fragmented);
  }
  CHECK(alone(with_extensions({ExtensionHeader::fragment(0, false)}), config) == Verdict::not_woken);
}

TEST_CASE("L5: with `drop` nothing behind the IP header counts, and neither do lengths, checksums and source") {
  const ServerConfig config = dropping_later();
  net::UdpFrame v4 = fragment4(0x0007);
  v4.ipv4_options = Bytes(8, 1);
  const std::size_t header = ethernet + 28;
  for (std::size_t length = 0; length < header; ++length) {
    INFO(length);
    CHECK(alone(cut(v4, length), config) == Verdict::bypass);  // L1, options included
  }
  CHECK(alone(cut(v4, header), config) == Verdict::fragmented);
  v4.ipv4_checksum = 1;
  v4.source = net::Address::parse("127.0.0.1");
  for (const std::uint16_t total : {0, 19, 65535}) {
    v4.ip_length = total;
    CHECK(alone(v4, config) == Verdict::fragmented);
  }
  Bytes version = net::build(fragment4(0x0007));
  version[ethernet] = 0x44;
  CHECK(alone(version, config) == Verdict::bypass);  // L2 comes earlier

  net::UdpFrame v6 = with_extensions({ExtensionHeader::fragment(1, false), ExtensionHeader::padding(60)});
  const std::size_t chain = ethernet + 40;
  CHECK(alone(cut(v6, chain + 7), config) == Verdict::unparsable);  // L6 comes earlier
  CHECK(alone(cut(v6, chain + 8), config) == Verdict::fragmented);
  v6.ip_length = 0;
  v6.source = net::Address::parse("::1");
  CHECK(alone(v6, config) == Verdict::fragmented);
  std::vector<ExtensionHeader> nine(8, ExtensionHeader::padding(60));
  nine.push_back(ExtensionHeader::fragment(5, false));
  CHECK(alone(with_extensions(nine), config) == Verdict::unparsable);
}

TEST_CASE("L5, L8: with `drop` and `listed` only fragments to the server's addresses drop") {
  const ServerConfig config = listed(dropping_later());
  net::UdpFrame v4 = fragment4(0x0007);
  CHECK(alone(v4, config) == Verdict::fragmented);
  v4.destination = net::Address::parse("192.0.2.2");
  CHECK(alone(v4, config) == Verdict::bypass);
  CHECK(alone(v4, dropping_later()) == Verdict::fragmented);
  net::UdpFrame v6 = with_extensions({ExtensionHeader::fragment(1, false)});
  CHECK(alone(v6, config) == Verdict::fragmented);
  v6.destination = net::Address::parse("2001:db8::2");
  CHECK(alone(v6, config) == Verdict::bypass);
}

TEST_CASE("L5: the source of a later fragment shows") {
  const FrameFacts facts = parse_frame(net::build(fragment4(0x0007)), dropping_later());
  CHECK(facts.source == client4);
  CHECK(parse_frame(net::build(fragment4(0x0007)), both_families()).source == net::Address{});
}

TEST_CASE("L6: the IPv6 walk is bounded") {
  std::vector<ExtensionHeader> eight;
  eight.reserve(8);
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
  CHECK(alone(with_extensions({more, later}), dropping_later()) == Verdict::fragmented);
}

TEST_CASE("L8: with `any` every destination counts") {
  for (const char* text : {"0.0.0.0", "127.0.0.1", "169.254.1.2", "192.0.2.2", "192.0.2.255", "198.51.100.7",
                           "224.0.0.1", "239.1.2.3", "255.255.255.255", "192.0.2.1"}) {
    net::UdpFrame frame = to_server4(request);
    frame.destination = net::Address::parse(text);
    INFO(text);
    CHECK(alone(frame) == Verdict::not_woken);
    CHECK(alone(frame, listed()) == (frame.destination == server4 ? Verdict::not_woken : Verdict::bypass));
    frame.ipv4_fragment = 0x2000;
    CHECK(alone(frame) == Verdict::fragmented);
    frame.ipv4_fragment = 0;
    frame.udp_checksum = 1;
    CHECK(alone(frame) == Verdict::bad_checksum);
  }
  for (const char* text : {"::", "::1", "fe80::1", "ff02::1", "ff02::1:ff00:1", "2001:db8::2", "2001:db8::7", "ff0e::9",
                           "::ffff:192.0.2.1", "2001:db8::1"}) {
    net::UdpFrame frame = to_server6(request);
    Bytes octets = net::build(frame);
    const net::Address other = net::Address::parse(text);
    std::copy(other.octets.begin(), other.octets.end(), octets.begin() + ethernet + 24);
    INFO(text);
    // The UDP checksum was computed for another destination, which is what any of these must be seen to be.
    CHECK(alone(octets) == (other == server6 ? Verdict::not_woken : Verdict::bad_checksum));
    CHECK(alone(octets, listed()) == (other == server6 ? Verdict::not_woken : Verdict::bypass));
    if (other.is_ipv4()) continue;  // the builder would make an IPv4 frame of it
    frame.destination = other;
    CHECK(alone(frame) == Verdict::not_woken);
    frame.extensions = {ExtensionHeader::padding(60, 200)};
    CHECK(alone(frame) == Verdict::unparsable);
    CHECK(alone(frame, listed()) == (other == server6 ? Verdict::unparsable : Verdict::bypass));
  }
}

TEST_CASE("L8: with `any` a family without a server address is judged too, with `listed` it is not") {
  for (const bool without_ipv4 : {true, false}) {
    ServerConfig config = both_families();
    (without_ipv4 ? config.ipv4 : config.ipv6).clear();
    CHECK(alone(to_server4(request), config) == Verdict::not_woken);
    CHECK(alone(to_server6(request), config) == Verdict::not_woken);
    CHECK(alone(fragment4(0x2000), config) == Verdict::fragmented);
    config = listed(config);
    CHECK(alone(to_server4(request), config) == (without_ipv4 ? Verdict::bypass : Verdict::not_woken));
    CHECK(alone(to_server6(request), config) == (without_ipv4 ? Verdict::not_woken : Verdict::bypass));
    CHECK(alone(fragment4(0x2000), config) == (without_ipv4 ? Verdict::bypass : Verdict::fragmented));
  }
}

TEST_CASE("L8: with `listed` each of up to eight addresses of a family counts") {
  ServerConfig config = listed();
  config.ipv4.clear();
  config.ipv6.clear();
  for (int i = 1; i <= 8; ++i) {
    config.ipv4.push_back(net::Address::parse("203.0.113." + std::to_string(i)));
    config.ipv6.push_back(net::Address::parse("2001:db8:9::" + std::to_string(i)));
  }
  net::UdpFrame v4 = to_server4(request);
  net::UdpFrame v6 = to_server6(request);
  CHECK(alone(v4, config) == Verdict::bypass);
  CHECK(alone(v6, config) == Verdict::bypass);
  for (int i = 1; i <= 8; ++i) {
    v4.destination = config.ipv4[static_cast<std::size_t>(i - 1)];
    v6.destination = config.ipv6[static_cast<std::size_t>(i - 1)];
    CHECK(alone(v4, config) == Verdict::not_woken);
    CHECK(alone(v6, config) == Verdict::not_woken);
  }
}

TEST_CASE("L8: with `any` a frame that shows no destination bypasses all the same") {
  for (const std::uint16_t flags : {0x0000, 0x2000, 0x0007}) {
    for (std::size_t octets = 14; octets < 20; ++octets) {
      CHECK(alone(cut(fragment4(flags), ethernet + octets)) == Verdict::bypass);
      CHECK(alone(cut(fragment4(flags), ethernet + octets), dropping_later()) == Verdict::bypass);
    }
  }
}

TEST_CASE("L20: a third VLAN tag is unparsable, whatever follows and whatever the destination") {
  for (const std::uint16_t outer : {0x8100, 0x88a8}) {
    for (const std::uint16_t middle : {0x8100, 0x88a8}) {
      for (const std::uint16_t third : {0x8100, 0x88a8}) {
        net::UdpFrame frame = to_server4(request);
        frame.tags = {{outer, 0}, {middle, 0xffff}, {third, 0}};
        const Bytes whole = net::build(frame);
        for (const ServerConfig& config : {both_families(), listed()}) {
          // The third EtherType is octets 20 and 21.
          for (std::size_t length = 0; length < 22; ++length)
            CHECK(alone(ByteView(whole).first(length), config) == Verdict::bypass);
          for (const std::size_t length : {std::size_t{22}, std::size_t{23}, std::size_t{60}, whole.size()})
            CHECK(alone(ByteView(whole).first(length), config) == Verdict::unparsable);
          frame.destination = net::Address::parse("192.0.2.77");
          CHECK(alone(frame, config) == Verdict::unparsable);
          frame.destination = server4;
          frame.destination_port = 1;
          CHECK(alone(frame, config) == Verdict::unparsable);
          frame.destination_port = 1293;
        }
        const FrameFacts facts = parse_frame(whole, both_families());
        CHECK(facts.source == net::Address{});
        CHECK(facts.kind == FrameFacts::Kind::decided);
      }
    }
  }
  net::UdpFrame many = to_server6(request);
  many.tags.resize(30);
  CHECK(alone(many) == Verdict::unparsable);
  Bytes other = net::build(many);
  for (const auto& [high, low] : {std::pair{0x91, 0x00}, {0x92, 0x00}, {0x81, 0x01}, {0x88, 0xa9}, {0x81, 0xa8}}) {
    other[20] = static_cast<std::uint8_t>(high);
    other[21] = static_cast<std::uint8_t>(low);
    CHECK(alone(other) == Verdict::bypass);
  }
}

TEST_CASE("L20: IP in 802.2 SNAP is unparsable, behind no, one or two tags") {
  const auto in_snap = [](std::size_t tags, unsigned length, const Bytes& snap) {
    net::UdpFrame frame = to_server4(request);
    frame.tags.resize(tags);
    Bytes octets = net::build(frame);
    Bytes header;
    append_big_endian(header, length, 2);
    append(header, snap);
    octets.erase(octets.begin() + static_cast<std::ptrdiff_t>(12 + 4 * tags),
                 octets.begin() + static_cast<std::ptrdiff_t>(14 + 4 * tags));
    octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(12 + 4 * tags), header.begin(), header.end());
    return octets;
  };
  const Bytes ip4 = {0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0x00};
  const Bytes ip6 = {0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd};
  for (const ServerConfig& config : {both_families(), listed()}) {
    for (std::size_t tags = 0; tags <= 2; ++tags) {
      for (const unsigned length : {0U, 8U, 391U, 1500U, 0x5ffU}) {  // its value is not looked at
        CHECK(alone(in_snap(tags, length, ip4), config) == Verdict::unparsable);
        CHECK(alone(in_snap(tags, length, ip6), config) == Verdict::unparsable);
      }
      CHECK(alone(in_snap(tags, 0x600, ip4), config) == Verdict::bypass);  // an EtherType
      const Bytes whole = in_snap(tags, 391, ip6);
      const std::size_t header = 12 + 4 * tags + 10;
      for (std::size_t octets = 0; octets < header; ++octets)
        CHECK(alone(ByteView(whole).first(octets), config) == Verdict::bypass);
      CHECK(alone(ByteView(whole).first(header), config) == Verdict::unparsable);  // nothing need follow
      CHECK(parse_frame(whole, config).source == net::Address{});
      for (std::size_t at = 0; at < 8; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
          Bytes other = ip4;
          other[at] ^= static_cast<std::uint8_t>(1U << bit);
          CHECK(alone(in_snap(tags, 391, other), config) == Verdict::bypass);
        }
      }
    }
    // Behind three tags the third has told already.
    CHECK(alone(in_snap(3, 391, ip4), config) == Verdict::unparsable);
  }
}

TEST_CASE("Frames that once came past the guard get their verdicts") {
  for (const Hole& hole : holes()) {
    INFO(hole.name);
    CHECK(alone(hole.frame) == hole.verdict);
    const FrameFacts facts = parse_frame(hole.frame, both_families());
    CHECK(facts.source == (hole.source.empty() ? net::Address{} : net::Address::parse(hole.source)));
  }
  // The host has IPv6, and the server no address of it (L8).
  ServerConfig ipv4_only = both_families();
  ipv4_only.ipv6.clear();
  CHECK(alone(to_server6(hostile_request()), ipv4_only) == Verdict::not_woken);
}
