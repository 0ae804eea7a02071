// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <random>

#include "model/core/policy_config.hpp"
#include "model/core/support.hpp"
#include "model/policy/frame_generator.hpp"
#include "reveille/net/checksum.hpp"

namespace reveille::sim::test {

using namespace core::test;

/// Every bit of it at random; of IPv4 the last four octets.
inline net::Address random_address(std::mt19937_64& random, bool ipv4) {
  net::Address address = ipv4 ? client4 : client6;
  for (std::size_t i = ipv4 ? 12 : 0; i < address.octets.size(); ++i)
    address.octets[i] = static_cast<std::uint8_t>(random());
  return address;
}
/// Another of the same family, which differs in one bit.
inline net::Address neighbour(std::mt19937_64& random, net::Address address) {
  const std::size_t octets = address.is_ipv4() ? 4 : 16;
  address.octets[16 - octets + random() % octets] ^= static_cast<std::uint8_t>(1 << random() % 8);
  return address;
}
/// Of any magnitude: as often below 2 as from 2^(bits-1) on.
inline std::uint64_t random_magnitude(std::mt19937_64& random, unsigned bits) {
  return (random() & ((std::uint64_t{1} << bits) - 1)) >> random() % bits;
}

/// A core's random traffic: frames of every verdict and their neighbours, and what the host sends.
class RandomFrames {
 public:
  RandomFrames(core::test::Bench& bench, std::mt19937_64& random, std::uint64_t seed)
      : bench_(bench), random_(random), generator_(seed, policy_config(both_families_server())) {
    // Neighbours in a network; clients of any address; and of each of these one that differs in a bit.
    for (unsigned i = 0; i < 40; ++i) {
      net::Address client = i % 2 == 0 ? client4 : client6;
      if (i < 10) {
        client.octets[14] = static_cast<std::uint8_t>(random_());
        client.octets[15] = static_cast<std::uint8_t>(i);
      } else if (i < 26) {
        client = random_address(random_, i % 2 == 0);
      } else {
        client = neighbour(random_, clients_[i - 14]);
      }
      clients_.push_back(client);
    }
  }

  /// What the frames to come are for.
  void serve(const core::ServerSetup& server) { server_ = server; }

  [[nodiscard]] const net::Address& client(std::size_t index) const { return clients_[index]; }
  [[nodiscard]] const net::Address& any_client() { return clients_[below(static_cast<unsigned>(clients_.size()))]; }
  /// AP Requests return one of the last nonces that were drawn, or nearly: its own client's, or somebody else's.
  void drawn(const net::Address& client, std::uint32_t nonce) {
    drawn_.emplace_back(client, nonce);
    if (drawn_.size() > 8) drawn_.erase(drawn_.begin());
  }
  void forget_nonces() { drawn_.clear(); }
  /// The tag of a session, or nearly, as a command gives it and an SA Recovered returns it.
  [[nodiscard]] std::uint64_t any_tag() {
    const std::uint64_t value = tags_[below(static_cast<unsigned>(tags_.size()))];
    return chance(15) ? value ^ std::uint64_t{1} << below(64) : value;
  }

  [[nodiscard]] net::UdpFrame to_server(const net::Address& client, const Bytes& message) {
    net::UdpFrame frame = client.is_ipv4() ? to_server4(message) : to_server6(message);
    frame.source = client;
    address_to_server(frame);
    return frame;
  }

  void queue_frame() {
    if (chance(30)) return bench_.send(generator_.next().frame);
    const auto [client, returned] = any_request();
    net::UdpFrame frame = to_server(client, payload(returned));
    for (unsigned tags = chance(20) ? 1 + below(4) : 0; tags != 0; --tags)
      frame.tags.push_back({static_cast<std::uint16_t>(chance(50) ? 0x8100 : 0x88A8), word16()});
    if (client.is_ipv4()) {
      if (chance(20)) frame.ipv4_options.assign(4UL * below(11), 1);
      if (chance(5)) frame.ipv4_fragment = static_cast<std::uint16_t>(random_());
    } else if (chance(40)) {
      static constexpr std::uint8_t types[] = {0, 43, 60};
      for (unsigned count = below(chance(20) ? 11 : 4); count != 0; --count) {
        frame.extensions.push_back(
            chance(20) ? net::ExtensionHeader::fragment(0, chance(30))
                       : net::ExtensionHeader::padding(types[below(3)],
                                                       static_cast<std::uint8_t>(chance(10) ? below(40) : below(3))));
      }
    }
    if (!client.is_ipv4() && chance(8)) {  // around octet 511
      frame.extensions = {net::ExtensionHeader::padding(60, static_cast<std::uint8_t>(55 + below(4)))};
    }
    if (chance(3)) frame.destination_port ^= static_cast<std::uint16_t>(1 << below(16));
    if (chance(2)) frame.destination = net::Address::parse(client.is_ipv4() ? "255.255.255.255" : "ff02::1");
    if (chance(3)) frame.udp_checksum = chance(50) ? 0 : static_cast<std::uint16_t>(random_());
    if (chance(3)) frame.ip_length = static_cast<std::uint16_t>(below(600));
    if (chance(3)) frame.udp_length = static_cast<std::uint16_t>(below(600));
    if (chance(3)) frame.source = chance(50) ? frame.destination : net::Address::parse("224.0.0.1");
    if (chance(2)) frame.source = neighbour(random_, frame.destination);
    if (chance(3)) frame.protocol = static_cast<std::uint8_t>(random_());
    if (chance(10)) frame.trailer.assign(below(60), 0xAA);
    if (chance(1)) frame.trailer.assign(below(9500), 0xBB);
    Bytes octets = net::build(frame);
    if (chance(3)) make_snap(octets, 12 + 4 * frame.tags.size());
    if (chance(5)) octets.resize(1 + below(static_cast<unsigned>(octets.size())));
    if (chance(5)) octets[below(static_cast<unsigned>(octets.size()))] ^= static_cast<std::uint8_t>(1 << below(8));
    if (chance(3)) octets.assign(1 + below(70), static_cast<std::uint8_t>(random_()));
    if (random_() % 300 == 0) octets.resize(9212 + below(16));  // 9,216 are not oversize yet
    const bool gaps = chance(20);
    for (const auto& beat : beats(octets)) {
      if (gaps) bench_.net_rx.insert(bench_.net_rx.end(), below(3), core::StreamSource{});
      bench_.net_rx.push_back(beat);
      if (beat.last)
        bench_.net_rx.back().data |= beat.keep == 0xFF || chance(50) ? 0 : random_() << 8 * (octets.size() % 8);
    }
    if (chance(30)) bench_.net_rx.insert(bench_.net_rx.end(), below(40), core::StreamSource{});
  }

  /// A frame whose last beat comes just before or after its time is over.
  void queue_endless_frame() {
    const auto some = beats(net::build(to_server(client4, payload(nonce))));
    for (const auto& beat : some) {
      if (beat.last) {
        const std::size_t cycles = 16384 - beat_cycles * (some.size() - 2) - 3 + below(6);
        bench_.net_rx.insert(bench_.net_rx.end(), cycles, core::StreamSource{});
      }
      bench_.net_rx.push_back(beat);
    }
  }

  /// Frames with a look-up whose last beats are so many cycles apart, at least 7, or nearly; twice as many where a beat
  /// is taken in every second cycle.
  void queue_flood(unsigned frames, unsigned spacing, unsigned jitter) {
    for (; frames != 0; --frames) {
      bench_.send(Bytes(56, 0xF1));
      const unsigned gap = beat_cycles * (spacing - 7) + beat_cycles - 1;
      bench_.net_rx.insert(bench_.net_rx.end(), gap + below(jitter + 1), core::StreamSource{});
    }
  }

  void queue_host(unsigned message_percent, const core::ServerSetup& server) {
    if (!chance(message_percent)) {
      send_host(Bytes(1 + below(300), 0x5C), 0);
      return;
    }
    const net::Address& client = any_client();
    Bytes message(client.octets.begin(), client.octets.end());
    const std::uint32_t header = static_cast<std::uint32_t>(random_());  // last hop and source, some of neither
    append_big_endian(message, header, 4);
    message.resize(32 + (chance(80) ? below(200) : chance(30) ? below(1600) : 1448 + below(4)));  // at most 1,449
    for (std::size_t i = 32; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(random_());
    if (message.size() > 34 && chance(20)) balance(message, client, server);
    send_host(message, 1);
  }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  std::uint8_t octet() { return static_cast<std::uint8_t>(random_()); }
  std::uint16_t word16() { return static_cast<std::uint16_t>(random_()); }

  /// One of the server's addresses, or nearly; all else of the headers that nobody is to look at (L12).
  void address_to_server(net::UdpFrame& frame) {
    const auto& addresses = server_.addresses(frame.source.is_ipv4());
    if (!addresses.empty()) frame.destination = addresses[below(static_cast<unsigned>(addresses.size()))];
    if (chance(10)) frame.destination = neighbour(random_, frame.destination);
    frame.destination_port = server_.port;
    frame.source_port = word16();
    for (auto* address : {&frame.ethernet_destination, &frame.ethernet_source}) {
      for (std::uint8_t& each : *address) each = octet();
    }
    frame.traffic_class = octet();
    frame.hop_limit = octet();
    frame.identification = word16();
  }

  /// Where a header leads it (A28), with all that is not looked at at random, and perhaps behind a frame that ends in
  /// its header.
  void send_host(ByteView frame, std::uint8_t user) {
    const std::size_t begin = bench_.host_tx.size();
    bench_.send_host(frame, user);
    if (!core::kInBandHeader) return;
    for (std::size_t at = begin; at != bench_.host_tx.size(); ++at)
      bench_.host_tx[at].user = static_cast<std::uint8_t>(random_() & 1);
    core::StreamSource& header = bench_.host_tx[begin];
    header.data |= random_() & ~std::uint64_t{1};
    core::StreamSource alone = header;
    alone.last = true;
    alone.data ^= random_() & 1;
    alone.keep = static_cast<std::uint8_t>(0xFF >> below(8));
    const auto place = [&] { return bench_.host_tx.begin() + static_cast<std::ptrdiff_t>(begin); };
    if (chance(20)) bench_.host_tx.insert(place() + 1, 1 + below(4), core::StreamSource{});
    if (chance(20)) bench_.host_tx.insert(place(), alone);
  }

  /// Who sends, and the nonce that an AP Request of his returns.
  std::pair<net::Address, std::uint32_t> any_request() {
    if (chance(10)) return {any_client(), 0};
    if (drawn_.empty() || chance(20)) return {any_client(), nonce + below(2)};
    auto request = drawn_[below(static_cast<unsigned>(drawn_.size()))];
    if (chance(60)) request.first = any_client();
    if (chance(20)) request.second ^= 1U << below(32);
    return request;
  }

  Bytes payload(std::uint32_t returned) {
    const unsigned ticket = chance(50) ? below(40) : below(chance(2) ? 9000 : 700);
    const unsigned behind = below(20);
    Bytes out = chance(70) ? ap_request(returned, ticket, behind) : sa_recovered(any_tag());
    if (out[0] == 2) {
      for (std::size_t at = out.size() - behind - 4 - ticket; at != out.size() - behind - 4; ++at) out[at] = octet();
    }
    if (ticket < 0x80 && chance(5)) out.insert(out.begin() + 4, 0x81);  // DER wants the shortest form
    if (chance(10)) out[0] = static_cast<std::uint8_t>(below(8));
    if (chance(10)) out[1] = static_cast<std::uint8_t>(below(4));
    if (chance(10)) out[2] = server_.versions.empty() || chance(50) ? octet() : server_.versions.back();
    if (chance(5)) out.resize(below(static_cast<unsigned>(out.size())));
    return out;
  }

  /// IP in 802.2 SNAP, or nearly.
  void make_snap(Bytes& octets, std::size_t type_at) {
    const Bytes header = {0, 100, 0xAA, 0xAA, 3, 0, 0, static_cast<std::uint8_t>(chance(80) ? 0 : 0xF8)};
    octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(type_at), header.begin(), header.end());
    if (chance(20)) octets[type_at] = static_cast<std::uint8_t>(below(8));
    if (chance(20)) octets.resize(type_at + below(12));
  }

  /// So that the datagram's UDP checksum comes out as 0, and is sent as 0xFFFF.
  void balance(Bytes& message, const net::Address& client, const core::ServerSetup& server) {
    const auto& addresses = server.addresses(client.is_ipv4());
    if (addresses.empty()) return;
    message[19] &= 0x8F;  // from the first of them
    Bytes udp;
    append_big_endian(udp, server.port, 2);
    append_big_endian(udp, server.port, 2);
    append_big_endian(udp, message.size() - 21, 2);  // 8 and 3 octets of headers
    append_big_endian(udp, 0, 2);
    append(udp, ByteView(message).subspan(16, 3));
    message[33] = message[34] = 0;
    append(udp, ByteView(message).subspan(32));
    const unsigned sum = net::ones_complement_sum(
        udp, net::udp_pseudo_header_sum(addresses.front().header_octets(), client.header_octets(),
                                        static_cast<std::uint32_t>(udp.size())));
    policy::test::put16(message, 33, 0xFFFF - sum);
  }

  core::test::Bench& bench_;
  std::mt19937_64& random_;
  policy::test::FrameGenerator generator_;
  std::vector<net::Address> clients_;
  std::vector<std::pair<net::Address, std::uint32_t>> drawn_;  // clients and their nonces
  core::ServerSetup server_ = both_families_server();
  std::array<std::uint64_t, 3> tags_{tag, random_(), random_()};
};

}  // namespace reveille::sim::test
