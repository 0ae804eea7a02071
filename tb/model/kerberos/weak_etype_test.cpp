// SPDX-License-Identifier: Apache-2.0
// Etype 16: AS, TGS and AP with it where it is permitted, and nothing of it where it is not.
#include "catch.hpp"
#include "model/kerberos/realm.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

constexpr auto weak = Etype::des3_sha1;
constexpr auto strong = Etype::aes128_sha1;
const std::string realm_name = "REVEILLE.TEST";

/// A realm of which one KDC permits weak etypes, and the other has the same keys and does not.
struct WeakRealm {
  SeededRandom random{1, "kdc"}, client_random{1, "client"};
  Kdc permits{realm_name, random, {.weak_etypes = true}}, refuses{realm_name, random};
  PrincipalName both = parse_principal("service/both"), weak_alone = parse_principal("service/weak");

  WeakRealm() {
    permits.add_password(cta, "ctapw", {strong, weak});
    permits.add_random(both, {strong, weak});
    permits.add_random(weak_alone, {weak});
    refuses.add_password(cta, "ctapw", {strong, weak});
    for (const PrincipalName& name : {both, weak_alone, ticket_granting_service(realm_name)}) {
      const Keytab keys = permits.keytab(name);
      for (const KeytabEntry& entry : keys.entries()) refuses.add_key(name, entry.key, entry.kvno + 1);
    }
  }
  Credential initial(Kdc& kdc, const std::vector<Etype>& etypes, const std::optional<PrincipalName>& service = {}) {
    AsExchange exchange(cta, realm_name, "ctapw", etypes, client_random, service);
    std::optional<Credential> credential;
    while (!credential) credential = exchange.reply(kdc.handle(exchange.request(start), start));
    return *credential;
  }
  Credential ticket(Kdc& kdc, const Credential& granting, const PrincipalName& service,
                    const std::vector<Etype>& etypes) {
    TgsExchange exchange(granting, service, etypes, client_random);
    return exchange.reply(kdc.handle(exchange.request(start), start));
  }
};

}  // namespace

TEST_CASE("etype 16 where it is permitted: AS, TGS and AP, and only where nothing better is common") {
  WeakRealm realm;
  const Credential granting = realm.initial(realm.permits, {weak});
  CHECK(granting.session_key.etype() == weak);
  const Credential ticket = realm.ticket(realm.permits, granting, realm.weak_alone, {weak});
  CHECK(ticket.session_key.etype() == weak);
  CHECK(ticket.ticket.enc_part.etype == 16);
  Service service(realm_name, realm.weak_alone, realm.permits.keytab(realm.weak_alone), default_skew, true);
  const SentApRequest sent =
      make_ap_request(ticket, start + 5, {.subkey = true, .sequence_number = true}, realm.client_random);
  const AcceptedApRequest accepted = service.accept(sent.octets, start);
  CHECK(accepted.cname == cta);
  const Key subkey = Key::random(weak, realm.random);
  CHECK(verify_ap_reply(Service::reply(accepted, subkey, 77, realm.random), sent).subkey == subkey);

  const Credential better =
      realm.ticket(realm.permits, realm.initial(realm.permits, {strong, weak}), realm.both, {strong, weak});
  CHECK(better.session_key.etype() == strong);
  CHECK(better.ticket.enc_part.etype == 17);
}

TEST_CASE("etype 16 where it is not: no reply, no ticket, no session key, and no proof under it") {
  WeakRealm realm;
  const auto unsupported = ErrorCode::etype_not_supported;
  CHECK(code_of([&] { (void)realm.initial(realm.refuses, {weak}); }) == unsupported);
  const Credential granting = realm.initial(realm.refuses, {weak, strong});
  CHECK(granting.session_key.etype() == strong);
  CHECK(code_of([&] { (void)realm.ticket(realm.refuses, granting, realm.weak_alone, {strong, weak}); }) == unsupported);
  CHECK(code_of([&] { (void)realm.ticket(realm.refuses, granting, realm.both, {weak}); }) == unsupported);
  CHECK(realm.ticket(realm.refuses, granting, realm.both, {weak, strong}).ticket.enc_part.etype == 17);

  // What the other one has given out, when it was permitted.
  const Credential before = realm.initial(realm.permits, {weak});
  Kdc after(realm_name, realm.random);
  for (const PrincipalName& name : {realm.both, ticket_granting_service(realm_name)}) {
    const Keytab keys = realm.permits.keytab(name);
    for (const KeytabEntry& entry : keys.entries()) after.add_key(name, entry.key, entry.kvno);
  }
  after.add_key(cta, realm.permits.keytab(cta).entries().back().key);
  CHECK(code_of([&] { (void)realm.ticket(after, before, realm.both, {strong}); }) != std::nullopt);

  // A timestamp under the weak key of a request that names a strong one.
  KdcRequest request{.body = {.cname = cta,
                              .realm = realm_name,
                              .sname = ticket_granting_service(realm_name),
                              .till = start + hour,
                              .nonce = 1,
                              .etypes = {17}}};
  const Key key = Key::from_password(weak, "ctapw", default_salt(realm_name, cta));
  const EncryptedData sealed{
      .etype = 16, .cipher = key.encrypt(KeyUsage::pa_enc_timestamp, encode_pa_timestamp(start), realm.client_random)};
  request.padata = {{.type = pa_type::enc_timestamp, .value = encode(sealed)}};
  CHECK(decode_krb_error(realm.refuses.handle(encode(request), start)).code == ErrorCode::preauth_failed);
  CHECK(application_tag(realm.permits.handle(encode(request), start)) == 11U);
}

TEST_CASE("a service that was not told to takes neither a ticket nor a session key nor a subkey of etype 16") {
  WeakRealm realm;
  const auto code_at = [&](const PrincipalName& name, const Credential& credential, const Key* subkey = nullptr) {
    const Service service(realm_name, name, realm.permits.keytab(name));
    SentApRequest sent = make_ap_request(credential, start + 5, {}, realm.client_random);
    if (subkey != nullptr) {
      const SecretBytes authenticator =
          encode(Authenticator{.crealm = realm_name, .cname = cta, .ctime = start, .subkey = *subkey});
      ApRequest request = decode_ap_request(sent.octets);
      request.authenticator.cipher =
          credential.session_key.encrypt(KeyUsage::ap_req_authenticator, authenticator, realm.client_random);
      sent.octets = encode(request);
    }
    return code_of([&] { (void)service.open(sent.octets); });
  };
  const Credential granting = realm.initial(realm.permits, {strong});
  const Key subkey = Key::random(weak, realm.random);
  CHECK(code_at(realm.weak_alone, realm.ticket(realm.permits, granting, realm.weak_alone, {weak})) ==
        ErrorCode::etype_not_supported);
  CHECK(code_at(realm.both, realm.ticket(realm.permits, granting, realm.both, {weak})) ==
        ErrorCode::etype_not_supported);
  const Credential good = realm.ticket(realm.permits, granting, realm.both, {strong});
  CHECK(code_at(realm.both, good) == std::nullopt);
  CHECK(code_at(realm.both, good, &subkey) == ErrorCode::etype_not_supported);
}
