// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "reveille/config.hpp"
#include "reveille/core/ports.hpp"
#include "reveille/driver/types.hpp"

/// What the blocks of the cycle-accurate model share (docs/architecture.md). Every block is a class that is stepped
/// once a cycle: its accessors show the outputs of the current cycle, `clock` takes the inputs of that cycle and moves
/// to the next one.
namespace reveille::core {

using driver::address_words, driver::ClientInitiated, driver::Entry, driver::EntryState, driver::Event,
    driver::EventKind, driver::WakeState;

inline constexpr std::uint64_t kTimeMask = WakeState::kTimeMask;
inline constexpr unsigned kFrameOctets = 9216;      ///< a longer frame is oversize
inline constexpr unsigned kFrameCycles = 16384;     ///< one that takes longer from first to last beat is, too
inline constexpr unsigned kLookupBeats = 7;         ///< a shorter frame has no look-up (docs/timing.md)
inline constexpr unsigned kLookupLatency = 8;       ///< T2
inline constexpr unsigned kDescriptorLatency = 12;  ///< T3
inline constexpr unsigned kVerdictLatency = kDescriptorLatency + config::kLookupCycles;  ///< T4, T13
inline constexpr unsigned kServerAddresses = std::max(config::kIpv4Addresses, config::kIpv6Addresses);
inline constexpr unsigned kServerVersions = 4;
inline constexpr unsigned kMostFalseNonces = 511;

/// Nothing that is added to a time wraps.
constexpr std::uint64_t add_time(std::uint64_t time, std::uint64_t span) { return std::min(time + span, kTimeMask); }

/// The server's addresses of one family, as the registers hold them. One that there is no register for is not enabled.
struct ServerAddresses {
  std::array<net::Address, kServerAddresses> address{};
  std::uint8_t enabled = 0;  ///< bit i: address i counts

  [[nodiscard]] bool any() const { return enabled != 0; }
  [[nodiscard]] bool is_enabled(unsigned index) const {
    return index < kServerAddresses && (enabled >> index & 1) != 0;
  }
  [[nodiscard]] bool contain(const net::Address& wanted) const {
    for (unsigned i = 0; i < kServerAddresses; ++i) {
      if (is_enabled(i) && address[i] == wanted) return true;
    }
    return false;
  }
  bool operator==(const ServerAddresses&) const = default;
};

/// What the registers tell the other blocks.
struct Configuration {
  ServerAddresses ipv4;
  ServerAddresses ipv6;
  bool listed = false;  ///< POLICY.destination: only frames to an enabled address are judged
  bool drop_later_fragments = false;
  std::uint16_t port = 1293;
  bool doi_ipsec = true;
  bool doi_snmp = true;
  std::array<std::uint8_t, kServerVersions> versions{0x10, 0, 0, 0};
  std::uint8_t versions_enabled = 1;
  ClientInitiated client_initiated = ClientInitiated::drop;
  std::uint64_t interval = 0;
  std::uint64_t tolerance = 0;
  unsigned resend_budget = 2;
  unsigned guess_threshold = 16;
  unsigned wake_tries = 5;           ///< Wake Ups that a session gets
  std::uint64_t wake_interval = 0;   ///< microseconds to the second Wake Up; doubled each time
  std::uint8_t wake_version = 0x10;  ///< version octet of a Wake Up
  std::uint32_t event_mask = 0;      ///< bit: verdict code
  std::uint64_t silence_limit = 0;   ///< cycles without a noise sample that are a failure; 0: none are
  unsigned restart_limit = 3;        ///< of the nonce generator, by itself

  [[nodiscard]] const ServerAddresses& server(bool is_ipv4) const { return is_ipv4 ? ipv4 : ipv6; }
  bool operator==(const Configuration&) const = default;
};

/// A Wake Up for the message framer.
struct WakeupJob {
  net::Address client;
  std::uint32_t nonce = 0;
  std::uint8_t hop = 0;
  bool snmp = false;
  std::uint8_t source = 0;
  bool operator==(const WakeupJob&) const = default;
};

}  // namespace reveille::core
