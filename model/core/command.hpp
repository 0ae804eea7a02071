// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/types.hpp"

namespace reveille::core {

enum class CommandCode : std::uint8_t { wake = 1, reply, reject, close, restore, read, read_location };
enum class ResultCode : std::uint8_t { ok, full, live, not_ready, not_found, wrong_state, bad_argument, busy };

/// A host command as the registers hold it (docs/architecture.md, "Commands").
struct Command {
  std::uint8_t code = 0;
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

  [[nodiscard]] bool is(CommandCode wanted) const { return code == static_cast<std::uint8_t>(wanted); }
  [[nodiscard]] bool inserts() const { return is(CommandCode::wake) || is(CommandCode::restore); }
};

struct CommandResult {
  ResultCode code = ResultCode::ok;
  std::uint16_t location = 0;
  Entry entry;
  EntryState state;
};

}  // namespace reveille::core
