// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/fast.hpp"

#include "reveille/kerberos/hash.hpp"

namespace reveille::kerberos::fast {
namespace {

std::int32_t number(Etype etype) { return static_cast<std::int32_t>(etype); }

EncryptedData seal(const Key& key, KeyUsage usage, ByteView plain, RandomSource& random) {
  return {.etype = number(key.etype()), .cipher = key.encrypt(usage, plain, random)};
}

SecretBytes open(const Key& key, KeyUsage usage, const EncryptedData& sealed) {
  if (sealed.etype != number(key.etype())) throw Error(ErrorKind::crypto, "sealed under another etype");
  return key.decrypt(usage, sealed.cipher);
}

Checksum checksum(const Key& key, KeyUsage usage, ByteView data) {
  return {.type = checksum_type(key.etype()), .octets = key.checksum(usage, data)};
}

KeyUsage usage_of(Challenger challenger) {
  return challenger == Challenger::client ? KeyUsage::challenge_client : KeyUsage::challenge_kdc;
}

}  // namespace

Key armor_key(const std::optional<Key>& subkey, const Key& session_key) {
  if (!subkey) throw ProtocolError(ErrorCode::policy, "armour without a subkey");
  return fx_cf2(*subkey, session_key, "subkeyarmor", "ticketarmor");
}

Key challenge_key(const Key& armor, const Key& long_term, Challenger challenger) {
  const bool client = challenger == Challenger::client;
  return fx_cf2(armor, long_term, client ? "clientchallengearmor" : "kdcchallengearmor", "challengelongterm");
}

Bytes challenge(const Key& armor, const Key& long_term, Challenger challenger, Time now, RandomSource& random) {
  return encode(
      seal(challenge_key(armor, long_term, challenger), usage_of(challenger), encode_pa_timestamp(now), random));
}

Time open_challenge(const Key& armor, const Key& long_term, Challenger challenger, ByteView value) {
  return decode_pa_timestamp(
      open(challenge_key(armor, long_term, challenger), usage_of(challenger), decode_encrypted_data(value)));
}

Key strengthened(const Key& strengthen_key, const Key& reply_key) {
  return fx_cf2(strengthen_key, reply_key, "strengthenkey", "replykey");
}

Bytes seal_request(const Key& armor, const std::optional<Armor>& sent, const Request& request, ByteView covered,
                   RandomSource& random) {
  return encode(ArmoredRequest{.armor = sent,
                               .checksum = checksum(armor, KeyUsage::fast_request_checksum, covered),
                               .sealed = seal(armor, KeyUsage::fast_request, encode(request), random)});
}

Request open_request(const Key& armor, const ArmoredRequest& request, ByteView covered) {
  const auto opened = [&] {
    try {
      return decode_request(open(armor, KeyUsage::fast_request, request.sealed));
    } catch (const Error& error) {
      throw ProtocolError(ErrorCode::bad_integrity, error.what());
    }
  };
  Request inner = opened();
  if (request.checksum.type != checksum_type(armor.etype())) {
    throw ProtocolError(ErrorCode::inappropriate_checksum, "the armour key's own checksum wanted");
  }
  const Checksum expected = checksum(armor, KeyUsage::fast_request_checksum, covered);
  if (!equal_constant_time(expected.octets, request.checksum.octets)) {
    throw ProtocolError(ErrorCode::modified, "checksum over what is outside the armour");
  }
  return inner;
}

Bytes seal_response(const Key& armor, const Response& response, RandomSource& random) {
  return encode_armored_reply(seal(armor, KeyUsage::fast_reply, encode(response), random));
}

Response open_response(const Key& armor, ByteView value, std::int64_t nonce) {
  Response response = decode_response(open(armor, KeyUsage::fast_reply, decode_armored_reply(value)));
  if (response.nonce != nonce) throw ProtocolError(ErrorCode::modified, "armoured reply with another nonce");
  return response;
}

Checksum ticket_checksum(const Key& armor, const Ticket& ticket) {
  return checksum(armor, KeyUsage::fast_finished, encode(ticket));
}

}  // namespace reveille::kerberos::fast
