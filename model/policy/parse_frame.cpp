// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "reveille/net/checksum.hpp"
#include "reveille/policy/policy.hpp"

namespace reveille::policy {
namespace {

constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_ipv6 = 0x86dd;
constexpr std::uint8_t next_hop_by_hop = 0;
constexpr std::uint8_t next_udp = 17;
constexpr std::uint8_t next_routing = 43;
constexpr std::uint8_t next_fragment = 44;
constexpr std::uint8_t next_destination_options = 60;
constexpr std::size_t udp_header = 8;

std::uint32_t big_endian(ByteView octets) {
  std::uint32_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8 | octet;
  return value;
}
std::uint16_t u16(ByteView frame, std::size_t at) {
  return static_cast<std::uint16_t>(big_endian(frame.subspan(at, 2)));
}

/// A judged datagram: everything between the IP header and the UDP payload's meaning.
struct Datagram {
  ByteView source;         ///< as the header carries it: 4 or 16 octets
  ByteView destination;    ///< of the IP header, whatever routing headers say (L11)
  std::size_t udp = 0;     ///< where the UDP header begins in the frame
  std::size_t ip_end = 0;  ///< where the IP length ends; may lie anywhere
  bool ipv4 = false;
  ByteView ipv4_header;
};

FrameFacts decided(Verdict verdict) {
  FrameFacts facts;
  facts.early = verdict;
  return facts;
}

FrameFacts decided(Verdict verdict, ByteView source) {
  FrameFacts facts = decided(verdict);
  facts.source = net::Address::from_octets(source);
  return facts;
}

/// Whether it is one of the server's own, of the family whose header carries it.
bool is_server(ByteView address, const ServerConfig& config) {
  const std::vector<net::Address>& own = config.addresses(address.size() == 4);
  return std::find(own.begin(), own.end(), net::Address::from_octets(address)) != own.end();
}

/// L8.
bool counts(ByteView destination, const ServerConfig& config) {
  return config.destination == ServerConfig::Destination::any || is_server(destination, config);
}

/// L9.
bool is_bad_source(ByteView source, const ServerConfig& config) {
  if (is_server(source, config)) return true;
  if (source.size() == 4) {
    const std::uint32_t value = big_endian(source);
    return value == 0 || value >> 24 == 127 || value >> 28 == 0xe || value == 0xffffffff;
  }
  const bool zeros = std::all_of(source.begin(), source.begin() + 15, [](std::uint8_t octet) { return octet == 0; });
  return (zeros && source[15] <= 1) || source[0] == 0xff || net::Address::from_octets(source).is_ipv4();
}

/// L5.
FrameFacts later_fragment(ByteView source, const ServerConfig& config) {
  if (config.later_fragments == ServerConfig::LaterFragments::pass) return decided(Verdict::bypass);
  return decided(Verdict::fragmented, source);
}

/// L18: where the DER element at the front of `octets` ends, or nothing if its tag or length is not as it must be.
std::optional<std::size_t> der_end(ByteView octets, std::uint8_t tag) {
  if (octets.size() < 2 || octets[0] != tag) return std::nullopt;
  const std::uint8_t first = octets[1];
  if (first < 0x80) return 2 + first;
  if (first == 0x81 && octets.size() >= 3 && octets[2] >= 0x80) return 3 + octets[2];
  if (first == 0x82 && octets.size() >= 4 && octets[2] != 0) return 4 + u16(octets, 2);
  return std::nullopt;
}

/// Order inside a judged payload: at least 3 octets; KMMID, DOI, version; direction; the rest.
FrameFacts parse_payload(ByteView payload, ByteView source, const ServerConfig& config) {
  if (payload.size() < 3) return decided(Verdict::malformed, source);
  const std::uint8_t kmmid = payload[0];
  const std::uint8_t doi = payload[1];
  const bool doi_enabled = (doi == 1 && config.doi_ipsec) || (doi == 2 && config.doi_snmp);
  const bool version_enabled =
      std::find(config.versions.begin(), config.versions.end(), payload[2]) != config.versions.end();
  if (kmmid < 1 || kmmid > 6 || !doi_enabled || !version_enabled) return decided(Verdict::unsupported, source);

  FrameFacts facts = decided(Verdict::bypass, source);
  const ByteView message = payload.subspan(3);
  if (kmmid == 2) {
    const auto end = der_end(message, 0x6e);
    if (!end || *end + 4 > message.size()) return decided(Verdict::malformed, source);
    facts.kind = FrameFacts::Kind::ap_request;
    facts.returned_nonce = big_endian(message.subspan(*end, 4));
    facts.nonce_read = true;
  } else if (kmmid == 4) {
    if (message.size() != 20) return decided(Verdict::malformed, source);
    facts.kind = FrameFacts::Kind::sa_recovered;
    facts.tag = static_cast<std::uint64_t>(big_endian(message.first(4))) << 32 | big_endian(message.subspan(4, 4));
  } else {
    facts.early = Verdict::wrong_direction;
  }
  return facts;
}

/// Behind the chain of headers, UDP is next: first fragments, port, lengths, checksums, source, payload. `headers_end`
/// is where the IP headers end, extension headers included, which is where UDP would begin.
FrameFacts parse_udp(ByteView frame, const Datagram& datagram, bool first_fragment, const ServerConfig& config) {
  const std::size_t udp = datagram.udp;
  if (first_fragment) {
    // L4: only what lies inside both the frame and the IP length shows.
    const bool shows_ports = udp + 4 <= std::min(frame.size(), datagram.ip_end);
    if (shows_ports && u16(frame, udp + 2) != config.port) return decided(Verdict::bypass);
    return decided(Verdict::fragmented, datagram.source);
  }
  if (udp + udp_header > frame.size()) return decided(Verdict::bypass);     // L1
  if (u16(frame, udp + 2) != config.port) return decided(Verdict::bypass);  // L3: wherever the IP length ends

  const std::size_t udp_length = u16(frame, udp + 4);
  if (datagram.ip_end > frame.size() || datagram.ip_end < udp || udp_length < udp_header ||
      udp_length > datagram.ip_end - udp) {
    return decided(Verdict::bad_length, datagram.source);  // L10
  }

  // L11
  const std::uint16_t pseudo_sum = net::udp_pseudo_header_sum(datagram.source, datagram.destination, udp_length);
  const bool checksum_present = u16(frame, udp + 6) != 0;
  const bool udp_good =
      checksum_present ? net::ones_complement_sum(frame.subspan(udp, udp_length), pseudo_sum) == 0xffff : datagram.ipv4;
  const bool header_good = !datagram.ipv4 || net::ones_complement_sum(datagram.ipv4_header) == 0xffff;
  if (!udp_good || !header_good) return decided(Verdict::bad_checksum, datagram.source);

  if (is_bad_source(datagram.source, config)) return decided(Verdict::bad_source, datagram.source);
  return parse_payload(frame.subspan(udp + udp_header, udp_length - udp_header), datagram.source, config);  // L17
}

FrameFacts parse_ipv4(ByteView frame, std::size_t ip, const ServerConfig& config) {
  if (ip + 20 > frame.size()) return decided(Verdict::bypass);                        // L1, L4
  if (frame[ip] >> 4 != 4 || (frame[ip] & 0xf) < 5) return decided(Verdict::bypass);  // L2
  Datagram datagram;
  datagram.ipv4 = true;
  datagram.source = frame.subspan(ip + 12, 4);
  datagram.destination = frame.subspan(ip + 16, 4);
  if (!counts(datagram.destination, config)) return decided(Verdict::bypass);

  const std::uint16_t fragment = u16(frame, ip + 6);
  const std::size_t header_length = std::size_t{4} * (frame[ip] & 0xf);
  datagram.udp = ip + header_length;
  if ((fragment & 0x1fff) != 0) {
    return datagram.udp > frame.size() ? decided(Verdict::bypass) : later_fragment(datagram.source, config);  // L1, L5
  }
  if (frame[ip + 9] != next_udp) return decided(Verdict::bypass);
  datagram.ip_end = ip + u16(frame, ip + 2);
  // Where options are cut by the frame's end, so is UDP: parse_udp bypasses, or sees a first fragment without ports.
  if (datagram.udp <= frame.size()) datagram.ipv4_header = frame.subspan(ip, header_length);
  return parse_udp(frame, datagram, (fragment & 0x2000) != 0, config);
}

FrameFacts parse_ipv6(ByteView frame, std::size_t ip, const ServerConfig& config) {
  constexpr unsigned most_headers = 8;
  constexpr std::size_t last_begin = 511;
  if (ip + 40 > frame.size()) return decided(Verdict::bypass);  // L1
  if (frame[ip] >> 4 != 6) return decided(Verdict::bypass);     // L2
  Datagram datagram;
  datagram.source = frame.subspan(ip + 8, 16);
  datagram.destination = frame.subspan(ip + 24, 16);
  if (!counts(datagram.destination, config)) return decided(Verdict::bypass);
  datagram.ip_end = ip + 40 + u16(frame, ip + 4);

  // L6, L7: only the frame's end counts here, not the payload length.
  std::uint8_t next = frame[ip + 6];
  std::size_t at = ip + 40;
  unsigned headers = 0;
  bool first_fragment = false;
  while (next == next_hop_by_hop || next == next_routing || next == next_destination_options || next == next_fragment) {
    if (++headers > most_headers || at > last_begin || at + 8 > frame.size()) {
      return decided(Verdict::unparsable, datagram.source);
    }
    const std::size_t length = next == next_fragment ? 8 : std::size_t{8} * (frame[at + 1] + 1U);
    if (at + length > frame.size()) return decided(Verdict::unparsable, datagram.source);
    if (next == next_fragment) {
      if (u16(frame, at + 2) >> 3 != 0) return later_fragment(datagram.source, config);
      first_fragment = first_fragment || (frame[at + 3] & 1) != 0;
    }
    next = frame[at];
    at += length;
  }
  if (next == next_udp && at > last_begin) return decided(Verdict::unparsable, datagram.source);
  if (first_fragment && datagram.ip_end < at) return decided(Verdict::fragmented, datagram.source);  // L4
  if (next != next_udp) return decided(Verdict::bypass);
  datagram.udp = at;
  return parse_udp(frame, datagram, first_fragment, config);
}

/// L20, from the type or length field on.
bool is_ip_in_snap(ByteView frame) {
  constexpr std::array<std::uint8_t, 6> snap = {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00};
  if (frame.size() < 10 || u16(frame, 0) >= 0x0600) return false;
  const std::uint16_t type = u16(frame, 8);
  return std::equal(snap.begin(), snap.end(), frame.begin() + 2) && (type == type_ipv4 || type == type_ipv6);
}

}  // namespace

FrameFacts parse_frame(ByteView frame, const ServerConfig& config) {
  constexpr unsigned most_tags = 2;
  std::size_t type_at = 12;
  for (unsigned tags = 0;; ++tags) {
    if (type_at + 2 > frame.size()) return decided(Verdict::bypass);  // L1
    const std::uint16_t type = u16(frame, type_at);
    if (type == type_ipv4) return parse_ipv4(frame, type_at + 2, config);
    if (type == type_ipv6) return parse_ipv6(frame, type_at + 2, config);
    if (is_ip_in_snap(frame.subspan(type_at))) return decided(Verdict::unparsable);
    if (type != 0x8100 && type != 0x88a8) return decided(Verdict::bypass);
    if (tags == most_tags) return decided(Verdict::unparsable);  // L20
    type_at += 4;
  }
}

FrameFacts parse_datagram(const net::Address& source, ByteView payload, const ServerConfig& config) {
  return parse_payload(payload, source.header_octets(), config);
}

}  // namespace reveille::policy
