// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

/// A guard in front of a store with one session, and one frame whose last beat is in cycle T = 0: it starts in T+8.
struct GuardBench {
  Guard guard;
  NonceStore store;
  Configuration config = both_families_configuration();
  Lookup lookup{client4, 3, 9, 500, nonce, true};
  Descriptor descriptor{KeymgmtParser::Kind::ap_request, Verdict::bypass, client4, nonce, 500, true, false};
  unsigned after = 8;  ///< cycles since T

  void put(std::uint16_t location, Phase phase, std::uint64_t deadline = 501) {
    store.write(location, Entry{client4, deadline, tag, nonce});
    store.write(location, EntryState{phase, 1, 7});
  }
  void step(bool lost = false) {
    guard.clock(after == 8 ? &lookup : nullptr, after == 12 ? &descriptor : nullptr, lost, store, config);
    ++after;
  }
  void run_to(unsigned until) {
    while (after != until) step();
  }
  /// Up to and including the verdict's cycle.
  Verdict run(bool lost = false) {
    while (after != verdict_after) {
      CHECK(guard.verdict() == nullptr);
      step();
    }
    REQUIRE(guard.verdict() != nullptr);  // V2
    const Verdict verdict = guard.verdict()->verdict.code;
    guessing = guard.verdict()->guessing;
    step(lost);
    CHECK(guard.verdict() == nullptr);  // one cycle
    return verdict;
  }
  bool guessing = false;  ///< beside the last verdict
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

TEST_CASE("The state changes in the verdict's cycle") {  // V3, T5
  GuardBench bench;
  bench.put(in_bank1, Phase::outstanding);
  bench.run_to(verdict_after);
  CHECK(bench.store.state(in_bank1).phase == Phase::outstanding);
  bench.step();
  CHECK(bench.store.state(in_bank1) == EntryState{Phase::in_service, 1, 7});
}

TEST_CASE("Frame cycles are those of the reads and of the verdict") {  // T11
  GuardBench bench;
  for (; bench.after < 25;) {
    INFO(bench.after);
    CHECK(bench.guard.owns_memories(bench.after == 8 ? &bench.lookup : nullptr) ==
          ((bench.after >= 8 && bench.after <= last_read) || bench.after == verdict_after));
    bench.step();
  }
}

TEST_CASE("Two ways of a row are read in T+8 and two in T+9, or one in each cycle from T+8 to T+11") {  // T2
  const unsigned write_before = GENERATE(range(8U, 13U));
  const unsigned way = GENERATE(range(0U, 4U));
  const unsigned bank = GENERATE(0U, 1U);
  GuardBench bench;
  bench.run_to(write_before);
  bench.put(NonceStore::location(bank == 0 ? 3 : 9, bank, way), Phase::outstanding);
  const unsigned read = 8 + (four_reads ? way : way / 2);
  CHECK(bench.run() == (write_before <= read ? Verdict::accepted : Verdict::not_woken));
}

TEST_CASE("A look-up finds its own client alone in a row") {
  GuardBench bench;
  bench.put(in_bank0, Phase::outstanding);
  bench.lookup.client = net::Address::parse("198.51.100.99");
  CHECK(bench.run() == Verdict::not_woken);
}

TEST_CASE("A reset frees the memories at once, whatever was under way") {
  GuardBench bench;
  bench.guard.pass(bench.config, 10000);
  bench.run_to(9);
  CHECK_FALSE(bench.guard.still());
  bench.guard.reset();
  CHECK(bench.guard.still());
  CHECK_FALSE(bench.guard.owns_memories(nullptr));
}

TEST_CASE("At the deadline a session is not live") {  // L14
  GuardBench bench;
  bench.put(in_bank0, Phase::outstanding, 500);
  CHECK(bench.run() == Verdict::not_woken);
}

TEST_CASE("A lost frame changes nothing") {
  GuardBench bench;
  bench.put(in_bank0, Phase::outstanding);
  CHECK(bench.run(true) == Verdict::accepted);
  CHECK(bench.store.state(in_bank0).phase == Phase::outstanding);
}

TEST_CASE("A false nonce writes its count alone, and the others all but that") {  // V3
  GuardBench bench;
  bench.put(in_bank0, Phase::in_service);
  const bool is_false = GENERATE(true, false);
  if (is_false) {
    bench.lookup.value = bench.descriptor.nonce = nonce + 1;
    bench.run_to(verdict_after - 3);
    bench.store.write_phase(in_bank0, {Phase::replied, 1, 0});  // the host's reply meets the frame
    CHECK(bench.run() == Verdict::false_nonce);
    CHECK(bench.store.state(in_bank0) == EntryState{Phase::replied, 1, 8});
  } else {
    bench.put(in_bank0, Phase::replied);
    bench.run_to(verdict_after - 3);
    bench.store.write_false_nonces(in_bank0, 9);
    CHECK(bench.run() == Verdict::resend);
    CHECK(bench.store.state(in_bank0) == EntryState{Phase::replied, 0, 9});
  }
}

TEST_CASE("The count of false nonces stays at 511, and says so once where it meets the threshold") {  // L21, V7
  GuardBench bench;
  bench.put(in_bank0, Phase::outstanding);
  bench.lookup.value = bench.descriptor.nonce = nonce + 1;
  const unsigned threshold = GENERATE(0U, 8U, 510U, 511U);
  bench.config.guess_threshold = threshold;
  unsigned said = 0;
  for (unsigned count = 8; count < 600; ++count) {
    bench.after = 8;
    REQUIRE(bench.run() == Verdict::false_nonce);
    if (bench.guessing) ++said;
    if (bench.guessing != (count == threshold)) FAIL(count);
    if (bench.store.state(in_bank0).false_nonces != std::min(count, 511U)) FAIL(count);
  }
  CHECK(said == (threshold == 0 ? 0 : 1));
}

TEST_CASE("The threshold of guessing counts as in T+8") {  // V6
  const unsigned change_after = GENERATE(7U, 8U, 9U);
  GuardBench bench;
  bench.put(in_bank0, Phase::outstanding);
  bench.lookup.value = bench.descriptor.nonce = nonce + 1;
  bench.after = 7;
  bench.run_to(change_after);
  bench.config.guess_threshold = 8;
  bench.run();
  CHECK(bench.guessing == (change_after <= 8));
}

TEST_CASE("SA Recovered needs a session that is replied, and its tag") {
  GuardBench bench;
  bench.descriptor.kind = KeymgmtParser::Kind::sa_recovered;
  bench.lookup.value = tag;
  bench.put(in_bank0, Phase::replied);
  SECTION("right") {
    CHECK(bench.run() == Verdict::sa_recovered);
    CHECK(bench.store.state(in_bank0) == EntryState{Phase::recovered, 1, 7});
  }
  SECTION("wrong tag") {
    bench.lookup.value = tag + 1;
    CHECK(bench.run() == Verdict::false_nonce);
    CHECK(bench.store.state(in_bank0) == EntryState{Phase::replied, 1, 8});
  }
  SECTION("not replied") {
    bench.put(in_bank0, Phase::recovered);
    CHECK(bench.run() == Verdict::unexpected);
  }
}

TEST_CASE("The rate limiter forgets what a lost frame did") {  // V5
  const bool lost = GENERATE(false, true);
  GuardBench bench;
  bench.config.client_initiated = ClientInitiated::pass_limited;
  bench.config.interval = 1000;
  bench.descriptor.nonce = 0;
  CHECK(bench.run(lost) == Verdict::client_initiated);
  bench.after = 8;  // the next frame, at the same time
  bench.run_to(verdict_after);
  REQUIRE(bench.guard.verdict() != nullptr);
  CHECK(bench.guard.verdict()->verdict.pass == lost);
}

TEST_CASE("Tolerance counts as three cycles before the verdict, mode as two") {  // V6
  GuardBench bench;
  bench.config.client_initiated = ClientInitiated::pass_limited;
  bench.config.interval = 1000;
  bench.descriptor.nonce = 0;
  bench.run();  // TAT = 500 + 1000
  bench.after = 8;
  const unsigned change_before = GENERATE(range(0U, 5U));
  const bool change_tolerance = GENERATE(true, false);
  while (bench.after != verdict_after) {
    if (bench.after + change_before == verdict_after) {
      if (change_tolerance) {
        bench.config.tolerance = 1000;
      } else {
        bench.config.client_initiated = ClientInitiated::pass;
      }
    }
    bench.step();
  }
  CHECK(bench.guard.verdict()->verdict.pass == (change_before >= (change_tolerance ? 3 : 2)));
}

TEST_CASE("The interval counts as in the cycle before the verdict") {  // V6
  const unsigned change_before = GENERATE(range(0U, 4U));
  GuardBench bench;
  bench.config.client_initiated = ClientInitiated::pass_limited;
  bench.descriptor.nonce = 0;
  bench.run_to(verdict_after - change_before);
  bench.config.interval = 1000;
  CHECK(bench.run() == Verdict::client_initiated);
  bench.after = 8;  // the next frame, at the same time
  bench.run_to(verdict_after);
  CHECK(bench.guard.verdict()->verdict.pass == (change_before == 0));
}

TEST_CASE("The verdict port shows the returned nonce of an AP Request alone") {
  GuardBench bench;
  SECTION("AP Request") {
    bench.run_to(verdict_after);
    CHECK(bench.guard.verdict()->value == nonce);
    CHECK(bench.guard.verdict()->source == client4);
    CHECK(bench.guard.verdict()->time == 500);
  }
  SECTION("SA Recovered") {
    bench.descriptor.kind = KeymgmtParser::Kind::sa_recovered;
    bench.lookup.value = tag;
    bench.put(in_bank0, Phase::replied);
    bench.run_to(verdict_after);
    CHECK(bench.guard.verdict()->verdict.code == Verdict::sa_recovered);
    CHECK(bench.guard.verdict()->value == 0);
  }
}

}  // namespace
}  // namespace reveille::core::test
