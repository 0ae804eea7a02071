// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/ports.hpp"
#include "net/address.hpp"
#include "reveille/config.hpp"
#include "reveille/verdict.hpp"

/// What the blocks of the cycle-accurate model share (docs/architecture.md). Every block is a class that is stepped
/// once a cycle: its accessors show the outputs of the current cycle, `clock` takes the inputs of that cycle and moves
/// to the next one.
namespace reveille::core {

inline constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 52) - 1;
inline constexpr unsigned kFrameOctets = 9216;      ///< a longer frame is oversize
inline constexpr unsigned kFrameCycles = 16384;     ///< one that takes longer from first to last beat is, too
inline constexpr unsigned kLookupBeats = 7;         ///< a shorter frame has no look-up (docs/timing.md)
inline constexpr unsigned kLookupLatency = 8;       ///< T2
inline constexpr unsigned kDescriptorLatency = 12;  ///< T3
inline constexpr unsigned kVerdictLatency = 14;     ///< T4
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
};

/// CLIENT_INITIATED.mode; 3 drops like 0.
enum class ClientInitiated : std::uint8_t { drop, pass_limited, pass, reserved };

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
};

enum class Phase : std::uint8_t { outstanding, in_service, replied, recovered };

/// An entry of the nonce store; nonce 0 is empty.
struct Entry {
  net::Address client;
  std::uint64_t deadline = 0;  ///< microseconds
  std::uint64_t aux = 0;       ///< wake state, or the expected tag
  std::uint32_t nonce = 0;
  bool operator==(const Entry&) const = default;
};

struct EntryState {
  Phase phase = Phase::outstanding;
  std::uint8_t resends_left = 0;
  std::uint16_t false_nonces = 0;
  bool operator==(const EntryState&) const = default;
};

/// Entry::aux while the phase is outstanding or in_service.
struct WakeState {
  std::uint64_t next = 0;  ///< time of the next Wake Up
  unsigned sent = 0;
  unsigned hop = 0;
  bool snmp = false;  ///< DOI 2
  bool armed = false;
  unsigned source = 0;  ///< index of the server address that Wake Ups come from

  [[nodiscard]] std::uint64_t pack() const {
    return (next & kTimeMask) | std::uint64_t{sent & 0xF} << 52 | std::uint64_t{hop & 7} << 56 |
           std::uint64_t{snmp} << 59 | std::uint64_t{armed} << 60 | std::uint64_t{source & 7} << 61;
  }
  static WakeState unpack(std::uint64_t aux) {
    return {aux & kTimeMask,
            static_cast<unsigned>(aux >> 52 & 0xF),
            static_cast<unsigned>(aux >> 56 & 7),
            (aux >> 59 & 1) != 0,
            (aux >> 60 & 1) != 0,
            static_cast<unsigned>(aux >> 61)};
  }
};

/// A Wake Up for the message framer.
struct WakeupJob {
  net::Address client;
  std::uint32_t nonce = 0;
  std::uint8_t hop = 0;
  bool snmp = false;
  std::uint8_t source = 0;
};

enum class EventKind : std::uint8_t { verdict = 1, expired = 2, wake_failed = 3, guessing = 4 };

struct Event {
  EventKind kind = EventKind::verdict;
  Verdict verdict = Verdict::bypass;
  std::uint64_t time = 0;
  std::uint32_t value = 0;
  net::Address address;
};

/// Words of an event record, an address' included: its first octet in bits 31:24 of its first word.
inline std::array<std::uint32_t, 4> address_words(const net::Address& address) {
  std::array<std::uint32_t, 4> words{};
  for (unsigned i = 0; i < 16; ++i) words[i / 4] = words[i / 4] << 8 | address.octets[i];
  return words;
}

}  // namespace reveille::core
