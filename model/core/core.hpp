// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "reveille/core/counters.hpp"
#include "reveille/core/egress_arbiter.hpp"
#include "reveille/core/event_log.hpp"
#include "reveille/core/frame_buffer.hpp"
#include "reveille/core/frame_delay.hpp"
#include "reveille/core/frame_parser.hpp"
#include "reveille/core/guard.hpp"
#include "reveille/core/message_framer.hpp"
#include "reveille/core/nonce_generator.hpp"
#include "reveille/core/ports.hpp"
#include "reveille/core/registers.hpp"
#include "reveille/core/session_control.hpp"

namespace reveille::core {

/// The cycle-accurate model of the whole core, built from docs/ alone. Begins in reset; a cycle with `rst_n` low shows
/// its outputs in the next one, and the third cycle with `rst_n` high is the last one in reset (docs/timing.md,
/// "Reset").
class Core final : public CoreInterface {
 public:
  explicit Core(const NonceGeneratorParameters& generator = {});
  const Outputs& outputs() override { return outputs_; }
  void clock() override;
  std::size_t stream(ByteView octets, std::vector<StreamSource>& host) override;

  /// For tests and reports: the blocks as they stand in this cycle.
  [[nodiscard]] const NonceStore& store() const { return store_; }
  [[nodiscard]] const SessionControl& session_control() const { return session_control_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const Configuration& configuration() const { return registers_.configuration(); }
  bool operator==(const Core&) const = default;

 private:
  static constexpr unsigned kReleaseCycles = 3;  ///< in reset, with `rst_n` high
  /// What egress and registers take of a cycle in which they are awake.
  struct HostCycle {
    bool message_waits = false;
    bool wakeup_taken = false;
    WakeupJob job;  ///< that is taken
    RegisterInputs registers;
    bool operator==(const HostCycle&) const = default;
  };
  /// For how many of the next cycles a block has nothing to do but to count them, and how many it has not counted yet.
  class Sleep {
   public:
    void begin(std::uint64_t cycles) { left_ = cycles; }
    bool passes() {
      if (left_ == 0) return false;
      --left_;
      ++slept_;
      return true;
    }
    /// All of these cycles, at most `left()`.
    void pass(std::uint64_t cycles) {
      left_ -= cycles;
      slept_ += cycles;
    }
    [[nodiscard]] std::uint64_t left() const { return left_; }
    std::uint64_t wake() { return std::exchange(slept_, 0); }
    bool operator==(const Sleep&) const = default;

   private:
    std::uint64_t left_ = 0;
    std::uint64_t slept_ = 0;
  };
  void reset();
  [[nodiscard]] std::size_t cycles_to_stream() const;
  std::size_t walk(std::size_t most);
  [[nodiscard]] bool host_side_is_awake(const VerdictOutput* verdict) const;
  void begin_host_side(const VerdictOutput* verdict, bool lost, std::uint64_t time);
  [[nodiscard]] SessionControlInputs session_inputs(const Lookup* lookup, bool event_ready,
                                                    std::uint64_t store_time) const;
  void clock_session_control(const SessionControlInputs& in);
  void clock_generator(bool nonce_ready);
  void clock_egress(const Configuration& config);
  void end_host_side(const Configuration& config);
  void sample();
  void show_host_side();
  void show_frames();

  FrameParser parser_;
  FrameDelay delay_;
  FrameBuffer buffer_;
  NonceStore store_;
  Guard guard_;
  SessionControl session_control_;
  NonceGenerator generator_;
  MessageFramer framer_;
  EgressArbiter arbiter_;
  EventLog event_log_;
  Counters counters_;
  Registers registers_;
  Outputs outputs_;
  unsigned release_cycles_left_ = kReleaseCycles;
  HostCycle host_cycle_;
  bool host_side_settled_ = false;  // registers, event log and egress do nothing until something comes
  std::uint64_t host_slept_ = 0;    // cycles that they have not counted yet
  Sleep session_sleep_;
  Sleep generator_sleep_;
};

}  // namespace reveille::core
