// SPDX-License-Identifier: Apache-2.0
// Store, guard and session control together: frames, commands and time as they come, every output in every cycle, by
// SessionGuardBench. Rules N1-N4, V1-V6, S1-S14.
#include "guard/session_guard_bench.hpp"

using namespace reveille::tb;
using reveille::Verdict;

namespace {

struct ReadyBench : SessionGuardBench {
  explicit ReadyBench(const HashKey& key = {11, 22, 33, 44, 55}) : SessionGuardBench(3), key(key) {
    in.seeded = in.nonce_valid = true;
    in.wakeup_ready = in.event_ready = true;
    in.wake_tries = 3;
    in.wake_interval = 1000;
    in.resend_budget = 2;
    for (unsigned i = 0; !out.ready; step()) {
      if (out.nonce_ready) ++i;
      in.nonce = key[std::min(i, 4U)];
    }
    in.nonce = 0xabcd;
  }
  HashKey key;
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
  // V3: read from T+9 on; the next of two frames back to back reads in T+9.
  bench.begin(ap_request(0xabcd));
  bench.run(7);
  bench.begin(ap_request(0xabcd));
  bench.run(8);
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
  frame = ap_request(0xabcd);
  frame.oversize = true;
  CHECK(bench.send(frame).verdict == Verdict::accepted);
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
}

TEST_CASE("L14: at the deadline itself a session is dead") {
  ReadyBench bench;
  bench.in.time = 500;
  bench.command(on(kWake));
  bench.in.event_ready = false;
  bench.in.time = 1500;
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::not_woken);
  bench.in.time = 1499;
  CHECK(bench.send(ap_request(0xabcd)).verdict == Verdict::accepted);
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
  bench.in.time = 5;
  CHECK_FALSE(bench.send(ap_request(0)).pass);
}

TEST_CASE("V4: a frame's change is void where a session was inserted under it") {
  // The dead session comes to life again for the frame, because time jumps back; session control has already decided.
  unsigned voided = 0;
  for (unsigned shift = 0; shift < 7; ++shift) {
    ReadyBench bench;
    Command command = on(kRestore);
    command.lifetime = 100;
    command.phase = kOutstanding;
    bench.in.event_ready = false;
    bench.command(command);
    bench.in.time = 200;
    command.nonce = 0xbeef;
    command.phase = kReplied;
    bench.run(shift);
    bench.in.command = command;
    bench.step();
    bench.in.command_valid = true;
    for (bool done = false; !done; done |= bench.out.done) {
      if (bench.line_idle()) bench.begin(ap_request(0xabcd));
      bench.step();
      if (bench.out.found) bench.in.time = 50;
    }
    bench.in.command_valid = false;
    bench.run(20);
    const Result result = bench.command(on(kRead));
    CHECK(result.entry.phase == kReplied);
    CHECK(result.entry.resends_left == 2);
    voided += bench.voided;
  }
  CHECK(voided > 0);
}

TEST_CASE("Random frames and commands") {
  const std::uint64_t seed = GENERATE(1, 2, 3, 4, 5, 6);
  CAPTURE(seed);
  Manners manners;
  manners.time_step = seed % 2 == 0 ? 1 : 20;
  manners.time_jump_per_mille = seed % 3 == 0 ? 2 : 0;
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
      if (frame.decided == Verdict::bypass) frame.source = 0;
      frame.oversize = traffic.percent(3);
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
  CHECK(bench.limited > 10);
  CHECK(bench.coverage.results[{kReply, kOk}] > 5);
  CHECK(bench.coverage.wakeups > 5);
}
