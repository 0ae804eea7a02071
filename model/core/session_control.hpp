// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "core/nonce_store.hpp"

namespace reveille::core {

enum class CommandCode : std::uint8_t { wake = 1, reply, reject, close, restore, read, read_location };
enum class ResultCode : std::uint8_t { ok, full, live, not_ready, not_found, wrong_state, bad_argument };

/// A host command as the registers hold it (docs/architecture.md, "Commands").
struct Command {
  std::uint8_t code = 0;
  net::Address client;
  std::uint64_t lifetime = 0;  ///< microseconds
  std::uint64_t tag = 0;
  std::uint32_t nonce = 0;
  std::uint16_t location = 0;
  Phase phase = Phase::outstanding;
  std::uint8_t hop = 0;
  bool snmp = false;  ///< DOI 2
  bool armed = false;
};

struct CommandResult {
  ResultCode code = ResultCode::ok;
  std::uint16_t location = 0;
  Entry entry;
  EntryState state;
};

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

/// What session_control does during a cycle, which depends on that cycle's inputs.
struct SessionControlActions {
  std::optional<std::uint16_t> inserted;
  const WakeupJob* wakeup = nullptr;  ///< handed over
  const Event* event = nullptr;       ///< handed over
};

/// Everything that is not a frame: clearing, the hash key, the host's commands, and the visit (docs/timing/guard.md, S1
/// to S14).
class SessionControl {
 public:
  [[nodiscard]] bool nonce_ready() const { return state_ == State::draw_key || state_ == State::draw_nonce; }
  [[nodiscard]] bool ready() const { return ready_; }  ///< store cleared and hash key drawn
  [[nodiscard]] bool done() const { return done_; }    ///< command_done_o
  [[nodiscard]] const CommandResult& result() const { return result_; }
  [[nodiscard]] const HashKey& key() const { return key_; }

  void reset();
  /// `store` is read and written as the inputs of this cycle allow.
  SessionControlActions clock(const SessionControlInputs& in, NonceStore& store, const Configuration& config);

 private:
  enum class State : std::uint8_t {
    clear,
    draw_key,
    idle,
    start,
    draw_nonce,
    find_low,
    find_high,
    decide,
    write,
    visit,
    classify,
    visit_write,
    expire,
    read,
    done,
    to_idle
  };
  struct Candidate {
    std::uint16_t location = 0;
    bool live = false;
    bool holds_client = false;
    EntryState state;
    Entry entry;
  };

  void go(State state, std::uint64_t at);
  void finish(const CommandResult& result);
  void finish(ResultCode code) { finish(CommandResult{code, 0, {}, {}}); }
  void start_command();
  void read_candidates(unsigned half, const NonceStore& store);
  void decide();
  void write(NonceStore& store, const Configuration& config);
  void visit(std::uint64_t time, const NonceStore& store);
  void classify(const Configuration& config);
  void visit_write(const SessionControlInputs& in, NonceStore& store);

  std::uint64_t cycle_ = 0;
  std::uint64_t at_ = 0;  // the state acts from this cycle on
  State state_ = State::clear;
  bool ready_ = false;
  bool done_ = false;
  bool pending_before_ = false;
  CommandResult result_;
  CommandResult read_result_;

  HashKey key_;
  std::array<std::uint32_t, 5> key_words_{};
  unsigned key_count_ = 0;

  Command command_;                        // under way; it is stable while it is pending
  ResultCode refusal_ = ResultCode::ok;    // what is known of it at once
  std::uint32_t drawn_ = 0;                // nonce of the wake command
  std::uint64_t now_ = 0;                  // of the command, or of the visit
  std::array<Candidate, 8> candidates_{};  // by bank and way
  unsigned chosen_ = 0;

  std::uint16_t walk_ = 0;
  std::uint16_t visited_ = 0;
  bool is_wakeup_ = false;  // what is due is a Wake Up, not an event
  Entry visited_entry_;     // as it will be written
  WakeupJob job_;
  Event event_;
  SessionControlActions actions_;
};

}  // namespace reveille::core
