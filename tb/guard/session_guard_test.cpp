// SPDX-License-Identifier: Apache-2.0
// Store, guard and session control together: frames, commands and time as they come, every output in every cycle, by
// SessionGuardBench. Rules N1-N4, V1-V7, S1-S16.
#include "guard/session_guard_bench.hpp"

using namespace reveille::tb;
using reveille::Verdict;

namespace {

struct ReadyBench : SessionGuardBench {
  explicit ReadyBench() : SessionGuardBench(3) {
    std::mt19937_64 random(30);
    const std::vector<std::uint32_t> nonces = random_nonces(random);
    in.seeded = in.nonce_valid = true;
    in.wakeup_ready = in.event_ready = true;
    in.wake_tries = 3;
    in.wake_interval = 1000;
    in.resend_budget = 2;
    for (std::size_t taken = 0; !out.ready; taken += out.nonce_ready) {
      in.nonce = taken < nonces.size() ? nonces[taken] : 0;
      step();
    }
    in.nonce = 0xabcd;
  }
};

constexpr u128 kClient = static_cast<u128>(0x20010db8) << 96 | 1;
constexpr std::uint64_t kTag = 0x0123456789abcdef;
Frame ap_request(std::uint32_t nonce, u128 source = kClient) { return {.source = source, .nonce = nonce}; }
Frame sa_recovered(std::uint64_t tag) { return {.beats = 9, .ap_request = false, .source = kClient, .tag = tag}; }
Command on(Opcode opcode) {
  return {.opcode = opcode, .client = kClient, .lifetime = 1000, .nonce = 0xabcd, .tag = kTag};
}

}  // namespace

TEST_CASE("V1-V3: an exchange, frame by frame") {
  ReadyBench bench;
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::not_woken);
  CHECK(bench.send(sa_recovered(0)).verdict == Verdict::not_woken);
  bench.command(on(kWake));
  CHECK(bench.send(ap_request(0xabcc)).verdict == Verdict::false_nonce);
  CHECK(bench.send(ap_request(0xabcd, kClient + 1)).verdict == Verdict::not_woken);
  CHECK(bench.send(sa_recovered(0)).verdict == Verdict::unexpected);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::repeat);
  CHECK(bench.command(on(kReject)).code == kOk);
  // V3: read from T+15 on; the next of two frames back to back reads in T+15.
  bench.begin(ap_request(0xabcd));
  bench.run(7);
  bench.begin(ap_request(0xabcd));
  bench.run(14);
  CHECK(bench.judged->verdict == Verdict::accepted);
  bench.run(7);
  CHECK(bench.judged->verdict == Verdict::repeat);
  CHECK(bench.command(on(kReply)).code == kOk);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::resend);
  CHECK(bench.send(sa_recovered(kTag ^ std::uint64_t{1} << 63)).verdict == Verdict::false_nonce);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::resend);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::repeat);
  CHECK(bench.send(sa_recovered(kTag)).verdict == Verdict::sa_recovered);
  CHECK(bench.send(sa_recovered(kTag)).verdict == Verdict::unexpected);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::repeat);
  CHECK(bench.send(ap_request(0xabce)).verdict == Verdict::false_nonce);
}

TEST_CASE("V3: a lost frame changes nothing") {
  ReadyBench bench;
  bench.command(on(kWake));
  Frame frame = ap_request(0xabcd);
  frame.overrun = true;
  CHECK(bench.send(frame).verdict == Verdict::accepted);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
}

TEST_CASE("L14: at the deadline itself a session is dead") {
  ReadyBench bench;
  bench.in.time = 500;
  bench.command(on(kWake));
  bench.in.time = 1499;
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
  bench.in.time = 1500;
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::not_woken);
}

TEST_CASE("L21, V7: false nonces are counted, and guessing is said once, whatever commands come between") {
  ReadyBench bench;
  bench.command(on(kWake));
  const auto guess = [&](bool tag = false) {
    const Judgement judgement = bench.send(tag ? sa_recovered(1) : ap_request(1));
    CHECK(judgement.verdict == Verdict::false_nonce);
    return judgement.guessing;
  };
  const auto count = [&] { return bench.command(on(kRead)).entry.false_nonces; };
  bench.policy.guess_threshold = 3;
  CHECK_FALSE(guess());
  CHECK_FALSE(guess());
  CHECK(count() == 2);
  CHECK(guess());
  CHECK_FALSE(guess());
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
  CHECK(bench.command(on(kReject)).code == kOk);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
  CHECK(bench.command(on(kReply)).code == kOk);
  CHECK(count() == 4);
  bench.policy.guess_threshold = 5;
  CHECK(guess(true));
  bench.policy.guess_threshold = 0;
  for (unsigned i = 5; i < 509; ++i) CHECK_FALSE(guess());
  bench.policy.guess_threshold = 511;
  CHECK_FALSE(guess());
  CHECK(count() == 510);
  CHECK(guess());
  CHECK_FALSE(guess());
  CHECK(count() == 511);
}

TEST_CASE("V3: a flood of false nonces and a command undo nothing of each other, whatever cycle they meet in") {
  for (unsigned shift = 0; shift < 14; ++shift) {
    ReadyBench bench;
    Command wake = on(kWake);
    wake.lifetime = 1'000'000;
    bench.command(wake);
    CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
    bench.run(shift);
    unsigned guesses = 0;
    const auto flooded = [&](const Command& command) {
      bench.in.command = command;
      bench.in.command_valid = false;
      do {
        if (bench.line_idle()) {
          bench.begin(ap_request(1));
          ++guesses;
        }
        bench.step();
        bench.in.command_valid = true;
      } while (!bench.out.done);
      bench.in.command_valid = false;
      CHECK(bench.out.result.code == kOk);
    };
    flooded(on(kReject));
    bench.run(25);
    CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
    flooded(on(kReply));
    bench.run(25);
    const Entry entry = bench.command(on(kRead)).entry;
    CHECK(entry.phase == kReplied);
    CHECK(entry.aux == kTag);
    CHECK(entry.false_nonces == guesses);
  }
}

TEST_CASE("Store time: while a frame is under way nothing that it may find alive is taken for dead") {
  // The frame begins before the deadline of a session, and ends after it.
  for (unsigned beats : {7U, 20U, 900U}) {
    ReadyBench bench;
    bench.command(on(kWake));
    bench.in.time = 999;
    Frame frame = ap_request(0xabcd);
    frame.beats = beats;
    bench.begin(frame);
    bench.step();
    bench.in.time = 1'000'000;
    const std::uint64_t read = bench.cycle + beats - 2 + 8;  // T+8
    Command restore = on(kRestore);
    restore.lifetime = 10'000;
    restore.nonce = 0xbeef;
    bench.in.command = restore;
    std::optional<std::uint64_t> done;
    while (bench.cycle <= read + 6) {  // T+14
      bench.in.command_valid = !done;
      bench.step();
      if (bench.out.done) done = bench.cycle;
    }
    REQUIRE(bench.judged);
    CHECK(bench.judged->verdict == Verdict::accepted);
    CHECK((beats == 7 || bench.coverage.results[{kRestore, kLive}] == 1));
  }
}

TEST_CASE("Store time: a frame that never ends holds it no longer than 16,384 cycles") {
  ReadyBench bench;
  bench.command(on(kWake));
  Frame frame = ap_request(0xabcd);
  frame.oversize = true;
  frame.decided = Verdict::bypass;
  frame.source = 0;
  bench.in.time = 10;
  bench.begin(frame, 400'000);
  const std::uint64_t first = bench.cycle;
  bench.step();
  bench.in.time = 1'000'000;
  while (bench.coverage.expired == 0) bench.step();
  CHECK(bench.cycle > first + 16'384);
  CHECK(bench.cycle < first + 16'384 + 80'000);
}

TEST_CASE("N4: before the store is cleared nothing matches") {
  SessionGuardBench bench(9);  // memories full of noise
  bench.in.nonce_valid = true;
  std::mt19937_64 random(1);
  while (bench.cycle < 1040) {
    if (bench.line_idle()) {
      Frame frame = ap_request(static_cast<std::uint32_t>(random()), random());
      bench.begin(frame);
    }
    bench.step();
  }
  CHECK(bench.verdicts[Verdict::not_woken] > 140);
}

TEST_CASE("V5, V6, L15: the rate limit to the microsecond, and what wide sums do") {
  ReadyBench bench;
  bench.policy = {kLimit, 100, 200};
  bench.in.time = 1000;
  for (int i = 0; i < 3; ++i) CHECK(bench.send(ap_request(0)).pass);  // TAT 1100, 1200, 1300
  CHECK_FALSE(bench.send(ap_request(0)).pass);
  bench.in.time = 1099;
  CHECK_FALSE(bench.send(ap_request(0)).pass);
  bench.in.time = 1100;
  Frame frame = ap_request(0);
  frame.overrun = true;
  CHECK(bench.send(frame).pass);  // but lost
  CHECK(bench.send(ap_request(0)).pass);
  CHECK_FALSE(bench.send(ap_request(0)).pass);
  bench.policy.mode = kPass;
  CHECK(bench.send(ap_request(0)).pass);
  bench.policy.mode = kDrop;
  CHECK_FALSE(bench.send(ap_request(0)).pass);
  bench.policy = {kLimit, 0xffffffff, kTimeMask};
  bench.in.time = kTimeMask;
  for (int i = 0; i < 3; ++i) CHECK(bench.send(ap_request(0)).pass);
  bench.policy.tolerance = 0;
  CHECK_FALSE(bench.send(ap_request(0)).pass);
}

TEST_CASE("Random frames and commands") {
  const std::uint64_t seed = GENERATE(1, 2, 3, 4, 5, 6);
  CAPTURE(seed);
  Manners manners;
  manners.time_step = seed % 2 == 0 ? 1 : 20;
  manners.time_jump_per_mille = seed == 3 ? 1 : 0;
  Traffic traffic(seed, manners);
  SessionGuardBench bench(seed);
  const bool flood = seed == 2;
  std::vector<u128> awake;
  for (unsigned i = 0; i < 200'000; ++i) {
    bench.in = traffic.next(bench.out);
    if (i % 500 == 0) {
      bench.policy.mode = static_cast<std::uint8_t>(traffic.percent(60) ? unsigned{kLimit} : traffic.below(4));
      bench.policy.interval = traffic.below(400);
      bench.policy.tolerance = traffic.below(4000);
      bench.policy.guess_threshold = traffic.percent(70) ? traffic.below(8) : traffic.below(512);
    }
    if (bench.out.insert) awake.push_back(bench.store()[*bench.out.insert].client);
    if (awake.size() > 20) awake.erase(awake.begin());
    if (bench.line_idle() && (flood || traffic.percent(20))) {
      Frame frame;
      frame.beats = flood || traffic.percent(60) ? 7 + traffic.below(flood ? 1 : 4) : 1 + traffic.below(6);
      frame.source = awake.empty() || traffic.percent(20) ? traffic.any_client()
                                                          : awake[traffic.below(static_cast<unsigned>(awake.size()))];
      frame.ap_request = traffic.percent(60);
      if (!frame.looked_up() || traffic.percent(10)) frame.decided = static_cast<Verdict>(traffic.below(9));
      frame.nonce = traffic.percent(25) ? 0 : static_cast<std::uint32_t>(traffic.random()());
      frame.tag = traffic.random()();
      if (!frame.decided && traffic.percent(75)) {  // the true client
        for (const Entry& entry : bench.store()) {
          if (!entry.holds(frame.source)) continue;
          frame.nonce = entry.nonce;
          frame.tag = entry.aux;
        }
      }
      frame.oversize = traffic.percent(3);
      if (frame.oversize) frame.decided = Verdict::bypass;
      if (frame.decided == Verdict::bypass) frame.source = 0;
      frame.overrun = traffic.percent(5);
      bench.begin(frame, traffic.percent(20) && !flood ? traffic.below(5) : 0);
    }
    bench.step();
  }
  for (unsigned code = 0; code < reveille::kVerdictCount; ++code) {
    CAPTURE(code);
    CHECK((bench.verdicts[static_cast<Verdict>(code)] > 0 || (flood && code < 9)));
  }
  CHECK(bench.lost > 10);
  const bool jumps = manners.time_jump_per_mille != 0;  // few sessions live long enough then
  CHECK(bench.guessing > (jumps ? 0U : 2U));
  CHECK(bench.limited > 10);
  CHECK(bench.coverage.results[{kReply, kOk}] > (jumps ? 0U : 5U));
  CHECK(bench.coverage.wakeups > 5);
}
