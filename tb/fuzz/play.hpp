// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fuzz/frames.hpp"
#include "fuzz/policy_oracle.hpp"
#include "model/core/support.hpp"
#include "reveille/driver/error.hpp"

namespace reveille::fuzz {

using core::Command;

/// Where an input begins: what host and policy know of a core that stands there.
struct Start {
  core::Setup setup;
  core::Inputs inputs;
  Frames frames;
  PolicyOracle oracle;
};

/// Plays an input on a core: each octet is an order, and what follows it its arguments (`order`). What the pages leave
/// without a defined result is not done: no frame is under way while its configuration changes, server addresses stay
/// as they are, counters are not read just behind a reset.
class Play {
 public:
  static constexpr unsigned kStarts = 4;
  static constexpr std::uint64_t kMostCycles = 20000;  ///< of an input

  Play(core::CoreInterface& core, const Start& start) : core_(core), bench_(core), start_(start) {
    core_.inputs = start.inputs;
    bench_.perturb = [this](core::Inputs& in) { drive(in); };
  }

  /// A core from its power-up on to where the others begin.
  static Start cold(core::CoreInterface& core);
  /// From there until the store is ready; takes a million cycles.
  static Start ready(core::CoreInterface& core, const Start& cold);
  /// From there in another configuration, with sessions in all phases. 1 to kStarts - 1; 0 is the cold one.
  static Start at_work(core::CoreInterface& core, const Start& ready, unsigned number);
  /// Which of them an input begins at.
  static unsigned start_of(ByteView input) { return input.empty() ? 1 : input[0] % 16 < kStarts ? input[0] % 16 : 1; }

  void run(ByteView input) {
    Choices choices(input.subspan(std::min<std::size_t>(1, input.size())));
    try {
      while (!choices.over()) order(choices);
      host_rx_ = net_tx_ = 0xFF;
      for (unsigned i = 0; i != 2000 && !(bench_.net_rx.empty() && bench_.host_tx.empty()); ++i) bench_.step();
      bench_.run(60);
    } catch (const Enough&) {
    }
  }
  [[nodiscard]] const PolicyOracle& oracle() const { return start_.oracle; }
  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }

 private:
  struct Enough {};
  enum class Noise { flowing, none, slow, stuck, biased, narrow };

  void drive(core::Inputs& in) {
    if (cycles_ == kMostCycles) throw Enough{};
    const auto bit = [this](unsigned pattern) { return (pattern >> cycles_ % 8 & 1) != 0; };
    in.host_rx_ready = bit(host_rx_);
    in.net_tx_ready = bit(net_tx_);
    if (!drives_bus_) in.bready = in.rready = bit(bus_);
    noise_ = noise_ * 6364136223846793005U + 1442695040888963407U;
    const auto sample = static_cast<std::uint8_t>(noise_ >> 56);
    in.entropy_valid = source_ != Noise::none && (source_ != Noise::slow || sample < 26);
    in.entropy_data = source_ == Noise::stuck || (source_ == Noise::biased && sample < 46) ? 0x42
                      : source_ == Noise::narrow                                           ? sample & 3
                                                 : static_cast<std::uint8_t>(noise_ >> 48);
    if (walk_ != 0 && cycles_ % walk_ == 0 && in.time_us != policy::last_time) ++in.time_us;
    start_.oracle.see(in, core_.outputs());
    since_reset_ = in.rst_n ? since_reset_ + 1 : 0;
    ++cycles_;
  }

  void order(Choices& choices);
  void reset(Choices& choices);
  void queue(ByteView frame) {
    unsigned at = 0;
    for (const core::StreamSource& beat : core::test::beats(frame)) {
      if ((gaps_ >> at++ % 8 & 1) != 0) bench_.net_rx.push_back({});
      bench_.net_rx.push_back(beat);
    }
    while (bench_.net_rx.size() > 1500) bench_.step();
  }
  /// Until no frame is under way, so that each sees one configuration, and the policy knows in which order what came.
  void settle() {
    for (unsigned i = 0; !(bench_.net_rx.empty() && bench_.host_tx.empty()); ++i) {
      if (i == 2000) host_rx_ = net_tx_ = 0xFF;
      bench_.step();
    }
    bench_.run(20);
  }

  Command command(Choices& choices, unsigned& client);
  void run_quietly(Choices& choices);
  void tell_policy(const Command& command, const driver::CommandResult& result);
  void begin_command(Choices& choices);
  void storm(Choices& choices);
  void host_message(Choices& choices);
  void configure(Choices& choices);
  void poke(Choices& choices);
  void read(std::uint16_t address);
  void write(std::uint16_t address, std::uint32_t value);
  [[noreturn]] static void differs(const std::string& what) { throw Error(ErrorKind::internal, "POLICY " + what); }

  core::CoreInterface& core_;
  core::test::Bench bench_;
  Start start_;
  std::uint64_t cycles_ = 0;
  std::uint64_t since_reset_ = 1000;
  std::uint64_t noise_ = 1;
  std::uint8_t host_rx_ = 0xFF, net_tx_ = 0xFF, bus_ = 0xFF;  // when they are ready, a bit a cycle
  std::uint8_t gaps_ = 0;                                     // before beats, a bit each
  unsigned walk_ = 0;                                         // cycles of a microsecond
  Noise source_ = Noise::flowing;
  bool drives_bus_ = false;
  bool empty_ = false;  // the store, since a reset
};

}  // namespace reveille::fuzz
