// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/ethernet_parser.hpp"

#include <algorithm>

#include "reveille/core/octets.hpp"

namespace reveille::core {
namespace {

constexpr unsigned type_ipv4 = 0x0800;
constexpr unsigned type_ipv6 = 0x86DD;
constexpr unsigned lowest_type = 0x0600;  // what is below is a length
constexpr unsigned most_tags = 2;

// 802.2: both service access points SNAP, unnumbered information; then the organization code of EtherTypes.
constexpr std::array<std::uint8_t, 6> snap{0xAA, 0xAA, 0x03, 0x00, 0x00, 0x00};

bool is_tag(unsigned type) { return type == 0x8100 || type == 0x88A8; }

}  // namespace

EthernetParser::Outcome EthernetParser::step(ByteView octets) {
  for (;;) {
    if (octets.size() < type_at_ + 2) return Outcome::more;
    const unsigned type = octets16(octets, type_at_);
    if (is_tag(type)) {
      if (tags_ == most_tags) return Outcome::unparsable;
      ++tags_;
      type_at_ += 4;
      continue;
    }
    if (type == type_ipv4) return Outcome::ipv4;
    if (type == type_ipv6) return Outcome::ipv6;
    if (type >= lowest_type) return Outcome::bypass;

    const std::size_t header_at = type_at_ + 2;
    if (octets.size() < header_at + snap.size() + 2) return Outcome::more;
    if (!std::equal(snap.begin(), snap.end(), octets.begin() + static_cast<std::ptrdiff_t>(header_at)))
      return Outcome::bypass;
    const unsigned inner = octets16(octets, header_at + snap.size());
    return inner == type_ipv4 || inner == type_ipv6 ? Outcome::unparsable : Outcome::bypass;
  }
}

}  // namespace reveille::core
