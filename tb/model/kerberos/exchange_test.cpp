// SPDX-License-Identifier: Apache-2.0
// Client, KDC and service of the model against each other; tb/system/mit_test.cpp holds each against MIT's.
#include "catch.hpp"
#include "model/kerberos/realm.hpp"
#include "reveille/kerberos/operation_counter.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

ErrorCode answer_code(Kdc& kdc, const KdcRequest& request, Time now = start) {
  return decode_krb_error(kdc.handle(encode(request), now)).code;
}

/// An AS-REQ that asks for nothing unusual.
KdcRequest plain_request() {
  return {.body = {.cname = cta,
                   .realm = "REVEILLE.TEST",
                   .sname = ticket_granting_service("REVEILLE.TEST"),
                   .till = start + hour,
                   .nonce = 1,
                   .etypes = {18}}};
}

}  // namespace

TEST_CASE("AS, TGS and AP exchange, every etype") {
  for (const Etype etype : all_etypes()) {
    Realm realm(etype);
    const Credential credential = realm.service_ticket();
    CHECK(credential.session_key.etype() == etype);
    CHECK(credential.endtime == start - 250'000 + 10 * hour);
    CHECK(credential.ticket.enc_part.kvno == 1U);
    for (const bool extras : {false, true}) {
      Service service = realm.service();
      std::optional<Checksum> checksum;
      if (extras) checksum = Checksum{.type = 0x8003, .octets = Bytes(24, 1)};
      const SentApRequest sent =
          make_ap_request(credential, start + 5, {.subkey = extras, .sequence_number = extras, .checksum = checksum},
                          realm.client_random);
      const AcceptedApRequest accepted = service.accept(sent.octets, start);
      CHECK(accepted.cname == cta);
      CHECK(accepted.client_nonce == start + 5);
      CHECK(accepted.mutual_required);
      CHECK(accepted.subkey == sent.subkey);
      CHECK(accepted.sequence_number == sent.sequence_number);
      CHECK(accepted.checksum == checksum);
      CHECK(accepted.session_key == credential.session_key);

      const Key subkey = Key::random(etype, realm.kdc_random);
      const Bytes reply = Service::reply(accepted, subkey, 77, realm.kdc_random);
      const EncApReplyPart part = verify_ap_reply(reply, sent);
      CHECK(part.subkey == subkey);
      CHECK(part.sequence_number == 77U);

      SentApRequest other = sent;  // the reply to another client nonce, and under another key
      other.client_nonce += 1;
      CHECK(code_of([&] { (void)verify_ap_reply(reply, other); }) == ErrorCode::mutual_failed);
      other = sent;
      other.session_key = subkey;
      CHECK(code_of([&] { (void)verify_ap_reply(reply, other); }) == ErrorCode::mutual_failed);
      CHECK(error_of([&] { (void)verify_ap_reply(sent.octets, sent); }) == ErrorKind::malformed);
    }
  }
}

TEST_CASE("same seed, same octets") {
  Realm a, b, c(Etype::aes256_sha1, 2);
  (void)a.service_ticket();
  (void)b.service_ticket();
  (void)c.service_ticket();
  CHECK(a.log.size() == 6);
  CHECK(a.log == b.log);
  CHECK(a.log.back() != c.log.back());
}

TEST_CASE("a long-term key spares the client string-to-key") {
  Realm realm;
  const Key key = realm.kdc.keytab(cta).entries().front().key;
  OperationCounter spent;
  const OperationScope scope(spent);
  CHECK(realm.initial(key).cname == cta);
  CHECK(spent.passwords == 0);
  CHECK(realm.initial(std::string("ctapw")).cname == cta);
  CHECK(spent.passwords == 1);
}

TEST_CASE("the client's clock is a nonce") {
  ClientClock clock;
  CHECK(clock.next(10) == 10);
  CHECK(clock.next(10) == 11);
  CHECK(clock.next(5) == 12);
  CHECK(clock.next(100) == 100);
  // Set right after it stood wrong: what every server would refuse is not gone on with.
  CHECK(clock.next(default_skew + hour) == default_skew + hour);
  CHECK(clock.next(hour) == default_skew + hour + 1);
  CHECK(clock.next(200) == 200);
  CHECK(clock.next(200) == 201);
}

TEST_CASE("what the AS refuses") {
  Realm realm;
  KdcRequest request = plain_request();
  const KrbError demand = decode_krb_error(realm.kdc.handle(encode(request), start));
  CHECK(demand.code == ErrorCode::preauth_required);
  const std::vector<PaData> method_data = decode_method_data(demand.data);
  REQUIRE(method_data.front().type == pa_type::etype_info2);
  CHECK(decode_etype_info2(method_data.front().value) ==
        std::vector<EtypeInfo2Entry>{{.etype = 18, .salt = "REVEILLE.TESTcta1"}});

  request.body.cname = parse_principal("nobody");
  CHECK(answer_code(realm.kdc, request) == ErrorCode::client_unknown);
  request = plain_request();
  request.body.cname.reset();
  CHECK(answer_code(realm.kdc, request) == ErrorCode::client_unknown);
  request = plain_request();
  request.body.realm = "OTHER.TEST";
  CHECK(answer_code(realm.kdc, request) == ErrorCode::client_unknown);
  request = plain_request();
  request.body.sname = parse_principal("nothing/here");
  CHECK(answer_code(realm.kdc, request) == ErrorCode::server_unknown);
  request = plain_request();
  request.body.etypes = {17, 23};
  CHECK(answer_code(realm.kdc, request) == ErrorCode::etype_not_supported);
  request = plain_request();
  request.padata = {{.type = pa_type::enc_timestamp, .value = Bytes(5)}};
  CHECK(answer_code(realm.kdc, request) == ErrorCode::preauth_failed);

  CHECK(code_of([&] { (void)realm.initial(std::string("wrong")); }) == ErrorCode::preauth_failed);
  AsExchange skewed(cta, "REVEILLE.TEST", std::string("ctapw"), realm.etypes, realm.client_random);
  CHECK_FALSE(skewed.reply(realm.kdc.handle(skewed.request(start), start)));
  const Bytes late = skewed.request(start);
  CHECK(decode_krb_error(realm.kdc.handle(late, start + default_skew + 1)).code == ErrorCode::clock_skew);
  CHECK(application_tag(realm.kdc.handle(late, start + default_skew)) == 11U);
  CHECK(code_of([&] { (void)skewed.reply(realm.kdc.handle(late, start + hour)); }) == ErrorCode::clock_skew);

  CHECK(realm.kdc.handle(Bytes(100, 0x6A), start).empty());
  CHECK(realm.kdc.handle({}, start).empty());
}

TEST_CASE("the end that a client asks for") {
  Realm realm;
  const Key key = realm.kdc.keytab(cta).entries().front().key;
  const auto ask = [&](Time till) {
    KdcRequest request = plain_request();
    request.body.till = till;
    const Bytes timestamp = key.encrypt(KeyUsage::pa_enc_timestamp, encode_pa_timestamp(start), realm.client_random);
    request.padata = {
        {.type = pa_type::enc_timestamp, .value = encode(EncryptedData{.etype = 18, .cipher = timestamp})}};
    return realm.kdc.handle(encode(request), start);
  };
  const auto end_of = [&](const Bytes& reply) {
    const auto part = key.decrypt(KeyUsage::as_rep, decode_kdc_reply(reply).enc_part.cipher);
    return decode_enc_kdc_reply_part(part).endtime;
  };
  const Time whole = start - 250'000;
  CHECK(end_of(ask(start + hour)) == whole + hour);
  CHECK(end_of(ask(start + 100 * hour)) == whole + 10 * hour);
  CHECK(end_of(ask(0)) == whole + 10 * hour);  // the epoch: as long as may be
  CHECK(decode_krb_error(ask(start)).code == ErrorCode::never_valid);
}

TEST_CASE("a cookie goes back as it came") {
  Realm realm;
  AsExchange exchange(cta, "REVEILLE.TEST", std::string("ctapw"), realm.etypes, realm.client_random);
  KrbError demand = decode_krb_error(realm.kdc.handle(exchange.request(start), start));
  std::vector<PaData> method_data = decode_method_data(demand.data);
  const PaData cookie{.type = pa_type::fx_cookie, .value = octets_of("MIT")};
  method_data.push_back(cookie);
  demand.data = encode(method_data);
  CHECK_FALSE(exchange.reply(encode(demand)));
  CHECK(decode_kdc_request(exchange.request(start)).padata.back() == cookie);
  // Asked again although pre-authenticated: no endless loop.
  CHECK(code_of([&] { (void)exchange.reply(encode(demand)); }) == ErrorCode::preauth_required);
}

TEST_CASE("an AS-REP for somebody else's request is refused") {
  Realm realm;
  AsExchange exchange(cta, "REVEILLE.TEST", std::string("ctapw"), realm.etypes, realm.client_random);
  CHECK_FALSE(exchange.reply(realm.kdc.handle(exchange.request(start), start)));
  AsExchange other(cta, "REVEILLE.TEST", std::string("ctapw"), realm.etypes, realm.client_random);  // another nonce
  CHECK_FALSE(other.reply(realm.kdc.handle(other.request(start), start)));
  const Bytes stale = realm.kdc.handle(other.request(start), start);
  CHECK(code_of([&] { (void)exchange.reply(stale); }) == ErrorCode::modified);
  const Bytes good = realm.kdc.handle(exchange.request(start), start);
  const auto code_with = [&](auto&& change) {
    KdcReply reply = decode_kdc_reply(good);
    change(reply);
    return code_of([&] { (void)exchange.reply(encode(reply)); });
  };
  CHECK(code_with([](KdcReply& r) { r.cname = parse_principal("other"); }) == ErrorCode::modified);
  CHECK(code_with([](KdcReply& r) { r.crealm = "OTHER"; }) == ErrorCode::modified);
  CHECK(code_with([](KdcReply& r) { r.ticket.sname = controller; }) == ErrorCode::modified);
  CHECK(code_with([](KdcReply& r) { r.ticket.realm = "OTHER"; }) == ErrorCode::modified);
  CHECK(code_with([](KdcReply& r) { r.type = KdcMessage::tgs_rep; }) == ErrorCode::bad_message_type);
  CHECK(exchange.reply(good).has_value());
}

TEST_CASE("what the TGS refuses") {
  Realm realm;
  const Credential granting = realm.initial();
  TgsExchange exchange(granting, controller, realm.etypes, realm.client_random);
  const Bytes good = exchange.request(start);
  CHECK(application_tag(realm.kdc.handle(good, start)) == 13U);
  CHECK(application_tag(realm.kdc.handle(good, start)) == 13U);  // an identical request gets a valid answer

  KdcRequest request = decode_kdc_request(good);
  request.body.nonce += 1;  // no longer what the checksum covers
  CHECK(answer_code(realm.kdc, request) == ErrorCode::modified);
  request = decode_kdc_request(good);
  request.padata.clear();
  CHECK(answer_code(realm.kdc, request) == ErrorCode::padata_type_not_supported);
  CHECK(answer_code(realm.kdc, decode_kdc_request(good), start + default_skew + 1) == ErrorCode::clock_skew);
  request.padata = {{.type = pa_type::tgs_req, .value = Bytes(4)}};
  CHECK(answer_code(realm.kdc, request) == ErrorCode::bad_message_type);

  const auto with_checksum = [&](std::optional<Checksum> checksum) {
    const Key& key = granting.session_key;
    const auto authenticator =
        encode(Authenticator{.crealm = granting.crealm, .cname = cta, .checksum = std::move(checksum), .ctime = start});
    const ApRequest header{
        .ticket = granting.ticket,
        .authenticator = {.etype = 18,
                          .cipher = key.encrypt(KeyUsage::tgs_req_authenticator, authenticator, realm.client_random)}};
    request.padata = {{.type = pa_type::tgs_req, .value = encode(header)}};
    return answer_code(realm.kdc, request);
  };
  CHECK(with_checksum({}) == ErrorCode::inappropriate_checksum);
  CHECK(with_checksum(Checksum{.type = 7, .octets = Bytes(16)}) == ErrorCode::inappropriate_checksum);  // unkeyed MD5
  CHECK(with_checksum(Checksum{.type = 16, .octets = Bytes(12)}) == ErrorCode::modified);

  TgsExchange unknown(granting, parse_principal("nothing/here"), realm.etypes, realm.client_random);
  CHECK(code_of([&] { (void)unknown.reply(realm.kdc.handle(unknown.request(start), start)); }) ==
        ErrorCode::server_unknown);
  TgsExchange other_etype(granting, controller, {Etype::aes128_sha1}, realm.client_random);
  CHECK(code_of([&] { (void)other_etype.reply(realm.kdc.handle(other_etype.request(start), start)); }) ==
        ErrorCode::etype_not_supported);
  const Time after = granting.endtime + default_skew + second;
  CHECK(code_of([&] { (void)exchange.reply(realm.kdc.handle(exchange.request(after), after)); }) ==
        ErrorCode::ticket_expired);
}

TEST_CASE("what a service refuses, in the order of section 3.2.3") {
  Realm realm;
  const Credential credential = realm.service_ticket();
  const Key service_key = realm.kdc.keytab(controller).entries().front().key;
  Service service = realm.service();
  Time nonce = start;
  const auto code_at = [&](ByteView octets, Time now, const std::optional<HostAddress>& from = {}) {
    return code_of([&] { (void)service.accept(octets, now, from); });
  };
  const auto fresh = [&] { return make_ap_request(credential, nonce++, {}, realm.client_random); };
  /// The same ticket with its inside changed and sealed again.
  const auto with_ticket = [&](auto&& change) {
    EncTicketPart part =
        decode_enc_ticket_part(service_key.decrypt(KeyUsage::ticket, credential.ticket.enc_part.cipher));
    change(part);
    Credential changed = credential;
    changed.ticket.enc_part.cipher = service_key.encrypt(KeyUsage::ticket, encode(part), realm.client_random);
    return make_ap_request(changed, nonce++, {}, realm.client_random).octets;
  };
  const auto with_request = [&](auto&& change) {
    ApRequest request = decode_ap_request(fresh().octets);
    change(request);
    return encode(request);
  };

  CHECK(code_at(Bytes(10), start) == ErrorCode::bad_message_type);
  CHECK(code_at(with_request([](ApRequest& r) { r.ticket.enc_part.kvno = 9; }), start) == ErrorCode::bad_key_version);
  CHECK(code_at(with_request([](ApRequest& r) { r.ticket.enc_part.etype = 17; }), start) == ErrorCode::no_key);
  CHECK(code_at(with_request([](ApRequest& r) { r.ticket.sname = cta; }), start) == ErrorCode::no_key);
  CHECK(code_at(with_request([](ApRequest& r) { r.ticket.realm = "OTHER"; }), start) == ErrorCode::no_key);
  CHECK(code_at(with_request([](ApRequest& r) { r.ticket.enc_part.cipher[20] ^= 1; }), start) ==
        ErrorCode::bad_integrity);
  CHECK(code_at(with_request([](ApRequest& r) { r.authenticator.cipher[20] ^= 1; }), start) ==
        ErrorCode::bad_integrity);
  CHECK(code_at(with_request([](ApRequest& r) { r.authenticator.etype = 17; }), start) == ErrorCode::bad_integrity);
  CHECK(code_at(with_ticket([](EncTicketPart& t) { t.cname = controller; }), start) == ErrorCode::bad_match);
  CHECK(code_at(with_ticket([](EncTicketPart& t) { t.crealm = "OTHER"; }), start) == ErrorCode::bad_match);

  const HostAddress here{.type = 2, .address = {10, 0, 0, 1}}, there{.type = 2, .address = {10, 0, 0, 2}};
  const auto bound = [&] { return with_ticket([&](EncTicketPart& t) { t.caddr = {here}; }); };
  CHECK(code_at(bound(), start, there) == ErrorCode::bad_address);
  CHECK_FALSE(code_at(bound(), start, here));
  CHECK_FALSE(code_at(bound(), start));

  // Skew before replay: a skewed request says 37 every time and is not remembered.
  const Bytes skewed = fresh().octets;
  CHECK(code_at(skewed, start + hour) == ErrorCode::clock_skew);
  CHECK(code_at(skewed, start + hour) == ErrorCode::clock_skew);
  CHECK(code_at(skewed, start - hour) == ErrorCode::clock_skew);
  CHECK_FALSE(code_at(skewed, start));
  CHECK(code_at(skewed, start) == ErrorCode::repeat);
  CHECK(code_at(skewed, start + minute) == ErrorCode::repeat);
  // The same client nonce encrypted afresh.
  CHECK(code_at(make_ap_request(credential, nonce - 1, {}, realm.client_random).octets, start) == ErrorCode::repeat);

  CHECK(code_at(with_ticket([](EncTicketPart& t) { t.starttime = start + hour; }), start) ==
        ErrorCode::ticket_not_yet_valid);
  CHECK_FALSE(code_at(with_ticket([](EncTicketPart& t) { t.starttime = start + minute; }), start));
  CHECK(code_at(with_ticket([](EncTicketPart& t) { t.flags |= ticket_flag::invalid; }), start) ==
        ErrorCode::ticket_not_yet_valid);
  CHECK(code_at(with_ticket([](EncTicketPart& t) { t.endtime = start - hour; }), start) == ErrorCode::ticket_expired);
  CHECK_FALSE(code_at(with_ticket([](EncTicketPart& t) { t.endtime = start - minute; }), start));  // within the skew
  // To the microsecond; without a start it is the time of authentication that counts.
  const Time whole = start - 250'000;
  CHECK_FALSE(code_at(with_ticket([&](EncTicketPart& t) { t.endtime = whole - default_skew; }), whole));
  CHECK(code_at(with_ticket([&](EncTicketPart& t) { t.endtime = whole - default_skew; }), whole + 1) ==
        ErrorCode::ticket_expired);
  const auto begins = [&](EncTicketPart& t) { t.starttime = whole + default_skew; };
  CHECK_FALSE(code_at(with_ticket(begins), whole));
  CHECK(code_at(with_ticket(begins), whole - 1) == ErrorCode::ticket_not_yet_valid);
  const auto authenticated = [&](EncTicketPart& t) {
    t.starttime.reset();
    t.authtime = whole + hour;
  };
  CHECK(code_at(with_ticket(authenticated), start) == ErrorCode::ticket_not_yet_valid);

  const KrbError error = decode_krb_error(service.error(ErrorCode::clock_skew, start, "late"));
  CHECK(error.code == ErrorCode::clock_skew);
  CHECK(error.stime == start);
  CHECK(error.sname == controller);
}

TEST_CASE("the replay cache forgets what the clock refuses") {
  const auto entry = [](const std::string& server, const std::string& client, Time nonce) {
    return ReplayCache::Entry{nonce, parse_principal(server), "R", parse_principal(client)};
  };
  ReplayCache cache(minute);
  for (Time t = 0; t < 1000; ++t) CHECK(cache.insert(entry("s", "c", start + t), start + t));
  CHECK(cache.size() == 1000);
  CHECK_FALSE(cache.insert(entry("s", "c", start), start + minute));
  CHECK(cache.insert(entry("s", "d", start), start + minute));
  CHECK(cache.insert(entry("t", "c", start), start + minute));
  CHECK(cache.insert(entry("s", "c", start + 2 * minute), start + 2 * minute));
  CHECK(cache.size() == 1);
}

TEST_CASE("a replay cache with more forgotten than it may list takes the two closest together for one stretch") {
  const auto entry = [](Time nonce) {
    return ReplayCache::Entry{nonce, parse_principal("s"), "R", parse_principal("c")};
  };
  ReplayCache cache(minute);
  std::vector<Time> seen;
  for (unsigned i = 0; i < 10; ++i) seen.push_back(i == 0 ? start : seen.back() + (i == 5 ? 10 * minute : hour));
  for (const Time nonce : seen) CHECK(cache.insert(entry(nonce), nonce));
  // The clock is set back, into the middle between two.
  for (unsigned i = 0; i < 8; ++i) {
    const Time between = (seen[i] + seen[i + 1]) / 2;
    ReplayCache then = cache;
    CHECK(then.insert(entry(between), between) == (i != 4));
    CHECK_FALSE(then.insert(entry(seen[i]), seen[i]));
  }
}

TEST_CASE("at the edge of the skew: as far as it goes, and not a microsecond further, for clocks both ways") {
  Realm realm;
  const Credential credential = realm.service_ticket();
  const auto refusal = [&](Time claimed, Time now) {
    Service service = realm.service();
    return code_of(
        [&] { (void)service.accept(make_ap_request(credential, claimed, {}, realm.client_random).octets, now); });
  };
  CHECK(refusal(start + default_skew, start) == std::nullopt);
  CHECK(refusal(start - default_skew, start) == std::nullopt);
  CHECK(refusal(start + default_skew + 1, start) == ErrorCode::clock_skew);
  CHECK(refusal(start - default_skew - 1, start) == ErrorCode::clock_skew);
  // What a clock ahead by the skew made is remembered until the clock itself refuses it.
  Service service = realm.service();
  const Bytes early = make_ap_request(credential, start + default_skew, {}, realm.client_random).octets;
  (void)service.accept(early, start);
  for (const Time later : {Time{1}, default_skew - 1, 2 * default_skew}) {
    (void)service.accept(make_ap_request(credential, start + later, {}, realm.client_random).octets, start + later);
    CHECK(code_of([&] { (void)service.accept(early, start + later); }) == ErrorCode::repeat);
  }
  CHECK(code_of([&] { (void)service.accept(early, start + 2 * default_skew + 1); }) == ErrorCode::clock_skew);
}

TEST_CASE("principals of the same text but other components are two in the replay cache") {
  ReplayCache cache;
  const PrincipalName one{.components = {"a/b"}}, two{.components = {"a", "b"}};
  CHECK(cache.insert({start, controller, "R", one}, start));
  CHECK(cache.insert({start, controller, "R", two}, start));
  CHECK(cache.insert({start, controller, "R/a", parse_principal("b")}, start));
  CHECK_FALSE(cache.insert({start, controller, "R", two}, start));
}

TEST_CASE("a lost replay cache refuses what a fast clock made, for as long as it would pass the skew check") {
  Realm realm;
  Service service = realm.service();
  const Credential credential = realm.service_ticket();
  const Time ahead = start + default_skew - second;
  const Bytes request = make_ap_request(credential, ahead, {}, realm.client_random).octets;
  CHECK_FALSE(code_of([&] { (void)service.accept(request, start); }));
  service.replay_cache().lose(start);
  CHECK(service.replay_cache().size() == 0);
  for (const Time now : {start, start + default_skew + second, ahead + default_skew}) {
    CHECK(code_of([&] { (void)service.accept(request, now); }) == ErrorCode::repeat);
  }
  CHECK(code_of([&] { (void)service.accept(request, ahead + default_skew + 1); }) == ErrorCode::clock_skew);
  const Bytes fresh = make_ap_request(credential, start + default_skew + 1, {}, realm.client_random).octets;
  CHECK_FALSE(code_of([&] { (void)service.accept(fresh, start + second); }));
}

TEST_CASE("authorization data that must be understood, and is not, is refused") {
  Realm realm;
  const Credential credential = realm.service_ticket();
  const Key service_key = realm.kdc.keytab(controller).entries().front().key;
  Service service = realm.service();
  Time nonce = start;
  const auto code_with = [&](std::int32_t in_ticket, std::int32_t in_authenticator) {
    EncTicketPart part =
        decode_enc_ticket_part(service_key.decrypt(KeyUsage::ticket, credential.ticket.enc_part.cipher));
    if (in_ticket != 0) part.authorization_data = {{.type = in_ticket, .data = Bytes(4)}};
    Authenticator authenticator{.crealm = credential.crealm, .cname = credential.cname, .ctime = nonce++};
    if (in_authenticator != 0) authenticator.authorization_data = {{.type = in_authenticator, .data = Bytes(4)}};
    ApRequest request{.ticket = credential.ticket};
    request.ticket.enc_part.cipher = service_key.encrypt(KeyUsage::ticket, encode(part), realm.client_random);
    request.authenticator = {.etype = 18,
                             .cipher = credential.session_key.encrypt(KeyUsage::ap_req_authenticator,
                                                                      encode(authenticator), realm.client_random)};
    return code_of([&] { (void)service.accept(encode(request), start); });
  };
  CHECK_FALSE(code_with(0, 0));
  CHECK_FALSE(code_with(ad_type::if_relevant, 0));
  CHECK_FALSE(code_with(0, ad_type::if_relevant));
  for (const std::int32_t critical : {4, 5, 8, 128, 99, -1}) {
    CHECK(code_with(critical, 0) == ErrorCode::policy);
    CHECK(code_with(0, critical) == ErrorCode::policy);
  }
}
