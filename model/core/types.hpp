// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "core/ports.hpp"
#include "net/address.hpp"
#include "policy/policy.hpp"

/// What the blocks of the cycle-accurate model share (docs/architecture.md). Every block is a class that is stepped
/// once a cycle: its accessors show the outputs of the current cycle, `clock` takes the inputs of that cycle and moves
/// to the next one.
namespace reveille::core {

inline constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 48) - 1;
inline constexpr unsigned kFrameOctets = 9216;  ///< a longer frame is oversize
inline constexpr unsigned kLookupBeats = 7;     ///< a shorter frame has no look-up (docs/timing.md)
inline constexpr unsigned kVerdictLatency = 8;  ///< T4

/// What the registers tell the other blocks.
struct Configuration {
  policy::ServerConfig server;
  net::Address ipv4;  ///< the server's address registers, enabled or not: sources of what the core sends
  net::Address ipv6;
  unsigned wake_tries = 0;           ///< Wake Ups that a session gets
  std::uint64_t wake_interval = 0;   ///< microseconds to the second Wake Up; doubled each time
  std::uint8_t wake_version = 0x10;  ///< version octet of a Wake Up
  std::uint32_t event_mask = 0;      ///< bit: verdict code
};

enum class Phase : std::uint8_t { outstanding, in_service, replied, recovered };

/// An entry of the nonce store; nonce 0 is empty.
struct Entry {
  net::Address client;
  std::uint64_t deadline = 0;  ///< microseconds, 48 bits
  std::uint64_t aux = 0;       ///< wake state, or the expected tag
  std::uint32_t nonce = 0;
  bool operator==(const Entry&) const = default;
};

struct EntryState {
  Phase phase = Phase::outstanding;
  std::uint8_t resends_left = 0;
  bool operator==(const EntryState&) const = default;
};

/// Entry::aux while the phase is outstanding or in_service.
struct WakeState {
  std::uint64_t next = 0;  ///< time of the next Wake Up, 48 bits
  unsigned sent = 0;
  unsigned hop = 0;
  bool snmp = false;  ///< DOI 2
  bool armed = false;

  [[nodiscard]] std::uint64_t pack() const {
    return (next & kTimeMask) | std::uint64_t{sent & 0xF} << 48 | std::uint64_t{hop & 7} << 52 |
           std::uint64_t{snmp} << 55 | std::uint64_t{armed} << 56;
  }
  static WakeState unpack(std::uint64_t aux) {
    return {aux & kTimeMask, static_cast<unsigned>(aux >> 48 & 0xF), static_cast<unsigned>(aux >> 52 & 7),
            (aux >> 55 & 1) != 0, (aux >> 56 & 1) != 0};
  }
};

/// A Wake Up for the message framer.
struct WakeupJob {
  net::Address client;
  std::uint32_t nonce = 0;
  std::uint8_t hop = 0;
  bool snmp = false;
};

enum class EventKind : std::uint8_t { verdict = 1, expired = 2, wake_failed = 3 };

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
