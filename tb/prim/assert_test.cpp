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
  /// Nothing but the event that is to be apart.
  void event(bool apart) {
    dut.apart_i = apart;
    cycle(false, false, false);
  }
  /// Nothing but an offer.
  void offer(bool valid, bool ready, unsigned data) {
    dut.valid_i = valid;
    dut.ready_i = ready;
    dut.data_i = data;
    cycle(false, false, false);
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

TEST_CASE("events as far apart as they are to be are silent, nearer ones are not") {
  Bench<Vassert_planted> bench;
  for (const bool event : {true, false, false, true, false, false}) bench.event(event);
  CHECK_FALSE(bench.failed());
  bench.event(true);
  bench.event(false);
  CHECK_FALSE(bench.failed());
  bench.event(true);
  CHECK(bench.failed());
}

TEST_CASE("an offer that stays until it is taken is silent") {
  Bench<Vassert_planted> bench;
  bench.offer(true, false, 1);
  bench.offer(true, false, 1);
  bench.offer(true, true, 1);
  bench.offer(true, true, 2);
  bench.offer(false, false, 3);
  CHECK_FALSE(bench.failed());
}

TEST_CASE("an offer that goes, or that changes, before it is taken fires") {
  Bench<Vassert_planted> bench;
  bench.offer(true, false, 1);
  CHECK_FALSE(bench.failed());
  SECTION("goes") { bench.offer(false, true, 1); }
  SECTION("changes") { bench.offer(true, true, 3); }
  CHECK(bench.failed());
}

TEST_CASE("what was true in reset is not remembered behind it") {
  Bench<Vassert_planted> bench;
  bench.cycle(false, true, false, true);
  bench.cycle(false, false, false);
  CHECK_FALSE(bench.failed());
}

TEST_CASE("what was before a reset is forgotten") {
  Bench<Vassert_planted> bench;
  bench.event(true);
  bench.dut.apart_i = false;
  bench.cycle(false, false, false, true);
  bench.event(true);
  CHECK_FALSE(bench.failed());
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
