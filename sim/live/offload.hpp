// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "reveille/common/bytes.hpp"

namespace reveille::sim {

/// What the sender's stack has left to its network device, as a packet socket tells it (struct virtio_net_hdr).
struct Offload {
  bool needs_checksum = false;                      ///< from `checksum_start` to the end, to be put at `checksum_at`
  std::size_t checksum_start = 0;                   ///< of the transport header, too
  std::size_t checksum_at = 0;                      ///< of the checksum field, from checksum_start
  enum Cut { none, tcp, udp, unknown } cut = none;  ///< to be cut into segments
  std::size_t segment = 0;                          ///< octets of payload of each
};

/// Does what a network device would: `frame` as it is on the wire, checksum in place, or cut into frames that are.
/// False, and nothing taken, where it cannot.
bool finish_offload(Bytes& frame, const Offload& offload, const std::function<void(ByteView)>& take);

}  // namespace reveille::sim
