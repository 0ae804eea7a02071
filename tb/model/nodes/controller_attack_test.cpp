// SPDX-License-Identifier: Apache-2.0
// The controller against a sender who knows the nonce: it heard the Wake Up on the segment, or is a client itself.
#include <numeric>

#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;

/// A World whose CTA has been woken, and whose AP Request has not arrived yet.
struct Woken : World {
  explicit Woken(Time since_epoch = 0) : World(TestRealm().cta_config()) {
    now += since_epoch;
    lose = [this](const Datagram& datagram) { return datagram.destination == cta.config().server; };
    World::wake();
    lose = [](const Datagram&) { return false; };
  }
  [[nodiscard]] Bytes true_request() const { return messages(MessageId::ap_request).at(0); }
  [[nodiscard]] kerberos::ErrorCode arrive(const Bytes& payload) {
    transmit({{client(), key_management_port}, cta.config().server, payload});
    run(0);
    const auto errors = messages(MessageId::error_reply);
    if (errors.empty()) return kerberos::ErrorCode::none;
    return kerberos::decode_krb_error(keymgmt::decode_as<keymgmt::ErrorReply>(errors.back()).krb_error).code;
  }
};

/// An AP Request of anybody's ticket under `nonce`, with a true HMAC.
Bytes request_with(const kerberos::Credential& credential, std::uint32_t nonce, Time client_nonce,
                   kerberos::RandomSource& random) {
  const kerberos::SentApRequest sent = kerberos::make_ap_request(credential, client_nonce, {}, random);
  keymgmt::ApRequest request;
  request.ap_req = sent.octets;
  request.server_nonce = nonce;
  request.application = keymgmt::IpsecData{1};
  request.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec);
  return keymgmt::seal(std::move(request), sent.session_key.octets());
}

/// What every refusal must leave behind: the client's turn.
void check_turn_is_kept(Woken& world) {
  CHECK(world.session().stage == Controller::Stage::waking);
  CHECK(world.guard.read(world.client(), world.time()).phase == Phase::outstanding);
  world.run(5 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
}

}  // namespace

TEST_CASE("Another client's ticket with this client's nonce, from this client's address, is refused") {
  Woken world;
  CtaConfig other = world.cta.config();
  other.principal = kerberos::parse_principal("cta2");
  world.test_realm.kdc.add_random(other.principal, {kerberos::Etype::aes128_sha1});
  other.secret = world.test_realm.kdc.keytab(other.principal).entries().front().key;
  const kerberos::Credential credential = world.test_realm.ticket(other, world.now);
  CHECK(world.arrive(request_with(credential, world.nonce, world.now, world.test_realm.random)) ==
        kerberos::ErrorCode::bad_match);
  check_turn_is_kept(world);
}

TEST_CASE("A client of the same name in another realm is another client") {
  // As it would be in a realm that ours trusts.
  Woken world;
  const kerberos::Keytab keytab = world.test_realm.kdc.keytab(service_name);
  kerberos::Credential credential = world.test_realm.ticket(world.cta.config(), world.now);
  kerberos::EncryptedData& sealed = credential.ticket.enc_part;
  const kerberos::Key& key = keytab.find(realm, service_name, sealed.etype)->key;
  auto part = kerberos::decode_enc_ticket_part(key.decrypt(kerberos::KeyUsage::ticket, sealed.cipher));
  part.crealm = credential.crealm = "ELSEWHERE.TEST";
  sealed.cipher = key.encrypt(kerberos::KeyUsage::ticket, kerberos::encode(part), world.test_realm.random);
  CHECK(world.arrive(request_with(credential, world.nonce, world.now, world.test_realm.random)) ==
        kerberos::ErrorCode::bad_match);
  check_turn_is_kept(world);
}

TEST_CASE("An AP-REQ overheard an hour ago, under the present nonce, does not fail the session") {
  Woken world(kerberos::hour);
  const kerberos::Credential credential = world.test_realm.ticket(world.cta.config(), epoch);
  Bytes old = request_with(credential, world.nonce, epoch, world.test_realm.random);
  std::fill(old.end() - keymgmt::hmac_size, old.end(), 0);
  CHECK(world.arrive(old) == kerberos::ErrorCode::modified);
  check_turn_is_kept(world);
}

TEST_CASE("A copy of the true AP Request with one bit changed does not make the true one a replay") {
  const std::size_t changed = GENERATE(0, 1, 2);  // application data, ciphersuites, HMAC
  Woken world;
  Bytes forged = world.true_request();
  const std::size_t from_end = changed == 0 ? keymgmt::hmac_size + 16 : changed == 1 ? keymgmt::hmac_size + 3 : 1;
  forged[forged.size() - from_end] ^= 1;
  CHECK(world.arrive(forged) == kerberos::ErrorCode::modified);
  CHECK(world.session().stage == Controller::Stage::waking);
  world.transmit({{world.client(), key_management_port}, world.cta.config().server, world.true_request()});
  world.run(0);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("A ticket that names addresses is good from those alone") {
  Woken world;
  const auto from_address = [&](const std::string& address) {
    const kerberos::Credential credential = world.test_realm.ticket(world.cta.config(), world.now);
    kerberos::Credential bound = credential;
    const kerberos::Keytab keytab = world.test_realm.kdc.keytab(service_name);
    const auto* entry = keytab.find(realm, service_name, credential.ticket.enc_part.etype);
    auto part = kerberos::decode_enc_ticket_part(
        entry->key.decrypt(kerberos::KeyUsage::ticket, credential.ticket.enc_part.cipher));
    part.caddr = {kerberos_address(net::Address::parse(address))};
    bound.ticket.enc_part.cipher =
        entry->key.encrypt(kerberos::KeyUsage::ticket, kerberos::encode(part), world.test_realm.random);
    return request_with(bound, world.nonce, world.now, world.test_realm.random);
  };
  CHECK(world.arrive(from_address("192.0.2.66")) == kerberos::ErrorCode::bad_address);
  CHECK(world.session().stage == Controller::Stage::waking);
  (void)world.arrive(from_address("198.18.0.1"));
  CHECK(world.session().stage == Controller::Stage::replied);
}

TEST_CASE("An authenticator whose time holds octets beyond ASCII is a refusal, not an exception") {
  // A KRB-ERROR's e-text is ASCII, and once repeated the octets that could not be read.
  Woken world;
  const kerberos::Credential credential = world.test_realm.ticket(world.cta.config(), world.now);
  auto inside = kerberos::encode(
      kerberos::Authenticator{.crealm = credential.crealm, .cname = credential.cname, .ctime = world.now});
  const std::string year = "20260101";
  const auto found = std::search(inside.begin(), inside.end(), year.begin(), year.end());
  REQUIRE(found != inside.end());
  *found = 0xFF;
  const kerberos::Key& key = credential.session_key;
  keymgmt::ApRequest request;
  request.ap_req = kerberos::encode(kerberos::ApRequest{
      .ticket = credential.ticket,
      .authenticator = {
          .etype = static_cast<std::int32_t>(key.etype()),
          .cipher = key.encrypt(kerberos::KeyUsage::ap_req_authenticator, inside, world.test_realm.random)}});
  request.server_nonce = world.nonce;
  request.application = keymgmt::IpsecData{1};
  CHECK(world.arrive(keymgmt::seal(std::move(request), key.octets())) == kerberos::ErrorCode::bad_integrity);
  check_turn_is_kept(world);
}

TEST_CASE("The text of an Error Reply stays short, whatever names its AP Request held") {
  Woken world;
  const kerberos::PrincipalName endless{.components = {std::string(1000, 'a')}};
  const kerberos::EncryptedData sealed{.etype = 17, .kvno = 1, .cipher = Bytes(60)};
  keymgmt::ApRequest request;
  request.ap_req = kerberos::encode(kerberos::ApRequest{.ticket = {realm, endless, sealed}, .authenticator = sealed});
  request.server_nonce = world.nonce;
  request.application = keymgmt::IpsecData{1};
  CHECK(world.arrive(keymgmt::encode(request)) == kerberos::ErrorCode::no_key);
  CHECK(world.messages(MessageId::error_reply).back().size() < 300);
  check_turn_is_kept(world);
}

TEST_CASE("How long the core takes no other AP Request behind a false one is chance, on average what is configured") {
  World world(TestRealm().cta_config());
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 1; };
  world.wake();
  std::vector<double> waits;  // as parts of their average
  for (int rejects = 1; rejects <= 200; ++rejects) {
    keymgmt::ApRequest request;
    request.ap_req = Bytes{0x6E, 0x00};
    request.server_nonce = world.nonce;
    request.application = keymgmt::IpsecData{1};
    world.transmit({{world.client(), key_management_port}, world.cta.config().server, keymgmt::encode(request)});
    world.settle();
    world.controller.expire(world.now);  // opened, and refused
    REQUIRE(world.controller.counters().ap_requests_refused == static_cast<std::uint64_t>(rejects));
    const Time wait = world.controller.deadline().value_or(world.now) - world.now;
    if (rejects == 1) CHECK(wait == 0);
    if (rejects > 1)
      waits.push_back(static_cast<double>(wait) / static_cast<double>(1'000 << std::min(rejects - 2, 8)));
    world.run(wait);
  }
  CHECK(*std::ranges::max_element(waits) <= 2);
  CHECK(*std::ranges::max_element(waits) > 1.8);
  CHECK(*std::ranges::min_element(waits) < 0.2);
  const double average = std::accumulate(waits.begin(), waits.end(), 0.0) / static_cast<double>(waits.size());
  CHECK(average == Approx(1).margin(0.15));
}

TEST_CASE("A client that the core can never wake fails at once, and is not asked for without end") {
  struct Host final : HostPort {
    unsigned asked = 0;
    void command(const Command& command, Done done) override {
      if (command.code != CommandCode::wake) return;
      ++asked;
      done(ResultCode::bad_argument);
    }
    void send(const net::Address&, ByteView) override {}
  };
  Host host;
  TestRealm test_realm;
  kerberos::SeededRandom random(3);
  Controller controller({}, kerberos::Service(realm, service_name, test_realm.kdc.keytab(service_name)), host, random);
  const net::Address client = net::Address::parse("2001:db8::c1");
  controller.wake(client, cta_name, keymgmt::doi_ipsec, epoch);
  for (int i = 0; i < 10 && controller.deadline(); ++i) controller.expire(*controller.deadline());
  CHECK(host.asked == 1);
  CHECK(controller.sessions().at(client).failure == "cannot be woken");
  CHECK(controller.open_sessions() == 0);
}

TEST_CASE("Waking a client again counts its open session once, whether the last one is open or has ended") {
  World world;
  world.wake();
  world.run(1);
  REQUIRE(world.session().stage == Controller::Stage::established);
  CHECK(world.controller.open_sessions() == 0);
  world.wake();
  world.run(5 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.controller.open_sessions() == 0);
  world.lose = [](const Datagram&) { return true; };
  world.wake();
  CHECK(world.controller.open_sessions() == 1);
  world.wake();
  CHECK(world.controller.open_sessions() == 1);
}

TEST_CASE("A host that answers a command before it returns loses no wake") {
  // The core is full at first; every refusal arrives inside the call that asked.
  struct Host final : HostPort {
    unsigned asked = 0;
    void command(const Command& command, Done done) override {
      if (command.code == CommandCode::wake) done(++asked < 4 ? ResultCode::full : ResultCode::ok);
      if (command.code == CommandCode::reply) done(ResultCode::ok);
    }
    void send(const net::Address&, ByteView) override {}
  };
  Host host;
  TestRealm test_realm;
  kerberos::SeededRandom random(3);
  ControllerConfig config;
  config.wake_retry = second;
  Controller controller(config, kerberos::Service(realm, service_name, test_realm.kdc.keytab(service_name)), host,
                        random);
  controller.wake(net::Address::parse("198.18.0.1"), cta_name, keymgmt::doi_ipsec, epoch);
  for (Time now = epoch; controller.deadline() && now < epoch + 10 * second; now = *controller.deadline()) {
    controller.expire(now);
  }
  CHECK(host.asked == 4);
  CHECK(controller.counters().sessions_begun == 1);
}

TEST_CASE("An AP Request of the other DOI is no answer, and an Error Reply's time is what the clock shows") {
  Woken world;
  world.controller.set_clock_offset(kerberos::minute);
  const kerberos::Credential credential = world.test_realm.ticket(world.cta.config(), world.now);
  const kerberos::SentApRequest sent = kerberos::make_ap_request(credential, world.now, {}, world.test_realm.random);
  keymgmt::ApRequest request;
  request.doi = keymgmt::doi_snmp;
  request.ap_req = sent.octets;
  request.server_nonce = world.nonce;
  request.application = keymgmt::SnmpData{};
  request.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_snmp);
  CHECK(world.arrive(keymgmt::seal(std::move(request), sent.session_key.octets())) == kerberos::ErrorCode::generic);
  CHECK(world.session().stage == Controller::Stage::failed);
  const auto error = keymgmt::decode_as<keymgmt::ErrorReply>(world.messages(MessageId::error_reply).at(0));
  CHECK(kerberos::decode_krb_error(error.krb_error).stime == world.now + kerberos::minute);
}
