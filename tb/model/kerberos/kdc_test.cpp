// SPDX-License-Identifier: Apache-2.0
// What the KDC does with requests of the field, and of those who would use it: the codes are MIT's (1.20.1).
#include <ctime>

#include "catch.hpp"
#include "model/kerberos/realm.hpp"
#include "reveille/kerberos/der.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

/// An AS-REQ with a true timestamp, changed as the test wants it.
Bytes ask(Realm& realm, auto&& change, Time now = start) {
  const Key key = realm.kdc.keytab(cta).entries().front().key;
  KdcRequest request{.body = {.cname = cta,
                              .realm = "REVEILLE.TEST",
                              .sname = ticket_granting_service("REVEILLE.TEST"),
                              .till = now + hour,
                              .nonce = 1,
                              .etypes = {18}}};
  const Bytes timestamp = key.encrypt(KeyUsage::pa_enc_timestamp, encode_pa_timestamp(now), realm.client_random);
  request.padata = {{.type = pa_type::enc_timestamp, .value = encode(EncryptedData{.etype = 18, .cipher = timestamp})}};
  change(request);
  return realm.kdc.handle(encode(request), now);
}

ErrorCode code_of_answer(const Bytes& answer) {
  if (application_tag(answer) != 30U) return ErrorCode::none;
  return decode_krb_error(answer).code;
}

/// A TGS-REQ with a true header, its body changed before the checksum is made.
Bytes ask_tgs(Realm& realm, const Credential& granting, auto&& change, Time now = start,
              const std::optional<HostAddress>& from = {}, const std::optional<Key>& subkey = {}) {
  const Key& key = granting.session_key;
  KdcRequest request{
      .type = KdcMessage::tgs_req,
      .body = {.realm = "REVEILLE.TEST", .sname = controller, .till = now + hour, .nonce = 1, .etypes = {18}}};
  change(request.body);
  const Checksum checksum{.type = checksum_type(key.etype()),
                          .octets = key.checksum(KeyUsage::tgs_req_checksum, encode(request.body))};
  const auto authenticator = encode(Authenticator{
      .crealm = granting.crealm, .cname = granting.cname, .checksum = checksum, .ctime = now, .subkey = subkey});
  const ApRequest header{
      .ticket = granting.ticket,
      .authenticator = {.etype = 18,
                        .cipher = key.encrypt(KeyUsage::tgs_req_authenticator, authenticator, realm.client_random)}};
  request.padata = {{.type = pa_type::tgs_req, .value = encode(header)}};
  return realm.kdc.handle(encode(request), now, from);
}

EncTicketPart inside(const Bytes& answer, const Key& key) {
  return decode_enc_ticket_part(key.decrypt(KeyUsage::ticket, decode_kdc_reply(answer).ticket.enc_part.cipher));
}

/// The ticket with its inside changed and sealed again, as another KDC of the realm may have sealed it.
Credential changed(const Credential& credential, const Key& key, RandomSource& random, auto&& change) {
  Credential out = credential;
  EncTicketPart part = decode_enc_ticket_part(key.decrypt(KeyUsage::ticket, credential.ticket.enc_part.cipher));
  change(part);
  out.ticket.enc_part.cipher = key.encrypt(KeyUsage::ticket, encode(part), random);
  return out;
}

const HostAddress here{.type = 2, .address = {192, 0, 2, 7}}, there{.type = 2, .address = {192, 0, 2, 8}};

}  // namespace

TEST_CASE("an etype asked for 300 times is told once, and no answer without proof is beyond four times its request") {
  std::size_t largest = 0;
  for (const std::size_t length : {std::size_t{1}, std::size_t{4}, std::size_t{40}, std::size_t{400}}) {
    SeededRandom random(1);
    Kdc kdc(std::string(length == 1 ? 1 : 13, 'R'), random);
    const PrincipalName client{.components = {std::string(length, 'a')}};
    kdc.add_random(client, all_etypes());
    for (const std::size_t repeats : {std::size_t{1}, std::size_t{75}}) {
      for (const bool known : {true, false}) {
        KdcRequest request{.body = {.cname = known ? client : cta,
                                    .realm = kdc.realm(),
                                    .sname = ticket_granting_service(kdc.realm()),
                                    .nonce = 1}};
        for (std::size_t i = 0; i < repeats; ++i) {
          for (const Etype etype : all_etypes()) request.body.etypes.push_back(static_cast<std::int32_t>(etype));
        }
        const Bytes octets = encode(request), answer = kdc.handle(octets, start);
        REQUIRE(application_tag(answer) == 30U);
        INFO(octets.size() << " octets in, " << answer.size() << " out");
        CHECK(answer.size() <= 4 * octets.size());
        largest = std::max(largest, 100 * answer.size() / octets.size());
        if (!known) continue;
        const auto method_data = decode_method_data(decode_krb_error(answer).data);
        CHECK(decode_etype_info2(method_data.front().value).size() == 4);
      }
    }
  }
  WARN("largest answer without proof: " << largest << " % of its request");
  Realm realm;
  const Bytes request = given_message("as_req", "etype_repeated");
  CHECK(realm.kdc.handle(request, start).size() < request.size());
}

TEST_CASE("a request that names twenty thousand etypes costs no more than its reading") {
  Realm realm;
  for (int i = 0; i < 4000; ++i) {
    const PrincipalName name = parse_principal("other" + std::to_string(i));
    realm.kdc.add_key(name, Key(Etype::aes128_sha1, Bytes(16)));
  }
  KdcRequest request{.body = {.cname = cta, .realm = "REVEILLE.TEST", .sname = controller, .nonce = 1}};
  request.body.etypes.assign(20'000, 99);
  request.body.etypes.push_back(18);
  const Bytes octets = encode(request);
  const auto begin = std::clock();
  CHECK(code_of_answer(realm.kdc.handle(octets, start)) == ErrorCode::preauth_required);
  CHECK(std::clock() - begin < CLOCKS_PER_SEC / 2);
}

TEST_CASE("an octet beyond ASCII in a sealed time is a refusal, and the KDC answers the next request") {
  Realm realm;
  const Bytes answer = ask(realm, [&](KdcRequest& request) {
    const auto plain = encode_pa_timestamp(start);
    Bytes changed(plain.begin(), plain.end());
    changed[6] = 0xFF;
    const Key key = realm.kdc.keytab(cta).entries().front().key;
    request.padata.front().value = encode(
        EncryptedData{.etype = 18, .cipher = key.encrypt(KeyUsage::pa_enc_timestamp, changed, realm.client_random)});
  });
  CHECK(code_of_answer(answer) == ErrorCode::preauth_failed);
  CHECK(code_of_answer(ask(realm, [](KdcRequest&) {})) == ErrorCode::none);
}

TEST_CASE("tickets are sealed under the newest key, and opened under older ones") {
  Realm realm;
  const Credential before = realm.service_ticket();
  const Credential old_granting = realm.initial();
  const Key second_key = Key::random(Etype::aes256_sha1, realm.kdc_random);
  realm.kdc.add_key(controller, second_key, 2);
  realm.kdc.add_random(ticket_granting_service("REVEILLE.TEST"), {Etype::aes256_sha1});  // of the same kvno: no change
  realm.kdc.add_key(ticket_granting_service("REVEILLE.TEST"), Key::random(Etype::aes256_sha1, realm.kdc_random), 2);
  const Credential after = realm.service_ticket();
  CHECK(before.ticket.enc_part.kvno == 1U);
  CHECK(after.ticket.enc_part.kvno == 2U);
  Keytab only_new;
  only_new.add({.realm = "REVEILLE.TEST", .principal = controller, .kvno = 2, .key = second_key});
  Service service("REVEILLE.TEST", controller, only_new);
  CHECK(service.accept(make_ap_request(after, start, {}, realm.client_random).octets, start).cname == cta);
  CHECK(code_of([&] {
          (void)service.accept(make_ap_request(before, start + 1, {}, realm.client_random).octets, start);
        }) == ErrorCode::bad_key_version);
  TgsExchange tgs(old_granting, controller, realm.etypes, realm.client_random);
  CHECK(tgs.reply(realm.kdc.handle(tgs.request(start), start)).cname == cta);

  // A client's password was changed, to fewer etypes: the old keys are worth nothing.
  realm.kdc.add_key(cta, Key::from_password(Etype::aes128_sha1, "new", "REVEILLE.TESTcta1"), 2);
  CHECK(code_of([&] { (void)realm.initial(); }) == ErrorCode::etype_not_supported);
}

TEST_CASE("the addresses that a client names are the ticket's, and hold at TGS and service") {
  Realm realm;
  const Key tgs_key = realm.kdc.keytab(ticket_granting_service("REVEILLE.TEST")).entries().front().key;
  const Key key = realm.kdc.keytab(cta).entries().front().key;
  const Bytes answer = ask(realm, [](KdcRequest& request) { request.body.addresses = {here}; });
  REQUIRE(code_of_answer(answer) == ErrorCode::none);
  CHECK(inside(answer, tgs_key).caddr == std::vector{here});
  const auto part = decode_enc_kdc_reply_part(key.decrypt(KeyUsage::as_rep, decode_kdc_reply(answer).enc_part.cipher));
  CHECK(part.caddr == std::vector{here});
  const Credential granting{
      .crealm = "REVEILLE.TEST", .cname = cta, .ticket = decode_kdc_reply(answer).ticket, .session_key = part.key};
  const auto nothing = [](KdcRequestBody&) {};
  CHECK(code_of_answer(ask_tgs(realm, granting, nothing, start, there)) == ErrorCode::bad_address);
  const Bytes service = ask_tgs(realm, granting, nothing, start, here);
  REQUIRE(code_of_answer(service) == ErrorCode::none);
  const Key service_key = realm.kdc.keytab(controller).entries().front().key;
  CHECK(inside(service, service_key).caddr == std::vector{here});
  CHECK_FALSE(decode_kdc_request(given_message("as_req", "addresses")).body.addresses.empty());
}

TEST_CASE("what is not there is refused with MIT's code, never granted otherwise") {
  Realm realm;
  const auto as = [&](auto&& change) {
    return code_of_answer(ask(realm, [&](KdcRequest& request) { change(request.body); }));
  };
  const auto with_options = [](std::uint32_t options) { return [=](KdcRequestBody& body) { body.options = options; }; };
  const auto from = [](Time time) { return [=](KdcRequestBody& body) { body.from = time; }; };
  CHECK(as(from(start + hour)) == ErrorCode::cannot_postdate);
  CHECK(as(from(start + default_skew)) == ErrorCode::none);
  CHECK(as(from(0)) == ErrorCode::none);
  const Time whole = start - 250'000;
  const auto at_whole = [&](Time time) {
    return code_of_answer(ask(
        realm, [&](KdcRequest& request) { request.body.from = time; }, whole));
  };
  CHECK(at_whole(whole + default_skew) == ErrorCode::none);
  CHECK(at_whole(whole + default_skew + second) == ErrorCode::cannot_postdate);
  CHECK(as(with_options(kdc_option::postdated)) == ErrorCode::cannot_postdate);
  for (const unsigned bit : {2U, 4U, 14U, 28U, 30U, 31U})
    CHECK(as(with_options(flag_bit(bit))) == ErrorCode::bad_option);
  for (const unsigned bit : {1U, 3U, 5U, 8U, 15U, 27U}) CHECK(as(with_options(flag_bit(bit))) == ErrorCode::none);
  CHECK(as([](KdcRequestBody& body) { body.enc_authorization_data = EncryptedData{.etype = 18}; }) ==
        ErrorCode::bad_option);

  const Credential granting = realm.initial();
  const auto tgs = [&](auto&& change) { return code_of_answer(ask_tgs(realm, granting, change)); };
  CHECK(tgs(from(start + hour)) == ErrorCode::cannot_postdate);
  for (const unsigned bit : {2U, 4U, 6U, 14U, 28U, 30U, 31U}) {
    CHECK(tgs(with_options(flag_bit(bit))) == ErrorCode::bad_option);
  }
  for (const unsigned bit : {1U, 3U, 8U, 27U}) CHECK(tgs(with_options(flag_bit(bit))) == ErrorCode::none);
}

TEST_CASE("user-to-user: under the session key of that user's ticket, and of no other's") {
  Realm realm;
  realm.kdc.add_random(parse_principal("cta2"), {Etype::aes256_sha1});
  const Credential granting = realm.initial();
  AsExchange other(parse_principal("cta2"), "REVEILLE.TEST", realm.kdc.keytab(parse_principal("cta2")).entries()[0].key,
                   realm.etypes, realm.client_random);
  CHECK_FALSE(other.reply(realm.kdc.handle(other.request(start), start)));
  const Credential theirs = other.reply(realm.kdc.handle(other.request(start), start)).value();
  const auto to_user = [&](const std::string& user, const Ticket& ticket) {
    return ask_tgs(realm, granting, [&](KdcRequestBody& body) {
      body.options = kdc_option::enc_tkt_in_skey;
      body.sname = parse_principal(user);
      body.additional_tickets = {ticket};
    });
  };
  const Bytes answer = to_user("cta2", theirs.ticket);
  REQUIRE(code_of_answer(answer) == ErrorCode::none);
  CHECK(inside(answer, theirs.session_key).cname == cta);
  CHECK(code_of_answer(to_user("cta1", theirs.ticket)) == ErrorCode::server_nomatch);
  CHECK(code_of_answer(to_user("cta2", granting.ticket)) == ErrorCode::server_nomatch);
  CHECK(code_of_answer(to_user("cta2", realm.service_ticket().ticket)) == ErrorCode::policy);
  Ticket broken = theirs.ticket;
  broken.enc_part.cipher[20] ^= 1;
  CHECK(code_of_answer(to_user("cta2", broken)) == ErrorCode::bad_integrity);
}

TEST_CASE("no ticket is sealed under a password's key: who has one of the realm's keys could try passwords on it") {
  Realm realm;
  realm.kdc.add_password(parse_principal("cta2"), "weak", {Etype::aes256_sha1});
  const auto to_cta2 = [](KdcRequestBody& body) { body.sname = parse_principal("cta2"); };
  CHECK(code_of_answer(ask(realm, [&](KdcRequest& request) { to_cta2(request.body); })) ==
        ErrorCode::must_use_user_to_user);
  CHECK(code_of_answer(ask_tgs(realm, realm.initial(), to_cta2)) == ErrorCode::must_use_user_to_user);
}

TEST_CASE("user-to-user: the other's ticket is good for as long as any, the skew included") {
  Realm realm;
  const Credential theirs = realm.initial();
  const Time last = theirs.endtime + default_skew;
  const Credential granting = realm.initial(std::string("ctapw"), last);
  const auto at = [&](Time now) {
    const auto change = [&](KdcRequestBody& body) {
      body.options = kdc_option::enc_tkt_in_skey;
      body.sname = cta;
      body.additional_tickets = {theirs.ticket};
    };
    return code_of_answer(ask_tgs(realm, granting, change, now));
  };
  CHECK(at(last) == ErrorCode::none);
  CHECK(at(last + 1) == ErrorCode::ticket_expired);
}

TEST_CASE("a ticket from the TGS ends with the one that it was asked with, and has none of its rights but one") {
  Realm realm;
  const Key tgs_key = realm.kdc.keytab(ticket_granting_service("REVEILLE.TEST")).entries().front().key;
  const Key service_key = realm.kdc.keytab(controller).entries().front().key;
  const Credential granting = changed(realm.initial(), tgs_key, realm.client_random, [](EncTicketPart& part) {
    part.flags |= flag_bit(1) | flag_bit(8);  // forwardable, renewable
    part.renew_till = start + 100 * hour;
  });
  const Time late = start + 9 * hour;
  const auto ask_for_long = [&](KdcRequestBody& body) { body.till = late + 100 * hour; };
  const EncTicketPart got = inside(ask_tgs(realm, granting, ask_for_long, late), service_key);
  CHECK(got.endtime == granting.endtime);
  CHECK(got.flags == ticket_flag::pre_authent);  // not initial either: no password was asked for
  CHECK_FALSE(got.renew_till);
}

TEST_CASE("of authorization data in a ticket the TGS refuses what is meant for KDCs, and passes on the rest") {
  Realm realm;
  const Key tgs_key = realm.kdc.keytab(ticket_granting_service("REVEILLE.TEST")).entries().front().key;
  const auto with = [&](std::int32_t type) {
    const std::vector<AuthorizationElement> data = {{.type = type, .data = Bytes(4)}};
    return ask_tgs(realm,
                   changed(realm.initial(), tgs_key, realm.client_random,
                           [&](EncTicketPart& part) { part.authorization_data = data; }),
                   [](KdcRequestBody&) {});
  };
  CHECK(code_of_answer(with(ad_type::mandatory_for_kdc)) == ErrorCode::policy);
  const Bytes answer = with(99);
  REQUIRE(code_of_answer(answer) == ErrorCode::none);
  CHECK(inside(answer, realm.kdc.keytab(controller).entries().front().key).authorization_data.front().type == 99);
}

TEST_CASE("a client's own authorization data goes into the ticket, or the request is refused") {
  Realm realm;
  const Credential granting = realm.initial();
  const std::vector<AuthorizationElement> wanted = {{.type = ad_type::if_relevant, .data = Bytes(8)}};
  const auto with = [&](KeyUsage usage, ByteView plain) {
    return ask_tgs(realm, granting, [&](KdcRequestBody& body) {
      body.enc_authorization_data =
          EncryptedData{.etype = 18, .cipher = granting.session_key.encrypt(usage, plain, realm.client_random)};
    });
  };
  const Bytes answer = with(KeyUsage::tgs_req_authorization_session_key, encode(wanted));
  REQUIRE(code_of_answer(answer) == ErrorCode::none);
  CHECK(inside(answer, realm.kdc.keytab(controller).entries().front().key).authorization_data == wanted);
  CHECK(code_of_answer(with(KeyUsage::tgs_req_authorization_subkey, encode(wanted))) == ErrorCode::bad_integrity);
  CHECK(code_of_answer(with(KeyUsage::tgs_req_authorization_session_key, Bytes(5))) == ErrorCode::bad_integrity);
}

TEST_CASE("a TGS-REQ with a subkey, as libkrb5 sends, is answered under that") {
  Realm realm;
  const Credential granting = realm.initial();
  const std::vector<AuthorizationElement> wanted = {{.type = ad_type::if_relevant, .data = Bytes(8)}};
  for (const Etype etype : all_etypes()) {
    const Key subkey = Key::random(etype, realm.client_random);
    const auto ask_with = [&](const Key& key, KeyUsage usage) {
      const auto change = [&](KdcRequestBody& body) {
        body.enc_authorization_data = EncryptedData{.etype = static_cast<std::int32_t>(key.etype()),
                                                    .cipher = key.encrypt(usage, encode(wanted), realm.client_random)};
      };
      return ask_tgs(realm, granting, change, start, {}, subkey);
    };
    const Bytes answer = ask_with(subkey, KeyUsage::tgs_req_authorization_subkey);
    REQUIRE(code_of_answer(answer) == ErrorCode::none);
    const EncryptedData sealed = decode_kdc_reply(answer).enc_part;
    CHECK(sealed.etype == static_cast<std::int32_t>(etype));
    const auto part = decode_enc_kdc_reply_part(subkey.decrypt(KeyUsage::tgs_rep_subkey, sealed.cipher));
    CHECK(part.sname == controller);
    const EncTicketPart ticket = inside(answer, realm.kdc.keytab(controller).entries().front().key);
    CHECK(ticket.key == part.key);
    CHECK(ticket.authorization_data == wanted);
    CHECK(code_of_answer(ask_with(granting.session_key, KeyUsage::tgs_req_authorization_session_key)) ==
          ErrorCode::bad_integrity);
  }
}

TEST_CASE("a nonce comes back as it came, signed or not") {
  Realm realm;
  const Key key = realm.kdc.keytab(cta).entries().front().key;
  for (const std::int64_t nonce :
       {std::int64_t{-5}, std::int64_t{-1} << 31, std::int64_t{0}, (std::int64_t{1} << 32) - 1}) {
    const Bytes answer = ask(realm, [&](KdcRequest& request) { request.body.nonce = nonce; });
    REQUIRE(code_of_answer(answer) == ErrorCode::none);
    const auto plain = key.decrypt(KeyUsage::as_rep, decode_kdc_reply(answer).enc_part.cipher);
    CHECK(decode_enc_kdc_reply_part(plain).nonce == nonce);
  }
  CHECK(decode_kdc_request(given_message("as_req", "nonce_negative")).body.nonce == -5);
  for (const std::int64_t nonce : {(std::int64_t{-1} << 31) - 1, std::int64_t{1} << 32}) {
    CHECK(ask(realm, [&](KdcRequest& request) { request.body.nonce = nonce; }).empty());
  }
}

TEST_CASE("a key version beyond 2^31 is read in both forms, and written as MIT does") {
  const Ticket plain = decode_ticket(given_message("ticket", "kvno_unsigned"));
  const Bytes by_mit = given_message("ticket", "kvno_signed");
  CHECK(plain.enc_part.kvno == 0xA035'0001U);
  CHECK(decode_ticket(by_mit).enc_part.kvno == 0xA035'0001U);
  CHECK(encode(decode_ticket(by_mit)) == by_mit);
}

TEST_CASE("flags of fewer than 32 bits are read") {
  const auto flags = [](const Bytes& octets) { return der::Reader(octets).flags("flags"); };
  CHECK(flags({3, 2, 5, 0x20}) == flag_bit(2));
  CHECK(flags({3, 3, 7, 0x40, 0x80}) == (flag_bit(1) | flag_bit(8)));  // minikerberos: 9 bits
  CHECK(flags({3, 1, 0}) == 0);
  for (const Bytes& bad : {Bytes{3, 0}, Bytes{3, 1, 1}, Bytes{3, 2, 8, 0}, Bytes{3, 2, 1, 1}}) {
    CHECK(error_of([&] { (void)flags(bad); }) == ErrorKind::malformed);
  }
}
