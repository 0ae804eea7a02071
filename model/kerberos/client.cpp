// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/client.hpp"

#include <algorithm>

namespace reveille::kerberos {
namespace {

constexpr Time wanted_lifetime = 10 * hour;
/// A ticket-granting ticket that ends sooner may have ended at the next request.
constexpr Time least_lifetime = minute;

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

/// What a reply must be the answer to.
struct Question {
  const PrincipalName& client;
  const std::string& realm;
  const PrincipalName& service;
  const std::vector<Etype>& etypes;
  std::uint32_t nonce;
};

/// Checks of section 3.1.5 and 3.3.4, and the credential.
Credential accept(const KdcReply& reply, const Key& key, KeyUsage usage, const Question& asked) {
  if (reply.enc_part.etype != number(key.etype())) {
    throw ProtocolError(ErrorCode::modified, "reply under etype " + std::to_string(reply.enc_part.etype));
  }
  const EncKdcReplyPart part = decode_enc_kdc_reply_part(key.decrypt(usage, reply.enc_part.cipher));
  const auto require = [](bool good, const char* what) {
    if (!good) throw ProtocolError(ErrorCode::modified, std::string("KDC reply with another ") + what);
  };
  require(part.nonce == asked.nonce, "nonce");
  require(reply.cname == asked.client, "cname");
  require(reply.crealm == asked.realm, "crealm");
  require(part.sname == asked.service && reply.ticket.sname == asked.service, "sname");
  require(part.srealm == asked.realm && reply.ticket.realm == asked.realm, "srealm");
  require(part.caddr.empty(), "address");  // we ask for none, and an AS-REQ is sealed against nobody
  require(std::ranges::find(asked.etypes, part.key.etype()) != asked.etypes.end(), "session key etype");
  return {.crealm = reply.crealm,
          .cname = reply.cname,
          .ticket = reply.ticket,
          .session_key = part.key,
          .flags = part.flags,
          .authtime = part.authtime,
          .starttime = part.starttime.value_or(part.authtime),
          .endtime = part.endtime};
}

[[noreturn]] void refuse(const KrbError& error) {
  throw ProtocolError(error.code, error.text.empty() ? "the KDC refused" : error.text);
}

bool is_error(ByteView octets) { return application_tag(octets) == 30U; }

KdcReply read_reply(ByteView octets, KdcMessage expected) {
  KdcReply reply = decode_kdc_reply(octets);
  if (reply.type != expected) throw ProtocolError(ErrorCode::bad_message_type, "reply to another exchange");
  return reply;
}

}  // namespace

AsExchange::AsExchange(PrincipalName client, std::string realm, Secret secret, std::vector<Etype> etypes,
                       RandomSource& random, std::optional<PrincipalName> service, std::optional<Credential> armor)
    : client_(std::move(client)),
      realm_(std::move(realm)),
      secret_(std::move(secret)),
      etypes_(std::move(etypes)),
      service_(service ? std::move(*service) : ticket_granting_service(realm_)),
      random_(random),
      nonce_(random.nonce()) {
  if (armor) armor_.emplace(std::move(*armor), random_);
}

KdcRequest AsExchange::bare_request(Time now) const {
  return {.type = KdcMessage::as_req,
          .body = {.cname = client_,
                   .realm = realm_,
                   .sname = service_,
                   .till = now + wanted_lifetime,
                   .nonce = nonce_,
                   .etypes = numbers(etypes_)}};
}

Bytes AsExchange::request(Time now) {
  asked_ = now;
  KdcRequest request = bare_request(now);
  if (const auto* client = std::get_if<std::shared_ptr<const pkinit::Client>>(&secret_)) {
    sign(request, now, **client);
  } else {
    prove(request, now);
  }
  return encode(armor_ ? armor_->put_on(request, now, random_) : request);
}

std::optional<Credential> AsExchange::reply(ByteView octets) {
  const auto* client = std::get_if<std::shared_ptr<const pkinit::Client>>(&secret_);
  if (!is_error(octets)) {
    const Answer answer = read_answer(octets);
    return client != nullptr ? open_signed(answer, **client) : open(answer);
  }
  const KrbError error = read_error(octets);
  if (client != nullptr) {
    hear_demand_to_sign(error);
  } else {
    hear_demand(error);
  }
  return {};
}

AsExchange::Answer AsExchange::read_answer(ByteView octets) const {
  Answer answer{.reply = read_reply(octets, KdcMessage::as_rep), .strengthen_key = {}};
  if (armor_) answer.strengthen_key = armor_->take_off(answer.reply, nonce_);
  return answer;
}

KrbError AsExchange::read_error(ByteView octets) const {
  const KrbError error = decode_krb_error(octets);
  return armor_ ? armor_->take_off(error, nonce_) : error;
}

void AsExchange::sign(KdcRequest& request, Time now, const pkinit::Client& client) {
  if (errors_heard_ == 0) {
    request.padata.push_back({.type = pa_type::as_freshness});
    return;
  }
  if (!key_pair_) key_pair_.emplace(client.group, random_);
  request.padata.push_back(
      {.type = pa_type::pk_as_req,
       .value = pkinit::make_request(client, *key_pair_, encode(request.body), nonce_, now, freshness_)});
}

void AsExchange::hear_demand_to_sign(const KrbError& error) {
  const bool asks = error.code == ErrorCode::preauth_required || error.code == ErrorCode::preauth_expired;
  if (!asks || errors_heard_ == tried_demands) refuse(error);
  ++errors_heard_;
  const std::vector<PaData> padata = error.data.empty() ? std::vector<PaData>{} : decode_method_data(error.data);
  const PaData* token = find_padata(padata, pa_type::as_freshness);
  if (token != nullptr && token->value.size() <= longest_cookie) freshness_ = token->value;
}

Credential AsExchange::open_signed(const Answer& answer, const pkinit::Client& client) {
  const KdcReply& reply = answer.reply;
  const PaData* data = find_padata(reply.padata, pa_type::pk_as_rep);
  const std::optional<Etype> etype = to_etype(reply.enc_part.etype);
  const bool asked = etype && std::ranges::find(etypes_, *etype) != etypes_.end();
  if (data == nullptr || !key_pair_ || !asked) {
    throw ProtocolError(ErrorCode::padata_type_not_supported, "no PA-PK-AS-REP to what was asked");
  }
  const SecretBytes secret = pkinit::open_reply(client, *key_pair_, data->value, realm_, nonce_, asked_);
  return accept_under(answer, pkinit::reply_key(*etype, secret));
}

Credential AsExchange::accept_under(const Answer& answer, const Key& key) const {
  const Key reply_key = answer.strengthen_key ? fast::strengthened(*answer.strengthen_key, key) : key;
  Credential credential =
      accept(answer.reply, reply_key, KeyUsage::as_rep, {client_, realm_, service_, etypes_, nonce_});
  // Nothing seals the request, so the end that was asked for may have been another's.
  if (credential.endtime < asked_ + least_lifetime) throw ProtocolError(ErrorCode::never_valid, "it ends too soon");
  return credential;
}

void AsExchange::prove(KdcRequest& request, Time now) {
  if (attempts_.empty()) return;
  const Attempt& attempt = attempts_[next_];
  next_ = (next_ + 1) % attempts_.size();
  if (armor_) {
    request.padata.push_back(armor_->challenge(attempt.key, now, random_));
  } else {
    const EncryptedData timestamp = seal(attempt.key, KeyUsage::pa_enc_timestamp, encode_pa_timestamp(now), random_);
    request.padata.push_back({.type = pa_type::enc_timestamp, .value = encode(timestamp)});
  }
  if (attempt.cookie) request.padata.push_back(*attempt.cookie);  // back as it came (RFC 6113 section 5.2)
}

std::vector<Etype> AsExchange::usable_etypes() const {
  const Key* key = std::get_if<Key>(&secret_);
  std::vector<Etype> usable;
  std::ranges::copy_if(etypes_, std::back_inserter(usable),
                       [&](Etype etype) { return key == nullptr || key->etype() == etype; });
  if (usable.empty()) throw ProtocolError(ErrorCode::etype_not_supported, "the client's key is of no etype asked for");
  return usable;
}

AsExchange::KeyMaker AsExchange::default_maker(Etype etype) const {
  return {.etype = etype, .salt = default_salt(realm_, client_), .s2kparams = {}};
}

/// The first entry of an etype that is wanted counts, for its salt too (section 5.2.7.5); without any, the default
/// ones.
AsExchange::KeyMaker AsExchange::key_maker(const std::vector<PaData>& padata, const std::vector<Etype>& wanted) const {
  const auto info = std::ranges::find(padata, pa_type::etype_info2, &PaData::type);
  if (info == padata.end()) return default_maker(wanted.front());
  for (const EtypeInfo2Entry& entry : decode_etype_info2(info->value)) {
    const auto etype = std::ranges::find(wanted, entry.etype, number);
    if (etype == wanted.end()) continue;
    KeyMaker maker = default_maker(*etype);
    if (std::holds_alternative<Key>(secret_)) return maker;  // nothing is made
    if (entry.salt) maker.salt = *entry.salt;
    maker.s2kparams = entry.s2kparams;
    return maker;
  }
  throw ProtocolError(ErrorCode::etype_not_supported, "the KDC offers no etype of ours");
}

bool AsExchange::try_key(const KeyMaker& maker, std::optional<PaData> cookie) {
  const bool is_default = maker == default_maker(maker.etype);
  const auto is_told = [&](const Attempt& attempt) {
    return attempt.cookie || attempt.maker != default_maker(attempt.maker.etype);
  };
  if (static_cast<std::size_t>(std::ranges::count_if(attempts_, is_told)) >= tried_demands) {
    if (!is_default) return false;
    cookie.reset();  // what is assumed without being told always gets its turn
  }
  const auto known = [&](const Attempt& attempt) { return attempt.maker == maker && attempt.cookie == cookie; };
  if (std::ranges::any_of(attempts_, known)) return false;
  attempts_.push_back({maker, make_key(maker), std::move(cookie)});
  next_ = attempts_.size() - 1;
  return true;
}

Key AsExchange::make_key(const KeyMaker& maker) const {
  if (const Key* key = std::get_if<Key>(&secret_)) return *key;
  const auto made = std::ranges::find(attempts_, maker, &Attempt::maker);
  if (made != attempts_.end()) return made->key;
  Key::require_default_count(maker.etype, maker.s2kparams);
  return Key::from_password(maker.etype, std::get<Password>(secret_), maker.salt, maker.s2kparams);
}

void AsExchange::hear_demand(const KrbError& error) {
  const bool tells = error.code == ErrorCode::preauth_required ||
                     (error.code == ErrorCode::preauth_failed && !error.data.empty() && !attempts_.empty());
  if (!tells) refuse(error);
  const std::vector<PaData> padata = error.data.empty() ? std::vector<PaData>{} : decode_method_data(error.data);
  const KeyMaker maker = key_maker(padata, usable_etypes());
  const bool was_tried = std::ranges::find(attempts_, maker, &Attempt::maker) != attempts_.end();
  // A new cookie does not make a refused key a better one, and who asks anew may lock the client out.
  if (error.code == ErrorCode::preauth_failed && was_tried) refuse(error);
  const PaData* cookie = find_padata(padata, pa_type::fx_cookie);
  const bool fits = cookie != nullptr && cookie->value.size() <= longest_cookie;
  if (!try_key(maker, fits ? std::optional(*cookie) : std::nullopt)) refuse(error);
}

Credential AsExchange::open(const Answer& answer) {
  const KdcReply& reply = answer.reply;
  const std::vector<Etype> usable = usable_etypes();
  const auto etype = std::ranges::find(usable, reply.enc_part.etype, number);
  if (etype == usable.end()) {
    throw ProtocolError(ErrorCode::etype_not_supported, "reply under etype " + std::to_string(reply.enc_part.etype));
  }
  const bool challenged = armor_ && !attempts_.empty();
  const auto open_with = [&](const Key& key) {
    Credential credential = accept_under(answer, key);
    if (challenged) armor_->check_challenge(reply.padata, key);
    return credential;
  };
  for (const Attempt& attempt : attempts_) {
    if (attempt.maker.etype != *etype) continue;
    try {
      return open_with(attempt.key);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::crypto) throw;
    }
  }
  if (try_key(key_maker(reply.padata, {*etype}), {})) return open_with(attempts_.back().key);
  throw Error(ErrorKind::crypto, "the reply is under another key");
}

TgsExchange::TgsExchange(Credential ticket_granting, PrincipalName service, std::vector<Etype> etypes,
                         RandomSource& random)
    : ticket_granting_(std::move(ticket_granting)),
      service_(std::move(service)),
      etypes_(std::move(etypes)),
      random_(random),
      nonce_(random.nonce()) {}

Bytes TgsExchange::request(Time now) {
  const Key& key = ticket_granting_.session_key;
  KdcRequest request{.type = KdcMessage::tgs_req,
                     .body = {.realm = ticket_granting_.crealm,
                              .sname = service_,
                              .till = ticket_granting_.endtime,
                              .nonce = nonce_,
                              .etypes = numbers(etypes_)}};
  const Checksum checksum{.type = checksum_type(key.etype()),
                          .octets = key.checksum(KeyUsage::tgs_req_checksum, encode(request.body))};
  const SecretBytes authenticator = encode(Authenticator{
      .crealm = ticket_granting_.crealm, .cname = ticket_granting_.cname, .checksum = checksum, .ctime = now});
  const ApRequest header{.ticket = ticket_granting_.ticket,
                         .authenticator = seal(key, KeyUsage::tgs_req_authenticator, authenticator, random_)};
  request.padata.push_back({.type = pa_type::tgs_req, .value = encode(header)});
  return encode(request);
}

Credential TgsExchange::reply(ByteView octets) {
  if (is_error(octets)) refuse(decode_krb_error(octets));
  return accept(read_reply(octets, KdcMessage::tgs_rep), ticket_granting_.session_key, KeyUsage::tgs_rep_session_key,
                {ticket_granting_.cname, ticket_granting_.crealm, service_, etypes_, nonce_});
}

SentApRequest make_ap_request(const Credential& credential, Time client_nonce, const ApOptions& options,
                              RandomSource& random) {
  const Key& key = credential.session_key;
  SentApRequest sent{.session_key = key, .client_nonce = client_nonce};
  if (options.subkey) sent.subkey = Key::random(key.etype(), random);
  if (options.sequence_number) sent.sequence_number = random.nonce();
  const SecretBytes authenticator = encode(Authenticator{.crealm = credential.crealm,
                                                         .cname = credential.cname,
                                                         .checksum = options.checksum,
                                                         .ctime = client_nonce,
                                                         .subkey = sent.subkey,
                                                         .sequence_number = sent.sequence_number});
  sent.octets = encode(ApRequest{.options = options.mutual_required ? ap_option::mutual_required : 0,
                                 .ticket = credential.ticket,
                                 .authenticator = seal(key, KeyUsage::ap_req_authenticator, authenticator, random)});
  return sent;
}

EncApReplyPart open_ap_reply(ByteView ap_reply, const Key& session_key) {
  const ApReply reply = decode_ap_reply(ap_reply);
  try {
    if (reply.enc_part.etype != number(session_key.etype())) throw Error(ErrorKind::crypto, "another etype");
    return decode_enc_ap_reply_part(session_key.decrypt(KeyUsage::ap_rep, reply.enc_part.cipher));
  } catch (const Error& error) {
    throw ProtocolError(ErrorCode::mutual_failed, error.what());
  }
}

EncApReplyPart verify_ap_reply(ByteView ap_reply, const SentApRequest& sent) {
  EncApReplyPart part = open_ap_reply(ap_reply, sent.session_key);
  if (part.ctime != sent.client_nonce) throw ProtocolError(ErrorCode::mutual_failed, "another client nonce");
  return part;
}

}  // namespace reveille::kerberos
