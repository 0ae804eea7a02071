// SPDX-License-Identifier: Apache-2.0
// Rules N1 to N4 and the frame cycles of docs/timing.md: whose cycle it is, which entries are read, whose comparands
// meet them, where writes go. The store is one array by location here.
#include <map>
#include <random>

#include "Vreveille_nonce_store.h"
#include "catch.hpp"
#include "guard/session_traffic.hpp"

using namespace reveille::tb;

namespace {

struct LookUp {
  u128 client = 0;
  Time now = 0;
  unsigned row0 = 0, row1 = 0, guess_threshold = 0;
};

struct Read {
  bool own = false, cleared = false, defined = true;
  std::array<Entry, 4> entries;
  std::array<unsigned, 4> where{};
  unsigned selected = 0;
  u128 client = 0;
  Time now = 0;
  std::uint64_t value = 0;
  unsigned guess_threshold = 0;
};

unsigned one_of(std::mt19937_64& random, std::initializer_list<unsigned> values) {
  return values.begin()[random() % values.size()];
}

}  // namespace

TEST_CASE("N1-N4: look-ups, session control's reads, and writes, in any order") {
  const unsigned seed = GENERATE(1U, 2U, 3U);
  std::mt19937_64 random(seed);
  const auto one_in = [&random](unsigned n) { return random() % n == 0; };
  VerilatedContext context;
  context.randReset(2);
  context.randSeed(static_cast<int>(seed));
  Vreveille_nonce_store dut(&context);
  std::array<Entry, 4096> memory{};
  std::map<std::uint64_t, Read> reads;
  Lookups lookups;
  unsigned hits = 0, unknown = 0, captured = 0, own_reads = 0, guesses = 0;

  // Few rows and clients, so that look-ups find something.
  const auto row = [&random] { return static_cast<unsigned>(random() % 3 * 255); };
  const auto client = [&random] { return static_cast<u128>(random() % 2) << 127 | random() % 2; };
  const auto time = [&random] { return random() % 4; };
  LookUp frame, next_frame;
  unsigned next_address0 = 0, next_address1 = 0;
  std::optional<Entry> entry_register;

  dut.rst_ni = 0;
  drive(dut.read_i, {{0, 23}});
  dut.lookup_soon_i = 0;
  dut.clk_i = 0;
  dut.eval();
  dut.clk_i = 1;
  dut.eval();
  dut.rst_ni = 1;
  for (std::uint64_t cycle = 0; cycle < 200'000; ++cycle) {
    CAPTURE(cycle);
    const bool cleared = cycle >= 1024;
    lookups.step(seed == 2 || one_in(6));
    const bool lookup = lookups.at(8);
    dut.lookup_soon_i = lookups.at(7);
    const bool frame_read = lookups.at(8) || lookups.at(9);

    if (lookup) frame = next_frame;
    const auto guess_threshold = static_cast<unsigned>(random() % 5);
    dut.guess_threshold_i = guess_threshold;
    if (lookup) frame.guess_threshold = guess_threshold;
    drive(dut.lookup_client_i, {{lookup ? frame.client : client(), 128}});
    next_frame = {client(), time(), row(), row(), 0};
    dut.lookup_row0_i = next_frame.row0;
    dut.lookup_row1_i = next_frame.row1;
    dut.cleared_i = cleared;
    dut.lookup_value_i = random() % 3;

    // session control
    const bool wish = cleared && lookups.free() && one_in(2);
    const unsigned address0 = next_address0, address1 = next_address1;
    next_address0 = row() << 1 | random() % 2;
    next_address1 = row() << 1 | random() % 2;
    const auto selected = static_cast<unsigned>(random() % 4);
    drive(dut.read_i, {{wish, 1}, {selected, 2}, {next_address1, 10}, {next_address0, 10}});
    const u128 own_client = client();
    const Time now = lookup ? frame.now : time();
    drive(dut.client_i, {{own_client, 128}});
    dut.store_time_i = now;

    // Writes: clear, session control in free cycles, the frame's state in T+14.
    const bool ordered = cleared && one_in(3);
    const bool parts[4] = {one_in(2), one_in(2), one_in(2), one_in(2)};
    const bool write = ordered && lookups.free();
    const bool identity = !cleared || (write && parts[0]), aux = write && parts[1];
    bool phase = write && parts[2], false_nonces = write && parts[3];
    const unsigned where = cleared ? location(row(), random() % 2, random() % 4)
                                   : location(static_cast<unsigned>(cycle >> 1), 0, (cycle & 1) << 1);
    const auto some_state = [&random](Entry& entry) {
      entry.phase = static_cast<std::uint8_t>(random() % 4);
      entry.resends_left = static_cast<std::uint8_t>(random() % 16);
      entry.false_nonces = static_cast<std::uint16_t>(one_of(random, {0, 1, 2, 3, 510, 511}));
    };
    Entry entry{.client = client(),
                .nonce = !cleared ? 0 : static_cast<std::uint32_t>(random() % 3),
                .deadline = time(),
                .aux = random() % 3};
    some_state(entry);
    const auto lane_of = [](unsigned place) { return (place >> 2 & 1) << 1 | (place & 1); };
    const unsigned written = parts[0] << 3U | parts[1] << 2U | parts[2] << 1U | static_cast<unsigned>(parts[3]);
    drive(dut.write_i, {{!cleared, 1},
                        {write ? written << 4 * lane_of(where) : 0, 16},
                        {(where >> 3) << 1 | (where >> 1 & 1), 10},
                        {entry.nonce != 0, 1},
                        {entry.client, 128},
                        {entry.nonce, 32},
                        {entry.deadline, 52},
                        {entry.aux, 64},
                        {entry.phase, 2},
                        {entry.resends_left, 4},
                        {entry.false_nonces, 9}});
    unsigned state_where = where;
    Entry state = entry;
    if (cleared && lookups.at(14)) {
      phase = one_in(2);
      false_nonces = one_in(2);
      const auto bank = static_cast<unsigned>(random() % 2);
      state_where = location(bank == 0 ? frame.row0 : frame.row1, bank, random() % 4);
      some_state(state);
    }
    drive(dut.state_write_i, {{phase && lookups.at(14) ? 1U << lane_of(state_where) : 0, 4},
                              {false_nonces && lookups.at(14) ? 1U << lane_of(state_where) : 0, 4},
                              {state_where >> 1 & 1, 1},
                              {state.phase, 2},
                              {state.resends_left, 4},
                              {state.false_nonces, 9}});
    dut.clk_i = 0;
    dut.eval();

    // Frame cycles: T+8, T+9 and T+14.
    REQUIRE(static_cast<bool>(dut.free_o) == lookups.free());
    if (lookups.at(9) || lookups.at(14)) {
      REQUIRE(dut.rows_o == (frame.row1 << 9 | frame.row0));
    }

    // s
    if (frame_read || wish) {
      Read read;
      read.own = !frame_read;
      read.cleared = cleared;
      read.selected = selected;
      read.now = frame_read ? frame.now : now;
      for (unsigned lane = 0; lane < 4; ++lane) {
        unsigned address = lane < 2 ? address0 : address1;
        if (frame_read) address = (lane < 2 ? frame.row0 : frame.row1) << 1 | static_cast<unsigned>(lookups.at(9));
        const unsigned way = (address & 1) << 1 | (lane & 1);
        read.where[lane] = location(address >> 1, lane >> 1, way);
        read.entries[lane] = memory[read.where[lane]];
        if (!cleared) continue;
        if ((identity || aux) && read.where[lane] == where) read.defined = false;
        if ((phase || false_nonces) && read.where[lane] == state_where) read.defined = false;
      }
      if (frame_read) {
        read.client = frame.client;
        read.guess_threshold = frame.guess_threshold;
      }
      if (frame_read || read.own) reads[cycle] = read;
      own_reads += read.own;
    }
    // s+1, s+2
    if (const auto at = reads.find(cycle - 1); at != reads.end() && at->second.own) at->second.client = own_client;
    if (const auto at = reads.find(cycle - 2); at != reads.end()) {
      at->second.value = dut.lookup_value_i;
      REQUIRE(dut.now_o == at->second.now);
    }
    // s+3
    if (const auto at = reads.find(cycle - 3); at != reads.end() && at->second.own) {
      const Read& read = at->second;
      entry_register = read.defined ? std::optional(read.entries[read.selected]) : std::nullopt;
      captured += read.defined;
      REQUIRE(dut.entry_now_o == read.now);
    }
    if (entry_register) {
      Entry got;
      Fields fields(dut.entry_o, 277);
      REQUIRE(static_cast<bool>(fields.next(1)) == (entry_register->nonce != 0));
      fields.take(got.client, 128).take(got.nonce, 32).take(got.deadline, 52).take(got.aux, 64);
      Fields(dut.state_o, 15).take(got.phase, 2).take(got.resends_left, 4).take(got.false_nonces, 9);
      REQUIRE(got == *entry_register);
    }
    // s+4
    if (const auto at = reads.find(cycle - 4); at != reads.end()) {
      const Read& read = at->second;
      Fields flags(dut.flags_o, 4 * LaneFlags::kWidth);
      for (unsigned lane = 4; lane-- != 0;) {
        const auto got = static_cast<std::uint64_t>(flags.next(LaneFlags::kWidth));
        if (!read.defined) continue;
        const Entry& entry = read.entries[lane];
        CAPTURE(lane, read.own, read.cleared);
        const LaneFlags expected{.held = read.cleared && entry.nonce != 0,
                                 .match = read.cleared && entry.holds(read.client),
                                 .live = read.cleared && entry.live(read.now),
                                 .nonce_equal = entry.nonce == static_cast<std::uint32_t>(read.value),
                                 .tag_equal = entry.aux == read.value,
                                 .guesses = !read.own && entry.false_nonces + 1U == read.guess_threshold,
                                 .phase = entry.phase,
                                 .resends_left = entry.resends_left,
                                 .false_nonces = entry.false_nonces};
        // Of session control's reads nobody asks whether one more false nonce is too many.
        std::uint64_t care = ~(read.own ? std::uint64_t{1} << 14 : 0);
        if (!read.cleared) care &= ~std::uint64_t{0x3fff};  // the state is what it is
        REQUIRE((got & care) == (expected.bits() & care));
        guesses += expected.hit() && expected.guesses;
        hits += expected.hit();
        unknown += !read.cleared;
      }
      reads.erase(at);
    }

    for (unsigned lane = 0; lane < 4; ++lane) {
      const unsigned to = cleared ? where : location(where >> 3, lane >> 1, (where & 2) | (lane & 1));
      if (cleared && lane != 0) break;
      if (identity) {
        memory[to].client = entry.client;
        memory[to].nonce = entry.nonce;
        memory[to].deadline = entry.deadline;
      }
      if (aux) memory[to].aux = entry.aux;
    }
    if (phase) {
      memory[state_where].phase = state.phase;
      memory[state_where].resends_left = state.resends_left;
    }
    if (false_nonces) memory[state_where].false_nonces = state.false_nonces;
    dut.clk_i = 1;
    dut.eval();
  }
  CHECK(hits > 1000);
  CHECK(unknown > 100);
  CHECK(captured > 1000);
  CHECK(own_reads > 1000);
  CHECK(guesses > 100);
}
