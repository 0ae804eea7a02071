// SPDX-License-Identifier: Apache-2.0
//
// Session control as docs/timing/guard.md tells it (S1-S16): a coroutine that says co_await where a cycle passes, over
// a store that is one array of 4,096 entries. Slow and plain on purpose; it shares nothing with the RTL.
#pragma once

#include <algorithm>
#include <array>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "guard/session_types.hpp"

namespace reveille::tb {

class SessionReference {
 public:
  std::array<Entry, 4096> store{};
  HashTables tables = HashTables(kHashWords);

  SessionReference() : main_(run()), leaf_(main_.handle) {}

  /// One cycle; the first call is cycle R.
  const Outputs& step(const Inputs& inputs) {
    in_ = inputs;
    out_.done = next_result_.has_value();
    if (next_result_) out_.result = *next_result_;
    next_result_.reset();
    out_.nonce_ready = false;
    out_.hash_write.reset();
    out_.hash_start = false;
    out_.insert.reset();
    out_.visited.reset();
    out_.s10 = false;
    out_.wakeup = wakeup_;
    out_.event = event_;
    if (wakeup_ && in_.wakeup_ready) wakeup_.reset();
    if (event_ && in_.event_ready) event_.reset();
    out_.found = false;
    leaf_.resume();
    if (main_.handle.promise().failure) std::rethrow_exception(main_.handle.promise().failure);
    if (!out_.ready && pending()) done(kNotReady);  // S3
    // In c-1: what makes a command eligible, but for the visit before it
    may_start_ =
        out_.ready && pending() && (in_.command.opcode != kWake || in_.nonce_valid || !in_.seeded || waited_ >= 65'536);
    waited_ = pending() ? waited_ + 1 : 0;
    return out_;
  }

 private:
  /// A coroutine that another one awaits.
  struct Task {
    struct promise_type {
      std::coroutine_handle<> continuation = std::noop_coroutine();
      std::exception_ptr failure;
      Task get_return_object() { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
      std::suspend_always initial_suspend() noexcept { return {}; }
      auto final_suspend() noexcept {
        struct Return {
          bool await_ready() noexcept { return false; }
          std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
            return self.promise().continuation;
          }
          void await_resume() noexcept {}
        };
        return Return{};
      }
      void return_void() {}
      void unhandled_exception() { failure = std::current_exception(); }
    };
    explicit Task(std::coroutine_handle<promise_type> task) : handle(task) {}
    Task(Task&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
    Task& operator=(Task&&) = delete;
    ~Task() {
      if (handle) handle.destroy();
    }
    bool await_ready() { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
      handle.promise().continuation = caller;
      return handle;
    }
    void await_resume() {}
    std::coroutine_handle<promise_type> handle;
  };
  struct Cycle {
    std::coroutine_handle<>& leaf;
    bool await_ready() { return false; }
    void await_suspend(std::coroutine_handle<> self) { leaf = self; }
    void await_resume() {}
  };

  Cycle cycle() { return {leaf_}; }
  Task cycles(unsigned count) {
    while (count-- != 0) co_await cycle();
  }
  Task free_cycle() {  // f
    while (!in_.free) co_await cycle();
  }

  [[nodiscard]] bool pending() const { return in_.command_valid && !out_.done; }
  /// The results of the command before, but for the code.
  void clear() { out_.result = {.code = out_.result.code}; }
  /// Done, visible in the next cycle.
  void done(Code code, unsigned where = 0, const Entry& entry = {}) { next_result_ = Result{code, where, entry}; }

  Task run() {
    for (unsigned k = 0; k < 1024; ++k) {  // S1
      for (unsigned lane = 0; lane < 4; ++lane) store[location(k >> 1, lane >> 1, (k & 1) << 1 | (lane & 1))] = {};
      co_await cycle();
    }
    out_.cleared = true;
    for (unsigned word = 0; word < kHashWords;) {  // S2
      out_.nonce_ready = true;
      const bool taken = in_.nonce_valid;
      const std::uint32_t nonce = in_.nonce;
      co_await cycle();
      if (!taken) continue;
      tables[word] = nonce & 0x3ffff;
      out_.hash_write = {word, tables[word]};
      ++word;
    }
    co_await cycle();
    out_.ready = true;
    std::array<unsigned, 2> next{};
    for (Walk turn = Walk::sweep;;) {
      if (may_start_ && !after_command_) {
        after_command_ = true;
        co_await command();
        continue;
      }
      co_await cycles(2);  // S12
      after_command_ = false;
      const Walk walk = std::exchange(turn, turn == Walk::sweep ? Walk::wake : Walk::sweep);
      unsigned& where = next[static_cast<unsigned>(walk)];
      co_await visit(where, walk, false);
      if (!stays_) where = (where + 1) % 4096;
    }
  }

  Task command() {  // from the Idle cycle c to the next Idle cycle
    const Command command = in_.command;
    const bool wake = command.opcode == kWake, insert = wake || command.opcode == kRestore;
    const bool enabled = is_ipv4(command.client) ? in_.ipv4_enable : in_.ipv6_enable;
    Code refusal = kOk;
    if (command.opcode == kNone || (insert && (!enabled || command.lifetime == 0))) refusal = kBadArgument;
    if (command.opcode == kRestore && command.nonce == 0) refusal = kBadArgument;
    if (wake && !in_.seeded) refusal = kNotReady;
    co_await cycle();  // c+1
    Entry session{.client = command.client, .nonce = command.nonce};
    out_.hash_start = true;
    if (refusal != kOk) done(refusal);  // S4
    co_await cycle();
    clear();
    if (refusal != kOk) co_return;

    if (command.opcode == kReadLocation) {
      co_await read(command.location);
      co_return;
    }
    if (wake) {  // S5, in c+2
      out_.nonce_ready = true;
      session.nonce = in_.nonce;
      const bool none = !in_.nonce_valid;
      if (none) done(kNotReady);
      co_await cycle();
      if (none) co_return;
    }
    co_await cycles(wake ? 5 : 6);  // S6: x = c+1, y = c+7, a is c+8 at the earliest
    const Rows rows = hash(tables, command.client);
    // S7
    co_await free_cycle();
    out_.found = true;
    std::array<std::array<Entry, 4>, 2> ways;
    std::array<Time, 2> read_at{};
    const auto take = [&](unsigned half) {
      read_at[half] = in_.time;
      for (unsigned lane = 0; lane < 2; ++lane) {
        ways[0][2 * half + lane] = store[location(rows.row0, 0, 2 * half + lane)];
        ways[1][2 * half + lane] = store[location(rows.row1, 1, 2 * half + lane)];
      }
    };
    take(0);
    co_await cycle();
    co_await free_cycle();
    take(1);
    const Time now = in_.time;
    co_await cycles(6);

    // g
    std::optional<unsigned> held, found;
    std::array<std::vector<unsigned>, 2> empty;
    Entry before;
    for (unsigned bank = 0; bank < 2; ++bank) {
      for (unsigned way = 0; way < 4; ++way) {
        const Entry& entry = ways[bank][way];
        const unsigned where = location(bank == 0 ? rows.row0 : rows.row1, bank, way);
        if (entry.nonce == 0) empty[bank].push_back(where);
        if (!entry.holds(command.client)) continue;
        held = where;
        if (entry.live(read_at[way / 2])) {
          found = where;
          before = entry;
        }
      }
    }
    Code code = kOk;
    unsigned where = 0;
    if (insert) {
      if (held) {
        where = *held;
      } else if (!empty[0].empty() || !empty[1].empty()) {
        where = empty[empty[1].size() > empty[0].size() ? 1 : 0].front();
      } else {
        code = kFull;
      }
      if (found) code = kLive;
    } else if (!found) {
      code = kNotFound;
    } else {
      where = *found;
      const bool answers = command.opcode == kReply || command.opcode == kReject;
      if (answers && before.phase != kInService) code = kWrongState;
    }
    if (code != kOk) done(code);  // S8
    co_await cycle();
    if (code != kOk) co_return;
    co_await cycle();  // g+2
    if (command.opcode == kRead) {
      co_await read(where);
      co_return;
    }

    co_await free_cycle();  // w; S9
    Entry& entry = store[where];
    if (insert) {
      session.deadline = std::min(now + command.lifetime, kTimeMask);
      session.phase = wake ? std::uint8_t{kOutstanding} : command.phase;
      session.resends_left = in_.resend_budget;
      const bool armed = wake || command.armed;
      session.aux = static_cast<std::uint64_t>(command.source) << 61 | static_cast<std::uint64_t>(armed) << 60 |
                    static_cast<std::uint64_t>(command.doi) << 59 | static_cast<std::uint64_t>(command.hop) << 56;
      if (session.phase >= kReplied) session.aux = command.tag;
      entry = session;
      out_.insert = where;
      done(kOk, where, Entry{.nonce = session.nonce});
    } else {
      if (command.opcode == kReply) {
        entry.phase = kReplied;
        entry.aux = command.tag;
      }
      if (command.opcode == kReject) entry.phase = kOutstanding;
      if (command.opcode != kClose) entry.resends_left = in_.resend_budget;
      if (command.opcode == kClose) entry.nonce = 0;
      done(kOk);
    }
    co_await cycle();
    if (wake) {  // S10
      after_command_ = false;
      co_await visit(where, Walk::wake, true);
    }
  }

  Task read(unsigned where) {  // S11; from the first cycle that may be v
    co_await free_cycle();
    const Entry entry = store[where];
    co_await cycles(4);
    if (entry.nonce != 0) {
      done(kOk, where, entry);
    } else {
      done(kNotFound);
    }
    co_await cycle();
  }

  Task visit(unsigned where, Walk walk, bool s10) {  // S13 to S15; from the first cycle that may be v
    co_await free_cycle();
    out_.visited = {walk, where};
    out_.s10 = s10;
    const Entry entry = store[where];
    const Time now = in_.time;
    co_await cycles(3);
    const unsigned tries = in_.wake_tries;
    const std::uint64_t interval = in_.wake_interval;
    co_await cycles(3);  // v+6
    const bool armed = entry.aux >> 60 & 1;
    const Time next = entry.aux & kTimeMask;
    const auto sent = static_cast<unsigned>(entry.aux >> 52 & 15);
    const bool expired = walk == Walk::sweep && entry.nonce != 0 && now >= entry.deadline;
    const bool due = walk == Walk::wake && entry.live(now) && entry.phase == kOutstanding && armed && now >= next;
    Entry& kept = store[where];
    const bool fails = due && sent >= tries;
    if (due) co_await cycles(sent);
    stays_ = due && !fails && out_.wakeup.has_value();  // e
    if (expired || fails) {
      while (out_.event) co_await cycle();
    }
    if ((expired || due) && !stays_) {
      co_await cycle();
      co_await free_cycle();  // w
      if (expired || fails) {
        event_ = Event{expired ? kExpired : kWakeFailed, now, entry.nonce, entry.client};
      } else {
        wakeup_ = Wakeup{entry.client, entry.nonce, static_cast<std::uint8_t>(entry.aux >> 56 & 7),
                         static_cast<bool>(entry.aux >> 59 & 1), static_cast<std::uint8_t>(entry.aux >> 61)};
      }
      if (expired) {
        kept.nonce = 0;
      } else {
        const std::uint64_t later = std::min(now + (interval << sent), kTimeMask);
        const std::uint64_t state = entry.aux >> 56 & ~(fails ? std::uint64_t{1} << 4 : 0);
        kept.aux = state << 56 | static_cast<std::uint64_t>(sent + !fails) << 52 | later;
      }
    }
    co_await cycle();
  }

  Inputs in_;
  Outputs out_;
  std::optional<Result> next_result_;
  bool may_start_ = false;      // as of the cycle before
  std::uint64_t waited_ = 0;    // cycles in which the command has been pending
  bool after_command_ = false;  // the last thing done was a command
  bool stays_ = false;          // S15: the wake walk stays where it is
  std::optional<Wakeup> wakeup_;
  std::optional<Event> event_;
  Task main_;
  std::coroutine_handle<> leaf_;
};

}  // namespace reveille::tb
