// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "reveille/core/frame_parser.hpp"
#include "reveille/core/types.hpp"

namespace reveille::core {

/// The memories of sessions and their comparators (docs/architecture.md, "Nonce store"; docs/timing/guard.md, N1 to
/// N4). A read shows what was written in earlier cycles; who may read or write when is the callers' business, as in the
/// core.
class NonceStore {
 public:
  static constexpr unsigned kSessions = config::kSessions;
  static constexpr unsigned kWays = 4;  ///< of a row in each of the two banks
  static constexpr unsigned kRows = kSessions / (2 * kWays);
  static constexpr unsigned kReadWays = kWays / config::kLookupCycles;  ///< of a bank, in one read cycle

  static constexpr std::uint16_t location(unsigned row, unsigned bank, unsigned way) {
    return static_cast<std::uint16_t>(row << 3 | bank << 2 | way);
  }

  /// Flags of the entry that a look-up hit in one read cycle (N3).
  struct Hit {
    bool live = false;
    bool nonce_equal = false;
    bool aux_equal = false;
    std::uint16_t location = 0;
    EntryState state;
    bool operator==(const Hit&) const = default;
  };
  /// What read cycle `read` of a look-up reads, the first one is 0: the next `kReadWays` ways of row0 in bank 0 and of
  /// row1 in bank 1 (T2, T13).
  [[nodiscard]] Hit find(const Lookup& lookup, unsigned read) const;

  [[nodiscard]] const Entry& entry(unsigned location) const { return entries_[location]; }
  [[nodiscard]] EntryState state(unsigned location) const { return states_[location]; }
  void write(unsigned location, const Entry& entry) { entries_[location] = entry; }
  void write(unsigned location, EntryState state) { states_[location] = state; }
  /// The two halves of a state: phase and resends_left, and false_nonces.
  void write_phase(unsigned location, EntryState state) {
    states_[location].phase = state.phase;
    states_[location].resends_left = state.resends_left;
  }
  void write_false_nonces(unsigned location, std::uint16_t false_nonces) {
    states_[location].false_nonces = false_nonces;
  }
  void clear();
  bool operator==(const NonceStore&) const = default;

 private:
  std::vector<Entry> entries_ = std::vector<Entry>(kSessions);
  std::vector<EntryState> states_ = std::vector<EntryState>(kSessions);
};

inline bool is_live(const Entry& entry, std::uint64_t now) { return entry.nonce != 0 && now < entry.deadline; }

}  // namespace reveille::core
