// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/command.hpp"
#include "reveille/core/nonce_store.hpp"

namespace reveille::core {

/// The eight places where a command's client may be, and which of them the command is for (docs/architecture.md,
/// "Insert" and "Commands").
class SessionFind {
 public:
  struct Candidate {
    std::uint16_t location = 0;
    bool live = false;
    bool holds_client = false;
    EntryState state;
    Entry entry;
    bool operator==(const Candidate&) const = default;
  };

  /// What read cycle `cycle` of a look-up reads of both rows (NonceStore::find), as it is now.
  void read(unsigned cycle, const net::Address& client, ClientHash::Rows rows, std::uint64_t now,
            const NonceStore& store);
  /// `ok`: `chosen` is where the command acts.
  ResultCode decide(const Command& command);
  [[nodiscard]] const Candidate& chosen() const { return candidates_[chosen_]; }
  bool operator==(const SessionFind&) const = default;

 private:
  ResultCode choose_empty_way();
  std::array<Candidate, std::size_t{2} * NonceStore::kWays> candidates_{};  // by bank and way
  unsigned chosen_ = 0;
};

}  // namespace reveille::core
