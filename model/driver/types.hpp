// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "reveille/common/session.hpp"
#include "reveille/net/address.hpp"
#include "reveille/verdict.hpp"

/// What the registers speak of (docs/architecture.md, A11 to A13, A20 to A22).
namespace reveille::driver {

/// CLIENT_INITIATED.mode; 3 drops like 0.
enum class ClientInitiated : std::uint8_t { drop, pass_limited, pass, reserved };

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
  static constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 52) - 1;
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

/// A host command as the registers hold it.
struct Command {
  CommandCode code = CommandCode::none;
  net::Address client;
  std::uint64_t lifetime = 0;  ///< microseconds
  std::uint64_t tag = 0;
  std::uint32_t nonce = 0;
  std::uint16_t location = 0;
  Phase phase = Phase::outstanding;
  std::uint8_t hop = 0;
  bool snmp = false;  ///< DOI 2
  bool armed = false;
  std::uint8_t source = 0;

  [[nodiscard]] bool inserts() const { return code == CommandCode::wake || code == CommandCode::restore; }
  bool operator==(const Command&) const = default;
};

struct CommandResult {
  ResultCode code = ResultCode::ok;
  std::uint16_t location = 0;
  Entry entry;
  EntryState state;
  bool operator==(const CommandResult&) const = default;
};

enum class EventKind : std::uint8_t { verdict = 1, expired = 2, wake_failed = 3, guessing = 4 };

struct Event {
  EventKind kind = EventKind::verdict;
  Verdict verdict = Verdict::bypass;
  std::uint64_t time = 0;
  std::uint32_t value = 0;
  net::Address address;
  bool operator==(const Event&) const = default;
};

/// Words of an event record, an address' included: its first octet in bits 31:24 of its first word.
inline std::array<std::uint32_t, 4> address_words(const net::Address& address) {
  std::array<std::uint32_t, 4> words{};
  for (unsigned i = 0; i < 16; ++i) words[i / 4] = words[i / 4] << 8 | address.octets[i];
  return words;
}

/// An Ethernet address and the rest of a next hop as the framing memory holds it; a TPID of 0 means no VLAN tag.
struct Hop {
  std::array<std::uint8_t, 6> destination{};
  std::array<std::uint8_t, 6> source{};
  std::uint16_t tpid = 0;
  std::uint16_t tci = 0;
};

/// What the guard goes by (docs/protocol.md, part 3).
struct ServerSetup {
  std::vector<net::Address> ipv4;  ///< at most as many as there are registers
  std::vector<net::Address> ipv6;
  bool listed = false;  ///< judge only frames to these addresses
  bool drop_later_fragments = false;
  std::uint16_t port = 1293;
  bool doi_ipsec = true;
  bool doi_snmp = true;
  std::vector<std::uint8_t> versions = {0x10};  ///< at most 4
  ClientInitiated client_initiated = ClientInitiated::drop;
  std::uint64_t interval_us = 0;
  std::uint64_t tolerance_us = 0;
  unsigned resend_budget = 2;

  [[nodiscard]] const std::vector<net::Address>& addresses(bool of_ipv4) const { return of_ipv4 ? ipv4 : ipv6; }
};

/// Everything that the host sets up before it lets frames in.
struct Setup {
  ServerSetup server;
  unsigned guess_threshold = 16;
  std::uint32_t noise_silence = 0x1000000;  ///< cycles; 0: however long
  unsigned restart_limit = 3;
  unsigned wake_tries = 5;
  std::uint32_t wake_interval_us = 1000000;
  std::uint8_t wake_version = 0x10;
  std::uint32_t event_mask = 0x9FFE;
  std::vector<Hop> hops;  ///< at most 8
  std::string principal;  ///< at most 127 characters
};

}  // namespace reveille::driver
