// SPDX-License-Identifier: Apache-2.0
#pragma once

// The messages of RFC 6113 section 5.4 as values, with the rules of messages.hpp. Fields behind those that the RFC
// names are left alone, as its extension markers want it.

#include "reveille/kerberos/messages.hpp"

namespace reveille::kerberos::fast {

constexpr std::int32_t ap_request_armor = 1;  ///< FX_FAST_ARMOR_AP_REQUEST

/// FastOptions; whoever does not know one of the first sixteen refuses the request.
namespace option {
constexpr std::uint32_t critical = 0xFFFF'0000U;
constexpr std::uint32_t hide_client_names = flag_bit(1);
}  // namespace option

struct Armor {
  std::int32_t type = ap_request_armor;
  Bytes value = {};
  bool operator==(const Armor&) const = default;
};

struct ArmoredRequest {
  std::optional<Armor> armor = {};  ///< absent in a TGS-REQ, whose header is the armour
  Checksum checksum = {};
  EncryptedData sealed = {};
  bool operator==(const ArmoredRequest&) const = default;
};

struct Request {
  std::uint32_t options = 0;
  std::vector<PaData> padata = {};
  KdcRequestBody body = {};
  Bytes body_octets = {};  ///< filled by decode, as KdcRequest's
};

struct Finished {
  Time time = 0;
  std::string crealm = {};
  PrincipalName cname = {};
  Checksum ticket_checksum = {};
  bool operator==(const Finished&) const = default;
};

struct Response {
  std::vector<PaData> padata = {};
  std::optional<Key> strengthen_key = {};
  std::optional<Finished> finished = {};  ///< in a reply with a ticket
  std::int64_t nonce = 0;                 ///< the inner request's
  bool operator==(const Response&) const = default;
};

/// The value of PA-FX-FAST in a request.
Bytes encode(const ArmoredRequest& value);
ArmoredRequest decode_armored_request(ByteView octets);
/// The value of PA-FX-FAST in a reply, which is a Response sealed.
Bytes encode_armored_reply(const EncryptedData& sealed);
EncryptedData decode_armored_reply(ByteView octets);

SecretBytes encode(const Request& value);  ///< from `body`
Request decode_request(ByteView octets);
SecretBytes encode(const Response& value);
Response decode_response(ByteView octets);

}  // namespace reveille::kerberos::fast
