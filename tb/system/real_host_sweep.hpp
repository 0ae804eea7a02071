// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "model/policy/holes.hpp"

/// Ways of bringing an AP Request to a host: every destination that it may have, tags, encapsulations, fragments and
/// extension headers, each with each.
namespace reveille::test {

/// One datagram, in as many frames as it takes. The AP Request holds `id`, by which a socket's datagram is known again.
struct Attempt {
  std::string name;
  std::uint32_t id = 0;
  std::vector<Bytes> frames;
};

constexpr std::size_t id_at = 5;  ///< in the AP Request's DER content

inline Bytes request_of(std::uint32_t id, std::uint32_t returned_nonce = 0x11111111) {
  Bytes message = {2, 1, 0x10, 0x6e, 4};
  append_big_endian(message, id, 4);
  append_big_endian(message, returned_nonce, 4);
  message.resize(64, 0x5a);
  return message;
}

class Sweep {
 public:
  /// Ids, and identifications of fragmented datagrams, count on from `first`.
  explicit Sweep(std::uint32_t first) : id_(first) {}

  std::vector<Attempt> all() {
    std::vector<Attempt> attempts;
    for (const Destination& destination : destinations()) {
      for (const std::vector<net::VlanTag>& tags : tag_stacks()) {
        for (const Split& split : splits(destination.address.is_ipv4())) {
          for (const Encapsulation& encapsulation : encapsulations()) {
            net::UdpFrame frame;
            frame.ethernet_destination = destination.mac;
            frame.source = destination.source;
            frame.destination = destination.address;
            frame.tags = tags;
            frame.payload = request_of(++id_);
            Attempt attempt{name(destination, tags, split.name, encapsulation.name), id_, split.frames(frame, id_)};
            for (Bytes& each : attempt.frames) each = encapsulation.wrap(std::move(each), tags.size());
            attempts.push_back(std::move(attempt));
          }
        }
      }
    }
    return attempts;
  }
  [[nodiscard]] std::uint32_t last_id() const { return id_; }

 private:
  using Frames = std::vector<Bytes>;
  struct Destination {
    net::Address address;
    net::MacAddress mac;
    net::Address source;
  };
  struct Split {
    std::string name;
    std::function<Frames(const net::UdpFrame&, std::uint32_t identification)> frames;
  };
  struct Encapsulation {
    std::string name;
    std::function<Bytes(Bytes, std::size_t tags)> wrap;
  };

  static std::string name(const Destination& destination, const std::vector<net::VlanTag>& tags,
                          const std::string& split, const std::string& encapsulation) {
    std::string text = net::format(destination.address) + (destination.mac[0] % 2 == 1 ? " (multicast MAC)" : "");
    for (const net::VlanTag& tag : tags) text += tag.tpid == 0x8100 ? " C" : " S";
    return text + " " + split + " " + encapsulation;
  }

  static std::vector<Destination> destinations() {
    const net::MacAddress host = net::UdpFrame{}.ethernet_destination;
    const net::Address source4 = net::Address::parse("198.51.100.7");
    const net::Address source6 = net::Address::parse("2001:db8:5::7");
    const net::Address source_link = net::Address::parse("fe80::aa");
    std::vector<Destination> all;
    for (const char* text : {"192.0.2.1", "192.0.2.2", "192.0.2.77", "192.0.2.255", "255.255.255.255", "224.0.0.1",
                             "0.0.0.0", "127.0.0.1"}) {
      for (const net::MacAddress& mac : {host, policy::test::broadcast_mac})
        all.push_back({net::Address::parse(text), mac, source4});
    }
    for (const char* text : {"2001:db8::1", "2001:db8::2", "2001:db8::77", "fe80::ff:fe00:1", "ff01::1", "ff02::1",
                             "ff02::1:ff00:1", "ff05::1", "::1"}) {
      for (const net::Address& source : {source6, source_link})
        all.push_back({net::Address::parse(text), host, source});
    }
    return all;
  }

  static std::vector<std::vector<net::VlanTag>> tag_stacks() {
    std::vector<std::vector<net::VlanTag>> all{{}};
    for (std::size_t tags = 1; tags <= 4; ++tags) {
      all.emplace_back(tags, net::VlanTag{0x8100, 0});
      all.emplace_back(tags, net::VlanTag{0x88a8, 0xe000});
      if (tags < 2) continue;
      all.emplace_back(tags, net::VlanTag{0x8100, 0});
      for (std::size_t i = 0; i < tags; i += 2) all.back()[i].tpid = 0x88a8;
    }
    return all;
  }

  static std::vector<Encapsulation> encapsulations() {
    const auto plain = [](Bytes frame, std::size_t) { return frame; };
    const auto snap = [](const Bytes& header) {
      return
          [header](Bytes frame, std::size_t tags) { return policy::test::into_snap(std::move(frame), tags, header); };
    };
    return {{"Ethernet II", plain},
            {"SNAP", snap({0xaa, 0xaa, 3, 0, 0, 0})},
            {"SNAP of 802.1H", snap({0xaa, 0xaa, 3, 0, 0, 0xf8})}};
  }

  // Fragments ----------------------------------------------------------------------------------------------------

  /// The IP payload of a frame made whole, from `begin` to `end`, as a fragment of its own. IPv6: behind `before`, the
  /// extension headers that each fragment repeats, a fragment header whose next one is `next`.
  static Bytes fragment(net::UdpFrame frame, ByteView payload, std::size_t begin, std::size_t end,
                        std::uint32_t identification, std::uint8_t next) {
    const bool more = end < payload.size();
    const auto offset = static_cast<std::uint16_t>(begin / 8);
    frame.payload.clear();
    frame.protocol = next;
    if (frame.destination.is_ipv4()) {
      frame.identification = static_cast<std::uint16_t>(identification);
      frame.ipv4_fragment = static_cast<std::uint16_t>(offset | (more ? 0x2000 : 0));
      frame.ip_length = static_cast<std::uint16_t>(20 + frame.ipv4_options.size() + end - begin);
    } else {
      frame.extensions.push_back(net::ExtensionHeader::fragment(offset, more, identification));
      std::size_t chain = 0;
      for (const auto& extension : frame.extensions) chain += 1 + extension.body.size();
      frame.ip_length = static_cast<std::uint16_t>(chain + end - begin);
    }
    Bytes octets = net::build(frame);
    octets.resize(octets.size() - 8);  // the empty datagram's UDP header
    append(octets, payload.subspan(begin, end - begin));
    return octets;
  }

  /// What lies behind the IP header and the extension headers in `repeated`.
  static Bytes fragmentable(const net::UdpFrame& frame, std::size_t repeated = 0) {
    const Bytes whole = net::build(frame);
    std::size_t at = 14 + 4 * frame.tags.size() + (frame.destination.is_ipv4() ? 20 + frame.ipv4_options.size() : 40);
    for (std::size_t i = 0; i < repeated; ++i) at += 1 + frame.extensions[i].body.size();
    return {whole.begin() + static_cast<std::ptrdiff_t>(at), whole.end()};
  }

  /// Cut at `cuts`, sent in the order of `order`.
  static Split cut(const std::string& name, std::vector<std::size_t> cuts, std::vector<std::size_t> order,
                   std::vector<net::ExtensionHeader> repeated = {}, std::vector<net::ExtensionHeader> inside = {}) {
    return {name, [=](net::UdpFrame frame, std::uint32_t identification) {
              const std::uint8_t next = inside.empty() ? 17 : inside.front().type;
              frame.extensions = inside;
              const Bytes payload = fragmentable(frame);
              frame.extensions = repeated;
              std::vector<std::size_t> bounds{0};
              bounds.insert(bounds.end(), cuts.begin(), cuts.end());
              bounds.push_back(payload.size());
              Frames frames;
              for (const std::size_t i : order)
                frames.push_back(fragment(frame, payload, bounds[i], bounds[i + 1], identification, next));
              return frames;
            }};
  }

  static Split whole(const std::string& name, std::vector<net::ExtensionHeader> extensions, const Bytes& options = {},
                     bool checksum = true) {
    return {name, [=](net::UdpFrame frame, std::uint32_t) {
              frame.extensions = extensions;
              frame.ipv4_options = options;
              if (!checksum) frame.udp_checksum = 0;
              return Frames{net::build(frame)};
            }};
  }

  static std::vector<Split> splits(bool ipv4) {
    using net::ExtensionHeader;
    const auto hop_by_hop = ExtensionHeader::padding(0);
    const auto routing = ExtensionHeader::padding(43);
    const auto options = ExtensionHeader::padding(60);
    const auto atomic = ExtensionHeader::fragment(0, false);
    std::vector<Split> all = {
        whole("whole", {}),
        cut("two fragments", {32}, {0, 1}),
        cut("two fragments, the later first", {32}, {1, 0}),
        cut("ports alone", {8}, {0, 1}),
        cut("three fragments, the first last", {16, 40}, {2, 1, 0}),
        cut("later fragments only", {8, 40}, {1, 2}),
    };
    if (ipv4) {
      all.push_back(whole("options", {}, Bytes(40, 1)));
      all.push_back(whole("no checksum", {}, {}, false));
    } else {
      all.push_back(whole("hop-by-hop", {hop_by_hop}));
      all.push_back(whole("routing", {routing}));
      all.push_back(whole("destination options", {options}));
      all.push_back(whole("atomic fragment", {atomic}));
      all.push_back(whole("all four", {hop_by_hop, options, routing, atomic, options}));
      all.push_back(whole("eight", std::vector<ExtensionHeader>(8, options)));
      all.push_back(whole("nine", std::vector<ExtensionHeader>(9, options)));
      all.push_back(whole("a long one", {ExtensionHeader::padding(60, 70)}));
      all.push_back(cut("hop-by-hop, fragments", {32}, {0, 1}, {hop_by_hop}));
      all.push_back(cut("fragments, options inside", {40}, {0, 1}, {}, {options}));
      all.push_back(cut("ports in the second fragment", {8}, {0, 1}, {}, {options}));
      all.push_back(cut("the chain in the second fragment", {8}, {1, 0}, {}, {ExtensionHeader::padding(60, 1)}));
      all.push_back(cut("atomic before fragments", {32}, {0, 1}, {atomic}));
      all.push_back(cut("fragment inside a fragment", {24}, {0, 1}, {}, {atomic}));
    }
    return all;
  }

  std::uint32_t id_;
};

}  // namespace reveille::test
