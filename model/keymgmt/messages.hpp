// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "reveille/common/bytes.hpp"

/// PacketCable's key-management messages (docs/protocol.md, part 2): structs and their octets, no cryptography.
namespace reveille::keymgmt {

constexpr std::uint16_t udp_port = 1293;
constexpr std::uint8_t version_1_0 = 0x10;
constexpr std::uint8_t doi_ipsec = 1;
constexpr std::uint8_t doi_snmp = 2;
constexpr std::size_t header_size = 3;
constexpr std::size_t hmac_size = 20;

enum class MessageId : std::uint8_t { wake_up = 1, ap_request, ap_reply, sa_recovered, rekey, error_reply };

/// Code points of a ciphersuite, each named by its DOI.
namespace authentication {
constexpr std::uint8_t ipsec_hmac_md5_96 = 1;
constexpr std::uint8_t ipsec_hmac_sha1_96 = 2;
constexpr std::uint8_t snmp_hmac_md5 = 0x21;
constexpr std::uint8_t snmp_hmac_sha1 = 0x22;
}  // namespace authentication
namespace transform {
constexpr std::uint8_t ipsec_3des_cbc = 3;
constexpr std::uint8_t ipsec_null = 0x0b;
constexpr std::uint8_t ipsec_aes_128_cbc = 0x0c;
constexpr std::uint8_t snmp_null = 0x20;
constexpr std::uint8_t snmp_des = 0x21;
}  // namespace transform

struct Ciphersuite {
  std::uint8_t authentication = authentication::ipsec_hmac_sha1_96;
  std::uint8_t transform = transform::ipsec_aes_128_cbc;
  bool operator==(const Ciphersuite&) const = default;
};

/// Application-specific data of DOI 1.
struct IpsecData {
  std::uint32_t spi = 0;
  bool operator==(const IpsecData&) const = default;
};

/// Application-specific data of DOI 2 (RFC 3411, RFC 3414).
struct SnmpData {
  Bytes engine_id;
  std::uint32_t engine_boots = 0;
  std::uint32_t engine_time = 0;
  std::string user_name;
  bool operator==(const SnmpData&) const = default;
};

/// Which alternative a message holds must agree with its DOI.
using ApplicationData = std::variant<IpsecData, SnmpData>;

struct WakeUp {
  std::uint8_t doi = doi_ipsec;
  std::uint8_t version = version_1_0;
  std::uint32_t server_nonce = 0;
  std::string server_principal;
  bool operator==(const WakeUp&) const = default;
};

struct ApRequest {
  std::uint8_t doi = doi_ipsec;
  std::uint8_t version = version_1_0;
  Bytes ap_req;  ///< DER, tag 0x6E
  std::uint32_t server_nonce = 0;
  ApplicationData application;
  std::vector<Ciphersuite> ciphersuites;
  bool reestablish = false;
  Bytes hmac = Bytes(hmac_size, 0);
  bool operator==(const ApRequest&) const = default;
};

struct ApReply {
  std::uint8_t doi = doi_ipsec;
  std::uint8_t version = version_1_0;
  Bytes ap_rep;  ///< DER, tag 0x6F
  ApplicationData application;
  std::vector<Ciphersuite> ciphersuites;  ///< the one selected
  std::uint32_t lifetime_s = 0;
  std::uint32_t grace_period_s = 0;
  bool reestablish = false;
  bool acknowledgement_required = true;
  Bytes hmac = Bytes(hmac_size, 0);
  bool operator==(const ApReply&) const = default;
};

struct SaRecovered {
  std::uint8_t doi = doi_ipsec;
  std::uint8_t version = version_1_0;
  Bytes hmac = Bytes(hmac_size, 0);
  bool operator==(const SaRecovered&) const = default;
};

struct Rekey {
  std::uint8_t doi = doi_ipsec;
  std::uint8_t version = version_1_0;
  std::uint32_t server_nonce = 0;
  std::string server_principal;
  std::string timestamp;  ///< `YYMMDDhhmmssZ`
  ApplicationData application;
  std::vector<Ciphersuite> ciphersuites;
  std::uint32_t lifetime_s = 0;
  std::uint32_t grace_period_s = 0;
  bool reestablish = false;
  Bytes hmac = Bytes(hmac_size, 0);
  bool operator==(const Rekey&) const = default;
};

struct ErrorReply {
  std::uint8_t doi = doi_ipsec;
  std::uint8_t version = version_1_0;
  Bytes krb_error;  ///< DER, tag 0x7E
  bool operator==(const ErrorReply&) const = default;
};

using Message = std::variant<WakeUp, ApRequest, ApReply, SaRecovered, Rekey, ErrorReply>;

// The octets of a message, its `hmac` as it stands: security.hpp computes it. Error{bad_input} names a field that has
// no encoding.
Bytes encode(const WakeUp& message);
Bytes encode(const ApRequest& message);
Bytes encode(const ApReply& message);
Bytes encode(const SaRecovered& message);
Bytes encode(const Rekey& message);
Bytes encode(const ErrorReply& message);

/// Strict: an unknown KMMID or DOI, a truncated or trailing octet, a flag that is neither 0 nor 1, a DER length that is
/// not minimal throw Error{malformed} naming the field. Any version is taken; code points of ciphersuites are not
/// judged.
Message decode(ByteView octets);

/// decode() of one kind; another kind is Error{malformed}.
template <typename T>
T decode_as(ByteView octets) {
  Message message = decode(octets);
  if (T* wanted = std::get_if<T>(&message)) return std::move(*wanted);
  throw Error(ErrorKind::malformed, "KMMID: not the message expected");
}

}  // namespace reveille::keymgmt
