// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/ip_parser.hpp"

#include "reveille/core/checksum.hpp"
#include "reveille/core/octets.hpp"

namespace reveille::core {
namespace {

constexpr unsigned ipv4_fixed = 20;
constexpr unsigned ipv6_fixed = 40;
constexpr unsigned protocol_udp = 17;
constexpr unsigned ports_octets = 4;
constexpr std::size_t last_header_start = 511;
constexpr unsigned most_extension_headers = 8;

enum Extension : unsigned { hop_by_hop = 0, routing = 43, fragment = 44, destination_options = 60 };

bool is_extension(unsigned protocol) {
  return protocol == hop_by_hop || protocol == routing || protocol == fragment || protocol == destination_options;
}

net::Address address_at(ByteView octets, std::size_t at, bool is_ipv4) {
  net::Address out;
  if (is_ipv4) {
    out.octets[10] = out.octets[11] = 0xFF;
    for (unsigned i = 0; i < 4; ++i) out.octets[12 + i] = octets[at + i];
  } else {
    for (unsigned i = 0; i < 16; ++i) out.octets[i] = octets[at + i];
  }
  return out;
}

}  // namespace

void IpParser::begin(bool is_ipv4, std::size_t at) {
  is_ipv4_ = is_ipv4;
  at_ = at;
  fixed_part_seen_ = false;
}

bool IpParser::destination_counts(const Configuration& config) const {  // L8
  return !config.listed || config.server(is_ipv4_).contain(destination_);
}

IpParser::Outcome IpParser::step_ipv4(ByteView octets, const Configuration& config) {
  const std::size_t come = octets.size() - std::min(octets.size(), at_);
  if (come < ipv4_fixed) return wait(Outcome::bypass);
  const unsigned fragment_field = octets16(octets, at_ + 6);
  const bool is_later = (fragment_field & 0x1FFF) != 0;
  const bool is_first = !is_later && (fragment_field & 0x2000) != 0;
  const unsigned protocol = octets[at_ + 9];

  if (!fixed_part_seen_) {
    fixed_part_seen_ = true;
    const unsigned words = octets[at_] & 0xF;
    if (octets[at_] >> 4 != 4 || words < 5) return Outcome::bypass;  // L2
    headers_ = 4 * words;
    length_ = octets16(octets, at_ + 2);
    source_ = address_at(octets, at_ + 12, true);
    destination_ = address_at(octets, at_ + 16, true);
    if (!destination_counts(config)) return Outcome::bypass;
  }
  if (is_first) return first_fragment(octets, protocol, config);
  if (come < headers_) return wait(Outcome::bypass);  // L1
  if (is_later) return config.drop_later_fragments ? Outcome::fragmented : Outcome::bypass;
  return protocol == protocol_udp ? Outcome::udp : Outcome::bypass;
}

IpParser::Outcome IpParser::step_ipv6(ByteView octets, const Configuration& config) {
  if (!fixed_part_seen_) {
    if (octets.size() < at_ + ipv6_fixed) return wait(Outcome::bypass);
    fixed_part_seen_ = true;
    if (octets[at_] >> 4 != 6) return Outcome::bypass;  // L2
    headers_ = ipv6_fixed;
    length_ = ipv6_fixed + octets16(octets, at_ + 4);
    next_ = octets[at_ + 6];
    walked_ = 0;
    more_fragments_ = false;
    source_ = address_at(octets, at_ + 8, false);
    destination_ = address_at(octets, at_ + 24, false);
    if (!destination_counts(config)) return Outcome::bypass;
  }
  return walk(octets, config);
}

// L6, L7.
IpParser::Outcome IpParser::walk(ByteView octets, const Configuration& config) {
  while (is_extension(next_)) {
    const std::size_t here = at_ + headers_;
    if (walked_ == most_extension_headers || here > last_header_start) return Outcome::unparsable;
    if (octets.size() < here + 2) return wait(Outcome::unparsable);
    const unsigned octets_of_it = next_ == fragment ? 8 : 8 * (octets[here + 1] + 1U);
    if (octets.size() < here + octets_of_it) return wait(Outcome::unparsable);
    if (next_ == fragment) {
      const unsigned field = octets16(octets, here + 2);
      if (field >> 3 != 0) return config.drop_later_fragments ? Outcome::fragmented : Outcome::bypass;  // L5
      if ((field & 1) != 0) more_fragments_ = true;
    }
    next_ = octets[here];
    headers_ += octets_of_it;
    ++walked_;
  }
  if (next_ == protocol_udp && at_ + headers_ > last_header_start) return Outcome::unparsable;
  if (more_fragments_) {
    if (length_ < headers_) return Outcome::fragmented;
    return first_fragment(octets, next_, config);
  }
  return next_ == protocol_udp ? Outcome::udp : Outcome::bypass;
}

// L4: only what lies inside both the frame and the IP length is seen.
IpParser::Outcome IpParser::first_fragment(ByteView octets, unsigned protocol, const Configuration& config) {
  if (protocol != protocol_udp) return Outcome::bypass;
  if (length_ < headers_ + ports_octets) return Outcome::fragmented;
  if (octets.size() < udp_at() + ports_octets) return wait(Outcome::fragmented);
  return octets16(octets, udp_at() + 2) == config.port ? Outcome::fragmented : Outcome::bypass;
}

bool IpParser::header_checksum_good(ByteView frame) const {  // L11
  if (!is_ipv4_) return true;
  Checksum sum;
  sum.add(frame.subspan(at_, headers_));
  return sum.good();
}

bool IpParser::source_good(const Configuration& config) const {  // L9
  const auto& octets = source_.octets;
  if (config.server(is_ipv4_).contain(source_)) return false;
  if (is_ipv4_) {
    const std::uint32_t address = static_cast<std::uint32_t>(octets_of(octets, 12, 4));
    return address != 0 && octets[12] != 127 && octets[12] >> 4 != 14 && address != 0xFFFF'FFFF;
  }
  const std::uint64_t high = octets_of(octets, 0, 8);
  const std::uint64_t low = octets_of(octets, 8, 8);
  const bool unspecified_or_loopback = high == 0 && low <= 1;
  const bool mapped = high == 0 && low >> 32 == 0xFFFF;
  return !unspecified_or_loopback && !mapped && octets[0] != 0xFF;
}

}  // namespace reveille::core
