// SPDX-License-Identifier: Apache-2.0
// What an attack costs and brings, as docs/security.md lists it: this test prints the rows of that page.
#include <cstdio>
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

struct Attacked : World {
  explicit Attacked(bool ticket, ControllerConfig controller = {}) : World(config(ticket), controller) {}
  static CtaConfig config(bool ticket) {
    TestRealm test_realm;
    CtaConfig made = test_realm.cta_config();
    if (ticket) made.credential = test_realm.ticket(made, epoch);
    return made;
  }
  std::size_t datagrams = 0;

  void to_cta(Bytes payload) { attack(cta.config().server, {client(), key_management_port}, std::move(payload)); }
  void to_server(Bytes payload) { attack({client(), key_management_port}, cta.config().server, std::move(payload)); }
  void attack(Endpoint from, Endpoint to, Bytes payload) {
    ++datagrams;
    if (to.port == key_management_port && payload.at(0) == 2) ++forged_requests_;
    transmit({std::move(from), std::move(to), std::move(payload)});
    settle();
  }
  [[nodiscard]] auto kdc_requests() const {
    return std::ranges::count_if(sent, [](const Datagram& d) { return d.destination == kdc_endpoint; });
  }
  /// As many of the KDC's replies of that kind as `times` are followed by a copy with another ticket, which is ahead.
  void change_tickets(std::uint8_t reply_tag, int times) {
    lose = [this, reply_tag, times](const Datagram& d) mutable {
      if (d.source != kdc_endpoint || d.payload.at(0) != reply_tag || times == 0 || is_copy_) return false;
      --times;
      kerberos::KdcReply reply = kerberos::decode_kdc_reply(d.payload);
      reply.ticket.enc_part.cipher.at(40) ^= 1;
      ++datagrams;
      is_copy_ = true;
      transmit({d.source, d.destination, kerberos::encode(reply)});
      is_copy_ = false;
      return false;
    };
  }
  void hold_ap_request() {
    lose = [this](const Datagram& d) { return d.destination == cta.config().server; };
    wake();
    lose = [](const Datagram&) { return false; };
  }
  bool row(const char* name) {
    const bool good = session().stage == Controller::Stage::established && session().keys == cta.keys();
    std::printf("| %s | %zu | %zu | %llu | %zu | %s |\n", name, datagrams, static_cast<std::size_t>(kdc_requests()),
                static_cast<unsigned long long>(controller.counters().ap_requests_opened),
                messages(MessageId::ap_request).size() - forged_requests_, good ? "established" : "**nothing**");
    return good;
  }

 private:
  std::size_t forged_requests_ = 0;
  bool is_copy_ = false;
};

Bytes sealed(const kerberos::Credential& credential, std::uint32_t nonce, Time client_nonce,
             kerberos::RandomSource& random) {
  const kerberos::SentApRequest sent = kerberos::make_ap_request(credential, client_nonce, {}, random);
  keymgmt::ApRequest request;
  request.ap_req = sent.octets;
  request.server_nonce = nonce;
  request.application = keymgmt::IpsecData{1};
  request.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec);
  return keymgmt::seal(std::move(request), sent.session_key.octets());
}

Bytes error_reply(ErrorCode code) {
  const kerberos::KrbError error{.stime = epoch, .code = code, .realm = realm, .sname = service_name};
  return keymgmt::encode(keymgmt::ErrorReply{keymgmt::doi_ipsec, keymgmt::version_1_0, kerberos::encode(error)});
}

Bytes wake_up(std::uint32_t nonce) {
  return keymgmt::encode(
      keymgmt::WakeUp{keymgmt::doi_ipsec, keymgmt::version_1_0, nonce, kerberos::to_string(service_name)});
}

}  // namespace

TEST_CASE("table of attacks", "[attacks]") {
  std::printf(
      "| attack | datagrams | requests to the KDC | AP Requests opened | AP Requests sent | the true client |\n");
  std::printf("| --- | --- | --- | --- | --- | --- |\n");
  {
    Attacked world(true);
    CtaConfig other = world.cta.config();
    other.principal = kerberos::parse_principal("cta2");
    world.test_realm.kdc.add_random(other.principal, {kerberos::Etype::aes128_sha1});
    other.secret = world.test_realm.kdc.keytab(other.principal).entries().front().key;
    const kerberos::Credential credential = world.test_realm.ticket(other, epoch);
    world.hold_ap_request();
    world.to_server(sealed(credential, world.nonce, epoch, world.test_realm.random));
    world.run(10 * second);
    CHECK(world.row("another client's ticket under this client's nonce, from its address"));
  }
  {
    Attacked world(true);
    world.now += kerberos::hour;
    const kerberos::Credential credential = world.test_realm.ticket(world.cta.config(), epoch);
    world.hold_ap_request();
    Bytes stale = sealed(credential, world.nonce, epoch, world.test_realm.random);
    std::fill(stale.end() - keymgmt::hmac_size, stale.end(), 0);
    world.to_server(stale);
    world.run(10 * second);
    CHECK(world.row("AP-REQ of an hour ago under the present nonce, HMAC of zeros"));
  }
  {
    Attacked world(true);
    world.hold_ap_request();
    Bytes changed = world.messages(MessageId::ap_request).at(0);
    changed.back() ^= 1;
    world.to_server(changed);
    world.run(10 * second);
    CHECK(world.row("copy of the true AP Request, one bit of its HMAC changed, ahead of it"));
  }
  {
    Attacked world(true);
    world.lose = [&](const Datagram& d) { return d.destination == world.cta.config().server; };
    world.wake();
    for (int i = 0; i < 100; ++i) {
      world.to_cta(error_reply(ErrorCode::ticket_expired));
      world.run(second / 20);
    }
    world.lose = [](const Datagram&) { return false; };
    world.run(10 * second);
    CHECK(world.row("Error Reply \"ticket expired\" 20 times a second, the server out of reach for 5 s"));
    CHECK(world.kdc_requests() <= 3);
  }
  {
    Attacked world(false);
    world.lose = [](const Datagram& d) { return d.source == kdc_endpoint; };
    world.wake();
    const kerberos::KrbError demand{.stime = epoch,
                                    .code = ErrorCode::preauth_required,
                                    .realm = realm,
                                    .sname = service_name,
                                    .data = kerberos::encode(std::vector<kerberos::PaData>{{.type = 2}})};
    world.lose = [](const Datagram&) { return false; };
    world.attack(kdc_endpoint, {world.client(), kdc_port}, kerberos::encode(demand));
    world.run(20 * second);
    CHECK(world.row("KDC_ERR_PREAUTH_REQUIRED with nothing useful in it, ahead of the KDC's"));
  }
  {
    // 65,507 octets are what a UDP datagram of IPv4 holds.
    Attacked world(false);
    const auto too_long = [](const Datagram& d) { return d.payload.size() > 65'507; };
    world.lose = [](const Datagram& d) { return d.source == kdc_endpoint; };
    world.wake();
    const kerberos::KrbError demand{
        .stime = epoch,
        .code = ErrorCode::preauth_required,
        .realm = realm,
        .sname = service_name,
        .data = kerberos::encode(std::vector<kerberos::PaData>{{.type = 133, .value = Bytes(65'360)}})};
    world.lose = too_long;
    REQUIRE(kerberos::encode(demand).size() <= 65'507);
    world.attack(kdc_endpoint, {world.client(), kdc_port}, kerberos::encode(demand));
    world.run(60 * second);
    CHECK(world.row("KDC_ERR_PREAUTH_REQUIRED with a cookie of 65,360 octets, ahead of the KDC's"));
  }
  {
    Attacked world(false);
    world.change_tickets(0x6D, 1);
    world.wake();
    for (int i = 0; i < 10; ++i) {  // an hour, in which the server wakes it again and again
      world.run(360 * second);
      if (world.session().stage != Controller::Stage::established) world.wake();
    }
    CHECK(world.row("one bit changed of the ticket in the KDC's reply, which does not seal it; an hour"));
  }
  {
    Attacked world(false);
    world.change_tickets(0x6D, 2);
    world.wake();
    for (int minute = 1; minute < 9; ++minute) {
      world.run(60 * second);
      if (world.session().stage != Controller::Stage::established) world.wake();
    }
    CHECK(world.row("the same of two replies; nine minutes, woken every minute"));
  }
  {
    Attacked world(false);
    world.change_tickets(0x6D, 1'000'000);
    world.wake();
    for (int minute = 0; minute < 10; ++minute) {
      world.run(60 * second);
      if (world.session().stage != Controller::Stage::established) world.wake();
    }
    CHECK(world.row("the same of every reply; ten minutes, woken every minute"));
  }
  {
    Attacked world(true);
    world.wake();
    world.run(second);
    REQUIRE(world.session().stage == Controller::Stage::established);
    world.hold_ap_request();
    world.change_tickets(0x6D, 100);
    world.to_cta(error_reply(ErrorCode::ticket_expired));
    world.run(540 * second);
    CHECK(world.row("Error Reply \"ticket expired\", then one bit changed of the ticket in every reply of the KDC"));
    CHECK(world.kdc_requests() <= 6);
  }
  {
    Attacked world(false);
    world.change_tickets(0x6B, 1);
    world.wake();
    world.run(60 * second);
    CHECK(world.row("one bit changed of the ticket-granting ticket in the KDC's reply; a minute"));
  }
  {
    Attacked world(false);
    world.change_tickets(0x6B, 1'000'000);
    world.wake();
    for (int minute = 0; minute < 10; ++minute) {
      world.run(60 * second);
      if (world.session().stage != Controller::Stage::established) world.wake();
    }
    CHECK(world.row("one bit changed of the ticket-granting ticket in every reply of the KDC; ten minutes"));
  }
  {
    Attacked world(false);
    bool changed = false;
    world.lose = [&](const Datagram& d) {
      if (d.source != kdc_endpoint || d.payload.at(0) != 0x6B || changed) return d.payload.size() > 65'507;
      changed = true;
      kerberos::KdcReply reply = kerberos::decode_kdc_reply(d.payload);
      reply.padata.clear();
      reply.ticket.enc_part.cipher.resize(65'088);
      world.attack(d.source, d.destination, kerberos::encode(reply));
      return false;
    };
    world.wake();
    world.run(60 * second);
    CHECK(world.row("a ticket-granting ticket that fills a datagram, ahead of the KDC's reply; a minute"));
  }
  {
    Attacked world(false);
    world.lose = [&](const Datagram& d) {
      if (d.destination != kdc_endpoint || d.payload.at(0) != 0x6A) return false;
      kerberos::KdcRequest request = kerberos::decode_kdc_request(d.payload);
      if (request.padata.empty()) return false;
      request.body.addresses = {{.type = 2, .address = {203, 0, 113, 1}}};
      for (int i = 0; i < 20; ++i, ++world.datagrams) {
        const Bytes answer = world.test_realm.kdc.handle(encode(request), world.now);
        world.cta.receive({kdc_endpoint, d.source, answer}, world.now, world.sender());
      }
      return false;
    };
    world.wake();
    for (int minute = 0; minute < 10; ++minute) {
      world.run(60 * second);
      if (world.session().stage != Controller::Stage::established) world.wake();
    }
    CHECK(world.row("20 copies of each AS-REQ with another address in them, ahead of it; ten minutes"));
  }
  {
    Attacked world(true);
    world.lose = [](const Datagram& d) { return d.payload.at(0) == 4; };
    world.wake();
    world.run(0);
    Bytes changed = world.messages(MessageId::sa_recovered).at(0);
    world.lose = [](const Datagram&) { return false; };
    const Datagram late{{world.client(), key_management_port}, world.cta.config().server, changed};
    changed.back() ^= 1;
    world.to_server(changed);
    world.transmit(late);
    world.run(120 * second);
    CHECK(world.row("copy of the true SA Recovered, its last bit changed, ahead of it; two minutes"));
  }
  {
    Attacked world(true);
    std::deque<Datagram> late;  // up to 1 ms on its way
    bool passes = false;
    world.lose = [&](const Datagram& d) {
      if (d.payload.at(0) != 4 || passes) return false;
      late.push_back(d);
      Bytes changed = d.payload;
      changed.back() ^= 1;
      passes = true;
      ++world.datagrams;
      world.transmit({d.source, d.destination, std::move(changed)});
      passes = false;
      return true;
    };
    world.wake();
    for (const Time end = world.now + 120 * second; world.now < end;) {
      world.run(1'000);
      passes = true;
      for (const Datagram& datagram : std::exchange(late, {})) world.transmit(datagram);
      passes = false;
      world.settle();
    }
    CHECK(world.row("the same ahead of every SA Recovered; two minutes"));
  }
  {
    Attacked world(true);
    world.lose = [](const Datagram& d) { return d.payload.at(0) == 3; };
    world.wake();
    world.run(0);
    world.wake();
    world.run(2'000);
    world.send_wakeup(world.nonce);
    world.run(0);
    const auto replies = world.messages(MessageId::ap_reply);
    world.lose = [](const Datagram&) { return false; };
    world.to_cta(replies.at(0));
    world.transmit({world.cta.config().server, {world.client(), key_management_port}, replies.at(1)});
    world.run(120 * second);
    CHECK(world.row("the AP Reply of a session that the server gave up, ahead of the next one's; two minutes"));
  }
  {
    ControllerConfig config;
    config.service_time = 55;
    Attacked world(true, config);
    const kerberos::Credential credential = world.test_realm.ticket(world.cta.config(), epoch);
    world.lose = [](const Datagram& d) { return d.payload.at(0) == 1; };
    world.wake();
    for (const Time end = world.now + second; world.now < end; world.run(config.service_time)) {
      Bytes forged = sealed(credential, world.nonce, world.now, world.test_realm.random);
      forged.back() ^= 1;
      world.to_server(forged);
    }
    world.lose = [](const Datagram&) { return false; };
    world.run(10 * second);
    CHECK(world.row("false AP Requests under every nonce of a client, as fast as they are opened, for a second"));
  }
  for (const unsigned per_second : {10U, 1'000U}) {
    Attacked world(true);
    std::uint32_t forged = 0x8000'0000;
    const auto flood = [&](Time duration) {
      for (Time end = world.now + duration; world.now < end; world.run(second / per_second)) {
        world.to_cta(wake_up(++forged));
      }
    };
    flood(5 * second);
    // One lost AP Request, and the server says it again every second.
    world.lose = [&](const Datagram& d) { return d.destination == world.cta.config().server; };
    world.wake();
    world.lose = [](const Datagram&) { return false; };
    for (int i = 0; i < 5; ++i) {
      flood(second);
      world.send_wakeup(world.nonce);
    }
    CHECK(world.row(per_second == 10 ? "Wake Ups with random nonces, 10 a second, from 5 s before to 5 s after"
                                     : "the same, 1,000 a second"));
  }
  {
    Attacked world(true);
    for (std::uint32_t i = 1; i <= 20; ++i) world.to_cta(wake_up(i));
    world.wake();
    for (int copies = 0; copies < 4; ++copies) {
      world.run(second);
      for (std::uint32_t i = 1; i <= 20; ++i) world.to_cta(wake_up(i));
      world.send_wakeup(world.nonce);
    }
    world.run(20 * second);
    CHECK(world.row("20 forged Wake Ups, each repeated five times as the true one is"));
  }
}
