// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "fuzz/choices.hpp"
#include "model/core/support.hpp"

namespace reveille::fuzz {

/// Frames as an input chooses them: right ones with some twists, any octets, and the one before with another octet.
class Frames {
 public:
  static constexpr unsigned kClients = 8;
  static net::Address client(unsigned index) {
    net::Address address = index % 2 == 0 ? core::test::client4 : core::test::client6;
    address.octets[15] = static_cast<std::uint8_t>(index);
    return address;
  }

  /// What the core drew for a client, or was given.
  void know(unsigned client, std::uint32_t nonce, std::uint64_t tag) {
    nonces_[client] = nonce;
    tags_[client] = tag;
  }

  Bytes right(Choices& choices) {
    const unsigned index = choices.below(kClients);
    net::UdpFrame frame;
    const Bytes message = payload(choices, index);
    frame = index % 2 == 0 ? core::test::to_server4(message) : core::test::to_server6(message);
    frame.source = client(index);
    for (unsigned twists = choices.below(4); twists != 0; --twists) twist(choices, frame);
    return remember(net::build(frame));
  }
  Bytes raw(Choices& choices) { return remember(choices.take(1 + choices.below(256))); }
  Bytes again(Choices& choices) {
    Bytes frame = last_;
    change(choices, frame);
    return remember(frame);
  }

 private:
  Bytes remember(Bytes frame) {
    if (frame.empty()) frame.push_back(0);
    last_ = frame;
    return frame;
  }

  /// What comes back of a client: an AP Request, an SA Recovered, any other message.
  Bytes payload(Choices& choices, unsigned index) {
    const unsigned kind = choices.below(8);
    if (kind == 7) return choices.take(choices.below(64));
    if (kind == 6) {
      Bytes message = {static_cast<std::uint8_t>(choices.below(8)), static_cast<std::uint8_t>(choices.below(4)), 0x10};
      append(message, choices.take(choices.below(32)));
      return message;
    }
    const std::uint8_t wrong = choices.octet();  // 0: right; else a bit is not
    if (kind >= 4) {
      const std::uint64_t bit = wrong == 0 ? 0 : std::uint64_t{1} << wrong % 64;
      return core::test::sa_recovered(tags_[index] ^ bit);
    }
    const std::uint32_t bit = wrong == 0 ? 0 : std::uint32_t{1} << wrong % 32;
    const std::uint32_t nonce = wrong == 0xFF ? 0 : nonces_[index] ^ bit;
    // Most tickets are short, so that many frames come.
    static constexpr unsigned sizes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 0x7F, 0x80, 0xFF, 0x100, 300, 700};
    const unsigned form = choices.octet();
    const unsigned size = sizes[(form & 0x70) == 0 ? form & 0xF : form % 10];
    Bytes message = core::test::ap_request(nonce, size, form >> 4);
    static constexpr std::uint8_t long_forms[] = {0x81, 0x82, 0x80, 0x83};
    const unsigned other = choices.below(16);
    if (other < 4) message.insert(message.begin() + 4, long_forms[other]);  // DER wants the shortest form
    if (other == 4) message[1] = 2;
    if (other == 5) message[2] = 0x21;
    if (kind == 3) change(choices, message);
    return message;
  }

  void twist(Choices& choices, net::UdpFrame& frame) {
    switch (choices.below(16)) {
      case 0: frame.tags.push_back({0x8100, 5}); break;
      case 1: frame.tags.push_back({0x88A8, 5}); break;
      case 2: frame.ipv4_options.assign(4UL * choices.below(11), 1); break;
      case 3: frame.ipv4_fragment = static_cast<std::uint16_t>(choices.number(2)); break;
      case 4: {
        static constexpr std::uint8_t types[] = {0, 43, 60, 51};
        const auto type = types[choices.below(4)];
        frame.extensions.push_back(net::ExtensionHeader::padding(type, static_cast<std::uint8_t>(choices.below(64))));
        break;
      }
      case 5: {
        const auto offset = static_cast<std::uint16_t>(choices.octet() >> 3);
        frame.extensions.push_back(net::ExtensionHeader::fragment(offset, choices.one_of(2)));
        break;
      }
      case 6: frame.destination.octets[choices.below(16)] ^= choices.octet(); break;
      case 7: frame.source.octets[choices.below(16)] ^= choices.octet(); break;
      case 8: {
        static const std::array special = {net::Address::parse("224.0.0.1"), net::Address::parse("255.255.255.255"),
                                           net::Address::parse("127.0.0.1"), net::Address::parse("ff02::1"),
                                           net::Address::parse("::1"),       net::Address{}};
        (choices.one_of(2) ? frame.source : frame.destination) = special[choices.below(special.size())];
        break;
      }
      case 9: frame.destination_port = static_cast<std::uint16_t>(1293 ^ 1U << choices.below(16)); break;
      case 10: frame.udp_checksum = static_cast<std::uint16_t>(choices.number(2)); break;
      case 11: frame.ip_length = static_cast<std::uint16_t>(choices.number(2) % 2048); break;
      case 12: frame.udp_length = static_cast<std::uint16_t>(choices.number(2) % 2048); break;
      case 13: frame.protocol = choices.octet(); break;
      case 14: frame.trailer.assign(choices.one_of(16) ? 9000 + choices.below(512) : choices.below(64), 0xAA); break;
      default: append(frame.payload, choices.take(choices.below(16)));
    }
    if (frame.source.is_ipv4() != frame.destination.is_ipv4()) frame.source = frame.destination;
  }

  void change(Choices& choices, Bytes& octets) {
    if (octets.empty()) return;
    const unsigned where = static_cast<unsigned>(choices.number(2) % octets.size());
    switch (choices.below(4)) {
      case 0: octets.resize(1 + where); break;
      case 1: octets.resize(octets.size() + choices.below(64), 0x5A); break;
      case 2: {  // 802.2 SNAP, and its neighbours
        const Bytes header = {0, 100, 0xAA, 0xAA, 3, 0, 0, choices.octet()};
        octets.insert(octets.begin() + std::min<std::ptrdiff_t>(12, std::ssize(octets)), header.begin(), header.end());
        break;
      }
      default: octets[where] ^= choices.octet();
    }
  }

  std::array<std::uint32_t, kClients> nonces_{};
  std::array<std::uint64_t, kClients> tags_{};
  Bytes last_ = Bytes(60, 0);
};

}  // namespace reveille::fuzz
