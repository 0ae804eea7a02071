// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>

#include "engine/core_engine.hpp"
#include "reveille/core/driver.hpp"

namespace reveille::sim {

/// Frames that wait for the core; their room is used again.
class FrameQueue {
 public:
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t size() const { return count_; }
  void push(ByteView frame, bool message = false);
  [[nodiscard]] const Bytes& front() const { return frames_[first_].octets; }
  /// Of the front: it is a host message, descriptor and all.
  [[nodiscard]] bool is_message() const { return frames_[first_].message; }
  void pop();

 private:
  struct Slot {
    Bytes octets;
    bool message = false;
  };
  std::vector<Slot> frames_;  ///< a ring
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

/// The core between two lines, in real time: time_i is this machine's clock (microseconds since 1970), while cycles run
/// only where there is something to do. A signal ends bring_up() with Interrupted, a difference in lockstep any call
/// with DifferenceFound.
class LiveCore {
 public:
  /// `passed`: microseconds since it began, never less than before; by default of this machine's steady clock.
  explicit LiveCore(EngineKind kind, std::function<std::uint64_t()> passed = steady_time());

  /// A frame of the network has its verdict. `lost`: it would have passed, and the core had no room.
  std::function<void(ByteView frame, Verdict verdict, bool pass, bool lost)> on_verdict;
  std::function<void(ByteView frame, Verdict verdict)> on_host_frame;  ///< for the host
  std::function<void(ByteView frame)> on_net_frame;                    ///< for the network

  void bring_up(const core::Setup& setup);
  void from_net(ByteView frame) { net_queue_.push(frame); }
  void from_host(ByteView frame) { host_queue_.push(frame); }
  /// With its descriptor (docs/architecture.md, A19). The core frames it: twice its octets in cycles, behind a Wake Up.
  void from_host_message(ByteView message) {
    host_queue_.push(message, true);
    owed_ += 2 * message.size() + kFramingCycles;
  }
  /// Whether more frames may come: what waits in front of the core stays short.
  [[nodiscard]] bool has_room() const { return net_queue_.size() + host_queue_.size() < kMostWaiting; }
  /// Runs until no frame waits to go in.
  void run_frames();
  /// Runs on for a while, so that what is under way comes out and what is owed is done. Whether something is left.
  bool run_on();
  /// From now on the core needs the cycles in which it visits every session.
  void owe() { owed_ = std::max(owed_, kWalkCycles); }
  [[nodiscard]] std::uint64_t now_us() const { return begin_us_ + passed_(); }
  /// time_i is now: before a command.
  void set_time() { cores_.core().inputs.time_us = now_us(); }
  [[nodiscard]] core::Driver& driver() { return driver_; }
  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }
  /// Checks of the RTL.
  void finish() { cores_.core().finish(); }

 private:
  static std::function<std::uint64_t()> steady_time();

  static constexpr std::size_t kMostWaiting = 256;
  /// B4 and B7 of docs/timing.md, for a core without commands, and a Wake Up's framing.
  static constexpr std::uint64_t kWalkCycles = std::uint64_t{25} * config::kSessions + 8'192;

  static constexpr std::uint64_t kFramingCycles = 1'024;

  void step();
  void start_host_frame();
  void feed_noise(core::Inputs& inputs);
  void take_outputs(const core::Outputs& outputs);

  CoreSet cores_;
  core::Driver driver_;
  FrameQueue net_queue_;
  FrameQueue host_queue_;
  FrameSender net_line_;
  FrameSender host_line_;
  Bytes host_frame_;  ///< with its header in band
  FrameCollector net_frames_;
  HostFrameCollector host_frames_;
  FrameQueue judged_next_;           ///< went in, no verdict yet
  std::uint64_t host_expected_ = 0;  ///< passed, not yet out
  std::uint64_t last_egress_ = 0;    ///< cycle in which something last moved towards the network
  std::uint64_t owed_ = 0;
  std::uint64_t cycles_ = 0;
  std::array<std::uint8_t, 4096> noise_{};
  std::size_t noise_used_ = sizeof noise_;
  std::function<std::uint64_t()> passed_;
  std::uint64_t begin_us_;
  bool up_ = false;
};

}  // namespace reveille::sim
