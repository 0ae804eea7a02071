// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <verilated.h>
#if VM_TRACE
#include <verilated_fst_c.h>

#include <cstdint>
#include <cstdlib>
#endif

namespace reveille::tb {

/// A block's waveform, in the FST file that the environment variable REVEILLE_WAVEFORM names; the next block of the
/// same process begins it anew. Nothing without that variable, and without the build option REVEILLE_TRACE.
template <class Dut>
class Waveform {
 public:
#if VM_TRACE
  Waveform(VerilatedContext& context, Dut& dut) : dut_(dut) {
    const char* file = std::getenv("REVEILLE_WAVEFORM");
    if (file == nullptr) return;
    context.traceEverOn(true);
    dut.trace(&file_, 99);
    file_.open(file);
  }
  ~Waveform() {
    sample();  // the cycle that a test did not like
    file_.close();
  }
  Waveform(const Waveform&) = delete;
  Waveform& operator=(const Waveform&) = delete;

  /// To be called before and after the clock's rising edge.
  void sample() {
    if (!file_.isOpen()) return;
    dut_.eval();  // inputs may be new
    file_.dump(half_cycle_++);
  }

 private:
  Dut& dut_;
  VerilatedFstC file_;
  std::uint64_t half_cycle_ = 0;
#else
  Waveform(VerilatedContext&, Dut&) {}
  void sample() {}
#endif
};

}  // namespace reveille::tb
