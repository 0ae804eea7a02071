// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/common/bytes.hpp"

namespace reveille::core {

/// Ethernet II with at most two VLAN tags, and what is dropped unread (docs/protocol.md, part 3, L1, L20).
class EthernetParser {
 public:
  enum class Outcome : std::uint8_t { more, bypass, unparsable, ipv4, ipv6 };

  void begin() {
    type_at_ = 12;
    tags_ = 0;
  }
  /// `octets`: the frame as far as it has come. `more`: what follows decides; a frame that ends so bypasses.
  Outcome step(ByteView octets);
  /// Where the IP header begins.
  [[nodiscard]] std::size_t ip_at() const { return type_at_ + 2; }
  bool operator==(const EthernetParser&) const = default;

 private:
  std::size_t type_at_ = 12;
  unsigned tags_ = 0;
};

}  // namespace reveille::core
