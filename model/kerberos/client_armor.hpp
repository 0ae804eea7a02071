// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/kerberos/credential.hpp"
#include "reveille/kerberos/fast.hpp"

namespace reveille::kerberos::fast {

/// The client's end of FAST (RFC 6113 section 5.4) in one AS exchange: what it asks goes in armour, and what it hears
/// is the KDC's, or refused. All requests of the exchange have one armour key, so that a reply to any of them opens.
class ClientArmor {
 public:
  /// `granting`: a ticket-granting ticket of anybody in the KDC's realm, the client or its host.
  ClientArmor(Credential granting, RandomSource& random);

  /// The AS-REQ that has this one inside.
  [[nodiscard]] KdcRequest put_on(const KdcRequest& inner, Time now, RandomSource& random) const;
  /// The reply with client and padata as they are inside, and the key that strengthens the one that it is sealed under,
  /// if it has one. ProtocolError for one without armour, to another request, or with another ticket than the KDC says.
  std::optional<Key> take_off(KdcReply& reply, std::int64_t nonce) const;
  /// The error that is inside, its data what stands beside it there. ProtocolError for one without armour.
  [[nodiscard]] KrbError take_off(const KrbError& error, std::int64_t nonce) const;

  [[nodiscard]] PaData challenge(const Key& long_term, Time now, RandomSource& random) const;
  /// Section 5.4.6: that who answered has the client's long-term key too. ProtocolError{mutual_failed} if not.
  void check_challenge(const std::vector<PaData>& padata, const Key& long_term) const;

 private:
  Credential granting_;
  Key subkey_;
  Key key_;
};

}  // namespace reveille::kerberos::fast
