// SPDX-License-Identifier: Apache-2.0
//
// Session control as docs/timing/guard.md tells it (S1-S14): a coroutine that says co_await where a cycle passes, over
// a store that is one array of 4,096 entries. Slow and plain on purpose; it shares nothing with the RTL.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "guard/packed.hpp"

namespace reveille::tb {

using Time = std::uint64_t;
inline constexpr Time kTimeMask = (Time{1} << 48) - 1;

enum Phase : std::uint8_t { kOutstanding, kInService, kReplied, kRecovered };
enum Opcode : std::uint8_t { kNone, kWake, kReply, kReject, kClose, kRestore, kRead, kReadLocation };
enum Code : std::uint8_t { kOk, kFull, kLive, kNotReady, kNotFound, kWrongState, kBadArgument };

struct Entry {
  u128 client = 0;
  std::uint32_t nonce = 0;
  Time deadline = 0;
  std::uint64_t aux = 0;
  std::uint8_t phase = 0, resends_left = 0;

  [[nodiscard]] bool live(Time now) const { return nonce != 0 && now < deadline; }
  [[nodiscard]] bool holds(u128 address) const { return nonce != 0 && client == address; }
  bool operator==(const Entry&) const = default;
};

struct Rows {
  unsigned row0, row1;
};

/// 160 bits, the first nonce uppermost.
using HashKey = std::array<std::uint32_t, 5>;

/// docs/architecture.md, "Hash".
inline Rows hash(const HashKey& key, u128 client) {
  const auto key_bit = [&key](unsigned bit) { return key[4 - bit / 32] >> bit % 32 & 1; };
  const unsigned first = client >> 32 == 0xffff ? 96 : 0;  // an IPv4 client's prefix is not hashed
  unsigned result = 0;
  for (unsigned i = first; i < 128; ++i) {
    if (!(client >> (127 - i) & 1)) continue;
    for (unsigned bit = 0; bit < 18; ++bit) result ^= key_bit(142 - i + bit) << bit;
  }
  return {result >> 9, result & 0x1ff};
}

/// Way 0 to 3 of a bank's row.
inline unsigned location(unsigned row, unsigned bank, unsigned way) { return row << 3 | bank << 2 | way; }

struct Command {
  Opcode opcode = kNone;
  u128 client = 0;
  Time lifetime = 0;
  std::uint32_t nonce = 0;
  std::uint8_t phase = 0;
  std::uint64_t tag = 0;
  std::uint8_t hop = 0;
  bool doi = false, armed = false;
  unsigned location = 0;
};

struct Result {
  Code code = kOk;
  unsigned location = 0;
  Entry entry{};
  bool operator==(const Result&) const = default;
};

struct Wakeup {
  u128 client = 0;
  std::uint32_t nonce = 0;
  std::uint8_t hop = 0;
  bool doi = false;
  bool operator==(const Wakeup&) const = default;
};

enum EventKind : std::uint8_t { kExpired = 2, kWakeFailed = 3 };
struct Event {
  EventKind kind = kExpired;
  Time now = 0;
  std::uint32_t nonce = 0;
  u128 client = 0;
  bool operator==(const Event&) const = default;
};

/// What session control sees in a cycle.
struct Inputs {
  Time time = 0;  // the store time
  bool free = true;
  bool ipv4_enable = true, ipv6_enable = true;
  std::uint8_t resend_budget = 0, wake_tries = 0;
  std::uint32_t wake_interval = 0;
  bool command_valid = false;
  Command command;
  bool seeded = false, nonce_valid = false;
  std::uint32_t nonce = 0;
  bool wakeup_ready = false, event_ready = false;
};

/// What it answers in the same cycle.
struct Outputs {
  bool done = false, ready = false, cleared = false, nonce_ready = false;
  Result result;
  HashKey key{};
  std::optional<Wakeup> wakeup;
  std::optional<Event> event;
  std::optional<unsigned> insert;  // location (V4)
  std::optional<unsigned> walked;  // location that is read by a visit of the walk
  bool found = false;              // the cycle is a of S7
};

class SessionReference {
 public:
  std::array<Entry, 4096> store{};

  SessionReference() : main_(run()), leaf_(main_.handle) {}

  /// One cycle; the first call is cycle R.
  const Outputs& step(const Inputs& inputs) {
    in_ = inputs;
    out_.done = next_result_.has_value();
    if (next_result_) {
      out_.result = *next_result_;
    } else if (was_pending_) {
      out_.result = {};
    }
    next_result_.reset();
    out_.nonce_ready = false;
    out_.wakeup.reset();
    out_.event.reset();
    out_.insert.reset();
    out_.walked.reset();
    out_.found = false;
    leaf_.resume();
    if (main_.handle.promise().failure) std::rethrow_exception(main_.handle.promise().failure);
    if (!out_.ready && pending()) done(kNotReady);  // S3
    was_pending_ = pending();
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
  /// Done, visible in the next cycle.
  void done(Code code, unsigned where = 0, const Entry& entry = {}) { next_result_ = Result{code, where, entry}; }

  Task run() {
    for (unsigned k = 0; k < 1024; ++k) {  // S1
      for (unsigned lane = 0; lane < 4; ++lane) store[location(k >> 1, lane >> 1, (k & 1) << 1 | (lane & 1))] = {};
      co_await cycle();
    }
    out_.cleared = true;
    HashKey key{};
    for (unsigned drawn = 0; drawn < 5;) {  // S2
      out_.nonce_ready = true;
      if (in_.nonce_valid) key[drawn++] = in_.nonce;
      co_await cycle();
    }
    out_.key = key;
    out_.ready = true;
    for (unsigned walk = 0;;) {
      if (pending()) {
        co_await command();
      } else {  // S12
        co_await cycle();
        co_await visit(walk, true);
        walk = (walk + 1) % 4096;
      }
    }
  }

  Task command() {  // from the Idle cycle c to the next Idle cycle
    const Command command = in_.command;
    const bool wake = command.opcode == kWake, insert = wake || command.opcode == kRestore;
    const bool enabled = command.client >> 32 == 0xffff ? in_.ipv4_enable : in_.ipv6_enable;
    Code refusal = kOk;
    if (command.opcode == kNone || (insert && (!enabled || command.lifetime == 0))) refusal = kBadArgument;
    if (command.opcode == kRestore && command.nonce == 0) refusal = kBadArgument;
    if (wake && !in_.seeded) refusal = kNotReady;
    co_await cycle();
    if (refusal != kOk) done(refusal);  // S4
    co_await cycle();
    if (refusal != kOk) co_return;

    if (command.opcode == kReadLocation) {
      co_await read(command.location);
      co_return;
    }
    Entry session{.client = command.client, .nonce = command.nonce};
    if (wake) {  // S5
      for (bool accepted = false; !accepted;) {
        out_.nonce_ready = true;
        accepted = in_.nonce_valid;
        session.nonce = in_.nonce;
        const bool lost = !accepted && !in_.seeded;
        if (lost) done(kNotReady);
        co_await cycle();
        if (lost) co_return;
      }
    }
    co_await cycles(128);  // S6
    const Rows rows = hash(out_.key, command.client);
    // S7
    co_await free_cycle();
    const Time now = in_.time;
    out_.found = true;
    std::array<std::array<Entry, 4>, 2> ways;
    const auto take = [&](unsigned half) {
      for (unsigned lane = 0; lane < 2; ++lane) {
        ways[0][2 * half + lane] = store[location(rows.row0, 0, 2 * half + lane)];
        ways[1][2 * half + lane] = store[location(rows.row1, 1, 2 * half + lane)];
      }
    };
    take(0);
    co_await cycle();
    co_await free_cycle();
    take(1);
    co_await cycles(5);

    // g
    std::optional<unsigned> held, found;
    std::array<std::vector<unsigned>, 2> dead;
    Entry before;
    for (unsigned bank = 0; bank < 2; ++bank) {
      for (unsigned way = 0; way < 4; ++way) {
        const Entry& entry = ways[bank][way];
        const unsigned where = location(bank == 0 ? rows.row0 : rows.row1, bank, way);
        if (!entry.live(now)) dead[bank].push_back(where);
        if (!entry.holds(command.client)) continue;
        held = where;
        if (entry.live(now)) {
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
      } else if (!dead[0].empty() || !dead[1].empty()) {
        where = dead[dead[1].size() > dead[0].size() ? 1 : 0].front();
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
    if (command.opcode == kRead) {
      co_await read(where);
      co_return;
    }

    co_await free_cycle();  // w; S9
    Entry& entry = store[where];
    if (insert) {
      session.deadline = (now + command.lifetime) & kTimeMask;
      session.phase = wake ? std::uint8_t{kOutstanding} : command.phase;
      session.resends_left = in_.resend_budget;
      const bool armed = wake || command.armed;
      session.aux = static_cast<std::uint64_t>(armed) << 56 | static_cast<std::uint64_t>(command.doi) << 55 |
                    static_cast<std::uint64_t>(command.hop) << 52 | now;
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
      if (command.opcode == kClose) entry.nonce = 0;
      done(kOk);
    }
    co_await cycle();
    if (wake) co_await visit(where, false);  // S10
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

  Task visit(unsigned where, bool of_walk) {  // S13, S14; from the first cycle that may be v
    co_await free_cycle();
    if (of_walk) out_.walked = where;
    const Entry entry = store[where];
    const Time now = in_.time;
    co_await cycles(3);
    const unsigned tries = in_.wake_tries;
    const std::uint64_t interval = in_.wake_interval;
    co_await cycles(2);
    const bool expired = entry.nonce != 0 && now >= entry.deadline;
    const bool armed = entry.aux >> 56 & 1;
    const Time next = entry.aux & kTimeMask;
    const auto sent = static_cast<unsigned>(entry.aux >> 48 & 15);
    const bool due = entry.live(now) && entry.phase == kOutstanding && armed && now >= next;
    if (expired || due) {
      co_await free_cycle();  // w
      Entry& kept = store[where];
      if (due && sent < tries) {
        out_.wakeup = Wakeup{entry.client, entry.nonce, static_cast<std::uint8_t>(entry.aux >> 52 & 7),
                             static_cast<bool>(entry.aux >> 55 & 1)};
        if (in_.wakeup_ready) {
          kept.aux = (entry.aux >> 52 << 52) | static_cast<std::uint64_t>(sent + 1) << 48 |
                     ((now + (interval << sent)) & kTimeMask);
        }
      } else {
        out_.event = Event{expired ? kExpired : kWakeFailed, now, entry.nonce, entry.client};
        if (in_.event_ready && expired) {  // S15
          co_await cycle();
          co_await free_cycle();
          store[where].nonce = 0;
        } else if (in_.event_ready) {
          kept.aux = entry.aux & ~(std::uint64_t{1} << 56);
        }
      }
    }
    co_await cycle();
  }

  Inputs in_;
  Outputs out_;
  std::optional<Result> next_result_;
  bool was_pending_ = false;
  Task main_;
  std::coroutine_handle<> leaf_;
};

}  // namespace reveille::tb
