// SPDX-License-Identifier: Apache-2.0
//
// The words that the benches of rtl/guard share: an entry, a command and what comes of it, the hash of a client
// (docs/architecture.md), and all that session control sees and answers in a cycle.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "guard/packed.hpp"

namespace reveille::tb {

using Time = std::uint64_t;
inline constexpr Time kTimeMask = (Time{1} << 52) - 1;

enum Phase : std::uint8_t { kOutstanding, kInService, kReplied, kRecovered };
enum Opcode : std::uint8_t { kNone, kWake, kReply, kReject, kClose, kRestore, kRead, kReadLocation };
enum Code : std::uint8_t { kOk, kFull, kLive, kNotReady, kNotFound, kWrongState, kBadArgument };

struct Entry {
  u128 client = 0;
  std::uint32_t nonce = 0;
  Time deadline = 0;
  std::uint64_t aux = 0;
  std::uint8_t phase = 0, resends_left = 0;
  std::uint16_t false_nonces = 0;

  [[nodiscard]] bool live(Time now) const { return nonce != 0 && now < deadline; }
  [[nodiscard]] bool holds(u128 address) const { return nonce != 0 && client == address; }
  bool operator==(const Entry&) const = default;
};

struct Rows {
  unsigned row0, row1;
};

/// Word 256 i + j is table i's entry for the octet j.
using HashTables = std::vector<std::uint32_t>;
inline constexpr unsigned kHashWords = 4096;

/// docs/architecture.md, "Hash": the tables that nonces make.
inline HashTables tables_of(const std::vector<std::uint32_t>& nonces) {
  HashTables tables = nonces;
  for (std::uint32_t& word : tables) word &= 0x3ffff;
  return tables;
}

inline bool is_ipv4(u128 client) { return client >> 32 == 0xffff; }

/// The same: a client's rows.
inline Rows hash(const HashTables& tables, u128 client) {
  std::uint32_t result = 0;
  for (unsigned i = is_ipv4(client) ? 12 : 0; i < 16; ++i) {
    result ^= tables[256 * i + static_cast<unsigned>(client >> (120 - 8 * i) & 0xff)];
  }
  return {result >> 9, result & 0x1ff};
}

/// Way 0 to 3 of a bank's row.
inline unsigned location(unsigned row, unsigned bank, unsigned way) { return row << 3 | bank << 2 | way; }

struct Command {
  Opcode opcode = kNone;
  u128 client = 0;
  Time lifetime = 0;
  std::uint32_t nonce = 0;
  std::uint8_t phase = 0;
  std::uint64_t tag = 0;
  std::uint8_t hop = 0;
  bool doi = false, armed = false;
  std::uint8_t source = 0;
  unsigned location = 0;
};

struct Result {
  Code code = kOk;
  unsigned location = 0;
  Entry entry{};
  bool operator==(const Result&) const = default;
};

struct Wakeup {
  u128 client = 0;
  std::uint32_t nonce = 0;
  std::uint8_t hop = 0;
  bool doi = false;
  std::uint8_t source = 0;
  bool operator==(const Wakeup&) const = default;
};

enum EventKind : std::uint8_t { kExpired = 2, kWakeFailed = 3 };
struct Event {
  EventKind kind = kExpired;
  Time now = 0;
  std::uint32_t nonce = 0;
  u128 client = 0;
  bool operator==(const Event&) const = default;
};

/// What session control sees in a cycle.
struct Inputs {
  Time time = 0;  // the store time
  bool free = true;
  bool ipv4_enable = true, ipv6_enable = true;
  std::uint8_t resend_budget = 0, wake_tries = 0;
  std::uint32_t wake_interval = 0;
  bool command_valid = false;
  Command command;
  bool seeded = false, nonce_valid = false;
  std::uint32_t nonce = 0;
  bool wakeup_ready = false, event_ready = false;
};

enum class Walk : std::uint8_t { sweep, wake };

/// What it answers in the same cycle.
struct Outputs {
  bool done = false, ready = false, cleared = false, nonce_ready = false;
  Result result;
  std::optional<std::pair<unsigned, std::uint32_t>> hash_write;  // index, word
  bool hash_start = false;
  std::optional<Wakeup> wakeup;
  std::optional<Event> event;
  std::optional<unsigned> insert;                    // location (V4)
  std::optional<std::pair<Walk, unsigned>> visited;  // v: whose visit, and of which location
  bool s10 = false;                                  // ... it is a wake's
  bool found = false;                                // the cycle is a of S7
};

}  // namespace reveille::tb
