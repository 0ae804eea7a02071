// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "reveille/esp/esp.hpp"
#include "reveille/nodes/datagram.hpp"

/// What an association carries (docs/protocol.md, part 1): a client's notification and its answer, as PacketCable's
/// call signalling writes them (NCS, a profile of RFC 3435's MGCP), in a UDP segment inside an ESP packet, inside UDP.
namespace reveille::nodes {

constexpr std::uint16_t esp_port = 4500;  ///< RFC 3948
constexpr std::uint16_t gateway_port = 2427;
constexpr std::uint16_t call_agent_port = 2727;

/// UDP's header and the payload, its checksum of these addresses.
Bytes udp_segment(const Endpoint& source, const Endpoint& destination, ByteView payload);
/// The payload of a packet that was opened; nothing unless it is a UDP segment from one to the other, whole and with
/// its checksum.
std::optional<Bytes> signalling_in(const esp::Opened& opened, const Endpoint& source, const Endpoint& destination);

/// That something happened at a client's telephone; what, as `O:` has it: `L/hd` is off hook.
struct Notification {
  std::uint32_t transaction = 0;
  std::string event = "L/hd";
};
Bytes to_notify(const Notification& notification, const std::string& client);
std::optional<Notification> from_notify(ByteView text);
Bytes to_acknowledgement(std::uint32_t transaction);
std::optional<std::uint32_t> from_acknowledgement(ByteView text);

}  // namespace reveille::nodes
