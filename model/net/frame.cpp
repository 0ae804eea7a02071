// SPDX-License-Identifier: Apache-2.0
#include "reveille/net/frame.hpp"

#include <algorithm>

#include "reveille/net/checksum.hpp"

namespace reveille::net {
namespace {

constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_ipv6 = 0x86dd;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t fragment_header = 44;

bool is_tag(std::uint16_t type) { return type == 0x8100 || type == 0x88a8; }
bool is_extension(std::uint8_t type) { return type == 0 || type == 43 || type == 60 || type == fragment_header; }

void set_u16(Bytes& octets, std::size_t at, std::uint16_t value) {
  octets[at] = static_cast<std::uint8_t>(value >> 8);
  octets[at + 1] = static_cast<std::uint8_t>(value);
}

[[noreturn]] void malformed(const std::string& what) { throw Error(ErrorKind::malformed, what); }

Bytes build_udp(const UdpFrame& frame, ByteView source, ByteView destination) {
  Bytes udp;
  append_big_endian(udp, frame.source_port, 2);
  append_big_endian(udp, frame.destination_port, 2);
  append_big_endian(udp, frame.udp_length.value_or(static_cast<std::uint16_t>(8 + frame.payload.size())), 2);
  append_big_endian(udp, 0, 2);
  append(udp, frame.payload);
  // The checksum is right for what is there, also when the length field says otherwise.
  const auto length = static_cast<std::uint32_t>(udp.size());
  const auto sum =
      static_cast<std::uint16_t>(~ones_complement_sum(udp, udp_pseudo_header_sum(source, destination, length)));
  set_u16(udp, 6, frame.udp_checksum.value_or(sum == 0 ? 0xffff : sum));
  return udp;
}

Bytes build_ipv4_header(const UdpFrame& frame, ByteView source, ByteView destination, std::size_t payload_length) {
  if (frame.ipv4_options.size() % 4 != 0 || frame.ipv4_options.size() > 40) {
    throw Error(ErrorKind::bad_input, "IPv4 options: " + std::to_string(frame.ipv4_options.size()) +
                                          " octets, a multiple of 4 up to 40 expected");
  }
  const std::size_t length = 20 + frame.ipv4_options.size();
  Bytes header;
  append_big_endian(header, 0x40 | length / 4, 1);
  append_big_endian(header, frame.traffic_class, 1);
  append_big_endian(header, frame.ip_length.value_or(static_cast<std::uint16_t>(length + payload_length)), 2);
  append_big_endian(header, frame.identification, 2);
  append_big_endian(header, frame.ipv4_fragment, 2);
  append_big_endian(header, frame.hop_limit, 1);
  append_big_endian(header, frame.protocol.value_or(protocol_udp), 1);
  append_big_endian(header, 0, 2);
  append(header, source);
  append(header, destination);
  append(header, frame.ipv4_options);
  const auto sum = static_cast<std::uint16_t>(~ones_complement_sum(header));
  set_u16(header, 10, frame.ipv4_checksum.value_or(sum));
  return header;
}

Bytes build_ipv6_header(const UdpFrame& frame, ByteView source, ByteView destination, std::size_t payload_length) {
  Bytes chain;
  const std::uint8_t last = frame.protocol.value_or(protocol_udp);
  for (std::size_t i = 0; i < frame.extensions.size(); ++i) {
    append_big_endian(chain, i + 1 < frame.extensions.size() ? frame.extensions[i + 1].type : last, 1);
    append(chain, frame.extensions[i].body);
  }
  Bytes header;
  append_big_endian(header, 6U << 28 | frame.traffic_class << 20U, 4);
  append_big_endian(header, frame.ip_length.value_or(static_cast<std::uint16_t>(chain.size() + payload_length)), 2);
  append_big_endian(header, frame.extensions.empty() ? last : frame.extensions.front().type, 1);
  append_big_endian(header, frame.hop_limit, 1);
  append(header, source);
  append(header, destination);
  append(header, chain);
  return header;
}

std::uint8_t skip_extensions(ByteReader& reader, std::uint8_t next) {
  while (is_extension(next)) {
    const std::uint8_t type = next;
    next = reader.u8("extension header");
    const std::uint8_t length = reader.u8("extension header length");
    if (type == fragment_header) {
      if ((reader.u16("fragment offset") & 0xfff9) != 0)
        malformed("fragment header: offset and more-to-come are not 0");
      reader.u32("fragment identification");
    } else {
      reader.take(std::size_t{8} * length + 6, "extension header");
    }
  }
  return next;
}

}  // namespace

ExtensionHeader ExtensionHeader::padding(std::uint8_t type, std::uint8_t length) {
  ExtensionHeader header{.type = type, .body = Bytes(std::size_t{8} * length + 7, 0)};
  header.body[0] = length;
  if (type == 43) return header;  // routing type 0 with no segments left
  // PadN options of at most 255 octets of data each.
  for (std::size_t at = 1; at < header.body.size();) {
    const std::size_t left = header.body.size() - at;
    const std::size_t data = std::min<std::size_t>(left - 2, left > 257 && left < 259 ? 200 : 255);
    header.body[at] = 1;
    header.body[at + 1] = static_cast<std::uint8_t>(data);
    at += 2 + data;
  }
  return header;
}

ExtensionHeader ExtensionHeader::fragment(std::uint16_t offset, bool more, std::uint32_t identification) {
  ExtensionHeader header{.type = fragment_header, .body = {0}};
  append_big_endian(header.body, static_cast<std::uint64_t>(offset) << 3 | (more ? 1U : 0U), 2);
  append_big_endian(header.body, identification, 4);
  return header;
}

Bytes build(const UdpFrame& frame) {
  const bool ipv4 = frame.destination.is_ipv4();
  const ByteView source = ByteView(frame.source.octets).last(ipv4 ? 4 : 16);
  const ByteView destination = frame.destination.header_octets();
  const Bytes udp = build_udp(frame, source, destination);

  Bytes octets;
  append(octets, frame.ethernet_destination);
  append(octets, frame.ethernet_source);
  for (const VlanTag& tag : frame.tags) {
    append_big_endian(octets, tag.tpid, 2);
    append_big_endian(octets, tag.tci, 2);
  }
  append_big_endian(octets, ipv4 ? type_ipv4 : type_ipv6, 2);
  append(octets, ipv4 ? build_ipv4_header(frame, source, destination, udp.size())
                      : build_ipv6_header(frame, source, destination, udp.size()));
  append(octets, udp);
  append(octets, frame.trailer);
  return octets;
}

UdpDatagram parse(ByteView frame) {
  UdpDatagram datagram;
  ByteReader ethernet(frame);
  ethernet.take(6, "Ethernet destination");
  const ByteView mac = ethernet.take(6, "Ethernet source");
  std::copy(mac.begin(), mac.end(), datagram.ethernet_source.begin());
  std::uint16_t type = ethernet.u16("EtherType");
  while (is_tag(type) && datagram.tags.size() < 2) {
    datagram.tags.push_back({.tpid = type, .tci = ethernet.u16("VLAN tag")});
    type = ethernet.u16("EtherType");
  }

  const ByteView ip = ethernet.rest();
  ByteView source;
  ByteView destination;
  ByteReader reader(ip);
  std::uint8_t protocol = 0;
  if (type == type_ipv4) {
    const std::uint8_t version_ihl = reader.u8("IPv4 version");
    const std::size_t header_length = std::size_t{4} * (version_ihl & 0xf);
    if (version_ihl >> 4 != 4 || header_length < 20) malformed("IPv4 version and IHL: " + std::to_string(version_ihl));
    reader.u8("type of service");
    const std::uint16_t total = reader.u16("total length");
    if (total < header_length || total > ip.size()) malformed("IPv4 total length: " + std::to_string(total));
    if (ones_complement_sum(ip.first(header_length)) != 0xffff) malformed("IPv4 header checksum");
    reader = ByteReader(ip.first(total).subspan(6));
    if ((reader.u16("fragment") & 0x3fff) != 0) malformed("IPv4 fragment");
    reader.u8("time to live");
    protocol = reader.u8("protocol");
    reader.u16("header checksum");
    source = reader.take(4, "source address");
    destination = reader.take(4, "destination address");
    reader.take(header_length - 20, "IPv4 options");
  } else if (type == type_ipv6) {
    if (reader.u32("IPv6 version") >> 28 != 6) malformed("IPv6 version");
    const std::uint16_t length = reader.u16("payload length");
    protocol = reader.u8("next header");
    reader.u8("hop limit");
    source = reader.take(16, "source address");
    destination = reader.take(16, "destination address");
    reader = ByteReader(reader.take(length, "IPv6 payload"));
    protocol = skip_extensions(reader, protocol);
  } else {
    malformed("EtherType: " + std::to_string(type) + ", IPv4 or IPv6 expected");
  }
  if (protocol != protocol_udp) malformed("protocol: " + std::to_string(protocol) + ", UDP expected");

  const ByteView ip_payload = reader.rest();
  ByteReader udp(ip_payload);
  datagram.source = Address::from_octets(source);
  datagram.destination = Address::from_octets(destination);
  datagram.source_port = udp.u16("UDP source port");
  datagram.destination_port = udp.u16("UDP destination port");
  const std::uint16_t length = udp.u16("UDP length");
  const std::uint16_t checksum = udp.u16("UDP checksum");
  if (length < 8) malformed("UDP length: " + std::to_string(length));
  const ByteView payload = udp.take(length - 8, "UDP payload");
  const bool summed = checksum != 0 || type == type_ipv6;
  if (summed && (checksum == 0 || ones_complement_sum(ip_payload.first(length),
                                                      udp_pseudo_header_sum(source, destination, length)) != 0xffff)) {
    malformed("UDP checksum");
  }
  datagram.payload.assign(payload.begin(), payload.end());
  return datagram;
}

int ip_family(ByteView frame) noexcept {
  for (std::size_t at = 12; at <= 20 && at + 2 <= frame.size(); at += 4) {
    const auto type = static_cast<std::uint16_t>(frame[at] << 8 | frame[at + 1]);
    if (type == type_ipv4) return 4;
    if (type == type_ipv6) return 6;
    if (!is_tag(type)) return 0;
  }
  return 0;
}

}  // namespace reveille::net
