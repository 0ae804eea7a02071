// SPDX-License-Identifier: Apache-2.0
// The CTA against somebody on its segment, who hears what it sends and is faster than server and KDC.
#include <set>
#include <utility>

#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using kerberos::ErrorCode;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;

CtaConfig with_ticket() {
  TestRealm realm;
  CtaConfig config = realm.cta_config();
  config.credential = realm.ticket(config, epoch);
  return config;
}

bool to_server(const Datagram& datagram) { return datagram.destination.address == net::Address::parse("192.0.2.1"); }

void forge(World& world, Bytes payload, const Endpoint& from) {
  world.transmit({from, {world.client(), key_management_port}, std::move(payload)});
  world.settle();
}
void forge_error(World& world, ErrorCode code) {
  const kerberos::KrbError error{.stime = world.now, .code = code, .realm = realm, .sname = service_name};
  const keymgmt::ErrorReply reply{world.cta.config().doi, keymgmt::version_1_0, kerberos::encode(error)};
  forge(world, keymgmt::encode(reply), world.cta.config().server);
}

}  // namespace

TEST_CASE("A forged Error Reply against the ticket takes nothing away: the AP Reply that follows establishes") {
  const auto code = GENERATE(ErrorCode::ticket_expired, ErrorCode::ticket_not_yet_valid, ErrorCode::bad_key_version,
                             ErrorCode::no_key);
  World world(with_ticket());
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 3; };  // the AP Reply comes later
  world.wake();
  world.run(1);
  const Bytes reply = world.messages(MessageId::ap_reply).at(0);
  forge_error(world, code);
  SECTION("at once") {}
  SECTION("while it gets another ticket") {
    world.lose = [](const Datagram& datagram) {
      return datagram.payload.at(0) == 3 || datagram.destination == kdc_endpoint;
    };
    world.run(2 * second);
    CHECK(world.cta.state() == Cta::State::asking_kdc);
  }
  world.lose = [](const Datagram&) { return false; };
  forge(world, reply, world.cta.config().server);
  CHECK(world.cta.state() == Cta::State::established);
  CHECK(world.cta.keys() == world.session().keys);
}

TEST_CASE("A hundred forged Error Replies cause one exchange with the KDC in ten minutes") {
  World world(with_ticket());
  world.wake();
  world.run(second);
  REQUIRE(world.session().stage == Controller::Stage::established);  // the ticket is good
  world.lose = to_server;
  world.send_wakeup(7);
  for (int i = 0; i < 100; ++i) {
    forge_error(world, ErrorCode::ticket_expired);
    world.run(2 * second);
    world.send_wakeup(7);
  }
  CHECK(world.cta.counters().kdc_requests == 3);
  world.run(400 * second);
  world.send_wakeup(7);
  forge_error(world, ErrorCode::ticket_expired);
  world.run(20 * second);
  CHECK(world.cta.counters().kdc_requests == 6);
}

TEST_CASE("Of a ticket that never proved good, Error Replies cause one exchange with the KDC in each with the server") {
  World world(with_ticket());
  world.lose = to_server;
  for (int exchanges = 1; exchanges <= 5; ++exchanges) {
    world.send_wakeup(7);
    for (int i = 0; i < 100 && world.cta.state() != Cta::State::aborted; ++i) {
      forge_error(world, ErrorCode::ticket_expired);
      world.run(second / 2);
    }
    CHECK(world.cta.state() == Cta::State::aborted);
    CHECK(world.cta.counters().kdc_requests == 3U * static_cast<unsigned>(exchanges));
  }
}

TEST_CASE("Clocks that are set forward or back stop no timer, and Kerberos goes by what they show") {
  const Time set_by = GENERATE(-kerberos::hour, kerberos::hour);
  World world(with_ticket());
  world.now += 2 * kerberos::hour;
  world.lose = to_server;
  world.wake();
  world.run(second / 2);
  const auto before = world.messages(keymgmt::MessageId::ap_request).size();
  world.controller.set_clock_offset(set_by);
  world.cta.set_clock_offset(set_by);
  world.run(second);
  CHECK(world.messages(keymgmt::MessageId::ap_request).size() == before + 1);
  world.lose = [](const Datagram&) { return false; };
  world.wake();
  world.run(10 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  SECTION("one of them alone: the client's time is wrong") {
    world.cta.set_clock_offset(0);
    world.wake();
    world.run(second);
    CHECK(world.session().failure == "refused: KRB_AP_ERR_SKEW");
  }
}

TEST_CASE("A KDC that is silent when a ticket was spoken against leaves the CTA the ticket that it has") {
  World world(with_ticket());
  world.lose = [&](const Datagram& datagram) { return to_server(datagram) || datagram.destination == kdc_endpoint; };
  world.wake();
  forge_error(world, ErrorCode::ticket_expired);
  world.run(10 * second);
  REQUIRE(world.cta.state() == Cta::State::asking_kdc);
  world.lose = [&](const Datagram& datagram) { return datagram.destination == kdc_endpoint; };
  world.run(20 * second);
  CHECK(world.cta.state() == Cta::State::established);
}

TEST_CASE("One forged demand for pre-authentication does not spoil the exchange with the KDC") {
  World world(TestRealm().cta_config());
  const bool useless = GENERATE(false, true);
  world.lose = [&](const Datagram& datagram) { return datagram.source == kdc_endpoint; };
  world.wake();
  world.run(0);
  kerberos::KrbError demand{
      .stime = world.now, .code = ErrorCode::preauth_required, .realm = realm, .sname = service_name};
  const std::vector<kerberos::EtypeInfo2Entry> info = {{.etype = useless ? 23 : 17, .salt = "x"}};
  demand.data = kerberos::encode(
      std::vector<kerberos::PaData>{{.type = kerberos::pa_type::etype_info2, .value = kerberos::encode(info)}});
  world.lose = [](const Datagram&) { return false; };
  world.cta.receive({kdc_endpoint, {world.client(), kdc_port}, kerberos::encode(demand)}, world.now, world.sender());
  world.run(3 * second);
  CHECK(world.cta.state() == Cta::State::established);
}

TEST_CASE("Changed copies of the client's request to the KDC keep no client out") {
  // Nothing seals an AS-REQ, so the KDC answers each as the client's own.
  const bool changes_end = GENERATE(false, true);
  World world(TestRealm().cta_config());
  unsigned copies = 0;
  world.lose = [&](const Datagram& datagram) {
    if (datagram.destination != kdc_endpoint) return false;
    world.now += 600'000;  // so far is the KDC
    if (datagram.payload.at(0) != 0x6A) return false;
    kerberos::KdcRequest request = kerberos::decode_kdc_request(datagram.payload);
    if (request.padata.empty()) return false;
    for (std::uint8_t i = 1; i <= 20; ++i, ++copies) {
      if (changes_end) {
        request.body.till = world.now + second;  // it has ended when the next request comes
      } else {
        request.body.addresses = {{.type = 2, .address = {203, 0, 113, i}}};
      }
      world.cta.receive(
          {kdc_endpoint, datagram.source, world.test_realm.kdc.handle(kerberos::encode(request), world.now)}, world.now,
          world.sender());
    }
    return false;
  };
  world.wake();
  world.run(10 * second);
  CHECK(copies == 20);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.cta.counters().kdc_requests == 3);
}

TEST_CASE("An Error Reply or KRB-ERROR with odd fields is counted, and the exchange goes on") {
  World world(TestRealm().cta_config());
  const bool from_kdc = GENERATE(false, true);
  if (!from_kdc) {
    world.lose = to_server;
  } else {
    world.lose = [](const Datagram& datagram) { return datagram.source == kdc_endpoint; };
  }
  world.wake();
  world.run(0);
  const std::vector<kerberos::PaData> unknown(3000, {.type = -1, .value = Bytes(10)});
  const Time year_0 = -62'167'219'200 * second, year_9999 = 253'402'300'799 * second;
  for (const std::int32_t code : {INT32_MIN, -1, 0, 25, 24, 68, INT32_MAX}) {
    kerberos::KrbError error{.ctime = year_9999,
                             .stime = year_0,
                             .code = static_cast<ErrorCode>(code),
                             .crealm = std::string(2000, 'R'),
                             .cname = kerberos::PrincipalName{.components = std::vector<std::string>(1000, "")},
                             .realm = "",
                             .sname = {.type = -1, .components = {}},
                             .text = std::string(128, 'e'),
                             .data = kerberos::encode(unknown)};
    if (code == 68) error.data = Bytes(40'000, 0x30);  // nested, and cut
    const Bytes octets = kerberos::encode(error);
    if (from_kdc) {
      world.cta.receive({kdc_endpoint, {world.client(), kdc_port}, octets}, world.now, world.sender());
    } else {
      forge(world, keymgmt::encode(keymgmt::ErrorReply{keymgmt::doi_ipsec, keymgmt::version_1_0, octets}),
            world.cta.config().server);
    }
  }
  world.lose = [](const Datagram&) { return false; };
  world.run(10 * second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("An authentic AP Reply with a ciphersuite that was not offered is refused, and no exception leaves") {
  World world(with_ticket());
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 3; };
  world.wake();
  world.run(0);
  world.lose = [](const Datagram&) { return false; };
  const auto request = keymgmt::decode_as<keymgmt::ApRequest>(world.messages(MessageId::ap_request).at(0));
  kerberos::Service service(realm, service_name, world.test_realm.kdc.keytab(service_name));
  const kerberos::AcceptedApRequest accepted = service.accept(request.ap_req, world.now);
  const kerberos::Key subkey = kerberos::Key::random(kerberos::Etype::aes128_sha1, world.test_realm.random);
  keymgmt::ApReply reply;
  reply.application = keymgmt::IpsecData{1};
  reply.ap_rep = kerberos::Service::reply(accepted, subkey, {}, world.test_realm.random);
  const std::vector<std::vector<keymgmt::Ciphersuite>> chosen = {
      {{0x7F, 0x7F}}, {{2, 0x21}}, {}, {{2, 0x0C}, {1, 0x0C}}};
  for (const auto& suites : chosen) {
    reply.ciphersuites = suites;
    forge(world, keymgmt::seal(reply, accepted.session_key.octets()), world.cta.config().server);
  }
  CHECK(world.cta.counters().false_replies == chosen.size());
  CHECK(world.cta.state() == Cta::State::waiting_for_reply);
  reply.ciphersuites = {{2, 0x0C}};
  forge(world, keymgmt::seal(reply, accepted.session_key.octets()), world.cta.config().server);
  CHECK(world.cta.state() == Cta::State::established);
  const auto keys = world.cta.keys();
  const kerberos::Key another = kerberos::Key::random(kerberos::Etype::aes128_sha1, world.test_realm.random);
  reply.ap_rep = kerberos::Service::reply(accepted, another, {}, world.test_realm.random);
  forge(world, keymgmt::seal(reply, accepted.session_key.octets()), world.cta.config().server);
  CHECK(world.cta.keys() == keys);  // an AP Request is answered once
}

TEST_CASE("Why an exchange failed is said of that exchange") {
  World world(with_ticket());
  const auto abort_reason = [&] {
    world.lose = [&](const Datagram& datagram) { return datagram.destination == world.cta.config().server; };
    world.wake();
    return [&] {
      world.run(60 * second);
      return world.cta.abort_reason();
    };
  };
  const auto refused = abort_reason();
  forge_error(world, ErrorCode::generic);
  CHECK(refused() == AbortReason::server_refused);
  CHECK(abort_reason()() == AbortReason::no_reply);
}

TEST_CASE("Forged Wake Ups, heard once each: the true one is answered as soon as it came twice and its rate allows") {
  // As many as the segment carries, from long before.
  for (unsigned per_second : {10U, 1'000U}) {
    World world(with_ticket());
    world.lose = to_server;
    std::uint32_t forged = 0x8000'0000;
    const auto flood = [&](Time duration) {
      for (Time end = world.now + duration; world.now < end; world.run(second / per_second)) {
        world.send_wakeup(++forged);
      }
    };
    flood(5 * second);
    world.wake();
    flood(second / 2);
    world.lose = [](const Datagram&) { return false; };
    world.send_wakeup(world.nonce);  // the core sends it again
    flood(2 * second);
    INFO(per_second << " a second");
    CHECK(world.session().stage == Controller::Stage::established);
  }
}

TEST_CASE(
    "Forged Wake Ups, each as often as the true one: it is answered after no more answers than there are nonces") {
  constexpr std::uint32_t forgeries = 20;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    World world(with_ticket());
    world.lose = to_server;
    world.send_wakeup(0x8000'0000);
    world.wake();
    for (int copies = 0; copies < 2; ++copies) {
      for (std::uint32_t i = 1; i <= forgeries; ++i) world.send_wakeup(static_cast<std::uint32_t>(seed) << 8 | i);
      world.send_wakeup(world.nonce);
    }
    world.lose = [](const Datagram&) { return false; };
    // One answer a second, and a burst.
    world.run((forgeries + 1) * second);
    CHECK(world.session().stage == Controller::Stage::established);
    CHECK(world.cta.counters().ap_requests <= forgeries + 2);
  }
}

TEST_CASE("Beyond its memory it forgets one for each that is new, and counts them; those that came twice stay") {
  kerberos::SeededRandom random(1);
  HeardNonces heard(random);
  CHECK(heard.hear(0x600D));
  CHECK_FALSE(heard.is_one_urgent());
  CHECK(heard.hear(0x600D));
  CHECK(heard.is_one_urgent());
  unsigned forgotten = 0;
  for (std::uint32_t i = 1; i <= 9000; ++i) forgotten += heard.hear(0x8000'0000 + i) ? 0 : 1;
  CHECK(forgotten == 9001 - HeardNonces::capacity);
  CHECK(heard.take_turn() == 0x600D);
  CHECK_FALSE(heard.is_one_urgent());
  CHECK(heard.take_turn() == 0x600D);
}

TEST_CASE("However many forged nonces were heard twice, the true one is remembered until its second copy") {
  kerberos::SeededRandom random(1);
  HeardNonces heard(random);
  for (std::uint32_t i = 0; i < 3 * HeardNonces::capacity; ++i) {
    heard.hear(0x8000'0000 + i);
    heard.hear(0x8000'0000 + i);
  }
  heard.hear(0x600D);
  for (std::uint32_t i = 0; i + 1 < HeardNonces::heard_once; ++i) heard.hear(0xC000'0000 + i);
  CHECK(heard.hear(0x600D));
  // Of those that were heard twice it now waits for no more than there is room for.
  bool answered = false;
  for (std::size_t i = 0; i < HeardNonces::capacity && !answered; ++i) answered = heard.take_turn() == 0x600D;
  CHECK(answered);
}

TEST_CASE("Of nonces whose turn it is alike chance decides, and the one that was answered least goes first") {
  std::set<std::uint32_t> chosen;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    kerberos::SeededRandom random(seed);
    HeardNonces heard(random);
    for (std::uint32_t i = 1; i <= 3; ++i) heard.hear(i);
    chosen.insert(heard.take_turn());
  }
  CHECK(chosen == std::set<std::uint32_t>{1, 2, 3});

  kerberos::SeededRandom random(1);
  HeardNonces heard(random);
  for (int i = 0; i < 2; ++i) heard.hear(1);
  for (int i = 0; i < 2; ++i) CHECK(heard.take_turn() == 1);
  for (int i = 0; i < 2; ++i) heard.hear(2);
  CHECK(heard.take_turn() == 2);
  heard.hear(1);  // again since it was answered, but answered twice
  CHECK(heard.take_turn() == 2);
}

TEST_CASE("Where all were heard twice, those that were answered most give way") {
  kerberos::SeededRandom random(1);
  HeardNonces heard(random);
  for (std::uint32_t i = 1; i <= HeardNonces::capacity; ++i) {
    heard.hear(i);
    heard.hear(i);
  }
  const std::uint32_t answered = heard.take_turn();
  CHECK_FALSE(heard.hear(0x600D));
  heard.hear(0x600D);
  CHECK_FALSE(heard.hear(answered));  // forgotten, so it is new
}
