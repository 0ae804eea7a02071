// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/session_find.hpp"
#include "reveille/core/session_visit.hpp"

namespace reveille::core {

struct SessionControlInputs {
  const Command* command = nullptr;  ///< command_valid_i: not null until done
  bool nonce_valid = false;
  std::uint32_t nonce = 0;
  bool seeded = false;
  bool free = true;  ///< not a frame cycle
  bool event_ready = false;
  bool wakeup_ready = false;
  std::uint64_t time = 0;  ///< the store time
};

/// Everything that is not a frame: clearing, the hash tables, the host's commands, and the visits of the two walks
/// (docs/timing/guard.md, S1 to S16).
class SessionControl {
 public:
  SessionControl() { reset(); }

  [[nodiscard]] bool nonce_ready() const {
    return state_ == State::draw || (state_ == State::fill && hash_words_ < ClientHash::kWords);
  }
  [[nodiscard]] bool ready() const { return ready_; }  ///< store cleared and hash tables filled
  [[nodiscard]] bool done() const { return done_; }    ///< command_done_o
  [[nodiscard]] const CommandResult& result() const { return result_; }
  [[nodiscard]] const ClientHash& hash() const { return hash_; }
  /// What is offered in this cycle, or null (S16).
  [[nodiscard]] const Event* event() const { return visit_.event(); }
  [[nodiscard]] const WakeupJob* wakeup() const { return visit_.wakeup(); }

  void reset();
  /// `store` is read and written as the inputs of this cycle allow.
  void clock(const SessionControlInputs& in, NonceStore& store, const Configuration& config);
  /// For how many cycles it has nothing to do while there is no command, and no nonce where it waits for one.
  [[nodiscard]] std::uint64_t cycles_to_wait() const {
    if (pending_before_ || done_) return 0;
    if (state_ == State::visit) return visit_.cycles_to_wait(cycle_);
    return state_ == State::fill && nonce_ready() ? ~std::uint64_t{0} : 0;
  }
  void pass(std::uint64_t cycles) { cycle_ += cycles; }
  bool operator==(const SessionControl&) const = default;

 private:
  enum class State : std::uint8_t { clear, fill, idle, start, draw, find, decide, write, read, done, visit };

  void go(State state, std::uint64_t at);
  void end_command(const CommandResult& result);
  void end_command(ResultCode code) { end_command(CommandResult{code, 0, {}, {}}); }
  [[nodiscard]] bool eligible(const Command& pending, const SessionControlInputs& in, std::uint64_t now) const;
  void leave_idle(bool was_eligible, const SessionControlInputs& in, std::uint64_t now, const Configuration& config);
  void fill(const SessionControlInputs& in);
  void start_command();
  void draw(const SessionControlInputs& in);
  void decide();
  void write(NonceStore& store, const Configuration& config);
  void insert(NonceStore& store, const Configuration& config);
  void read(const NonceStore& store);

  std::uint64_t cycle_ = 0;
  std::uint64_t at_ = 0;  // the state acts from this cycle on
  State state_ = State::clear;
  bool ready_ = false;
  bool done_ = false;
  bool last_was_command_ = false;
  bool pending_before_ = false;
  std::uint64_t pending_since_ = 0;
  bool eligible_ = false;  // as the cycle before was, but for what was done last
  CommandResult result_;
  CommandResult read_result_;

  ClientHash hash_;
  unsigned hash_words_ = 0;  // filled

  Command command_;                      // under way; it is stable while it is pending
  ResultCode refusal_ = ResultCode::ok;  // what is known of it at once
  std::uint32_t drawn_ = 0;              // nonce of the wake command
  std::uint64_t now_ = 0;                // of the command
  SessionFind find_;
  unsigned find_reads_ = 0;     // read cycles that the find has had
  std::uint16_t location_ = 0;  // of the command

  SessionVisit visit_;
};

}  // namespace reveille::core
