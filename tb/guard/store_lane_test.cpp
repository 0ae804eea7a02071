// SPDX-License-Identifier: Apache-2.0
// Rules N1 to N3 of one lane: data in s+2, partial results in s+3, flags in s+4, each from its own cycle's inputs.
#include <map>
#include <random>

#include "Vreveille_store_lane.h"
#include "catch.hpp"
#include "guard/session_types.hpp"

using namespace reveille::tb;

namespace {

struct Read {
  Entry entry;
  bool held = false, match = false, live = false, nonce_equal = false, tag_equal = false, guesses = false;
  bool defined = true;  // no write of the same address in the same cycle
};

}  // namespace

TEST_CASE("N1-N3: every read cycle, with comparands that differ in one bit or none") {
  std::mt19937_64 random(GENERATE(1U, 2U));
  VerilatedContext context;
  context.randReset(2);
  Vreveille_store_lane dut(&context);
  std::array<Entry, 1024> memory{};
  std::map<std::uint64_t, Read> reads;
  unsigned matches = 0, lives = 0, nonces = 0, tags = 0, late_edges = 0, accepted = 0, resent = 0, guessed = 0;
  for (std::uint64_t cycle = 0; cycle < 200'000; ++cycle) {
    const auto one_in = [&random](unsigned n) { return random() % n == 0; };
    // Few addresses, so that all are written again and again.
    const auto write_address = static_cast<unsigned>(random() % 8 * 129);
    const auto state_address = static_cast<unsigned>(random() % 8 * 129);
    const bool identity = one_in(4), aux = one_in(4), phase = one_in(4), false_nonces = one_in(4);
    Entry entry{.client = static_cast<u128>(random()) << 64 | random(),
                .nonce = one_in(3)   ? 0
                         : one_in(3) ? 1U << random() % 32
                                     : static_cast<std::uint32_t>(random()),
                .deadline = random() & kTimeMask,
                .aux = random(),
                .phase = static_cast<std::uint8_t>(random() % 4),
                .resends_left = static_cast<std::uint8_t>(random() % 16),
                .false_nonces = static_cast<std::uint16_t>(random() % 512)};
    dut.identity_write_i = identity;
    dut.aux_write_i = aux;
    dut.phase_write_i = phase;
    dut.false_nonces_write_i = false_nonces;
    dut.entry_address_i = write_address;
    dut.state_address_i = state_address;
    drive(dut.entry_i,
          {{entry.nonce != 0, 1}, {entry.client, 128}, {entry.nonce, 32}, {entry.deadline, 52}, {entry.aux, 64}});
    drive(dut.state_i, {{entry.phase, 2}, {entry.resends_left, 4}, {entry.false_nonces, 9}});

    const auto read_address = static_cast<unsigned>(random() % 8 * 129);  // s
    dut.read_address_i = dut.aux_read_address_i = read_address;
    reads[cycle].entry = memory[read_address];
    reads[cycle].defined = !((identity || aux) && write_address == read_address) &&
                           !((phase || false_nonces) && state_address == read_address);

    // s+2: comparands
    Entry near = cycle >= 2 ? reads[cycle - 2].entry : entry;
    if (one_in(2)) near.client ^= u128{1} << random() % 128;
    if (one_in(8)) near.client = random();
    Time now = one_in(2) ? (near.deadline + random() % 3 - 1) & kTimeMask : random() & kTimeMask;
    std::uint64_t value = one_in(2) ? near.aux : (near.aux & ~std::uint64_t{0xffffffff}) | near.nonce;
    if (one_in(2)) value ^= std::uint64_t{1} << random() % 64;
    drive(dut.client_i, {{near.client, 128}});
    dut.now_i = now;
    dut.value_i = value;
    const bool known = !one_in(10), guess = !one_in(4);
    const auto guess_before =
        static_cast<unsigned>(one_in(2) ? near.false_nonces : near.false_nonces ^ 1U << random() % 9);
    dut.guess_i = guess;
    dut.guess_before_i = guess_before;
    dut.known_i = known;
    dut.clk_i = 0;
    dut.eval();

    CAPTURE(cycle);
    if (cycle >= 2) {
      Read& read = reads[cycle - 2];
      Entry got;
      Fields fields(dut.entry_o, 277);
      const bool held = fields.next(1) != 0;
      fields.take(got.client, 128).take(got.nonce, 32).take(got.deadline, 52).take(got.aux, 64);
      Fields(dut.state_o, 15).take(got.phase, 2).take(got.resends_left, 4).take(got.false_nonces, 9);
      read.match = known && read.entry.holds(near.client);
      read.guesses = guess && guess_before == read.entry.false_nonces;
      if (read.defined) {
        REQUIRE(got == read.entry);
        REQUIRE(held == (read.entry.nonce != 0));
      }
      read.held = read.entry.nonce != 0;
      read.live = read.entry.live(now);
      read.nonce_equal = read.entry.nonce == static_cast<std::uint32_t>(value);
      read.tag_equal = read.entry.aux == value;
      late_edges += now == read.entry.deadline;
    }
    if (cycle >= 4) {
      const Read& read = reads[cycle - 4];
      if (read.defined) {
        const auto& entry = read.entry;
        const LaneFlags expected{.held = read.held,
                                 .match = read.match,
                                 .live = read.live,
                                 .nonce_equal = read.nonce_equal,
                                 .tag_equal = read.tag_equal,
                                 .guesses = read.guesses,
                                 .phase = entry.phase,
                                 .resends_left = entry.resends_left,
                                 .false_nonces = entry.false_nonces};
        REQUIRE(dut.flags_o == expected.bits());
        guessed += expected.hit() && read.guesses;
        matches += read.match;
        lives += read.live;
        nonces += expected.hit() && read.nonce_equal;
        tags += expected.sa_recovered() == 16;
        accepted += expected.ap_request() == 13;
        resent += expected.ap_request() == 14;
      }
      reads.erase(cycle - 4);
    }

    if (identity) {
      memory[write_address].client = entry.client;
      memory[write_address].nonce = entry.nonce;
      memory[write_address].deadline = entry.deadline;
    }
    if (aux) memory[write_address].aux = entry.aux;
    if (phase) {
      memory[state_address].phase = entry.phase;
      memory[state_address].resends_left = entry.resends_left;
    }
    if (false_nonces) memory[state_address].false_nonces = entry.false_nonces;
    dut.clk_i = 1;
    dut.eval();
  }
  for (const unsigned seen : {matches, lives, nonces, tags, late_edges, accepted, resent, guessed}) CHECK(seen > 1000);
}
