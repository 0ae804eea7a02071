// SPDX-License-Identifier: Apache-2.0
// The model's client and service against MIT's krb5kdc and libkrb5, over real UDP and TCP.
#include "bed/kdc_client.hpp"
#include "catch.hpp"
#include "reveille/kerberos/service.hpp"
#include "system/mit_support.hpp"

using namespace reveille;
using namespace reveille::bed;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

MitRealm& mit() {
  static MitRealm realm = four_etypes_realm();
  return realm;
}

SystemRandom& system_random() {
  static SystemRandom random;
  return random;
}

KdcClient kdc_over(Transport transport) { return {"127.0.0.1", mit().port(), transport}; }

Credential service_credential(Etype etype, Transport transport = Transport::udp) {
  const KdcClient kdc = kdc_over(transport);
  const Credential granting = kdc.get_initial(client_of(etype), realm_name, password, {etype}, system_random());
  return kdc.get_service(granting, service_of(etype), {etype}, system_random());
}

std::string service_keytab_path(Etype etype) {
  const std::filesystem::path path = mit().folder() / ("service" + std::to_string(static_cast<int>(etype)) + ".keytab");
  if (!std::filesystem::exists(path)) mit().keytab({to_string(service_of(etype))}).save(path);
  return path;
}

std::optional<ErrorCode> refusal(auto&& action) {
  try {
    (void)action();
  } catch (const ProtocolError& error) {
    return error.code();
  }
  return {};
}

}  // namespace

TEST_CASE("AS with pre-authentication and TGS at MIT's KDC") {
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    for (const Etype etype : all_etypes()) {
      const KdcClient kdc = kdc_over(transport);
      const Credential granting = kdc.get_initial(client_of(etype), realm_name, password, {etype}, system_random());
      CHECK(granting.session_key.etype() == etype);
      CHECK((granting.flags & ticket_flag::pre_authent) != 0);
      const Credential service = kdc.get_service(granting, service_of(etype), {etype}, system_random());
      CHECK(service.session_key.etype() == etype);
      CHECK(service.cname == client_of(etype));

      // The ticket opens with the key that kadmin.local exported, and holds what the reply promised.
      const Keytab keytab = mit().keytab({to_string(service_of(etype))});
      const EncryptedData& sealed = service.ticket.enc_part;
      const KeytabEntry* entry = keytab.find(realm_name, service_of(etype), sealed.etype, sealed.kvno);
      REQUIRE(entry != nullptr);
      const auto octets = entry->key.decrypt(KeyUsage::ticket, sealed.cipher);
      const EncTicketPart part = decode_enc_ticket_part(octets);
      CHECK(part.key == service.session_key);
      CHECK(part.cname == client_of(etype));
      CHECK(part.endtime == service.endtime);
      CHECK(encode(part) == octets);  // MIT's own encoding, octet for octet
      CHECK(decode_ticket(encode(service.ticket)) == service.ticket);
    }
  }
}

TEST_CASE("our encoding is MIT's, octet for octet") {
  const KdcClient kdc = kdc_over(Transport::tcp);
  const Etype etype = Etype::aes256_sha1;
  const PrincipalName client = client_of(etype);
  AsExchange as(client, realm_name, password, {etype}, system_random());
  const Bytes demand = kdc.exchange(as.request(wall_clock()));
  const KrbError error = decode_krb_error(demand);
  CHECK(error.code == ErrorCode::preauth_required);
  CHECK(encode(error) == demand);
  const std::vector<PaData> method_data = decode_method_data(error.data);
  CHECK(encode(method_data) == error.data);
  bool seen = false;
  for (const PaData& data : method_data) {
    if (data.type != pa_type::etype_info2) continue;
    seen = true;
    CHECK(encode(decode_etype_info2(data.value)) == data.value);
  }
  CHECK(seen);

  CHECK_FALSE(as.reply(demand));
  const Bytes octets = kdc.exchange(as.request(wall_clock()));
  const KdcReply reply = decode_kdc_reply(octets);
  CHECK(encode(reply) == octets);
  const Key key = Key::from_password(etype, password, default_salt(realm_name, client));
  const auto inside = key.decrypt(KeyUsage::as_rep, reply.enc_part.cipher);
  const EncKdcReplyPart part = decode_enc_kdc_reply_part(inside);
  CHECK(application_tag(inside) == 26U);  // not 25
  CHECK(encode(part, KdcMessage::tgs_rep) == inside);
  const Credential granting = as.reply(octets).value();

  TgsExchange tgs(granting, service_of(etype), {etype}, system_random());
  const Bytes tgs_octets = kdc.exchange(tgs.request(wall_clock()));
  CHECK(encode(decode_kdc_reply(tgs_octets)) == tgs_octets);
}

TEST_CASE("a long-term key serves as well as the password") {
  const Etype etype = Etype::aes128_sha256;
  const Key key = mit().keytab({to_string(client_of(etype))}).entries().front().key;
  CHECK(key == Key::from_password(etype, password, default_salt(realm_name, client_of(etype))));
  CHECK(kdc_over(Transport::udp).get_initial(client_of(etype), realm_name, key, {etype}, system_random()).cname ==
        client_of(etype));
}

TEST_CASE("MIT's refusals arrive with their codes") {
  const KdcClient kdc = kdc_over(Transport::udp);
  const Etype etype = Etype::aes256_sha1;
  const auto initial = [&](const PrincipalName& client, const Secret& secret, const std::string& realm) {
    return refusal([&] { return kdc.get_initial(client, realm, secret, {etype}, system_random()); });
  };
  CHECK(initial(client_of(etype), "wrong", realm_name) == ErrorCode::preauth_failed);
  CHECK(initial(parse_principal("nobody"), password, realm_name) == ErrorCode::client_unknown);
  CHECK(initial(client_of(etype), password, "OTHER.TEST") == ErrorCode::client_unknown);
  const Credential granting = kdc.get_initial(client_of(etype), realm_name, password, {etype}, system_random());
  CHECK(refusal([&] { return kdc.get_service(granting, parse_principal("no/where"), {etype}, system_random()); }) ==
        ErrorCode::server_unknown);
  CHECK_THROWS_WITH(KdcClient("127.0.0.1", free_loopback_port(), Transport::tcp).exchange(Bytes(3)),
                    ContainsSubstring("KDC at 127.0.0.1") && ContainsSubstring("TCP"));
  // MIT is silent at what it cannot decode.
  CHECK_THROWS_WITH(
      KdcClient("127.0.0.1", mit().port(), Transport::udp, std::chrono::milliseconds(150)).exchange(Bytes(3)),
      ContainsSubstring("no answer"));
}

TEST_CASE("libkrb5 accepts our AP-REQ, and we its AP-REP") {
  const Krb5 krb5(mit().environment());
  ClientClock clock;
  for (const Etype etype : all_etypes()) {
    const Credential credential = service_credential(etype);
    for (const bool extras : {false, true}) {
      const SentApRequest sent = make_ap_request(credential, clock.next(wall_clock()),
                                                 {.subkey = extras, .sequence_number = extras}, system_random());
      krb5_keytab opened = nullptr;
      krb5.require(krb5_kt_resolve(krb5, service_keytab_path(etype).c_str(), &opened), "keytab");
      const auto keytab = krb5.own(opened, krb5_kt_close);
      const auto server = krb5.principal(service_of(etype));
      const auto context = krb5.auth_context(KRB5_AUTH_CONTEXT_DO_TIME | (extras ? KRB5_AUTH_CONTEXT_DO_SEQUENCE : 0) |
                                             (extras ? KRB5_AUTH_CONTEXT_USE_SUBKEY : 0));
      const krb5_data request = data_of(sent.octets);
      krb5_flags options = 0;
      krb5_auth_context raw = context.get();
      krb5.require(krb5_rd_req(krb5, &raw, &request, server.get(), keytab.get(), &options, nullptr), "krb5_rd_req");
      CHECK((options & AP_OPTS_MUTUAL_REQUIRED) != 0);

      krb5_authenticator* seen = nullptr;
      krb5.require(krb5_auth_con_getauthenticator(krb5, raw, &seen), "authenticator");
      const auto authenticator = krb5.own(seen, krb5_free_authenticator);
      CHECK(authenticator->ctime == static_cast<krb5_timestamp>(sent.client_nonce / second));
      CHECK(authenticator->cusec == microseconds_of(sent.client_nonce));
      CHECK((authenticator->subkey != nullptr) == extras);
      if (extras) CHECK(key_of(*authenticator->subkey) == sent.subkey);
      if (extras) CHECK(static_cast<std::uint32_t>(authenticator->seq_number) == sent.sequence_number);

      krb5_data made = {};
      krb5.require(krb5_mk_rep(krb5, raw, &made), "krb5_mk_rep");
      const Bytes octets = octets_of(krb5, made);
      const EncApReplyPart part = verify_ap_reply(octets, sent);
      CHECK(part.ctime == sent.client_nonce);
      CHECK(part.sequence_number.has_value() == extras);
      CHECK(part.subkey.has_value() == extras);
      CHECK(encode(decode_ap_reply(octets)) == octets);

      // The same request again is a replay to libkrb5 too.
      const auto again = krb5.auth_context(KRB5_AUTH_CONTEXT_DO_TIME);
      raw = again.get();
      CHECK(krb5_rd_req(krb5, &raw, &request, server.get(), keytab.get(), &options, nullptr) == KRB5KRB_AP_ERR_REPEAT);
    }
  }
}

TEST_CASE("we accept libkrb5's AP-REQ, and it our AP-REP") {
  const Krb5 krb5(mit().environment());
  for (const Etype etype : all_etypes()) {
    const auto client = krb5.principal(client_of(etype));
    const auto server = krb5.principal(service_of(etype));
    krb5_creds initial = {};
    krb5.require(
        krb5_get_init_creds_password(krb5, &initial, client.get(), password, nullptr, nullptr, 0, nullptr, nullptr),
        "krb5_get_init_creds_password");
    krb5_ccache opened = nullptr;
    krb5.require(krb5_cc_new_unique(krb5, "MEMORY", nullptr, &opened), "ccache");
    const auto cache = krb5.own(opened, krb5_cc_destroy);
    krb5.require(krb5_cc_initialize(krb5, cache.get(), client.get()), "ccache");
    krb5.require(krb5_cc_store_cred(krb5, cache.get(), &initial), "ccache");
    krb5_free_cred_contents(krb5, &initial);
    krb5_creds wanted = {};
    wanted.client = client.get();
    wanted.server = server.get();
    krb5_creds* got = nullptr;
    krb5.require(krb5_get_credentials(krb5, 0, cache.get(), &wanted, &got), "krb5_get_credentials");
    const auto credential = krb5.own(got, krb5_free_creds);

    const auto context = krb5.auth_context(KRB5_AUTH_CONTEXT_DO_TIME | KRB5_AUTH_CONTEXT_DO_SEQUENCE);
    krb5_auth_context raw = context.get();
    krb5_data made = {};
    krb5.require(krb5_mk_req_extended(krb5, &raw, AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY, nullptr, got, &made),
                 "krb5_mk_req_extended");
    const Bytes request = octets_of(krb5, made);
    CHECK(encode(decode_ap_request(request)) == request);

    Service service(realm_name, service_of(etype), mit().keytab({to_string(service_of(etype))}));
    const AcceptedApRequest accepted = service.accept(request, wall_clock());
    CHECK(accepted.cname == client_of(etype));
    CHECK(accepted.mutual_required);
    CHECK(accepted.session_key == key_of(credential->keyblock));
    CHECK(accepted.session_key.etype() == etype);
    CHECK(accepted.subkey.has_value());
    CHECK(accepted.sequence_number.has_value());
    CHECK(refusal([&] { return service.accept(request, wall_clock()); }) == ErrorCode::repeat);

    const Key subkey = Key::random(etype, system_random());
    const Bytes reply = Service::reply(accepted, subkey, 5, system_random());
    const krb5_data given = data_of(reply);
    krb5_ap_rep_enc_part* opened_reply = nullptr;
    krb5.require(krb5_rd_rep(krb5, raw, &given, &opened_reply), "krb5_rd_rep");
    const auto part = krb5.own(opened_reply, krb5_free_ap_rep_enc_part);
    CHECK(key_of(*part->subkey) == subkey);
    CHECK(part->seq_number == 5);
  }
}
