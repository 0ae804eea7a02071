// SPDX-License-Identifier: Apache-2.0
// FAST (RFC 6113) at the KDC: what goes in armour comes back in armour, and every way to have it otherwise is refused.
#include "reveille/kerberos/fast.hpp"

#include "catch.hpp"
#include "model/kerberos/realm.hpp"
#include "reveille/kerberos/der.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

const std::string realm_name = "REVEILLE.TEST";
constexpr std::uint32_t inner_nonce = 77;

/// An AS-REQ in armour, its parts open to be changed.
struct Parts {
  fast::Request inner;
  KdcRequest outer;
  std::optional<fast::Armor> armor;
  Key key;                       ///< the armour's
  std::optional<Bytes> covered;  ///< instead of the outer body
};

struct Armored {
  explicit Armored(Etype etype = Etype::aes256_sha1)
      : realm(etype),
        granting(realm.initial()),
        header(make_ap_request(granting, start, {.mutual_required = false, .subkey = true}, realm.client_random)),
        key(fast::armor_key(header.subkey, granting.session_key)),
        long_term(realm.kdc.keytab(cta).entries().front().key) {}

  [[nodiscard]] Bytes challenge(const Key& with, Time now = start) {
    return fast::challenge(key, with, fast::Challenger::client, now, realm.client_random);
  }
  /// With a true challenge inside, and outside nothing that is true but the realm.
  Parts parts(Time now = start) {
    const auto etype = static_cast<std::int32_t>(realm.etypes.front());
    return {.inner = {.padata = {{.type = pa_type::encrypted_challenge, .value = challenge(long_term, now)}},
                      .body = {.cname = cta,
                               .realm = realm_name,
                               .sname = ticket_granting_service(realm_name),
                               .till = now + hour,
                               .nonce = inner_nonce,
                               .etypes = {etype}}},
            .outer = {.body = {.cname = parse_principal("nobody"),
                               .realm = realm_name,
                               .sname = parse_principal("no/where"),
                               .nonce = 1,
                               .etypes = {99}}},
            .armor = fast::Armor{.value = header.octets},
            .key = key,
            .covered = {}};
  }
  Bytes value(const Parts& parts) {
    const Bytes covered = parts.covered ? *parts.covered : encode(parts.outer.body);
    return fast::seal_request(parts.key, parts.armor, parts.inner, covered, realm.client_random);
  }
  Bytes ask(auto&& change, Time now = start) {
    Parts made = parts(now);
    change(made);
    made.outer.padata.push_back({.type = pa_type::fx_fast, .value = value(made)});
    return realm.kdc.handle(encode(made.outer), now);
  }
  Bytes ask() {
    return ask([](Parts&) {});
  }
  [[nodiscard]] fast::Response response(const Bytes& answer) const {
    const std::vector<PaData> padata = application_tag(answer) == 30U
                                           ? decode_method_data(decode_krb_error(answer).data)
                                           : decode_kdc_reply(answer).padata;
    REQUIRE(padata.size() == 1);  // nothing outside of the armour
    REQUIRE(padata.front().type == pa_type::fx_fast);
    return fast::open_response(key, padata.front().value, inner_nonce);
  }
  EncKdcReplyPart open(const Bytes& answer, const Key& reply_key, KeyUsage usage) const {
    const Key strengthened = fast::strengthened(response(answer).strengthen_key.value(), reply_key);
    return decode_enc_kdc_reply_part(strengthened.decrypt(usage, decode_kdc_reply(answer).enc_part.cipher));
  }

  /// A TGS-REQ, whose header is the armour.
  Bytes ask_tgs(auto&& change, bool with_subkey = true, const std::vector<AuthorizationElement>& authorization = {}) {
    KdcRequest request{.type = KdcMessage::tgs_req,
                       .body = {.realm = realm_name, .sname = parse_principal("no/where"), .etypes = {99}}};
    const Key& session = granting.session_key;
    const Checksum checksum{.type = checksum_type(session.etype()),
                            .octets = session.checksum(KeyUsage::tgs_req_checksum, encode(request.body))};
    const std::optional<Key> subkey = with_subkey ? header.subkey : std::nullopt;
    const auto authenticator = encode(Authenticator{.crealm = granting.crealm,
                                                    .cname = granting.cname,
                                                    .checksum = checksum,
                                                    .ctime = start,
                                                    .subkey = subkey,
                                                    .authorization_data = authorization});
    const Bytes ap_request =
        encode(ApRequest{.ticket = granting.ticket,
                         .authenticator = {.etype = static_cast<std::int32_t>(session.etype()),
                                           .cipher = session.encrypt(KeyUsage::tgs_req_authenticator, authenticator,
                                                                     realm.client_random)}});
    Parts made = parts();
    made.inner.padata.clear();
    made.inner.body.cname.reset();
    made.inner.body.sname = controller;
    made.armor.reset();
    made.covered = ap_request;
    change(made);
    request.padata = {{.type = pa_type::tgs_req, .value = ap_request},
                      {.type = pa_type::fx_fast, .value = value(made)}};
    return realm.kdc.handle(encode(request), start);
  }

  Realm realm;
  Credential granting;
  SentApRequest header;
  Key key, long_term;
};

ErrorCode code_of_answer(const Bytes& answer) {
  if (application_tag(answer) != 30U) return ErrorCode::none;
  return decode_krb_error(answer).code;
}
/// That of an error that nothing seals.
ErrorCode bare_code(const Bytes& answer) {
  const KrbError error = decode_krb_error(answer);
  const auto padata = error.data.empty() ? std::vector<PaData>{} : decode_method_data(error.data);
  return find_padata(padata, pa_type::fx_fast) == nullptr || find_padata(padata, pa_type::fx_fast)->value.empty()
             ? error.code
             : ErrorCode::none;
}

}  // namespace

TEST_CASE("in armour a client gets its ticket by a challenge, and the inner request is what counts") {
  for (const Etype etype : all_etypes()) {
    Armored client(etype);
    const Bytes answer = client.ask();
    REQUIRE(code_of_answer(answer) == ErrorCode::none);
    const KdcReply reply = decode_kdc_reply(answer);
    CHECK(reply.cname == cta);
    const fast::Response response = client.response(answer);
    REQUIRE(response.finished);
    CHECK(response.finished->cname == cta);
    CHECK(response.finished->crealm == realm_name);
    CHECK(response.finished->time == start);
    CHECK(response.finished->ticket_checksum == fast::ticket_checksum(client.key, reply.ticket));
    CHECK(response.strengthen_key->etype() == etype);
    const PaData* proof = find_padata(response.padata, pa_type::encrypted_challenge);
    REQUIRE(proof != nullptr);
    CHECK(fast::open_challenge(client.key, client.long_term, fast::Challenger::kdc, proof->value) == start);
    CHECK(find_padata(response.padata, pa_type::etype_info2) != nullptr);
    const EncKdcReplyPart part = client.open(answer, client.long_term, KeyUsage::as_rep);
    CHECK(part.nonce == inner_nonce);
    CHECK(part.sname == ticket_granting_service(realm_name));
    // The long-term key alone does not open it, nor what is out of the armour.
    CHECK(error_of([&] { (void)client.long_term.decrypt(KeyUsage::as_rep, reply.enc_part.cipher); }) ==
          ErrorKind::crypto);
    CHECK(error_of([&] { (void)response.strengthen_key->decrypt(KeyUsage::as_rep, reply.enc_part.cipher); }) ==
          ErrorKind::crypto);
  }
}

TEST_CASE("in armour an error is told inside, with a cookie, and timestamps are neither asked for nor taken") {
  Armored client;
  const auto ask = [&](const std::vector<PaData>& padata) {
    return client.ask([&](Parts& parts) { parts.inner.padata = padata; });
  };
  const Bytes timestamp =
      client.long_term.encrypt(KeyUsage::pa_enc_timestamp, encode_pa_timestamp(start), client.realm.client_random);
  const PaData stamp{.type = pa_type::enc_timestamp, .value = encode(EncryptedData{.etype = 18, .cipher = timestamp})};
  for (const Bytes& answer : {ask({}), ask({stamp})}) {
    const KrbError outside = decode_krb_error(answer);
    CHECK(outside.code == ErrorCode::preauth_required);
    CHECK(outside.text.empty());
    const fast::Response response = client.response(answer);
    CHECK_FALSE(response.finished);
    CHECK_FALSE(response.strengthen_key);
    const PaData* inside = find_padata(response.padata, pa_type::fx_error);
    REQUIRE(inside != nullptr);
    CHECK(decode_krb_error(inside->value).code == ErrorCode::preauth_required);
    CHECK(decode_krb_error(inside->value).data.empty());
    CHECK(find_padata(response.padata, pa_type::etype_info2) != nullptr);
    CHECK(find_padata(response.padata, pa_type::encrypted_challenge) != nullptr);
    CHECK(find_padata(response.padata, pa_type::enc_timestamp) == nullptr);
    CHECK_FALSE(find_padata(response.padata, pa_type::fx_cookie)->value.empty());
  }
  const Bytes unknown = client.ask([](Parts& parts) { parts.inner.body.cname = parse_principal("nobody"); });
  CHECK(decode_krb_error(unknown).code == ErrorCode::client_unknown);
  CHECK(client.response(unknown).padata.size() == 1);  // no cookie: the last word
}

TEST_CASE("without armour a KDC offers it, and takes no challenge") {
  Armored client;
  KdcRequest request{.padata = client.parts().inner.padata, .body = client.parts().inner.body};
  const KrbError error = decode_krb_error(client.realm.kdc.handle(encode(request), start));
  CHECK(error.code == ErrorCode::preauth_required);
  const auto offered = decode_method_data(error.data);
  CHECK(find_padata(offered, pa_type::fx_fast) != nullptr);
  CHECK(find_padata(offered, pa_type::encrypted_challenge) == nullptr);
  CHECK(find_padata(offered, pa_type::enc_timestamp) != nullptr);
}

TEST_CASE("what a client proves in armour is its own key, of now, in this armour") {
  Armored client;
  const auto code = [&](const Bytes& value) {
    return code_of_answer(client.ask([&](Parts& parts) { parts.inner.padata.front().value = value; }));
  };
  const Key other = Key::random(Etype::aes256_sha1, client.realm.client_random);
  CHECK(code(client.challenge(client.long_term)) == ErrorCode::none);
  CHECK(code(client.challenge(other)) == ErrorCode::preauth_failed);
  CHECK(code(client.challenge(client.long_term, start + default_skew + 1)) == ErrorCode::clock_skew);
  CHECK(code(client.challenge(client.long_term, start - default_skew)) == ErrorCode::none);
  CHECK(code(fast::challenge(client.key, client.long_term, fast::Challenger::kdc, start, client.realm.client_random)) ==
        ErrorCode::preauth_failed);
  CHECK(code(fast::challenge(other, client.long_term, fast::Challenger::client, start, client.realm.client_random)) ==
        ErrorCode::preauth_failed);
  CHECK(code({}) == ErrorCode::preauth_failed);
  CHECK(code(Bytes(40, 0x30)) == ErrorCode::preauth_failed);
}

TEST_CASE("armour that is none, or of another request, is refused outside of it") {
  Armored client;
  const auto code = [&](auto&& change, Time now = start) { return bare_code(client.ask(change, now)); };
  SeededRandom& random = client.realm.client_random;
  const Key other = Key::random(Etype::aes256_sha1, random);
  CHECK(code([](Parts&) {}, start + default_skew + 1) == ErrorCode::clock_skew);  // that of the AP-REQ
  CHECK(code([&](Parts& parts) { parts.key = other; }) == ErrorCode::bad_integrity);
  CHECK(code([&](Parts& parts) { parts.key = *client.header.subkey; }) == ErrorCode::bad_integrity);
  CHECK(code([&](Parts& parts) { parts.key = Key::random(Etype::aes128_sha1, random); }) == ErrorCode::bad_integrity);
  CHECK(code([](Parts& parts) { parts.covered = Bytes{1}; }) == ErrorCode::modified);
  CHECK(code([&](Parts& parts) { parts.covered = encode(parts.inner.body); }) == ErrorCode::modified);
  CHECK(code([](Parts& parts) { parts.armor.reset(); }) == ErrorCode::preauth_failed);
  CHECK(code([](Parts& parts) { parts.armor->type = 2; }) == ErrorCode::preauth_failed);
  CHECK(code([](Parts& parts) { parts.armor->value.pop_back(); }) == ErrorCode::bad_message_type);
  CHECK(code([&](Parts& parts) { parts.armor->value = make_ap_request(client.granting, start, {}, random).octets; }) ==
        ErrorCode::policy);       // no subkey
  CHECK(code([&](Parts& parts) {  // the ticket of another service
          const Credential service = client.realm.service_ticket();
          const SentApRequest sent = make_ap_request(service, start, {.subkey = true}, random);
          parts.armor->value = sent.octets;
          parts.key = fast::armor_key(sent.subkey, service.session_key);
        }) == ErrorCode::no_key);
  {  // a ticket that is over
    const Time late = start + 10 * hour + default_skew + second;
    CHECK(code(
              [&](Parts& parts) {
                const SentApRequest sent = make_ap_request(client.granting, late, {.subkey = true}, random);
                parts.armor->value = sent.octets;
                parts.key = fast::armor_key(sent.subkey, client.granting.session_key);
              },
              late) == ErrorCode::ticket_expired);
  }
  // Sealed or summed for another use, or summed by another sum.
  const auto changed = [&](auto&& change) {
    Parts parts = client.parts();
    fast::ArmoredRequest request = fast::decode_armored_request(client.value(parts));
    change(request, parts);
    parts.outer.padata = {{.type = pa_type::fx_fast, .value = encode(request)}};
    return bare_code(client.realm.kdc.handle(encode(parts.outer), start));
  };
  CHECK(changed([&](fast::ArmoredRequest& request, const Parts& parts) {
          request.sealed.cipher = client.key.encrypt(KeyUsage::fast_reply, encode(parts.inner), random);
        }) == ErrorCode::bad_integrity);
  CHECK(changed([&](fast::ArmoredRequest& request, const Parts&) { request.sealed.etype = 17; }) ==
        ErrorCode::bad_integrity);
  CHECK(changed([&](fast::ArmoredRequest& request, const Parts& parts) {
          request.checksum.octets = client.key.checksum(KeyUsage::fast_finished, encode(parts.outer.body));
        }) == ErrorCode::modified);
  CHECK(changed([](fast::ArmoredRequest& request, const Parts&) { request.checksum.type = 7; }) ==
        ErrorCode::inappropriate_checksum);
  CHECK(changed([](fast::ArmoredRequest& request, const Parts&) { request.checksum.octets.clear(); }) ==
        ErrorCode::modified);
  CHECK(changed([&](fast::ArmoredRequest& request, const Parts&) {
          request.sealed.cipher = client.key.encrypt(KeyUsage::fast_request, Bytes{0x30, 0}, random);
        }) == ErrorCode::bad_integrity);
}

TEST_CASE("a value of PA-FX-FAST that is cut short at whatever octet is refused") {
  Armored client;
  Parts parts = client.parts();
  const Bytes whole = client.value(parts);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    parts.outer.padata = {{.type = pa_type::fx_fast, .value = copy(ByteView(whole).first(size))}};
    CHECK(bare_code(client.realm.kdc.handle(encode(parts.outer), start)) == ErrorCode::preauth_failed);
  }
  Bytes longer = whole;
  longer.push_back(0);
  CHECK(error_of([&] { (void)fast::decode_armored_request(longer); }) == ErrorKind::malformed);
  // And the plaintext inside.
  const SecretBytes plain = encode(parts.inner);
  fast::ArmoredRequest request = fast::decode_armored_request(whole);
  for (std::size_t size = 0; size < plain.size(); ++size) {
    request.sealed.cipher =
        client.key.encrypt(KeyUsage::fast_request, ByteView(plain).first(size), client.realm.client_random);
    parts.outer.padata = {{.type = pa_type::fx_fast, .value = encode(request)}};
    CHECK(bare_code(client.realm.kdc.handle(encode(parts.outer), start)) == ErrorCode::bad_integrity);
  }
}

TEST_CASE("options of FAST: names are hidden, and a critical one that is unknown is refused, inside") {
  Armored client;
  const auto ask = [&](std::uint32_t options) {
    return client.ask([&](Parts& parts) { parts.inner.options = options; });
  };
  for (unsigned bit = 0; bit < 32; ++bit) {
    const Bytes answer = ask(flag_bit(bit));
    const bool refused = bit < 16 && bit != 1;
    CHECK(code_of_answer(answer) == (refused ? ErrorCode::unknown_critical_fast_options : ErrorCode::none));
    CHECK((find_padata(client.response(answer).padata, pa_type::fx_error) != nullptr) == refused);
  }
  const Bytes hidden = ask(fast::option::hide_client_names);
  CHECK(decode_kdc_reply(hidden).cname == anonymous_principal());
  CHECK(decode_kdc_reply(hidden).crealm == anonymous_realm);
  CHECK(client.response(hidden).finished->cname == cta);
  const Key granting = client.realm.kdc.keytab(ticket_granting_service(realm_name)).entries().front().key;
  CHECK(decode_enc_ticket_part(granting.decrypt(KeyUsage::ticket, decode_kdc_reply(hidden).ticket.enc_part.cipher))
            .cname == cta);
}

TEST_CASE("a TGS-REQ has its header for armour") {
  for (const Etype etype : all_etypes()) {
    Armored client(etype);
    const Bytes answer = client.ask_tgs([](Parts&) {});
    REQUIRE(code_of_answer(answer) == ErrorCode::none);
    CHECK(decode_kdc_reply(answer).ticket.sname == controller);
    CHECK(client.response(answer).finished->ticket_checksum ==
          fast::ticket_checksum(client.key, decode_kdc_reply(answer).ticket));
    CHECK(client.open(answer, *client.header.subkey, KeyUsage::tgs_rep_subkey).nonce == inner_nonce);
  }
  Armored client;
  CHECK(bare_code(client.ask_tgs([](Parts&) {}, false)) == ErrorCode::policy);
  CHECK(bare_code(client.ask_tgs([&](Parts& parts) { parts.armor = fast::Armor{.value = client.header.octets}; })) ==
        ErrorCode::preauth_failed);
  CHECK(bare_code(client.ask_tgs([](Parts& parts) { parts.covered = encode(parts.outer.body); })) ==
        ErrorCode::modified);
  CHECK(bare_code(client.ask_tgs([&](Parts& parts) { parts.key = client.granting.session_key; })) ==
        ErrorCode::bad_integrity);
  const Bytes unknown = client.ask_tgs([](Parts& parts) { parts.inner.body.sname = parse_principal("no/where"); });
  CHECK(code_of_answer(unknown) == ErrorCode::server_unknown);
  CHECK(find_padata(client.response(unknown).padata, pa_type::fx_error) != nullptr);
}

TEST_CASE("what is for armour alone gets no ticket from the TGS") {
  Armored client;
  const AuthorizationElement armor{.type = ad_type::fx_armor};
  const AuthorizationElement wrapped{.type = ad_type::if_relevant, .data = encode(std::vector{armor})};
  CHECK(bare_code(client.ask_tgs([](Parts&) {}, true, {armor})) == ErrorCode::policy);
  CHECK(bare_code(client.ask_tgs([](Parts&) {}, true, {wrapped})) == ErrorCode::policy);
  CHECK(code_of_answer(client.ask_tgs([](Parts&) {}, true, {{.type = ad_type::if_relevant, .data = {1}}})) ==
        ErrorCode::none);
}

TEST_CASE("a reply proves its request to who asks for that (RFC 6806)") {
  Armored client;
  for (const bool asked : {false, true}) {
    Parts parts = client.parts();
    if (asked) parts.inner.padata.push_back({.type = pa_type::req_enc_pa_rep});
    parts.outer.padata = {{.type = pa_type::fx_fast, .value = client.value(parts)}};
    const Bytes request = encode(parts.outer), answer = client.realm.kdc.handle(request, start);
    const EncKdcReplyPart part = client.open(answer, client.long_term, KeyUsage::as_rep);
    CHECK(((part.flags & ticket_flag::enc_pa_rep) != 0) == asked);
    const PaData* proof = find_padata(part.encrypted_padata, pa_type::req_enc_pa_rep);
    REQUIRE((proof != nullptr) == asked);
    CHECK((find_padata(part.encrypted_padata, pa_type::fx_fast) != nullptr) == asked);
    if (!asked) continue;
    const Key key = fast::strengthened(*client.response(answer).strengthen_key, client.long_term);
    CHECK(decode_checksum(proof->value).octets == key.checksum(KeyUsage::as_req_checksum, request));
  }
}

TEST_CASE("FAST's messages come back as they went, and fields of later versions do no harm") {
  Armored client;
  Parts parts = client.parts();
  parts.inner.body.till -= microseconds_of(parts.inner.body.till);  // not sent
  const fast::ArmoredRequest request = fast::decode_armored_request(client.value(parts));
  CHECK(fast::decode_armored_request(encode(request)) == request);
  const fast::Request inner = fast::decode_request(encode(parts.inner));
  CHECK(inner.body == parts.inner.body);
  CHECK(inner.padata == parts.inner.padata);
  CHECK(inner.body_octets == encode(parts.inner.body));
  const fast::Response response = client.response(client.ask());
  CHECK(fast::decode_response(encode(response)) == response);
  CHECK(code_of([&] {
          (void)fast::open_response(client.key, fast::seal_response(client.key, response, client.realm.client_random),
                                    inner_nonce + 1);
        }) == ErrorCode::modified);

  SecretBytes fields = encode(response);
  der::Reader in(fields);
  SecretBytes longer;
  append(longer, in.take(der::sequence_tag, "sequence"));
  append(longer, der::tag_length_value(der::context(9), der::integer(1)));
  CHECK(fast::decode_response(der::tag_length_value(der::sequence_tag, longer)) == response);
}

TEST_CASE("FAST as MIT speaks it opens, and comes back octet for octet") {
  const auto key_of = [](const Row& row) { return Key(to_etype(std::stoi(row.at(0))).value(), from_hex(row.at(1))); };
  for (const Row& row : vectors("mit_fast.vec", "as_req")) {
    const KdcRequest request = decode_kdc_request(from_hex(row.at(2)));
    const Bytes value = find_padata(request.padata, pa_type::fx_fast)->value;
    CHECK(value == from_hex(row.at(3)));
    const fast::ArmoredRequest armored = fast::decode_armored_request(value);
    CHECK(encode(armored) == value);
    const fast::Request inner = fast::open_request(key_of(row), armored, request.body_octets);
    CHECK(inner.body.cname == cta);
    CHECK(inner.body.realm == realm_name);
    CHECK(copy(encode(inner)) == from_hex(row.at(4)));
  }
  for (const Row& row : vectors("mit_fast.vec", "krb_error")) {
    const auto padata = decode_method_data(decode_krb_error(from_hex(row.at(2))).data);
    const fast::Response plain = fast::decode_response(from_hex(row.at(4)));
    const fast::Response inside =
        fast::open_response(key_of(row), find_padata(padata, pa_type::fx_fast)->value, plain.nonce);
    CHECK(inside == plain);
    CHECK(decode_krb_error(find_padata(inside.padata, pa_type::fx_error)->value).code == ErrorCode::preauth_required);
    CHECK(find_padata(inside.padata, pa_type::encrypted_challenge) != nullptr);
  }
  for (const Row& row : vectors("mit_fast.vec", "as_rep")) {
    const KdcReply reply = decode_kdc_reply(from_hex(row.at(2)));
    const fast::Response plain = fast::decode_response(from_hex(row.at(4)));
    const Key armor = key_of(row);
    const fast::Response inside =
        fast::open_response(armor, find_padata(reply.padata, pa_type::fx_fast)->value, plain.nonce);
    CHECK(inside == plain);
    CHECK(inside.finished.value().ticket_checksum == fast::ticket_checksum(armor, reply.ticket));
    const Key long_term = Key::from_password(armor.etype(), "correct horse", default_salt(realm_name, cta));
    const Key key = fast::strengthened(inside.strengthen_key.value(), long_term);
    CHECK(decode_enc_kdc_reply_part(key.decrypt(KeyUsage::as_rep, reply.enc_part.cipher)).nonce == plain.nonce);
    const PaData* proof = find_padata(inside.padata, pa_type::encrypted_challenge);
    CHECK(fast::open_challenge(armor, long_term, fast::Challenger::kdc, proof->value) > 0);
  }
}
