// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/random_frames.hpp"

namespace reveille::sim::test {

/// A core through frames that the parser has to take apart whole: addresses, versions, lengths and types that are met,
/// or missed by one bit; frames of each kind with every bit of their headers inverted, and cut at every octet; times
/// with each bit. It needs no sessions.
class ParserRun {
 public:
  ParserRun(core::CoreInterface& core, std::uint64_t seed) : core_(core), bench_(core), random_(seed) {}

  /// Time goes to its end.
  void play() {
    for (unsigned round = 0; round < 2; ++round) {
      configure(round);
      for (const bool ipv4 : {true, false}) {
        addresses(ipv4);
        sources(ipv4);
        enables(ipv4);
        messages(ipv4);
        lengths(ipv4);
        kinds(ipv4);
      }
      bench_.run(50);
    }
    times();
  }

 private:
  static constexpr std::size_t kEthernet = 14;  // octets

  bool chance(unsigned percent) { return random_() % 100 < percent; }
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }
  std::uint16_t word16() { return static_cast<std::uint16_t>(random_()); }
  static std::size_t bits(bool ipv4) { return ipv4 ? 32 : 128; }
  static void invert(net::Address& address, bool ipv4, std::size_t bit) {
    address.octets[(ipv4 ? 12 : 0) + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }

  /// Addresses, port and versions of the second round have every bit the other way round.
  void configure(unsigned round) {
    setup_ = both_families_setup();
    core::ServerSetup& server = setup_.server;
    for (const bool ipv4 : {true, false}) {
      auto& addresses = ipv4 ? server.ipv4 : server.ipv6;
      for (unsigned i = 0; i < 2; ++i) {
        net::Address& address = addresses[i];
        address = kept_[ipv4 ? 1 : 0][i];
        if (round == 0) {
          address = random_address(random_, ipv4);
          address.octets[ipv4 ? 12 : 0] = static_cast<std::uint8_t>(32 + below(64));  // one that a client may have
        } else {
          for (std::size_t bit = 0; bit < bits(ipv4); ++bit) invert(address, ipv4, bit);
        }
        kept_[ipv4 ? 1 : 0][i] = address;
      }
    }
    port_ = round == 0 ? word16() : static_cast<std::uint16_t>(~port_);
    versions_ = round == 0 ? word() : ~versions_;
    server.port = port_;
    server.versions.clear();
    for (unsigned i = 0; i < 4; ++i) server.versions.push_back(static_cast<std::uint8_t>(versions_ >> 8 * i));
    server.listed = true;
    server.doi_snmp = true;
    server.drop_later_fragments = round == 0;
    setup_.event_mask = 0;
    bench_.driver.configure(setup_);
    bench_.run(20);
    enabled_ = bench_.driver.read(core::address::server_enable);
  }

  Bytes message() {
    Bytes out = ap_request(word() | 1, below(12), below(8));
    out[1] = static_cast<std::uint8_t>(1 + below(2));
    out[2] = setup_.server.versions[below(4)];
    return out;
  }
  net::UdpFrame to_server(bool ipv4, const Bytes& payload) {
    net::UdpFrame frame = ipv4 ? to_server4(payload) : to_server6(payload);
    frame.source = random_address(random_, ipv4);
    frame.source.octets[ipv4 ? 12 : 0] = static_cast<std::uint8_t>(32 + below(64));
    frame.destination = setup_.server.addresses(ipv4)[below(2)];
    frame.destination_port = port_;
    return frame;
  }
  net::UdpFrame to_server(bool ipv4) { return to_server(ipv4, message()); }
  /// Some with gaps.
  void send(const Bytes& octets) {
    const bool gaps = chance(20);
    for (const auto& beat : beats(octets)) {
      if (gaps) bench_.net_rx.insert(bench_.net_rx.end(), below(3), core::StreamSource{});
      bench_.net_rx.push_back(beat);
    }
    if (bench_.net_rx.size() > 5000) drain();
  }
  void send(const net::UdpFrame& frame) { send(net::build(frame)); }
  void drain() {
    while (!bench_.net_rx.empty()) bench_.step();
    bench_.run(20);
    bench_.verdicts.clear();
    bench_.last_beats.clear();
    bench_.host.frames.clear();
  }

  /// Each of the server's, and what differs from it in a bit, as destination and as source.
  void addresses(bool ipv4) {
    for (const net::Address& address : setup_.server.addresses(ipv4)) {
      for (std::size_t bit = 0; bit <= bits(ipv4); ++bit) {
        net::Address near = address;
        if (bit < bits(ipv4)) invert(near, ipv4, bit);
        net::UdpFrame frame = to_server(ipv4);
        frame.destination = near;
        send(frame);
        frame = to_server(ipv4);
        frame.source = near;
        send(frame);
      }
      for (unsigned i = 0; i < 10; ++i) {
        net::UdpFrame frame = to_server(ipv4);
        frame.destination = address;
        send(frame);
      }
    }
  }
  /// Those that no client may have, and what differs from them in a bit.
  void sources(bool ipv4) {
    static constexpr const char* of_ipv4[] = {"0.0.0.0", "0.0.0.1", "127.0.0.1", "224.0.0.1", "255.255.255.255"};
    static constexpr const char* of_ipv6[] = {"::", "::1", "ff02::1", "::ffff:0:0"};
    const auto near = [&](const char* text) {
      const net::Address address = net::Address::parse(text);
      for (std::size_t bit = 0; bit <= bits(ipv4); ++bit) {
        net::UdpFrame frame = to_server(ipv4);
        frame.source = address;
        if (bit < bits(ipv4)) invert(frame.source, ipv4, bit);
        send(frame);
      }
    };
    if (ipv4)
      std::for_each(std::begin(of_ipv4), std::end(of_ipv4), near);
    else
      std::for_each(std::begin(of_ipv6), std::end(of_ipv6), near);
  }
  /// One address enabled, or none; one version; one DOI.
  void enables(bool ipv4) {
    const auto with = [&](std::uint32_t value) {
      drain();
      bench_.driver.write(core::address::server_enable, value);
      bench_.run(20);
      for (unsigned i = 0; i < 8; ++i) {
        for (const bool is_source : {false, true}) {
          net::UdpFrame frame = to_server(ipv4);
          frame.payload[2] = setup_.server.versions[i % 4];
          frame.payload[1] = static_cast<std::uint8_t>(i / 4 + 1);
          if (is_source)
            frame.source = setup_.server.addresses(ipv4)[i % 2];
          else
            frame.destination = setup_.server.addresses(ipv4)[i % 2];
          send(frame);
        }
      }
    };
    for (unsigned one = 0; one < 4; ++one) with((enabled_ & ~0xFFFFU) | one | one << 8);
    for (unsigned one = 0; one < 4; ++one) with((enabled_ & ~0xF00000U) | 1U << (20 + one));
    for (unsigned one = 0; one < 4; ++one) with((enabled_ & ~0x30000U) | one << 16);
    with(enabled_);
    drain();
  }

  /// Of each type and length up to its header; of each form of the DER length, with each bit of it inverted, and cut
  /// near its end; of each nonce of one bit.
  void messages(bool ipv4) {
    for (unsigned type = 0; type < 9; ++type) {
      for (const std::size_t octets : {0, 1, 2, 3, 4, 5, 8, 11, 22, 23, 24}) {
        Bytes out = message();
        out.resize(octets);
        if (octets > 0) out[0] = static_cast<std::uint8_t>(type);
        send(to_server(ipv4, out));
      }
    }
    const auto with = [&](std::size_t content, std::size_t behind) {
      Bytes out = ap_request(word() | 1, content, behind);
      out[2] = setup_.server.versions[below(4)];
      return out;
    };
    for (const std::size_t content : {0, 1, 5, 8, 60, 127, 128, 129, 191, 255, 256, 257, 300, 511}) {
      for (std::size_t at = 3; at < 7; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
          Bytes out = with(content, 0);
          out[at] ^= static_cast<std::uint8_t>(1U << bit);
          send(to_server(ipv4, out));
        }
      }
      const std::size_t whole = with(content, 0).size();
      for (std::size_t octets = whole - 5; octets <= whole + 2; ++octets) {
        Bytes out = with(content, 2);
        out.resize(octets);
        send(to_server(ipv4, out));
      }
    }
    for (const std::size_t content : {1024, 2048, 4096, 8000, 8100, 8191, 8192, 8300, 8700, 9000}) {
      for (const std::size_t behind : {0, 1, 8}) send(to_server(ipv4, with(content, behind)));
    }
    for (unsigned bit = 0; bit <= 32; ++bit) {
      Bytes out = ap_request(bit < 32 ? 1U << bit : 0, 3);
      out[2] = setup_.server.versions[0];
      send(to_server(ipv4, out));
    }
  }

  /// Of IP and UDP, around each power of two; of frames whole, and of first fragments of this port and another.
  void lengths(bool ipv4) {
    for (unsigned bit = 1; bit < 16; ++bit) {
      for (int near = -1; near < 9; ++near) {
        const auto length = [&](unsigned headers) {
          return static_cast<std::uint16_t>(static_cast<int>((1U << bit) + headers) + near);
        };
        for (const bool is_fragment : {false, true}) {
          net::UdpFrame frame = to_server(ipv4);
          if (is_fragment) {
            frame.ipv4_fragment = 0x2000;
            if (!ipv4) frame.extensions = {net::ExtensionHeader::fragment(0, true)};
            if (chance(50)) frame.destination_port ^= 0x100;
          }
          frame.ip_length = length(ipv4 ? 20 : is_fragment ? 8 : 0);
          send(frame);
          frame.ip_length.reset();
          frame.udp_length = length(0);
          send(frame);
        }
      }
    }
  }

  /// Frames of each kind: whole, with each bit of what may be headers inverted, and cut at every octet.
  void kinds(bool ipv4) {
    std::vector<Bytes> frames;
    const auto add = [&](const net::UdpFrame& frame) { frames.push_back(net::build(frame)); };
    for (unsigned tags = 0; tags < 4; ++tags) {
      net::UdpFrame frame = to_server(ipv4);
      for (unsigned i = 0; i < tags; ++i)
        frame.tags.push_back({i == 1 ? std::uint16_t{0x88A8} : std::uint16_t{0x8100}, word16()});
      add(frame);
      if (tags < 3) frames.push_back(in_snap(net::build(frame), kEthernet - 2 + 4 * tags));
    }
    add(to_server(ipv4, sa_recovered(random_())));
    if (ipv4) {
      for (const unsigned words : {1, 2, 5, 10}) {
        for (const std::uint16_t fragment : {0x4000, 0x2000, 0x0001, 0x3000}) {
          net::UdpFrame frame = to_server(ipv4);
          frame.ipv4_options.assign(4UL * words, 1);
          frame.ipv4_fragment = fragment;
          add(frame);
        }
      }
    } else {
      using net::ExtensionHeader;
      const std::vector<std::vector<ExtensionHeader>> chains = {
          {ExtensionHeader::padding(0)},
          {ExtensionHeader::padding(60, 2), ExtensionHeader::padding(43)},
          std::vector<ExtensionHeader>(8, ExtensionHeader::padding(60)),
          {ExtensionHeader::fragment(0, true)},
          {ExtensionHeader::fragment(1, false)},
          {ExtensionHeader::padding(0), ExtensionHeader::fragment(0x1001, true)},
      };
      for (const auto& chain : chains) {
        net::UdpFrame frame = to_server(ipv4);
        frame.extensions = chain;
        add(frame);
      }
    }
    for (const Bytes& frame : frames) {
      const std::size_t header = std::min<std::size_t>(frame.size(), kEthernet + 64);
      for (std::size_t bit = 8 * (kEthernet - 2); bit < 8 * header; ++bit) {
        Bytes other = frame;
        other[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        send(other);
      }
      for (std::size_t octets = 1; octets <= frame.size(); ++octets) {
        Bytes part = frame;
        part.resize(octets);
        send(part);
      }
    }
    drain();
  }
  /// The IP datagram in 802.2 SNAP.
  static Bytes in_snap(Bytes octets, std::size_t type_at) {
    static constexpr std::uint8_t header[] = {0, 100, 0xAA, 0xAA, 3, 0, 0, 0};
    octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(type_at), std::begin(header), std::end(header));
    return octets;
  }

  /// Of frames, as events tell them: of each magnitude, and near the next one.
  void times() {
    bench_.driver.write(core::address::event_mask, 0x1FFFE);
    const auto pop_all = [&] {
      while (bench_.driver.pop_event()) {
      }
    };
    pop_all();
    for (unsigned bit = 0; bit < 52; ++bit) {
      const std::uint64_t first = std::uint64_t{1} << bit;
      for (const std::uint64_t time : {first | (random_() & (first - 1)), 2 * first - 1}) {
        if (time <= core_.inputs.time_us) continue;
        core_.inputs.time_us = time;
        for (const bool ipv4 : {true, false, true}) send(to_server(ipv4));
        drain();
        pop_all();
      }
    }
  }

  core::CoreInterface& core_;
  core::test::Bench bench_;
  std::mt19937_64 random_;
  core::Setup setup_;
  std::array<std::array<net::Address, 2>, 2> kept_;
  std::uint16_t port_ = 0;
  std::uint32_t versions_ = 0;
  std::uint32_t enabled_ = 0;
};

}  // namespace reveille::sim::test
