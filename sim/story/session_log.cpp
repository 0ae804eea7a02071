// SPDX-License-Identifier: Apache-2.0
#include "story/session_log.hpp"

#include <algorithm>

#include "capture/frame_view.hpp"
#include "reveille/keymgmt/messages.hpp"

namespace reveille::sim {

namespace {

/// Longer than a command and a frame together.
constexpr std::uint64_t memory_ns = 20'000;
/// From the cycle after a frame's last beat to its look-up (docs/timing.md), and a cycle, in nanoseconds.
constexpr std::uint64_t look_up_cycles = 9;
constexpr double cycle_ns = 6.4;

bool is_message(const FrameView& frame, keymgmt::MessageId id) {
  return frame.udp && !frame.payload.empty() && frame.payload[0] == static_cast<std::uint8_t>(id);
}

}  // namespace

/// Whether the client's frame would have had another verdict before the command.
bool SessionLog::shows(CommandCode command, const Judged& judged) {
  switch (command) {
    case CommandCode::wake:
    case CommandCode::restore: return judged.verdict != Verdict::not_woken;
    case CommandCode::close: return judged.verdict == Verdict::not_woken;
    case CommandCode::reject: return judged.verdict == Verdict::accepted;
    case CommandCode::reply:
      return judged.verdict == Verdict::resend || judged.verdict == Verdict::sa_recovered ||
             (judged.verdict == Verdict::false_nonce && judged.sa_recovered);
    default: return false;
  }
}

void SessionLog::succeeded(const driver::Command& command, std::uint64_t begun_ns, std::uint64_t now_ns) {
  newest_ns_ = now_ns;
  // Where the host drew the nonce itself, for a Rekey, the session is one as a wake makes.
  const bool wakes = command.code == CommandCode::restore && command.phase == Phase::outstanding;
  RecordedCommand recorded{
      .time_ns = now_ns, .command = command, .until_us = command.inserts() ? begun_ns / 1'000 + command.lifetime : 0};
  if (wakes) recorded.command.code = CommandCode::wake;
  const auto first = std::ranges::find_if(recent_, [&](const Judged& judged) {
    return judged.client == command.client && judged.looked_up_ns >= begun_ns && shows(command.code, judged);
  });
  if (first != recent_.end()) recorded.time_ns = std::min(now_ns, first->begun_ns);
  last_[command.client] = commands_.size();
  if (command.inserts()) wakes_[command.client] = commands_.size();
  commands_.push_back(recorded);
}

void SessionLog::judged(ByteView frame, std::uint64_t begun_ns, Verdict verdict) {
  if (verdict < Verdict::not_woken) return;
  const std::optional<FrameView> seen = view(frame);
  if (!seen) return;
  const auto arriving_ns =
      static_cast<std::uint64_t>(static_cast<double>((frame.size() + 7) / 8 + look_up_cycles) * cycle_ns);
  const Judged judged{begun_ns, begun_ns + arriving_ns, seen->source, verdict,
                      is_message(*seen, keymgmt::MessageId::sa_recovered)};
  while (!recent_.empty() && recent_.front().begun_ns + memory_ns < begun_ns) recent_.pop_front();
  recent_.push_back(judged);
  note_life(judged);
  if (begun_ns >= newest_ns_) return;
  const auto last = last_.find(judged.client);
  if (last == last_.end()) return;
  RecordedCommand& command = commands_[last->second];
  if (begun_ns < command.time_ns && shows(command.command.code, judged)) command.time_ns = begun_ns;
}

void SessionLog::note_life(const Judged& judged) {
  const auto wake = wakes_.find(judged.client);
  if (wake == wakes_.end()) return;
  RecordedCommand& woken = commands_[wake->second];
  if (judged.verdict != Verdict::not_woken && judged.begun_ns / 1'000 == woken.until_us) ++woken.until_us;
}

void SessionLog::transmitted(ByteView frame) {
  constexpr std::size_t nonce_at = 3;
  const std::optional<FrameView> seen = view(frame);
  if (!seen || !is_message(*seen, keymgmt::MessageId::wake_up)) return;
  const auto last = last_.find(seen->destination);
  if (last == last_.end() || commands_[last->second].command.code != CommandCode::wake) return;
  commands_[last->second].command.nonce = ByteReader(seen->payload.subspan(nonce_at)).u32("server nonce");
}

std::vector<RecordedCommand> SessionLog::commands() const {
  std::vector<RecordedCommand> known;
  std::ranges::copy_if(commands_, std::back_inserter(known), [](const RecordedCommand& recorded) {
    return recorded.command.code != CommandCode::wake || recorded.command.nonce != 0;
  });
  std::ranges::stable_sort(known, {}, &RecordedCommand::time_ns);
  return known;
}

}  // namespace reveille::sim
