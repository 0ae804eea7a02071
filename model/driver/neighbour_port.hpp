// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netpacket/packet.h>

#include <cstdint>
#include <span>

namespace reveille::driver {

/// Frames of one EtherType to the machine at the other end of a connected UDP socket, which is a neighbour: on the
/// socket's interface, to the Ethernet address that the system's neighbour table has. Linux, CAP_NET_RAW.
class NeighbourPort {
 public:
  /// BusError naming what is missing.
  NeighbourPort(int connected, std::uint16_t ether_type);
  ~NeighbourPort();
  NeighbourPort(const NeighbourPort&) = delete;
  NeighbourPort& operator=(const NeighbourPort&) = delete;

  /// What stands behind the EtherType. BusError where the system refuses it.
  void send(std::span<const std::uint8_t> payload) const;

 private:
  sockaddr_ll place_{};
  int socket_ = -1;
};

}  // namespace reveille::driver
