// SPDX-License-Identifier: Apache-2.0
// The client against peers that lie, or are of another school: what it is told without authentication is tried, never
// believed.
#include <set>

#include "catch.hpp"
#include "model/kerberos/realm.hpp"
#include "reveille/kerberos/operation_counter.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

AsExchange exchange_of(Realm& realm, const Secret& secret = std::string("ctapw")) {
  return AsExchange(cta, "REVEILLE.TEST", secret, realm.etypes, realm.client_random);
}

Bytes demand_of(const std::vector<EtypeInfo2Entry>& info, ErrorCode code = ErrorCode::preauth_required) {
  const std::vector<PaData> method_data = {{.type = pa_type::etype_info2, .value = encode(info)}};
  return encode(KrbError{.code = code, .realm = "REVEILLE.TEST", .sname = controller, .data = encode(method_data)});
}

Bytes forged_salt(unsigned i) { return demand_of({{.etype = 18, .salt = "forged" + std::to_string(i)}}); }

/// The key whose timestamp the next request carries.
bool proves_itself_with(AsExchange& exchange, const Key& key) {
  const KdcRequest request = decode_kdc_request(exchange.request(start));
  for (const PaData& data : request.padata) {
    if (data.type != pa_type::enc_timestamp) continue;
    try {
      (void)key.decrypt(KeyUsage::pa_enc_timestamp, decode_encrypted_data(data.value).cipher);
      return true;
    } catch (const Error&) {
      return false;
    }
  }
  return false;
}

const Key& true_key() {
  static const Key key = Key::from_password(Etype::aes256_sha1, "ctapw", "REVEILLE.TESTcta1");
  return key;
}

}  // namespace

TEST_CASE("a forged demand for pre-authentication, whatever it says, does not keep the true one out") {
  Realm realm;
  const Bytes forged = GENERATE_COPY(
      forged_salt(0), demand_of({}), demand_of({{.etype = 23, .salt = "x"}}),
      demand_of({{.etype = 18, .salt = "x", .s2kparams = {0, 0, 0, 1}}}),
      demand_of({{.etype = 18, .salt = "x", .s2kparams = {1}}}),
      encode(KrbError{.code = ErrorCode::preauth_required, .realm = "R", .sname = cta, .data = {1, 2, 3}}),
      encode(KrbError{.code = ErrorCode::client_unknown, .realm = "R", .sname = cta}));
  const bool knows_key = GENERATE(false, true);
  AsExchange exchange = knows_key ? exchange_of(realm, true_key()) : exchange_of(realm);
  const Bytes demand = realm.kdc.handle(exchange.request(start), start);
  try {
    (void)exchange.reply(forged);
  } catch (const Error&) {
  }
  std::optional<Credential> credential;
  try {
    credential = exchange.reply(demand);
  } catch (const ProtocolError& error) {  // the forged one said the same already
    CHECK(error.code() == ErrorCode::preauth_required);
  }
  for (int i = 0; i < 3 && !credential; ++i) {
    try {
      credential = exchange.reply(realm.kdc.handle(exchange.request(start), start));
    } catch (const ProtocolError& error) {
      CHECK(error.code() == ErrorCode::preauth_failed);
    }
  }
  REQUIRE(credential);
  CHECK(credential->cname == cta);
}

TEST_CASE("a hundred forged demands cost a few string-to-keys, and the default salt still gets its turn") {
  Realm realm;
  AsExchange exchange = exchange_of(realm);
  const Bytes demand = realm.kdc.handle(exchange.request(start), start);
  OperationCounter spent;
  const OperationScope scope(spent);
  unsigned asked = 0;
  for (unsigned i = 0; i < 100; ++i) {
    try {
      if (!exchange.reply(forged_salt(i))) ++asked;
    } catch (const ProtocolError& error) {
      CHECK(error.code() == ErrorCode::preauth_required);
    }
  }
  CHECK(asked == AsExchange::tried_demands);
  CHECK(spent.passwords == AsExchange::tried_demands);
  CHECK_FALSE(exchange.reply(demand));
  CHECK(exchange.reply(realm.kdc.handle(exchange.request(start), start)));
}

TEST_CASE("a forged cookie is tried beside none, costs no string-to-key, and one that fits no datagram is left out") {
  Realm realm;
  AsExchange exchange = exchange_of(realm);
  const Bytes demand = realm.kdc.handle(exchange.request(start), start);
  const auto with_cookie = [&](const Bytes& value) {
    KrbError error = decode_krb_error(demand);
    std::vector<PaData> method_data = decode_method_data(error.data);
    method_data.push_back({.type = pa_type::fx_cookie, .value = value});
    error.data = encode(method_data);
    return encode(error);
  };
  OperationCounter spent;
  const OperationScope scope(spent);
  CHECK_FALSE(exchange.reply(with_cookie(Bytes(60'000))));
  CHECK(exchange.request(start).size() < 1000);
  unsigned asked = 0;
  for (std::uint8_t i = 0; i < 100; ++i) {
    try {
      if (!exchange.reply(with_cookie({i}))) ++asked;
    } catch (const ProtocolError& error) {
      CHECK(error.code() == ErrorCode::preauth_required);
    }
  }
  CHECK(asked == AsExchange::tried_demands);
  CHECK(spent.passwords == 1);
  // Each has its turn, and so has the request without a cookie.
  std::set<Bytes> cookies;
  for (std::size_t i = 0; i <= AsExchange::tried_demands; ++i) {
    const KdcRequest request = decode_kdc_request(exchange.request(start));
    const bool has = request.padata.back().type == pa_type::fx_cookie;
    cookies.insert(has ? request.padata.back().value : Bytes{});
  }
  CHECK(cookies == std::set<Bytes>{{}, {0}, {1}, {2}, {3}});
}

TEST_CASE("a refused password is not tried again because the refusal brings another cookie") {
  Realm realm;
  AsExchange exchange = exchange_of(realm, std::string("wrong"));
  CHECK_FALSE(exchange.reply(realm.kdc.handle(exchange.request(start), start)));
  KrbError refusal = decode_krb_error(realm.kdc.handle(exchange.request(start), start));
  REQUIRE(refusal.code == ErrorCode::preauth_failed);
  std::vector<PaData> method_data = decode_method_data(refusal.data);
  method_data.push_back({.type = pa_type::fx_cookie, .value = {1}});
  refusal.data = encode(method_data);
  CHECK(code_of([&] { (void)exchange.reply(encode(refusal)); }) == ErrorCode::preauth_failed);
}

TEST_CASE("forged demands in between do not make a client refuse the answer to an earlier request") {
  Realm realm;
  AsExchange exchange = exchange_of(realm);
  CHECK_FALSE(exchange.reply(realm.kdc.handle(exchange.request(start), start)));
  const Bytes answer = realm.kdc.handle(exchange.request(start), start);
  CHECK_FALSE(exchange.reply(forged_salt(1)));
  (void)exchange.request(start);
  CHECK(exchange.reply(answer));
}

TEST_CASE("a KDC that refuses the timestamp and says which salt it wants is heard") {
  Realm realm;
  realm.kdc.add_key(cta, Key::from_password(Etype::aes256_sha1, "ctapw", "another salt"), 2);
  AsExchange exchange = exchange_of(realm);
  CHECK_FALSE(exchange.reply(demand_of({{.etype = 18, .salt = "wrong"}})));
  CHECK_FALSE(exchange.reply(demand_of({{.etype = 18, .salt = "another salt"}}, ErrorCode::preauth_failed)));
  CHECK(exchange.reply(realm.kdc.handle(exchange.request(start), start)));
}

TEST_CASE("without ETYPE-INFO2 the default salt holds") {
  Realm realm;
  AsExchange exchange = exchange_of(realm);
  CHECK_FALSE(exchange.reply(given_message("krb_error", "demand_without_info2")));
  CHECK(proves_itself_with(exchange, true_key()));
}

TEST_CASE("what an ETYPE-INFO2 entry does not say is the default, and what else a demand holds is passed over") {
  Realm realm;
  AsExchange exchange = exchange_of(realm);
  KrbError demand = decode_krb_error(demand_of({{.etype = 23, .salt = "x"}, {.etype = 18}}));
  std::vector<PaData> method_data = decode_method_data(demand.data);
  // PA-PW-SALT, PA-ETYPE-INFO, PA-PK-AS-REQ, PA-FX-FAST, as Heimdal and MIT send
  for (const std::int32_t type : {3, 11, 16, 136})
    method_data.insert(method_data.begin(), {.type = type, .value = {1}});
  demand.data = encode(method_data);
  CHECK_FALSE(exchange.reply(encode(demand)));
  CHECK(proves_itself_with(exchange, true_key()));
}

TEST_CASE("of two entries of one etype the first one's salt counts") {
  Realm realm;
  AsExchange exchange = exchange_of(realm);
  CHECK_FALSE(exchange.reply(given_message("krb_error", "two_salts")));
  CHECK(proves_itself_with(exchange, true_key()));
}

TEST_CASE("an iteration count below the default is refused, of each etype") {
  for (const Etype etype : all_etypes()) {
    Realm realm(etype);
    AsExchange exchange = exchange_of(realm);
    const bool sha2 = etype == Etype::aes128_sha256 || etype == Etype::aes256_sha384;
    const std::uint32_t least = sha2 ? 32768 : 4096;
    const auto params = [](std::uint32_t count) {
      Bytes out;
      append_big_endian(out, count, 4);
      return out;
    };
    const auto demand = [&](std::uint32_t count) {
      return demand_of({{.etype = static_cast<std::int32_t>(etype), .salt = "x", .s2kparams = params(count)}});
    };
    CHECK(error_of([&] { (void)exchange.reply(demand(least - 1)); }) == ErrorKind::crypto);
    CHECK(error_of([&] { (void)exchange.reply(demand(1)); }) == ErrorKind::crypto);
    CHECK(error_of([&] { (void)exchange.reply(demand(Key::iteration_limit + 1)); }) == ErrorKind::crypto);
    CHECK(decode_kdc_request(exchange.request(start)).padata.empty());
    CHECK_FALSE(exchange.reply(demand(least)));
  }
  Realm realm(Etype::aes256_sha384);
  AsExchange exchange = exchange_of(realm);
  CHECK(error_of([&] { (void)exchange.reply(given_message("krb_error", "count_of_1")); }));
}

TEST_CASE("an etype that it did not offer is refused, in the reply and as the session key's") {
  Realm realm;
  realm.kdc.add_password(cta, "ctapw", {Etype::aes128_sha1});
  const Key other = Key::from_password(Etype::aes128_sha1, "ctapw", "REVEILLE.TESTcta1");
  AsExchange exchange = exchange_of(realm);
  CHECK_FALSE(exchange.reply(realm.kdc.handle(exchange.request(start), start)));
  const KdcReply good = decode_kdc_reply(realm.kdc.handle(exchange.request(start), start));
  const auto inside = true_key().decrypt(KeyUsage::as_rep, good.enc_part.cipher);

  KdcReply reply = good;
  reply.padata.clear();
  reply.enc_part = {.etype = 17, .cipher = other.encrypt(KeyUsage::as_rep, inside, realm.kdc_random)};
  CHECK(code_of([&] { (void)exchange.reply(encode(reply)); }) == ErrorCode::etype_not_supported);

  EncKdcReplyPart part = decode_enc_kdc_reply_part(inside);
  part.key = Key::random(Etype::aes128_sha1, realm.kdc_random);
  reply = good;
  reply.enc_part.cipher = true_key().encrypt(KeyUsage::as_rep, encode(part, KdcMessage::as_rep), realm.kdc_random);
  CHECK(code_of([&] { (void)exchange.reply(encode(reply)); }) == ErrorCode::modified);
  CHECK(exchange.reply(encode(good)));

  const Credential granting = realm.initial();
  TgsExchange tgs(granting, controller, realm.etypes, realm.client_random);
  KdcReply service = decode_kdc_reply(realm.kdc.handle(tgs.request(start), start));
  part =
      decode_enc_kdc_reply_part(granting.session_key.decrypt(KeyUsage::tgs_rep_session_key, service.enc_part.cipher));
  part.key = Key::random(Etype::aes128_sha1, realm.kdc_random);
  service.enc_part.cipher =
      granting.session_key.encrypt(KeyUsage::tgs_rep_session_key, encode(part, KdcMessage::tgs_rep), realm.kdc_random);
  CHECK(code_of([&] { (void)tgs.reply(encode(service)); }) == ErrorCode::modified);
}

TEST_CASE("a forged AS-REP of a dear key is not paid for more often than a few times") {
  Realm realm;
  AsExchange exchange = exchange_of(realm);
  OperationCounter spent;
  const OperationScope scope(spent);
  for (unsigned i = 0; i < 50; ++i) {
    const std::vector<EtypeInfo2Entry> info = {{.etype = 18, .salt = std::to_string(i)}};
    const KdcReply forged{.padata = {{.type = pa_type::etype_info2, .value = encode(info)}},
                          .crealm = "REVEILLE.TEST",
                          .cname = cta,
                          .ticket = {.realm = "REVEILLE.TEST", .sname = controller},
                          .enc_part = {.etype = 18, .cipher = Bytes(200)}};
    CHECK(error_of([&] { (void)exchange.reply(encode(forged)); }) == ErrorKind::crypto);
  }
  CHECK(spent.passwords == AsExchange::tried_demands);
}

TEST_CASE("an answer to a changed copy of its request is not taken: for other addresses, or for less than a minute") {
  Realm realm;
  AsExchange exchange = exchange_of(realm);
  CHECK_FALSE(exchange.reply(realm.kdc.handle(exchange.request(start), start)));
  const Bytes request = exchange.request(start);
  KdcRequest changed = decode_kdc_request(request);
  const auto answer = [&] {
    Bytes octets = realm.kdc.handle(encode(changed), start);
    REQUIRE(application_tag(octets) == 11U);
    return octets;
  };
  changed.body.addresses = {{.type = 2, .address = {203, 0, 113, 1}}};
  CHECK(code_of([&] { (void)exchange.reply(answer()); }) == ErrorCode::modified);
  changed.body.addresses.clear();
  changed.body.till = start + second;
  CHECK(code_of([&] { (void)exchange.reply(answer()); }) == ErrorCode::never_valid);
  CHECK(exchange.reply(realm.kdc.handle(request, start)));
}

TEST_CASE("a KRB-ERROR keeps its code, whatever its text is written in") {
  const KrbError error = decode_krb_error(given_message("krb_error", "utf8_text"));
  CHECK(error.code == ErrorCode::ticket_expired);
  CHECK_FALSE(error.text.empty());
  // What we send ourselves is ASCII, and short.
  KrbError ours{.realm = "R", .sname = cta, .text = "Zugriff verweigert \xC3\xA4\x01" + std::string(1000, 'x')};
  ours = decode_krb_error(encode(ours));
  CHECK(ours.text.size() == 128);
  CHECK(std::ranges::all_of(ours.text, [](char c) { return c >= 0x20 && c < 0x7F; }));
}
