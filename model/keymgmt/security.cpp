// SPDX-License-Identifier: Apache-2.0
#include "reveille/keymgmt/security.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "reveille/kerberos/hash.hpp"

namespace reveille::keymgmt {
namespace {

ByteView hmac_field(ByteView message) {
  if (message.size() < header_size + hmac_size)
    throw Error(ErrorKind::malformed, "HMAC: the message is too short to hold one");
  return message.last(hmac_size);
}

template <typename T>
Bytes seal_with(T& message, ByteView hmac_key) {
  Bytes octets = encode(message);
  const Bytes hmac = kerberos::hmac_sha1(hmac_key, hmac_input(octets));
  std::copy(hmac.begin(), hmac.end(), octets.end() - hmac_size);
  return octets;
}

struct Algorithm {
  std::uint8_t doi;
  std::uint8_t code;
  std::size_t key_length;
};

// Strongest first.
constexpr std::array authentications = {Algorithm{doi_ipsec, authentication::ipsec_hmac_sha1_96, 20},
                                        Algorithm{doi_ipsec, authentication::ipsec_hmac_md5_96, 16},
                                        Algorithm{doi_snmp, authentication::snmp_hmac_sha1, 20},
                                        Algorithm{doi_snmp, authentication::snmp_hmac_md5, 16}};
constexpr std::array transforms = {
    Algorithm{doi_ipsec, transform::ipsec_aes_128_cbc, 16}, Algorithm{doi_ipsec, transform::ipsec_3des_cbc, 24},
    Algorithm{doi_ipsec, transform::ipsec_null, 0},
    Algorithm{doi_snmp, transform::snmp_des, 16},  // 8 of key, 8 of pre-IV (RFC 3414 section 8.1.1.1)
    Algorithm{doi_snmp, transform::snmp_null, 0}};

template <std::size_t N>
std::optional<std::size_t> key_length(const std::array<Algorithm, N>& table, std::uint8_t doi, std::uint8_t code) {
  for (const Algorithm& algorithm : table) {
    if (algorithm.doi == doi && algorithm.code == code) return algorithm.key_length;
  }
  return std::nullopt;
}

DirectionKeys derive_direction(ByteView subkey, std::string_view label, std::size_t authentication_length,
                               std::size_t transform_length) {
  const Bytes seed(label.begin(), label.end());
  const kerberos::SecretBytes material = kerberos::p_sha1(subkey, seed, authentication_length + transform_length);
  const auto middle = material.begin() + static_cast<std::ptrdiff_t>(authentication_length);
  return {.authentication = {material.begin(), middle}, .transform = {middle, material.end()}};
}

}  // namespace

ByteView hmac_input(ByteView message) { return message.first(message.size() - hmac_field(message).size()); }

kerberos::SecretBytes ap_hmac_key(ByteView session_key) { return kerberos::sha1(session_key); }

Bytes sa_recovered_hmac(ByteView subkey, ByteView ap_reply_hmac, ByteView sa_recovered_header) {
  Bytes input(ap_reply_hmac.begin(), ap_reply_hmac.end());
  append(input, sa_recovered_header);
  return kerberos::hmac_sha1(kerberos::sha1(subkey), input);
}

kerberos::SecretBytes rekey_hmac_key(ByteView subkey) { return kerberos::sha1(subkey); }

Bytes seal(ApRequest message, ByteView session_key) { return seal_with(message, ap_hmac_key(session_key)); }
Bytes seal(ApReply message, ByteView session_key) { return seal_with(message, ap_hmac_key(session_key)); }
Bytes seal(Rekey message, ByteView last_subkey) { return seal_with(message, rekey_hmac_key(last_subkey)); }

bool has_true_hmac(ByteView message, ByteView hmac_key) {
  return kerberos::equal_constant_time(kerberos::hmac_sha1(hmac_key, hmac_input(message)), hmac_field(message));
}

Bytes make_sa_recovered(ByteView ap_reply, ByteView subkey) {
  const ByteView ap_reply_hmac = hmac_field(ap_reply);
  Bytes octets = {static_cast<std::uint8_t>(MessageId::sa_recovered), ap_reply[1], ap_reply[2]};
  append(octets, sa_recovered_hmac(subkey, ap_reply_hmac, octets));
  return octets;
}

std::uint64_t expected_tag(ByteView sa_recovered) {
  ByteReader reader(hmac_field(sa_recovered));
  return reader.u64("HMAC");
}

std::string to_timestamp(kerberos::Time time) {
  const std::string whole = kerberos::to_kerberos_time(time);
  std::string text = whole.substr(2);
  if (from_timestamp(text) != kerberos::from_kerberos_time(whole)) {
    throw Error(ErrorKind::internal, "timestamp: a Rekey says no year of " + whole);
  }
  return text;
}

kerberos::Time from_timestamp(const std::string& text) {
  return kerberos::from_kerberos_time((text < "5" ? "20" : "19") + text);
}

bool is_supported(std::uint8_t doi, Ciphersuite suite) {
  return key_length(authentications, doi, suite.authentication) && key_length(transforms, doi, suite.transform);
}

std::vector<Ciphersuite> supported_ciphersuites(std::uint8_t doi) {
  std::vector<Ciphersuite> suites;
  for (const Algorithm& transform : transforms) {
    for (const Algorithm& authentication : authentications) {
      if (transform.doi == doi && authentication.doi == doi) suites.push_back({authentication.code, transform.code});
    }
  }
  return suites;
}

std::optional<Ciphersuite> select_ciphersuite(std::uint8_t doi, const std::vector<Ciphersuite>& offered) {
  for (const Ciphersuite& suite : offered) {
    if (is_supported(doi, suite)) return suite;
  }
  return std::nullopt;
}

SaKeys derive_sa_keys(ByteView subkey, std::uint8_t doi, Ciphersuite suite) {
  const auto authentication_length = key_length(authentications, doi, suite.authentication);
  const auto transform_length = key_length(transforms, doi, suite.transform);
  if (!authentication_length || !transform_length) {
    throw Error(ErrorKind::protocol, "ciphersuite {" + std::to_string(suite.authentication) + ", " +
                                         std::to_string(suite.transform) + "} is not one of DOI " +
                                         std::to_string(doi));
  }
  return {
      .controller_to_cta = derive_direction(subkey, "controller to CTA", *authentication_length, *transform_length),
      .cta_to_controller = derive_direction(subkey, "CTA to controller", *authentication_length, *transform_length)};
}

}  // namespace reveille::keymgmt
