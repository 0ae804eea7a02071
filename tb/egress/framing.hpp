// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "guard/packed.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::tb {

/// What the framer knows of server and next hops, and the frames that docs/architecture.md ("Server messages") makes of
/// it: built by model/net, which fills in lengths and checksums by itself.
struct Framing {
  std::array<net::Address, 2> ipv4 = {net::Address::parse("192.0.2.1"), net::Address::parse("198.51.100.77")};
  std::array<net::Address, 2> ipv6 = {net::Address::parse("2001:db8::1"), net::Address::parse("2001:db8:1:2:3:4:5:6")};
  unsigned ipv4_enable = 3, ipv6_enable = 3;
  std::uint16_t port = 1293;
  std::uint8_t wake_version = 0x10;
  std::array<std::uint8_t, 256> memory{};

  void randomize(std::mt19937& random, std::size_t principal_length) {
    for (std::uint8_t& octet : memory) octet = static_cast<std::uint8_t>(1 + random() % 255);
    for (unsigned hop = 0; hop < 8; ++hop) {
      std::uint8_t* tpid = &memory[16 * hop + 12];
      switch (random() % 4) {
        case 0: tpid[0] = tpid[1] = 0; break;           // no tag
        case 1: tpid[0] = 0x81, tpid[1] = 0x00; break;  // half of it is 0
        case 2: tpid[0] = 0x88, tpid[1] = 0xA8; break;
        default: tpid[0] = 0; break;
      }
    }
    if (principal_length < 128) memory[128 + principal_length] = 0;
    port = static_cast<std::uint16_t>(random());
    wake_version = static_cast<std::uint8_t>(random());
  }

  [[nodiscard]] unsigned enable(bool of_ipv4) const { return of_ipv4 ? ipv4_enable : ipv6_enable; }

  /// The index of the address that a frame comes from; some address of the family is enabled.
  [[nodiscard]] unsigned chosen(bool of_ipv4, unsigned wanted) const {
    const unsigned mask = enable(of_ipv4);
    return wanted < 2 && (mask >> wanted & 1) ? wanted : mask & 1 ? 0 : 1;
  }

  [[nodiscard]] Bytes frame(const net::Address& client, unsigned hop, unsigned source, Bytes payload) const {
    net::UdpFrame frame;
    const std::uint8_t* entry = &memory[std::size_t{16} * hop];
    std::copy_n(entry, 6, frame.ethernet_destination.begin());
    std::copy_n(entry + 6, 6, frame.ethernet_source.begin());
    const auto word = [&](unsigned at) { return static_cast<std::uint16_t>(entry[at] << 8 | entry[at + 1]); };
    if (word(12) != 0) frame.tags.push_back({word(12), word(14)});
    frame.source = (client.is_ipv4() ? ipv4 : ipv6)[source];
    frame.destination = client;
    frame.source_port = frame.destination_port = port;
    frame.payload = std::move(payload);
    Bytes octets = net::build(frame);
    if (octets.size() < 60) octets.resize(60);
    return octets;
  }

  /// `source`: the index of the address that it comes from.
  [[nodiscard]] Bytes wakeup(const net::Address& client, std::uint32_t nonce, unsigned hop, bool doi,
                             unsigned source) const {
    Bytes payload{1, static_cast<std::uint8_t>(doi ? 2 : 1), wake_version};
    append_big_endian(payload, nonce, 4);
    for (unsigned i = 128; i < 255 && memory[i] != 0; ++i) payload.push_back(memory[i]);
    payload.push_back(0);
    return frame(client, hop, source, payload);
  }

  /// `message`: what the host sends, its 32 octets in front included.
  [[nodiscard]] Bytes host_message(ByteView message, unsigned source) const {
    Bytes payload(message.begin() + 16, message.begin() + 19);
    append(payload, message.subspan(32));
    return frame(net::Address::from_octets(message.first(16)), message[19] & 7U, source, payload);
  }

  template <class Port>
  void drive_server(Port& port_i) const {
    drive(port_i, {{ipv4_enable, 2},
                   {value(ipv4[1]) & 0xFFFF'FFFF, 32},
                   {value(ipv4[0]) & 0xFFFF'FFFF, 32},
                   {ipv6_enable, 2},
                   {value(ipv6[1]), 128},
                   {value(ipv6[0]), 128},
                   {0, 2},
                   {port, 16},
                   {0, 6},
                   {0, 32}});
  }

  static u128 value(const net::Address& address) {
    u128 value = 0;
    for (const std::uint8_t octet : address.octets) value = value << 8 | octet;
    return value;
  }
};

/// What the framing memory takes, as 64 words.
inline std::uint32_t framing_word(const std::array<std::uint8_t, 256>& memory, unsigned word) {
  std::uint32_t data = 0;
  for (unsigned i = 0; i < 4; ++i) data |= static_cast<std::uint32_t>(memory[4 * word + i]) << 8 * i;
  return data;
}

inline net::Address random_client(std::mt19937& random, bool ipv4) {
  net::Address address;
  for (std::uint8_t& octet : address.octets) octet = static_cast<std::uint8_t>(random());
  if (ipv4) {
    std::fill_n(address.octets.begin(), 10, std::uint8_t{0});
    std::fill_n(address.octets.begin() + 10, 2, std::uint8_t{0xFF});
  } else if (random() % 4 == 0) {  // nearly IPv4, from below and from above
    std::fill_n(address.octets.begin(), 10, std::uint8_t{0});
    address.octets[10] = 0xFF;
    address.octets[11] = 0xFE;
  } else if (random() % 4 == 0) {
    address.octets[8] = address.octets[9] = 0;
    address.octets[10] = address.octets[11] = 0xFF;
  }
  return address;
}

inline Bytes random_message(std::mt19937& random, bool ipv4, std::size_t octets) {
  Bytes message(std::max<std::size_t>(octets, 32));
  for (std::uint8_t& octet : message) octet = static_cast<std::uint8_t>(random());
  const net::Address client = random_client(random, ipv4);
  std::copy(client.octets.begin(), client.octets.end(), message.begin());
  message.resize(octets);
  return message;
}

}  // namespace reveille::tb
