// SPDX-License-Identifier: Apache-2.0
#include "story/flood.hpp"

#include <algorithm>

#include "nodes/datagram.hpp"

namespace reveille::sim {

namespace {

constexpr std::size_t overheard_limit = 64;
constexpr std::size_t minimum_frame = 60;  // Ethernet without FCS

}  // namespace

Flood::Flood(const std::set<Attack>& attacks, std::vector<net::Address> servers, std::vector<net::Address> clients,
             std::uint64_t seed)
    : servers_(std::move(servers)), clients_(std::move(clients)), random_(seed) {
  // Small frames are what fills a line; replays are long, so they come once for several of the others.
  const auto add = [&](Attack attack, unsigned weight) {
    if (attacks.contains(attack)) attacks_.insert(attacks_.end(), weight, attack);
  };
  add(Attack::garbage, 12);
  add(Attack::false_nonce, 8);
  add(Attack::spoof, 8);
  add(Attack::client_initiated, 4);
  add(Attack::forged_recovered, 4);
  add(Attack::replay, 1);
}

void Flood::overhear(const Bytes& frame) {
  if (overheard_.size() < overheard_limit) {
    overheard_.push_back(frame);
  } else {
    overheard_[random_() % overheard_limit] = frame;
  }
}

const Flood::Frame& Flood::next() {
  Attack attack = attacks_[random_() % attacks_.size()];
  if (attack == Attack::replay && overheard_.empty()) attack = attacks_.front();
  frame_.attack = attack;
  switch (attack) {
    case Attack::replay:
      if (!overheard_.empty()) {
        frame_.octets = overheard_[random_() % overheard_.size()];
        break;
      }
      [[fallthrough]];  // nothing heard yet, and nothing else to do
    case Attack::garbage:
      make_garbage();
      break;
    case Attack::false_nonce:
      make_ap_request(client(), static_cast<std::uint32_t>(random_()) | 1U);
      break;
    case Attack::spoof:
      make_ap_request(stranger(random_() % 4 != 0), static_cast<std::uint32_t>(random_()) | 1U);
      break;
    case Attack::client_initiated:
      make_ap_request(random_() % 2 == 0 ? client() : stranger(true), 0);
      break;
    case Attack::forged_recovered:
      make_recovered(client());
      break;
    case Attack::forged_wakeup:
      break;  // never in attacks_
  }
  return frame_;
}

void Flood::make_garbage() {
  Bytes payload(18);
  for (std::uint8_t& octet : payload) octet = static_cast<std::uint8_t>(random_());
  finish(stranger(true), payload);
}

void Flood::make_ap_request(const net::Address& source, std::uint32_t nonce) {
  // The least that looks like an AP Request: whoever floods does not pay for tickets.
  Bytes payload{2, 1, 0x10, 0x6E, 0};
  append_big_endian(payload, nonce, 4);
  finish(source, payload);
}

void Flood::make_recovered(const net::Address& source) {
  Bytes payload{4, 1, 0x10};
  for (unsigned i = 0; i < 20; ++i) payload.push_back(static_cast<std::uint8_t>(random_()));
  finish(source, payload);
}

void Flood::finish(const net::Address& source, ByteView payload) {
  const auto server = std::ranges::find(servers_, source.is_ipv4(), &net::Address::is_ipv4);
  net::UdpFrame frame;
  frame.source = source;
  frame.destination = server != servers_.end() ? *server : servers_.front();
  frame.source_port = frame.destination_port = nodes::key_management_port;
  frame.payload.assign(payload.begin(), payload.end());
  frame_.octets = net::build(frame);
  if (frame_.octets.size() < minimum_frame) frame_.octets.resize(minimum_frame);
}

const net::Address& Flood::client() { return clients_[random_() % clients_.size()]; }

net::Address Flood::stranger(bool ipv4) {
  if (std::ranges::none_of(servers_, [&](const net::Address& server) { return server.is_ipv4() == ipv4; })) ipv4 = !ipv4;
  net::Address address = net::Address::parse(ipv4 ? "203.0.113.0" : "2001:db8:bad::");
  for (std::size_t i = ipv4 ? 14 : 8; i < 16; ++i) address.octets[i] = static_cast<std::uint8_t>(random_());
  return address;
}

}  // namespace reveille::sim
