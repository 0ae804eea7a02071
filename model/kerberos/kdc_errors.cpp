// SPDX-License-Identifier: Apache-2.0
// What a KDC answers in place of a ticket, in armour or without, and what it tells of the ways to prove oneself.
#include <algorithm>

#include "reveille/kerberos/kdc.hpp"

namespace reveille::kerberos {
namespace {

/// What a client needs to make its keys, in the order that it asked in; once an etype, however often that is asked for.
Bytes etype_info2(const KdcRequest& request, const Keytab& keys) {
  const PrincipalName& client = request.body.cname.value();
  std::vector<EtypeInfo2Entry> entries;
  for (const std::int32_t etype : request.body.etypes) {
    if (keys.find(request.body.realm, client, etype) == nullptr) continue;
    if (std::ranges::find(entries, etype, &EtypeInfo2Entry::etype) != entries.end()) continue;
    entries.push_back({.etype = etype, .salt = default_salt(request.body.realm, client)});
  }
  return encode(entries);
}

}  // namespace

Bytes Kdc::answer_error(const Asked& asked, ErrorCode code, const std::string& text) const {
  // crealm and cname, which the client knows, are not repeated: the answer may be to nobody's question.
  KrbError refusal{.stime = asked.now,
                   .code = code,
                   .realm = realm_,
                   .sname = asked.request.body.sname.value_or(ticket_granting_service(realm_)),
                   .text = text};
  std::vector<PaData> padata;
  if (code == ErrorCode::preauth_required || code == ErrorCode::preauth_failed) {
    padata = method_data(asked);
  } else if (code == ErrorCode::preauth_expired) {
    padata.push_back({.type = pa_type::as_freshness, .value = freshness_token(asked.now)});
  }
  if (asked.armor) {
    // We remember nothing, but a client takes an error without a cookie for the last word.
    if (!padata.empty()) padata.push_back({.type = pa_type::fx_cookie, .value = {0}});
    padata.push_back({.type = pa_type::fx_error, .value = encode(refusal)});
    const fast::Response response{.padata = std::move(padata), .nonce = asked.request.body.nonce};
    padata = {{.type = pa_type::fx_fast, .value = fast::seal_response(*asked.armor, response, random_)}};
    refusal.text.clear();
  }
  if (!padata.empty()) refusal.data = encode(padata);
  return encode(refusal);
}

std::vector<PaData> Kdc::method_data(const Asked& asked) const {
  const KdcRequest& request = asked.request;
  const Principal* client = request.body.cname && request.body.realm == realm_ ? find(*request.body.cname) : nullptr;
  if (client == nullptr) return {};
  std::vector<PaData> data;
  const Keytab& keys = client->current;
  // A client takes a list without an etype of its own for a refusal.
  const bool has_key = std::ranges::any_of(request.body.etypes, [&](std::int32_t etype) {
    return keys.find(realm_, *request.body.cname, etype) != nullptr;
  });
  if (has_key) {
    data.push_back({.type = pa_type::etype_info2, .value = etype_info2(request, keys)});
    data.push_back({.type = asked.armor ? pa_type::encrypted_challenge : pa_type::enc_timestamp});
  }
  if (!asked.armor) data.push_back({.type = pa_type::fx_fast});
  if (!certificates_) return data;
  data.push_back({.type = pa_type::pk_as_req});
  if (find_padata(request.padata, pa_type::as_freshness) != nullptr) {
    data.push_back({.type = pa_type::as_freshness, .value = freshness_token(asked.now)});
  }
  return data;
}

}  // namespace reveille::kerberos
