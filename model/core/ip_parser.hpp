// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/types.hpp"

namespace reveille::core {

/// IPv4 and IPv6 up to where UDP begins, fragments included (docs/protocol.md, L1 to L10). What it finds of lengths,
/// header checksum and source is for the frame's end, when a datagram to the port was found.
class IpParser {
 public:
  enum class Outcome : std::uint8_t { more, bypass, unparsable, fragmented, udp };

  void begin(bool is_ipv4, std::size_t at);
  /// `octets`: the frame as far as it has come. `more`: what follows decides.
  Outcome step(ByteView octets, const Configuration& config) {
    return is_ipv4_ ? step_ipv4(octets, config) : step_ipv6(octets, config);
  }
  /// Of a frame that ends while `step` says `more`.
  [[nodiscard]] Outcome at_end() const { return if_it_ends_; }

  [[nodiscard]] bool is_ipv4() const { return is_ipv4_; }
  [[nodiscard]] const net::Address& source() const { return source_; }  ///< once the destination counts
  [[nodiscard]] const net::Address& destination() const { return destination_; }
  // Once `step` has said `udp`:
  [[nodiscard]] std::size_t udp_at() const { return at_ + headers_; }
  [[nodiscard]] unsigned udp_room() const { return length_ - headers_; }  ///< what the IP length leaves, if it is good
  /// L10, of a frame of so many octets.
  [[nodiscard]] bool length_good(std::size_t frame_octets) const {
    return length_ >= headers_ && at_ + length_ <= frame_octets;
  }
  [[nodiscard]] bool header_checksum_good(ByteView frame) const;
  [[nodiscard]] bool source_good(const Configuration& config) const;
  bool operator==(const IpParser&) const = default;

 private:
  Outcome step_ipv4(ByteView octets, const Configuration& config);
  Outcome step_ipv6(ByteView octets, const Configuration& config);
  Outcome walk(ByteView octets, const Configuration& config);
  Outcome first_fragment(ByteView octets, unsigned protocol, const Configuration& config);
  [[nodiscard]] bool destination_counts(const Configuration& config) const;
  Outcome wait(Outcome if_it_ends) {
    if_it_ends_ = if_it_ends;
    return Outcome::more;
  }

  bool is_ipv4_ = true;
  std::size_t at_ = 0;    // of the IP header
  unsigned length_ = 0;   // IP header and what the IP length covers behind it
  unsigned headers_ = 0;  // IP header and options or extension headers
  bool fixed_part_seen_ = false;
  // The IPv6 walk
  unsigned next_ = 0;
  unsigned walked_ = 0;
  bool more_fragments_ = false;

  Outcome if_it_ends_ = Outcome::bypass;
  net::Address source_;
  net::Address destination_;
};

}  // namespace reveille::core
