// SPDX-License-Identifier: Apache-2.0
#include "core/session_control.hpp"

namespace reveille::core {
namespace {

constexpr std::uint64_t clear_cycles = 1024;  // S1: addresses of a RAM
constexpr std::uint64_t hash_cycles = 6;      // S6
constexpr std::uint64_t find_cycles = 5;      // S7: from the second read to the decision
constexpr std::uint64_t read_cycles = 5;      // S11: from a read to what it found
constexpr std::uint64_t nonce_patience = 65536;

/// What is known of a command at once (S4).
ResultCode refusal(const Command& command, bool seeded, const Configuration& config) {
  if (command.is(CommandCode::wake) && !seeded) return ResultCode::not_ready;
  if (command.code < 1 || command.code > 7) return ResultCode::bad_argument;
  if (!command.inserts()) return ResultCode::ok;
  const bool bad = !config.server(command.client.is_ipv4()).any() || command.lifetime == 0 ||
                   (command.is(CommandCode::restore) && command.nonce == 0);
  return bad ? ResultCode::bad_argument : ResultCode::ok;
}

}  // namespace

void SessionControl::reset() {
  cycle_ = at_ = 0;
  state_ = State::clear;
  ready_ = done_ = last_was_command_ = pending_before_ = false;
  result_ = {};
  fill_.reset();
  visit_.reset();
}

void SessionControl::go(State state, std::uint64_t at) {
  state_ = state;
  at_ = at;
}

void SessionControl::finish(const CommandResult& result) {
  done_ = true;
  result_ = result;
}

void SessionControl::end_command(const CommandResult& result) {
  finish(result);
  last_was_command_ = true;
  state_ = State::idle;
}

// In every branch below `now` is this cycle, and what is set shows in the next one.
void SessionControl::clock(const SessionControlInputs& in, NonceStore& store, const Configuration& config) {
  const std::uint64_t now = cycle_++;
  const Command* pending = done_ ? nullptr : in.command;
  done_ = false;
  if (pending != nullptr && !pending_before_) {
    result_ = {};
    pending_since_ = now;
  }
  pending_before_ = pending != nullptr;
  if (!ready_ && pending != nullptr) finish(ResultCode::not_ready);  // S3
  const bool event_waited = visit_.event() != nullptr;
  const bool wakeup_waited = visit_.wakeup() != nullptr;

  if (now >= at_) {
    switch (state_) {
      case State::clear:  // S1; the store has nothing to find before, so it is cleared at once
        if (now == 0) store.clear();
        if (now + 1 == clear_cycles) state_ = State::fill;
        break;
      case State::fill: fill(in); break;
      case State::idle: leave_idle(pending, in, now, config); break;
      case State::start: start_command(in); break;
      case State::find_low:  // S7
        if (!in.free) break;
        now_ = in.time;
        find_.read(0, command_.client, hash_.rows(command_.client), now_, store);
        state_ = State::find_high;
        break;
      case State::find_high:
        if (!in.free) break;
        find_.read(1, command_.client, hash_.rows(command_.client), now_, store);
        go(State::decide, now + find_cycles);
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
  if (fill_.wants_nonce()) {
    if (in.nonce_valid) fill_.add(in.nonce);
    return;
  }
  fill_.write_next(hash_);
  if (!fill_.done()) return;
  ready_ = true;
  state_ = State::idle;
}

bool SessionControl::eligible(const Command* pending, const SessionControlInputs& in, std::uint64_t now) const {
  if (pending == nullptr || last_was_command_) return false;
  return !pending->is(CommandCode::wake) || in.nonce_valid || !in.seeded || now - pending_since_ >= nonce_patience;
}

void SessionControl::leave_idle(const Command* pending, const SessionControlInputs& in, std::uint64_t now,
                                const Configuration& config) {
  if (eligible(pending, in, now)) {
    command_ = *pending;
    refusal_ = refusal(command_, in.seeded, config);
    draws_nonce_ = refusal_ == ResultCode::ok && command_.is(CommandCode::wake);
    state_ = State::start;
  } else {
    visit_.begin_walk();  // S12
    state_ = State::visit;
  }
}

void SessionControl::start_command(const SessionControlInputs& in) {
  if (refusal_ != ResultCode::ok) return end_command(refusal_);                    // S4
  if (draws_nonce_ && !in.nonce_valid) return end_command(ResultCode::not_ready);  // S5
  drawn_ = in.nonce;
  if (command_.is(CommandCode::read_location)) {
    location_ = command_.location;
    state_ = State::read;
  } else {
    go(State::find_low, cycle_ + hash_cycles);  // S6: `cycle_` is x
  }
}

void SessionControl::decide() {
  const ResultCode result = find_.decide(command_);
  if (result != ResultCode::ok) return end_command(result);  // S8
  location_ = find_.chosen().location;
  state_ = command_.is(CommandCode::read) ? State::read : State::write;
}

void SessionControl::write(NonceStore& store, const Configuration& config) {
  Entry entry = find_.chosen().entry;
  EntryState state = find_.chosen().state;
  CommandResult result;

  if (command_.inserts()) {
    const bool wake = command_.is(CommandCode::wake);
    entry.client = command_.client;
    entry.nonce = wake ? drawn_ : command_.nonce;
    entry.deadline = add_time(now_, command_.lifetime);
    state.phase = wake ? Phase::outstanding : command_.phase;
    state.resends_left = static_cast<std::uint8_t>(config.resend_budget);
    state.false_nonces = 0;
    const bool replied = state.phase == Phase::replied || state.phase == Phase::recovered;
    const WakeState wake_state{now_, 0, command_.hop, command_.snmp, wake || command_.armed, command_.source};
    entry.aux = replied ? command_.tag : wake_state.pack();
    result.location = location_;
    result.entry.nonce = entry.nonce;
  } else if (command_.is(CommandCode::reply)) {
    entry.aux = command_.tag;
    state.phase = Phase::replied;
  } else if (command_.is(CommandCode::reject)) {
    state.phase = Phase::outstanding;
  } else {
    entry = {};
  }
  store.write(location_, entry);
  if (command_.inserts()) {
    store.write(location_, state);
  } else {
    store.write_phase(location_, state);
  }
  end_command(result);
  if (command_.is(CommandCode::wake)) {  // S10
    visit_.begin_at(location_);
    state_ = State::visit;
  }
}

void SessionControl::read(const NonceStore& store) {
  read_result_ = {ResultCode::ok, location_, store.entry(location_), store.state(location_)};
  if (read_result_.entry.nonce == 0) read_result_ = {ResultCode::not_found, 0, {}, {}};
  go(State::done, cycle_ + read_cycles - 2);
}

}  // namespace reveille::core
