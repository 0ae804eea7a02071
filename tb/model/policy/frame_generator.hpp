// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "model/policy/frames.hpp"

/// Random frames whose verdict is known because of how they were made. It shares no code with what it judges: headers
/// and checksums are written here a second time.
namespace reveille::policy::test {

/// A frame for a server of frames.hpp (port 1293, both DOIs, version 1.0) and what must be said of it.
struct Sample {
  Bytes frame;
  bool decided = true;                ///< false: an AP Request or SA Recovered that only a session can decide
  Verdict verdict = Verdict::bypass;  ///< if decided
  bool is_ap_request = false;
  std::uint32_t returned_nonce = 0;
  std::uint64_t tag = 0;
  std::string note;  ///< what was done to the frame
};

/// Picks the verdict first, then makes everything before it in the table right, the thing itself wrong, and what comes
/// after it wrong now and then: the first verdict that applies must win.
class FrameGenerator {
 public:
  /// Of `config` count destination, later_fragments and the addresses, at least one of each family.
  explicit FrameGenerator(std::uint64_t seed, ServerConfig config = both_families())
      : random_(seed), config_(std::move(config)) {}
  Sample next();

 private:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint8_t octet() { return static_cast<std::uint8_t>(random_()); }
  Bytes octets(std::size_t count);

  /// What makes a frame bypass, or is no reason to judge it.
  enum How {
    nothing,
    other_destination,
    other_protocol,
    other_port,
    later_fragment,
    other_version,
    third_tag,
    other_type,
    runt,
    in_snap
  };
  How choose(Verdict target);
  Bytes own_address(bool ipv4);
  Bytes destination(bool ipv4, How how);
  Bytes payload(Verdict target, Sample& sample);
  Bytes extension_chain(Verdict target, bool fragment_here, std::uint8_t last, std::uint8_t& first, Sample& sample);
  Bytes source(bool ipv4, bool bad);

  std::mt19937_64 random_;
  ServerConfig config_;
};

inline void put16(Bytes& octets, std::size_t at, unsigned value) {
  octets[at] = static_cast<std::uint8_t>(value >> 8);
  octets[at + 1] = static_cast<std::uint8_t>(value);
}

/// RFC 1071 in the plainest form: what to write so that the whole sums to 0xFFFF.
inline unsigned complement(const Bytes& octets) {
  unsigned long sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2)
    sum += octets[i] * 256UL + (i + 1 < octets.size() ? octets[i + 1] : 0);
  return 0xffff - static_cast<unsigned>((sum - 1) % 0xffff + 1);
}

inline Bytes FrameGenerator::octets(std::size_t count) {
  Bytes made(count);
  for (auto& each : made) each = octet();
  return made;
}

inline Bytes FrameGenerator::source(bool ipv4, bool bad) {
  if (ipv4) {
    if (!bad) return {198, 51, octet(), octet()};
    const Bytes choices[] = {{0, 0, 0, 0},
                             {127, octet(), octet(), octet()},
                             own_address(true),
                             {255, 255, 255, 255},
                             {static_cast<std::uint8_t>(224 + below(16)), octet(), octet(), octet()}};
    return choices[below(5)];
  }
  Bytes address = octets(16);
  address[0] = 0x20;
  if (!bad) return address;
  switch (below(4)) {
    case 0: address[0] = 0xff; break;
    case 1:
      address.assign(16, 0);
      address[15] = static_cast<std::uint8_t>(below(2));
      break;
    case 2:
      std::fill(address.begin(), address.begin() + 10, 0);
      address[10] = address[11] = 0xff;
      break;
    default: address = own_address(false);
  }
  return address;
}

inline Bytes FrameGenerator::payload(Verdict target, Sample& sample) {
  if (target == Verdict::malformed && chance(20)) return octets(below(3));
  const auto doi = static_cast<std::uint8_t>(1 + below(2));
  if (target == Verdict::unsupported) {
    Bytes message = octets(3 + below(40));
    message[0] = static_cast<std::uint8_t>(1 + below(6));
    message[1] = doi;
    message[2] = 0x10;
    const unsigned wrong = below(3);
    message[wrong] = static_cast<std::uint8_t>(wrong == 2 ? 0x11 + below(0xef) : chance(30) ? 0 : 7 + below(249));
    return message;
  }
  if (target == Verdict::wrong_direction) {
    Bytes message = octets(3 + below(400));
    constexpr std::uint8_t of_servers[] = {1, 3, 5, 6};
    message[0] = of_servers[below(4)];
    message[1] = doi;
    message[2] = 0x10;
    return message;
  }
  sample.is_ap_request = chance(70);
  if (!sample.is_ap_request) {
    Bytes message = {4, doi, 0x10};
    sample.tag = random_();
    append_big_endian(message, sample.tag, 8);
    append(message, octets(12));
    if (target == Verdict::malformed) chance(50) ? message.resize(3 + below(20)) : message.resize(24 + below(9));
    return message;
  }
  const unsigned form = below(3);
  const unsigned content = form == 0 ? below(0x80) : form == 1 ? 0x80 + below(0x80) : 0x100 + below(0x300);
  Bytes message = {2, doi, 0x10, 0x6e};
  if (form == 2) message.push_back(0x82);
  if (form == 1) message.push_back(0x81);
  append_big_endian(message, content, form == 2 ? 2 : 1);
  append(message, octets(content));
  sample.returned_nonce = static_cast<std::uint32_t>(random_() >> below(40));
  append_big_endian(message, sample.returned_nonce, 4);
  const std::size_t whole = message.size();
  append(message, octets(below(60)));
  if (target == Verdict::malformed) {
    switch (below(3)) {
      case 0: message[3] = static_cast<std::uint8_t>(0x6f + below(256 - 1)); break;  // any tag but 0x6E
      case 1: message.resize(3 + below(static_cast<unsigned>(whole) - 3)); break;
      default: message[4] = static_cast<std::uint8_t>(chance(50) ? 0x80 : 0x83 + below(0x7d));
    }
  }
  return message;
}

/// Up to eight headers, all of them right; for `unparsable` one too many, or one too long.
inline Bytes FrameGenerator::extension_chain(Verdict target, bool more, std::uint8_t last, std::uint8_t& first,
                                             Sample& sample) {
  unsigned count = more ? 1 + below(8) : chance(40) ? 0 : below(9);
  std::size_t room = 511 - 62;  // two tags at most before it
  const bool too_many = target == Verdict::unparsable && chance(50);
  const bool too_long = target == Verdict::unparsable && !too_many;
  if (too_many) count = 9 + below(4);
  if (too_long && count == 0) count = 1;
  const unsigned fragment_at = more ? below(count) : count;
  Bytes chain;
  std::size_t next_at = 0;
  first = last;
  for (unsigned i = 0; i < count; ++i) {
    constexpr std::uint8_t types[] = {0, 43, 60, 44};
    const std::uint8_t type = i == fragment_at ? 44 : types[below(4)];
    (i == 0 ? first : chain[next_at]) = type;
    next_at = chain.size();
    std::size_t units = type == 44 ? 0 : below(6);
    if (8 * (units + 1) + std::size_t{8} * (count - i) > room) units = 0;
    Bytes header = octets(8 * (units + 1));
    header[0] = last;
    if (type != 44) header[1] = static_cast<std::uint8_t>(units);
    if (type == 44) put16(header, 2, (octet() & 6U) | (i == fragment_at ? 1U : 0U));
    room -= std::min(room, header.size());
    append(chain, header);
  }
  if (too_long) {  // one header more, so large that what follows it begins behind octet 511
    if (count == 8) return extension_chain(target, more, last, first, sample);
    (count == 0 ? first : chain[next_at]) = 60;
    Bytes header = octets(std::size_t{8} * (58 + below(40)));
    header[0] = last;
    header[1] = static_cast<std::uint8_t>(header.size() / 8 - 1);
    append(chain, header);
  }
  sample.note += " headers=" + std::to_string(count);
  return chain;
}

inline FrameGenerator::How FrameGenerator::choose(Verdict target) {
  const bool any = config_.destination == ServerConfig::Destination::any;
  const bool drops_later = config_.later_fragments == ServerConfig::LaterFragments::drop;
  if (target == Verdict::unparsable && chance(40)) return chance(50) ? third_tag : in_snap;
  if (target == Verdict::fragmented && drops_later && chance(40)) return later_fragment;
  if (target != Verdict::bypass) return nothing;
  while (true) {
    const auto how = static_cast<How>(1 + below(9));
    const bool judged = (how == other_destination && any) || (how == later_fragment && drops_later) ||
                        how == third_tag || how == in_snap;
    if (!judged) return how;
  }
}

inline Bytes FrameGenerator::own_address(bool ipv4) {
  const auto& own = config_.addresses(ipv4);
  const ByteView octets = own[below(static_cast<unsigned>(own.size()))].header_octets();
  return {octets.begin(), octets.end()};
}

inline Bytes FrameGenerator::destination(bool ipv4, How how) {
  Bytes address = own_address(ipv4);
  const bool any = config_.destination == ServerConfig::Destination::any;
  if (any && chance(20)) {
    const Bytes anything = octets(address.size());
    const Bytes same(address.size(), static_cast<std::uint8_t>(chance(50) ? 0xff : 0));
    return chance(50) ? anything : same;
  }
  if (how == other_destination || (any && chance(20)))
    address[below(static_cast<unsigned>(address.size()))] ^= static_cast<std::uint8_t>(1U << below(8));
  return address;
}

inline Sample FrameGenerator::next() {
  Sample sample;
  const unsigned choice = below(11);  // 0 to 8: that verdict; else one that a session decides
  const auto target = static_cast<Verdict>(choice);
  const How how = choose(target);
  const bool bad_chain = target == Verdict::unparsable && how == nothing;
  const bool ipv4 = !bad_chain && chance(50);
  sample.decided = choice <= 8;
  if (sample.decided) sample.verdict = target;
  // A later defect must not show when an earlier one applies.
  const auto broken = [&](Verdict verdict) {
    return target == verdict || (target < verdict && sample.decided && chance(20));
  };

  const bool more = how == later_fragment ? chance(50) : target == Verdict::fragmented || (bad_chain && chance(20));
  const bool bad_length = !more && broken(Verdict::bad_length);
  const bool bad_checksum = broken(Verdict::bad_checksum);
  const Verdict payload_target = target >= Verdict::malformed || chance(80) ? target : Verdict::malformed;
  const Bytes message = payload(payload_target, sample);
  const Bytes from = source(ipv4, broken(Verdict::bad_source));
  const Bytes to = destination(ipv4, how);
  sample.note = "how=" + std::to_string(how) + (ipv4 ? " ipv4" : " ipv6");

  const std::uint8_t protocol = how == other_protocol ? 6 : 17;
  const unsigned port = how == other_port ? 1293 ^ (1U << below(16)) : 1293;
  unsigned udp_length = 8 + static_cast<unsigned>(message.size());
  const unsigned slack = chance(30) ? below(20) : 0;  // IP payload behind the UDP length
  const unsigned trailer = chance(30) ? below(30) : 0;
  int ip_length_error = 0;
  if (bad_length) {
    switch (below(3)) {
      case 0: udp_length = below(8); break;
      case 1: udp_length += slack + 1 + below(9); break;
      default: ip_length_error = static_cast<int>(trailer + 1 + below(50));
    }
  }

  Bytes udp;
  append_big_endian(udp, octet() << 8 | octet(), 2);
  append_big_endian(udp, port, 2);
  append_big_endian(udp, udp_length, 2);
  append_big_endian(udp, 0, 2);
  append(udp, message);
  if (!(ipv4 && chance(20) && !bad_checksum)) {
    Bytes covered = from;
    append(covered, to);
    append_big_endian(covered, 17, 2);
    append_big_endian(covered, udp_length, 2);
    append(covered, udp);
    unsigned checksum = complement(covered);
    if (checksum == 0) checksum = 0xffff;
    put16(udp, 6, checksum);
  }
  bool header_broken = false;
  if (bad_checksum) {
    header_broken = ipv4 && chance(50);
    if (!header_broken && !ipv4 && chance(30)) {
      put16(udp, 6, 0);
    } else if (!header_broken) {
      const unsigned right = udp[6] << 8 | udp[7];
      const unsigned wrong = right ^ (1U << below(16));
      put16(udp, 6, wrong == 0 ? right ^ 0x5555 : wrong);
    }
  }

  Bytes ip;
  const std::size_t udp_and_slack = udp.size() + slack;
  if (ipv4) {
    const unsigned words = 5 + (chance(40) ? below(11) : 0);
    ip = octets(std::size_t{4} * words);
    ip[0] = static_cast<std::uint8_t>(0x40 | words);
    put16(ip, 2, static_cast<unsigned>(ip.size() + udp_and_slack) + static_cast<unsigned>(ip_length_error));
    put16(ip, 6, (octet() & 0xc0U) << 8 | (more ? 0x2000 : 0) | (how == later_fragment ? 1 + below(0x1fff) : 0));
    ip[9] = protocol;
    std::copy(from.begin(), from.end(), ip.begin() + 12);
    std::copy(to.begin(), to.end(), ip.begin() + 16);
    if (how == other_version) ip[0] = static_cast<std::uint8_t>(chance(50) ? 0x40 | below(5) : (below(4) << 4 | words));
    put16(ip, 10, 0);
    const unsigned checksum = complement(ip);
    put16(ip, 10, header_broken ? checksum ^ (1U << below(16)) : checksum);
  } else {
    std::uint8_t first = protocol;
    Bytes chain;
    if (how == later_fragment) {
      first = 44;
      chain = {protocol, octet(), 0, 0, octet(), octet(), octet(), octet()};
      put16(chain, 2, (1 + below(0x1fff)) << 3 | below(8));
    } else {
      chain = extension_chain(how == nothing ? target : Verdict::bypass, more, protocol, first, sample);
    }
    ip = octets(40);
    ip[0] = static_cast<std::uint8_t>((how == other_version ? 7 + below(9) : 6) << 4 | below(16));
    put16(ip, 4, static_cast<unsigned>(chain.size() + udp_and_slack) + static_cast<unsigned>(ip_length_error));
    ip[6] = first;
    std::copy(from.begin(), from.end(), ip.begin() + 8);
    std::copy(to.begin(), to.end(), ip.begin() + 24);
    append(ip, chain);
  }

  Bytes& frame = sample.frame;
  frame = octets(12);
  for (unsigned tags = how == third_tag ? 3 : below(3); tags > 0; --tags) {
    append_big_endian(frame, chance(50) ? 0x8100 : 0x88a8, 2);
    append(frame, octets(2));
  }
  if (how == in_snap) {
    append_big_endian(frame, below(0x600), 2);
    append(frame, Bytes{0xaa, 0xaa, 3, 0, 0, 0});
  }
  append_big_endian(frame, how == other_type ? 0x0801 + below(0x7000) : ipv4 ? 0x0800 : 0x86dd, 2);
  append(frame, ip);
  const std::size_t udp_at = frame.size();
  append(frame, udp);
  append(frame, octets(slack + trailer));
  if (how == runt) {  // a runt; an IPv6 chain that is cut would be unparsable
    frame.resize(ipv4 ? below(static_cast<unsigned>(udp_at) + 8) : udp_at + below(8));
  }
  return sample;
}

}  // namespace reveille::policy::test
