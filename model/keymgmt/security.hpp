// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "reveille/kerberos/secret.hpp"
#include "reveille/kerberos/time.hpp"
#include "reveille/keymgmt/messages.hpp"

/// HMACs and security-association keys. Functions marked "Profile" are the choices listed in docs/protocol.md, part 2.
namespace reveille::keymgmt {

/// Profile: what the HMAC of an encoded message covers: everything before it.
ByteView hmac_input(ByteView message);
/// Profile: key of the HMACs of AP Request and AP Reply.
kerberos::SecretBytes ap_hmac_key(ByteView session_key);
/// Profile: the 20 octets of an SA Recovered's HMAC. `sa_recovered_header` are its first 3 octets.
Bytes sa_recovered_hmac(ByteView subkey, ByteView ap_reply_hmac, ByteView sa_recovered_header);
/// Profile: key of a Rekey's HMAC, from the last association's subkey.
kerberos::SecretBytes rekey_hmac_key(ByteView subkey);

/// The message with its HMAC filled in. Keys are the octets of the Kerberos key in question.
Bytes seal(ApRequest message, ByteView session_key);
Bytes seal(ApReply message, ByteView session_key);
Bytes seal(Rekey message, ByteView last_subkey);

/// Whether the last 20 octets are the HMAC of what comes before, under `hmac_key` (ap_hmac_key, rekey_hmac_key).
bool has_true_hmac(ByteView message, ByteView hmac_key);

/// The SA Recovered that answers `ap_reply`, octet for octet: the client sends it, the server knows it beforehand.
Bytes make_sa_recovered(ByteView ap_reply, ByteView subkey);
/// The first 64 bits of its HMAC: a session's expected tag.
std::uint64_t expected_tag(ByteView sa_recovered);

/// A Rekey's timestamp, to the second below; microseconds since 1970. Profile: two digits of a year are of 1950 to
/// 2049, as in a UTCTime (RFC 5280 section 4.1.2.5.1): Error{internal} beyond. Error{malformed} for what is no date.
std::string to_timestamp(kerberos::Time time);
kerberos::Time from_timestamp(const std::string& text);

/// Keys of one direction; an algorithm without a key has an empty one.
struct DirectionKeys {
  kerberos::SecretBytes authentication;
  kerberos::SecretBytes transform;
  bool operator==(const DirectionKeys&) const = default;
};
struct SaKeys {
  DirectionKeys controller_to_cta;
  DirectionKeys cta_to_controller;
  bool operator==(const SaKeys&) const = default;
};

/// Whether both code points are known in the DOI, and so have key lengths.
bool is_supported(std::uint8_t doi, Ciphersuite suite);
/// Every suite of a DOI, strongest first.
std::vector<Ciphersuite> supported_ciphersuites(std::uint8_t doi);
/// The first of `offered` that is supported: the client's order decides.
std::optional<Ciphersuite> select_ciphersuite(std::uint8_t doi, const std::vector<Ciphersuite>& offered);

/// Profile: J.170 section 9.6's iterated HMAC-SHA1. Error{protocol} for a suite that the DOI does not have.
SaKeys derive_sa_keys(ByteView subkey, std::uint8_t doi, Ciphersuite suite);

}  // namespace reveille::keymgmt
