// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/ports.hpp"

namespace reveille::core {

/// AXI4-Lite, one transaction at a time (docs/timing/host.md, H1 to H5).
class AxilSlave {
 public:
  struct Bus {
    bool awready = false, wready = false, bvalid = false, arready = false, rvalid = false;
    std::uint8_t bresp = 0, rresp = 0;
    std::uint32_t rdata = 0;
    bool operator==(const Bus&) const = default;
  };
  struct Answer {
    std::uint32_t data = 0;  ///< of a read
    bool error = false;
    bool operator==(const Answer&) const = default;
  };

  [[nodiscard]] const Bus& bus() const { return bus_; }
  /// Whether this is cycle N+3 of a read (H4) or N+2 of a write (H3): then `answer` is due before `clock`.
  [[nodiscard]] bool reads() const { return step_ == Step::read && !is_write_; }
  [[nodiscard]] bool writes() const { return step_ == Step::write && is_write_; }
  [[nodiscard]] std::uint16_t address() const { return address_; }
  [[nodiscard]] std::uint32_t data() const { return data_; }
  [[nodiscard]] std::uint8_t strobe() const { return strobe_; }
  void answer(const Answer& answer) { answer_ = answer; }

  [[nodiscard]] bool idle() const { return step_ == Step::idle; }  ///< no transaction is under way

  void reset() { *this = {}; }
  void clock(const Inputs& in) {
    if (step_ != Step::idle || in.arvalid || (in.awvalid && in.wvalid)) step(in);
  }
  bool operator==(const AxilSlave&) const = default;

 private:
  enum class Step : std::uint8_t { idle, ready, write, read, wait, gather, respond };
  void step(const Inputs& in);

  Bus bus_;
  Step step_ = Step::idle;
  bool is_write_ = false;
  bool last_was_write_ = false;
  std::uint16_t address_ = 0;
  std::uint32_t data_ = 0;
  std::uint8_t strobe_ = 0;
  Answer answer_;
};

// What is set here shows in the next cycle.
inline void AxilSlave::step(const Inputs& in) {
  constexpr std::uint8_t slverr = 2;
  switch (step_) {
    case Step::idle: {  // N; H1
      const bool write = in.awvalid && in.wvalid;
      is_write_ = write && (!in.arvalid || !last_was_write_);
      last_was_write_ = is_write_;
      address_ = (is_write_ ? in.awaddr : in.araddr) & 0xFFC;
      data_ = in.wdata;
      strobe_ = in.wstrb & 0xF;
      bus_.awready = bus_.wready = is_write_;
      bus_.arready = !is_write_;
      step_ = Step::ready;
      break;
    }
    case Step::ready:  // N+1; H2
      bus_ = {};
      step_ = Step::write;
      break;
    case Step::write: step_ = Step::read; break;   // N+2
    case Step::read: step_ = Step::wait; break;    // N+3
    case Step::wait: step_ = Step::gather; break;  // N+4
    case Step::gather:                             // N+5
      (is_write_ ? bus_.bvalid : bus_.rvalid) = true;
      (is_write_ ? bus_.bresp : bus_.rresp) = answer_.error ? slverr : 0;
      bus_.rdata = is_write_ ? 0 : answer_.data;
      step_ = Step::respond;
      break;
    case Step::respond:  // H5
      if (!(is_write_ ? in.bready : in.rready)) break;
      bus_ = {};
      step_ = Step::idle;
      break;
  }
}

}  // namespace reveille::core
