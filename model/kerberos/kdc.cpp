// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/kdc.hpp"

#include <algorithm>
#include <cstdlib>

#include "reveille/kerberos/hash.hpp"
#include "reveille/kerberos/service.hpp"

namespace reveille::kerberos {
namespace {

constexpr std::int32_t domain_x500_compress = 1;  // transited encoding

std::int32_t number(Etype etype) { return static_cast<std::int32_t>(etype); }

Time whole_seconds(Time time) { return time - microseconds_of(time); }

/// The long-term key that an AS-REP to this client is encrypted in: the first that it asked for.
const KeytabEntry& client_key(const KdcRequest& request, const Keytab& keys) {
  for (const std::int32_t etype : request.body.etypes) {
    const KeytabEntry* entry = keys.find(request.body.realm, request.body.cname.value(), etype);
    if (entry != nullptr) return *entry;
  }
  throw ProtocolError(ErrorCode::etype_not_supported, "no key of an etype asked for");
}

/// Throws ProtocolError if the request's encrypted timestamp is not the client's, or not of now.
void check_timestamp(const KdcRequest& request, const PaData& data, const Keytab& keys, Time now,
                     const KdcPolicy& policy) {
  Time claimed = 0;
  try {
    const EncryptedData sealed = decode_encrypted_data(data.value);
    const KeytabEntry* entry = keys.find(request.body.realm, request.body.cname.value(), sealed.etype);
    if (entry == nullptr || (!policy.weak_etypes && is_weak(entry->key.etype())))
      throw ProtocolError(ErrorCode::preauth_failed, "timestamp under another etype");
    claimed = decode_pa_timestamp(entry->key.decrypt(KeyUsage::pa_enc_timestamp, sealed.cipher));
  } catch (const Error& error) {
    throw ProtocolError(ErrorCode::preauth_failed, error.what());
  }
  if (std::abs(claimed - now) > policy.skew) throw ProtocolError(ErrorCode::clock_skew, "pre-authentication time");
}

/// The client's key that its encrypted challenge is made of. Throws ProtocolError if that is none, or not of now.
const KeytabEntry& check_challenge(const KdcRequest& request, const PaData& data, const Key& armor, const Keytab& keys,
                                   Time now, Time skew) {
  for (const KeytabEntry& entry : keys.entries()) {
    if (std::ranges::find(request.body.etypes, number(entry.key.etype())) == request.body.etypes.end()) continue;
    Time claimed = 0;
    try {
      claimed = fast::open_challenge(armor, entry.key, fast::Challenger::client, data.value);
    } catch (const Error&) {
      continue;
    }
    if (std::abs(claimed - now) > skew) throw ProtocolError(ErrorCode::clock_skew, "pre-authentication time");
    return entry;
  }
  throw ProtocolError(ErrorCode::preauth_failed, "challenge under none of the client's keys");
}

/// Whether a ticket with these may be nothing but armour (RFC 6113 section 5.4.1.1).
bool are_for_armor(const std::vector<AuthorizationElement>& data) {
  return std::ranges::any_of(data, [](const AuthorizationElement& element) {
    if (element.type != ad_type::if_relevant) return element.type == ad_type::fx_armor;
    try {
      const std::vector<AuthorizationElement> inner = decode_authorization_data(element.data);
      return std::ranges::find(inner, ad_type::fx_armor, &AuthorizationElement::type) != inner.end();
    } catch (const Error&) {
      return false;  // another's to understand
    }
  });
}

/// Refuses what would be granted otherwise than asked for.
void check_options(const KdcRequest& request, Time now, Time skew) {
  const bool as = request.type == KdcMessage::as_req;
  std::uint32_t refused = kdc_option::forwarded | kdc_option::proxy | kdc_option::constrained_delegation |
                          kdc_option::renew | kdc_option::validate;
  refused |= as ? kdc_option::enc_tkt_in_skey : kdc_option::postdated;
  if ((request.body.options & refused) != 0) throw ProtocolError(ErrorCode::bad_option, "an option that is not there");
  if (as && request.body.enc_authorization_data) {
    throw ProtocolError(ErrorCode::bad_option, "authorization data in an AS-REQ");
  }
  if ((request.body.options & kdc_option::postdated) != 0 || request.body.from.value_or(now) > now + skew) {
    throw ProtocolError(ErrorCode::cannot_postdate, "tickets start now");
  }
}

/// The client's own authorization data, for the new ticket (section 3.3.3).
std::vector<AuthorizationElement> requested_authorization(const KdcRequest& request, const AcceptedApRequest& header) {
  if (!request.body.enc_authorization_data) return {};
  const Key& key = header.subkey ? *header.subkey : header.session_key;
  const KeyUsage usage =
      header.subkey ? KeyUsage::tgs_req_authorization_subkey : KeyUsage::tgs_req_authorization_session_key;
  try {
    if (request.body.enc_authorization_data->etype != number(key.etype())) {
      throw Error(ErrorKind::crypto, "authorization data under another etype");
    }
    return decode_authorization_data(key.decrypt(usage, request.body.enc_authorization_data->cipher));
  } catch (const Error& error) {
    throw ProtocolError(ErrorCode::bad_integrity, error.what());
  }
}

}  // namespace

Kdc::Kdc(std::string realm, RandomSource& random, KdcPolicy policy, Etype tgs_etype)
    : realm_(std::move(realm)), random_(random), policy_(policy) {
  add_random(ticket_granting_service(realm_), {tgs_etype});
}

Kdc::Kdc(std::string realm, PrincipalDatabase& database, RandomSource& random, KdcPolicy policy)
    : realm_(std::move(realm)), random_(random), policy_(policy), database_(&database) {}

void KdcPrincipal::add(const KeytabEntry& entry) {
  if (!current.entries().empty() && current.entries().front().kvno < entry.kvno) current = {};
  if (current.entries().empty() || current.entries().front().kvno == entry.kvno) current.add(entry);
  keys.add(entry);
}

const Kdc::Principal* Kdc::find(const PrincipalName& name) const {
  const auto own = principals_.find(name);
  if (own != principals_.end()) return &own->second;
  return database_ != nullptr ? database_->find(name) : nullptr;
}

const Kdc::Principal& Kdc::granting_service() const {
  const Principal* granting = find(ticket_granting_service(realm_));
  if (granting == nullptr) throw ProtocolError(ErrorCode::server_unknown, "no ticket-granting service");
  return *granting;
}

void Kdc::add_key(const PrincipalName& name, Key key, std::uint32_t kvno) {
  const KeytabEntry entry{.realm = realm_, .principal = name, .kvno = kvno, .key = std::move(key)};
  principals_[name].add(entry);
  keys_.add(entry);
}

void Kdc::add_password(const PrincipalName& name, const Password& password, const std::vector<Etype>& etypes) {
  for (const Etype etype : etypes) add_key(name, Key::from_password(etype, password, default_salt(realm_, name)));
  principals_[name].has_password = true;
}

void Kdc::add_random(const PrincipalName& name, const std::vector<Etype>& etypes) {
  for (const Etype etype : etypes) add_key(name, Key::random(etype, random_));
}

Keytab Kdc::keytab(const PrincipalName& name) const {
  const Principal* found = find(name);
  if (found == nullptr) throw Error(ErrorKind::bad_input, "no principal " + to_string(name) + " in " + realm_);
  return found->keys;
}

Bytes Kdc::handle(ByteView request_octets, Time now, const std::optional<HostAddress>& from) {
  Asked asked{.request = {}, .octets = request_octets, .now = now, .from = from};
  try {
    asked.request = decode_kdc_request(request_octets);
  } catch (const Error&) {
    return {};
  }
  drop_weak(asked.request.body);
  try {
    return asked.request.type == KdcMessage::as_req ? answer_as(asked) : answer_tgs(asked);
  } catch (const ProtocolError& error) {
    return answer_error(asked, error.code(), error.what());
  } catch (const DatabaseError&) {
    throw;
  } catch (const Error& error) {
    return answer_error(asked, ErrorCode::generic, error.what());
  }
}

void Kdc::drop_weak(KdcRequestBody& body) const {
  std::erase_if(body.etypes, [this](std::int32_t number) {
    const std::optional<Etype> etype = to_etype(number);
    return etype && !permits(*etype);
  });
}

Bytes Kdc::refuse(ErrorCode code, Time now) const {
  return encode(KrbError{.stime = now, .code = code, .realm = realm_, .sname = ticket_granting_service(realm_)});
}

const Kdc::Principal& Kdc::service_of(const KdcRequest& request) const {
  const auto& name = request.body.sname;
  const Principal* found = name && request.body.realm == realm_ ? find(*name) : nullptr;
  if (found == nullptr) throw ProtocolError(ErrorCode::server_unknown, "no such service");
  return *found;
}

Bytes Kdc::answer_as(Asked& asked) {
  take_off_armor(asked, nullptr);
  const KdcRequest& request = asked.request;
  const KdcRequestBody& body = request.body;
  const Time now = asked.now;
  const Principal* client = body.cname && body.realm == realm_ ? find(*body.cname) : nullptr;
  if (client == nullptr) throw ProtocolError(ErrorCode::client_unknown, "no such client");
  const SealingKey service_key = sealing_key(service_of(request));
  check_options(request, now, policy_.skew);
  EncTicketPart ticket{.flags = ticket_flag::initial | ticket_flag::pre_authent,
                       .key = service_key.key,  // issue() draws the session key
                       .crealm = realm_,
                       .cname = *body.cname,
                       .authtime = whole_seconds(now),
                       .endtime = now + policy_.ticket_lifetime,
                       .caddr = body.addresses};
  const PaData* certificate = find_padata(request.padata, pa_type::pk_as_req);
  if (certificate != nullptr && certificates_) {
    return answer_certificate(asked, *certificate, std::move(ticket), service_key);
  }
  const PaData* proof =
      find_padata(request.padata, asked.armor ? pa_type::encrypted_challenge : pa_type::enc_timestamp);
  if (certificates_ && proof == nullptr) {
    throw ProtocolError(ErrorCode::preauth_required, "a signature, an encrypted timestamp or a challenge wanted");
  }
  const Keytab& keys = client->current;
  const KeytabEntry* reply_key = &client_key(request, keys);
  if (proof == nullptr) {
    throw ProtocolError(ErrorCode::preauth_required, asked.armor ? "challenge wanted" : "encrypted timestamp wanted");
  }
  std::vector<PaData> padata;
  if (asked.armor) {
    reply_key = &check_challenge(request, *proof, *asked.armor, keys, now, policy_.skew);
    padata.push_back({.type = pa_type::encrypted_challenge,
                      .value = fast::challenge(*asked.armor, reply_key->key, fast::Challenger::kdc, now, random_)});
  } else {
    check_timestamp(request, *proof, keys, now, policy_);
  }
  const std::vector<EtypeInfo2Entry> info = {
      {.etype = number(reply_key->key.etype()), .salt = default_salt(realm_, *body.cname)}};
  padata.push_back({.type = pa_type::etype_info2, .value = encode(info)});
  return issue(asked, std::move(ticket), service_key, {reply_key->key, reply_key->kvno}, KeyUsage::as_rep,
               std::move(padata));
}

AcceptedApRequest Kdc::open_ticket_granting(const Asked& asked) const {
  const PaData* data = find_padata(asked.request.padata, pa_type::tgs_req);
  if (data == nullptr) throw ProtocolError(ErrorCode::padata_type_not_supported, "no PA-TGS-REQ");
  const PrincipalName granting = ticket_granting_service(realm_);
  AcceptedApRequest header = open_ap_request(data->value, {.realm = realm_,
                                                           .name = granting,
                                                           .keytab = granting_service().keys,
                                                           .authenticator_usage = KeyUsage::tgs_req_authenticator,
                                                           .from = asked.from,
                                                           .weak_etypes = policy_.weak_etypes});
  if (!header.checksum || header.checksum->type != checksum_type(header.session_key.etype())) {
    throw ProtocolError(ErrorCode::inappropriate_checksum, "the session key's own checksum wanted");
  }
  const Bytes expected = header.session_key.checksum(KeyUsage::tgs_req_checksum, asked.request.body_octets);
  if (!equal_constant_time(expected, header.checksum->octets)) {
    throw ProtocolError(ErrorCode::modified, "checksum over KDC-REQ-BODY");
  }
  if (are_for_armor(header.ticket.authorization_data) || are_for_armor(header.authorization_data)) {
    throw ProtocolError(ErrorCode::policy, "a ticket for armour alone");
  }
  admit_ap_request(header, granting, asked.now, policy_.skew, nullptr);
  return header;
}

Bytes Kdc::answer_tgs(Asked& asked) {
  const AcceptedApRequest header = open_ticket_granting(asked);
  take_off_armor(asked, &header);
  const KdcRequest& request = asked.request;
  const Principal& service = service_of(request);
  check_options(request, asked.now, policy_.skew);
  const bool to_user = (request.body.options & kdc_option::enc_tkt_in_skey) != 0;
  const SealingKey ticket_key = to_user ? user_to_user_key(request, asked.now) : sealing_key(service);
  EncTicketPart ticket = header.ticket;
  ticket.flags &= ticket_flag::pre_authent;
  ticket.endtime = std::min(ticket.endtime, asked.now + policy_.ticket_lifetime);
  ticket.renew_till.reset();
  std::ranges::copy(requested_authorization(request, header), std::back_inserter(ticket.authorization_data));
  return issue(asked, std::move(ticket), ticket_key, {header.subkey.value_or(header.session_key), {}},
               header.subkey ? KeyUsage::tgs_rep_subkey : KeyUsage::tgs_rep_session_key, {});
}

Kdc::SealingKey Kdc::sealing_key(const Principal& service) const {
  if (service.has_password) throw ProtocolError(ErrorCode::must_use_user_to_user, "a user, not a service");
  for (const KeytabEntry& newest : service.current.entries()) {
    if (permits(newest.key.etype())) return {newest.key, newest.kvno};
  }
  throw ProtocolError(ErrorCode::etype_not_supported, "the service has keys of weak etypes alone");
}

/// Section 3.3.3: the session key of a ticket-granting ticket of the very user that the new ticket is for.
Kdc::SealingKey Kdc::user_to_user_key(const KdcRequest& request, Time now) const {
  if (request.body.additional_tickets.empty()) throw ProtocolError(ErrorCode::bad_option, "no ticket of that user");
  const Ticket& given = request.body.additional_tickets.front();
  const PrincipalName granting = ticket_granting_service(realm_);
  const KeytabEntry* held =
      given.realm == realm_ && given.sname == granting
          ? granting_service().keys.find(realm_, granting, given.enc_part.etype, given.enc_part.kvno)
          : nullptr;
  if (held == nullptr) throw ProtocolError(ErrorCode::policy, "not a ticket-granting ticket of this realm");
  const auto open = [&] {
    try {
      return decode_enc_ticket_part(held->key.decrypt(KeyUsage::ticket, given.enc_part.cipher));
    } catch (const Error& error) {
      throw ProtocolError(ErrorCode::bad_integrity, error.what());
    }
  };
  const EncTicketPart ticket = open();
  if (ticket.crealm != realm_ || ticket.cname != request.body.sname) {
    throw ProtocolError(ErrorCode::server_nomatch, "the additional ticket is another's");
  }
  if (now > ticket.endtime + policy_.skew) throw ProtocolError(ErrorCode::ticket_expired, "the additional ticket");
  if (!permits(ticket.key.etype())) throw ProtocolError(ErrorCode::etype_not_supported, "the additional ticket's key");
  return {ticket.key, {}};
}

/// Section 3.1.3: the first etype of the client's that the service understands. It understands those that it has keys
/// of, and the ticket-granting service, which is this program, all.
Etype Kdc::session_etype(const KdcRequest& request) const {
  const PrincipalName& service = request.body.sname.value();
  const bool granting = service == ticket_granting_service(realm_);
  const Keytab& keys = service_of(request).current;
  for (const std::int32_t wanted : request.body.etypes) {
    const std::optional<Etype> etype = to_etype(wanted);
    if (etype && (granting || keys.find(realm_, service, wanted) != nullptr)) return *etype;
  }
  throw ProtocolError(ErrorCode::etype_not_supported, "no session key of an etype asked for");
}

Bytes Kdc::issue(const Asked& asked, EncTicketPart ticket, const SealingKey& ticket_key, SealingKey reply_key,
                 KeyUsage usage, std::vector<PaData> padata) {
  const KdcRequestBody& body = asked.request.body;
  ticket.key = Key::random(session_etype(asked.request), random_);
  ticket.transited_type = domain_x500_compress;
  ticket.starttime = whole_seconds(asked.now);
  if (body.till != 0) ticket.endtime = std::min(ticket.endtime, body.till);  // the epoch stands for "as long as may be"
  ticket.endtime = whole_seconds(ticket.endtime);
  if (ticket.endtime <= *ticket.starttime) throw ProtocolError(ErrorCode::never_valid, "would end before it starts");
  const bool as = asked.request.type == KdcMessage::as_req;
  // RFC 6806 section 11: the reply proves what the request was, and that we have FAST.
  const bool proves_request = as && find_padata(asked.request.padata, pa_type::req_enc_pa_rep) != nullptr;
  if (proves_request) ticket.flags |= ticket_flag::enc_pa_rep;

  const auto seal = [&](const SealingKey& with, KeyUsage for_use, ByteView plain) -> EncryptedData {
    return {.etype = number(with.key.etype()), .kvno = with.kvno, .cipher = with.key.encrypt(for_use, plain, random_)};
  };
  KdcReply reply{
      .type = as ? KdcMessage::as_rep : KdcMessage::tgs_rep,
      .padata = std::move(padata),
      .crealm = ticket.crealm,
      .cname = ticket.cname,
      .ticket = {
          .realm = realm_, .sname = *body.sname, .enc_part = seal(ticket_key, KeyUsage::ticket, encode(ticket))}};
  if (asked.armor) reply_key = put_in_armor(asked, reply, reply_key);
  EncKdcReplyPart part{.key = ticket.key,
                       .last_requests = {{.type = 0, .value = whole_seconds(asked.now)}},
                       .nonce = body.nonce,
                       .flags = ticket.flags,
                       .authtime = ticket.authtime,
                       .starttime = ticket.starttime,
                       .endtime = ticket.endtime,
                       .srealm = realm_,
                       .sname = *body.sname,
                       .caddr = ticket.caddr};
  if (proves_request) {
    const Checksum checksum{.type = checksum_type(reply_key.key.etype()),
                            .octets = reply_key.key.checksum(KeyUsage::as_req_checksum, asked.octets)};
    part.encrypted_padata = {{.type = pa_type::req_enc_pa_rep, .value = encode(checksum)}, {.type = pa_type::fx_fast}};
  }
  reply.enc_part = seal(reply_key, usage, encode(part, reply.type));
  return encode(reply);
}

}  // namespace reveille::kerberos
