// SPDX-License-Identifier: Apache-2.0
#include "kerberos/kdc.hpp"

#include <algorithm>
#include <cstdlib>

#include "kerberos/hash.hpp"
#include "kerberos/service.hpp"

namespace reveille::kerberos {
namespace {

constexpr std::int32_t domain_x500_compress = 1;  // transited encoding

std::int32_t number(Etype etype) { return static_cast<std::int32_t>(etype); }

Time whole_seconds(Time time) { return time - microseconds_of(time); }

const PaData* find(const std::vector<PaData>& padata, std::int32_t type) {
  const auto found = std::ranges::find(padata, type, &PaData::type);
  return found == padata.end() ? nullptr : &*found;
}

const PrincipalName& service_of(const KdcRequest& request) {
  if (!request.body.sname) throw ProtocolError(ErrorCode::server_unknown, "no service named");
  return *request.body.sname;
}

/// What a client needs to make its keys, in the order that it asked in.
Bytes etype_info2(const KdcRequest& request, const Keytab& keys) {
  const PrincipalName& client = request.body.cname.value();
  std::vector<EtypeInfo2Entry> entries;
  for (const std::int32_t etype : request.body.etypes) {
    if (keys.find(request.body.realm, client, etype) == nullptr) continue;
    entries.push_back({.etype = etype, .salt = default_salt(request.body.realm, client)});
  }
  if (entries.empty()) throw ProtocolError(ErrorCode::etype_not_supported, "no key of an etype asked for");
  return encode(entries);
}

/// The long-term key that an AS-REP to this client is encrypted in: the first that it asked for.
const KeytabEntry& client_key(const KdcRequest& request, const Keytab& keys) {
  for (const std::int32_t etype : request.body.etypes) {
    const KeytabEntry* entry = keys.find(request.body.realm, request.body.cname.value(), etype);
    if (entry != nullptr) return *entry;
  }
  throw ProtocolError(ErrorCode::etype_not_supported, "no key of an etype asked for");
}

}  // namespace

Kdc::Kdc(std::string realm, RandomSource& random, KdcPolicy policy, Etype tgs_etype)
    : realm_(std::move(realm)), random_(random), policy_(policy) {
  add_random(ticket_granting_service(realm_), {tgs_etype});
}

void Kdc::add_key(const PrincipalName& name, Key key, std::uint32_t kvno) {
  keys_.add({.realm = realm_, .principal = name, .kvno = kvno, .key = std::move(key)});
}

void Kdc::add_password(const PrincipalName& name, std::string_view password, const std::vector<Etype>& etypes) {
  for (const Etype etype : etypes) add_key(name, Key::from_password(etype, password, default_salt(realm_, name)));
}

void Kdc::add_random(const PrincipalName& name, const std::vector<Etype>& etypes) {
  for (const Etype etype : etypes) add_key(name, Key::random(etype, random_));
}

Keytab Kdc::keytab(const PrincipalName& name) const {
  Keytab held;
  for (const KeytabEntry& entry : keys_.entries()) {
    if (entry.principal == name) held.add(entry);
  }
  if (held.entries().empty()) throw Error(ErrorKind::bad_input, "no principal " + to_string(name) + " in " + realm_);
  return held;
}

Bytes Kdc::handle(ByteView request_octets, Time now) {
  std::optional<KdcRequest> request;
  try {
    request = decode_kdc_request(request_octets);
  } catch (const Error&) {
    return {};
  }
  KrbError refusal{.stime = now,
                   .crealm = request->body.cname ? std::optional(request->body.realm) : std::nullopt,
                   .cname = request->body.cname,
                   .realm = realm_,
                   .sname = request->body.sname.value_or(ticket_granting_service(realm_))};
  try {
    return request->type == KdcMessage::as_req ? answer_as(*request, now) : answer_tgs(*request, now);
  } catch (const ProtocolError& error) {
    refusal.code = error.code();
    refusal.text = error.what();
    if (error.code() == ErrorCode::preauth_required || error.code() == ErrorCode::preauth_failed) {
      refusal.data = encode(std::vector<PaData>{{.type = pa_type::etype_info2, .value = etype_info2(*request, keys_)},
                                                {.type = pa_type::enc_timestamp}});
    }
  }
  return encode(refusal);
}

Bytes Kdc::answer_as(const KdcRequest& request, Time now) {
  const KdcRequestBody& body = request.body;
  if (body.realm != realm_ || !body.cname || !keys_.holds(realm_, *body.cname)) {
    throw ProtocolError(ErrorCode::client_unknown, "no such client");
  }
  if (!keys_.holds(realm_, service_of(request))) throw ProtocolError(ErrorCode::server_unknown, "no such service");
  const KeytabEntry& reply_key = client_key(request, keys_);
  check_preauthentication(request, now);
  const EncTicketPart ticket{.flags = ticket_flag::initial | ticket_flag::pre_authent,
                             .key = reply_key.key,  // issue() draws the session key
                             .crealm = realm_,
                             .cname = *body.cname,
                             .authtime = whole_seconds(now),
                             .endtime = now + policy_.ticket_lifetime};
  const std::vector<EtypeInfo2Entry> info = {
      {.etype = number(reply_key.key.etype()), .salt = default_salt(realm_, *body.cname)}};
  return issue(request, ticket, reply_key.key, KeyUsage::as_rep, now, reply_key.kvno,
               {{.type = pa_type::etype_info2, .value = encode(info)}});
}

void Kdc::check_preauthentication(const KdcRequest& request, Time now) const {
  const PaData* data = find(request.padata, pa_type::enc_timestamp);
  if (data == nullptr) throw ProtocolError(ErrorCode::preauth_required, "encrypted timestamp wanted");
  Time claimed = 0;
  try {
    const EncryptedData sealed = decode_encrypted_data(data->value);
    const KeytabEntry* entry = keys_.find(realm_, request.body.cname.value(), sealed.etype);
    if (entry == nullptr) throw ProtocolError(ErrorCode::preauth_failed, "timestamp under another etype");
    claimed = decode_pa_timestamp(entry->key.decrypt(KeyUsage::pa_enc_timestamp, sealed.cipher));
  } catch (const Error& error) {
    throw ProtocolError(ErrorCode::preauth_failed, error.what());
  }
  if (std::abs(claimed - now) > policy_.skew) throw ProtocolError(ErrorCode::clock_skew, "pre-authentication time");
}

Bytes Kdc::answer_tgs(const KdcRequest& request, Time now) {
  const PaData* data = find(request.padata, pa_type::tgs_req);
  if (data == nullptr) throw ProtocolError(ErrorCode::padata_type_not_supported, "no PA-TGS-REQ");
  const PrincipalName granting = ticket_granting_service(realm_);
  const AcceptedApRequest header = open_ap_request(
      data->value,
      {.realm = realm_, .name = granting, .keytab = keys_, .authenticator_usage = KeyUsage::tgs_req_authenticator});
  if (!header.checksum || header.checksum->type != checksum_type(header.session_key.etype())) {
    throw ProtocolError(ErrorCode::inappropriate_checksum, "the session key's own checksum wanted");
  }
  const Bytes expected = header.session_key.checksum(KeyUsage::tgs_req_checksum, request.body_octets);
  if (!equal_constant_time(expected, header.checksum->octets)) {
    throw ProtocolError(ErrorCode::modified, "checksum over KDC-REQ-BODY");
  }
  admit_ap_request(header, granting, now, policy_.skew, nullptr);
  if (request.body.realm != realm_ || !keys_.holds(realm_, service_of(request))) {
    throw ProtocolError(ErrorCode::server_unknown, "no such service");
  }
  EncTicketPart ticket = header.ticket;
  ticket.flags &= ticket_flag::pre_authent;
  ticket.endtime = std::min(ticket.endtime, now + policy_.ticket_lifetime);
  ticket.renew_till.reset();
  return issue(request, std::move(ticket), header.subkey.value_or(header.session_key),
               header.subkey ? KeyUsage::tgs_rep_subkey : KeyUsage::tgs_rep_session_key, now, {}, {});
}

/// Section 3.1.3: the first etype of the client's that the service understands. It understands those that it has keys
/// of, and the ticket-granting service, which is this program, all.
Etype Kdc::session_etype(const KdcRequest& request) const {
  const PrincipalName& service = service_of(request);
  const bool granting = service == ticket_granting_service(realm_);
  for (const std::int32_t wanted : request.body.etypes) {
    const std::optional<Etype> etype = to_etype(wanted);
    if (etype && (granting || keys_.find(realm_, service, wanted) != nullptr)) return *etype;
  }
  throw ProtocolError(ErrorCode::etype_not_supported, "no session key of an etype asked for");
}

Bytes Kdc::issue(const KdcRequest& request, EncTicketPart ticket, const Key& reply_key, KeyUsage usage, Time now,
                 std::optional<std::uint32_t> reply_kvno, std::vector<PaData> padata) {
  const KdcRequestBody& body = request.body;
  const PrincipalName& service = service_of(request);
  ticket.key = Key::random(session_etype(request), random_);
  ticket.transited_type = domain_x500_compress;
  ticket.starttime = whole_seconds(now);
  if (body.till != 0) ticket.endtime = std::min(ticket.endtime, body.till);  // the epoch stands for "as long as may be"
  ticket.endtime = whole_seconds(ticket.endtime);
  if (ticket.endtime <= *ticket.starttime) throw ProtocolError(ErrorCode::never_valid, "would end before it starts");

  const auto held = std::ranges::find(keys_.entries(), service, &KeytabEntry::principal);
  const KdcMessage type = request.type == KdcMessage::as_req ? KdcMessage::as_rep : KdcMessage::tgs_rep;
  const EncKdcReplyPart part{.key = ticket.key,
                             .last_requests = {{.type = 0, .value = whole_seconds(now)}},
                             .nonce = body.nonce,
                             .flags = ticket.flags,
                             .authtime = ticket.authtime,
                             .starttime = ticket.starttime,
                             .endtime = ticket.endtime,
                             .srealm = realm_,
                             .sname = service,
                             .caddr = ticket.caddr};
  return encode(
      KdcReply{.type = type,
               .padata = std::move(padata),
               .crealm = ticket.crealm,
               .cname = ticket.cname,
               .ticket = {.realm = realm_,
                          .sname = service,
                          .enc_part = {.etype = number(held->key.etype()),
                                       .kvno = held->kvno,
                                       .cipher = held->key.encrypt(KeyUsage::ticket, encode(ticket), random_)}},
               .enc_part = {.etype = number(reply_key.etype()),
                            .kvno = reply_kvno,
                            .cipher = reply_key.encrypt(usage, encode(part, type), random_)}});
}

}  // namespace reveille::kerberos
