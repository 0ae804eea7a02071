// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/kerberos/support.hpp"
#include "reveille/kerberos/client.hpp"
#include "reveille/kerberos/kdc.hpp"
#include "reveille/kerberos/service.hpp"

/// A realm of one client and one service.
namespace reveille::kerberos::test {

constexpr Time start = 1'700'000'000 * second + 250'000;
inline const PrincipalName cta = parse_principal("cta1");
inline const PrincipalName controller = parse_principal("mtaprovsrvr/ctl1.reveille.test");

struct Realm {
  explicit Realm(Etype etype = Etype::aes256_sha1, std::uint64_t seed = 1)
      : kdc_random(seed, "kdc"),
        client_random(seed, "client"),
        kdc("REVEILLE.TEST", kdc_random, {}, etype),
        etypes{etype} {
    kdc.add_password(cta, "ctapw", etypes);
    kdc.add_random(controller, etypes);
  }

  Credential initial(const Secret& secret = std::string("ctapw"), Time now = start) {
    AsExchange exchange(cta, "REVEILLE.TEST", secret, etypes, client_random);
    std::optional<Credential> credential;
    while (!credential) credential = exchange.reply(record(kdc.handle(record(exchange.request(now)), now)));
    return *credential;
  }
  Credential service_ticket(Time now = start) {
    TgsExchange exchange(initial(std::string("ctapw"), now), controller, etypes, client_random);
    return exchange.reply(record(kdc.handle(record(exchange.request(now)), now)));
  }
  Service service() { return Service("REVEILLE.TEST", controller, kdc.keytab(controller)); }

  const Bytes& record(const Bytes& octets) { return log.emplace_back(octets); }

  SeededRandom kdc_random, client_random;
  Kdc kdc;
  std::vector<Etype> etypes;
  std::vector<Bytes> log;
};

/// The octets of a row `kind name octets` of messages.vec.
inline Bytes given_message(const std::string& kind, const std::string& name) {
  for (const Row& row : vectors("messages.vec", kind)) {
    if (row.at(0) == name) return from_hex(row.at(1));
  }
  throw Error(ErrorKind::internal, "messages.vec: no " + kind + " " + name);
}

}  // namespace reveille::kerberos::test
