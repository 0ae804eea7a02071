// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "ingress/reference.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::test {

/// Random frames for a guard: built right by the frame builder but for a few choices that are each seldom wrong, so
/// that every rule of docs/protocol.md meets its frames, and its neighbours a step off them.
class RandomFrame {
 public:
  explicit RandomFrame(std::uint64_t seed) : random_(seed) {}

  Bytes next(const GuardConfig& server) {
    if (one_in(12)) return octets(1 + below(100));
    if (one_in(20)) return link_layer(server);
    net::UdpFrame frame;
    const bool ipv4 = below(2) == 0;
    frame.destination = servers(server, ipv4);
    if (one_in(30)) frame.destination = address(ipv4);
    frame.source = one_in(20) ? odd_address(ipv4, server) : address(ipv4);
    for (auto tags = one_in(40) ? 3 : below(3); tags != 0; --tags) {
      frame.tags.push_back(
          {static_cast<std::uint16_t>(below(2) ? 0x8100 : 0x88a8), static_cast<std::uint16_t>(random_())});
    }
    frame.source_port = static_cast<std::uint16_t>(random_());
    frame.destination_port = one_in(30) ? static_cast<std::uint16_t>(server.port ^ 1U << below(16)) : server.port;
    frame.payload = payload(server);
    frame.traffic_class = static_cast<std::uint8_t>(random_());
    if (ipv4) {
      if (one_in(3)) frame.ipv4_options = octets(4 * below(11));
      if (one_in(12)) frame.ipv4_fragment = static_cast<std::uint16_t>(below(2) ? 0x2000 : 1U << below(16));
    } else {
      add_extensions(frame);
    }
    if (one_in(8)) frame.trailer = octets(below(20));
    if (one_in(25)) frame.protocol = static_cast<std::uint8_t>(below(2) ? 58 : random_());
    if (one_in(25)) frame.udp_checksum = static_cast<std::uint16_t>(below(2) ? 0 : random_());
    if (one_in(40)) frame.ipv4_checksum = static_cast<std::uint16_t>(random_());
    break_lengths(frame, ipv4);
    Bytes out = net::build(frame);
    if (one_in(10)) out.resize(1 + below(out.size()));
    if (one_in(10)) flip(out, std::min<std::size_t>(out.size(), 120));
    if (one_in(20)) flip(out, out.size());
    return out;
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  Bytes octets(std::size_t count) {
    Bytes all(count);
    for (auto& octet : all) octet = static_cast<std::uint8_t>(random_());
    return all;
  }

 private:
  net::Address address(bool ipv4) { return net::Address::from_octets(octets(ipv4 ? 4 : 16)); }

  /// One of the server's addresses, or, where none is enabled, any.
  net::Address servers(const GuardConfig& server, bool ipv4) {
    const auto& own = server.family(ipv4)[below(2)];
    return own ? *own : address(ipv4);
  }

  /// Tags and lengths in front of anything: what L20 drops, or nearly.
  Bytes link_layer(const GuardConfig& server) {
    Bytes frame = octets(12);
    for (auto tags = below(4); tags != 0; --tags)
      append_big_endian(frame, below(2) ? 0x8100 : 0x88a8, 2), append(frame, octets(2));
    append_big_endian(frame, one_in(6) ? random_() & 0xffff : below(0x610), 2);
    append_big_endian(frame, 0xaaaa0300, 4);
    append_big_endian(frame, 0, 2);
    append_big_endian(frame, one_in(6) ? random_() & 0xffff : below(2) ? 0x0800 : 0x86dd, 2);
    if (one_in(3)) flip(frame, frame.size());
    if (one_in(2)) {
      net::UdpFrame inner;
      inner.destination = servers(server, true);
      inner.source = address(true);
      const Bytes built = net::build(inner);
      frame.insert(frame.end(), built.begin() + 14, built.end());
    } else {
      frame.resize(12 + below(frame.size() - 11));
    }
    return frame;
  }

  net::Address odd_address(bool ipv4, const GuardConfig& server) {
    static const char* const odd4[] = {"0.0.0.0", "127.1.2.3", "224.0.0.1", "239.255.255.255", "255.255.255.255",
                                       "0.0.0.1", "240.0.0.1", "128.0.0.1", "223.255.255.255", "126.255.255.255"};
    static const char* const odd6[] = {"::",   "::1",      "ff02::1", "::2",        "fe80::1",
                                       "1::1", "0:0:1::1", "::1:0:1", "::fffe:0:1", "0:0:0:1:0:ffff:102:304"};
    if (one_in(3)) return servers(server, ipv4);
    if (!ipv4 && one_in(4)) return net::Address::parse("::ffff:198.51.100.7");
    return net::Address::parse(ipv4 ? odd4[below(10)] : odd6[below(10)]);
  }

  Bytes payload(const GuardConfig& server) {
    if (one_in(25)) return octets(below(12));
    Bytes message = {
        static_cast<std::uint8_t>(one_in(10)  ? below(10)
                                  : one_in(4) ? 4
                                              : 2),
        static_cast<std::uint8_t>(one_in(15) ? random_() : 1 + below(2)),
        one_in(15) ? static_cast<std::uint8_t>(random_()) : server.versions[below(server.versions.size())]};
    if (message[0] == 4) {
      append(message, octets(one_in(10) ? below(40) : 20));
      return message;
    }
    const std::size_t content = one_in(30) ? below(2000) : one_in(3) ? 100 + below(300) : below(130);
    message.push_back(one_in(40) ? 0x6f : 0x6e);
    const auto form = one_in(15) ? below(4) : content < 0x80 ? 0 : content < 0x100 ? 1 : 2;
    if (form != 0) message.push_back(static_cast<std::uint8_t>(0x80 + form));
    if (form == 3) message.push_back(0);
    if (form >= 2) message.push_back(static_cast<std::uint8_t>(content >> 8));
    message.push_back(static_cast<std::uint8_t>(content));
    append(message, octets(content + 4));
    if (one_in(6)) std::fill(message.end() - 4, message.end(), 0);
    if (one_in(2)) append(message, octets(below(40)));
    if (one_in(8)) message.resize(message.size() - std::min<std::size_t>(message.size(), below(8)));
    return message;
  }

  void add_extensions(net::UdpFrame& frame) {
    if (one_in(2)) return;
    static const std::uint8_t types[] = {0, 43, 60};
    const bool far = one_in(6);
    for (auto count = far ? 1 + below(6) : below(10); count != 0; --count) {
      if (one_in(6)) {
        frame.extensions.push_back(
            net::ExtensionHeader::fragment(static_cast<std::uint16_t>(one_in(6) ? 1 + below(99) : 0), one_in(4)));
      } else {
        const auto length = far ? below(60) : one_in(4) ? below(8) : 0;
        frame.extensions.push_back(net::ExtensionHeader::padding(types[below(3)], static_cast<std::uint8_t>(length)));
      }
    }
    // Around octet 511 of the frame.
    if (far && one_in(2)) {
      frame.extensions = {net::ExtensionHeader::padding(60, static_cast<std::uint8_t>(52 + below(8)))};
      if (one_in(2)) frame.extensions.push_back(net::ExtensionHeader::padding(0));
    }
  }

  void break_lengths(net::UdpFrame& frame, bool ipv4) {
    const auto off = [&](std::size_t length) { return static_cast<std::uint16_t>(length + below(9) - 4); };
    const std::size_t udp = frame.payload.size() + 8;
    std::size_t ip = udp + (ipv4 ? 20 + frame.ipv4_options.size() : 0);
    for (const auto& extension : frame.extensions) ip += extension.body.size() + 1;
    if (one_in(20)) frame.udp_length = off(one_in(3) ? 8 : udp);
    if (one_in(20)) frame.ip_length = off(one_in(3) ? ip - udp + 4 : one_in(3) ? ip - udp : ip + frame.trailer.size());
    if (one_in(60)) frame.ip_length = static_cast<std::uint16_t>(random_());
    if (one_in(60)) frame.udp_length = static_cast<std::uint16_t>(random_());
  }

  void flip(Bytes& octets, std::size_t bound) { octets[below(bound)] ^= static_cast<std::uint8_t>(1U << below(8)); }

  std::mt19937_64 random_;
};

}  // namespace reveille::test
