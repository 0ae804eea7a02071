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

ResultCode RecordedHost::perform(const RecordedCommand& command, std::uint64_t time_us) {
  switch (command.code) {
    case CommandCode::wake:
      return store_.restore(
          {.client = command.client, .nonce = command.nonce, .lifetime_us = command.until_us - time_us}, time_us);
    case CommandCode::restore:
      return store_.restore({.client = command.client,
                             .nonce = command.nonce,
                             .phase = Phase::replied,
                             .expected_tag = command.expected_tag,
                             .lifetime_us = command.until_us - time_us},
                            time_us);
    case CommandCode::reply: return engine_.reply(command.client, command.expected_tag, time_us);
    case CommandCode::reject: return engine_.reject(command.client, time_us);
    case CommandCode::close: return store_.close(command.client, time_us);
    default: return ResultCode::bad_argument;
  }
}

void RecordedHost::print(std::ostream& out) const {
  if (commands_.empty()) return;
  out << "host: " << grouped(next_) << " of " << grouped(commands_.size()) << " commands of the sessions file\n";
  const auto note = [&](const Refused& refused, const char* what, const char* why) {
    if (refused.count == 0) return;
    out << "note: " << grouped(refused.count) << " of them " << what << ", the first commands[" << refused.first
        << "] for client " << net::format(commands_[refused.first].client) << ": " << why << '\n';
  };
  note(no_room_, "found no room in the store of this configuration", "these clients count as not woken");
  note(refused_, "were refused", "the capture does not hold the frames that the host answered so");
}

}  // namespace reveille::sim
