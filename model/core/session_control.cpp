// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/session_control.hpp"

namespace reveille::core {
namespace {

constexpr std::uint64_t clear_cycles =
    std::uint64_t{NonceStore::kRows} * config::kLookupCycles;  // S1, T13: addresses of a RAM
constexpr std::uint64_t hash_cycles = 6;                       // S6: from its start to the rows
constexpr std::uint64_t find_cycles = 6;                       // S7: from the last read to the decision
constexpr std::uint64_t read_cycles = 5;                       // S11: from a read to what it found
constexpr std::uint64_t nonce_patience = 65536;

/// What is known of a command at once (S4).
ResultCode refusal(const Command& command, bool seeded, const Configuration& config) {
  if (command.code == CommandCode::wake && !seeded) return ResultCode::not_ready;
  if (command.code == CommandCode::none || command.code > CommandCode::read_location) return ResultCode::bad_argument;
  if (!command.inserts()) return ResultCode::ok;
  const bool bad = !config.server(command.client.is_ipv4()).any() || command.lifetime == 0 ||
                   (command.code == CommandCode::restore && command.nonce == 0);
  return bad ? ResultCode::bad_argument : ResultCode::ok;
}

}  // namespace

void SessionControl::reset() {
  cycle_ = at_ = 0;
  state_ = State::clear;
  ready_ = done_ = last_was_command_ = pending_before_ = eligible_ = false;
  result_ = {};
  hash_words_ = 0;
  visit_.reset();
}

void SessionControl::go(State state, std::uint64_t at) {
  state_ = state;
  at_ = at;
}

void SessionControl::end_command(const CommandResult& result) {
  done_ = true;
  result_ = result;
  last_was_command_ = true;
  state_ = State::idle;
}

// In every branch below `now` is this cycle, and what is set shows in the next one.
void SessionControl::clock(const SessionControlInputs& in, NonceStore& store, const Configuration& config) {
  const std::uint64_t now = cycle_++;
  const Command* pending = done_ ? nullptr : in.command;
  done_ = false;
  if (pending != nullptr && !pending_before_) pending_since_ = now;
  pending_before_ = pending != nullptr;
  const bool was_eligible = eligible_;
  eligible_ = pending != nullptr && eligible(*pending, in, now);
  if (!ready_ && pending != nullptr) {  // S3
    done_ = true;
    result_.code = ResultCode::not_ready;
  }
  const bool event_waited = visit_.event() != nullptr;
  const bool wakeup_waited = visit_.wakeup() != nullptr;

  if (now >= at_) {
    switch (state_) {
      case State::clear:  // S1; the store has nothing to find before, so it is cleared at once
        if (now == 0) store.clear();
        if (now + 1 == clear_cycles) state_ = State::fill;
        break;
      case State::fill: fill(in); break;
      case State::idle: leave_idle(was_eligible, in, now, config); break;
      case State::start: start_command(); break;
      case State::draw: draw(in); break;
      case State::find:  // S7
        if (!in.free) break;
        now_ = in.time;
        find_.read(find_reads_, command_.client, hash_.rows(command_.client), now_, store);
        if (++find_reads_ == config::kLookupCycles) go(State::decide, now + find_cycles);
        break;
      case State::decide: decide(); break;
      case State::write:  // S9
        if (in.free) write(store, config);
        break;
      case State::read:  // S11
        if (in.free) read(store);
        break;
      case State::done: end_command(read_result_); break;
      case State::visit:
        if (!visit_.clock(now, in.free, in.time, store, config)) break;
        last_was_command_ = false;
        state_ = State::idle;
        break;
    }
  }
  visit_.hand_over(in.event_ready, in.wakeup_ready, event_waited, wakeup_waited);
}

void SessionControl::fill(const SessionControlInputs& in) {  // S2
  if (hash_words_ < ClientHash::kWords) {
    if (in.nonce_valid) hash_.write(hash_words_++, in.nonce);
    return;
  }
  ready_ = true;
  state_ = State::idle;
}

bool SessionControl::eligible(const Command& pending, const SessionControlInputs& in, std::uint64_t now) const {
  if (!ready_) return false;
  return pending.code != CommandCode::wake || in.nonce_valid || !in.seeded || now - pending_since_ >= nonce_patience;
}

void SessionControl::leave_idle(bool was_eligible, const SessionControlInputs& in, std::uint64_t now,
                                const Configuration& config) {
  if (was_eligible && !last_was_command_ && in.command) {
    command_ = *in.command;
    refusal_ = refusal(command_, in.seeded, config);
    state_ = State::start;
  } else {
    visit_.begin_walk(now + 2);  // S12
    state_ = State::visit;
  }
}

void SessionControl::start_command() {
  result_ = CommandResult{result_.code, 0, {}, {}};
  find_reads_ = 0;
  if (refusal_ != ResultCode::ok) return end_command(refusal_);  // S4
  if (command_.code == CommandCode::read_location) {
    location_ = command_.location;
    state_ = State::read;
  } else if (command_.code == CommandCode::wake) {
    state_ = State::draw;
  } else {
    go(State::find, cycle_ + hash_cycles);  // S6, S7: this cycle is x, `cycle_` the next one
  }
}

void SessionControl::draw(const SessionControlInputs& in) {  // S5
  if (!in.nonce_valid) return end_command(ResultCode::not_ready);
  drawn_ = in.nonce;
  go(State::find, cycle_ + hash_cycles - 1);  // the hash has started a cycle before
}

void SessionControl::decide() {
  const ResultCode result = find_.decide(command_);
  if (result != ResultCode::ok) return end_command(result);  // S8
  location_ = find_.chosen().location;
  go(command_.code == CommandCode::read ? State::read : State::write, cycle_ + 1);
}

void SessionControl::write(NonceStore& store, const Configuration& config) {
  CommandResult result;
  if (command_.inserts()) {
    insert(store, config);
    result.location = location_;
    result.entry.nonce = store.entry(location_).nonce;
  } else if (command_.code == CommandCode::close) {
    store.write(location_, Entry{});
  } else {
    EntryState state;  // outstanding
    state.resends_left = static_cast<std::uint8_t>(config.resend_budget);
    if (command_.code == CommandCode::reply) {
      Entry entry = find_.chosen().entry;
      entry.aux = command_.tag;
      store.write(location_, entry);
      state.phase = Phase::replied;
    }
    store.write_phase(location_, state);
  }
  end_command(result);
  if (command_.code == CommandCode::wake) {  // S10
    visit_.begin_at(location_);
    state_ = State::visit;
  }
}

void SessionControl::insert(NonceStore& store, const Configuration& config) {
  const bool wake = command_.code == CommandCode::wake;
  const Phase phase = wake ? Phase::outstanding : command_.phase;
  const bool replied = phase == Phase::replied || phase == Phase::recovered;
  const WakeState wake_state{0, 0, command_.hop, command_.snmp, wake || command_.armed, command_.source};
  store.write(location_, Entry{command_.client, add_time(now_, command_.lifetime),
                               replied ? command_.tag : wake_state.pack(), wake ? drawn_ : command_.nonce});
  store.write(location_, EntryState{phase, static_cast<std::uint8_t>(config.resend_budget), 0});
}

void SessionControl::read(const NonceStore& store) {
  read_result_ = {ResultCode::ok, location_, store.entry(location_), store.state(location_)};
  if (read_result_.entry.nonce == 0) read_result_ = {ResultCode::not_found, 0, {}, {}};
  go(State::done, cycle_ + read_cycles - 2);
}

}  // namespace reveille::core
