// SPDX-License-Identifier: Apache-2.0
#include "kerberos/client.hpp"

#include <algorithm>

namespace reveille::kerberos {
namespace {

constexpr Time wanted_lifetime = 10 * hour;

std::int32_t number(Etype etype) { return static_cast<std::int32_t>(etype); }

std::vector<std::int32_t> numbers(const std::vector<Etype>& etypes) {
  std::vector<std::int32_t> out;
  out.reserve(etypes.size());
  for (const Etype etype : etypes) out.push_back(number(etype));
  return out;
}

EncryptedData seal(const Key& key, KeyUsage usage, ByteView plain, RandomSource& random) {
  return {.etype = number(key.etype()), .cipher = key.encrypt(usage, plain, random)};
}

/// Checks of section 3.1.5 and 3.3.4, and the credential.
Credential accept(const KdcReply& reply, const Key& key, KeyUsage usage, const PrincipalName& client,
                  const std::string& realm, const PrincipalName& service, std::uint32_t nonce) {
  if (reply.enc_part.etype != number(key.etype())) {
    throw ProtocolError(ErrorCode::modified, "reply under etype " + std::to_string(reply.enc_part.etype));
  }
  const EncKdcReplyPart part = decode_enc_kdc_reply_part(key.decrypt(usage, reply.enc_part.cipher));
  const auto require = [](bool good, const char* what) {
    if (!good) throw ProtocolError(ErrorCode::modified, std::string("KDC reply with another ") + what);
  };
  require(part.nonce == nonce, "nonce");
  require(reply.cname == client, "cname");
  require(reply.crealm == realm, "crealm");
  require(part.sname == service && reply.ticket.sname == service, "sname");
  require(part.srealm == realm && reply.ticket.realm == realm, "srealm");
  return {.crealm = reply.crealm,
          .cname = reply.cname,
          .ticket = reply.ticket,
          .session_key = part.key,
          .flags = part.flags,
          .authtime = part.authtime,
          .starttime = part.starttime.value_or(part.authtime),
          .endtime = part.endtime};
}

/// Throws the KRB-ERROR that `octets` are, if they are one.
void throw_if_error(ByteView octets) {
  if (application_tag(octets) != 30U) return;
  const KrbError error = decode_krb_error(octets);
  throw ProtocolError(error.code, error.text.empty() ? "the KDC refused" : error.text);
}

KdcReply read_reply(ByteView octets, KdcMessage expected) {
  KdcReply reply = decode_kdc_reply(octets);
  if (reply.type != expected) throw ProtocolError(ErrorCode::bad_message_type, "reply to another exchange");
  return reply;
}

}  // namespace

AsExchange::AsExchange(PrincipalName client, std::string realm, Secret secret, std::vector<Etype> etypes,
                       RandomSource& random, std::optional<PrincipalName> service)
    : client_(std::move(client)),
      realm_(std::move(realm)),
      secret_(std::move(secret)),
      etypes_(std::move(etypes)),
      random_(random),
      service_(service ? std::move(*service) : ticket_granting_service(realm_)) {}

Bytes AsExchange::request(Time now) {
  nonce_ = random_.nonce();
  KdcRequest request{.type = KdcMessage::as_req,
                     .body = {.cname = client_,
                              .realm = realm_,
                              .sname = service_,
                              .till = now + wanted_lifetime,
                              .nonce = nonce_,
                              .etypes = numbers(etypes_)}};
  if (key_) {
    const Bytes timestamp = encode_pa_timestamp(now);
    request.padata.push_back(
        {.type = pa_type::enc_timestamp, .value = encode(seal(*key_, KeyUsage::pa_enc_timestamp, timestamp, random_))});
    for (const PaData& hint : hints_) {
      if (hint.type == pa_type::fx_cookie) request.padata.push_back(hint);  // back as it came (RFC 6113 section 5.2)
    }
  }
  return encode(request);
}

const Key& AsExchange::key_for(std::int32_t etype, const std::vector<PaData>& padata) {
  if (key_ && number(key_->etype()) == etype) return *key_;
  if (const Key* key = std::get_if<Key>(&secret_)) {
    if (number(key->etype()) != etype)
      throw ProtocolError(ErrorCode::etype_not_supported, "the client's key is another");
    return key_.emplace(*key);
  }
  EtypeInfo2Entry chosen{.etype = etype};
  for (const PaData& data : padata) {
    if (data.type != pa_type::etype_info2) continue;
    for (const EtypeInfo2Entry& entry : decode_etype_info2(data.value)) {
      if (entry.etype == etype) chosen = entry;
    }
  }
  const std::optional<Etype> known = to_etype(etype);
  if (!known) throw ProtocolError(ErrorCode::etype_not_supported, "etype " + std::to_string(etype));
  return key_.emplace(Key::from_password(*known, std::get<std::string>(secret_),
                                         chosen.salt.value_or(default_salt(realm_, client_)), chosen.s2kparams));
}

void AsExchange::prepare(const KrbError& demand) {
  hints_ = decode_method_data(demand.data);
  for (const PaData& data : hints_) {
    if (data.type != pa_type::etype_info2) continue;
    for (const EtypeInfo2Entry& entry : decode_etype_info2(data.value)) {
      const std::optional<Etype> etype = to_etype(entry.etype);
      if (!etype || std::ranges::find(etypes_, *etype) == etypes_.end()) continue;
      if (const Key* key = std::get_if<Key>(&secret_); key != nullptr && key->etype() != *etype) continue;
      key_for(entry.etype, hints_);
      return;
    }
  }
  throw ProtocolError(ErrorCode::etype_not_supported, "the KDC offers no etype of ours");
}

std::optional<Credential> AsExchange::reply(ByteView octets) {
  if (application_tag(octets) == 30U && hints_.empty()) {
    const KrbError error = decode_krb_error(octets);
    if (error.code == ErrorCode::preauth_required) {
      prepare(error);
      return {};
    }
  }
  throw_if_error(octets);
  const KdcReply reply = read_reply(octets, KdcMessage::as_rep);
  const Key& key = key_for(reply.enc_part.etype, reply.padata);
  return accept(reply, key, KeyUsage::as_rep, client_, realm_, service_, nonce_);
}

TgsExchange::TgsExchange(Credential ticket_granting, PrincipalName service, std::vector<Etype> etypes,
                         RandomSource& random)
    : ticket_granting_(std::move(ticket_granting)),
      service_(std::move(service)),
      etypes_(std::move(etypes)),
      random_(random) {}

Bytes TgsExchange::request(Time now) {
  nonce_ = random_.nonce();
  const Key& key = ticket_granting_.session_key;
  KdcRequest request{.type = KdcMessage::tgs_req,
                     .body = {.realm = ticket_granting_.crealm,
                              .sname = service_,
                              .till = ticket_granting_.endtime,
                              .nonce = nonce_,
                              .etypes = numbers(etypes_)}};
  const Checksum checksum{.type = checksum_type(key.etype()),
                          .octets = key.checksum(KeyUsage::tgs_req_checksum, encode(request.body))};
  const Bytes authenticator = encode(Authenticator{
      .crealm = ticket_granting_.crealm, .cname = ticket_granting_.cname, .checksum = checksum, .ctime = now});
  const ApRequest header{.ticket = ticket_granting_.ticket,
                         .authenticator = seal(key, KeyUsage::tgs_req_authenticator, authenticator, random_)};
  request.padata.push_back({.type = pa_type::tgs_req, .value = encode(header)});
  return encode(request);
}

Credential TgsExchange::reply(ByteView octets) {
  throw_if_error(octets);
  return accept(read_reply(octets, KdcMessage::tgs_rep), ticket_granting_.session_key, KeyUsage::tgs_rep_session_key,
                ticket_granting_.cname, ticket_granting_.crealm, service_, nonce_);
}

SentApRequest make_ap_request(const Credential& credential, Time client_nonce, const ApOptions& options,
                              RandomSource& random) {
  const Key& key = credential.session_key;
  SentApRequest sent{.session_key = key, .client_nonce = client_nonce};
  if (options.subkey) sent.subkey = Key::random(key.etype(), random);
  if (options.sequence_number) sent.sequence_number = random.nonce();
  const Bytes authenticator = encode(Authenticator{.crealm = credential.crealm,
                                                   .cname = credential.cname,
                                                   .ctime = client_nonce,
                                                   .subkey = sent.subkey,
                                                   .sequence_number = sent.sequence_number});
  sent.octets = encode(ApRequest{.options = options.mutual_required ? ap_option::mutual_required : 0,
                                 .ticket = credential.ticket,
                                 .authenticator = seal(key, KeyUsage::ap_req_authenticator, authenticator, random)});
  return sent;
}

EncApReplyPart verify_ap_reply(ByteView ap_reply, const SentApRequest& sent) {
  const ApReply reply = decode_ap_reply(ap_reply);
  const auto open = [&] {
    try {
      if (reply.enc_part.etype != number(sent.session_key.etype())) throw Error(ErrorKind::crypto, "another etype");
      return decode_enc_ap_reply_part(sent.session_key.decrypt(KeyUsage::ap_rep, reply.enc_part.cipher));
    } catch (const Error& error) {
      throw ProtocolError(ErrorCode::mutual_failed, error.what());
    }
  };
  EncApReplyPart part = open();
  if (part.ctime != sent.client_nonce) throw ProtocolError(ErrorCode::mutual_failed, "another client nonce");
  return part;
}

}  // namespace reveille::kerberos
