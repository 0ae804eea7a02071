// SPDX-License-Identifier: Apache-2.0
// The result registers (docs/timing/guard.md, behind S16): 0 while a command is pending, then its results until the
// next.
#include <random>

#include "Vreveille_session_result.h"
#include "catch.hpp"
#include "guard/session_types.hpp"

using namespace reveille::tb;

TEST_CASE("Results are cleared when a command is looked at, come when it is done, and hold behind it") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  VerilatedContext context;
  context.randReset(2);
  Vreveille_session_result dut(&context);
  Result expected;
  unsigned shown = 0, inserted = 0;
  const auto cycle = [&](bool clear, bool done, bool show, bool insert) {
    const auto code = static_cast<Code>(random() % 7);
    const auto place = static_cast<unsigned>(random() % 4096);
    const auto nonce = static_cast<std::uint32_t>(random());
    const Entry entry{static_cast<u128>(random()) << 64 | random(),
                      static_cast<std::uint32_t>(random()),
                      random() & kTimeMask,
                      random(),
                      static_cast<std::uint8_t>(random() % 4),
                      static_cast<std::uint8_t>(random() % 16),
                      static_cast<std::uint16_t>(random() % 512)};
    dut.clear_i = clear;
    dut.done_i = done;
    dut.code_i = code;
    dut.show_i = show;
    dut.insert_i = insert;
    dut.place_i = place;
    dut.nonce_i = nonce;
    drive(dut.entry_i, {{1, 1}, {entry.client, 128}, {entry.nonce, 32}, {entry.deadline, 52}, {entry.aux, 64}});
    drive(dut.state_i, {{entry.phase, 2}, {entry.resends_left, 4}, {entry.false_nonces, 9}});
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
    if (show) expected = {expected.code, place, entry};
    if (insert) {
      expected.location = place;
      expected.entry.nonce = nonce;
    }
    if (clear) expected = {.code = expected.code};
    if (done) expected.code = code;
    shown += show;
    inserted += insert;
    Result got;
    bool got_held = false;
    Fields(dut.result_o, 307)
        .take(got.code, 3)
        .take(got.location, 12)
        .take(got_held, 1)
        .take(got.entry.client, 128)
        .take(got.entry.nonce, 32)
        .take(got.entry.deadline, 52)
        .take(got.entry.aux, 64)
        .take(got.entry.phase, 2)
        .take(got.entry.resends_left, 4)
        .take(got.entry.false_nonces, 9);
    REQUIRE(got == expected);
    REQUIRE(got_held <= (got.entry.nonce != 0));
  };

  dut.rst_ni = 0;
  cycle(true, false, false, false);
  dut.rst_ni = 1;
  for (unsigned i = 0; i < 5; ++i) cycle(true, i % 2 == 0, false, false);
  for (unsigned i = 0; i < 20'000; ++i) {
    for (unsigned idle = random() % 3; idle != 0; --idle) cycle(false, false, false, false);
    cycle(true, random() % 3 == 0, false, false);
    for (unsigned wait = random() % 3; wait != 0; --wait) cycle(false, false, false, false);
    const unsigned kind = random() % 3;
    cycle(false, true, kind == 1, kind == 2);
  }
  CHECK(shown > 1000);
  CHECK(inserted > 1000);
}
