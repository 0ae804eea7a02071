// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <random>
#include <systemc>
#include <vector>

#include "reveille/core/driver.hpp"
#include "reveille/verdict.hpp"
#include "story/flood.hpp"
#include "story/host_interface.hpp"
#include "story/line_time.hpp"
#include "story/network.hpp"
#include "story/stream.hpp"

namespace reveille::sim {

/// A frame on its way into the core: whose it is, and when its first beat was taken.
struct LineFrame {
  Bytes octets;
  std::optional<Attack> attack;  ///< nothing: a true frame
  const Hole* hole = nullptr;    ///< of Attack::holes
  std::uint64_t cycle = 0;
  sc_core::sc_time time;
};

/// Watches what passes the core; every call gives the time of the cycle in question.
class CoreObserver {
 public:
  virtual ~CoreObserver() = default;
  virtual void judged(const LineFrame& frame, Verdict verdict, bool pass, bool lost) = 0;
  /// At m_axis_host; `hole` as in the LineFrame that it was.
  virtual void delivered(const Bytes& frame, Verdict verdict, const Hole* hole, const sc_core::sc_time& time) = 0;
  virtual void transmitted(const Bytes& frame, const sc_core::sc_time& time) = 0;  ///< m_axis_net
};

/// The core's place in the system: its clock, its line from the network (true frames first, attackers fill the rest),
/// its host's driver and its entropy source. The core itself may be the Verilated one, the model, or both in lockstep.
///
/// Time. The clock runs ahead of the kernel to the next event that anybody waits for; then the kernel catches up. When
/// nothing can happen in the core it stands still, and time_i jumps to the next event.
class CoreSite final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(CoreSite);
  struct Config {
    core::Setup setup;  ///< hop 0 leads to all clients
    std::uint64_t seed = 1;
    double flood_share = 1;
    sc_core::sc_time end;  ///< of the run: no cycle is run ahead of it
  };
  static constexpr std::uint64_t period_ps = 6'400;  ///< 156.25 MHz

  CoreSite(sc_core::sc_module_name name, core::CoreInterface& core, Config config, Network& network, Flood* flood,
           CoreObserver& observer);

  [[nodiscard]] HostInterface& host() { return host_; }
  std::function<void()> on_ready;                         ///< the core is seeded and configured
  std::function<void(const Bytes&, Verdict)> on_frame;    ///< a frame for the host
  std::function<void()> after_calls;                      ///< after on_ready, on_frame or the host driver's calls
  std::function<bool()> may_sleep = [] { return true; };  ///< no session waits for the core's timers

  /// Throws what ended the clock: a difference in lockstep, a broken promise, or a signal during the core's start.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }
  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }
  [[nodiscard]] std::uint64_t net_ready_low() const { return net_ready_low_; }
  [[nodiscard]] double jumped_us() const { return jumped_us_; }

 private:
  void clock_thread();
  void clock();
  void bring_up();
  void run();
  void sleep();
  void step(const sc_core::sc_time& time);
  void feed_line(const sc_core::sc_time& time, const core::Outputs& outputs);
  void next_line_frame();
  void collect(const sc_core::sc_time& time, const core::Outputs& outputs);
  void settle_verdict(const core::Outputs& outputs);
  void receive(const nodes::Datagram& datagram);
  [[nodiscard]] bool quiet() const;

  core::CoreInterface& core_;
  Config config_;
  Network& network_;
  Flood* flood_;
  CoreObserver& observer_;
  HostInterface host_;
  std::mt19937_64 entropy_;
  std::uint64_t entropy_pool_ = 0;
  unsigned entropy_left_ = 0;

  sc_core::sc_event work_;
  std::deque<Bytes> line_queue_;
  FrameSender line_;
  LineTime line_time_;
  std::uint64_t flood_resumes_ = 0;  ///< the octet time at which attackers have made the pause that their share wants
  std::optional<Attack> line_attack_;
  const Hole* line_hole_ = nullptr;
  std::array<LineFrame, 32> in_flight_;  ///< a ring: at most fourteen frames lie between first beat and verdict
  std::size_t in_flight_head_ = 0;
  std::size_t in_flight_count_ = 0;
  std::deque<const Hole*> passed_;  ///< of each frame that is to come out at the host
  HostFrameCollector host_frames_;
  FrameCollector net_frames_;
  std::vector<std::function<void()>> posted_;  ///< called when the kernel has caught up
  bool flooding_ = false;
  std::exception_ptr failure_;

  std::uint64_t cycles_ = 0;
  std::uint64_t last_activity_ = 0;
  std::uint64_t net_ready_low_ = 0;
  double jumped_us_ = 0;
};

}  // namespace reveille::sim
