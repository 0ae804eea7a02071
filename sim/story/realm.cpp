// SPDX-License-Identifier: Apache-2.0
#include "story/realm.hpp"

#include "bed/kdc_client.hpp"
#include "story/cast.hpp"

namespace reveille::sim {

Realm::Realm(const Scenario& scenario, KdcKind kind) : random_(scenario.seed, "kdc") {
  const kerberos::PrincipalName service = kerberos::parse_principal(service_name);
  if (kind == KdcKind::model) {
    kdc_.emplace(std::string(realm_name), random_);
    kdc_->add_random(service, kerberos::all_etypes());
    for (unsigned i = 0; i < scenario.ctas; ++i)
      kdc_->add_random(kerberos::parse_principal(cta_name(i)), {etype_of(i)});
    keys_ = kdc_->keys();
    return;
  }
  std::vector<bed::MitRealm::Principal> principals{{std::string(service_name), {}, kerberos::all_etypes(), {}}};
  std::vector<std::string> names{std::string(service_name), "krbtgt/" + std::string(realm_name)};
  for (unsigned i = 0; i < scenario.ctas; ++i) {
    principals.push_back({cta_name(i), {}, {etype_of(i)}, {}});
    names.push_back(cta_name(i));
  }
  mit_ = std::make_unique<bed::MitRealm>(principals, std::string(realm_name));
  keys_ = mit_->keytab(names);
}

Bytes Realm::answer(ByteView request, nodes::Time now) {
  if (kdc_) return kdc_->handle(request, now);
  try {
    return bed::KdcClient("127.0.0.1", mit_->port(), bed::Transport::tcp).exchange(request);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::protocol) throw;
    return {};  // MIT's silence
  }
}

kerberos::Credential Realm::earlier_ticket(const nodes::CtaConfig& cta, kerberos::RandomSource& random,
                                           nodes::Time now) {
  kerberos::AsExchange as(cta.principal, cta.realm, cta.secret, cta.etypes, random);
  std::optional<kerberos::Credential> ticket_granting;
  while (!ticket_granting) ticket_granting = as.reply(answer(as.request(now), now));
  kerberos::TgsExchange tgs(std::move(*ticket_granting), cta.server_principal, cta.etypes, random);
  return tgs.reply(answer(tgs.request(now), now));
}

const kerberos::Key& Realm::key(std::string_view principal) const {
  const auto* entry = keys_.find(realm_name, kerberos::parse_principal(principal), any_etype(principal));
  if (entry == nullptr) throw Error(ErrorKind::internal, "no key of " + std::string(principal));
  return entry->key;
}

kerberos::Keytab Realm::keytab(std::string_view principal) const {
  kerberos::Keytab keytab;
  for (const auto& entry : keys_.entries()) {
    if (kerberos::to_string(entry.principal) == principal) keytab.add(entry);
  }
  return keytab;
}

std::int32_t Realm::any_etype(std::string_view principal) const {
  for (const auto& entry : keys_.entries()) {
    if (kerberos::to_string(entry.principal) == principal) return static_cast<std::int32_t>(entry.key.etype());
  }
  return 0;
}

}  // namespace reveille::sim
