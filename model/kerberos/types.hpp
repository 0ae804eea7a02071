// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reveille/common/bytes.hpp"
#include "reveille/kerberos/key.hpp"
#include "reveille/kerberos/time.hpp"

namespace reveille::kerberos {

/// A principal without its realm (RFC 4120 section 5.2.2). Names match on their components; the type is a hint (6.2).
struct PrincipalName {
  enum Type : std::int32_t { unknown = 0, principal = 1, service_instance = 2, service_host = 3, well_known = 11 };

  std::int32_t type = principal;
  std::vector<std::string> components = {};

  bool operator==(const PrincipalName& other) const { return components == other.components; }
  std::strong_ordering operator<=>(const PrincipalName& other) const { return components <=> other.components; }
};

/// `a/b` to its components, without escapes; two or more are a service instance. Throws Error{bad_input} for an empty
/// component and for a realm (`@`).
PrincipalName parse_principal(std::string_view text);
/// `a/b`.
std::string to_string(const PrincipalName& name);
/// `krbtgt/REALM`.
PrincipalName ticket_granting_service(std::string_view realm);
/// Who stands for a client whose name is hidden (RFC 8062 section 3).
PrincipalName anonymous_principal();
constexpr std::string_view anonymous_realm = "WELLKNOWN:ANONYMOUS";
/// The default salt (section 4): realm and components without separators.
std::string default_salt(std::string_view realm, const PrincipalName& name);

struct EncryptedData {
  std::int32_t etype = 0;
  std::optional<std::uint32_t> kvno = {};  ///< only with long-term keys (section 5.2.9)
  Bytes cipher = {};
  bool operator==(const EncryptedData&) const = default;
};

struct HostAddress {
  std::int32_t type = 2;  ///< 2 IPv4, 24 IPv6
  Bytes address = {};
  bool operator==(const HostAddress&) const = default;
};

struct Checksum {
  std::int32_t type = 0;
  Bytes octets = {};
  bool operator==(const Checksum&) const = default;
};

struct PaData {
  std::int32_t type = 0;
  Bytes value = {};
  bool operator==(const PaData&) const = default;
};

/// The first of that type; null if there is none.
const PaData* find_padata(const std::vector<PaData>& padata, std::int32_t type);

/// One element of AuthorizationData.
struct AuthorizationElement {
  std::int32_t type = 0;
  Bytes data = {};
  bool operator==(const AuthorizationElement&) const = default;
};

/// Pre-authentication types (RFC 4120 section 7.5.2, RFC 6113).
namespace pa_type {
constexpr std::int32_t tgs_req = 1;
constexpr std::int32_t enc_timestamp = 2;
constexpr std::int32_t pk_as_req = 16;  ///< RFC 4556
constexpr std::int32_t pk_as_rep = 17;
constexpr std::int32_t etype_info2 = 19;
constexpr std::int32_t fx_cookie = 133;  // RFC 6113
constexpr std::int32_t fx_fast = 136;
constexpr std::int32_t fx_error = 137;
constexpr std::int32_t encrypted_challenge = 138;
constexpr std::int32_t req_enc_pa_rep = 149;  ///< RFC 6806 section 11
constexpr std::int32_t as_freshness = 150;    ///< RFC 8070
}  // namespace pa_type

/// Authorization data (section 5.2.6). What is none of ours to understand must stand inside if_relevant, or it is
/// refused.
namespace ad_type {
constexpr std::int32_t if_relevant = 1;
constexpr std::int32_t mandatory_for_kdc = 8;
constexpr std::int32_t fx_armor = 71;  ///< RFC 6113 section 5.4.1.1: the ticket is for armour alone
}  // namespace ad_type

/// KerberosFlags, bit 0 of the RFC the most significant of 32.
constexpr std::uint32_t flag_bit(unsigned rfc_bit) { return 0x8000'0000U >> rfc_bit; }

namespace ticket_flag {
constexpr std::uint32_t invalid = flag_bit(7);
constexpr std::uint32_t initial = flag_bit(9);
constexpr std::uint32_t pre_authent = flag_bit(10);
constexpr std::uint32_t enc_pa_rep = flag_bit(15);  ///< RFC 6806 section 11
}  // namespace ticket_flag

/// What a client asks of a KDC (section 5.4.1); those that the model's KDC refuses. Others ask for flags that a ticket
/// may go without.
namespace kdc_option {
constexpr std::uint32_t forwarded = flag_bit(2);
constexpr std::uint32_t proxy = flag_bit(4);
constexpr std::uint32_t postdated = flag_bit(6);
constexpr std::uint32_t constrained_delegation = flag_bit(14);
constexpr std::uint32_t enc_tkt_in_skey = flag_bit(28);
constexpr std::uint32_t renew = flag_bit(30);
constexpr std::uint32_t validate = flag_bit(31);
}  // namespace kdc_option

namespace ap_option {
constexpr std::uint32_t mutual_required = flag_bit(2);
}  // namespace ap_option

}  // namespace reveille::kerberos
