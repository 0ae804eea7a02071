// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <iomanip>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "reveille/net/address.hpp"

/// What the hash tables' luck does to the store's load (docs/hash.md): families of clients, the insert rule of
/// docs/architecture.md, and the table that docs/hash.md shows. Whoever has rows of clients can be asked.
namespace reveille::hash_load {

inline constexpr unsigned kSessions = 4096;
inline constexpr unsigned kWays = 4;
inline constexpr unsigned kStop = 2900;  // clients a start: by then somebody has been refused

using Rows = std::pair<unsigned, unsigned>;

/// A family of clients, in the order in which they are woken.
struct Family {
  std::string name;
  std::vector<net::Address> clients;
};

inline net::Address ipv4(std::uint32_t value) {
  net::Address address = net::Address::parse("0.0.0.0");
  for (unsigned i = 0; i < 4; ++i) address.octets[12 + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  return address;
}

inline std::vector<Family> families(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Family> all;
  const auto add = [&](const std::string& name, const std::function<net::Address(unsigned)>& make) {
    Family family{name, {}};
    for (unsigned i = 0; i < kStop; ++i) family.clients.push_back(make(i));
    all.push_back(std::move(family));
  };
  const auto base = static_cast<std::uint32_t>(random() & 0x0FFF'FF00);
  add("consecutive IPv4", [=](unsigned i) { return ipv4(base + i); });
  add("the same, shuffled", [=](unsigned i) { return ipv4(base + i); });
  std::shuffle(all.back().clients.begin(), all.back().clients.end(), random);
  add("/24s by 32", [=](unsigned i) { return ipv4(base + i / 32 * 256 + i % 32 + 1); });
  add("stride 16", [=](unsigned i) { return ipv4(base + 16 * i); });
  add("stride 256", [=](unsigned i) { return ipv4(base + 256 * i); });
  add("EUI-64 of one vendor", [=](unsigned i) {
    net::Address address = net::Address::parse("2001:db8:1:2:21b:2cff:fe00:0");
    for (unsigned octet = 0; octet < 3; ++octet)
      address.octets[13 + octet] = static_cast<std::uint8_t>((base + i) >> (16 - 8 * octet));
    return address;
  });
  add("random IPv6", [&](unsigned) {
    net::Address address = net::Address::parse("2001:db8::");
    for (unsigned octet = 4; octet < 16; ++octet) address.octets[octet] = static_cast<std::uint8_t>(random());
    return address;
  });
  return all;
}

/// The number of clients inserted before the first one that is refused, or kStop.
template <typename RowsOf>
unsigned first_refusal(const Family& family, RowsOf&& rows_of) {
  std::array<std::array<std::uint8_t, 512>, 2> live{};
  for (unsigned i = 0; i < family.clients.size(); ++i) {
    const Rows rows = rows_of(family.clients[i]);
    std::uint8_t& bank0 = live[0][rows.first];
    std::uint8_t& bank1 = live[1][rows.second];
    std::uint8_t& chosen = bank1 < bank0 ? bank1 : bank0;
    if (chosen == kWays) return i;
    ++chosen;
  }
  return kStop;
}

/// A line of the table, from the first refusals of so many starts.
inline void print(const std::string& family, std::vector<unsigned> first) {
  std::sort(first.begin(), first.end());
  const auto refused_at = [&first](unsigned load) {
    return 100.0 * static_cast<double>(std::lower_bound(first.begin(), first.end(), load) - first.begin()) /
           static_cast<double>(first.size());
  };
  std::cout << "| " << std::left << std::setw(20) << family << std::right << " | " << std::setw(6) << first.size()
            << std::fixed << std::setprecision(2);
  for (const unsigned percent : {50U, 55U, 60U})
    std::cout << " | " << std::setw(6) << refused_at(kSessions * percent / 100);
  std::cout << " | " << first.front() << " | " << first[first.size() / 100] << " | " << first[first.size() / 2]
            << " |\n";
}

inline void print_header() {
  std::cout << "| clients | starts | refused at 50 % load, % of starts | 55 % | 60 % | first refusal: least | 1 % | "
               "median |\n"
               "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
}

}  // namespace reveille::hash_load
