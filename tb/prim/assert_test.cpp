// SPDX-License-Identifier: Apache-2.0
// The assertion macros: a planted false assertion fires, a true one does not, none does in reset.
#include <verilated.h>

#include "Vassert_bad.h"
#include "Vassert_planted.h"
#include "catch.hpp"

namespace {

/// A context in which a failed assertion is an error to be asked for, not the end of the process.
template <class Dut>
struct Bench {
  VerilatedContext context;
  Dut dut{&context};

  Bench() { context.fatalOnError(false); }

  void cycle(bool low, bool first, bool second, bool reset = false) {
    dut.rst_ni = !reset;
    dut.low_i = low;
    dut.first_i = first;
    dut.second_i = second;
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  }
  bool failed() { return context.gotError(); }
};

}  // namespace

TEST_CASE("a true assertion is silent") {
  Bench<Vassert_planted> bench;
  bench.cycle(false, true, false);
  bench.cycle(false, true, true);
  bench.cycle(false, false, true);
  bench.cycle(false, false, false);
  CHECK_FALSE(bench.failed());
}

TEST_CASE("a false assertion fires") {
  Bench<Vassert_planted> bench;
  bench.cycle(true, false, false);
  CHECK(bench.failed());
}

TEST_CASE("a false assertion over two cycles fires in the second") {
  Bench<Vassert_planted> bench;
  bench.cycle(false, true, false);
  CHECK_FALSE(bench.failed());
  bench.cycle(false, false, false);
  CHECK(bench.failed());
}

TEST_CASE("no assertion fires in reset") {
  Bench<Vassert_planted> bench;
  bench.cycle(true, true, false, true);
  bench.cycle(true, true, false, true);
  CHECK_FALSE(bench.failed());
}

TEST_CASE("a false assertion on a constant fires before time begins") {
  Bench<Vassert_bad> bench;
  bench.dut.eval();
  CHECK(bench.failed());
}
