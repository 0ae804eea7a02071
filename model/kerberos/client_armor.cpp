// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/client_armor.hpp"

namespace reveille::kerberos::fast {
namespace {

/// Somebody on the way may have taken the armour off the request, or made the answer up.
[[noreturn]] void refuse_unarmored(ErrorCode code) {
  throw ProtocolError(code, "an answer without the armour that was asked for");
}

}  // namespace

ClientArmor::ClientArmor(Credential granting, RandomSource& random)
    : granting_(std::move(granting)),
      subkey_(Key::random(granting_.session_key.etype(), random)),
      key_(armor_key(subkey_, granting_.session_key)) {}

KdcRequest ClientArmor::put_on(const KdcRequest& inner, Time now, RandomSource& random) const {
  const Key& session = granting_.session_key;
  const SecretBytes authenticator =
      encode(Authenticator{.crealm = granting_.crealm, .cname = granting_.cname, .ctime = now, .subkey = subkey_});
  const ApRequest header{
      .ticket = granting_.ticket,
      .authenticator = {.etype = static_cast<std::int32_t>(session.etype()),
                        .cipher = session.encrypt(KeyUsage::ap_req_authenticator, authenticator, random)}};
  // Outside, only the realm counts (section 5.4.2); as other clients do, the body stands there too.
  KdcRequest outer{.type = inner.type, .body = inner.body};
  outer.padata.push_back(
      {.type = pa_type::fx_fast,
       .value = seal_request(key_, Armor{.value = encode(header)}, {.padata = inner.padata, .body = inner.body},
                             encode(outer.body), random)});
  return outer;
}

std::optional<Key> ClientArmor::take_off(KdcReply& reply, std::int64_t nonce) const {
  const PaData* data = find_padata(reply.padata, pa_type::fx_fast);
  if (data == nullptr) refuse_unarmored(ErrorCode::preauth_failed);
  Response response = open_response(key_, data->value, nonce);
  if (!response.finished) throw ProtocolError(ErrorCode::modified, "an armoured reply without KrbFastFinished");
  if (response.finished->ticket_checksum != ticket_checksum(key_, reply.ticket)) {
    throw ProtocolError(ErrorCode::modified, "another ticket than the armoured reply says");
  }
  reply.crealm = std::move(response.finished->crealm);
  reply.cname = std::move(response.finished->cname);
  reply.padata = std::move(response.padata);
  return response.strengthen_key;
}

KrbError ClientArmor::take_off(const KrbError& error, std::int64_t nonce) const {
  const std::vector<PaData> outside = error.data.empty() ? std::vector<PaData>{} : decode_method_data(error.data);
  const PaData* data = find_padata(outside, pa_type::fx_fast);
  if (data == nullptr || data->value.empty()) refuse_unarmored(error.code);  // empty: the offer of a KDC that has FAST
  const Response response = open_response(key_, data->value, nonce);
  const PaData* inside = find_padata(response.padata, pa_type::fx_error);
  if (inside == nullptr) throw ProtocolError(ErrorCode::modified, "an armoured error without PA-FX-ERROR");
  KrbError told = decode_krb_error(inside->value);
  told.data = encode(response.padata);
  return told;
}

PaData ClientArmor::challenge(const Key& long_term, Time now, RandomSource& random) const {
  return {.type = pa_type::encrypted_challenge,
          .value = fast::challenge(key_, long_term, Challenger::client, now, random)};
}

void ClientArmor::check_challenge(const std::vector<PaData>& padata, const Key& long_term) const {
  const PaData* data = find_padata(padata, pa_type::encrypted_challenge);
  if (data == nullptr) throw ProtocolError(ErrorCode::mutual_failed, "an armoured reply without the KDC's challenge");
  try {
    // Its time proves no more: the armour is of this exchange alone.
    (void)open_challenge(key_, long_term, Challenger::kdc, data->value);
  } catch (const Error& error) {
    throw ProtocolError(ErrorCode::mutual_failed, std::string("the KDC's challenge: ") + error.what());
  }
}

}  // namespace reveille::kerberos::fast
