// SPDX-License-Identifier: Apache-2.0
#include "story/cast.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace reveille::sim {

net::Address cta_address(unsigned index, bool ipv4) {
  net::Address address = net::Address::parse(ipv4 ? "198.18.0.0" : "2001:db8:c7a::");
  const unsigned number = index + 1;
  address.octets[14] = static_cast<std::uint8_t>(number >> 8);
  address.octets[15] = static_cast<std::uint8_t>(number);
  return address;
}

std::string cta_name(unsigned index) { return "cta" + std::to_string(index + 1); }

std::vector<Character> cast(const Scenario& scenario) {
  std::vector<Character> characters(scenario.ctas);
  std::mt19937_64 random(scenario.seed ^ 0xCA57);
  const auto deal = [&](double share, std::size_t from, auto mark) {
    const auto count = std::min(static_cast<std::size_t>(std::lround(share * static_cast<double>(scenario.ctas))),
                                scenario.ctas - from);
    for (std::size_t i = from; i < from + count; ++i) mark(characters[i]);
    return from + count;
  };
  // Dead, late and stale exclude each other; the rest is independent.
  std::size_t next = deal(scenario.dead_share, 0, [](Character& character) { character.dead = true; });
  next = deal(scenario.late_share, next, [](Character& character) { character.late = true; });
  deal(scenario.stale_clock_share, next, [](Character& character) { character.stale_clock = true; });
  // std::shuffle differs between standard libraries; this does not.
  const auto shuffle = [&] {
    for (std::size_t i = characters.size(); i > 1; --i) std::swap(characters[i - 1], characters[random() % i]);
  };
  shuffle();
  deal(scenario.ipv6_share, 0, [](Character& character) { character.ipv4 = false; });
  shuffle();
  deal(scenario.no_ticket_share, 0, [](Character& character) { character.has_ticket = false; });
  shuffle();
  return characters;
}

}  // namespace reveille::sim
