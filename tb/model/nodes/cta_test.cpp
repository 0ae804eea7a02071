// SPDX-License-Identifier: Apache-2.0
// The CTA alone (docs/protocol.md, part 1): what it refuses, how it waits, and when it gives up. A World carries its
// datagrams, but wakes nobody here: Wake Ups are written by the test.
#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;

CtaConfig with_ticket(Time timeout = second) {
  TestRealm realm;
  CtaConfig config = realm.cta_config();
  config.timeouts.first = timeout;
  config.credential = realm.ticket(config, epoch);
  return config;
}

bool to_server(const Datagram& datagram) { return datagram.destination.address == net::Address::parse("192.0.2.1"); }
bool to_kdc(const Datagram& datagram) { return datagram.destination == kdc_endpoint; }

/// Nonces that the CTA brought back, in order.
std::vector<std::uint32_t> returned(const World& world) {
  std::vector<std::uint32_t> nonces;
  for (const Bytes& message : world.messages(MessageId::ap_request)) {
    nonces.push_back(keymgmt::decode_as<keymgmt::ApRequest>(message).server_nonce);
  }
  return nonces;
}

}  // namespace

TEST_CASE("A Wake Up with nonce 0 is refused") {
  World world(with_ticket());
  world.send_wakeup(0);
  CHECK(world.cta.counters().refused_zero_nonce == 1);
  CHECK(world.cta.state() == Cta::State::idle);
  CHECK(returned(world).empty());
}

TEST_CASE("A Wake Up of another DOI, another principal, another server or with trailing octets is refused") {
  World world(with_ticket());
  const auto receive = [&](const Bytes& payload, Endpoint from) {
    world.cta.receive({from, {world.client(), key_management_port}, payload}, world.now, world.sender());
  };
  keymgmt::WakeUp wakeup{keymgmt::doi_snmp, keymgmt::version_1_0, 5, kerberos::to_string(service_name)};
  receive(keymgmt::encode(wakeup), world.cta.config().server);
  wakeup.doi = keymgmt::doi_ipsec;
  wakeup.server_principal = "mtaprovsrvr/evil.reveille.test";
  receive(keymgmt::encode(wakeup), world.cta.config().server);
  wakeup.server_principal = kerberos::to_string(service_name);
  Bytes longer = keymgmt::encode(wakeup);
  longer.push_back(0);
  receive(longer, world.cta.config().server);
  CHECK(world.cta.counters().refused_malformed == 3);
  receive(keymgmt::encode(wakeup), {net::Address::parse("203.0.113.5"), key_management_port});
  CHECK(world.cta.state() == Cta::State::idle);
  receive(keymgmt::encode(wakeup), world.cta.config().server);  // and this one is not
  CHECK(world.cta.state() == Cta::State::waiting_for_reply);
}

TEST_CASE("It limits how often it answers: a burst, then one an interval") {
  CtaConfig config = with_ticket(100 * second);
  config.answer_interval = second;
  config.answer_burst = 4;
  World world(config);
  world.lose = to_server;
  for (int i = 0; i < 6; ++i) world.send_wakeup(7);
  CHECK(returned(world).size() == 4);
  CHECK(world.cta.counters().refused_rate == 2);
  world.now += second - 1;
  world.send_wakeup(7);
  CHECK(returned(world).size() == 4);
  world.now += 1;
  world.send_wakeup(7);
  world.send_wakeup(7);
  CHECK(returned(world).size() == 5);
}

TEST_CASE("Without an answer it sends the same AP Request again with back-off, and aborts") {
  World world(with_ticket());
  world.lose = to_server;
  world.send_wakeup(7);
  std::vector<Time> sent{0};
  while (world.cta.deadline()) {
    world.now = *world.cta.deadline();
    const std::size_t before = world.sent.size();
    world.cta.expire(world.now - 1, world.sender());  // not yet
    CHECK(world.sent.size() == before);
    world.cta.expire(world.now, world.sender());
    if (world.sent.size() > before) sent.push_back(world.now - epoch);
  }
  CHECK(sent == std::vector<Time>{0, 1 * second, 3 * second, 7 * second});
  CHECK(world.now - epoch == 15 * second);
  CHECK(world.cta.state() == Cta::State::aborted);
  CHECK(world.cta.abort_reason() == AbortReason::no_reply);
  const auto requests = world.messages(MessageId::ap_request);
  REQUIRE(requests.size() == 4);
  for (const Bytes& request : requests) CHECK(request == requests.front());
  CHECK(world.cta.counters().ap_requests == 1);

  // The next Wake Up begins anew.
  world.send_wakeup(8);
  CHECK(world.cta.state() == Cta::State::waiting_for_reply);
}

TEST_CASE("Its time-out doubles up to the longest, and no further") {
  CtaConfig config = with_ticket();
  config.timeouts.longest = 3 * second;
  config.tries = 5;
  SECTION("for an AP Reply") {}
  SECTION("for the KDC") { config.credential.reset(); }
  World world(config);
  world.lose = [](const Datagram& datagram) { return to_server(datagram) || to_kdc(datagram); };
  world.send_wakeup(7);
  std::vector<Time> expired;
  while (world.cta.deadline()) {
    world.now = *world.cta.deadline();
    expired.push_back(world.now - epoch);
    world.cta.expire(world.now, world.sender());
  }
  CHECK(expired == std::vector<Time>{1 * second, 3 * second, 6 * second, 9 * second, 12 * second, 15 * second});
}

TEST_CASE("The first answer to another Wake Up has the first time-out, within the rate of answers") {
  CtaConfig config = with_ticket();
  config.answer_interval = 60 * second;
  config.answer_burst = 2;
  World world(config);
  world.lose = to_server;
  world.send_wakeup(0xBAD);
  world.run(3 * second);
  CHECK(world.cta.deadline() == epoch + 7 * second);
  world.send_wakeup(0x600D);
  world.run(4 * second);
  CHECK(returned(world) == std::vector<std::uint32_t>{0xBAD, 0xBAD, 0xBAD, 0x600D});
  CHECK(world.cta.deadline() == epoch + 8 * second);
  // The third has to wait, as the burst is used up.
  world.send_wakeup(0xBAD2);
  world.run(1 * second);
  CHECK(returned(world).back() == 0xBAD2);
  CHECK(world.cta.deadline() == epoch + 10 * second);
}

TEST_CASE("The nonces of a session that the server has given up do not keep the next one waiting") {
  World world(TestRealm().cta_config());
  world.lose = to_kdc;
  for (int i = 0; i < 4; ++i) world.send_wakeup(0x01D);
  for (int i = 0; i < 2; ++i) world.send_wakeup(0x600D);
  world.lose = to_server;
  world.run(1 * second);  // the ticket
  // It cannot know which is which, so each gets its turn before one gets another.
  std::vector<std::uint32_t> first_two = returned(world);
  REQUIRE(first_two.size() == 2);
  std::ranges::sort(first_two);
  CHECK(first_two == std::vector<std::uint32_t>{0x01D, 0x600D});
}

TEST_CASE("A Wake Up that came twice is answered before any that came once, and again when it comes again") {
  World world(with_ticket());
  world.lose = to_server;
  world.send_wakeup(0xBAD);
  world.send_wakeup(0x600D);
  CHECK(returned(world) == std::vector<std::uint32_t>{0xBAD});  // one at a time
  for (std::uint32_t forged = 1; forged < 10; ++forged) world.send_wakeup(forged);
  world.send_wakeup(0x600D);
  CHECK(returned(world) == std::vector<std::uint32_t>{0xBAD, 0x600D});
  world.send_wakeup(0x600D);
  CHECK(returned(world) == std::vector<std::uint32_t>{0xBAD, 0x600D, 0x600D});
  for (std::uint32_t forged = 1; forged < 10; ++forged) world.send_wakeup(100 + forged);
  world.run(1 * second);
  CHECK(returned(world) == std::vector<std::uint32_t>{0xBAD, 0x600D, 0x600D, 0x600D});
}

TEST_CASE("A forged Wake Up while an answer is under way does not lose the answer") {
  World world;
  world.lose = to_server;
  world.wake();  // the AP Request is lost
  world.send_wakeup(0xBAD);
  world.run(second);
  CHECK(returned(world).back() == 0xBAD);
  world.lose = [](const Datagram&) { return false; };
  world.send_wakeup(world.nonce);
  world.run(second);
  CHECK(world.cta.state() == Cta::State::established);
}

TEST_CASE("A silent KDC: back-off and abort, then a Wake Up begins anew") {
  World world(TestRealm().cta_config());
  world.lose = to_kdc;
  world.send_wakeup(7);
  CHECK(world.cta.state() == Cta::State::asking_kdc);
  world.run(14 * second);
  CHECK(world.cta.state() == Cta::State::asking_kdc);
  world.run(2 * second);
  CHECK(world.cta.state() == Cta::State::aborted);
  CHECK(world.cta.abort_reason() == AbortReason::kdc_silent);
  CHECK(world.sent.size() == 1 + 4);
  CHECK(returned(world).empty());
  world.lose = to_server;
  world.send_wakeup(7);
  world.run(0);
  CHECK(returned(world).size() == 1);
}

TEST_CASE("A KDC that refuses is told from one that is silent") {
  CtaConfig config = TestRealm().cta_config();
  config.principal = kerberos::parse_principal("stranger");
  World world(config);
  world.send_wakeup(7);
  world.run(20 * second);
  CHECK(world.cta.state() == Cta::State::aborted);
  CHECK(world.cta.abort_reason() == AbortReason::kdc_refused);
}

TEST_CASE("What the KDC sends that is no message is not taken, and remembered as its fault") {
  World world(TestRealm().cta_config());
  world.lose = to_kdc;
  world.send_wakeup(7);
  CHECK(world.cta.kdc_fault().empty());
  world.transmit({kdc_endpoint, {world.client(), kdc_port}, Bytes{0x6B, 0x80, 0}});
  world.settle();
  CHECK(world.cta.counters().refused_malformed == 1);
  CHECK_THAT(world.cta.kdc_fault(), ContainsSubstring("indefinite length"));
  CHECK(world.cta.state() == Cta::State::asking_kdc);
}

TEST_CASE("A Wake Up that is answered has not waited for its rate, though another still does") {
  CtaConfig config = with_ticket(100 * second);
  config.answer_interval = second;
  config.answer_burst = 1;
  World world(config);
  world.lose = to_server;
  for (const std::uint32_t nonce : {1U, 2U, 3U, 2U, 3U}) world.send_wakeup(nonce);
  REQUIRE(returned(world).size() == 1);
  const std::uint64_t refused = world.cta.counters().refused_rate;
  CHECK(refused == 2);  // of the nonces 2 and 3 the second time; the first time they need not be answered at once
  world.now += second;
  world.send_wakeup(2);
  CHECK(returned(world).size() == 2);
  CHECK(world.cta.counters().refused_rate == refused);
}

TEST_CASE("What has ended is let go where the next association comes, before its end is looked for") {
  ControllerConfig short_lived;
  short_lived.association_lifetime_s = 60;
  World world(with_ticket(), short_lived);
  const auto exchange = [&world] {
    world.wake();
    world.controller.expire(world.now);
    world.settle();
    REQUIRE(world.cta.state() == Cta::State::established);
    return std::get<keymgmt::IpsecData>(world.cta.associations().newest()->ours).spi;
  };
  const std::uint32_t first = exchange();
  Associations held = world.cta.associations();
  CHECK(held.receiving(first) != nullptr);
  world.now += 60 * second;
  exchange();
  held = world.cta.associations();
  CHECK(held.receiving(first) == nullptr);
}

TEST_CASE("A ticket that has expired is not used: the CTA gets another") {
  World world(with_ticket());
  world.now += 11 * kerberos::hour;
  world.wake();
  CHECK(std::ranges::count_if(world.sent, to_kdc) == 3);  // AS twice, TGS
  world.run(second);
  CHECK(world.cta.state() == Cta::State::established);
}

TEST_CASE("Told that its ticket is not good, it gets another and brings the same nonce back") {
  using kerberos::ErrorCode;
  const auto code = GENERATE(ErrorCode::bad_integrity, ErrorCode::ticket_expired, ErrorCode::ticket_not_yet_valid,
                             ErrorCode::bad_address, ErrorCode::bad_key_version, ErrorCode::no_key);
  World world(with_ticket());
  world.lose = to_server;
  world.send_wakeup(7);
  const kerberos::Service service(realm, service_name, world.test_realm.kdc.keytab(service_name));
  const keymgmt::ErrorReply error{keymgmt::doi_ipsec, keymgmt::version_1_0, service.error(code, world.now)};
  world.transmit({world.cta.config().server, {world.client(), key_management_port}, keymgmt::encode(error)});
  world.settle();
  CHECK(std::ranges::count_if(world.sent, to_kdc) == 0);  // not before the AP Reply is late
  world.run(second);
  CHECK(std::ranges::count_if(world.sent, to_kdc) == 3);
  REQUIRE(returned(world) == std::vector<std::uint32_t>{7, 7});
  const auto requests = world.messages(MessageId::ap_request);
  CHECK(requests[0] != requests[1]);
}

TEST_CASE("A refusal is remembered, not believed: the exchange goes on, and says so only when it fails") {
  World world(with_ticket());
  world.lose = to_server;
  world.send_wakeup(7);
  const kerberos::Service service(realm, service_name, world.test_realm.kdc.keytab(service_name));
  const keymgmt::ErrorReply error{keymgmt::doi_ipsec, keymgmt::version_1_0,
                                  service.error(kerberos::ErrorCode::generic, world.now)};
  world.transmit({world.cta.config().server, {world.client(), key_management_port}, keymgmt::encode(error)});
  world.settle();
  CHECK(world.cta.state() == Cta::State::waiting_for_reply);
  CHECK(world.cta.counters().refused_errors == 1);
  world.run(20 * second);
  CHECK(world.cta.abort_reason() == AbortReason::server_refused);
}

TEST_CASE("An AP Reply that is not true is counted, and the true one still taken") {
  World world;
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 3; };
  world.wake();
  world.run(1);
  const auto replies = world.messages(MessageId::ap_reply);
  REQUIRE(replies.size() == 1);
  world.lose = to_server;
  Bytes changed = replies.front();
  changed.back() ^= 1;
  world.transmit({world.cta.config().server, {world.client(), key_management_port}, changed});
  world.settle();
  CHECK(world.cta.counters().false_replies == 1);
  CHECK(world.cta.state() == Cta::State::waiting_for_reply);
  world.transmit({world.cta.config().server, {world.client(), key_management_port}, replies.front()});
  world.settle();
  CHECK(world.cta.state() == Cta::State::established);
}

TEST_CASE("A new exchange forgets the nonces of the one before") {
  World world;
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 3; };
  world.wake();
  world.run(1);
  for (int i = 0; i < 3; ++i) world.send_wakeup(0xBAD);
  world.lose = [](const Datagram&) { return false; };
  world.transmit(
      {world.cta.config().server, {world.client(), key_management_port}, world.messages(MessageId::ap_reply).at(0)});
  world.settle();
  REQUIRE(world.cta.state() == Cta::State::established);
  world.lose = to_server;
  world.send_wakeup(0x77);
  CHECK(returned(world).back() == 0x77);
}

TEST_CASE("Each request to the KDC has its own time-out and back-off") {
  World world(TestRealm().cta_config());
  // The first answer to each request is lost.
  int answers = 0;
  world.lose = [&](const Datagram& datagram) { return datagram.source == kdc_endpoint && answers++ % 2 == 0; };
  world.wake();
  for (int request = 1; request <= 3; ++request) {
    CHECK(world.cta.state() == Cta::State::asking_kdc);
    CHECK(world.cta.deadline() == epoch + request * second);
    world.run(second);
  }
  CHECK(world.cta.state() == Cta::State::established);
}
