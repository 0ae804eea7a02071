// SPDX-License-Identifier: Apache-2.0
// Controller and CTA around the untimed policy: the whole exchange, what is lost of it, and what others forge.
#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;

/// Loses the first `count` messages of a kind.
auto lose_first(MessageId id, int count) {
  return [id, left = count](const Datagram& datagram) mutable {
    return datagram.destination.port == key_management_port &&
           datagram.payload.at(0) == static_cast<std::uint8_t>(id) && left-- > 0;
  };
}

/// An AP Request with a given nonce and a ticket of nobody's.
Bytes false_request(std::uint32_t nonce) {
  const kerberos::EncryptedData sealed{.etype = 17, .kvno = 1, .cipher = Bytes(60, 0xC5)};
  keymgmt::ApRequest request;
  request.ap_req = kerberos::encode(kerberos::ApRequest{.options = kerberos::ap_option::mutual_required,
                                                        .ticket = {realm, service_name, sealed},
                                                        .authenticator = sealed});
  request.server_nonce = nonce;
  request.application = keymgmt::IpsecData{1};
  request.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec);
  return keymgmt::encode(request);
}

void attack(World& world, const Bytes& payload) {
  world.transmit({{world.client(), key_management_port}, world.cta.config().server, payload});
  world.settle();
}

}  // namespace

TEST_CASE("The whole exchange, both DOIs and families: both sides hold the same keys") {
  for (const std::uint8_t doi : {keymgmt::doi_ipsec, keymgmt::doi_snmp}) {
    for (const bool ipv4 : {true, false}) {
      INFO("DOI " << int(doi) << ", IPv" << (ipv4 ? 4 : 6));
      World world(ipv4, doi);
      world.wake();
      world.run(1);
      CHECK(world.session().stage == Controller::Stage::established);
      CHECK(world.cta.state() == Cta::State::established);
      REQUIRE(world.session().keys);
      CHECK(world.session().keys == world.cta.keys());
      CHECK_FALSE(world.session().keys->controller_to_cta == world.session().keys->cta_to_controller);
      CHECK(world.verdicts == std::vector{Verdict::accepted, Verdict::sa_recovered});
      CHECK(world.controller.open_sessions() == 0);
      CHECK_FALSE(world.guard.read(world.client(), world.time()).live);  // closed
      CHECK(world.controller.operations().decryptions == 2);             // ticket, authenticator
    }
  }
}

TEST_CASE("A lost AP Reply: the CTA asks again, and gets the same one without cryptography") {
  World world;
  world.lose = lose_first(MessageId::ap_reply, 1);
  world.wake();
  world.run(0);
  const std::uint64_t operations = world.controller.operations().total();
  world.send_wakeup(world.nonce);  // the CTA's AP Request again
  CHECK(world.verdicts.at(1) == Verdict::resend);
  CHECK(world.controller.counters().resends == 1);
  CHECK(world.controller.operations().total() == operations);
  CHECK(world.controller.counters().ap_requests_opened == 1);
  const auto replies = world.messages(MessageId::ap_reply);
  REQUIRE(replies.size() == 2);
  CHECK(replies[0] == replies[1]);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
}

TEST_CASE("A lost SA Recovered: the AP Reply comes again, and so does the same SA Recovered") {
  World world;
  world.lose = lose_first(MessageId::sa_recovered, 1);
  world.wake();
  world.run(0);
  CHECK(world.cta.state() == Cta::State::established);
  CHECK(world.session().stage == Controller::Stage::replied);
  world.run(second);
  CHECK(world.session().stage == Controller::Stage::established);
  const auto recovered = world.messages(MessageId::sa_recovered);
  REQUIRE(recovered.size() == 2);
  CHECK(recovered[0] == recovered[1]);
}

TEST_CASE("No SA Recovered at all: back-off, then the session fails") {
  ControllerConfig config;
  config.reply_timeouts.first = second;
  config.reply_tries = 3;
  World world(TestRealm().cta_config(), config);
  world.lose = lose_first(MessageId::sa_recovered, 1000);
  world.wake();
  world.run(15 * second - 1);
  CHECK(world.messages(MessageId::ap_reply).size() == 4);
  CHECK(world.session().stage == Controller::Stage::replied);
  world.run(1);
  CHECK(world.session().stage == Controller::Stage::failed);
  CHECK(world.session().failure == "no SA Recovered");
  CHECK_FALSE(world.guard.read(world.client(), world.time()).live);
}

TEST_CASE("A guessed nonce costs one decryption, and the true client gets its turn back") {
  World world;
  world.lose = lose_first(MessageId::ap_request, 1);
  world.wake();
  world.lose = [](const Datagram&) { return false; };
  attack(world, false_request(world.nonce));
  CHECK(world.verdicts.back() == Verdict::accepted);
  CHECK(world.guard.read(world.client(), world.time()).phase == Phase::in_service);
  world.run(0);
  CHECK(world.controller.counters().ap_requests_refused == 1);
  CHECK(world.messages(MessageId::error_reply).size() == 1);
  CHECK(world.guard.read(world.client(), world.time()).phase == Phase::outstanding);
  world.run(second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.controller.counters().ap_requests_opened == 2);
}

TEST_CASE("After four false AP Requests with the right nonce the client gets a new nonce") {
  World world;
  world.lose = lose_first(MessageId::wake_up, 1);
  world.wake();
  const std::uint32_t known = world.nonce;
  for (int i = 0; i < 4; ++i) {
    CHECK(world.nonce == known);
    attack(world, false_request(known));
    world.run(i < 3 ? 8'000 : 0);
  }
  world.run(8'000);
  CHECK(world.nonce == known + 1);
  attack(world, false_request(known));
  CHECK(world.verdicts.back() != Verdict::accepted);
  world.run(second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.controller.counters().ap_requests_opened == 5);
}

TEST_CASE("A session that came to nothing is followed by another with a new nonce, in so many rounds") {
  ControllerConfig config;
  config.session_lifetime_us = 600'000'000;
  config.reply_tries = 1;
  config.wake_rounds = 3;
  config.wake_retry = second;
  World world(TestRealm().cta_config(), config);
  world.lose = [](const Datagram&) { return true; };
  world.wake();
  const std::uint32_t first_nonce = world.nonce;
  const std::string reason = GENERATE("no answer", "expired", "no SA Recovered");
  INFO(reason);
  if (reason == "no answer") {
    world.controller.wake_failed(world.client(), world.now, world.now);
  } else if (reason == "expired") {
    world.now += 600 * second;
    world.controller.session_expired(world.client(), world.now, world.now);
  } else {
    world.lose = lose_first(MessageId::sa_recovered, 1000);
    world.send_wakeup(world.nonce);
    world.run(3 * second);  // AP Reply, again after one second, given up two seconds later
    CHECK(world.session().keys);
  }
  CHECK(world.session().stage == Controller::Stage::waking);
  CHECK(world.session().rounds == 2);
  CHECK_FALSE(world.guard.read(world.client(), world.time()).live);
  CHECK(world.controller.deadline() == world.now + second);

  // What the core had still to say of the session before does not count against the next one.
  world.controller.wake_failed(world.client(), world.now, world.now);
  world.controller.session_expired(world.client(), world.now, world.now);
  CHECK(world.session().rounds == 2);
  world.run(second - 1);
  CHECK(world.nonce == first_nonce);

  SECTION("the next one goes well") {
    world.lose = [](const Datagram&) { return false; };
    world.run(second);
    CHECK(world.nonce == first_nonce + 1);
    CHECK(world.session().stage == Controller::Stage::established);
    CHECK(world.session().keys == world.cta.keys());
  }
  SECTION("none goes well") {
    world.lose = [](const Datagram&) { return true; };
    world.run(1);
    CHECK(world.nonce == first_nonce + 1);
    world.controller.wake_failed(world.client(), world.now, world.now);
    CHECK(world.session().rounds == 3);
    world.run(second);
    CHECK(world.nonce == first_nonce + 2);
    CHECK(world.controller.open_sessions() == 1);
    world.now += 600 * second;
    world.controller.session_expired(world.client(), world.now, world.now);
    CHECK(world.session().stage == Controller::Stage::failed);
    CHECK(world.session().failure == "expired");
    CHECK(world.controller.open_sessions() == 0);
    world.run(10 * second);
    CHECK(world.nonce == first_nonce + 2);
    CHECK(world.controller.counters().sessions_begun == 3);
  }
}

TEST_CASE("An AP Request that waits while its session ends is not opened") {
  ControllerConfig config;
  config.service_time = second;
  config.wake_rounds = 2;
  config.wake_retry = 10 * second;
  World world(TestRealm().cta_config(), config);
  world.wake();
  CHECK(world.session().stage == Controller::Stage::opening);
  world.now += 30 * second;
  world.controller.session_expired(world.client(), world.now, world.now);
  const auto requests = world.messages(MessageId::ap_request);
  REQUIRE(requests.size() == 1);
  net::UdpFrame frame;
  frame.source = world.client();
  frame.destination = world.cta.config().server.address;
  frame.payload = requests.front();
  world.controller.receive(net::build(frame), Verdict::accepted, world.now);  // and one that was on its way
  CHECK(world.session().stage == Controller::Stage::waking);
  world.run(5 * second);
  CHECK(world.controller.counters().ap_requests_opened == 0);
  world.run(20 * second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("A client with a wrong clock fails at once") {
  CtaConfig config = TestRealm().cta_config();
  {
    TestRealm realm;
    config.credential = realm.ticket(config, epoch);
  }
  config.clock_offset = kerberos::default_skew + second;
  ControllerConfig controller;
  controller.wake_rounds = 3;  // none of which would mend it
  World world(config, controller);
  world.wake();
  world.run(0);
  CHECK(world.session().stage == Controller::Stage::failed);
  CHECK(world.session().failure == "refused: KRB_AP_ERR_SKEW");
  CHECK(world.messages(MessageId::ap_reply).empty());
}

TEST_CASE("The host compares the whole of SA Recovered: 64 right bits are not enough, and take the client no turn") {
  World world;
  world.lose = lose_first(MessageId::sa_recovered, 1);
  world.wake();
  world.run(0);
  Bytes forged = world.messages(MessageId::sa_recovered).at(0);
  forged.back() ^= 1;
  attack(world, forged);
  CHECK(world.verdicts.back() == Verdict::sa_recovered);
  CHECK(world.session().stage == Controller::Stage::replied);
  world.run(0);  // the core, which takes one, is told to take another
  CHECK(world.guard.read(world.client(), world.time()).phase == Phase::replied);
  attack(world, world.messages(MessageId::sa_recovered).at(0));
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
  CHECK(world.controller.counters().sessions_begun == 1);
}

TEST_CASE("Up to its last microsecond a session takes the true SA Recovered behind a changed copy") {
  ControllerConfig config;
  config.session_lifetime_us = 100'000;  // less than it waits for an answer
  World world(TestRealm().cta_config(), config);
  world.lose = lose_first(MessageId::sa_recovered, 1);
  world.wake();
  world.run(0);
  Bytes forged = world.messages(MessageId::sa_recovered).at(0);
  forged.back() ^= 1;
  world.now = epoch + 100'000 - 1;
  attack(world, forged);
  CHECK(world.verdicts.back() == Verdict::sa_recovered);
  world.run(0);  // the core is told to take another
  CHECK(world.guard.read(world.client(), world.time()).live);
  CHECK(world.guard.read(world.client(), world.time()).phase == Phase::replied);
}

TEST_CASE("A wake command that finds no room is repeated") {
  ControllerConfig config;
  config.wake_retry = second;
  World world(TestRealm().cta_config(), config, 1);
  const net::Address other = net::Address::parse("198.18.0.99");
  REQUIRE(world.guard.wake(other, 5, 0, 1'500'000) == ResultCode::ok);
  world.wake();
  CHECK(world.controller.deadline() == epoch + second);
  world.run(second);
  CHECK(world.messages(MessageId::wake_up).empty());
  CHECK(world.controller.counters().sessions_begun == 0);
  CHECK(world.controller.counters().wakes_refused == 2);
  CHECK(world.controller.counters().most_open == 1);
  world.run(second);  // the other one has expired
  world.run(0);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("A wake command that finds a session of old closes it and is repeated") {
  World world;
  REQUIRE(world.guard.wake(world.client(), 5, 0, 60'000'000) == ResultCode::ok);
  world.wake();
  world.run(second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("Events of the core end a session with their reason, but not one that is established") {
  World world;
  world.lose = [](const Datagram&) { return true; };
  world.wake();
  SECTION("expired") {
    world.now += 30 * second;
    world.controller.session_expired(world.client(), world.now, world.now);
    CHECK(world.session().failure == "expired");
  }
  SECTION("wake_failed") {
    world.controller.wake_failed(world.client(), world.now, world.now);
    CHECK(world.session().failure == "no answer");
  }
  CHECK(world.session().stage == Controller::Stage::failed);
  CHECK(world.controller.open_sessions() == 0);

  World good;
  good.wake();
  good.run(0);
  good.controller.session_expired(good.client(), good.now, good.now);
  good.controller.wake_failed(good.client(), good.now, good.now);
  CHECK(good.session().stage == Controller::Stage::established);
}

TEST_CASE("One AP Request is opened at a time, each after its service time") {
  ControllerConfig config;
  config.service_time = 55;
  World world(TestRealm().cta_config(), config);
  world.wake();
  CHECK(world.session().stage == Controller::Stage::opening);
  CHECK(world.controller.deadline() == epoch + 55);
  world.run(54);
  CHECK(world.controller.counters().ap_requests_opened == 0);
  world.run(1);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("Frames that are no key management, or of clients that were not woken, are counted and left alone") {
  World world;
  world.controller.receive(Bytes(60, 1), Verdict::bypass, world.now);
  net::UdpFrame frame;
  frame.source = net::Address::parse("198.18.0.99");
  frame.destination = net::Address::parse("192.0.2.1");
  frame.payload = false_request(1);
  world.controller.receive(net::build(frame), Verdict::accepted, world.now);
  CHECK(world.controller.counters().stray_frames == 2);
  CHECK_FALSE(world.controller.deadline());
}
