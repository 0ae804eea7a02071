// SPDX-License-Identifier: Apache-2.0
// What was overheard in one session, sent again in another, to a server begun anew, or without end.
#include <malloc.h>

#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;

CtaConfig with_ticket() {
  TestRealm realm;
  CtaConfig config = realm.cta_config();
  config.credential = realm.ticket(config, epoch);
  return config;
}

void to_server(World& world, Bytes payload) {
  world.transmit({{world.client(), key_management_port}, world.cta.config().server, std::move(payload)});
  world.run(0);
}
void to_cta(World& world, Bytes payload) {
  world.transmit({world.cta.config().server, {world.client(), key_management_port}, std::move(payload)});
  world.run(0);
}
/// The AP Request with another returned nonce, which stands behind the AP-REQ, and the HMAC as it was.
Bytes with_nonce(Bytes request, std::uint32_t nonce) {
  auto changed = keymgmt::decode_as<keymgmt::ApRequest>(request);
  changed.server_nonce = nonce;
  return keymgmt::encode(changed);
}
auto loses(MessageId id) {
  return [id](const Datagram& datagram) { return datagram.payload.at(0) == static_cast<std::uint8_t>(id); };
}
std::size_t memory_in_use() { return ::mallinfo2().uordblks; }

}  // namespace

TEST_CASE("An AP Request of an established session is of no use in the next, nor to a server begun anew") {
  World world(with_ticket());
  world.wake();
  world.run(second);
  REQUIRE(world.session().stage == Controller::Stage::established);
  const Bytes overheard = world.messages(MessageId::ap_request).at(0);

  World next(with_ticket());
  const bool restarted = GENERATE(false, true);
  World& attacked = restarted ? next : world;
  attacked.now = world.now + second;
  attacked.nonce += 100;
  attacked.lose = loses(MessageId::ap_request);
  attacked.wake();
  attacked.lose = [](const Datagram&) { return false; };
  to_server(attacked, overheard);  // under its own nonce
  CHECK_FALSE(is_pass(attacked.verdicts.back()));
  to_server(attacked, with_nonce(overheard, attacked.nonce));
  CHECK(attacked.session().failure == "refused: KRB_AP_ERR_MODIFIED");
  CHECK(attacked.session().stage == Controller::Stage::waking);
  attacked.run(5 * second);
  CHECK(attacked.session().stage == Controller::Stage::established);
  CHECK(attacked.session().keys == attacked.cta.keys());
}

TEST_CASE("An SA Recovered of an earlier session establishes nothing, and the true one still does") {
  World world(with_ticket());
  world.wake();
  world.run(second);
  const Bytes overheard = world.messages(MessageId::sa_recovered).at(0);
  world.lose = loses(MessageId::sa_recovered);
  world.wake();
  world.run(0);
  REQUIRE(world.session().stage == Controller::Stage::replied);
  world.lose = [](const Datagram&) { return false; };
  for (int i = 0; i < 20; ++i) to_server(world, overheard);
  CHECK(world.session().stage == Controller::Stage::replied);
  world.run(5 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
}

TEST_CASE("Who is ahead of every SA Recovered with a changed copy keeps no client out") {
  ControllerConfig config;
  config.session_lifetime_us = GENERATE(30'000'000U, 900'000U);
  World world(with_ticket(), config);
  world.lose = loses(MessageId::sa_recovered);
  world.wake();
  world.run(0);
  const auto changed = [&] {
    world.lose = [](const Datagram&) { return false; };
    Bytes copy = world.messages(MessageId::sa_recovered).at(0);
    copy.back() ^= 1;
    to_server(world, copy);
  };
  SECTION("the true one is right behind") {
    changed();
    to_server(world, world.messages(MessageId::sa_recovered).at(0));
  }
  SECTION("the true one comes before the core is told, and once more") {
    Bytes copy = world.messages(MessageId::sa_recovered).at(0);
    const Bytes recovered = copy;
    copy.back() ^= 1;
    world.lose = [](const Datagram&) { return false; };
    for (const Bytes& payload : {copy, recovered}) {
      world.transmit({{world.client(), key_management_port}, world.cta.config().server, payload});
      world.settle();
    }
    CHECK(world.session().stage == Controller::Stage::replied);
    world.run(0);
    to_server(world, recovered);
  }
  SECTION("after four it needs another nonce") {
    const std::uint32_t known = world.nonce;
    for (int i = 0; i < 4; ++i) {
      CHECK(world.nonce == known);
      changed();
      world.run(8'000);
    }
    CHECK(world.nonce == known + 1);
    world.run(0);
  }
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
}

TEST_CASE("An AP Reply of an earlier session, under the same ticket, does not answer this one's AP Request") {
  World world(with_ticket());
  world.wake();
  world.run(second);
  const Bytes overheard = world.messages(MessageId::ap_reply).at(0);
  const auto first_keys = world.cta.keys();
  world.lose = loses(MessageId::ap_reply);
  world.wake();
  world.run(0);
  REQUIRE(world.cta.state() == Cta::State::waiting_for_reply);
  world.lose = [](const Datagram&) { return false; };
  to_cta(world, overheard);
  CHECK(world.cta.state() == Cta::State::waiting_for_reply);
  world.run(5 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.keys() != first_keys);
  CHECK(world.session().keys == world.cta.keys());
}

TEST_CASE("An AP Reply of a session that the server gave up does not keep the CTA from that of the next one") {
  // Both AP Requests are of one exchange of the CTA's, and their AP Replies authentic.
  World world(with_ticket());
  world.now += 2 * kerberos::hour;
  world.lose = loses(MessageId::ap_reply);
  world.wake();
  world.run(0);
  const bool set_back = GENERATE(false, true);
  const Time offset = set_back ? -kerberos::hour : 0;  // so the later one has the earlier time
  world.cta.set_clock_offset(offset);
  world.controller.set_clock_offset(offset);
  world.wake();  // given up, and another nonce
  world.run(2'000);
  world.send_wakeup(world.nonce);
  world.run(0);
  const auto replies = world.messages(MessageId::ap_reply);
  REQUIRE(replies.size() == 2);
  world.lose = [](const Datagram&) { return false; };
  const bool must_wait = GENERATE(false, true);
  for (std::uint32_t i = 0; must_wait && i < 9; ++i) world.send_wakeup(0x8000'0000 + i / 2);
  to_cta(world, replies.at(0));
  CHECK(world.cta.state() == Cta::State::established);
  CHECK(world.session().stage == Controller::Stage::replied);
  if (must_wait) world.send_wakeup(0x9000'0000);
  const Cta::State then = world.cta.state();
  CHECK((then == Cta::State::waiting_for_turn) == must_wait);
  to_cta(world, replies.at(1));
  CHECK(world.cta.state() == then);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
  to_cta(world, replies.at(0));  // the older one has no say any more
  CHECK(world.session().keys == world.cta.keys());
}

TEST_CASE("Who knows every nonce of a client and sends false AP Requests without end costs the server little") {
  ControllerConfig config;
  config.service_time = 55;
  World world(with_ticket(), config);
  const Bytes heard = [] {
    World earlier(with_ticket());
    earlier.wake();
    earlier.run(second);
    return earlier.messages(MessageId::ap_request).at(0);
  }();
  world.lose = loses(MessageId::wake_up);
  world.nonce += 100;
  world.wake();
  for (const Time end = world.now + 10 * second; world.now < end; world.run(config.service_time)) {
    to_server(world, with_nonce(heard, world.nonce));
    world.sent.clear();
  }
  // Ten nonces in the first second, then one a second or less.
  CHECK(world.controller.counters().ap_requests_opened > 4);
  CHECK(world.controller.counters().ap_requests_opened <= 4 * 20);
  CHECK(world.session().stage == Controller::Stage::waking);
  world.lose = [](const Datagram&) { return false; };
  world.run(3 * second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("A client that proves itself and has no common ciphersuite fails at once, and is opened once") {
  World world(with_ticket());
  world.lose = loses(MessageId::ap_request);
  world.wake();
  world.lose = [](const Datagram&) { return false; };
  const kerberos::SentApRequest sent =
      kerberos::make_ap_request(*world.cta.config().credential, world.now + 1, {}, world.test_realm.random);
  keymgmt::ApRequest request;
  request.ap_req = sent.octets;
  request.server_nonce = world.nonce;
  request.application = keymgmt::IpsecData{1};
  request.ciphersuites = {{0x7F, 0x7F}};
  to_server(world, keymgmt::seal(std::move(request), sent.session_key.octets()));
  CHECK(world.session().stage == Controller::Stage::failed);
  CHECK(world.controller.counters().ap_requests_opened == 1);
}

TEST_CASE("What is sent without end takes no memory: to the controller, the CTA and the KDC") {
  World world(with_ticket());
  world.wake();
  world.run(second);
  const Bytes overheard = world.messages(MessageId::ap_request).at(0);
  const auto flood = [&](std::uint32_t count) {
    for (std::uint32_t i = 1; i <= count; ++i) {
      // Clients that nobody woke, whatever the guard says of them.
      net::UdpFrame frame;
      frame.source = net::Address::parse("203.0.113." + std::to_string(i % 250 + 1));
      frame.destination = world.cta.config().server.address;
      frame.payload = with_nonce(overheard, i);
      world.controller.receive(net::build(frame), static_cast<Verdict>(i % 16), world.now);
      to_cta(world, keymgmt::encode(keymgmt::WakeUp{keymgmt::doi_ipsec, keymgmt::version_1_0, 0x8000'0000 + i,
                                                    kerberos::to_string(service_name)}));
      world.run(1'000);
      (void)world.test_realm.kdc.handle(overheard, world.now);
      world.sent.clear();
      world.verdicts.clear();
    }
  };
  flood(2 * HeardNonces::capacity);
  const std::size_t before = memory_in_use();
  flood(4 * HeardNonces::capacity);
  CHECK(memory_in_use() < before + 100'000);
  CHECK(world.controller.sessions().size() == 1);
}

TEST_CASE("Clocks that stood hours ahead for a while, and are set right, keep no client out") {
  World world(with_ticket());
  world.now += kerberos::hour;
  const auto wake_at = [&](Time offset) {
    world.controller.set_clock_offset(offset);
    world.cta.set_clock_offset(offset);
    world.wake();
    world.run(10 * second);
    return world.session().stage == Controller::Stage::established;
  };
  CHECK(wake_at(0));
  // Within the life of the ticket.
  CHECK(wake_at(5 * kerberos::hour));
  world.now += 20 * kerberos::minute;
  CHECK(wake_at(5 * kerberos::hour));  // the replay cache forgets the one before
  CHECK(wake_at(0));
}

TEST_CASE("A clock that is set back makes no replay new, and keeps nobody out") {
  TestRealm test_realm;
  const kerberos::Credential credential = test_realm.ticket(test_realm.cta_config(), epoch);
  kerberos::Service service(realm, service_name, test_realm.kdc.keytab(service_name));
  const auto request_of = [&](Time time) {
    return kerberos::make_ap_request(credential, time, {}, test_realm.random).octets;
  };
  const Bytes overheard = request_of(epoch);
  (void)service.accept(overheard, epoch);
  (void)service.accept(request_of(epoch + kerberos::hour), epoch + kerberos::hour);
  CHECK_THROWS_AS(service.accept(overheard, epoch + second), kerberos::ProtocolError);
  CHECK_NOTHROW(service.accept(request_of(epoch + 1), epoch + second));
  // What was forgotten of a time ahead is refused there, and what lies between is new.
  const Time ahead = epoch + 2 * kerberos::hour;
  const Bytes forgotten = request_of(ahead);
  (void)service.accept(forgotten, ahead);
  for (Time i = 1; i <= 20; ++i) (void)service.accept(request_of(ahead + i * second), ahead + i * second);
  (void)service.accept(request_of(ahead + kerberos::hour), ahead + kerberos::hour);
  const Time back = epoch + kerberos::minute;
  CHECK_NOTHROW(service.accept(request_of(back), back));
  CHECK_THROWS_AS(service.accept(forgotten, ahead), kerberos::ProtocolError);
  CHECK_THROWS_AS(service.accept(request_of(ahead + 2 * second + 1), ahead), kerberos::ProtocolError);
  CHECK_NOTHROW(service.accept(request_of(ahead - kerberos::minute), ahead));
}

TEST_CASE("A service remembers nothing of what it did not admit, and forgets what its clock refuses") {
  TestRealm test_realm;
  const kerberos::Credential credential = test_realm.ticket(test_realm.cta_config(), epoch);
  kerberos::Service service(realm, service_name, test_realm.kdc.keytab(service_name));
  for (Time i = 0; i < 1000; ++i) {
    const auto sent = kerberos::make_ap_request(credential, epoch + i, {}, test_realm.random);
    (void)service.open(sent.octets);
  }
  CHECK(service.replay_cache().size() == 0);
  // One a second for an hour: what is remembered is of twice the skew at most.
  for (Time now = epoch; now < epoch + kerberos::hour; now += second) {
    (void)service.accept(kerberos::make_ap_request(credential, now, {}, test_realm.random).octets, now);
  }
  CHECK(service.replay_cache().size() <= static_cast<std::size_t>(2 * kerberos::default_skew / second + 1));
}
