// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>

#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

constexpr std::uint64_t second = 1'000'000;

}  // namespace

TEST_CASE("A driver identifies the core, and copies a session in each phase to another core") {
  Core active, standby;
  Bench one(active), other(standby);
  one.driver.bring_up(both_families_setup(), 21);
  other.driver.bring_up(both_families_setup(), 22);
  const driver::Identity identity = one.driver.identify();
  CHECK(identity.sessions == config::kSessions);
  CHECK(identity.event_records == config::kEventRecords);
  CHECK(one.driver.health().usable());

  active.inputs.time_us = 5 * second;
  standby.inputs.time_us = 9 * second;
  const driver::Woken woken = one.driver.wake(client4, {.lifetime_us = 30 * second, .hop = 1, .snmp = true});
  CHECK_THROWS_AS(one.driver.wake(client4), driver::SessionLive);
  one.run(500);
  const auto copy = [&] {
    const driver::Session session = one.driver.read_session(client4);
    other.driver.restore(session, session.deadline - one.driver.time());
    driver::Session copied = other.driver.read_session(client4);
    CHECK(copied.client == client4);
    CHECK(copied.nonce == woken.nonce);
    CHECK(copied.phase == session.phase);
    CHECK(copied.tag == session.tag);
    CHECK(copied.wake.hop == session.wake.hop);
    CHECK(copied.wake.snmp == session.wake.snmp);
    CHECK(copied.wake.armed == session.wake.armed);
    CHECK(copied.deadline == 9 * second + session.deadline - 5 * second);
    other.driver.close(client4);
    CHECK_THROWS_AS(other.driver.close(client4), driver::NoSession);
  };
  copy();
  CHECK(one.driver.read_location(woken.location)->nonce == woken.nonce);
  CHECK_THROWS_AS(one.driver.reply(client4, tag), driver::WrongState);
  CHECK(one.judge(net::build(to_server4(ap_request(woken.nonce)))) == Verdict::accepted);
  copy();
  one.driver.reply(client4, tag);
  copy();
  CHECK_THROWS_AS(one.driver.reject(client4), driver::WrongState);
  one.driver.close(client4);
  CHECK_FALSE(one.driver.read_location(woken.location));
  CHECK_THROWS_AS(one.driver.read_session(client4), driver::NoSession);
}

TEST_CASE("A manager holds what it offers until it is taken, and a core that is up needs one octet of noise") {
  Core core;
  Bench bench(core);
  bench.driver.bring_up(both_families_setup(), 24);
  unsigned taken = 0;
  bench.perturb = [&](Inputs& in) {
    const Outputs& out = core.outputs();
    if (out.awready) CHECK((in.awvalid && in.wvalid));
    if (out.arready) CHECK(in.arvalid);
    taken += out.awready || out.arready ? 1 : 0;
  };
  bench.driver.write(address::event_mask, 0);
  CHECK_FALSE(core.outputs().bvalid);
  CHECK(bench.driver.read(address::event_mask) == 0);
  CHECK(taken == 2);
  bench.perturb = {};
  CHECK_NOTHROW(bench.driver.feed_entropy(1, 1));
}

TEST_CASE("A command thread and a reader of events work at once, and neither takes the other's words") {
  Core core;
  Bench bench(core);
  Setup setup = both_families_setup();
  setup.event_mask = ~0U;
  setup.wake_tries = 1;
  bench.driver.bring_up(setup, 23);
  constexpr unsigned rounds = 300;
  // Each close leaves a session that nobody asks for: the frame behind it is an event that names the client.
  std::atomic<bool> ended = false;
  unsigned events = 0;
  unsigned strange = 0;
  const Bytes request = net::build(to_server4(ap_request(1)));
  std::atomic<unsigned> wanted = 0;
  bench.perturb = [&](Inputs&) {  // in whichever thread has the bus: the bench's queues are not for two at once
    if (wanted.exchange(0) != 0) bench.send(request);
  };
  std::thread reader([&] {
    while (!ended || bench.driver.read(address::event_count) != 0) {
      const auto event = bench.driver.pop_event();
      if (!event) continue;
      ++events;
      if (event->address != client4 || event->kind != EventKind::verdict || event->verdict != Verdict::not_woken)
        ++strange;
    }
  });
  unsigned wrong = 0;
  for (unsigned i = 0; i < rounds; ++i) {
    const auto woken = bench.driver.wake(client6);
    if (bench.driver.read_session(client6).nonce != woken.nonce) ++wrong;
    wanted = 1;
    bench.driver.close(client6);
    bench.driver.run(200);
  }
  ended = true;
  reader.join();
  CHECK(wrong == 0);
  CHECK(strange == 0);
  // The threads take turns as they please; what the reader came too late for has found no room, and is counted.
  CHECK(events >= config::kEventRecords / 2);
  CHECK(events + bench.driver.events_dropped() == rounds);
}

TEST_CASE("A core that does not answer is a timeout, and what is no register an error of the bus") {
  Core core;
  Driver driver(core);
  core.inputs.rst_n = false;
  CHECK_THROWS_AS(driver.read(address::id), driver::BusTimeout);
  core.inputs.rst_n = true;
  core.inputs.arvalid = false;
  driver.run(10);
  CHECK_THROWS_AS(driver.read(0x3FC + 4 * 64), driver::BusError);
  CHECK_NOTHROW(driver.identify());
  CHECK_THROWS_AS(driver.wait_until_usable(std::chrono::microseconds(100)), driver::BusTimeout);
}

}  // namespace reveille::core::test
