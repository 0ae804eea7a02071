// SPDX-License-Identifier: Apache-2.0
#pragma once

// The ASN.1 module of RFC 4120, Appendix A, once for both directions: Schema<T>::fields(io, value) names each field
// with its context tag, and `io` is the encoder or the decoder of codec.hpp. Internal to model/kerberos.
//
//   io(n, value)        by its type: Int32, UInt32, OCTET STRING, KerberosString, SEQUENCE; std::optional is OPTIONAL
//   io.if_any(n, value) OPTIONAL, absent when empty: strings, octets, SEQUENCE OF
//   io.list(n, value)   SEQUENCE OF, always there
//   io.time, io.cusec   the seconds and the microseconds of one Time
//   io.text             OPTIONAL, for people: what is not ASCII is not sent, and does no harm when it comes
//   io.constant         an INTEGER of one permitted value
//   io.more             fields of later versions, read and left alone

#include "reveille/kerberos/messages.hpp"

namespace reveille::kerberos {

template <typename T>
struct Schema;

constexpr int pvno = 5;

template <>
struct Schema<PrincipalName> {
  static void fields(auto& io, auto& v) {
    io(0, v.type, "name-type");
    io.list(1, v.components, "name-string");
  }
};

template <>
struct Schema<EncryptedData> {
  static void fields(auto& io, auto& v) {
    io(0, v.etype, "etype");
    io.kvno(1, v.kvno, "kvno");
    io(2, v.cipher, "cipher");
  }
};

template <>
struct Schema<HostAddress> {
  static void fields(auto& io, auto& v) {
    io(0, v.type, "addr-type");
    io(1, v.address, "address");
  }
};

template <>
struct Schema<Checksum> {
  static void fields(auto& io, auto& v) {
    io(0, v.type, "cksumtype");
    io(1, v.octets, "checksum");
  }
};

template <>
struct Schema<PaData> {
  static void fields(auto& io, auto& v) {
    io(1, v.type, "padata-type");  // yes, from [1]
    io(2, v.value, "padata-value");
  }
};

template <>
struct Schema<AuthorizationElement> {
  static void fields(auto& io, auto& v) {
    io(0, v.type, "ad-type");
    io(1, v.data, "ad-data");
  }
};

template <>
struct Schema<LastRequest> {
  static void fields(auto& io, auto& v) {
    io(0, v.type, "lr-type");
    io.time(1, v.value, "lr-value");
  }
};

template <>
struct Schema<EtypeInfo2Entry> {
  static void fields(auto& io, auto& v) {
    io(0, v.etype, "etype");
    io(1, v.salt, "salt");
    io.if_any(2, v.s2kparams, "s2kparams");
  }
};

template <>
struct Schema<Ticket> {
  static constexpr unsigned application = 1;
  static void fields(auto& io, auto& v) {
    io.constant(0, pvno, "tkt-vno");
    io(1, v.realm, "realm");
    io(2, v.sname, "sname");
    io(3, v.enc_part, "enc-part");
  }
};

template <>
struct Schema<EncTicketPart> {
  static constexpr unsigned application = 3;
  static void fields(auto& io, auto& v) {
    io.flags(0, v.flags, "flags");
    io(1, v.key, "key");
    io(2, v.crealm, "crealm");
    io(3, v.cname, "cname");
    io.group(4, "transited", [&](auto& inner) {
      inner(0, v.transited_type, "tr-type");
      inner(1, v.transited, "contents");
    });
    io.time(5, v.authtime, "authtime");
    io.time(6, v.starttime, "starttime");
    io.time(7, v.endtime, "endtime");
    io.time(8, v.renew_till, "renew-till");
    io.if_any(9, v.caddr, "caddr");
    io.if_any(10, v.authorization_data, "authorization-data");
  }
};

template <>
struct Schema<Authenticator> {
  static constexpr unsigned application = 2;
  static void fields(auto& io, auto& v) {
    io.constant(0, pvno, "authenticator-vno");
    io(1, v.crealm, "crealm");
    io(2, v.cname, "cname");
    io(3, v.checksum, "cksum");
    io.cusec(4, v.ctime, "cusec");
    io.time(5, v.ctime, "ctime");
    io(6, v.subkey, "subkey");
    io.sequence_number(7, v.sequence_number);
    io.if_any(8, v.authorization_data, "authorization-data");
  }
};

template <>
struct Schema<KdcRequestBody> {
  static void fields(auto& io, auto& v) {
    io.flags(0, v.options, "kdc-options");
    io(1, v.cname, "cname");
    io(2, v.realm, "realm");
    io(3, v.sname, "sname");
    io.time(4, v.from, "from");
    io.time(5, v.till, "till");
    io.time(6, v.rtime, "rtime");
    io(7, v.nonce, "nonce");
    io.list(8, v.etypes, "etype");
    io.if_any(9, v.addresses, "addresses");
    io(10, v.enc_authorization_data, "enc-authorization-data");
    io.if_any(11, v.additional_tickets, "additional-tickets");
  }
};

template <>
struct Schema<KdcRequest> {
  static void fields(auto& io, auto& v) {
    io.constant(1, pvno, "pvno");
    io.constant(2, static_cast<int>(v.type), "msg-type");
    io.if_any(3, v.padata, "padata");
    io.keep(4, v.body_octets, "req-body");
    io(4, v.body, "req-body");
  }
};

template <>
struct Schema<KdcReply> {
  static void fields(auto& io, auto& v) {
    io.constant(0, pvno, "pvno");
    io.constant(1, static_cast<int>(v.type), "msg-type");
    io.if_any(2, v.padata, "padata");
    io(3, v.crealm, "crealm");
    io(4, v.cname, "cname");
    io(5, v.ticket, "ticket");
    io(6, v.enc_part, "enc-part");
  }
};

template <>
struct Schema<EncKdcReplyPart> {
  static void fields(auto& io, auto& v) {
    io(0, v.key, "key");
    io.list(1, v.last_requests, "last-req");
    io(2, v.nonce, "nonce");
    io.time(3, v.key_expiration, "key-expiration");
    io.flags(4, v.flags, "flags");
    io.time(5, v.authtime, "authtime");
    io.time(6, v.starttime, "starttime");
    io.time(7, v.endtime, "endtime");
    io.time(8, v.renew_till, "renew-till");
    io(9, v.srealm, "srealm");
    io(10, v.sname, "sname");
    io.if_any(11, v.caddr, "caddr");
    io.if_any(12, v.encrypted_padata, "encrypted-pa-data");
  }
};

template <>
struct Schema<ApRequest> {
  static constexpr unsigned application = 14;
  static void fields(auto& io, auto& v) {
    io.constant(0, pvno, "pvno");
    io.constant(1, 14, "msg-type");
    io.flags(2, v.options, "ap-options");
    io(3, v.ticket, "ticket");
    io(4, v.authenticator, "authenticator");
  }
};

template <>
struct Schema<ApReply> {
  static constexpr unsigned application = 15;
  static void fields(auto& io, auto& v) {
    io.constant(0, pvno, "pvno");
    io.constant(1, 15, "msg-type");
    io(2, v.enc_part, "enc-part");
  }
};

template <>
struct Schema<EncApReplyPart> {
  static constexpr unsigned application = 27;
  static void fields(auto& io, auto& v) {
    io.time(0, v.ctime, "ctime");
    io.cusec(1, v.ctime, "cusec");
    io(2, v.subkey, "subkey");
    io.sequence_number(3, v.sequence_number);
  }
};

template <>
struct Schema<KrbError> {
  static constexpr unsigned application = 30;
  static void fields(auto& io, auto& v) {
    io.constant(0, pvno, "pvno");
    io.constant(1, 30, "msg-type");
    io.time(2, v.ctime, "ctime");
    io.cusec(3, v.ctime, "cusec");
    io.time(4, v.stime, "stime");
    io.cusec(5, v.stime, "susec");
    io.enumeration(6, v.code, "error-code");
    io(7, v.crealm, "crealm");
    io(8, v.cname, "cname");
    io(9, v.realm, "realm");
    io(10, v.sname, "sname");
    io.text(11, v.text, "e-text");
    io.if_any(12, v.data, "e-data");
  }
};

}  // namespace reveille::kerberos
