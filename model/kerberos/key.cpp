// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/key.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

#include "reveille/kerberos/des3.hpp"
#include "reveille/kerberos/etype.hpp"
#include "reveille/kerberos/hash.hpp"
#include "reveille/kerberos/openssl.hpp"
#include "reveille/kerberos/operation_counter.hpp"

namespace reveille::kerberos {
namespace {

ByteView as_octets(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::uint32_t iteration_count(const EtypeProfile& profile, ByteView s2kparams) {
  if (s2kparams.empty()) return profile.iterations;
  if (s2kparams.size() != 4 || profile.iterations == 0) {
    throw Error(ErrorKind::crypto, "s2kparams of " + std::to_string(s2kparams.size()) + " octets, not " +
                                       (profile.iterations == 0 ? "0" : "4"));
  }
  const std::uint32_t count = ByteReader(s2kparams).u32("s2kparams");
  if (count == 0 || count > Key::iteration_limit) {  // 0 stands for 2^32
    throw Error(ErrorKind::crypto, "string-to-key count " + (count == 0 ? "2^32" : std::to_string(count)) + " above " +
                                       std::to_string(Key::iteration_limit));
  }
  return count;
}

Bytes truncated_hmac(const EtypeProfile& profile, ByteView key, ByteView data) {
  ++current_operations().hmacs;
  Bytes tag = openssl::hmac(profile.digest, key, data);
  tag.resize(profile.hmac_size);
  return tag;
}

/// Of a number of octets, those that are no whole block.
std::size_t block_mask(const EtypeProfile& profile) { return profile.block_size - 1; }

/// What the HMAC of RFC 8009 covers: the cipher state, which Kerberos keeps at zero, then the ciphertext.
Bytes behind_zero_iv(ByteView cipher) {
  Bytes covered(block_size);
  append(covered, cipher);
  return covered;
}

/// PRF+ (RFC 6113 section 5.1).
SecretBytes prf_plus(const Key& key, std::string_view pepper, std::size_t length) {
  SecretBytes out;
  for (std::uint8_t counter = 1; out.size() < length; ++counter) {
    Bytes input = {counter};
    append(input, as_octets(pepper));
    append(out, key.prf(input));
  }
  out.resize(length);
  return out;
}

}  // namespace

struct Key::Cache {
  std::map<std::pair<KeyUsage, Purpose>, SecretBytes> derived;
};

Key::Key(Etype etype, ByteView octets)
    : etype_(etype), octets_(octets.begin(), octets.end()), cache_(std::make_shared<Cache>()) {
  if (octets_.size() != key_size(etype)) {
    throw Error(ErrorKind::crypto, to_string(etype) + ": key of " + std::to_string(octets_.size()) + " octets, not " +
                                       std::to_string(key_size(etype)));
  }
}

Key Key::from_password(Etype etype, const Password& password, std::string_view salt, ByteView s2kparams) {
  const EtypeProfile& profile = profile_of(etype);
  const std::uint32_t iterations = iteration_count(profile, s2kparams);
  if (profile.family == Family::des3) {  // RFC 3961 section 6.3.1
    ++current_operations().passwords;
    SecretBytes whole(password.text().begin(), password.text().end());
    append(whole, as_octets(salt));
    const SecretBytes intermediate = des3::random_to_key(des3::n_fold(whole, profile.seed_size));
    return Key(etype, derive(profile, intermediate, as_octets("kerberos"), profile.key_size));
  }
  Bytes whole_salt;
  if (profile.family == Family::aes_sha2) {  // RFC 8009 section 4
    append(whole_salt, as_octets(profile.name));
    whole_salt.push_back(0);
  }
  append(whole_salt, as_octets(salt));
  ++current_operations().passwords;
  const SecretBytes intermediate = pbkdf2(profile, as_octets(password.text()), whole_salt, iterations);
  return Key(etype, derive(profile, intermediate, as_octets("kerberos"), profile.key_size));
}

void Key::require_default_count(Etype etype, ByteView s2kparams) {
  const EtypeProfile& profile = profile_of(etype);
  if (const std::uint32_t count = iteration_count(profile, s2kparams); count < profile.iterations) {
    throw Error(ErrorKind::crypto, to_string(etype) + ": string-to-key count " + std::to_string(count) + " below " +
                                       std::to_string(profile.iterations));
  }
}

Key Key::random(Etype etype, RandomSource& random) {
  SecretBytes octets(seed_size(etype));
  random.fill(octets);
  return from_random(etype, octets);
}

Key Key::from_random(Etype etype, ByteView seed) {
  const EtypeProfile& profile = profile_of(etype);
  if (seed.size() != profile.seed_size) throw Error(ErrorKind::crypto, "random-to-key: a seed of another length");
  return profile.family == Family::des3 ? Key(etype, des3::random_to_key(seed)) : Key(etype, seed);
}

ByteView Key::derived(KeyUsage usage, Purpose purpose) const {
  SecretBytes& kept = cache_->derived[{usage, purpose}];
  if (kept.empty()) {
    ++current_operations().derivations;
    const EtypeProfile& profile = profile_of(etype_);
    Bytes constant;
    append_big_endian(constant, static_cast<std::uint32_t>(usage), 4);
    constant.push_back(static_cast<std::uint8_t>(purpose));
    kept =
        derive(profile, octets_, constant, purpose == Purpose::encryption ? profile.key_size : profile.hmac_key_size);
  }
  return kept;
}

Bytes Key::encrypt(KeyUsage usage, ByteView plain, RandomSource& random) const {
  const EtypeProfile& profile = profile_of(etype_);
  ++current_operations().encryptions;
  SecretBytes text(profile.block_size);
  random.fill(text);
  append(text, plain);
  if (profile.family == Family::des3) text.resize((text.size() + block_mask(profile)) & ~block_mask(profile));
  Bytes token = to_bytes(encipher(profile, derived(usage, Purpose::encryption), text, Direction::encrypt));
  const ByteView integrity_key = derived(usage, Purpose::integrity);
  const bool covers_cipher = profile.family == Family::aes_sha2;
  const Bytes cipher = covers_cipher ? behind_zero_iv(token) : Bytes{};
  append(token, truncated_hmac(profile, integrity_key, covers_cipher ? ByteView(cipher) : ByteView(text)));
  return token;
}

SecretBytes Key::decrypt(KeyUsage usage, ByteView token) const {
  const EtypeProfile& profile = profile_of(etype_);
  if (token.size() < token_overhead(etype_)) {
    throw Error(ErrorKind::crypto, "token of " + std::to_string(token.size()) + " octets is too short");
  }
  ++current_operations().decryptions;
  const ByteView cipher = token.first(token.size() - profile.hmac_size);
  const ByteView tag = token.last(profile.hmac_size);
  const ByteView integrity_key = derived(usage, Purpose::integrity);
  const auto check = [&](ByteView covered) {
    if (!equal_constant_time(truncated_hmac(profile, integrity_key, covered), tag)) {
      throw Error(ErrorKind::crypto, to_string(etype_) + ": wrong HMAC");
    }
  };
  const bool covers_cipher = profile.family == Family::aes_sha2;
  if (covers_cipher) check(behind_zero_iv(cipher));  // RFC 8009: before decrypting
  SecretBytes text = encipher(profile, derived(usage, Purpose::encryption), cipher, Direction::decrypt);
  if (!covers_cipher) check(text);
  text.erase(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(profile.block_size));
  if (profile.family == Family::des3) des3::cut_padding(text);
  return text;
}

Bytes Key::checksum(KeyUsage usage, ByteView data) const {
  return truncated_hmac(profile_of(etype_), derived(usage, Purpose::checksum), data);
}

SecretBytes Key::prf(ByteView input) const {
  ++current_operations().derivations;
  return kerberos::prf(profile_of(etype_), octets_, input);
}

Key fx_cf2(const Key& first, const Key& second, std::string_view first_pepper, std::string_view second_pepper) {
  const std::size_t size = seed_size(first.etype());
  SecretBytes seed = prf_plus(first, first_pepper, size);
  const SecretBytes other = prf_plus(second, second_pepper, size);
  std::ranges::transform(seed, other, seed.begin(), std::bit_xor<>());
  return Key::from_random(first.etype(), seed);
}

}  // namespace reveille::kerberos
