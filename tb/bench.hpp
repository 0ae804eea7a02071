// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <verilated.h>

#include <memory>
#include <optional>

#include "waveform.hpp"

namespace reveille::tb {

/// A Verilated block with its clock and reset; whatever has no value begins with a random one.
template <class Dut>
class Bench {
 public:
  explicit Bench(int seed) {
    context_.randReset(2);
    context_.randSeed(seed);
    context_.assertOn(false);
    dut = std::make_unique<Dut>(&context_);
    waveform_.emplace(context_, *dut);
    dut->clk_i = 0;
    dut->rst_ni = 1;
    dut->eval();
    reset();
  }

  /// Assertions sleep meanwhile: before the first reset registers hold anything.
  void reset() {
    context_.assertOn(false);
    dut->rst_ni = 0;
    tick();
    dut->rst_ni = 1;
    context_.assertOn(true);
  }

  /// Settles the outputs of this cycle.
  void settle() { dut->eval(); }

  /// The rising edge that ends this cycle.
  void tick() {
    waveform_->sample();
    dut->clk_i = 1;
    dut->eval();
    waveform_->sample();
    dut->clk_i = 0;
    dut->eval();
  }

 private:
  VerilatedContext context_;

 public:
  std::unique_ptr<Dut> dut;

 private:
  std::optional<Waveform<Dut>> waveform_;  // closed before the block goes
};

}  // namespace reveille::tb
