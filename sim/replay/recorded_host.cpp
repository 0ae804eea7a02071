// SPDX-License-Identifier: Apache-2.0
#include "replay/recorded_host.hpp"

#include <ostream>

#include "report/text.hpp"

namespace reveille::sim {

void RecordedHost::perform(std::uint64_t time_ns) {
  for (; next_ < commands_.size() && commands_[next_].time_ns <= time_ns; ++next_) {
    const ResultCode result = perform(commands_[next_], commands_[next_].time_ns / 1'000);
    if (result == ResultCode::ok) continue;
    Refused& refused = result == ResultCode::full ? no_room_ : refused_;
    if (refused.count++ == 0) refused.first = next_;
  }
}

ResultCode RecordedHost::perform(const RecordedCommand& recorded, std::uint64_t time_us) {
  driver::Command command = recorded.command;
  if (command.code == CommandCode::wake) command.code = CommandCode::restore;  // with the nonce that was drawn
  if (command.inserts()) command.lifetime = recorded.until_us - time_us;
  return store_.command(command, time_us);
}

void RecordedHost::print(std::ostream& out) const {
  if (commands_.empty()) return;
  out << "host: " << grouped(next_) << " of " << grouped(commands_.size()) << " commands of the sessions file\n";
  const auto note = [&](const Refused& refused, const char* what, const char* why) {
    if (refused.count == 0) return;
    out << "note: " << grouped(refused.count) << " of them " << what << ", the first commands[" << refused.first
        << "] for client " << net::format(commands_[refused.first].command.client) << ": " << why << '\n';
  };
  note(no_room_, "found no room in the store of this configuration", "these clients count as not woken");
  note(refused_, "were refused", "the capture does not hold the frames that the host answered so");
}

}  // namespace reveille::sim
