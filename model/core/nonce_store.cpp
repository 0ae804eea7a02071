// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/nonce_store.hpp"

#include <algorithm>

namespace reveille::core {

NonceStore::Hit NonceStore::find(const Lookup& lookup, unsigned read) const {
  for (unsigned bank = 0; bank < 2; ++bank) {
    for (unsigned way = read * kReadWays; way < (read + 1) * kReadWays; ++way) {
      const std::uint16_t at = location(bank == 0 ? lookup.row0 : lookup.row1, bank, way);
      const Entry& entry = entries_[at];
      if (is_live(entry, lookup.time) && entry.client == lookup.client) {
        return {true, entry.nonce == static_cast<std::uint32_t>(lookup.value), entry.aux == lookup.value, at,
                states_[at]};
      }
    }
  }
  return {};
}

void NonceStore::clear() {
  std::fill(entries_.begin(), entries_.end(), Entry{});
  std::fill(states_.begin(), states_.end(), EntryState{});
}

}  // namespace reveille::core
