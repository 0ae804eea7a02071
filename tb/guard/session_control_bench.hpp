// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "Vreveille_session_control.h"
#include "guard/session_traffic.hpp"
#include "waveform.hpp"

namespace reveille::tb {

/// session_control over a store of the bench's own that knows only N1-N3: every output in every cycle is compared with
/// SessionReference.
class SessionControlBench {
 public:
  explicit SessionControlBench(std::uint64_t seed) : noise_(seed) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed) + 1);
    for (Entry& entry : memory_) entry = garbage();
    reference_.store = memory_;
    dut_.rst_ni = 0;
    for (int i = 0; i < 3; ++i) clock();
  }

  Inputs in;
  Outputs out;
  std::uint64_t cycle = 0;  // since R
  Coverage coverage;

  [[nodiscard]] const std::array<Entry, 4096>& store() const { return reference_.store; }
  [[nodiscard]] const HashTables& tables() const { return reference_.tables; }

  void step() {
    CAPTURE(cycle);
    // The edge that ends the cycle before: only now it is known whether this one is free.
    dut_.free_next_i = in.free;
    dut_.eval();
    waveform_.sample();
    dut_.clk_i = 1;
    dut_.eval();
    waveform_.sample();
    dut_.rst_ni = 1;
    ports_.drive(in);
    ports_.drive_rows(reference_.tables, noise_);
    dut_.hash_rows_i = ports_.rows().row1 << 9 | ports_.rows().row0;
    dut_.free_i = in.free;
    dut_.resend_budget_i = in.resend_budget;
    flags();
    if (const auto entry = captures_.find(cycle); entry != captures_.end()) {
      const Entry& e = entry->second;
      drive(dut_.entry_i, {{e.nonce != 0, 1}, {e.client, 128}, {e.nonce, 32}, {e.deadline, 52}, {e.aux, 64}});
      drive(dut_.state_i, {{e.phase, 2}, {e.resends_left, 4}, {e.false_nonces, 9}});
      dut_.now_i = read_times_[cycle];
      read_times_.erase(cycle);
      captures_.erase(entry);
    }
    dut_.clk_i = 0;
    dut_.eval();

    out = reference_.step(in);
    coverage.sample(in, out);
    ports_.compare(out);
    REQUIRE(static_cast<bool>(dut_.cleared_o) == out.cleared);
    memory();
    ++cycle;
  }

  /// As a frame's T+14 would, in a cycle that is not free.
  void frame_writes(unsigned where, std::uint8_t phase, std::uint8_t resends_left) {
    for (Entry* entry : {&memory_[where], &reference_.store[where]}) {
      entry->phase = phase;
      entry->resends_left = resends_left;
    }
  }
  void frame_counts(unsigned where, std::uint16_t false_nonces) {
    for (Entry* entry : {&memory_[where], &reference_.store[where]}) entry->false_nonces = false_nonces;
  }

  void run(unsigned count) {
    while (count-- != 0) step();
  }

  /// Runs until `condition`, and returns the cycle in which it held.
  template <class Condition>
  std::uint64_t until(Condition condition, unsigned limit = 200'000) {
    while (limit-- != 0) {
      step();
      if (condition()) return cycle - 1;
    }
    FAIL("nothing happened");
    return 0;
  }

  /// Gives the command in the next cycle, which is returned, and runs until it is done.
  std::uint64_t command(const Command& command) {
    in.command = command;
    in.command_valid = false;
    step();
    in.command_valid = true;
    const std::uint64_t first = cycle;
    until([this] { return out.done; });
    in.command_valid = false;
    return first;
  }

  void finish() {
    for (unsigned where = 0; where < 4096; ++where) {
      const Entry &got = memory_[where], &expected = reference_.store[where];
      CAPTURE(where);
      REQUIRE(got.nonce == expected.nonce);
      if (expected.nonce != 0) REQUIRE(got == expected);
    }
  }

 private:
  struct Read {
    std::array<Entry, 4> entries;
    u128 client = 0;
    Time now = 0;
  };

  void clock() {
    dut_.clk_i = 0;
    dut_.eval();
    dut_.clk_i = 1;
    dut_.eval();
  }

  Entry garbage() {
    Entry entry{static_cast<u128>(noise_()) << 64 | noise_(),
                static_cast<std::uint32_t>(noise_()),
                noise_() & kTimeMask,
                noise_(),
                static_cast<std::uint8_t>(noise_() & 3),
                static_cast<std::uint8_t>(noise_() & 15),
                static_cast<std::uint16_t>(noise_() & 511)};
    return entry;
  }

  void flags() {
    std::array<LaneFlags, 4> lanes;
    for (LaneFlags& lane : lanes)
      lane = {.held = (noise_() & 1) != 0, .live = (noise_() & 1) != 0, .phase = static_cast<unsigned>(noise_() & 3)};
    if (const auto read = reads_.find(cycle - 4); read != reads_.end()) {
      for (unsigned lane = 0; lane < 4; ++lane) {
        const Entry& entry = read->second.entries[lane];
        lanes[lane] = {.held = entry.nonce != 0,
                       .match = entry.holds(read->second.client),
                       .live = entry.live(read->second.now),
                       .nonce_equal = (noise_() & 1) != 0,
                       .tag_equal = (noise_() & 1) != 0,
                       .phase = entry.phase,
                       .resends_left = entry.resends_left,
                       .false_nonces = entry.false_nonces};
      }
      reads_.erase(read);
    }
    drive_flags(dut_.flags_i, lanes.data());
  }

  void memory() {
    u128 client = 0;
    Fields(dut_.client_o, 128).take(client, 128);
    if (const auto read = reads_.find(cycle - 1); read != reads_.end()) read->second.client = client;
    bool valid = false;
    unsigned next_address[2], selected = 0;
    Fields(dut_.read_o, 23).take(valid, 1).take(selected, 2).take(next_address[1], 10).take(next_address[0], 10);
    REQUIRE((!valid || in.free));
    if (valid) {
      Read& read = reads_[cycle];
      for (unsigned lane = 0; lane < 4; ++lane) {
        const unsigned at = address_[lane >> 1];
        read.entries[lane] = memory_[location(at >> 1, lane >> 1, (at & 1) << 1 | (lane & 1))];
      }
      read.now = in.time;
      captures_[cycle + 3] = read.entries[selected];
      read_times_[cycle + 3] = in.time;
    }
    std::copy(std::begin(next_address), std::end(next_address), address_.begin());

    constexpr unsigned kIdentities = 0x8888;  // of all lanes
    bool clears = false, held = false;
    unsigned parts = 0, address = 0;  // four parts a lane
    Entry entry;
    Fields(dut_.write_o, 319)
        .take(clears, 1)
        .take(parts, 16)
        .take(address, 10)
        .take(held, 1)
        .take(entry.client, 128)
        .take(entry.nonce, 32)
        .take(entry.deadline, 52)
        .take(entry.aux, 64)
        .take(entry.phase, 2)
        .take(entry.resends_left, 4)
        .take(entry.false_nonces, 9);
    REQUIRE(clears == !out.cleared);
    if (clears) {
      REQUIRE_FALSE(held);
      parts = kIdentities;
    } else if (!in.free) {  // it waits
      parts = 0;
    }
    const unsigned identities = parts & kIdentities;
    if (!clears) REQUIRE((identities & (identities - 1)) == 0);
    REQUIRE((identities != 0 && held) == out.insert.has_value());
    for (unsigned lane = 0; lane < 4; ++lane) {
      const auto is_written = [of_lane = parts >> 4 * lane](unsigned part) { return (of_lane >> part & 1) != 0; };
      Entry& kept = memory_[location(address >> 1, lane >> 1, (address & 1) << 1 | (lane & 1))];
      if (is_written(3)) {
        kept.client = entry.client;
        kept.nonce = held ? entry.nonce : 0;
        kept.deadline = entry.deadline;
      }
      if (is_written(2)) kept.aux = entry.aux;
      if (is_written(1)) {
        kept.phase = entry.phase;
        kept.resends_left = entry.resends_left;
      }
      if (is_written(0)) kept.false_nonces = entry.false_nonces;
    }
  }

  VerilatedContext context_;
  Vreveille_session_control dut_{&context_};
  Waveform<Vreveille_session_control> waveform_{context_, dut_};
  SessionPorts<Vreveille_session_control> ports_{dut_};
  SessionReference reference_;
  std::array<Entry, 4096> memory_;
  std::map<std::uint64_t, Read> reads_;
  std::map<std::uint64_t, Entry> captures_;
  std::map<std::uint64_t, Time> read_times_;
  std::array<unsigned, 2> address_{};  // of a read in this cycle
  std::mt19937_64 noise_;
};

}  // namespace reveille::tb
