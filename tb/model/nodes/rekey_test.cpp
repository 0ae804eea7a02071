// SPDX-License-Identifier: Apache-2.0
// What follows an association (docs/protocol.md, R1 to R6): Rekeys, lost and forged, flags, and clients that ask by
// themselves.
#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;
constexpr Time lifetime = 3600 * second;
constexpr Time grace = 600 * second;

ControllerConfig short_lived() {
  ControllerConfig config;
  config.association_lifetime_s = lifetime / second;
  config.grace_period_s = grace / second;
  return config;
}

void rekey(World& world) {
  world.controller.rekey(world.client(), world.cta.config().principal, world.cta.config().doi, world.now);
  world.settle();
}

/// An established association, and the time at which the next is made.
void reach_grace(World& world) {
  world.wake();
  world.run(second);
  REQUIRE(world.cta.associations().all().size() == 1);
  world.run(lifetime - grace);
}

auto lose_first(MessageId id, int count) {
  return [id, left = count](const Datagram& datagram) mutable {
    return datagram.destination.port == key_management_port &&
           datagram.payload.at(0) == static_cast<std::uint8_t>(id) && left-- > 0;
  };
}

void to_cta(World& world, const Bytes& payload) {
  world.transmit({world.cta.config().server, {world.client(), key_management_port}, payload});
  world.settle();
}

policy::ServerConfig passing() {
  policy::ServerConfig config = World::server_config();
  config.client_initiated = policy::ServerConfig::pass;
  return config;
}

}  // namespace

TEST_CASE("A Rekey makes the next association without a Wake Up, both DOIs and families") {
  for (const std::uint8_t doi : {keymgmt::doi_ipsec, keymgmt::doi_snmp}) {
    for (const bool ipv4 : {true, false}) {
      INFO("DOI " << int(doi) << ", IPv" << (ipv4 ? 4 : 6));
      World world(TestRealm().cta_config(ipv4, doi), short_lived());
      reach_grace(world);
      const auto first = world.cta.keys();
      world.verdicts.clear();
      rekey(world);
      world.run(0);
      CHECK(world.session().stage == Controller::Stage::established);
      CHECK(world.verdicts == std::vector{Verdict::accepted, Verdict::sa_recovered});
      CHECK(world.session().keys == world.cta.keys());
      CHECK(world.cta.keys() != first);
      CHECK(world.messages(MessageId::wake_up).size() == 1);
      REQUIRE(world.messages(MessageId::rekey).size() == 1);
      const auto message = keymgmt::decode_as<keymgmt::Rekey>(world.messages(MessageId::rekey).front());
      const auto requests = world.messages(MessageId::ap_request);
      REQUIRE(requests.size() == 2);
      CHECK_FALSE(keymgmt::decode_as<keymgmt::ApRequest>(requests[0]).reestablish);
      CHECK(keymgmt::decode_as<keymgmt::ApRequest>(requests[1]).reestablish);
      CHECK(keymgmt::decode_as<keymgmt::ApRequest>(requests[1]).server_nonce == message.server_nonce);
      const auto reply = keymgmt::decode_as<keymgmt::ApReply>(world.messages(MessageId::ap_reply).back());
      CHECK(reply.application == message.application);
      CHECK(reply.lifetime_s == message.lifetime_s);
      CHECK(reply.grace_period_s == message.grace_period_s);
      // Both ends hold the old one for the grace period, and then no longer.
      CHECK(world.controller.associations(world.client()).size() == 2);
      CHECK(world.cta.associations().all().size() == 2);
      CHECK(world.cta.associations().newest()->ours == world.controller.associations(world.client()).back().theirs);
      CHECK(world.cta.associations().newest()->theirs == world.controller.associations(world.client()).back().ours);
      world.run(grace);
      CHECK(world.controller.associations(world.client()).size() == 1);
      CHECK(world.cta.associations().all().size() == 1);
    }
  }
}

TEST_CASE("An association ends with its lifetime at both ends, and who has none is woken") {
  World world(TestRealm().cta_config(), short_lived());
  reach_grace(world);
  world.run(grace - 2 * second);
  CHECK(world.cta.state() == Cta::State::established);
  world.run(second);
  CHECK(world.cta.state() == Cta::State::idle);
  CHECK(world.cta.keys() == std::nullopt);
  CHECK(world.controller.associations(world.client()).empty());
  rekey(world);
  world.run(0);
  CHECK(world.messages(MessageId::rekey).empty());
  CHECK(world.messages(MessageId::wake_up).size() == 2);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("Messages of a Rekey that are lost are sent again, the same octets") {
  for (const MessageId id : {MessageId::rekey, MessageId::ap_request, MessageId::ap_reply, MessageId::sa_recovered}) {
    INFO("KMMID " << int(id));
    World world(TestRealm().cta_config(), short_lived());
    reach_grace(world);
    world.sent.clear();
    world.lose = lose_first(id, 2);
    rekey(world);
    world.run(10 * second);
    CHECK(world.session().stage == Controller::Stage::established);
    CHECK(world.session().keys == world.cta.keys());
    CHECK(world.messages(MessageId::wake_up).empty());
    const auto messages = world.messages(id);
    CHECK(messages.size() >= 3);
    for (const Bytes& message : messages) CHECK(message == messages.front());
    CHECK(world.controller.counters().ap_requests_opened == 2);
  }
}

TEST_CASE("A Rekey that nobody answers is followed by a Wake Up, and the old association stays until then") {
  World world(TestRealm().cta_config(), short_lived());
  reach_grace(world);
  world.lose = lose_first(MessageId::rekey, 1000);
  rekey(world);
  world.run(6 * second);
  CHECK(world.controller.associations(world.client()).size() == 1);
  world.run(6 * second);
  CHECK(world.messages(MessageId::rekey).size() == 3);
  CHECK(world.messages(MessageId::wake_up).size() == 2);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.controller.associations(world.client()).size() == 2);
}

TEST_CASE("Where every SA Recovered was lost, the next Rekey is under the association that the server holds") {
  World world(TestRealm().cta_config(), short_lived());
  reach_grace(world);
  world.lose = lose_first(MessageId::sa_recovered, 1000);
  rekey(world);
  world.run(50 * second);
  REQUIRE(world.cta.associations().all().size() > 1);
  CHECK(world.controller.associations(world.client()).size() == 1);
  world.lose = [](const Datagram&) { return false; };
  world.run(60 * second);
  world.sent.clear();
  rekey(world);
  world.run(second);
  CHECK(world.messages(MessageId::wake_up).empty());
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
}

TEST_CASE("No Rekey is answered that is forged, stale or replayed") {
  World world(TestRealm().cta_config(), short_lived());
  reach_grace(world);
  rekey(world);
  world.run(0);
  const Bytes taken = world.messages(MessageId::rekey).front();
  world.run(10 * second);
  world.sent.clear();
  const kerberos::Key subkey = world.cta.associations().newest()->subkey;
  const auto message = [&](Time made) {
    auto rekey = keymgmt::decode_as<keymgmt::Rekey>(taken);
    rekey.server_nonce = 0x55;
    rekey.timestamp = keymgmt::to_timestamp(made);
    return rekey;
  };
  std::uint64_t refused = world.cta.counters().refused_rekeys;
  const auto is_refused = [&](const char* what, const Bytes& octets) {
    INFO(what);
    to_cta(world, octets);
    world.run(0);
    CHECK(world.cta.counters().refused_rekeys == ++refused);
    CHECK(world.messages(MessageId::ap_request).empty());
    CHECK(world.cta.state() == Cta::State::established);
  };
  is_refused("replayed: an association came of it", taken);
  is_refused("sealed by nobody", keymgmt::encode(message(world.now)));
  is_refused("sealed with another key", keymgmt::seal(message(world.now), Bytes(16, 7)));
  is_refused("no later than the last", keymgmt::seal(message(world.now - 10 * second), subkey.octets()));
  is_refused("ahead of the clock",
             keymgmt::seal(message(world.now + kerberos::default_skew + second), subkey.octets()));
  auto odd = message(world.now);
  odd.server_nonce = 0;
  is_refused("nonce 0", keymgmt::seal(odd, subkey.octets()));
  odd = message(world.now);
  odd.server_principal = "mtaprovsrvr/ctl2.reveille.test";
  is_refused("of another server", keymgmt::seal(odd, subkey.octets()));
  odd = message(world.now);
  odd.doi = keymgmt::doi_snmp;
  odd.application = keymgmt::SnmpData{};
  is_refused("of another DOI", keymgmt::seal(odd, subkey.octets()));

  // A true one, held back: each of its octets counts, and so does its time.
  const Bytes held = keymgmt::seal(message(world.now), subkey.octets());
  for (std::size_t at = keymgmt::header_size; at < held.size(); ++at) {
    Bytes changed = held;
    changed[at] ^= 1;
    const std::uint64_t before = world.cta.counters().refused_rekeys + world.cta.counters().refused_malformed;
    to_cta(world, changed);
    CHECK(world.cta.counters().refused_rekeys + world.cta.counters().refused_malformed == before + 1);
  }
  refused = world.cta.counters().refused_rekeys;
  CHECK(world.messages(MessageId::ap_request).empty());
  world.run(kerberos::default_skew + 2 * second);
  is_refused("held back beyond the skew", held);
  // And one that is true is answered: what was refused before did not move the time.
  to_cta(world, keymgmt::seal(message(world.now), subkey.octets()));
  CHECK(world.messages(MessageId::ap_request).size() == 1);
  world.run(lifetime);
  world.sent.clear();
  refused = world.cta.counters().refused_rekeys;
  to_cta(world, keymgmt::seal(message(world.now), subkey.octets()));
  CHECK(world.cta.counters().refused_rekeys == refused + 1);  // under an association that has ended
  CHECK(world.messages(MessageId::ap_request).empty());
}

TEST_CASE("A Rekey heard a thousand times is answered at a rate, with the same octets") {
  World world(TestRealm().cta_config(), short_lived());
  reach_grace(world);
  world.sent.clear();
  world.lose = lose_first(MessageId::ap_request, 1000);
  rekey(world);
  const Bytes message = world.messages(MessageId::rekey).front();
  for (int i = 0; i < 1000; ++i) to_cta(world, message);
  const auto requests = world.messages(MessageId::ap_request);
  CHECK(requests.size() == world.cta.config().answer_burst);
  for (const Bytes& request : requests) CHECK(request == requests.front());
}

TEST_CASE("Forged Wake Ups do not keep a CTA from its Rekey") {
  World world(TestRealm().cta_config(), short_lived());
  reach_grace(world);
  for (std::uint32_t i = 0; i < 100; ++i) world.send_wakeup(0xBAD00000 + i % 7);
  rekey(world);
  world.run(0);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.messages(MessageId::rekey).size() == 1);
}

TEST_CASE("A CTA whose ticket has ended gets another one for a Rekey") {
  TestRealm realm({.ticket_lifetime = 30 * kerberos::minute});
  World world(realm.cta_config(), short_lived());
  CtaConfig config = world.test_realm.cta_config();
  config.credential = world.test_realm.ticket(config, epoch);
  config.credential->endtime = epoch + 40 * kerberos::minute;
  kerberos::SeededRandom random(5, "cta");
  Cta cta(config, random);
  world.at_client = &cta;
  world.wake();
  world.run(lifetime - grace);
  REQUIRE(cta.associations().all().size() == 1);
  REQUIRE(cta.counters().kdc_requests == 0);
  rekey(world);
  world.run(0);
  CHECK(cta.counters().kdc_requests == 3);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.messages(MessageId::rekey).size() == 1);
}

TEST_CASE("A client that starts again says that it holds nothing, and the server forgets what it held") {
  World world(TestRealm().cta_config(), short_lived());
  reach_grace(world);
  kerberos::SeededRandom random(5, "cta");
  Cta again(world.cta.config(), random);
  world.at_client = &again;
  rekey(world);  // nobody can check it
  world.run(100 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(again.counters().refused_rekeys > 0);
  CHECK(again.keys() == world.session().keys);
  CHECK(world.controller.associations(world.client()).size() == 1);
}

TEST_CASE("Where the AP Reply wants no acknowledgement there is none") {
  ControllerConfig config = short_lived();
  config.acknowledgement = false;
  World world(TestRealm().cta_config(), config);
  world.lose = lose_first(MessageId::ap_reply, 1);
  world.wake();
  world.run(0);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.keys() == std::nullopt);
  world.run(second);  // the CTA asks again, and the server answers as before
  CHECK(world.cta.keys() == world.session().keys);
  CHECK(world.messages(MessageId::sa_recovered).empty());
  CHECK(world.controller.counters().ap_requests_opened == 1);
  world.lose = [](const Datagram&) { return false; };
  world.run(lifetime - grace);
  rekey(world);
  world.run(second);
  CHECK(world.cta.keys() == world.session().keys);
  CHECK(world.controller.associations(world.client()).size() == 2);
  CHECK(world.messages(MessageId::sa_recovered).empty());
  CHECK(world.messages(MessageId::wake_up).size() == 1);
}

TEST_CASE("Told to re-establish, a CTA asks by itself in the grace period; the policy decides whether it may") {
  for (const bool acknowledgement : {true, false}) {
    for (const int lost : {0, 2}) {
      INFO("acknowledgement " << acknowledgement << ", " << lost << " AP Replies lost");
      ControllerConfig config = short_lived();
      config.reestablish = true;
      config.acknowledgement = acknowledgement;
      World world(TestRealm().cta_config(), config);
      world.guard = policy::UntimedGuard(passing());
      reach_grace(world);
      const auto first = world.cta.keys();
      world.sent.clear();
      world.run(grace / 2 - 2 * second);
      CHECK(world.messages(MessageId::ap_request).empty());
      world.lose = lose_first(MessageId::ap_reply, lost);
      world.run(12 * second);
      CHECK(world.cta.counters().initiated >= 1);
      CHECK(world.cta.counters().initiated <= static_cast<unsigned>(1 + lost));
      CHECK(world.controller.counters().initiated == 1);
      CHECK((world.controller.counters().resends > 0) == (lost > 0));
      CHECK(world.session().stage == Controller::Stage::established);
      CHECK(world.session().keys == world.cta.keys());
      CHECK(world.cta.keys() != first);
      CHECK(world.messages(MessageId::wake_up).empty());
      CHECK(world.messages(MessageId::sa_recovered).empty() != acknowledgement);
      const auto requests = world.messages(MessageId::ap_request);
      CHECK(keymgmt::decode_as<keymgmt::ApRequest>(requests.front()).server_nonce == 0);
      for (const Bytes& request : requests) CHECK(request == requests.front());
      CHECK(world.controller.open_sessions() == 0);
    }
  }
  ControllerConfig config = short_lived();
  config.reestablish = true;
  World world(TestRealm().cta_config(), config);  // the policy drops
  reach_grace(world);
  world.verdicts.clear();
  world.run(grace);
  CHECK(world.verdicts == std::vector(4, Verdict::client_initiated));
  CHECK(world.controller.counters().initiated == 0);
  CHECK(world.cta.state() == Cta::State::idle);
}

TEST_CASE("A request that a client began is opened once, and forged or replayed it changes nothing") {
  ControllerConfig config = short_lived();
  config.reestablish = true;
  World world(TestRealm().cta_config(), config);
  world.guard = policy::UntimedGuard(passing());
  reach_grace(world);
  world.sent.clear();
  world.run(grace);
  const auto from_client = [&world](const Bytes& payload) {
    world.transmit({{world.client(), key_management_port}, world.cta.config().server, payload});
    world.run(0);
  };
  const Bytes request = world.messages(MessageId::ap_request).at(0);
  const auto keys = world.session().keys;
  const std::uint64_t resends = world.controller.counters().resends;
  world.sent.clear();
  from_client(request);  // replayed: the authenticator is known
  CHECK(world.controller.counters().initiated == 2);
  CHECK(world.controller.counters().ap_requests_refused == 1);
  for (std::size_t at : {std::size_t{40}, std::size_t{200}, request.size() - 1, request.size() - 21}) {
    Bytes changed = request;
    changed[at] ^= 1;
    from_client(changed);
  }
  CHECK(world.controller.counters().initiated == world.controller.counters().ap_requests_refused + 1);
  CHECK(world.controller.counters().resends == resends);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == keys);
  CHECK(world.controller.associations(world.client()).back().keys == keys);
  CHECK(world.controller.open_sessions() == 0);
  CHECK(world.messages(MessageId::error_reply).empty());
  CHECK(world.messages(MessageId::ap_reply).empty());
}

TEST_CASE("A request that comes to a server which never saw it: without SA Recovered nothing comes of it") {
  World world(TestRealm().cta_config(), short_lived());
  world.guard = policy::UntimedGuard(passing());
  CtaConfig asking = world.cta.config();
  asking.initiate = true;
  asking.credential = world.test_realm.ticket(asking, epoch);
  kerberos::SeededRandom random(5, "cta");
  Cta earlier(asking, random);
  earlier.expire(world.now, [&world](Datagram datagram) { world.sent.push_back(std::move(datagram)); });
  const Bytes request = world.messages(MessageId::ap_request).at(0);
  world.now += second;  // the other one's client nonce is another
  world.wake();
  world.run(second);
  world.transmit({{world.client(), key_management_port}, world.cta.config().server, request});
  world.run(2 * second);
  CHECK(world.controller.counters().initiated == 1);
  CHECK(world.controller.counters().ap_requests_refused == 0);
  CHECK(world.verdicts.back() == Verdict::client_initiated);
  CHECK(world.controller.open_sessions() == 1);
  world.run(60 * second);
  CHECK(world.controller.open_sessions() == 0);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.controller.associations(world.client()).size() == 1);
  CHECK(world.controller.associations(world.client()).back().keys == world.cta.keys());
}

TEST_CASE("A CTA that is to ask where it begins does so once it has a ticket") {
  CtaConfig asking = TestRealm().cta_config();
  asking.initiate = true;
  ControllerConfig config = short_lived();
  config.session_lifetime_us = second;
  World world(asking, config);
  world.guard = policy::UntimedGuard(passing());
  world.lose = lose_first(MessageId::wake_up, 1000);
  world.controller.wake(world.client(), world.cta.config().principal, world.cta.config().doi, world.now);
  world.settle();
  world.controller.session_expired(world.client(), world.now + second, world.now + second);
  REQUIRE(world.session().stage == Controller::Stage::failed);
  world.run(5 * second);
  CHECK(world.cta.counters().initiated > 0);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.keys() == world.session().keys);
}

TEST_CASE("A timestamp goes there and back, and has years from 1950 to 2049") {
  for (const char* text : {"260801120000Z", "491231235959Z", "500101000000Z", "991231235959Z", "000101000000Z"}) {
    CHECK(keymgmt::to_timestamp(keymgmt::from_timestamp(text)) == text);
  }
  CHECK(keymgmt::from_timestamp("700101000000Z") == 0);
  CHECK_THROWS_AS(keymgmt::to_timestamp(kerberos::from_kerberos_time("20500101000000Z")), Error);
  CHECK_THROWS_AS(keymgmt::from_timestamp("261301120000Z"), Error);
}
