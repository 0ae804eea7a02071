// SPDX-License-Identifier: Apache-2.0
// Each parser by its name, for libFuzzer: REVEILLE_FUZZ_PARSER chooses one, without a choice the first octet does. What
// a parser takes is written and read again, and has to be the same; what it refuses, it refuses by Error.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "reveille/esp/esp.hpp"
#include "reveille/kerberos/client.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "reveille/kerberos/des3.hpp"
#include "reveille/kerberos/fast.hpp"
#include "reveille/kerberos/kdc.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "reveille/kerberos/messages.hpp"
#include "reveille/keymgmt/security.hpp"
#include "reveille/policy/guard.hpp"
#include "reveille/snmp/agent.hpp"

namespace {

using namespace reveille;
using namespace reveille::kerberos;

struct Parser {
  const char* name;
  std::function<void(ByteView)> read;
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// What decodes comes back from its encoding as the same.
template <typename Decode>
std::function<void(ByteView)> there_and_back(Decode decode) {
  return [decode](ByteView octets) {
    const auto value = decode(octets);
    if (!(decode(encode(value)) == value)) fail("another value comes back from its encoding");
  };
}

template <typename Decode>
std::function<void(ByteView)> alone(Decode decode) {
  return [decode](ByteView octets) { (void)decode(octets); };
}

void read_reply_part(ByteView octets) {
  const EncKdcReplyPart part = decode_enc_kdc_reply_part(octets);
  if (!(decode_enc_kdc_reply_part(encode(part, KdcMessage::as_rep)) == part)) fail("another reply part comes back");
}

/// The reply as its EncryptedData alone; the tag around it is the encoder's to put back.
void read_armored_reply(ByteView octets) {
  const EncryptedData sealed = fast::decode_armored_reply(octets);
  if (!(fast::decode_armored_reply(fast::encode_armored_reply(sealed)) == sealed)) fail("another armoured reply");
}

void read_fast_request(ByteView octets) {
  const fast::Request request = fast::decode_request(octets);
  const fast::Request again = fast::decode_request(encode(request));
  if (!(again.body == request.body && again.padata == request.padata && again.options == request.options)) {
    fail("another request comes back from its encoding");
  }
}

void read_keymgmt(ByteView octets) {
  const keymgmt::Message message = keymgmt::decode(octets);
  const Bytes again = std::visit([](const auto& each) { return keymgmt::encode(each); }, message);
  if (!std::ranges::equal(again, octets)) fail("a message of key management comes back as other octets");
}

void read_keytab(ByteView octets) {
  const Keytab keytab = Keytab::decode(octets);
  if (Keytab::decode(keytab.encode()).entries().size() != keytab.entries().size()) fail("keys of a keytab are lost");
}

void read_cache(ByteView octets) {
  const CredentialCache cache = CredentialCache::decode(octets);
  if (CredentialCache::decode(cache.encode()).credentials.size() != cache.credentials.size()) fail("tickets are lost");
}

void read_name(ByteView octets) {
  const PrincipalName name = parse_principal({reinterpret_cast<const char*>(octets.data()), octets.size()});
  if (parse_principal(to_string(name)) != name) fail("another name comes back from its text");
}

constexpr Time now = 1'700'000'000 * second;

/// A KDC with a client, two services and nothing to lose.
void ask_kdc(ByteView octets) {
  static SeededRandom random(1);
  static Kdc kdc = [] {
    Kdc made("R", random, {.weak_etypes = true});
    made.add_key(parse_principal("c"), Key(Etype::aes128_sha1, Bytes(16, 1)));
    made.add_key(parse_principal("s"), Key(Etype::aes128_sha1, Bytes(16, 2)));
    return made;
  }();
  (void)kdc.handle(octets, now, HostAddress{.type = 2, .address = {127, 0, 0, 1}});
}

/// The same, with what is in the armour.
void ask_kdc_in_armor(ByteView octets) {
  static SeededRandom random(3);
  static Kdc kdc("R", random);
  static const Key session(Etype::aes128_sha1, Bytes(16, 4));
  static const SentApRequest header = [] {
    kdc.add_key(parse_principal("c"), Key(Etype::aes128_sha1, Bytes(16, 1)));
    const EncTicketPart part{.key = session, .crealm = "R", .cname = parse_principal("c"), .endtime = now + hour};
    const Key granting = kdc.keys().entries().front().key;
    const Ticket ticket{.realm = "R",
                        .sname = ticket_granting_service("R"),
                        .enc_part = {.etype = static_cast<std::int32_t>(granting.etype()),
                                     .cipher = granting.encrypt(KeyUsage::ticket, encode(part), random)}};
    return make_ap_request({.crealm = "R", .cname = part.cname, .ticket = ticket, .session_key = session}, now,
                           {.subkey = true}, random);
  }();
  static const Key armor = fast::armor_key(header.subkey, session);
  KdcRequest request{.body = {.realm = "R", .nonce = 1}};
  const Checksum checksum{.type = checksum_type(armor.etype()),
                          .octets = armor.checksum(KeyUsage::fast_request_checksum, encode(request.body))};
  const fast::ArmoredRequest armored{
      .armor = fast::Armor{.value = header.octets},
      .checksum = checksum,
      .sealed = {.etype = 17, .cipher = armor.encrypt(KeyUsage::fast_request, octets, random)}};
  request.padata = {{.type = pa_type::fx_fast, .value = encode(armored)}};
  if (kdc.handle(encode(request), now).empty()) fail("silence to a request that is one");
}

void ask_service(ByteView octets) {
  static const Service service = [] {
    Keytab keytab;
    keytab.add({.realm = "R", .principal = parse_principal("s"), .key = Key(Etype::aes128_sha1, Bytes(16, 2))});
    return Service("R", parse_principal("s"), keytab);
  }();
  (void)service.open(octets);
}

void answer_client(ByteView octets) {
  static SeededRandom random(2);
  AsExchange exchange(parse_principal("c"), "R", Key(Etype::aes128_sha1, Bytes(16, 1)), all_etypes(), random);
  (void)exchange.request(now);
  (void)exchange.reply(octets);
}

/// The same in armour, by what is inside: a reply where it has KrbFastFinished, else an error; with the nonce and the
/// checksum that the client wants, lest it looks no further.
void answer_client_in_armor(ByteView octets) {
  static const Key session(Etype::aes128_sha1, Bytes(16, 4)), own(Etype::aes128_sha1, Bytes(16, 1));
  static const Credential granting{
      .crealm = "R",
      .cname = parse_principal("h"),
      .ticket = {.realm = "R", .sname = ticket_granting_service("R"), .enc_part = {.etype = 17, .cipher = Bytes(16)}},
      .session_key = session};
  SeededRandom random(5);
  AsExchange exchange(parse_principal("c"), "R", own, all_etypes(), random, std::nullopt, granting);
  const KdcRequest request = decode_kdc_request(exchange.request(now));
  const ApRequest header = decode_ap_request(fast::decode_armored_request(request.padata.front().value).armor->value);
  const Authenticator authenticator =
      decode_authenticator(session.decrypt(KeyUsage::ap_req_authenticator, header.authenticator.cipher));
  const Key armor = fast::armor_key(authenticator.subkey, session);
  SecretBytes inside(octets.begin(), octets.end());
  bool is_reply = false;
  try {
    fast::Response response = fast::decode_response(inside);
    is_reply = response.finished.has_value();
    response.nonce = request.body.nonce;
    if (is_reply) response.finished->ticket_checksum = fast::ticket_checksum(armor, granting.ticket);
    inside = encode(response);
  } catch (const Error&) {  // as it is
  }
  const Bytes value =
      fast::encode_armored_reply({.etype = 17, .cipher = armor.encrypt(KeyUsage::fast_reply, inside, random)});
  const std::vector<PaData> padata = {{.type = pa_type::fx_fast, .value = value}};
  if (!is_reply) {
    (void)exchange.reply(encode(KrbError{.code = ErrorCode::preauth_required, .realm = "R", .data = encode(padata)}));
    (void)exchange.request(now);
    return;
  }
  const EncKdcReplyPart part{.key = session, .nonce = request.body.nonce, .endtime = now + hour, .srealm = "R"};
  (void)exchange.reply(encode(KdcReply{
      .type = KdcMessage::as_rep,
      .padata = padata,
      .crealm = "R",
      .cname = parse_principal("c"),
      .ticket = granting.ticket,
      .enc_part = {.etype = 17, .cipher = own.encrypt(KeyUsage::as_rep, encode(part, KdcMessage::as_rep), random)}}));
}

void open_esp(ByteView octets) {
  constexpr keymgmt::Ciphersuite suite{keymgmt::authentication::ipsec_hmac_sha1_96, keymgmt::transform::ipsec_null};
  static const keymgmt::SaKeys keys = keymgmt::derive_sa_keys(Bytes(16, 3), keymgmt::doi_ipsec, suite);
  esp::Receiver receiver(1, suite, keys.cta_to_controller);
  (void)receiver.open(octets);
  (void)esp::spi_of(octets);
}

void ask_snmp(ByteView octets) {
  constexpr keymgmt::Ciphersuite suite{keymgmt::authentication::snmp_hmac_sha1, keymgmt::transform::snmp_null};
  static const keymgmt::SaKeys keys = keymgmt::derive_sa_keys(Bytes(16, 3), keymgmt::doi_snmp, suite);
  snmp::Agent agent(snmp::User({.engine_id = Bytes(8, 1), .user_name = "u"}, suite, keys.controller_to_cta), 0, now);
  (void)agent.answer(octets, now, [](ByteView) { return std::optional(snmp::octet_string("value")); });
}

void judge_frame(ByteView octets) {
  static policy::UntimedGuard guard({});
  (void)guard.judge(octets, 1);
}

void cut(ByteView octets) {
  SecretBytes text(octets.begin(), octets.end());
  des3::cut_padding(text);
  if (text.size() > octets.size() || octets.size() - text.size() >= des3::block_size) fail("more than padding is cut");
}

const std::vector<Parser>& parsers() {
  static const std::vector<Parser> all = {
      {"ticket", there_and_back(decode_ticket)},
      {"enc-ticket-part", there_and_back(decode_enc_ticket_part)},
      {"authenticator", there_and_back(decode_authenticator)},
      {"kdc-req", alone(decode_kdc_request)},
      {"kdc-rep", there_and_back(decode_kdc_reply)},
      {"enc-kdc-rep-part", read_reply_part},
      {"ap-req", there_and_back(decode_ap_request)},
      {"ap-rep", there_and_back(decode_ap_reply)},
      {"enc-ap-rep-part", there_and_back(decode_enc_ap_reply_part)},
      {"krb-error", alone(decode_krb_error)},  // a text beyond ASCII is not written as it was read
      {"authorization-data", alone(decode_authorization_data)},
      {"method-data", alone(decode_method_data)},
      {"etype-info2", alone(decode_etype_info2)},
      {"pa-enc-ts-enc", alone(decode_pa_timestamp)},
      {"encrypted-data", there_and_back(decode_encrypted_data)},
      {"checksum", there_and_back(decode_checksum)},
      {"fast-armored-req", there_and_back(fast::decode_armored_request)},
      {"fast-armored-rep", read_armored_reply},
      {"fast-req", read_fast_request},
      {"fast-response", there_and_back(fast::decode_response)},
      {"principal", read_name},
      {"padding", cut},
      {"keytab", read_keytab},
      {"credential-cache", read_cache},
      {"key-management", read_keymgmt},
      {"esp", open_esp},
      {"snmp", ask_snmp},
      {"frame", judge_frame},
      {"kdc", ask_kdc},
      {"kdc-in-armor", ask_kdc_in_armor},
      {"service", ask_service},
      {"client", answer_client},
      {"client-in-armor", answer_client_in_armor},
  };
  return all;
}

const Parser* chosen = nullptr;

void play(const Parser& parser, ByteView octets) {
  try {
    parser.read(octets);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::internal) fail(error.what());
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*words*/) {
  const char* name = std::getenv("REVEILLE_FUZZ_PARSER");
  if (name == nullptr) return 0;
  for (const Parser& parser : parsers()) {
    if (std::strcmp(parser.name, name) == 0) chosen = &parser;
    if (std::strcmp(name, "list") == 0) std::puts(parser.name);
  }
  if (std::strcmp(name, "list") == 0) std::exit(0);
  if (chosen == nullptr) fail("REVEILLE_FUZZ_PARSER: no such parser");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  if (chosen != nullptr) {
    play(*chosen, octets);
  } else if (size > 0) {
    play(parsers()[data[0] % parsers().size()], octets.subspan(1));
  }
  return 0;
}
