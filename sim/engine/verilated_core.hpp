// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <verilated.h>

#include <limits>
#include <memory>

#include "reveille/common/error.hpp"
#include "reveille/core/ports.hpp"

namespace reveille::sim {

/// The Verilated core behind the same interface as its model. `Top` is a class that Verilator made of rtl/reveille.sv;
/// whoever wants waveforms takes a tracing one and overrides `evaluated`.
template <typename Top>
class VerilatedCore : public core::CoreInterface {
 public:
  /// `seed`: of whatever the design leaves without a value at reset.
  explicit VerilatedCore(int seed) : top_(nullptr) {
    context_.randReset(2);
    context_.randSeed(seed);
    context_.assertOn(false);                              // before the first reset registers hold anything
    context_.errorLimit(std::numeric_limits<int>::max());  // Verilator would end the program
    top_ = std::make_unique<Top>(&context_);
    // Reset acts at its falling edge, so there must be one; data have their values from the first clock edge on.
    for (const unsigned half : {0U, 1U, 2U}) {
      inputs.rst_n = half == 0;
      drive();
      top_->clk = half == 2;
      top_->eval();
    }
    context_.assertOn(true);
    sample();
    inputs.rst_n = true;
  }
  ~VerilatedCore() override { top_->final(); }
  VerilatedCore(const VerilatedCore&) = delete;
  VerilatedCore& operator=(const VerilatedCore&) = delete;

  const core::Outputs& outputs() override { return outputs_; }
  void clock() override {
    Verilated::threadContextp(
        &context_);  // an assertion's message reads the time there; that of another core may be gone
    drive();
    top_->clk = 0;
    top_->eval();
    evaluated(2 * cycle_);
    top_->clk = 1;
    top_->eval();
    evaluated(2 * cycle_ + 1);
    ++cycle_;
    sample();
    // A failing assertion has said which it is. The run goes on, so that the lockstep can name the output that differs.
    if (context_.errorCount() != 0) context_.assertOn(false);
  }
  void finish() override {
    if (context_.errorCount() != 0) throw Error(ErrorKind::internal, "an assertion of the RTL failed: see above");
  }

 protected:
  /// Called after each half of a cycle; the inputs of cycle c are in place at 2c, its rising edge is over at 2c+1.
  virtual void evaluated(std::uint64_t /*half_cycle*/) {}
  VerilatedContext context_;
  std::unique_ptr<Top> top_;

 private:
  void drive() {
    const core::Inputs& in = inputs;
    top_->rst_n = in.rst_n;
    top_->s_axis_net_tdata = in.net_rx.data;
    top_->s_axis_net_tkeep = in.net_rx.keep;
    top_->s_axis_net_tvalid = in.net_rx.valid;
    top_->s_axis_net_tlast = in.net_rx.last;
    top_->s_axis_host_tdata = in.host_tx.data;
    top_->s_axis_host_tkeep = in.host_tx.keep;
    top_->s_axis_host_tvalid = in.host_tx.valid;
    top_->s_axis_host_tlast = in.host_tx.last;
    top_->s_axis_host_tuser = in.host_tx.user & 1;
    top_->m_axis_net_tready = in.net_tx_ready;
    top_->m_axis_host_tready = in.host_rx_ready;
    top_->s_axis_entropy_tvalid = in.entropy_valid;
    top_->s_axis_entropy_tdata = in.entropy_data;
    top_->time_i = in.time_us & 0xF'FFFF'FFFF'FFFF;
    top_->s_axil_awaddr = in.awaddr & 0xFFF;
    top_->s_axil_awvalid = in.awvalid;
    top_->s_axil_wdata = in.wdata;
    top_->s_axil_wstrb = in.wstrb & 0xF;
    top_->s_axil_wvalid = in.wvalid;
    top_->s_axil_bready = in.bready;
    top_->s_axil_araddr = in.araddr & 0xFFF;
    top_->s_axil_arvalid = in.arvalid;
    top_->s_axil_rready = in.rready;
  }

  void sample() {
    core::Outputs& out = outputs_;
    out.net_rx_ready = top_->s_axis_net_tready != 0;
    out.host_tx_ready = top_->s_axis_host_tready != 0;
    out.net_tx = {top_->m_axis_net_tvalid != 0, top_->m_axis_net_tdata,
                  static_cast<std::uint8_t>(top_->m_axis_net_tkeep), top_->m_axis_net_tlast != 0, 0};
    out.host_rx = {top_->m_axis_host_tvalid != 0, top_->m_axis_host_tdata,
                   static_cast<std::uint8_t>(top_->m_axis_host_tkeep), top_->m_axis_host_tlast != 0,
                   static_cast<std::uint8_t>(top_->m_axis_host_tuser)};
    out.entropy_ready = top_->s_axis_entropy_tready != 0;
    out.awready = top_->s_axil_awready != 0;
    out.wready = top_->s_axil_wready != 0;
    out.bvalid = top_->s_axil_bvalid != 0;
    out.bresp = static_cast<std::uint8_t>(top_->s_axil_bresp);
    out.arready = top_->s_axil_arready != 0;
    out.rvalid = top_->s_axil_rvalid != 0;
    out.rdata = top_->s_axil_rdata;
    out.rresp = static_cast<std::uint8_t>(top_->s_axil_rresp);
    out.irq = top_->irq != 0;
    out.verdict_valid = top_->verdict_valid != 0;
    out.verdict_code = static_cast<std::uint8_t>(top_->verdict_code);
    out.verdict_pass = top_->verdict_pass != 0;
    out.verdict_lost = top_->verdict_lost != 0;
    for (unsigned i = 0; i < 4; ++i) out.verdict_source[i] = top_->verdict_source[3 - i];
    out.verdict_value = top_->verdict_value;
  }

  std::uint64_t cycle_ = 0;
  core::Outputs outputs_;
};

}  // namespace reveille::sim
