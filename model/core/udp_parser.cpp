// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/udp_parser.hpp"

#include "reveille/core/octets.hpp"

namespace reveille::core {

void UdpParser::begin(const IpParser& ip) {
  at_ = ip.udp_at();
  judged_ = false;
  may_lack_checksum_ = ip.is_ipv4();
  summed_ = 0;
  // The pseudo header but for the length. An IPv4 address' prefix ::ffff is no part of it.
  sum_.reset();
  const std::size_t from = ip.is_ipv4() ? 12 : 0;
  sum_.add(ByteView(ip.source().octets).subspan(from));
  sum_.add(ByteView(ip.destination().octets).subspan(from));
  sum_.add_word(17);
}

UdpParser::Outcome UdpParser::step(ByteView octets, const Configuration& config) {
  if (!judged_) {
    if (octets.size() < at_ + kHeader) return Outcome::more;
    if (octets16(octets, at_ + 2) != config.port) return Outcome::bypass;
    judged_ = true;
    length_ = octets16(octets, at_ + 4);
    has_checksum_ = octets16(octets, at_ + 6) != 0;
    sum_.add_word(length_);
  }
  sum(octets);
  return Outcome::judged;
}

void UdpParser::sum(ByteView octets) {
  if (summed_ >= length_) return;
  const std::size_t come = octets.size() - at_;
  const std::size_t up_to = come >= length_ ? length_ : come & ~std::size_t{3};
  if (up_to <= summed_) return;
  sum_.add(octets.subspan(at_ + summed_, up_to - summed_));
  summed_ = up_to;
}

}  // namespace reveille::core
