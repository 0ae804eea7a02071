// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/random_run.hpp"

namespace reveille::sim::test {

/// A random run with resets in the middle of everything, in most of which the host has to begin anew before the store
/// is ready.
class ResetRun {
 public:
  /// In the middle of what a reset comes.
  enum class At { anything, read, write, command, wake, net_in, net_out, host_in, host_out, startup, seed };
  static constexpr std::size_t kPlaces = 11;

  ResetRun(core::CoreInterface& core, std::uint64_t seed)
      : core_(core), run_(core, seed), random_(~seed), next_place_(seed) {
    run_.interfere = [this](Inputs& in) { look(in); };
  }

  /// Another run from where it stands.
  void seed(std::uint64_t value) {
    random_.seed(~value);
    next_place_ = value;
    run_.seed(value);
  }
  /// From a reset until the store is ready.
  void bring_up() { run_.bring_up(); }
  /// Of a store that is ready.
  void configure() { run_.configure(); }
  /// Goes on without a reset; every hundred steps under a flood of another spacing.
  void work(unsigned steps) {
    for (unsigned step = 0; step != steps; ++step) {
      if (step % 100 == 50) run_.flood(below(300), 7 + below(58), chance(50) ? 0 : below(4));
      run_.step();
    }
  }
  /// Goes on as it stands, through as many resets.
  void play(unsigned resets) {
    for (; resets != 0; --resets) {
      aim();
      try {
        while (true) run_.step();
      } catch (const ResetNow&) {
      }
      reset();
      begin_anew();
    }
    bench().run(2000);
  }
  [[nodiscard]] const std::array<unsigned, kPlaces>& places() const { return places_; }

 private:
  struct ResetNow {};
  /// Cycles that a reset waits for its place at most.
  static constexpr unsigned kPatience = 20000;

  bool chance(unsigned percent) { return random_() % 100 < percent; }
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  core::test::Bench& bench() { return run_.bench(); }

  void aim() {
    at_ = static_cast<At>(next_place_++ % kPlaces);
    delay_ = below(chance(50) ? 4 : 200);
    patience_ = kPatience;
    aims_ = true;
  }

  /// Sees every cycle's inputs and outputs; the reset that is aimed at comes instead of this cycle.
  void look(const Inputs& in) {
    const core::Outputs& out = core_.outputs();
    const bool here = is_at(in);
    const auto ends = [](bool open, const core::StreamSource& beat, bool moves) { return moves ? !beat.last : open; };
    net_in_ = ends(net_in_, in.net_rx, in.net_rx.valid && out.net_rx_ready);
    net_out_ = ends(net_out_, out.net_tx, out.net_tx.valid && in.net_tx_ready);
    host_in_ = ends(host_in_, in.host_tx, in.host_tx.valid && out.host_tx_ready);
    host_out_ = ends(host_out_, out.host_rx, out.host_rx.valid && in.host_rx_ready);
    reads_ = in.arvalid || (reads_ && !(out.rvalid && in.rready));
    writes_ = in.awvalid || (writes_ && !(out.bvalid && in.bready));
    if (out.awready && in.awaddr == core::address::command) command_ = in.wdata & 7;
    if (out.arready && in.araddr == core::address::result) command_ = 0;
    ++since_reset_;
    if (!aims_ || (--patience_ != 0 && !(here && delay_-- == 0))) return;
    if (here) ++places_[static_cast<std::size_t>(at_)];
    aims_ = false;
    throw ResetNow{};
  }
  [[nodiscard]] bool is_at(const Inputs& in) const {
    switch (at_) {
      case At::anything: return true;
      case At::read: return reads_;
      case At::write: return writes_;
      case At::command: return command_ != 0;
      case At::wake: return command_ == static_cast<unsigned>(CommandCode::wake);
      case At::net_in: return net_in_;
      case At::net_out: return net_out_;
      case At::host_in: return host_in_;
      case At::host_out: return host_out_;
      case At::startup: return in.entropy_valid && since_reset_ < 1300;
      case At::seed: return since_reset_ > 1500 && since_reset_ < 6500;
    }
    return false;
  }

  /// Most take one cycle; some come in a row, before the one before has been left. All else goes on.
  void reset() {
    if (chance(50)) core_.inputs.arvalid = core_.inputs.awvalid = core_.inputs.wvalid = false;
    // Counters are not defined so early (H12).
    if (core_.inputs.araddr >= 0x200 && core_.inputs.araddr < 0x300) core_.inputs.arvalid = false;
    do {
      core_.inputs.rst_n = false;
      bench().run(chance(60) ? 1 : 2 + below(5));
      core_.inputs.rst_n = true;
      bench().run(below(7));
    } while (chance(30));
    since_reset_ = command_ = 0;
    net_in_ = net_out_ = host_in_ = host_out_ = reads_ = writes_ = false;
    finish_access();
    bench().run(70 + below(200));
  }
  /// Of a host that has not noticed the reset.
  void finish_access() {
    Inputs& in = core_.inputs;
    while (in.arvalid || in.awvalid) {
      const bool read = core_.outputs().arready;
      const bool written = core_.outputs().awready;
      bench().step();
      if (read) in.arvalid = false;
      if (written) in.awvalid = in.wvalid = false;
    }
  }
  /// With or without a configuration, which the next reset may come into.
  void begin_anew() {
    if (chance(20)) return;
    aim();
    try {
      run_.configure();
    } catch (const ResetNow&) {
      reset();
      run_.configure();
    }
    aims_ = false;
  }

  core::CoreInterface& core_;
  RandomRun run_;
  std::mt19937_64 random_;
  std::uint64_t next_place_;
  bool aims_ = false;
  At at_ = At::anything;
  unsigned delay_ = 0;
  unsigned patience_ = 0;
  std::array<unsigned, kPlaces> places_{};
  // What is under way.
  bool reads_ = false, writes_ = false;
  bool net_in_ = false, net_out_ = false, host_in_ = false, host_out_ = false;
  unsigned command_ = 0;  // its code
  unsigned since_reset_ = 0;
};

}  // namespace reveille::sim::test
