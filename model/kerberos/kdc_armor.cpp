// SPDX-License-Identifier: Apache-2.0
// What a KDC does with requests in FAST's armour (RFC 6113 section 5.4), before and after it answers them.
#include "reveille/kerberos/kdc.hpp"

namespace reveille::kerberos {
namespace {

fast::ArmoredRequest read_armored(ByteView octets) {
  try {
    return fast::decode_armored_request(octets);
  } catch (const Error& error) {
    throw ProtocolError(ErrorCode::preauth_failed, error.what());
  }
}

}  // namespace

void Kdc::take_off_armor(Asked& asked, const AcceptedApRequest* header) const {
  KdcRequest& request = asked.request;
  const PaData* data = find_padata(request.padata, pa_type::fx_fast);
  if (data == nullptr) return;
  const fast::ArmoredRequest armored = read_armored(data->value);
  if (armored.armor.has_value() == (header != nullptr)) {
    throw ProtocolError(ErrorCode::preauth_failed,
                        header != nullptr ? "armour beside that of the header" : "no armour");
  }
  const Key key =
      header != nullptr ? fast::armor_key(header->subkey, header->session_key) : open_armor(*armored.armor, asked);
  const ByteView covered =
      header != nullptr ? find_padata(request.padata, pa_type::tgs_req)->value : request.body_octets;
  fast::Request inner = fast::open_request(key, armored, covered);
  request.padata = std::move(inner.padata);
  request.body = std::move(inner.body);
  request.body_octets = std::move(inner.body_octets);
  drop_weak(request.body);
  asked.armor = key;
  if ((inner.options & fast::option::critical & ~fast::option::hide_client_names) != 0) {
    throw ProtocolError(ErrorCode::unknown_critical_fast_options, "an option that is not there");
  }
  asked.hide_client = (inner.options & fast::option::hide_client_names) != 0;
}

/// Anybody may have sent this AP-REQ again, but who has no key of its ticket cannot read what it is the armour of.
Key Kdc::open_armor(const fast::Armor& armor, const Asked& asked) const {
  if (armor.type != fast::ap_request_armor) throw ProtocolError(ErrorCode::preauth_failed, "armour of another type");
  const PrincipalName granting = ticket_granting_service(realm_);
  const AcceptedApRequest opened = open_ap_request(armor.value, {.realm = realm_,
                                                                 .name = granting,
                                                                 .keytab = granting_service().keys,
                                                                 .from = asked.from,
                                                                 .weak_etypes = policy_.weak_etypes});
  admit_ap_request(opened, granting, asked.now, policy_.skew, nullptr);
  return fast::armor_key(opened.subkey, opened.session_key);
}

Kdc::SealingKey Kdc::put_in_armor(const Asked& asked, KdcReply& reply, const SealingKey& reply_key) const {
  const Key strengthen_key = Key::random(reply_key.key.etype(), random_);
  const fast::Response response{
      .padata = std::move(reply.padata),
      .strengthen_key = strengthen_key,
      .finished = fast::Finished{.time = asked.now,
                                 .crealm = reply.crealm,
                                 .cname = reply.cname,
                                 .ticket_checksum = fast::ticket_checksum(*asked.armor, reply.ticket)},
      .nonce = asked.request.body.nonce};
  reply.padata = {{.type = pa_type::fx_fast, .value = fast::seal_response(*asked.armor, response, random_)}};
  if (asked.hide_client) {
    reply.crealm = anonymous_realm;
    reply.cname = anonymous_principal();
  }
  return {fast::strengthened(strengthen_key, reply_key.key), reply_key.kvno};
}

}  // namespace reveille::kerberos
