// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reveille/kerberos/kdc.hpp"
#include "reveille/kerberos/messages.hpp"

/// Requests to a KDC, right ones or wrong in one thing each.
namespace reveille::kerberos::test {

/// A realm whose keys are all known, so that anything can be sealed.
struct KnownRealm {
  std::string name;
  Keytab keys;  ///< krbtgt, cta1, cta2 (a user with a password), the service
  PrincipalName client = parse_principal("cta1");
  PrincipalName user = parse_principal("cta2");
  PrincipalName service = parse_principal("mtaprovsrvr/ctl1.reveille.test");
  Etype etype = Etype::aes256_sha1;

  [[nodiscard]] PrincipalName granting() const { return ticket_granting_service(name); }
  /// The ticket-granting service's strongest: MIT opens tickets under no other.
  [[nodiscard]] const KeytabEntry& key_of(const PrincipalName& principal) const {
    const Etype of = principal == granting() ? Etype::aes256_sha384 : etype;
    return *keys.find(name, principal, static_cast<std::int32_t>(of));
  }
};

inline std::int32_t number(Etype etype) { return static_cast<std::int32_t>(etype); }

/// Writes requests, right ones unless told otherwise.
class Forge {
 public:
  Forge(const KnownRealm& realm, Time now, RandomSource& random)
      : realm_(realm), now_(now), random_(random), session_(Key::random(realm.etype, random)) {}

  [[nodiscard]] EncryptedData seal(const Key& key, KeyUsage usage, ByteView plain,
                                   std::optional<std::uint32_t> kvno = {}) const {
    return {.etype = number(key.etype()), .kvno = kvno, .cipher = key.encrypt(usage, plain, random_)};
  }
  [[nodiscard]] KdcRequest as() const {
    KdcRequest request{.type = KdcMessage::as_req,
                       .body = {.cname = realm_.client,
                                .realm = realm_.name,
                                .sname = realm_.granting(),
                                .till = now_ + hour,
                                .nonce = random_.nonce(),
                                .etypes = {number(realm_.etype)}}};
    request.padata = {timestamp(now_)};
    return request;
  }
  [[nodiscard]] PaData timestamp(Time time) const { return timestamp(encode_pa_timestamp(time)); }
  [[nodiscard]] PaData timestamp(ByteView plain) const {
    const Key& key = realm_.key_of(realm_.client).key;
    return {.type = pa_type::enc_timestamp, .value = encode(seal(key, KeyUsage::pa_enc_timestamp, plain))};
  }
  [[nodiscard]] Bytes as(const std::function<void(KdcRequest&)>& change) const {
    KdcRequest request = as();
    change(request);
    return encode(request);
  }

  /// What a TGS-REQ is made of.
  struct Tgs {
    EncTicketPart ticket;
    PrincipalName ticket_for;
    std::string ticket_realm;
    KeytabEntry ticket_key;
    Authenticator authenticator;
    Key authenticator_key;
    KdcRequestBody body;
    bool checksum = true;
    std::function<void(ApRequest&)> header = [](ApRequest&) {};
    std::function<void(KdcRequest&)> request = [](KdcRequest&) {};
  };
  [[nodiscard]] EncTicketPart ticket() const {
    return {.flags = ticket_flag::initial | ticket_flag::pre_authent,
            .key = session_,
            .crealm = realm_.name,
            .cname = realm_.client,
            .transited_type = 1,
            .authtime = now_ - minute,
            .starttime = now_ - minute,
            .endtime = now_ + hour};
  }
  [[nodiscard]] Ticket sealed(const EncTicketPart& part, const PrincipalName& service, const KeytabEntry& under) const {
    return {.realm = realm_.name,
            .sname = service,
            .enc_part = seal(under.key, KeyUsage::ticket, encode(part), under.kvno)};
  }
  [[nodiscard]] Bytes tgs(const std::function<void(Tgs&)>& change) const {
    Tgs made{.ticket = ticket(),
             .ticket_for = realm_.granting(),
             .ticket_realm = realm_.name,
             .ticket_key = realm_.key_of(realm_.granting()),
             .authenticator = {.crealm = realm_.name, .cname = realm_.client, .ctime = now_},
             .authenticator_key = session_,
             .body = {.realm = realm_.name,
                      .sname = realm_.service,
                      .till = now_ + hour,
                      .nonce = random_.nonce(),
                      .etypes = {number(realm_.etype)}}};
    change(made);
    if (made.checksum && !made.authenticator.checksum) {
      made.authenticator.checksum = {{.type = checksum_type(session_.etype()),
                                      .octets = session_.checksum(KeyUsage::tgs_req_checksum, encode(made.body))}};
    }
    ApRequest header{
        .ticket = sealed(made.ticket, made.ticket_for, made.ticket_key),
        .authenticator = seal(made.authenticator_key, KeyUsage::tgs_req_authenticator, encode(made.authenticator))};
    header.ticket.realm = made.ticket_realm;
    made.header(header);
    KdcRequest request{.type = KdcMessage::tgs_req, .body = made.body};
    request.padata = {{.type = pa_type::tgs_req, .value = encode(header)}};
    made.request(request);
    return encode(request);
  }
  /// User-to-user, with this ticket.
  [[nodiscard]] Bytes to_user(const std::vector<Ticket>& tickets) const {
    return tgs([&](Tgs& made) {
      made.body.options = kdc_option::enc_tkt_in_skey;
      made.body.sname = realm_.user;
      made.body.additional_tickets = tickets;
    });
  }
  [[nodiscard]] const Key& session() const { return session_; }

 private:
  const KnownRealm& realm_;
  Time now_;
  RandomSource& random_;
  Key session_;
};

}  // namespace reveille::kerberos::test
