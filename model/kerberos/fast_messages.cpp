// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/fast_messages.hpp"

#include "reveille/kerberos/codec.hpp"

namespace reveille::kerberos {

namespace fast {
namespace {
/// KrbFastArmoredRep.
struct ArmoredReply {
  EncryptedData sealed = {};
};
}  // namespace
}  // namespace fast

template <>
struct Schema<fast::Armor> {
  static void fields(auto& io, auto& v) {
    io(0, v.type, "armor-type");
    io(1, v.value, "armor-value");
    io.more();
  }
};

template <>
struct Schema<fast::ArmoredRequest> {
  static void fields(auto& io, auto& v) {
    io(0, v.armor, "armor");
    io(1, v.checksum, "req-checksum");
    io(2, v.sealed, "enc-fast-req");
    io.more();
  }
};

template <>
struct Schema<fast::ArmoredReply> {
  static void fields(auto& io, auto& v) {
    io(0, v.sealed, "enc-fast-rep");
    io.more();
  }
};

template <>
struct Schema<fast::Request> {
  static void fields(auto& io, auto& v) {
    io.flags(0, v.options, "fast-options");
    io.list(1, v.padata, "padata");
    io.keep(2, v.body_octets, "req-body");
    io(2, v.body, "req-body");
    io.more();
  }
};

template <>
struct Schema<fast::Finished> {
  static void fields(auto& io, auto& v) {
    io.time(0, v.time, "timestamp");
    io.cusec(1, v.time, "usec");
    io(2, v.crealm, "crealm");
    io(3, v.cname, "cname");
    io(4, v.ticket_checksum, "ticket-checksum");
    io.more();
  }
};

template <>
struct Schema<fast::Response> {
  static void fields(auto& io, auto& v) {
    io.list(0, v.padata, "padata");
    io(1, v.strengthen_key, "strengthen-key");
    io(2, v.finished, "finished");
    io(3, v.nonce, "nonce");
    io.more();
  }
};

namespace fast {
namespace {

/// What is behind the tag of a CHOICE that has one alternative, armored-data.
ByteView chosen(ByteView octets, const char* what) {
  der::Reader in(octets);
  const ByteView content = in.take(der::context(0), what);
  in.finish(what);
  return content;
}

template <typename T>
Bytes choose(const T& value) {
  return to_bytes(der::tag_length_value(der::context(0), Encoder::value(value)));
}

}  // namespace

Bytes encode(const ArmoredRequest& value) { return choose(value); }
ArmoredRequest decode_armored_request(ByteView octets) {
  return decode<ArmoredRequest>(chosen(octets, "PA-FX-FAST-REQUEST"), "KrbFastArmoredReq");
}
Bytes encode_armored_reply(const EncryptedData& sealed) { return choose(ArmoredReply{sealed}); }
EncryptedData decode_armored_reply(ByteView octets) {
  return decode<ArmoredReply>(chosen(octets, "PA-FX-FAST-REPLY"), "KrbFastArmoredRep").sealed;
}

SecretBytes encode(const Request& value) { return Encoder::value(value); }
Request decode_request(ByteView octets) { return decode<Request>(octets, "KrbFastReq"); }
SecretBytes encode(const Response& value) { return Encoder::value(value); }
Response decode_response(ByteView octets) { return decode<Response>(octets, "KrbFastResponse"); }

}  // namespace fast
}  // namespace reveille::kerberos
