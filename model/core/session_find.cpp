// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/session_find.hpp"

#include <algorithm>

namespace reveille::core {

void SessionFind::read(unsigned cycle, const net::Address& client, ClientHash::Rows rows, std::uint64_t now,
                       const NonceStore& store) {
  constexpr unsigned ways = NonceStore::kReadWays;
  for (unsigned bank = 0; bank < 2; ++bank) {
    for (unsigned way = cycle * ways; way < (cycle + 1) * ways; ++way) {
      Candidate& candidate = candidates_[bank * NonceStore::kWays + way];
      candidate.location = NonceStore::location(bank == 0 ? rows.row0 : rows.row1, bank, way);
      candidate.entry = store.entry(candidate.location);
      candidate.state = store.state(candidate.location);
      candidate.live = is_live(candidate.entry, now);
      candidate.holds_client = candidate.entry.nonce != 0 && candidate.entry.client == client;
    }
  }
}

ResultCode SessionFind::decide(const Command& command) {
  const auto holder =
      std::find_if(candidates_.begin(), candidates_.end(), [](const Candidate& c) { return c.holds_client; });
  const bool held = holder != candidates_.end();
  const bool live = held && holder->live;
  if (held) chosen_ = static_cast<unsigned>(holder - candidates_.begin());
  if (command.inserts()) {
    if (live) return ResultCode::live;
    return held ? ResultCode::ok : choose_empty_way();
  }
  if (!live) return ResultCode::not_found;
  const bool needs_service = command.code == CommandCode::reply || command.code == CommandCode::reject;
  return needs_service && holder->state.phase != Phase::in_service ? ResultCode::wrong_state : ResultCode::ok;
}

ResultCode SessionFind::choose_empty_way() {
  const auto empty = [](const Candidate& c) { return c.entry.nonce == 0; };
  const auto begin = candidates_.begin();
  const auto bank1 = begin + NonceStore::kWays;
  const bool use_bank1 = std::count_if(bank1, candidates_.end(), empty) > std::count_if(begin, bank1, empty);
  const auto way = std::find_if(use_bank1 ? bank1 : begin, candidates_.end(), empty);
  if (way == candidates_.end()) return ResultCode::full;
  chosen_ = static_cast<unsigned>(way - begin);
  return ResultCode::ok;
}

}  // namespace reveille::core
