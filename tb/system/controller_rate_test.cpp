// SPDX-License-Identifier: Apache-2.0
// What an AP-REQ costs our service and libkrb5's, and what true and false nonces cost the controller without a core.
// Figures are printed; the bounds that hold them are of the long form, `[.controller-rate]`, since CI's machine is
// busy.
#include <ctime>
#include <iostream>

#include "bed/kdc_client.hpp"
#include "catch.hpp"
#include "reveille/kerberos/client.hpp"
#include "reveille/kerberos/service.hpp"
#include "reveille/keymgmt/security.hpp"
#include "reveille/nodes/controller.hpp"
#include "reveille/nodes/software_core.hpp"
#include "system/mit_support.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

constexpr unsigned requests = 3000;

double cpu_seconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// A client, a server and tickets, with the keys of both.
struct Rated {
  MitRealm mit{{{.name = "cta1"}, {.name = "mtaprovsrvr/ctl1.reveille.test"}}};
  PrincipalName client = parse_principal("cta1"), server = parse_principal("mtaprovsrvr/ctl1.reveille.test");
  std::filesystem::path keytab_file = mit.folder() / "service.keytab";
  SystemRandom random;
  ClientClock clock;
  Credential ticket;

  Rated() : ticket(get_ticket()) { mit.keytab({to_string(server)}).save(keytab_file); }
  Credential get_ticket() {
    const KdcClient kdc("127.0.0.1", mit.port(), Transport::tcp, std::chrono::seconds(5));
    const Key key = mit.keytab({"cta1"}).entries().front().key;
    const std::vector<Etype> etypes = {Etype::aes256_sha1};
    return kdc.get_service(kdc.get_initial(client, mit.realm(), key, etypes, random), server, etypes, random);
  }
  SentApRequest request() { return make_ap_request(ticket, clock.next(wall_clock()), {}, random); }
  [[nodiscard]] Service service() const { return Service(mit.realm(), server, Keytab::load(keytab_file)); }
};

/// AP-REQs opened and answered, for a second of CPU time.
double ours_a_second(const Rated& rated, const std::vector<SentApRequest>& sent) {
  Service service = rated.service();
  SystemRandom random;
  const double begin = cpu_seconds();
  for (const SentApRequest& each : sent) {
    const AcceptedApRequest accepted = service.accept(each.octets, wall_clock());
    (void)Service::reply(accepted, Key::random(accepted.session_key.etype(), random), {}, random);
  }
  return requests / (cpu_seconds() - begin);
}

double theirs_a_second(const Rated& rated, const std::vector<SentApRequest>& sent) {
  const Krb5 krb5(rated.mit.environment());  // with a replay cache of its own, on disk
  krb5_keytab keytab = nullptr;
  krb5.require(krb5_kt_resolve(krb5, ("FILE:" + rated.keytab_file.string()).c_str(), &keytab), "krb5_kt_resolve");
  const auto server = krb5.principal(rated.server);
  const double begin = cpu_seconds();
  for (const SentApRequest& each : sent) {
    const auto exchange = krb5.auth_context(KRB5_AUTH_CONTEXT_DO_TIME | KRB5_AUTH_CONTEXT_USE_SUBKEY);
    krb5_auth_context context = exchange.get();
    const krb5_data given = data_of(each.octets);
    krb5_flags options = 0;
    krb5_ticket* ticket = nullptr;
    krb5.require(krb5_rd_req(krb5, &context, &given, server.get(), keytab, &options, &ticket), "krb5_rd_req");
    krb5_free_ticket(krb5, ticket);
    krb5_data reply = {};
    krb5.require(krb5_mk_rep(krb5, context, &reply), "krb5_mk_rep");
    krb5_free_data_contents(krb5, &reply);
  }
  const double seconds = cpu_seconds() - begin;
  krb5_kt_close(krb5, keytab);
  return requests / seconds;
}

/// Microseconds of CPU time of a true AP Request, opened and answered, and of one with a false nonce.
struct Costs {
  double true_us = 0, false_us = 0;
};

Costs controller_costs(Rated& rated) {
  constexpr unsigned clients = 1000, false_each = 20;
  const auto address = [](unsigned i) {
    return net::Address::parse("198.18." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1));
  };
  std::uint32_t nonce = 0;
  unsigned replies = 0;
  keymgmt::ApReply reply;
  Bytes reply_octets;
  nodes::SoftwareCoreConfig front;
  front.server.ipv4 = {net::Address::parse("192.0.2.1")};
  front.principal = to_string(rated.server);
  nodes::SoftwareCore core(front, rated.random, [&](const net::Address&, ByteView octets) {
    const keymgmt::Message message = keymgmt::decode(octets);
    if (const auto* wake_up = std::get_if<keymgmt::WakeUp>(&message)) {
      nonce = wake_up->server_nonce;
    }
    if (const auto* answer = std::get_if<keymgmt::ApReply>(&message)) {
      reply = *answer;
      reply_octets = to_bytes(octets);
      ++replies;
    }
  });
  nodes::Controller controller({}, rated.service(), core, rated.random);
  Costs costs;
  Time now = wall_clock();
  const auto settle = [&] {
    core.set_time(now);
    controller.expire(now);
    core.expire();
  };
  for (unsigned i = 0; i < clients; ++i) {
    now = std::max(now + 1, wall_clock());
    settle();
    controller.wake(address(i), rated.client, keymgmt::doi_ipsec, now);
    settle();
    const SentApRequest sent = rated.request();
    const auto message = [&](std::uint32_t with) {
      return keymgmt::seal({.ap_req = sent.octets,
                            .server_nonce = with,
                            .application = keymgmt::IpsecData{.spi = 1},
                            .ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec)},
                           sent.session_key.octets());
    };
    const Bytes good = message(nonce), bad = message(nonce ^ 1U);
    const auto serve = [&](const Bytes& octets) {
      const policy::Decision judged = core.judge(address(i), octets);
      if (judged.to_host) controller.receive(address(i), octets, judged.verdict, now);
      return judged.to_host;
    };
    double begin = cpu_seconds();
    unsigned passed = 0;
    for (unsigned each = 0; each < false_each; ++each) passed += serve(bad) ? 1 : 0;
    costs.false_us += (cpu_seconds() - begin) * 1e6 / clients / false_each;
    REQUIRE(passed == 0);
    begin = cpu_seconds();
    serve(good);
    settle();
    costs.true_us += (cpu_seconds() - begin) * 1e6 / clients;
    REQUIRE(replies == i + 1);
    const Key subkey = open_ap_reply(reply.ap_rep, sent.session_key).subkey.value();
    serve(keymgmt::make_sa_recovered(reply_octets, subkey.octets()));
    settle();
  }
  return costs;
}

}  // namespace

TEST_CASE("Without a core a false nonce goes no further than the policy, and a true one is answered") {
  Rated rated;
  const Costs costs = controller_costs(rated);
  CHECK(costs.true_us > 10 * costs.false_us);  // 307 times on a busy machine
}

TEST_CASE("What an AP-REQ costs our service and libkrb5, and a false nonce the controller", "[.controller-rate]") {
  Rated rated;
  for (int round = 0; round < 3; ++round) {
    std::vector<SentApRequest> sent;
    for (unsigned i = 0; i < requests; ++i) sent.push_back(rated.request());
    const double ours = ours_a_second(rated, sent), theirs = theirs_a_second(rated, sent);
    std::cout << "AP-REQ opened and answered, for a second of CPU time: " << ours << ", krb5_rd_req and krb5_mk_rep "
              << theirs << ": " << ours / theirs << " times\n";
    CHECK(ours / theirs >= 1.5);
  }
  const Costs costs = controller_costs(rated);
  std::cout << "controller without a core: a true AP Request " << costs.true_us << " us, one with a false nonce "
            << costs.false_us << " us: " << costs.true_us / costs.false_us << " times\n";
  CHECK(costs.true_us / costs.false_us >= 100);
}
