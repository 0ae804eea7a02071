// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <vector>

#include "live/interface.hpp"

namespace reveille::sim {

/// struct virtio_net_hdr, whose header no C++ compiler reads: what a sender's stack has left to the network device.
struct OffloadHeader {
  std::uint8_t flags;
  std::uint8_t cut;
  std::uint16_t header_length;
  std::uint16_t segment;
  std::uint16_t checksum_start;
  std::uint16_t checksum_offset;
};

/// An existing interface, through a packet socket. What its sender's stack left to the network device is done here:
/// checksums, and cutting; VLAN tags that the kernel took off are put back.
class PacketInterface final : public Interface {
 public:
  explicit PacketInterface(const std::string& name);
  ~PacketInterface() override;

  bool receive(const Take& take) override;
  void send(ByteView frame) override;
  void flush() override;
  void look() override;

 private:
  static constexpr std::size_t kBatch = 64;
  static constexpr std::size_t kLongest = 65'600;  ///< what a stack leaves uncut, with its headers
  struct Slot {
    OffloadHeader offload{};
    alignas(cmsghdr) std::array<char, 64> control{};
    std::array<iovec, 2> parts{};
    Bytes octets;
  };
  void handle(Slot& slot, const msghdr& header, std::size_t octets, const Take& take);

  std::vector<Slot> in_{kBatch};
  std::vector<mmsghdr> in_headers_{kBatch};
  std::vector<Slot> out_{kBatch};
  std::vector<mmsghdr> out_headers_{kBatch};
  std::size_t waiting_ = 0;  ///< of out_
  Bytes whole_;
};

}  // namespace reveille::sim
