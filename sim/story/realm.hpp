// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "bed/mit_realm.hpp"
#include "reveille/kerberos/kdc.hpp"
#include "reveille/nodes/cta.hpp"
#include "story/scenario.hpp"

namespace reveille::sim {

enum class KdcKind { model, mit };

constexpr std::string_view realm_name = "REVEILLE.TEST";
constexpr std::string_view service_name = "mtaprovsrvr/ctl1.reveille.test";

/// The realm of a story: the model's KDC, or MIT's behind its socket.
class Realm {
 public:
  Realm(const Scenario& scenario, KdcKind kind);

  /// Of the model's ticket-granting service; its session keys are of no other.
  static constexpr kerberos::Etype krbtgt_etype = kerberos::Etype::aes256_sha1;
  /// One etype after another, so that every run has all four.
  static kerberos::Etype etype_of(unsigned index) {
    return kerberos::all_etypes()[index % kerberos::all_etypes().size()];
  }

  /// Empty where MIT's is silent.
  [[nodiscard]] Bytes answer(ByteView request, nodes::Time now);
  /// The ticket that a CTA got on an earlier day.
  [[nodiscard]] kerberos::Credential earlier_ticket(const nodes::CtaConfig& cta, kerberos::RandomSource& random,
                                                    nodes::Time now);

  [[nodiscard]] const kerberos::Key& key(std::string_view principal) const;
  [[nodiscard]] kerberos::Keytab keytab(std::string_view principal) const;
  [[nodiscard]] const kerberos::Keytab& keys() const { return keys_; }

 private:
  [[nodiscard]] std::int32_t any_etype(std::string_view principal) const;

  kerberos::SeededRandom random_;
  std::optional<kerberos::Kdc> kdc_;
  std::unique_ptr<bed::MitRealm> mit_;
  kerberos::Keytab keys_;
};

}  // namespace reveille::sim
