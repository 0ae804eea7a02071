// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

/// A guard in front of a store with one session, and one frame whose last beat is in cycle T = 0: it starts in T+2.
struct GuardBench {
  Guard guard;
  NonceStore store;
  policy::ServerConfig config = both_families();
  Lookup lookup{client4, 3, 9, 500, nonce, true};
  Descriptor descriptor{
      {Verdict::bypass, policy::FrameFacts::Kind::ap_request, client4, nonce, 0, true}, 500, true, false};
  unsigned after = 2;  ///< cycles since T

  void put(std::uint16_t location, Phase phase, std::uint64_t deadline = 501) {
    store.write(location, Entry{client4, deadline, tag, nonce});
    store.write(location, EntryState{phase, 1});
  }
  void step(std::optional<std::uint16_t> inserted = {}, bool lost = false) {
    guard.clock(after == 2 ? &lookup : nullptr, after == 6 ? &descriptor : nullptr, inserted, lost, store, config);
    ++after;
  }
  /// Up to and including the verdict's cycle; a session is inserted at `location` in T + `at`.
  Verdict run(unsigned at = 0, std::uint16_t location = 0, bool lost = false) {
    while (after != 8) {
      CHECK(guard.verdict() == nullptr);
      step(after == at ? std::optional(location) : std::nullopt);
    }
    REQUIRE(guard.verdict() != nullptr);  // V2
    const Verdict verdict = guard.verdict()->verdict.code;
    step({}, lost);
    CHECK(guard.verdict() == nullptr);  // one cycle
    return verdict;
  }
};

constexpr std::uint16_t in_bank0 = NonceStore::location(3, 0, 1);
constexpr std::uint16_t in_bank1 = NonceStore::location(9, 1, 2);

TEST_CASE("Every way of both rows is looked at, and no other entry") {
  const unsigned way = GENERATE(range(0U, 4U));
  const unsigned bank = GENERATE(0U, 1U);
  GuardBench bench;
  bench.put(NonceStore::location(bank == 0 ? 3 : 9, bank, way), Phase::outstanding);
  CHECK(bench.run() == Verdict::accepted);
  GuardBench other;
  other.put(NonceStore::location(bank == 0 ? 9 : 3, bank, way), Phase::outstanding);
  CHECK(other.run() == Verdict::not_woken);
}

TEST_CASE("The state changes in T+8") {  // V3, T5
  GuardBench bench;
  bench.put(in_bank1, Phase::outstanding);
  while (bench.after != 8) bench.step();
  CHECK(bench.store.state(in_bank1).phase == Phase::outstanding);
  bench.step();
  CHECK(bench.store.state(in_bank1) == EntryState{Phase::in_service, 1});
}

TEST_CASE("Frame cycles are T+2, T+3 and T+8") {
  GuardBench bench;
  for (; bench.after < 20;) {
    INFO(bench.after);
    CHECK(bench.guard.owns_memories(bench.after == 2 ? &bench.lookup : nullptr) ==
          (bench.after == 2 || bench.after == 3 || bench.after == 8));
    bench.step();
  }
}

TEST_CASE("Half 0 is read in T+2, half 1 in T+3") {  // T2
  const unsigned write_before = GENERATE(2U, 3U, 4U);
  const unsigned half = GENERATE(0U, 1U);
  GuardBench bench;
  while (bench.after != write_before) bench.step();
  bench.put(NonceStore::location(3, 0, 2 * half), Phase::outstanding);
  CHECK(bench.run() == (write_before <= 2 + half ? Verdict::accepted : Verdict::not_woken));
}

TEST_CASE("At the deadline a session is not live") {  // L14
  GuardBench bench;
  bench.put(in_bank0, Phase::outstanding, 500);
  CHECK(bench.run() == Verdict::not_woken);
}

TEST_CASE("A lost frame changes nothing") {
  GuardBench bench;
  bench.put(in_bank0, Phase::outstanding);
  CHECK(bench.run(0, 0, true) == Verdict::accepted);
  CHECK(bench.store.state(in_bank0).phase == Phase::outstanding);
}

TEST_CASE("An insertion at the location between look-up and verdict voids the change") {  // V4
  const unsigned at = GENERATE(4U, 5U, 6U, 7U);
  GuardBench bench;
  bench.put(in_bank0, Phase::outstanding);
  SECTION("there") {
    CHECK(bench.run(at, in_bank0) == Verdict::accepted);
    CHECK(bench.store.state(in_bank0).phase == Phase::outstanding);
  }
  SECTION("elsewhere") {
    CHECK(bench.run(at, in_bank1) == Verdict::accepted);
    CHECK(bench.store.state(in_bank0).phase == Phase::in_service);
  }
}

TEST_CASE("The rate limiter forgets what a lost frame did") {  // V5
  const bool lost = GENERATE(false, true);
  GuardBench bench;
  bench.config.client_initiated = policy::ServerConfig::pass_limited;
  bench.config.interval_us = 1000;
  bench.descriptor.facts.returned_nonce = 0;
  CHECK(bench.run(0, 0, lost) == Verdict::client_initiated);
  bench.after = 2;  // the next frame, at the same time
  while (bench.after != 8) bench.step();
  REQUIRE(bench.guard.verdict() != nullptr);
  CHECK(bench.guard.verdict()->verdict.pass == lost);
}

TEST_CASE("Tolerance counts as in T+5, mode and interval as in T+7") {  // V6
  GuardBench bench;
  bench.config.client_initiated = policy::ServerConfig::pass_limited;
  bench.config.interval_us = 1000;
  bench.descriptor.facts.returned_nonce = 0;
  bench.run();  // TAT = 500 + 1000
  bench.after = 2;
  const unsigned change_after = GENERATE(5U, 6U, 7U, 8U);
  const bool change_tolerance = GENERATE(true, false);
  while (bench.after != 8) {
    if (bench.after == change_after) {
      if (change_tolerance) {
        bench.config.tolerance_us = 1000;
      } else {
        bench.config.client_initiated = policy::ServerConfig::pass;
      }
    }
    bench.step();
  }
  const bool counts = change_tolerance ? change_after <= 5 : change_after <= 7;
  CHECK(bench.guard.verdict()->verdict.pass == counts);
}

TEST_CASE("The verdict port shows the returned nonce of an AP Request alone") {
  GuardBench bench;
  SECTION("AP Request") {
    while (bench.after != 8) bench.step();
    CHECK(bench.guard.verdict()->value == nonce);
    CHECK(bench.guard.verdict()->source == client4);
    CHECK(bench.guard.verdict()->time == 500);
  }
  SECTION("SA Recovered") {
    bench.descriptor.facts.kind = policy::FrameFacts::Kind::sa_recovered;
    bench.descriptor.facts.tag = tag;
    bench.lookup.value = tag;
    bench.put(in_bank0, Phase::replied);
    while (bench.after != 8) bench.step();
    CHECK(bench.guard.verdict()->verdict.code == Verdict::sa_recovered);
    CHECK(bench.guard.verdict()->value == 0);
  }
}

}  // namespace
}  // namespace reveille::core::test
