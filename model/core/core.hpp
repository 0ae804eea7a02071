// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/counters.hpp"
#include "core/egress_arbiter.hpp"
#include "core/event_log.hpp"
#include "core/frame_buffer.hpp"
#include "core/frame_delay.hpp"
#include "core/frame_parser.hpp"
#include "core/guard.hpp"
#include "core/message_framer.hpp"
#include "core/nonce_generator.hpp"
#include "core/ports.hpp"
#include "core/registers.hpp"
#include "core/session_control.hpp"

namespace reveille::core {

/// The cycle-accurate model of the whole core, built from docs/ alone. Begins in reset; a cycle with `rst_n` low shows
/// its outputs in the next one, and the third cycle with `rst_n` high is the last one in reset (docs/timing.md,
/// "Reset").
class Core final : public CoreInterface {
 public:
  explicit Core(const NonceGeneratorParameters& generator = {});
  const Outputs& outputs() override { return outputs_; }
  void clock() override;

  /// For tests and reports: the blocks as they stand in this cycle.
  [[nodiscard]] const NonceStore& store() const { return store_; }
  [[nodiscard]] const SessionControl& session_control() const { return session_control_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const Configuration& configuration() const { return registers_.configuration(); }

 private:
  static constexpr unsigned kReleaseCycles = 3;  ///< in reset, with `rst_n` high
  void reset();
  void sample();
  void clock_egress(bool message_waits, const WakeupJob* job, const Configuration& config);
  void show();

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
};

}  // namespace reveille::core
