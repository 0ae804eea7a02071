// SPDX-License-Identifier: Apache-2.0
// A client in FAST's armour (RFC 6113): what it asks shows nothing outside, and of the answers it takes the KDC's
// alone, whoever sends, changes or unwraps the others.
#include "reveille/kerberos/client_armor.hpp"

#include <functional>

#include "catch.hpp"
#include "model/kerberos/realm.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

const std::string realm_name = "REVEILLE.TEST";

/// A client whose host's ticket is the armour, and a KDC whose answers are open to be changed.
struct Armored {
  explicit Armored(Etype etype = Etype::aes256_sha1, std::uint64_t seed = 1)
      : realm(etype, seed),
        granting(realm.initial()),
        exchange(cta, realm_name, std::string("ctapw"), realm.etypes, realm.client_random, std::nullopt, granting),
        long_term(realm.kdc.keytab(cta).entries().front().key) {}

  /// The armour's key and what is inside, as the KDC sees them.
  fast::Request open(const Bytes& octets) {
    const KdcRequest request = decode_kdc_request(octets);
    REQUIRE(request.padata.size() == 1);
    REQUIRE(request.padata.front().type == pa_type::fx_fast);
    const fast::ArmoredRequest armored = fast::decode_armored_request(request.padata.front().value);
    const PrincipalName service = ticket_granting_service(realm_name);
    const AcceptedApRequest header = open_ap_request(
        armored.armor.value().value, {.realm = realm_name, .name = service, .keytab = realm.kdc.keytab(service)});
    armor_time = header.client_nonce;
    key = fast::armor_key(header.subkey, header.session_key);
    return fast::open_request(*key, armored, request.body_octets);
  }
  Bytes ask(Time now = start) { return realm.kdc.handle(exchange.request(now), now); }
  /// Up to the KDC's reply, which is not yet given to the client.
  Bytes answer() {
    const Bytes demand = ask();
    REQUIRE(application_tag(demand) == 30U);
    REQUIRE_FALSE(exchange.reply(demand));
    const Bytes request = exchange.request(start);
    nonce = open(request).body.nonce;
    return realm.kdc.handle(request, start);
  }
  [[nodiscard]] fast::Response response(const std::vector<PaData>& padata) const {
    return fast::open_response(*key, find_padata(padata, pa_type::fx_fast)->value, nonce);
  }
  std::vector<PaData> sealed(const fast::Response& response) {
    return {{.type = pa_type::fx_fast, .value = fast::seal_response(*key, response, realm.client_random)}};
  }
  /// The true reply, changed outside and inside of the armour.
  Bytes changed(const std::function<void(KdcReply&, fast::Response&)>& change) {
    KdcReply reply = decode_kdc_reply(answer());
    fast::Response inside = response(reply.padata);
    change(reply, inside);
    reply.padata = sealed(inside);
    return encode(reply);
  }
  PaData challenge(const Key& with, fast::Challenger challenger) {
    return {.type = pa_type::encrypted_challenge,
            .value = fast::challenge(*key, with, challenger, start, realm.client_random)};
  }

  Realm realm;
  Credential granting;
  AsExchange exchange;
  Key long_term;
  std::optional<Key> key;
  Time armor_time = 0;
  std::int64_t nonce = 0;
};

PaData& find(fast::Response& response, std::int32_t type) {
  const auto found = std::ranges::find(response.padata, type, &PaData::type);
  REQUIRE(found != response.padata.end());
  return *found;
}

std::string refusal(AsExchange& exchange, const Bytes& answer) {
  try {
    (void)exchange.reply(answer);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a client in armour proves itself by a challenge, and shows nothing outside") {
  for (const Etype etype : all_etypes()) {
    Armored client(etype);
    const fast::Request bare = client.open(client.exchange.request(start));
    CHECK(bare.padata.empty());
    CHECK(client.armor_time == start);
    const Key armor = *client.key;
    const Bytes demand = client.realm.kdc.handle(client.exchange.request(start + second), start);
    REQUIRE_FALSE(client.exchange.reply(demand));

    const Bytes request = client.exchange.request(start + second);
    const fast::Request inside = client.open(request);
    CHECK(client.armor_time == start + second);
    CHECK(*client.key == armor);  // whichever of its requests is answered
    CHECK(inside.body.cname == cta);
    CHECK(find_padata(inside.padata, pa_type::enc_timestamp) == nullptr);
    const PaData* challenge = find_padata(inside.padata, pa_type::encrypted_challenge);
    REQUIRE(challenge != nullptr);
    CHECK(fast::open_challenge(armor, client.long_term, fast::Challenger::client, challenge->value) == start + second);
    CHECK(find_padata(inside.padata, pa_type::fx_cookie) != nullptr);  // back as it came

    const Bytes answer = client.realm.kdc.handle(request, start);
    const KdcReply reply = decode_kdc_reply(answer);
    CHECK(error_of([&] { (void)client.long_term.decrypt(KeyUsage::as_rep, reply.enc_part.cipher); }) ==
          ErrorKind::crypto);
    const std::optional<Credential> credential = client.exchange.reply(answer);
    REQUIRE(credential);
    CHECK(credential->cname == cta);
    CHECK(credential->ticket == reply.ticket);
    // With it a service ticket, as with any other.
    TgsExchange service(*credential, controller, client.realm.etypes, client.realm.client_random);
    CHECK(service.reply(client.realm.kdc.handle(service.request(start), start)).ticket.sname == controller);
  }
}

TEST_CASE("in armour a client takes no reply but the KDC's own") {
  const auto of = [](auto&& change) {
    Armored client;
    return refusal(client.exchange,
                   client.changed([&](KdcReply& reply, fast::Response& inside) { change(client, reply, inside); }));
  };
  const Key other(Etype::aes256_sha1, Bytes(32, 7));
  CHECK(of([](Armored&, KdcReply&, fast::Response&) {}).empty());
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) { ++inside.nonce; }),
             ContainsSubstring("KRB_AP_ERR_MODIFIED") && ContainsSubstring("nonce"));
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) { inside.finished.reset(); }),
             ContainsSubstring("without KrbFastFinished"));
  // The ticket and what is said of it.
  CHECK_THAT(of([](Armored& client, KdcReply& reply, fast::Response&) { reply.ticket = client.granting.ticket; }),
             ContainsSubstring("another ticket"));
  CHECK_THAT(of([](Armored&, KdcReply& reply, fast::Response&) { *reply.ticket.enc_part.kvno += 1; }),
             ContainsSubstring("another ticket"));
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) { inside.finished->ticket_checksum.octets[0] ^= 1; }),
             ContainsSubstring("another ticket"));
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) { inside.finished->ticket_checksum.octets.clear(); }),
             ContainsSubstring("another ticket"));
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) { inside.finished->ticket_checksum.type = 7; }),
             ContainsSubstring("another ticket"));
  CHECK_THAT(of([](Armored& client, KdcReply& reply, fast::Response& inside) {
               inside.finished->ticket_checksum.octets =
                   client.key->checksum(KeyUsage::fast_request_checksum, encode(reply.ticket));
             }),
             ContainsSubstring("another ticket"));
  // Whose it is.
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) { inside.finished->cname = controller; }),
             ContainsSubstring("another cname"));
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) { inside.finished->crealm = "OTHER.TEST"; }),
             ContainsSubstring("another crealm"));
  CHECK(of([](Armored&, KdcReply& reply, fast::Response&) { reply.cname = anonymous_principal(); }).empty());  // hidden
  // The key that it is sealed under.
  CHECK_THAT(of([&](Armored&, KdcReply&, fast::Response& inside) { inside.strengthen_key = other; }),
             ContainsSubstring("wrong HMAC"));
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) { inside.strengthen_key.reset(); }),
             ContainsSubstring("wrong HMAC"));
  // The KDC's challenge.
  const auto challenge = [&](auto&& make) {
    return of([&](Armored& client, KdcReply&, fast::Response& inside) {
      find(inside, pa_type::encrypted_challenge).value = make(client).value;
    });
  };
  using fast::Challenger;
  CHECK(challenge([](Armored& client) { return client.challenge(client.long_term, Challenger::kdc); }).empty());
  CHECK_THAT(challenge([](Armored& client) { return client.challenge(client.long_term, Challenger::client); }),
             ContainsSubstring("KRB_AP_ERR_MUT_FAIL"));  // the client's own, sent back
  CHECK_THAT(challenge([&](Armored& client) { return client.challenge(other, Challenger::kdc); }),
             ContainsSubstring("KRB_AP_ERR_MUT_FAIL"));
  CHECK_THAT(challenge([](Armored&) { return PaData{}; }), ContainsSubstring("KRB_AP_ERR_MUT_FAIL"));
  CHECK_THAT(of([](Armored&, KdcReply&, fast::Response& inside) {
               std::erase_if(inside.padata,
                             [](const PaData& each) { return each.type == pa_type::encrypted_challenge; });
             }),
             ContainsSubstring("without the KDC's challenge"));
}

TEST_CASE("a reply in armour of another key, or of another exchange, is refused") {
  Armored client, other(Etype::aes256_sha1, 2);
  const Bytes answer = client.answer(), others = other.answer();
  CHECK(error_of([&] { (void)client.exchange.reply(others); }) == ErrorKind::crypto);
  KdcReply reply = decode_kdc_reply(answer);
  const fast::Response inside = client.response(reply.padata);
  const Key key(Etype::aes256_sha1, Bytes(32, 7));
  reply.padata = {{.type = pa_type::fx_fast, .value = fast::seal_response(key, inside, client.realm.client_random)}};
  CHECK(error_of([&] { (void)client.exchange.reply(encode(reply)); }) == ErrorKind::crypto);
  CHECK(client.exchange.reply(answer));  // none of which took the true one away
}

TEST_CASE("a reply without a strengthening key, or to a client that nobody challenged, is one") {
  Armored client;
  // The first is the KDC's choice (RFC 6113 section 5.4.3).
  const Bytes plain = client.changed([&](KdcReply& reply, fast::Response& inside) {
    const Key strengthened = fast::strengthened(*inside.strengthen_key, client.long_term);
    const SecretBytes part = strengthened.decrypt(KeyUsage::as_rep, reply.enc_part.cipher);
    reply.enc_part.cipher = client.long_term.encrypt(KeyUsage::as_rep, part, client.realm.client_random);
    inside.strengthen_key.reset();
  });
  CHECK(client.exchange.reply(plain));

  Armored bare;
  fast::Request inner = bare.open(bare.exchange.request(start));
  bare.nonce = inner.body.nonce;
  const SentApRequest header = make_ap_request(bare.granting, start, {.subkey = true}, bare.realm.client_random);
  const Key armor = fast::armor_key(header.subkey, bare.granting.session_key);
  inner.padata = {
      {.type = pa_type::encrypted_challenge,
       .value = fast::challenge(armor, bare.long_term, fast::Challenger::client, start, bare.realm.client_random)}};
  KdcRequest request{.body = inner.body};
  request.padata = {{.type = pa_type::fx_fast,
                     .value = fast::seal_request(armor, fast::Armor{.value = header.octets}, inner,
                                                 encode(request.body), bare.realm.client_random)}};
  KdcReply reply = decode_kdc_reply(bare.realm.kdc.handle(encode(request), start));
  fast::Response inside = fast::open_response(armor, find_padata(reply.padata, pa_type::fx_fast)->value, bare.nonce);
  std::erase_if(inside.padata, [](const PaData& each) { return each.type == pa_type::encrypted_challenge; });
  inside.finished->ticket_checksum = fast::ticket_checksum(*bare.key, reply.ticket);
  reply.padata = bare.sealed(inside);
  CHECK(bare.exchange.reply(encode(reply)));
}

TEST_CASE("who takes the armour off a request, or answers without, is not believed") {
  Armored client;
  // A man on the way forwards what stands outside: the KDC asks for a timestamp.
  KdcRequest outside = decode_kdc_request(client.exchange.request(start));
  outside.padata.clear();
  const Bytes demand = client.realm.kdc.handle(encode(outside), start);
  CHECK(decode_krb_error(demand).code == ErrorCode::preauth_required);
  CHECK(code_of([&] { (void)client.exchange.reply(demand); }) == ErrorCode::preauth_required);
  CHECK_THAT(refusal(client.exchange, demand), ContainsSubstring("without the armour that was asked for"));
  for (const ErrorCode code : {ErrorCode::client_unknown, ErrorCode::clock_skew, ErrorCode::ticket_expired}) {
    const Bytes error = encode(KrbError{.code = code, .realm = realm_name, .sname = cta});
    CHECK(code_of([&] { (void)client.exchange.reply(error); }) == code);
    CHECK_THAT(refusal(client.exchange, error), ContainsSubstring("without the armour that was asked for"));
  }
  // Somebody who has the password, or a KDC without armour, answers with a reply that is a good one without.
  AsExchange plain(cta, realm_name, std::string("ctapw"), client.realm.etypes, client.realm.client_random);
  (void)plain.reply(client.realm.kdc.handle(plain.request(start), start));
  const Bytes unarmored = client.realm.kdc.handle(plain.request(start), start);
  CHECK_THAT(refusal(client.exchange, unarmored), ContainsSubstring("without the armour that was asked for"));
  CHECK(plain.reply(unarmored));
  CHECK(client.exchange.reply(client.answer()));  // none of which took the true one away
}

TEST_CASE("an error in armour is the KDC's, or refused") {
  Armored client;
  const Bytes request = client.exchange.request(start);
  client.nonce = client.open(request).body.nonce;
  const KrbError demand = decode_krb_error(client.realm.kdc.handle(request, start));
  const auto with = [&](const std::vector<PaData>& padata) {
    KrbError error = demand;
    error.data = encode(padata);
    return encode(error);
  };
  const fast::Response inside = client.response(decode_method_data(demand.data));
  const auto changed = [&](auto&& change) {
    fast::Response response = inside;
    change(response);
    return with(client.sealed(response));
  };
  CHECK_THAT(refusal(client.exchange, changed([](fast::Response& response) { ++response.nonce; })),
             ContainsSubstring("nonce"));
  CHECK_THAT(refusal(client.exchange, changed([](fast::Response& response) {
                       std::erase_if(response.padata,
                                     [](const PaData& each) { return each.type == pa_type::fx_error; });
                     })),
             ContainsSubstring("without PA-FX-ERROR"));
  // Only what is inside counts.
  const Bytes unknown = changed([&](fast::Response& response) {
    KrbError told = decode_krb_error(find(response, pa_type::fx_error).value);
    told.code = ErrorCode::client_unknown;
    find(response, pa_type::fx_error).value = encode(told);
  });
  CHECK(code_of([&] { (void)client.exchange.reply(unknown); }) == ErrorCode::client_unknown);
  const Key key(Etype::aes256_sha1, Bytes(32, 7));
  const Bytes forged =
      with({{.type = pa_type::fx_fast, .value = fast::seal_response(key, inside, client.realm.client_random)}});
  CHECK(error_of([&] { (void)client.exchange.reply(forged); }) == ErrorKind::crypto);
  KrbError outside = demand;
  outside.code = ErrorCode::client_unknown;
  CHECK_FALSE(client.exchange.reply(encode(outside)));
  CHECK(client.exchange.reply(client.realm.kdc.handle(client.exchange.request(start), start)));
}

TEST_CASE("what a KDC takes for weak it does not take out of armour either") {
  Realm realm;
  const Credential granting = realm.initial();
  realm.kdc.add_password(parse_principal("old"), "oldpw", {Etype::des3_sha1});
  AsExchange exchange(parse_principal("old"), realm_name, std::string("oldpw"), {Etype::des3_sha1}, realm.client_random,
                      std::nullopt, granting);
  CHECK(code_of([&] {
          for (unsigned i = 0; i < 3; ++i) (void)exchange.reply(realm.kdc.handle(exchange.request(start), start));
        }) == ErrorCode::etype_not_supported);
}

TEST_CASE("a wrong password, and armour that is over, are the KDC's to refuse") {
  Armored client;
  AsExchange wrong(cta, realm_name, std::string("wrong"), client.realm.etypes, client.realm.client_random, std::nullopt,
                   client.granting);
  REQUIRE_FALSE(wrong.reply(client.realm.kdc.handle(wrong.request(start), start)));
  const Bytes refused = client.realm.kdc.handle(wrong.request(start), start);
  CHECK(code_of([&] { (void)wrong.reply(refused); }) == ErrorCode::preauth_failed);
  CHECK_THAT(refusal(wrong, refused), !ContainsSubstring("without the armour"));

  const Time late = client.granting.endtime + default_skew + second;
  const Bytes over = client.ask(late);
  CHECK(code_of([&] { (void)client.exchange.reply(over); }) == ErrorCode::ticket_expired);
  CHECK_THAT(refusal(client.exchange, over), ContainsSubstring("without the armour that was asked for"));
}
