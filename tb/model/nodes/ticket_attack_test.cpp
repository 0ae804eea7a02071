// SPDX-License-Identifier: Apache-2.0
// The ticket in a KDC's reply, which the reply does not seal: what the CTA does with others that were put there.
#include <utility>

#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using kerberos::ErrorCode;

namespace {

constexpr Time second = kerberos::second;
constexpr unsigned as_request = 0x6A, as_reply = 0x6B, tgs_request = 0x6C, tgs_reply = 0x6D;

CtaConfig with_ticket() {
  TestRealm realm;
  CtaConfig config = realm.cta_config();
  config.credential = realm.ticket(config, epoch);
  return config;
}

/// `datagram`, if that is a reply of the KDC of that kind, with one bit changed of its ticket.
std::optional<Datagram> changed(const Datagram& datagram, unsigned kind) {
  if (datagram.source != kdc_endpoint || datagram.payload.at(0) != kind) return std::nullopt;
  kerberos::KdcReply reply = kerberos::decode_kdc_reply(datagram.payload);
  reply.ticket.enc_part.cipher.at(40) ^= 1;
  return Datagram{datagram.source, datagram.destination, kerberos::encode(reply)};
}

/// Every service ticket that the KDC gives is another one, and the true one does not arrive.
auto changes_every_ticket(World& world) {
  return [&world](const Datagram& datagram) {
    const auto copy = changed(datagram, tgs_reply);
    for (int copies = 0; copy && copies < 2; ++copies) world.cta.receive(*copy, world.now, world.sender());
    return copy.has_value();
  };
}

bool is(const Datagram& datagram, unsigned kind) {
  return (datagram.source == kdc_endpoint || datagram.destination == kdc_endpoint) && datagram.payload.at(0) == kind;
}

/// What the CTA asked the KDC for, in order.
std::vector<unsigned> asked(const World& world) {
  std::vector<unsigned> kinds;
  for (const Datagram& datagram : world.sent) {
    if (datagram.destination == kdc_endpoint) kinds.push_back(datagram.payload.at(0));
  }
  return kinds;
}

void forge_error(World& world) {
  const kerberos::KrbError error{
      .stime = world.now, .code = ErrorCode::ticket_expired, .realm = realm, .sname = service_name};
  const keymgmt::ErrorReply reply{world.cta.config().doi, keymgmt::version_1_0, kerberos::encode(error)};
  world.transmit({world.cta.config().server, {world.client(), key_management_port}, keymgmt::encode(reply)});
  world.settle();
}

}  // namespace

TEST_CASE("A KDC's reply with another ticket put in does not keep the CTA from the server for the ticket's life") {
  // The ticket stands outside of what a KDC's reply seals.
  World world(TestRealm().cta_config());
  std::optional<Datagram> stolen;
  world.lose = [&](const Datagram& datagram) {
    if (datagram.source != kdc_endpoint || datagram.payload.at(0) != 0x6D || stolen) return false;
    stolen = datagram;
    return true;
  };
  world.wake();
  REQUIRE(stolen);
  kerberos::KdcReply reply = kerberos::decode_kdc_reply(stolen->payload);
  SECTION("octets of a ticket changed") { reply.ticket.enc_part.cipher.at(40) ^= 1; }
  SECTION("another key version") { reply.ticket.enc_part.kvno = 9; }
  SECTION("longer than any frame") { reply.ticket.enc_part.cipher.resize(60'000); }
  stolen->payload = kerberos::encode(reply);
  world.transmit(*stolen);
  world.run(30 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.counters().kdc_requests <= 6);
}

TEST_CASE("A ticket-granting ticket that no datagram could carry back is not taken, and no such request sent") {
  World world(TestRealm().cta_config());
  bool changed = false;
  world.lose = [&](const Datagram& datagram) {
    CHECK((datagram.destination != kdc_endpoint || datagram.payload.size() <= 65'507));
    if (datagram.source != kdc_endpoint || datagram.payload.at(0) != 0x6B || std::exchange(changed, true)) return false;
    kerberos::KdcReply reply = kerberos::decode_kdc_reply(datagram.payload);
    reply.padata.clear();
    reply.ticket.enc_part.cipher.resize(65'000);
    reply.ticket.enc_part.cipher.resize(65'000 + 65'507 - kerberos::encode(reply).size());
    const Bytes octets = kerberos::encode(reply);
    CHECK(octets.size() == 65'507);
    world.cta.receive({datagram.source, datagram.destination, octets}, world.now, world.sender());
    return false;  // and the true one behind it
  };
  world.wake();
  CHECK(changed);
  world.run(5 * second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("A ticket-granting ticket that was changed on its way is replaced, once an exchange with the KDC") {
  World world(TestRealm().cta_config());
  unsigned to_change = GENERATE(1U, 100U);
  const bool always = to_change > 1;
  world.lose = [&](const Datagram& datagram) {
    if (datagram.source != kdc_endpoint || datagram.payload.at(0) != 0x6B || to_change == 0) return false;
    --to_change;
    kerberos::KdcReply reply = kerberos::decode_kdc_reply(datagram.payload);
    reply.ticket.enc_part.cipher.at(40) ^= 1;
    world.cta.receive({datagram.source, datagram.destination, kerberos::encode(reply)}, world.now, world.sender());
    return true;
  };
  world.wake();
  world.run(60 * second);
  CHECK((world.session().stage == Controller::Stage::established) == !always);
  // 2 for the ticket-granting ticket, 1 refused; so again; the rest are retries.
  CHECK(world.cta.counters().kdc_requests <= 6 + world.cta.config().tries);
  if (always) CHECK(world.cta.abort_reason() == AbortReason::kdc_refused);
}

TEST_CASE("Who is ahead of every reply of the KDC with a changed ticket in it keeps no client out") {
  const unsigned kind = GENERATE(as_reply, tgs_reply);
  World world(TestRealm().cta_config());
  world.lose = [&](const Datagram& datagram) {
    if (const auto copy = changed(datagram, kind)) world.cta.receive(*copy, world.now, world.sender());
    return false;  // and the true one behind it
  };
  world.wake();
  world.run(10 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.counters().kdc_requests <= 6);
}

TEST_CASE("A ticket that proved good is kept, whatever the KDC's replies hold later") {
  World world(with_ticket());
  world.wake();
  world.run(second);
  REQUIRE(world.session().stage == Controller::Stage::established);
  const auto next_exchange = [&](bool server_in_reach) {
    const auto change = changes_every_ticket(world);
    const auto loses = [&world, change](bool to_server) {
      return [&world, change, to_server](const Datagram& datagram) {
        return (to_server && datagram.destination == world.cta.config().server) || change(datagram);
      };
    };
    world.now += 700 * second;
    world.lose = loses(true);
    world.wake();
    forge_error(world);
    world.lose = loses(!server_in_reach);
    world.run(60 * second);
  };
  next_exchange(false);  // another ticket, which is held beside the good one
  CHECK(world.cta.counters().kdc_requests == 3);
  for (int i = 0; i < 3; ++i) {
    next_exchange(true);
    CHECK(world.session().stage == Controller::Stage::established);
    CHECK(world.cta.counters().kdc_requests == 6U + 3U * static_cast<unsigned>(i));
  }
}

TEST_CASE("A ticket that proved good and has expired since keeps no other from being replaced") {
  World world(with_ticket());
  world.wake();
  world.run(second);
  REQUIRE(world.session().stage == Controller::Stage::established);
  world.now = world.cta.config().credential->endtime - 3 * kerberos::minute;
  const auto change = changes_every_ticket(world);
  world.lose = [&, change](const Datagram& datagram) {
    return datagram.destination == world.cta.config().server || change(datagram);
  };
  world.wake();
  forge_error(world);
  world.run(60 * second);
  CHECK(world.cta.counters().kdc_requests == 3);
  SECTION("as all clocks show: within ten minutes, and beyond the skew that a server forgives") {
    world.now += 8 * kerberos::minute;
  }
  SECTION("as its own does") {
    world.now += kerberos::minute;
    world.cta.set_clock_offset(4 * kerberos::minute);
  }
  world.lose = [](const Datagram&) { return false; };
  world.wake();
  world.run(60 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.counters().kdc_requests == 6);
}

TEST_CASE("A reply of the KDC that comes again once its ticket has proved good is not read") {
  World world(with_ticket());
  std::optional<Datagram> copy;
  const auto to_server = [&](const Datagram& datagram) {
    if (is(datagram, tgs_reply)) copy = changed(datagram, tgs_reply);
    return datagram.destination == world.cta.config().server;
  };
  world.lose = to_server;
  world.wake();
  forge_error(world);
  world.run(60 * second);  // a second ticket
  world.lose = [](const Datagram&) { return false; };
  world.wake();
  world.run(second);
  REQUIRE(world.session().stage == Controller::Stage::established);
  world.lose = to_server;
  world.wake();
  world.cta.receive(copy.value(), world.now, world.sender());
  forge_error(world);
  world.lose = [](const Datagram&) { return false; };
  world.run(second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.counters().kdc_requests == 3);
}

TEST_CASE("Once a doubted ticket has given way to the other, that one stays until something speaks against it too") {
  World world(with_ticket());
  world.wake();
  world.run(second);
  REQUIRE(world.session().stage == Controller::Stage::established);
  const auto change = changes_every_ticket(world);
  world.lose = [&, change](const Datagram& datagram) {
    return datagram.destination == world.cta.config().server || change(datagram);
  };
  world.wake();
  forge_error(world);
  world.run(60 * second);  // two tickets, of which the present one is not good
  const auto before = world.messages(keymgmt::MessageId::ap_request).size();
  world.wake();
  forge_error(world);
  world.run(60 * second);
  auto requests = world.messages(keymgmt::MessageId::ap_request);
  requests.erase(requests.begin(), requests.begin() + static_cast<std::ptrdiff_t>(before));
  REQUIRE(requests.size() >= 4);
  CHECK(requests[1] != requests[0]);
  CHECK(std::equal(requests.begin() + 2, requests.end(), requests.begin() + 1));
  CHECK(world.cta.counters().kdc_requests == 3);
}

TEST_CASE("That somebody spoke against a ticket is forgotten once the server took it") {
  World world(with_ticket());
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 3; };  // the AP Reply comes later
  world.wake();
  world.run(1);
  world.lose = [](const Datagram&) { return false; };
  forge_error(world);
  world.transmit({world.cta.config().server,
                  {world.client(), key_management_port},
                  world.messages(keymgmt::MessageId::ap_reply).at(0)});
  world.settle();
  REQUIRE(world.session().stage == Controller::Stage::established);
  world.now += 700 * second;
  world.wake();
  world.run(0);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.counters().kdc_requests == 0);
}

TEST_CASE("Who is ahead of the KDC and behind it, or twice ahead, keeps no client out for good") {
  const int ahead = GENERATE(1, 2);
  World world(TestRealm().cta_config());
  world.lose = [&](const Datagram& datagram) {
    const auto copy = changed(datagram, tgs_reply);
    if (!copy) return false;
    for (int i = 0; i < ahead; ++i) world.cta.receive(*copy, world.now, world.sender());
    world.cta.receive(datagram, world.now, world.sender());
    if (ahead == 1) world.cta.receive(*copy, world.now, world.sender());
    return true;
  };
  for (int minute = 0; minute < 60; ++minute) {
    if (minute == 0 || world.session().stage != Controller::Stage::established) world.wake();
    world.run(60 * second);
  }
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("However many copies of the first reply of the KDC arrive, one that comes behind the second is kept") {
  World world(TestRealm().cta_config());
  std::optional<Datagram> granting;
  world.lose = [&](const Datagram& datagram) {
    if (is(datagram, as_reply)) granting = datagram;
    for (int i = 0; is(datagram, tgs_request) && i < 100; ++i) world.transmit(*granting);
    if (const auto copy = changed(datagram, tgs_reply)) world.cta.receive(*copy, world.now, world.sender());
    return false;
  };
  world.wake();
  world.run(10 * second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("Another ticket-granting ticket is asked with if the KDC refused the first, and of this exchange alone") {
  World world(TestRealm().cta_config());
  SECTION("not if the KDC was only silent") {
    bool first = true;
    world.lose = [&](const Datagram& datagram) {
      const auto copy = changed(datagram, as_reply);
      if (copy) {
        world.cta.receive(datagram, world.now, world.sender());
        world.cta.receive(*copy, world.now, world.sender());
      }
      return copy || (is(datagram, tgs_request) && std::exchange(first, false));
    };
    world.wake();
    world.run(2 * second);
    CHECK(asked(world) == std::vector{as_request, as_request, tgs_request, tgs_request});
  }
  SECTION("not one of hours ago, and a new one once in each exchange") {
    world.lose = [&](const Datagram& datagram) {
      if (is(datagram, as_reply)) world.cta.receive(datagram, world.now, world.sender());
      return false;
    };
    world.wake();
    world.run(second);
    REQUIRE(world.session().stage == Controller::Stage::established);
    for (int exchanges = 0; exchanges < 2; ++exchanges) {
      world.sent.clear();
      world.now += 11 * kerberos::hour;
      world.lose = [&, first = true](const Datagram& datagram) mutable {
        const auto copy = changed(datagram, as_reply);
        if (!copy || !std::exchange(first, false)) return false;
        world.cta.receive(*copy, world.now, world.sender());
        return true;
      };
      world.wake();
      world.run(5 * second);
      CHECK(asked(world) == std::vector{as_request, as_request, tgs_request, as_request, as_request, tgs_request});
    }
  }
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("A ticket behind the first that no AP Request could carry is not kept") {
  World world(TestRealm().cta_config());
  world.lose = [&](const Datagram& datagram) {
    if (is(datagram, tgs_reply)) {
      world.cta.receive(datagram, world.now, world.sender());
      kerberos::KdcReply reply = kerberos::decode_kdc_reply(datagram.payload);
      reply.ticket.enc_part.cipher.resize(9'000);
      world.cta.receive({datagram.source, datagram.destination, kerberos::encode(reply)}, world.now, world.sender());
    }
    return datagram.destination == world.cta.config().server;
  };
  world.wake();
  CHECK(world.cta.counters().refused_errors == 1);
}

TEST_CASE("A refusal of the KDC is no reason against what it answers later") {
  World world(TestRealm().cta_config());
  const auto refuse = [&] {
    const kerberos::KrbError error{
        .stime = world.now, .code = ErrorCode::generic, .realm = realm, .sname = service_name};
    world.cta.receive({kdc_endpoint, {world.client(), kdc_port}, kerberos::encode(error)}, world.now, world.sender());
  };
  world.lose = [](const Datagram& datagram) { return datagram.destination == kdc_endpoint; };
  world.wake();
  refuse();
  world.run(60 * second);
  CHECK(world.cta.abort_reason() == AbortReason::kdc_refused);
  world.wake();
  SECTION("in the next exchange") {
    world.run(60 * second);
    CHECK(world.cta.abort_reason() == AbortReason::kdc_silent);
  }
  SECTION("for the next kind of ticket") {
    refuse();
    world.lose = [](const Datagram& datagram) { return is(datagram, tgs_request); };
    world.run(60 * second);
    CHECK(world.cta.abort_reason() == AbortReason::kdc_silent);
    CHECK(std::ranges::count(asked(world), tgs_request) == world.cta.config().tries + 1);
  }
}

TEST_CASE("Whether a ticket has expired, and what the KDC is told of the time, is as the clock shows") {
  SECTION("the ticket that it has") {
    CtaConfig config = with_ticket();
    config.learns_time = false;
    World world(config);
    world.cta.set_clock_offset(11 * kerberos::hour);
    world.wake();
    CHECK(asked(world).size() == 2);  // its time is not the KDC's
  }
  SECTION("the time of its requests") {
    CtaConfig config = TestRealm().cta_config();
    config.learns_time = false;
    World world(config);
    world.lose = [](const Datagram& datagram) { return is(datagram, tgs_request); };
    world.wake();
    world.lose = [](const Datagram&) { return false; };
    world.cta.set_clock_offset(kerberos::hour);
    world.run(60 * second);
    CHECK(world.cta.abort_reason() == AbortReason::kdc_refused);
    CHECK(world.messages(keymgmt::MessageId::ap_request).empty());
  }
}
