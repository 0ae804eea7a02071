// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reveille/common/bytes.hpp"
#include "reveille/kerberos/random.hpp"

namespace reveille::kerberos {

/// Encryption types of RFC 3962 (17, 18) and RFC 8009 (19, 20), and PacketCable's of RFC 3961, which is weak: its
/// blocks of 64 bits and keys of 112 protect little (RFC 8429). It is used by those alone who are told to.
enum class Etype : std::int32_t {
  des3_sha1 = 16,
  aes128_sha1 = 17,
  aes256_sha1 = 18,
  aes128_sha256 = 19,
  aes256_sha384 = 20,
};

/// All that are not weak, the strongest first: the order a client asks in.
const std::vector<Etype>& all_etypes();
constexpr bool is_weak(Etype etype) { return etype == Etype::des3_sha1; }
/// Nothing for a number that is not one of the five.
std::optional<Etype> to_etype(std::int32_t number);
/// MIT's name, as `aes256-cts-hmac-sha384-192`.
std::string to_string(Etype etype);

std::size_t key_size(Etype etype);
/// Octets that Key::from_random takes.
std::size_t seed_size(Etype etype);
/// Octets that a token is longer than its plaintext: confounder and HMAC. Etype 16 pads to whole blocks besides.
std::size_t token_overhead(Etype etype);
/// The etype's own checksum type: 12, 15, 16, 19, 20.
std::int32_t checksum_type(Etype etype);

/// Key usage numbers of RFC 4120 section 7.5.1.
enum class KeyUsage : std::uint32_t {
  pa_enc_timestamp = 1,
  ticket = 2,
  as_rep = 3,
  tgs_req_authorization_session_key = 4,
  tgs_req_authorization_subkey = 5,
  tgs_req_checksum = 6,
  tgs_req_authenticator = 7,
  tgs_rep_session_key = 8,
  tgs_rep_subkey = 9,
  ap_req_checksum = 10,
  ap_req_authenticator = 11,
  ap_rep = 12,
  fast_request_checksum = 50,  // RFC 6113 section 5.4
  fast_request = 51,
  fast_reply = 52,
  fast_finished = 53,
  challenge_client = 54,
  challenge_kdc = 55,
  as_req_checksum = 56,  ///< RFC 6806 section 11
  as_freshness = 514,    ///< our own tokens of RFC 8070; the number is MIT's
};

/// A protocol key, wiped when it goes, and all that is derived from it. Copies share the cache of derived keys; one
/// thread at a time.
class Key {
 public:
  /// Throws Error{crypto} if the length is not the etype's.
  Key(Etype etype, ByteView octets);

  /// String-to-key. `s2kparams`: empty for the default count, or 4 octets big-endian; etype 16 has none. Throws
  /// Error{crypto} for another length and for counts above `iteration_limit`, which a lying KDC could use to stall a
  /// client (RFC 3962 section 4).
  static Key from_password(Etype etype, const Password& password, std::string_view salt, ByteView s2kparams = {});
  static Key random(Etype etype, RandomSource& random);
  /// random-to-key (RFC 3961 section 3), of `seed_size` octets.
  static Key from_random(Etype etype, ByteView seed);

  static constexpr std::uint32_t iteration_limit = 262'144;
  /// Throws Error{crypto} for a count below the etype's default: a client that takes one from a forged message proves
  /// itself under a key that is as much cheaper to search for (RFC 3962 section 8).
  static void require_default_count(Etype etype, ByteView s2kparams);

  [[nodiscard]] Etype etype() const noexcept { return etype_; }
  [[nodiscard]] ByteView octets() const noexcept { return octets_; }
  bool operator==(const Key& other) const { return etype_ == other.etype_ && octets_ == other.octets_; }

  /// The token: ciphertext, then HMAC. The confounder is drawn from `random`.
  [[nodiscard]] Bytes encrypt(KeyUsage usage, ByteView plain, RandomSource& random) const;
  /// The plaintext without confounder, of etype 16 without padding if it is DER. Throws Error{crypto} if the HMAC is
  /// wrong or the token too short.
  [[nodiscard]] SecretBytes decrypt(KeyUsage usage, ByteView token) const;
  /// The etype's own keyed checksum (RFC 3961 section 5.4, RFC 8009 section 6).
  [[nodiscard]] Bytes checksum(KeyUsage usage, ByteView data) const;

  /// The etype's pseudo-random function (RFC 3961 section 5.3, RFC 8009 section 5).
  [[nodiscard]] SecretBytes prf(ByteView input) const;

  /// What a usage's constant adds to its number (RFC 3961 section 5.3).
  enum class Purpose : std::uint8_t { checksum = 0x99, encryption = 0xAA, integrity = 0x55 };
  /// Kc, Ke or Ki; kept once derived. The view lives as long as this key.
  [[nodiscard]] ByteView derived(KeyUsage usage, Purpose purpose) const;

 private:
  struct Cache;
  Etype etype_;
  SecretBytes octets_;
  std::shared_ptr<Cache> cache_;
};

/// KRB-FX-CF2 (RFC 6113 section 5.1): the key of the first one's etype that only who has both can make.
Key fx_cf2(const Key& first, const Key& second, std::string_view first_pepper, std::string_view second_pepper);

}  // namespace reveille::kerberos
