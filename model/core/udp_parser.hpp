// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/checksum.hpp"
#include "reveille/core/ip_parser.hpp"

namespace reveille::core {

/// UDP behind an IP header: the port, the length, and the checksum summed as the octets come (docs/protocol.md, L1, L3,
/// L10, L11).
class UdpParser {
 public:
  enum class Outcome : std::uint8_t { more, bypass, judged };
  static constexpr unsigned kHeader = 8;

  void begin(const IpParser& ip);
  /// `more`: a frame that ends so bypasses. `judged`: to be called again with all that comes.
  Outcome step(ByteView octets, const Configuration& config);

  // Once `step` has said `judged`:
  [[nodiscard]] std::size_t payload_at() const { return at_ + kHeader; }
  [[nodiscard]] unsigned payload_octets() const { return length_ < kHeader ? 0 : length_ - kHeader; }
  [[nodiscard]] bool length_good(const IpParser& ip) const { return length_ >= kHeader && length_ <= ip.udp_room(); }
  /// Of a datagram whose lengths are good, once it has come whole.
  [[nodiscard]] bool checksum_good() const { return has_checksum_ ? sum_.good() : may_lack_checksum_; }
  bool operator==(const UdpParser&) const = default;

 private:
  void sum(ByteView octets);

  std::size_t at_ = 0;
  unsigned length_ = 0;
  bool judged_ = false;
  bool has_checksum_ = false;
  bool may_lack_checksum_ = false;
  std::size_t summed_ = 0;  // of the datagram
  Checksum sum_;
};

}  // namespace reveille::core
