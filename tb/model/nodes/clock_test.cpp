// SPDX-License-Identifier: Apache-2.0
// A CTA whose clock is wrong: what it learns of the time, and from whom.
#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using kerberos::ErrorCode;
using kerberos::hour;
using kerberos::second;

namespace {

const Time wrong_by[] = {-56 * 365 * 24 * hour, -11 * hour, -6 * kerberos::minute,
                         6 * kerberos::minute,  11 * hour,  300 * 24 * hour};

CtaConfig wrong_clock(Time offset) {
  CtaConfig config = TestRealm().cta_config();
  config.clock_offset = offset;
  return config;
}

Bytes kdc_error(ErrorCode code, Time stime) {
  const kerberos::KrbError error{
      .stime = stime, .code = code, .realm = realm, .sname = kerberos::ticket_granting_service(realm)};
  return kerberos::encode(error);
}

}  // namespace

TEST_CASE("A CTA whose clock is wrong learns the time from the KDC, and establishes") {
  for (const Time offset : wrong_by) {
    INFO(offset / second << " s");
    World world(wrong_clock(offset));
    world.wake();
    world.run(20 * second);
    CHECK(world.cta.state() == Cta::State::established);
    CHECK(world.session().stage == Controller::Stage::established);
    CHECK(std::abs(world.cta.clock_error() + offset) <= 2 * second);
    // What it learned holds until somebody sets the clock.
    world.wake();
    world.run(second);
    CHECK(world.cta.counters().kdc_requests <= 4);
    world.cta.set_clock_offset(0);
    CHECK(world.cta.clock_error() == 0);
    world.wake();
    world.run(second);
    CHECK(world.session().stage == Controller::Stage::established);
  }
}

TEST_CASE("A CTA that is told not to learn the time gets nothing by a wrong clock") {
  CtaConfig config = wrong_clock(hour);
  config.learns_time = false;
  World world(config);
  world.wake();
  world.run(20 * second);
  CHECK(world.cta.state() == Cta::State::aborted);
  CHECK(world.cta.clock_error() == 0);
}

TEST_CASE("A ticket of before, and a clock that went wrong since: the server's word sends the CTA to the KDC") {
  TestRealm there;
  CtaConfig config = there.cta_config();
  config.credential = there.ticket(config, epoch);
  config.clock_offset = -hour;
  World world(config);
  world.wake();
  world.run(20 * second);
  CHECK(world.session().failure == "refused: KRB_AP_ERR_SKEW");
  CHECK(world.cta.counters().kdc_requests == 3);
  CHECK(std::abs(world.cta.clock_error() - hour) <= 2 * second);
  world.wake();
  world.run(second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("A wrong time that somebody tells in the KDC's name is tried beside the own clock, and never believed") {
  for (const bool wrong_clock_too : {false, true}) {
    for (const ErrorCode code : {ErrorCode::preauth_required, ErrorCode::clock_skew, ErrorCode::never_valid}) {
      INFO(to_string(code) << ", the own clock " << (wrong_clock_too ? "wrong" : "right"));
      CtaConfig config = wrong_clock(wrong_clock_too ? -hour : 0);
      config.tries = 20;
      World world(config);
      // Ahead of each of the KDC's errors.
      world.lose = [&](const Datagram& datagram) {
        if (datagram.source == kdc_endpoint && kerberos::application_tag(datagram.payload) == 30U) {
          world.at_client->receive({kdc_endpoint, datagram.destination, kdc_error(code, world.now + 100 * 24 * hour)},
                                   world.now, world.sender());
        }
        return false;
      };
      world.wake();
      world.run(400 * second);
      CHECK(world.cta.state() == Cta::State::established);
      CHECK(std::abs(world.cta.clock_error() - (wrong_clock_too ? hour : 0)) <= 2 * second);
    }
  }
}

TEST_CASE("A reply of the KDC that somebody holds back does not move the clock") {
  CtaConfig config = wrong_clock(0);
  config.timeouts = {200 * second, 200 * second};
  for (const Time held : {30 * second, 150 * second}) {
    World world(config);
    std::optional<Datagram> kept;
    world.lose = [&](const Datagram& datagram) {
      if (datagram.source != kdc_endpoint || kerberos::application_tag(datagram.payload) != 11U || kept) return false;
      kept = datagram;
      return true;
    };
    world.wake();
    world.run(held);
    REQUIRE(kept);
    world.cta.receive(*kept, world.now, world.sender());
    // The KDC's clock stood so when it was asked, which the CTA knows: it is not misled at all.
    CHECK(world.cta.clock_error() == 0);
    world.run(second);
    CHECK(world.cta.credential() != nullptr);
  }
}
