// SPDX-License-Identifier: Apache-2.0
#include "reveille/net/frame.hpp"

#include <fstream>
#include <sstream>

#include "catch.hpp"
#include "model/hex.hpp"
#include "reveille/net/checksum.hpp"

using namespace reveille;

namespace {

struct Vector {
  int family = 0;
  std::vector<net::VlanTag> tags;
  std::string source, destination;
  unsigned source_port = 0, destination_port = 0;
  Bytes payload, frame;
};

std::vector<Vector> scapy_frames() {
  std::ifstream file("tb/vectors/net/frames.vec");
  REQUIRE(file);
  std::string line;
  std::getline(file, line);  // its source
  std::vector<Vector> vectors;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    Vector vector;
    std::string tags, payload, frame;
    fields >> vector.family >> tags >> vector.source >> vector.destination >> vector.source_port >>
        vector.destination_port >> payload >> frame;
    REQUIRE(fields);
    for (std::size_t at = 0; tags != "-" && at < tags.size(); at += 10) {
      vector.tags.push_back({static_cast<std::uint16_t>(std::stoul(tags.substr(at, 4), nullptr, 16)),
                             static_cast<std::uint16_t>(std::stoul(tags.substr(at + 5, 4), nullptr, 16))});
    }
    if (payload != "-") vector.payload = from_hex(payload);
    vector.frame = from_hex(frame);
    vectors.push_back(vector);
  }
  REQUIRE(vectors.size() == 48);
  return vectors;
}

/// Where the IP header of a frame begins.
std::size_t ip_at(const Vector& vector) { return 14 + 4 * vector.tags.size(); }

net::UdpFrame plain(const char* source, const char* destination) {
  net::UdpFrame frame;
  frame.source = net::Address::parse(source);
  frame.destination = net::Address::parse(destination);
  frame.payload = {1, 2, 3};
  return frame;
}

}  // namespace

TEST_CASE("Frames that scapy built are read as scapy meant them") {
  for (const Vector& vector : scapy_frames()) {
    const net::UdpDatagram datagram = net::parse(vector.frame);
    CHECK(net::format(datagram.source) == net::format(net::Address::parse(vector.source)));
    CHECK(net::format(datagram.destination) == net::format(net::Address::parse(vector.destination)));
    CHECK(datagram.source_port == vector.source_port);
    CHECK(datagram.destination_port == vector.destination_port);
    CHECK(datagram.payload == vector.payload);
    REQUIRE(datagram.tags.size() == vector.tags.size());
    for (std::size_t i = 0; i < vector.tags.size(); ++i) {
      CHECK(datagram.tags[i].tpid == vector.tags[i].tpid);
      CHECK(datagram.tags[i].tci == vector.tags[i].tci);
    }
    CHECK(net::ip_family(vector.frame) == vector.family);
  }
}

TEST_CASE("Built frames equal scapy's, checksums included") {
  for (const Vector& vector : scapy_frames()) {
    net::UdpFrame frame = plain(vector.source.c_str(), vector.destination.c_str());
    frame.tags = vector.tags;
    frame.source_port = static_cast<std::uint16_t>(vector.source_port);
    frame.destination_port = static_cast<std::uint16_t>(vector.destination_port);
    frame.payload = vector.payload;
    // What scapy chose and a vector's line does not say is taken from its frame.
    const std::size_t ip = ip_at(vector);
    const std::size_t udp = vector.frame.size() - vector.payload.size() - 8;
    if (vector.family == 4) {
      frame.identification = static_cast<std::uint16_t>(vector.frame[ip + 4] << 8 | vector.frame[ip + 5]);
      frame.ipv4_options.assign(vector.frame.begin() + static_cast<std::ptrdiff_t>(ip + 20),
                                vector.frame.begin() + static_cast<std::ptrdiff_t>(udp));
    } else {
      frame.traffic_class = static_cast<std::uint8_t>(vector.frame[ip] << 4 | vector.frame[ip + 1] >> 4);
      std::uint8_t type = vector.frame[ip + 6];
      for (std::size_t at = ip + 40; at < udp; at += 8) {  // scapy's empty headers are 8 octets each
        frame.extensions.push_back({type, Bytes(vector.frame.begin() + static_cast<std::ptrdiff_t>(at + 1),
                                                vector.frame.begin() + static_cast<std::ptrdiff_t>(at + 8))});
        type = vector.frame[at];
      }
    }
    CHECK(net::build(frame) == vector.frame);
  }
}

TEST_CASE("Any octet of IP header or UDP that a checksum covers is missed when it changes") {
  for (const Vector& vector : scapy_frames()) {
    const std::size_t udp = vector.frame.size() - vector.payload.size() - 8;
    for (std::size_t at = udp; at < vector.frame.size(); ++at) {
      Bytes changed = vector.frame;
      changed[at] ^= 0x04;
      CHECK_THROWS_AS(net::parse(changed), Error);
    }
    for (std::size_t size = 0; size < vector.frame.size(); ++size) {
      CHECK_THROWS_AS(net::parse(ByteView(vector.frame).first(size)), Error);
    }
  }
}

TEST_CASE("Ones' complement sums") {
  CHECK(net::ones_complement_sum(from_hex("0001 f203 f4f5 f6f7")) == 0xddf2);  // RFC 1071, section 3
  CHECK(net::ones_complement_sum({}) == 0);
  CHECK(net::ones_complement_sum(Bytes{0xab}) == 0xab00);
  CHECK(net::ones_complement_sum(Bytes{0xff, 0xff, 0x00, 0x01}) == 1);
  CHECK(net::ones_complement_sum(Bytes(9216, 0xff)) == 0xffff);
  // RFC 8200, section 8.1: the length in 32 bits, the protocol behind it.
  CHECK(net::udp_pseudo_header_sum({}, {}, 0x0001'0002) == 1 + 2 + 17);
}

TEST_CASE("A frame comes out wrong exactly as asked") {
  net::UdpFrame frame = plain("198.51.100.7", "192.0.2.1");
  const Bytes right = net::build(frame);
  frame.ip_length = 7;
  Bytes octets = net::build(frame);
  CHECK(octets[16] == 0);
  CHECK(octets[17] == 7);
  CHECK_THROWS_WITH(net::parse(octets), ContainsSubstring("IPv4 total length: 7"));
  frame.ip_length.reset();
  frame.udp_checksum = 0;
  CHECK(net::parse(net::build(frame)).payload == frame.payload);  // IPv4: no checksum
  frame.udp_checksum = 0x1111;
  CHECK_THROWS_WITH(net::parse(net::build(frame)), ContainsSubstring("UDP checksum"));
  frame.udp_checksum.reset();
  frame.ipv4_checksum = 0x1111;
  CHECK_THROWS_WITH(net::parse(net::build(frame)), ContainsSubstring("IPv4 header checksum"));
  frame.ipv4_checksum.reset();
  frame.protocol = 6;
  CHECK_THROWS_WITH(net::parse(net::build(frame)), ContainsSubstring("protocol: 6"));
  frame.protocol.reset();
  frame.ipv4_fragment = 0x2000;
  CHECK_THROWS_WITH(net::parse(net::build(frame)), ContainsSubstring("fragment"));
  frame.ipv4_fragment = 0x4000;
  CHECK(net::build(frame) == right);
  frame.trailer = Bytes(20, 0xee);
  CHECK(net::parse(net::build(frame)).payload == frame.payload);
  frame.ipv4_options = Bytes(5);
  CHECK_THROWS_WITH(net::build(frame), ContainsSubstring("IPv4 options: 5 octets"));
}

TEST_CASE("Padding is options of PadN from end to end, as RFC 8200 section 4.2 has them") {
  for (unsigned length = 0; length < 256; ++length) {
    const Bytes body = net::ExtensionHeader::padding(60, static_cast<std::uint8_t>(length)).body;
    REQUIRE(body.size() == 8 * length + 7);
    std::size_t at = 1;
    while (at + 2 <= body.size() && body[at] == 1) at += 2 + std::size_t{body[at + 1]};
    INFO(length);
    CHECK(at == body.size());
  }
}

TEST_CASE("IPv6 extension headers") {
  net::UdpFrame frame = plain("2001:db8::7", "2001:db8::1");
  frame.udp_checksum = 0;  // section 8.1: not over IPv6
  CHECK_THROWS_WITH(net::parse(net::build(frame)), ContainsSubstring("UDP checksum"));
  frame.udp_checksum.reset();
  for (std::size_t length = 0; length < 256; ++length) {
    frame.extensions = {net::ExtensionHeader::padding(0, static_cast<std::uint8_t>(length)),
                        net::ExtensionHeader::padding(43), net::ExtensionHeader::fragment(0, false)};
    const Bytes octets = net::build(frame);
    CHECK(octets.size() == 14 + 40 + 8 * (length + 1) + 16 + 8 + 3);
    CHECK(net::parse(octets).payload == frame.payload);
  }
  frame.extensions = {net::ExtensionHeader::fragment(1, false)};
  CHECK_THROWS_WITH(net::parse(net::build(frame)), ContainsSubstring("fragment header"));
  frame.extensions = {net::ExtensionHeader::fragment(0, true)};
  CHECK_THROWS_WITH(net::parse(net::build(frame)), ContainsSubstring("fragment header"));
}
