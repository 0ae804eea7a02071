// SPDX-License-Identifier: Apache-2.0
#include "story/flood.hpp"

#include "reveille/keymgmt/messages.hpp"

namespace reveille::sim {

namespace {

constexpr std::size_t overheard_limit = 64;
constexpr std::size_t minimum_frame = 60;  // Ethernet without FCS
// One forged AP Request in so many is a whole one.
constexpr unsigned whole_request_share = 32;
constexpr unsigned whole_request_share_of_holes = 2;

}  // namespace

Flood::Flood(const std::set<Attack>& attacks, const ServerHost& host, std::vector<net::Address> clients,
             std::uint64_t seed)
    : host_(host), clients_(std::move(clients)), random_(seed) {
  // Small frames are what fills a line; replays are long, so they come once for several of the others.
  const auto add = [&](Attack attack, unsigned weight) {
    if (attacks.contains(attack)) attacks_.insert(attacks_.end(), weight, attack);
  };
  add(Attack::garbage, 12);
  add(Attack::false_nonce, 8);
  add(Attack::spoof, 8);
  add(Attack::client_initiated, 4);
  add(Attack::forged_recovered, 4);
  add(Attack::holes, 2);
  add(Attack::replay, 1);
}

void Flood::overhear(const Bytes& frame) {
  if (overheard_.size() < overheard_limit) {
    overheard_.push_back(frame);
  } else {
    overheard_[random_() % overheard_limit] = frame;
  }
}

const Flood::Frame* Flood::next() {
  Attack attack = attacks_[random_() % attacks_.size()];
  if (attack == Attack::replay && overheard_.empty()) attack = attacks_.front();
  frame_.attack = attack;
  frame_.hole = nullptr;
  switch (attack) {
    case Attack::replay:
      if (overheard_.empty()) return nullptr;
      frame_.octets = overheard_[random_() % overheard_.size()];
      break;
    case Attack::garbage: make_garbage(); break;
    case Attack::false_nonce: make_ap_request(client(), wrong_nonce()); break;
    case Attack::spoof: make_ap_request(stranger(random_() % 4 != 0), wrong_nonce()); break;
    case Attack::client_initiated: make_ap_request(random_() % 2 == 0 ? client() : stranger(true), 0); break;
    case Attack::forged_recovered: make_recovered(client()); break;
    case Attack::holes: make_hole(); break;
    case Attack::forged_wakeup: break;  // never in attacks_
  }
  return &frame_;
}

void Flood::make_garbage() {
  // Everything that a scanner or a careless forger sends; the verdict each one earns is in the comment.
  const bool ipv4 = random_() % 4 != 0;
  net::UdpFrame frame = towards_server(stranger(ipv4));
  frame.payload.resize(18);
  for (std::uint8_t& octet : frame.payload) octet = static_cast<std::uint8_t>(random_());
  switch (random_() % 8) {
    case 0:  // bad_checksum
      frame.udp_checksum = static_cast<std::uint16_t>(random_() | 1U);
      break;
    case 1:  // bad_length
      frame.udp_length = static_cast<std::uint16_t>(27 + random_() % 1000);
      break;
    case 2:  // fragmented
      if (frame.source.is_ipv4()) {
        frame.ipv4_fragment = 0x2000;
      } else {
        frame.extensions = {net::ExtensionHeader::fragment(0, true)};
      }
      break;
    case 3:  // bad_source
      frame.source = net::Address::parse(frame.source.is_ipv4() ? "127.0.0.1" : "::1");
      break;
    case 4:  // wrong_direction
      frame.payload[0] = 3;
      frame.payload[1] = 1;
      frame.payload[2] = 0x10;
      break;
    case 5:  // malformed
      frame.payload[0] = 2;
      frame.payload[1] = 1;
      frame.payload[2] = 0x10;
      frame.payload[3] = 0x30;
      break;
    case 6:  // unparsable, in IPv6
      if (!frame.source.is_ipv4()) frame.extensions.assign(9, net::ExtensionHeader::padding(60));
      break;
    default:  // unsupported, but for one in 256
      break;
  }
  finish(net::build(frame));
}

void Flood::make_ap_request(const net::Address& source, std::uint32_t nonce) {
  net::UdpFrame frame = towards_server(source);
  frame.payload = ap_request(nonce, whole_request_share);
  finish(net::build(frame));
}

Bytes Flood::ap_request(std::uint32_t nonce, unsigned whole_share) {
  if (!overheard_.empty() && random_() % whole_share == 0) {
    const net::UdpDatagram heard = net::parse(overheard_[random_() % overheard_.size()]);
    auto request = keymgmt::decode_as<keymgmt::ApRequest>(heard.payload);
    request.server_nonce = nonce;
    return keymgmt::encode(request);
  }
  // The least that looks like an AP Request: whoever floods does not pay for tickets.
  Bytes request = {2, 1, 0x10, 0x6E, 0};
  append_big_endian(request, nonce, 4);
  return request;
}

void Flood::make_hole() {
  const Hole& hole = holes()[next_hole_++ % holes().size()];
  // From a client's address, where there is one of that family; the core looks that one up.
  const net::Address& somebody = client();
  net::UdpFrame frame = towards_server(somebody.is_ipv4() == hole.ipv4 ? somebody : stranger(hole.ipv4));
  frame.payload = ap_request(wrong_nonce(), whole_request_share_of_holes);
  frame_.hole = &hole;
  finish(hole.frame(std::move(frame), host_));
}

void Flood::make_recovered(const net::Address& source) {
  net::UdpFrame frame = towards_server(source);
  frame.payload = {4, 1, 0x10};
  for (unsigned i = 0; i < 20; ++i) frame.payload.push_back(static_cast<std::uint8_t>(random_()));
  finish(net::build(frame));
}

net::UdpFrame Flood::towards_server(const net::Address& source) const {
  net::UdpFrame frame;
  frame.ethernet_destination = host_.ethernet;
  frame.source = source;
  frame.destination = source.is_ipv4() ? host_.ipv4 : host_.ipv6;
  frame.source_port = frame.destination_port = keymgmt::udp_port;
  return frame;
}

void Flood::finish(Bytes octets) {
  frame_.octets = std::move(octets);
  if (frame_.octets.size() < minimum_frame) frame_.octets.resize(minimum_frame);
}

const net::Address& Flood::client() { return clients_[random_() % clients_.size()]; }

net::Address Flood::stranger(bool ipv4) {
  net::Address address = net::Address::parse(ipv4 ? "203.0.113.0" : "2001:db8:bad::");
  for (std::size_t i = ipv4 ? 14 : 8; i < 16; ++i) address.octets[i] = static_cast<std::uint8_t>(random_());
  return address;
}

}  // namespace reveille::sim
