// SPDX-License-Identifier: Apache-2.0
// A CTA that replaces its ticket ahead of the ticket's end, without being woken.
#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time lifetime = 10 * kerberos::hour;
constexpr Time ahead = kerberos::hour;

CtaConfig renewing() {
  TestRealm realm;
  CtaConfig config = realm.cta_config();
  config.credential = realm.ticket(config, epoch);
  config.renew_ahead = ahead;
  return config;
}

bool to_kdc(const Datagram& datagram) { return datagram.destination == kdc_endpoint; }

}  // namespace

TEST_CASE("A ticket is replaced ahead of its end, without a Wake Up") {
  World world(renewing());
  const Time first_end = world.cta.credential()->endtime;
  world.run(lifetime - ahead - kerberos::second);
  CHECK(world.cta.counters().kdc_requests == 0);
  world.run(2 * kerberos::second);
  CHECK(world.cta.counters().kdc_requests == 3);  // AS twice, TGS
  CHECK(world.cta.credential()->endtime > first_end);
  CHECK(world.cta.granting() != nullptr);
  CHECK(world.cta.state() == Cta::State::idle);
  CHECK(world.messages(MessageId::ap_request).empty());
  world.wake();
  world.run(kerberos::second);
  CHECK(world.cta.state() == Cta::State::established);
  world.run(lifetime);  // once more, and what is established stays so
  CHECK(world.cta.counters().kdc_requests == 6);
  CHECK(world.cta.state() == Cta::State::established);
}

TEST_CASE("A KDC that is silent when a ticket is to be replaced is asked again later, and keeps nobody waiting") {
  World world(renewing());
  world.lose = to_kdc;
  world.run(lifetime - ahead + kerberos::minute);
  CHECK(world.cta.counters().kdc_requests == 1);
  CHECK(world.cta.state() == Cta::State::idle);
  world.run(ahead / 10);
  CHECK(world.cta.counters().kdc_requests == 2);
  world.wake();
  world.run(kerberos::second);
  CHECK(world.cta.state() == Cta::State::established);  // with the ticket that it has
  CHECK(world.cta.counters().kdc_requests == 2);
  world.lose = [](const Datagram&) { return false; };
  world.run(ahead / 5);
  CHECK(world.cta.counters().kdc_requests == 5);
}

TEST_CASE("Behind the replacement of a ticket an answer that is lost is sent again, as before it") {
  World world(renewing());
  world.run(lifetime - ahead + kerberos::second);
  REQUIRE(world.cta.counters().kdc_requests == 3);
  int lost = 0;
  world.lose = [&lost](const Datagram& datagram) {
    return datagram.destination.port == key_management_port && datagram.payload.at(0) == 2 && lost++ == 0;
  };
  world.wake();
  world.run(3 * kerberos::second);
  CHECK(lost == 2);
  CHECK(world.cta.state() == Cta::State::established);
}

TEST_CASE("Who is woken while the ticket is replaced answers behind it") {
  World world(renewing());
  world.lose = to_kdc;
  world.run(lifetime - ahead);
  world.cta.expire(world.now, world.sender());
  REQUIRE(world.cta.state() == Cta::State::asking_kdc);
  world.controller.wake(world.client(), world.cta.config().principal, world.cta.config().doi, world.now);
  world.settle();
  CHECK(world.messages(MessageId::ap_request).empty());
  world.run(2 * world.cta.config().timeouts.first);
  CHECK(world.cta.state() == Cta::State::established);
}
