// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include "engine.hpp"
#include "engine/lockstep.hpp"
#include "engine/make_verilated_core.hpp"
#include "reveille/core/driver.hpp"
#include "story/stream.hpp"

namespace reveille::sim {

/// The core that an engine's kind names: the Verilated one, its model, or both in lockstep.
class CoreSet {
 public:
  CoreSet(EngineKind kind, std::uint64_t seed, const std::optional<WaveformWindow>& waveform = {});
  /// These two in lockstep.
  CoreSet(std::unique_ptr<core::CoreInterface> rtl, std::unique_ptr<core::CoreInterface> model, std::uint64_t seed);

  /// What is to be driven.
  [[nodiscard]] core::CoreInterface& core() { return *driven_; }
  /// Null unless the kind is lockstep.
  [[nodiscard]] const Lockstep* lockstep() const { return lockstep_.get(); }
  /// Null if the kind is rtl.
  [[nodiscard]] core::CoreInterface* model() { return model_.get(); }

 private:
  std::unique_ptr<core::CoreInterface> rtl_;
  std::unique_ptr<core::CoreInterface> model_;
  std::unique_ptr<Lockstep> lockstep_;
  core::CoreInterface* driven_ = nullptr;
};

/// Plays frames through a core, cycle by cycle. time_i is set at each frame's first beat; between frames no cycle runs.
class CoreEngine final : public Engine {
 public:
  explicit CoreEngine(EngineKind kind);
  explicit CoreEngine(CoreSet cores);

  void configure(const policy::ServerConfig& config) override;
  ResultCode command(const driver::Command& command, std::uint64_t time_us) override;
  void play(ByteView frame, std::uint64_t time_us) override;
  void finish() override;
  [[nodiscard]] std::uint64_t cycles() const override { return cycles_; }

 private:
  /// A frame that went in and has no outcome yet.
  struct Pending {
    Outcome outcome;
    bool judged = false;
    bool passes = false;
  };

  /// One cycle: looks at its outputs, then clocks. Throws DifferenceFound, and Interrupted after a signal.
  void step();
  /// The cycles, if there are any, that only move octets; never the last of a frame.
  void stream();
  /// Until every frame that went in has its outcome.
  void settle();
  /// Whether sessions had expired by then; if so, cycles have run until the store was rid of them.
  bool sweep(std::uint64_t time_us);
  ResultCode carry_out(const driver::Command& command, std::uint64_t time_us);
  void take_verdict(const core::Outputs& outputs);
  void take_host_frame();
  void deliver();
  /// After a difference: the frames judged before it are right, and the model alone brings them out at the host.
  void finish_judged(const LockstepDifference& difference);

  CoreSet cores_;
  core::Driver driver_;
  FrameSender line_;
  HostFrameCollector host_;
  std::vector<core::StreamSource> host_beats_;  ///< of stream()
  std::deque<Pending> pending_;
  std::size_t judged_ = 0;  ///< of pending_, from the front
  std::uint64_t cycles_ = 0;
  /// Of the sessions restored, the earliest on top; those of before the last sweep are gone.
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> deadlines_;
};

}  // namespace reveille::sim
