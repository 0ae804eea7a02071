// SPDX-License-Identifier: Apache-2.0
#include "core/session_control.hpp"

#include <algorithm>

namespace reveille::core {
namespace {

constexpr std::uint64_t clear_cycles = 1024;  // S1: addresses of a RAM
constexpr std::uint64_t hash_cycles = 128;    // S6
constexpr std::uint64_t find_cycles = 5;      // S7: from the second read to the decision
constexpr std::uint64_t read_cycles = 5;      // S11, S13, S14: from a read to what it found

/// What is known of a command at once (S4).
ResultCode refusal(const Command& command, bool seeded, const policy::ServerConfig& config) {
  if (command.code < 1 || command.code > 7) return ResultCode::bad_argument;
  const auto code = static_cast<CommandCode>(command.code);
  if (code == CommandCode::wake && !seeded) return ResultCode::not_ready;
  if (code != CommandCode::wake && code != CommandCode::restore) return ResultCode::ok;
  const bool family_enabled = !config.addresses(command.client.is_ipv4()).empty();
  const bool bad = !family_enabled || command.lifetime == 0 || (code == CommandCode::restore && command.nonce == 0);
  return bad ? ResultCode::bad_argument : ResultCode::ok;
}

}  // namespace

void SessionControl::reset() {
  cycle_ = at_ = 0;
  state_ = State::clear;
  ready_ = done_ = pending_before_ = false;
  result_ = {};
  key_ = {};
  key_count_ = 0;
  walk_ = 0;
}

void SessionControl::go(State state, std::uint64_t at) {
  state_ = state;
  at_ = at;
}

void SessionControl::finish(const CommandResult& result) {
  done_ = true;
  result_ = result;
}

// In every branch below `now` is this cycle, and what is set shows in the next one.
SessionControlActions SessionControl::clock(const SessionControlInputs& in, NonceStore& store,
                                            const Configuration& config) {
  const std::uint64_t now = cycle_++;
  const Command* pending = done_ ? nullptr : in.command;
  done_ = false;
  if (pending != nullptr && !pending_before_) result_ = {};
  pending_before_ = pending != nullptr;
  if (!ready_ && pending != nullptr) finish(ResultCode::not_ready);  // S3
  if (now < at_) return {};
  actions_ = {};

  switch (state_) {
    case State::clear:  // S1; the store has nothing to find before, so it is cleared at once
      if (now == 0) store.clear();
      if (now + 1 == clear_cycles) state_ = State::draw_key;
      break;
    case State::draw_key:  // S2
      if (!in.nonce_valid) break;
      key_words_[key_count_++] = in.nonce;
      if (key_count_ < key_words_.size()) break;
      key_ = HashKey(key_words_);
      ready_ = true;
      state_ = State::idle;
      break;
    case State::idle:
      if (pending != nullptr) {
        command_ = *pending;
        refusal_ = refusal(command_, in.seeded, config.server);
        state_ = State::start;
      } else {
        visited_ = walk_;  // S12
        walk_ = (walk_ + 1) % NonceStore::kSessions;
        state_ = State::visit;
      }
      break;
    case State::start: start_command(); break;  // S4
    case State::draw_nonce:                     // S5
      if (in.nonce_valid) {
        drawn_ = in.nonce;
        go(State::find_low, now + 1 + hash_cycles);
      } else if (!in.seeded) {
        finish(ResultCode::not_ready);
        state_ = State::idle;
      }
      break;
    case State::find_low:  // S7
      if (!in.free) break;
      now_ = in.time;
      read_candidates(0, store);
      state_ = State::find_high;
      break;
    case State::find_high:
      if (!in.free) break;
      read_candidates(1, store);
      go(State::decide, now + find_cycles);
      break;
    case State::decide: decide(); break;
    case State::write:  // S9
      if (in.free) write(store, config);
      break;
    case State::read:  // S11
      if (!in.free) break;
      read_result_ = {ResultCode::ok, visited_, store.entry(visited_), store.state(visited_)};
      if (read_result_.entry.nonce == 0) read_result_ = {ResultCode::not_found, 0, {}, {}};
      go(State::done, now + read_cycles - 1);
      break;
    case State::done:
      finish(read_result_);
      state_ = State::idle;
      break;
    case State::visit:
      if (in.free) visit(in.time, store);
      break;
    case State::classify: classify(config); break;
    case State::to_idle: state_ = State::idle; break;
    case State::visit_write:  // S14
      if (in.free) visit_write(in, store);
      break;
    case State::expire:  // S15
      if (!in.free) break;
      store.write(visited_, visited_entry_);
      state_ = State::idle;
      break;
  }
  return actions_;
}

void SessionControl::start_command() {
  const auto code = static_cast<CommandCode>(command_.code);
  state_ = State::idle;
  if (refusal_ != ResultCode::ok) return finish(refusal_);
  if (code == CommandCode::wake) {
    state_ = State::draw_nonce;
  } else if (code == CommandCode::read_location) {
    visited_ = command_.location;
    state_ = State::read;
  } else {
    go(State::find_low, cycle_ + hash_cycles);  // S6
  }
}

void SessionControl::read_candidates(unsigned half, const NonceStore& store) {
  const HashKey::Rows rows = key_.rows(command_.client);
  for (unsigned bank = 0; bank < 2; ++bank) {
    for (unsigned way = 2 * half; way < 2 * half + 2; ++way) {
      Candidate& candidate = candidates_[bank * NonceStore::kWays + way];
      candidate.location = NonceStore::location(bank == 0 ? rows.row0 : rows.row1, bank, way);
      candidate.entry = store.entry(candidate.location);
      candidate.state = store.state(candidate.location);
      candidate.live = is_live(candidate.entry, now_);
      candidate.holds_client = candidate.entry.nonce != 0 && candidate.entry.client == command_.client;
    }
  }
}

void SessionControl::decide() {
  const auto code = static_cast<CommandCode>(command_.code);
  const auto refuse = [this](ResultCode result) {  // S8
    finish(result);
    state_ = State::idle;
  };
  const auto holder =
      std::find_if(candidates_.begin(), candidates_.end(), [](const Candidate& c) { return c.holds_client; });
  const bool live = holder != candidates_.end() && holder->live;
  chosen_ = static_cast<unsigned>(holder - candidates_.begin());

  if (code == CommandCode::wake || code == CommandCode::restore) {
    if (live) return refuse(ResultCode::live);
    if (holder == candidates_.end()) {
      const auto not_live = [](const Candidate& c) { return !c.live; };
      const auto bank1 = candidates_.begin() + NonceStore::kWays;
      const bool use_bank1 =
          std::count_if(bank1, candidates_.end(), not_live) > std::count_if(candidates_.begin(), bank1, not_live);
      const auto way = std::find_if(use_bank1 ? bank1 : candidates_.begin(), candidates_.end(), not_live);
      if (way == candidates_.end()) return refuse(ResultCode::full);
      chosen_ = static_cast<unsigned>(way - candidates_.begin());
    }
  } else {
    if (!live) return refuse(ResultCode::not_found);
    const bool needs_service = code == CommandCode::reply || code == CommandCode::reject;
    if (needs_service && holder->state.phase != Phase::in_service) return refuse(ResultCode::wrong_state);
  }
  visited_ = candidates_[chosen_].location;
  state_ = code == CommandCode::read ? State::read : State::write;
}

void SessionControl::write(NonceStore& store, const Configuration& config) {
  const auto code = static_cast<CommandCode>(command_.code);
  Entry entry = candidates_[chosen_].entry;
  EntryState state = candidates_[chosen_].state;
  CommandResult result;
  state_ = State::idle;

  if (code == CommandCode::wake || code == CommandCode::restore) {
    const bool wake = code == CommandCode::wake;
    entry.client = command_.client;
    entry.nonce = wake ? drawn_ : command_.nonce;
    entry.deadline = (now_ + command_.lifetime) & kTimeMask;
    state.phase = wake ? Phase::outstanding : command_.phase;
    state.resends_left = static_cast<std::uint8_t>(config.server.resend_budget);
    const bool replied = state.phase == Phase::replied || state.phase == Phase::recovered;
    entry.aux = replied ? command_.tag : WakeState{now_, 0, command_.hop, command_.snmp, wake || command_.armed}.pack();
    actions_.inserted = visited_;
    result.location = visited_;
    result.entry.nonce = entry.nonce;
    if (wake) state_ = State::visit;  // S10
  } else if (code == CommandCode::reply) {
    entry.aux = command_.tag;
    state.phase = Phase::replied;
  } else if (code == CommandCode::reject) {
    state.phase = Phase::outstanding;
  } else {
    entry = {};
  }
  store.write(visited_, entry);
  store.write(visited_, state);
  finish(result);
}

void SessionControl::visit(std::uint64_t time, const NonceStore& store) {
  const Entry& entry = store.entry(visited_);
  now_ = time;
  go(State::to_idle, cycle_ + read_cycles - 1);  // S13
  if (entry.nonce == 0) return;
  if (time >= entry.deadline) {
    event_ = {EventKind::expired, Verdict::bypass, time, entry.nonce, entry.client};
    visited_entry_ = {};
    is_wakeup_ = false;
    state_ = State::visit_write;
  } else if (store.state(visited_).phase == Phase::outstanding) {
    const WakeState wake = WakeState::unpack(entry.aux);
    if (!wake.armed || time < wake.next) return;
    visited_entry_ = entry;
    go(State::classify, cycle_ + read_cycles - 3);
  }
}

// What a due Wake Up comes to, from the registers as they are in v+3.
void SessionControl::classify(const Configuration& config) {
  WakeState wake = WakeState::unpack(visited_entry_.aux);
  is_wakeup_ = wake.sent < config.wake_tries;
  if (is_wakeup_) {
    job_ = {visited_entry_.client, visited_entry_.nonce, static_cast<std::uint8_t>(wake.hop), wake.snmp};
    wake.next = now_ + (config.wake_interval << wake.sent);
    ++wake.sent;
  } else {
    event_ = {EventKind::wake_failed, Verdict::bypass, now_, visited_entry_.nonce, visited_entry_.client};
    wake.armed = false;
  }
  visited_entry_.aux = wake.pack();
  go(State::visit_write, cycle_ + 1);
}

void SessionControl::visit_write(const SessionControlInputs& in, NonceStore& store) {
  state_ = State::idle;
  if (is_wakeup_ ? !in.wakeup_ready : !in.event_ready) return;
  if (is_wakeup_) {
    actions_.wakeup = &job_;
  } else {
    actions_.event = &event_;
    if (event_.kind == EventKind::expired) {
      state_ = State::expire;
      return;
    }
  }
  store.write(visited_, visited_entry_);
}

}  // namespace reveille::core
