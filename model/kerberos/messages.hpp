// SPDX-License-Identifier: Apache-2.0
#pragma once

// The messages of RFC 4120 section 5 as values. encode() writes DER; decode_x() reads it strictly (minimal lengths and
// integers, no octets behind the message) and throws Error{malformed} naming the field. Nothing here checks meaning.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reveille/kerberos/error_code.hpp"
#include "reveille/kerberos/types.hpp"

namespace reveille::kerberos {

struct Ticket {
  std::string realm = {};
  PrincipalName sname = {};
  EncryptedData enc_part = {};
  bool operator==(const Ticket&) const = default;
};

struct EncTicketPart {
  std::uint32_t flags = 0;
  Key key;
  std::string crealm = {};
  PrincipalName cname = {};
  std::int32_t transited_type = 0;
  Bytes transited = {};
  Time authtime = 0;
  std::optional<Time> starttime = {};  ///< absent: authtime
  Time endtime = 0;
  std::optional<Time> renew_till = {};
  std::vector<HostAddress> caddr = {};  ///< empty: not sent
  std::vector<AuthorizationElement> authorization_data = {};
  bool operator==(const EncTicketPart&) const = default;
};

/// ctime and cusec are one Time: the client nonce of key management.
struct Authenticator {
  std::string crealm = {};
  PrincipalName cname = {};
  std::optional<Checksum> checksum = {};
  Time ctime = 0;
  std::optional<Key> subkey = {};
  std::optional<std::uint32_t> sequence_number = {};
  std::vector<AuthorizationElement> authorization_data = {};
  bool operator==(const Authenticator&) const = default;
};

struct KdcRequestBody {
  std::uint32_t options = 0;
  std::optional<PrincipalName> cname = {};  ///< AS only
  std::string realm = {};
  std::optional<PrincipalName> sname = {};
  std::optional<Time> from = {};
  Time till = 0;
  std::optional<Time> rtime = {};
  std::int64_t nonce = 0;  ///< 32 bits; Heimdal signs it and wants it back as it came
  std::vector<std::int32_t> etypes = {};
  std::vector<HostAddress> addresses = {};
  std::optional<EncryptedData> enc_authorization_data = {};
  std::vector<Ticket> additional_tickets = {};
  bool operator==(const KdcRequestBody&) const = default;
};

/// AS-REQ (10), AS-REP (11), TGS-REQ (12), TGS-REP (13).
enum class KdcMessage : std::uint8_t { as_req = 10, as_rep = 11, tgs_req = 12, tgs_rep = 13 };

struct KdcRequest {
  KdcMessage type = KdcMessage::as_req;
  std::vector<PaData> padata = {};
  KdcRequestBody body = {};
  Bytes body_octets = {};  ///< filled by decode: the KDC-REQ-BODY as received, which the TGS checksum covers
};

struct KdcReply {
  KdcMessage type = KdcMessage::as_rep;
  std::vector<PaData> padata = {};
  std::string crealm = {};
  PrincipalName cname = {};
  Ticket ticket = {};
  EncryptedData enc_part = {};
  bool operator==(const KdcReply&) const = default;
};

struct LastRequest {
  std::int32_t type = 0;
  Time value = 0;
  bool operator==(const LastRequest&) const = default;
};

struct EncKdcReplyPart {
  Key key;
  std::vector<LastRequest> last_requests = {};
  std::int64_t nonce = 0;
  std::optional<Time> key_expiration = {};
  std::uint32_t flags = 0;
  Time authtime = 0;
  std::optional<Time> starttime = {};
  Time endtime = 0;
  std::optional<Time> renew_till = {};
  std::string srealm = {};
  PrincipalName sname = {};
  std::vector<HostAddress> caddr = {};
  std::vector<PaData> encrypted_padata = {};  ///< RFC 6806 section 11
  bool operator==(const EncKdcReplyPart&) const = default;
};

struct ApRequest {
  std::uint32_t options = 0;
  Ticket ticket = {};
  EncryptedData authenticator = {};
  bool operator==(const ApRequest&) const = default;
};

struct ApReply {
  EncryptedData enc_part = {};
  bool operator==(const ApReply&) const = default;
};

struct EncApReplyPart {
  Time ctime = 0;
  std::optional<Key> subkey = {};
  std::optional<std::uint32_t> sequence_number = {};
  bool operator==(const EncApReplyPart&) const = default;
};

struct KrbError {
  std::optional<Time> ctime = {};
  Time stime = 0;
  ErrorCode code = ErrorCode::generic;
  std::optional<std::string> crealm = {};
  std::optional<PrincipalName> cname = {};
  std::string realm = {};
  PrincipalName sname = {};
  std::string text = {};  ///< empty: not sent
  Bytes data = {};        ///< empty: not sent
  bool operator==(const KrbError&) const = default;
};

struct EtypeInfo2Entry {
  std::int32_t etype = 0;
  std::optional<std::string> salt = {};
  Bytes s2kparams = {};  ///< empty: not sent
  bool operator==(const EtypeInfo2Entry&) const = default;
};

Bytes encode(const Ticket& value);
SecretBytes encode(const EncTicketPart& value);
SecretBytes encode(const Authenticator& value);
Bytes encode(const KdcRequestBody& value);
Bytes encode(const KdcRequest& value);  ///< from `body`; `body_octets` is not looked at
Bytes encode(const KdcReply& value);
/// EncASRepPart (25) or EncTGSRepPart (26), as `reply` says.
SecretBytes encode(const EncKdcReplyPart& value, KdcMessage reply);
Bytes encode(const ApRequest& value);
Bytes encode(const ApReply& value);
SecretBytes encode(const EncApReplyPart& value);
Bytes encode(const KrbError& value);
Bytes encode(const std::vector<AuthorizationElement>& authorization_data);
Bytes encode(const std::vector<PaData>& method_data);
Bytes encode(const std::vector<EtypeInfo2Entry>& etype_info2);
/// PA-ENC-TS-ENC: the time that PA-ENC-TIMESTAMP encrypts.
SecretBytes encode_pa_timestamp(Time time);
/// A bare Checksum, as the value of PA-REQ-ENC-PA-REP in a reply.
Bytes encode(const Checksum& value);
/// A bare EncryptedData, as the value of PA-ENC-TIMESTAMP.
Bytes encode(const EncryptedData& value);

Ticket decode_ticket(ByteView octets);
EncTicketPart decode_enc_ticket_part(ByteView octets);
Authenticator decode_authenticator(ByteView octets);
KdcRequest decode_kdc_request(ByteView octets);
KdcReply decode_kdc_reply(ByteView octets);
/// Either tag, 25 or 26: MIT sends 26 inside an AS-REP (section 5.4.2 allows it).
EncKdcReplyPart decode_enc_kdc_reply_part(ByteView octets);
ApRequest decode_ap_request(ByteView octets);
ApReply decode_ap_reply(ByteView octets);
EncApReplyPart decode_enc_ap_reply_part(ByteView octets);
KrbError decode_krb_error(ByteView octets);
std::vector<AuthorizationElement> decode_authorization_data(ByteView octets);
std::vector<PaData> decode_method_data(ByteView octets);
std::vector<EtypeInfo2Entry> decode_etype_info2(ByteView octets);
Time decode_pa_timestamp(ByteView octets);
EncryptedData decode_encrypted_data(ByteView octets);
Checksum decode_checksum(ByteView octets);

/// The APPLICATION tag number of a message's first octet; nothing if it is not a constructed APPLICATION tag.
std::optional<unsigned> application_tag(ByteView octets);

}  // namespace reveille::kerberos
