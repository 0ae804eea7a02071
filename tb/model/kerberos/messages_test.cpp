// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/messages.hpp"

#include "catch.hpp"
#include "model/kerberos/support.hpp"
#include "reveille/kerberos/der.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

constexpr Time when = 1'700'000'000 * second;

Key some_key() { return Key(Etype::aes128_sha256, Bytes(16, 0x4B)); }
PrincipalName cta() { return parse_principal("cta1"); }
PrincipalName controller() { return parse_principal("mtaprovsrvr/ctl1.reveille.test"); }
EncryptedData sealed(std::optional<std::uint32_t> kvno) {
  return {.etype = 18, .kvno = kvno, .cipher = Bytes(40, 0xCC)};
}
Ticket ticket() { return {.realm = "REVEILLE.TEST", .sname = controller(), .enc_part = sealed(2)}; }

/// Every octet but the message's own matters: cut anywhere, or followed by one more, it is malformed.
template <typename Decode>
void check_strict(ByteView encoded, Decode&& decode) {
  CHECK_NOTHROW(decode(encoded));
  for (std::size_t size = 0; size < encoded.size(); ++size) {
    CHECK(error_of([&] { decode(encoded.first(size)); }) == ErrorKind::malformed);
  }
  Bytes longer = copy(encoded);
  longer.push_back(0);
  CHECK(error_of([&] { decode(longer); }) == ErrorKind::malformed);
}

template <typename T, typename Decode>
void check_round_trip(const T& value, Decode&& decode) {
  const auto encoded = encode(value);
  CHECK(decode(encoded) == value);
  check_strict(encoded, decode);
}

}  // namespace

TEST_CASE("a small AP-REQ, written out by hand from RFC 4120") {
  const ApRequest request{.options = ap_option::mutual_required,
                          .ticket = {.realm = "R",
                                     .sname = {.type = 2, .components = {"a", "b"}},
                                     .enc_part = {.etype = 17, .kvno = 3, .cipher = {0xC1}}},
                          .authenticator = {.etype = 17, .cipher = {0xC2}}};
  const Bytes expected = from_hex(
      "6e593057"
      "a003020105"                      // pvno 5
      "a10302010e"                      // msg-type 14
      "a20703050020000000"              // ap-options: mutual-required
      "a33461323030"                    // ticket
      "a003020105"                      //   tkt-vno 5
      "a1031b0152"                      //   realm R
      "a211300fa003020102"              //   sname: name-type 2
      "a10830061b01611b0162"            //     name-string a, b
      "a311300fa003020111a103020103"    //   enc-part: etype 17, kvno 3
      "a2030401c1"                      //     cipher
      "a40c300aa003020111a2030401c2");  // authenticator: etype 17, cipher
  CHECK(encode(request) == expected);
  CHECK(decode_ap_request(expected) == request);
}

TEST_CASE("messages come back as they went") {
  check_round_trip(ticket(), decode_ticket);
  check_round_trip(ApRequest{.options = ap_option::mutual_required, .ticket = ticket(), .authenticator = sealed({})},
                   decode_ap_request);
  check_round_trip(ApReply{.enc_part = sealed({})}, decode_ap_reply);
  check_round_trip(EncApReplyPart{.ctime = when + 7}, decode_enc_ap_reply_part);
  check_round_trip(EncApReplyPart{.ctime = when + 999'999, .subkey = some_key(), .sequence_number = 0xFFFF'FFFFU},
                   decode_enc_ap_reply_part);
  check_round_trip(Authenticator{.crealm = "REVEILLE.TEST", .cname = cta(), .ctime = when + 1}, decode_authenticator);
  check_round_trip(Authenticator{.crealm = "REVEILLE.TEST",
                                 .cname = cta(),
                                 .checksum = Checksum{.type = 19, .octets = Bytes(16, 1)},
                                 .ctime = when + 123'456,
                                 .subkey = some_key(),
                                 .sequence_number = 0x8000'0000U,
                                 .authorization_data = {{.type = 1, .data = Bytes(3, 2)}}},
                   decode_authenticator);
  check_round_trip(EncTicketPart{.flags = ticket_flag::initial | ticket_flag::pre_authent,
                                 .key = some_key(),
                                 .crealm = "REVEILLE.TEST",
                                 .cname = cta(),
                                 .transited_type = 1,
                                 .authtime = when,
                                 .endtime = when + hour},
                   decode_enc_ticket_part);
  check_round_trip(EncTicketPart{.flags = ticket_flag::invalid,
                                 .key = some_key(),
                                 .crealm = "REVEILLE.TEST",
                                 .cname = cta(),
                                 .transited_type = 1,
                                 .transited = Bytes(2, 3),
                                 .authtime = when,
                                 .starttime = when + minute,
                                 .endtime = when + hour,
                                 .renew_till = when + 2 * hour,
                                 .caddr = {{.type = 2, .address = {10, 0, 0, 1}}},
                                 .authorization_data = {{.type = 1, .data = Bytes(200, 4)}}},
                   decode_enc_ticket_part);
  check_round_trip(
      KdcReply{.type = KdcMessage::tgs_rep, .crealm = "R", .cname = cta(), .ticket = ticket(), .enc_part = sealed(1)},
      decode_kdc_reply);
  check_round_trip(KrbError{.stime = when + 5, .code = ErrorCode::repeat, .realm = "R", .sname = controller()},
                   decode_krb_error);
  check_round_trip(KrbError{.ctime = when,
                            .stime = when + 5,
                            .code = static_cast<ErrorCode>(4711),
                            .crealm = "R",
                            .cname = cta(),
                            .realm = "R",
                            .sname = controller(),
                            .text = "why",
                            .data = Bytes(9, 1)},
                   decode_krb_error);
}

TEST_CASE("KDC requests keep the octets that the checksum covers") {
  const KdcRequest request{.type = KdcMessage::tgs_req,
                           .padata = {{.type = pa_type::tgs_req, .value = Bytes(5, 5)}},
                           .body = {.options = 0x4080'0000U,
                                    .cname = cta(),
                                    .realm = "R",
                                    .sname = controller(),
                                    .from = when,
                                    .till = when + hour,
                                    .rtime = when + 2 * hour,
                                    .nonce = 0xFFFF'FFFFU,
                                    .etypes = {18, 17, -133},
                                    .addresses = {{.type = 24, .address = Bytes(16, 9)}},
                                    .enc_authorization_data = sealed({}),
                                    .additional_tickets = {ticket()}}};
  const Bytes encoded = encode(request);
  const KdcRequest read = decode_kdc_request(encoded);
  CHECK(read.type == request.type);
  CHECK(read.padata == request.padata);
  CHECK(read.body == request.body);
  CHECK(read.body_octets == encode(request.body));
  CHECK(read.body_octets[0] == der::sequence_tag);  // without the [4] (section 5.4.1)
  check_strict(encoded, decode_kdc_request);
  CHECK(application_tag(encoded) == 12U);

  Bytes other_type = encoded;  // the tag says AS-REQ, msg-type still TGS-REQ
  other_type[0] = der::application(10);
  CHECK(error_of([&] { (void)decode_kdc_request(other_type); }) == ErrorKind::malformed);
}

TEST_CASE("the encrypted part of a KDC reply comes under either tag") {
  const EncKdcReplyPart part{.key = some_key(),
                             .last_requests = {{.type = 0, .value = when}},
                             .nonce = 7,
                             .key_expiration = when + 3 * hour,
                             .flags = ticket_flag::initial,
                             .authtime = when,
                             .starttime = when,
                             .endtime = when + hour,
                             .srealm = "R",
                             .sname = controller(),
                             .encrypted_padata = {{.type = 149, .value = {}}}};
  const auto as = encode(part, KdcMessage::as_rep), tgs = encode(part, KdcMessage::tgs_rep);
  CHECK(application_tag(as) == 25U);
  CHECK(application_tag(tgs) == 26U);
  CHECK(decode_enc_kdc_reply_part(as) == part);
  CHECK(decode_enc_kdc_reply_part(tgs) == part);
  check_strict(as, decode_enc_kdc_reply_part);
}

TEST_CASE("pre-authentication data") {
  const std::vector<PaData> method_data = {{.type = pa_type::etype_info2, .value = Bytes(4, 1)},
                                           {.type = 2, .value = {}}};
  CHECK(decode_method_data(encode(method_data)) == method_data);
  CHECK(decode_method_data(from_hex("3000")).empty());
  CHECK(encode(std::vector<PaData>{{.type = 2, .value = {}}}) == from_hex("300b3009a103020102a2020400"));  // [1], [2]
  const std::vector<EtypeInfo2Entry> info = {{.etype = 18, .salt = "REVEILLE.TESTcta1"},
                                             {.etype = 20, .s2kparams = {0, 0, 16, 0}}};
  CHECK(decode_etype_info2(encode(info)) == info);
  check_strict(encode(info), decode_etype_info2);
  CHECK(decode_pa_timestamp(encode_pa_timestamp(when + 5)) == when + 5);
  check_strict(encode_pa_timestamp(when), decode_pa_timestamp);
  CHECK(decode_pa_timestamp(from_hex("3013a011180f32303233313131343232313332305a")) == when);  // pausec is optional
  CHECK(error_of([] { (void)decode_pa_timestamp(from_hex("3018a011180f32303233313131343232313332305aa203020101")); }) ==
        ErrorKind::malformed);  // and nothing else may follow
}

TEST_CASE("which message it is, its first octet says") {
  for (unsigned tag = 0; tag <= 30; ++tag) {
    CHECK(application_tag(Bytes{static_cast<std::uint8_t>(0x60 + tag)}) == tag);
  }
  for (const std::uint8_t other : {0x00, 0x30, 0x5F, 0x7F, 0x80, 0xFF}) CHECK_FALSE(application_tag(Bytes{other}));
  CHECK_FALSE(application_tag({}));
}

TEST_CASE("what a peer may send that we never do") {
  // A negative sequence number (section 5.5.1).
  const Bytes part = from_hex("7b223020a011180f32303233313131343232313332305aa103020101a306020480000000");
  CHECK(decode_enc_ap_reply_part(part).sequence_number == 0x8000'0000U);
  CHECK(decode_enc_ap_reply_part(part).ctime == when + 1);

  // An empty optional SEQUENCE OF (section 5.1.3).
  auto bare =
      encode(EncTicketPart{.key = some_key(), .crealm = "R", .cname = cta(), .authtime = when, .endtime = when});
  Bytes content = copy(der::Reader(bare).enter(der::application(3), "x").take(der::sequence_tag, "x"));
  append(content, from_hex("a9023000"));
  const auto with_empty = der::tag_length_value(der::application(3), der::tag_length_value(der::sequence_tag, content));
  CHECK(decode_enc_ticket_part(with_empty).caddr.empty());
  CHECK(decode_enc_ticket_part(with_empty) == decode_enc_ticket_part(bare));
}

TEST_CASE("fields out of range") {
  const auto with_cusec = [](ByteView integer) {
    auto content = der::tag_length_value(der::context(0), der::generalized_time(when));
    append(content, der::tag_length_value(der::context(1), integer));
    return der::tag_length_value(der::application(27), der::tag_length_value(der::sequence_tag, content));
  };
  CHECK(decode_enc_ap_reply_part(with_cusec(der::integer(999'999))).ctime == when + 999'999);
  CHECK(error_of([&] { (void)decode_enc_ap_reply_part(with_cusec(der::integer(1'000'000))); }) == ErrorKind::malformed);
  CHECK(error_of([&] { (void)decode_enc_ap_reply_part(with_cusec(der::integer(-1))); }) == ErrorKind::malformed);

  const auto with_key = [](std::int32_t type, std::size_t size) {
    auto key = der::tag_length_value(der::context(0), der::integer(type));
    append(key, der::tag_length_value(der::context(1), der::octet_string(Bytes(size))));
    auto content = der::tag_length_value(der::context(0), der::generalized_time(when));
    append(content, der::tag_length_value(der::context(1), der::integer(0)));
    append(content, der::tag_length_value(der::context(2), der::tag_length_value(der::sequence_tag, key)));
    return der::tag_length_value(der::application(27), der::tag_length_value(der::sequence_tag, content));
  };
  CHECK(decode_enc_ap_reply_part(with_key(18, 32)).subkey.has_value());
  CHECK(error_of([&] { (void)decode_enc_ap_reply_part(with_key(18, 31)); }) == ErrorKind::malformed);
  CHECK(code_of([&] { (void)decode_enc_ap_reply_part(with_key(23, 16)); }) == ErrorCode::etype_not_supported);
}

TEST_CASE("fields doubled, out of order, unknown or nested without end are refused") {
  const auto field = [](unsigned n, ByteView value) { return der::tag_length_value(der::context(n), value); };
  const auto reply = [](std::initializer_list<SecretBytes> fields) {
    SecretBytes content;
    for (const SecretBytes& one : fields) append(content, one);
    return der::tag_length_value(der::application(27), der::tag_length_value(der::sequence_tag, content));
  };
  const auto refused = [](const SecretBytes& octets) {
    return error_of([&] { (void)decode_enc_ap_reply_part(octets); }) == ErrorKind::malformed;
  };
  const SecretBytes time = field(0, der::generalized_time(when)), usec = field(1, der::integer(5)),
                    number = field(3, der::integer(7));
  CHECK(decode_enc_ap_reply_part(reply({time, usec, number})).sequence_number == 7U);
  CHECK(refused(reply({time, time, usec})));
  CHECK(refused(reply({time, usec, number, number})));
  CHECK(refused(reply({usec, time})));
  CHECK(refused(reply({time, usec, field(4, der::integer(0))})));
  CHECK(refused(reply({time})));
  CHECK(refused(reply({})));
  SecretBytes trailing = reply({time, usec});
  trailing.push_back(0);
  CHECK(refused(trailing));
  // Behind the SEQUENCE of a message to the KDC, but inside of its tag.
  const auto encoded = encode(KdcRequest{.type = KdcMessage::as_req, .body = {.realm = "R", .nonce = 7}});
  Bytes content = copy(der::Reader(encoded).take(der::application(10), "AS-REQ"));
  const auto again = [&] { return decode_kdc_request(der::tag_length_value(der::application(10), content)); };
  CHECK(again().body.nonce == 7);
  append(content, Bytes{5, 0});
  CHECK(error_of([&] { (void)again(); }) == ErrorKind::malformed);
  // As deep as a datagram allows: definite, and of indefinite length, which DER has not.
  SecretBytes deep = der::integer(0);
  while (deep.size() < 60'000) deep = der::tag_length_value(der::sequence_tag, deep);
  CHECK(refused(reply({time, usec, field(2, deep)})));
  CHECK(error_of([&] { (void)decode_kdc_request(deep); }) == ErrorKind::malformed);
  const Bytes endless(60'000, 0x80);
  SecretBytes indefinite = {0x6A};
  append(indefinite, endless);
  CHECK(error_of([&] { (void)decode_kdc_request(indefinite); }) == ErrorKind::malformed);
}

TEST_CASE("principal names") {
  CHECK(controller().components == std::vector<std::string>{"mtaprovsrvr", "ctl1.reveille.test"});
  CHECK(controller().type == PrincipalName::service_instance);
  CHECK(cta().type == PrincipalName::principal);
  CHECK(to_string(controller()) == "mtaprovsrvr/ctl1.reveille.test");
  CHECK(to_string(ticket_granting_service("R")) == "krbtgt/R");
  CHECK(default_salt("REVEILLE.TEST", controller()) == "REVEILLE.TESTmtaprovsrvrctl1.reveille.test");
  PrincipalName other_type = cta();
  other_type.type = PrincipalName::unknown;
  CHECK(other_type == cta());  // section 6.2: the type is a hint
  for (const char* text : {"", "/a", "a/", "a//b", "a@R"}) {
    CHECK(error_of([&] { (void)parse_principal(text); }) == ErrorKind::bad_input);
  }
}

TEST_CASE("bent octets are refused or read, nothing else") {
  SeededRandom random(3);
  const std::vector<Bytes> messages = {
      encode(ApRequest{.options = ap_option::mutual_required, .ticket = ticket(), .authenticator = sealed({})}),
      encode(KrbError{.ctime = when, .stime = when + 5, .realm = "R", .sname = controller(), .data = Bytes(9, 1)}),
      to_bytes(encode(EncApReplyPart{.ctime = when, .subkey = some_key(), .sequence_number = 5}))};
  int refused = 0, read = 0;
  for (const Bytes& message : messages) {
    for (int i = 0; i < 20'000; ++i) {
      Bytes bent = message;
      const Bytes draw = random.bytes(4);
      bent[(draw[0] << 8 | draw[1]) % bent.size()] = draw[2];
      if (draw[3] < 64) bent.resize(draw[3] % bent.size());
      try {
        // Only the decoder's own exceptions: any other one fails the test.
        switch (application_tag(bent).value_or(0)) {
          case 14: (void)decode_ap_request(bent); break;
          case 30: (void)decode_krb_error(bent); break;
          default: (void)decode_enc_ap_reply_part(bent);
        }
        ++read;
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 10'000);
  CHECK(read > 1'000);
}
