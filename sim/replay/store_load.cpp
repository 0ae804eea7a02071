// SPDX-License-Identifier: Apache-2.0
#include "replay/store_load.hpp"

#include <algorithm>
#include <ostream>

#include "planned_load.hpp"
#include "report/text.hpp"

namespace reveille::sim {

ResultCode StoreLoad::command(const driver::Command& command, std::uint64_t time_us) {
  const ResultCode result = engine_.command(command, time_us);
  if (result != ResultCode::ok) return result;
  if (command.code == CommandCode::close) deadlines_.erase(command.client);
  if (!command.inserts()) return result;
  for (; !next_.empty() && next_.top().first <= time_us; next_.pop()) {
    const auto ended = deadlines_.find(next_.top().second);
    if (ended != deadlines_.end() && ended->second <= time_us) deadlines_.erase(ended);
  }
  const std::uint64_t deadline = time_us + command.lifetime;
  deadlines_[command.client] = deadline;
  next_.emplace(deadline, command.client);
  most_ = std::max(most_, deadlines_.size());
  return result;
}

void StoreLoad::note(std::ostream& messages) {
  if (said_ || most_ <= planned_sessions) return;
  said_ = true;
  messages << "replay: more sessions live at once than the " << planned_sessions
           << " that the store of this configuration is planned for (docs/hash.md): it may have no room for one\n";
}

void StoreLoad::print(std::ostream& out) const {
  if (most_ <= planned_sessions) return;
  out << "store: " << grouped(most_) << " sessions at once, planned for " << grouped(planned_sessions) << '\n';
}

}  // namespace reveille::sim
