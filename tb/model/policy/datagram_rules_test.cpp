// SPDX-License-Identifier: Apache-2.0
// Rules on the addresses, lengths and checksums of a judged datagram: docs/protocol.md, L9 to L12.
#include "catch.hpp"
#include "model/policy/frames.hpp"

using namespace reveille;
using namespace reveille::policy;
using namespace reveille::policy::test;
using net::ExtensionHeader;

namespace {

constexpr std::size_t ethernet = 14;
const Bytes request = ap_request(nonce);

net::UdpFrame with_extensions(std::vector<ExtensionHeader> extensions) {
  net::UdpFrame frame = to_server6(request);
  frame.extensions = std::move(extensions);
  return frame;
}

}  // namespace

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

TEST_CASE("L9: each of the server's own, of the frame's family, with any and listed") {
  ServerConfig config = both_families();
  config.ipv4.push_back(net::Address::parse("192.0.2.99"));
  config.ipv6.push_back(net::Address::parse("2001:db8::99"));
  config.destination = GENERATE(ServerConfig::Destination::any, ServerConfig::Destination::listed);
  net::UdpFrame v4 = to_server4(request);
  net::UdpFrame v6 = to_server6(request);
  for (const net::Address& own : config.ipv4) {
    v4.source = own;
    CHECK(alone(v4, config) == Verdict::bad_source);
  }
  for (const net::Address& own : config.ipv6) {
    v6.source = own;
    CHECK(alone(v6, config) == Verdict::bad_source);
  }
  v6.source = net::Address::parse("::192.0.2.99");  // another family's, whatever its bits
  CHECK(alone(v6, config) == Verdict::not_woken);
  v4.source = config.ipv4.back();
  config.ipv4.pop_back();
  CHECK(alone(v4, config) == Verdict::not_woken);
  // A family without a server address has no own ones.
  config.destination = ServerConfig::Destination::any;
  config.ipv4.clear();
  v4.source = server4;
  CHECK(alone(v4, config) == Verdict::not_woken);
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
