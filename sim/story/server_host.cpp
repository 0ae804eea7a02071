// SPDX-License-Identifier: Apache-2.0
#include "story/server_host.hpp"

#include <algorithm>

#include "reveille/keymgmt/messages.hpp"
#include "reveille/net/checksum.hpp"

namespace reveille::sim {

namespace {

constexpr std::size_t type_at = 12;
constexpr std::size_t ip_at = 14;

std::uint16_t u16(ByteView octets, std::size_t at) {
  return at + 2 <= octets.size() ? static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]) : std::uint16_t{0};
}

void erase(Bytes& octets, std::size_t at, std::size_t count) {
  octets.erase(octets.begin() + static_cast<std::ptrdiff_t>(at),
               octets.begin() + static_cast<std::ptrdiff_t>(at + count));
}

/// VLAN identifier 0 is no network of its own, so a host takes the tag off; and it looks again at what is behind it.
void strip_priority_tags(Bytes& frame) {
  constexpr std::size_t tag = 4;
  while (frame.size() >= ip_at + tag && (u16(frame, type_at) == 0x8100 || u16(frame, type_at) == 0x88A8) &&
         (u16(frame, type_at + 2) & 0xFFF) == 0) {
    erase(frame, type_at, tag);
  }
}

void strip_snap(Bytes& frame) {
  const Bytes header = {0xAA, 0xAA, 3, 0, 0, 0};
  if (u16(frame, type_at) >= 0x600 || frame.size() < ip_at + header.size() + 2) return;
  if (std::equal(header.begin(), header.end(), frame.begin() + ip_at)) erase(frame, type_at, 2 + header.size());
}

}  // namespace

bool ServerHost::is_own(const net::Address& address) const {
  return address == ipv4 || address == ipv6 || address == second_ipv4 || address == second_ipv6 ||
         address == link_local;
}

void ServerHost::follow_source_route(Bytes& frame) const {
  constexpr std::uint8_t no_operation = 1;
  constexpr std::uint8_t loose_source_route = 0x83;
  constexpr std::size_t destination_at = ip_at + 16;
  constexpr std::size_t options_at = ip_at + 20;
  if (u16(frame, type_at) != 0x0800 || frame.size() < options_at) return;
  const std::size_t end = ip_at + std::size_t{4} * (frame[ip_at] & 0xF);
  if (end > frame.size() || !is_own(net::Address::from_octets(ByteView(frame).subspan(destination_at, 4)))) return;
  std::size_t at = options_at;
  while (at < end && frame[at] == no_operation) ++at;
  // A length of 7 and a pointer of 4: one address, not visited yet.
  if (at + 7 > end || frame[at] != loose_source_route || frame[at + 1] != 7 || frame[at + 2] != 4) return;
  const auto header = std::span(frame).subspan(ip_at, end - ip_at);
  if (net::ones_complement_sum(header) != 0xFFFF) return;
  std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(at + 3), 4,
              frame.begin() + static_cast<std::ptrdiff_t>(destination_at));
  std::fill_n(frame.begin() + static_cast<std::ptrdiff_t>(at), 7, no_operation);
  header[10] = header[11] = 0;
  const auto sum = static_cast<std::uint16_t>(~net::ones_complement_sum(header));
  header[10] = static_cast<std::uint8_t>(sum >> 8);
  header[11] = static_cast<std::uint8_t>(sum);
}

std::optional<net::UdpDatagram> ServerHost::receive(ByteView frame) const {
  if (frame.size() < ip_at) return std::nullopt;
  const bool to_group = (frame.front() & 1) != 0;
  if (!to_group && !std::equal(ethernet.begin(), ethernet.end(), frame.begin())) return std::nullopt;
  Bytes seen(frame.begin(), frame.end());
  strip_priority_tags(seen);
  strip_snap(seen);
  follow_source_route(seen);
  try {
    net::UdpDatagram datagram = net::parse(seen);
    const net::Address& to = datagram.destination;
    const bool is_taken = is_own(to) || to == subnet_broadcast || to == limited_broadcast || to == all_hosts ||
                          to == all_nodes || to == solicited_node;
    if (!is_taken || !datagram.tags.empty() || datagram.destination_port != keymgmt::udp_port) return std::nullopt;
    return datagram;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::malformed) throw;
    return std::nullopt;
  }
}

bool ServerHost::is_unasked_request(ByteView frame, Verdict verdict) const {
  if (verdict == Verdict::accepted || verdict == Verdict::resend) return false;
  const std::optional<net::UdpDatagram> datagram = receive(frame);
  return datagram && !datagram->payload.empty() &&
         datagram->payload.front() == static_cast<std::uint8_t>(keymgmt::MessageId::ap_request);
}

}  // namespace reveille::sim
