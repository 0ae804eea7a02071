// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/messages.hpp"

#include "reveille/kerberos/codec.hpp"

namespace reveille::kerberos {
namespace {

constexpr unsigned enc_as_rep_part = 25;
constexpr unsigned enc_tgs_rep_part = 26;

SecretBytes in_application(unsigned number, ByteView sequence) {
  return der::tag_length_value(der::application(number), sequence);
}

/// The SEQUENCE inside one of two APPLICATION tags; which one, `tag` says afterwards.
ByteView inside(ByteView octets, unsigned first, unsigned second, unsigned& tag, const char* what) {
  der::Reader in(octets);
  tag = in.next_is(der::application(second)) ? second : first;
  const ByteView content = in.take(der::application(tag), what);
  in.finish(what);
  return content;
}

/// KDC messages know their type from the tag, which msg-type must repeat.
template <typename T>
T decode_kdc(ByteView octets, KdcMessage as, KdcMessage tgs, const char* what) {
  unsigned tag = 0;
  der::Reader in(inside(octets, static_cast<unsigned>(as), static_cast<unsigned>(tgs), tag, what));
  T v;
  v.type = static_cast<KdcMessage>(tag);
  Decoder io(in, what);
  Schema<T>::fields(io, v);
  io.finish(what);
  in.finish(what);
  return v;
}

template <typename T>
std::vector<T> decode_sequence_of(ByteView octets, const char* what) {
  der::Reader in(octets);
  std::vector<T> items = Decoder::sequence_of<T>(in, what);
  in.finish(what);
  return items;
}

}  // namespace

Bytes encode(const Ticket& value) { return to_bytes(Encoder::value(value)); }
SecretBytes encode(const EncTicketPart& value) { return Encoder::value(value); }
SecretBytes encode(const Authenticator& value) { return Encoder::value(value); }
Bytes encode(const KdcRequestBody& value) { return to_bytes(Encoder::value(value)); }
Bytes encode(const ApRequest& value) { return to_bytes(Encoder::value(value)); }
Bytes encode(const ApReply& value) { return to_bytes(Encoder::value(value)); }
SecretBytes encode(const EncApReplyPart& value) { return Encoder::value(value); }
Bytes encode(const KrbError& value) { return to_bytes(Encoder::value(value)); }
Bytes encode(const EncryptedData& value) { return to_bytes(Encoder::value(value)); }
Bytes encode(const Checksum& value) { return to_bytes(Encoder::value(value)); }
Bytes encode(const std::vector<AuthorizationElement>& authorization_data) {
  return to_bytes(Encoder::sequence_of(authorization_data));
}
Bytes encode(const std::vector<PaData>& method_data) { return to_bytes(Encoder::sequence_of(method_data)); }
Bytes encode(const std::vector<EtypeInfo2Entry>& etype_info2) { return to_bytes(Encoder::sequence_of(etype_info2)); }

Bytes encode(const KdcRequest& value) {
  return to_bytes(in_application(static_cast<unsigned>(value.type), Encoder::value(value)));
}
Bytes encode(const KdcReply& value) {
  return to_bytes(in_application(static_cast<unsigned>(value.type), Encoder::value(value)));
}
SecretBytes encode(const EncKdcReplyPart& value, KdcMessage reply) {
  return in_application(reply == KdcMessage::as_rep ? enc_as_rep_part : enc_tgs_rep_part, Encoder::value(value));
}

SecretBytes encode_pa_timestamp(Time time) {
  Encoder io;
  io.time(0, time, "patimestamp");
  io.cusec(1, time, "pausec");
  return io.sequence();
}

Ticket decode_ticket(ByteView octets) { return decode<Ticket>(octets, "Ticket"); }
EncTicketPart decode_enc_ticket_part(ByteView octets) { return decode<EncTicketPart>(octets, "EncTicketPart"); }
Authenticator decode_authenticator(ByteView octets) { return decode<Authenticator>(octets, "Authenticator"); }
ApRequest decode_ap_request(ByteView octets) { return decode<ApRequest>(octets, "AP-REQ"); }
ApReply decode_ap_reply(ByteView octets) { return decode<ApReply>(octets, "AP-REP"); }
EncApReplyPart decode_enc_ap_reply_part(ByteView octets) { return decode<EncApReplyPart>(octets, "EncAPRepPart"); }
KrbError decode_krb_error(ByteView octets) { return decode<KrbError>(octets, "KRB-ERROR"); }
EncryptedData decode_encrypted_data(ByteView octets) { return decode<EncryptedData>(octets, "EncryptedData"); }
Checksum decode_checksum(ByteView octets) { return decode<Checksum>(octets, "Checksum"); }

KdcRequest decode_kdc_request(ByteView octets) {
  return decode_kdc<KdcRequest>(octets, KdcMessage::as_req, KdcMessage::tgs_req, "KDC-REQ");
}
KdcReply decode_kdc_reply(ByteView octets) {
  return decode_kdc<KdcReply>(octets, KdcMessage::as_rep, KdcMessage::tgs_rep, "KDC-REP");
}
EncKdcReplyPart decode_enc_kdc_reply_part(ByteView octets) {
  unsigned tag = 0;
  return decode<EncKdcReplyPart>(inside(octets, enc_as_rep_part, enc_tgs_rep_part, tag, "EncKDCRepPart"),
                                 "EncKDCRepPart");
}

std::vector<AuthorizationElement> decode_authorization_data(ByteView octets) {
  return decode_sequence_of<AuthorizationElement>(octets, "AuthorizationData");
}
std::vector<PaData> decode_method_data(ByteView octets) { return decode_sequence_of<PaData>(octets, "METHOD-DATA"); }
std::vector<EtypeInfo2Entry> decode_etype_info2(ByteView octets) {
  return decode_sequence_of<EtypeInfo2Entry>(octets, "ETYPE-INFO2");
}

Time decode_pa_timestamp(ByteView octets) {
  der::Reader in(octets);
  Decoder io(in, "PA-ENC-TS-ENC");
  std::optional<Time> time = 0;
  io.time(0, *time, "patimestamp");
  io.cusec(1, time, "pausec");
  io.finish("PA-ENC-TS-ENC");
  in.finish("PA-ENC-TS-ENC");
  return *time;
}

std::optional<unsigned> application_tag(ByteView octets) {
  if (octets.empty() || octets[0] < der::application(0) || octets[0] > der::application(30)) return {};
  return octets[0] - der::application(0);
}

}  // namespace reveille::kerberos
