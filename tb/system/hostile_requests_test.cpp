// SPDX-License-Identifier: Apache-2.0
// Hostile requests to our KDC, and MIT's answer to the same octets beside it. Both have the same keys.
#include "system/hostile_requests.hpp"

#include <iomanip>
#include <iostream>

#include "bed/kdc_client.hpp"
#include "bed/mit_realm.hpp"
#include "catch.hpp"
#include "reveille/kerberos/der.hpp"

using namespace reveille;
using namespace reveille::bed;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

/// What a KDC says: nothing, a ticket, or a code.
enum class Answer : std::int32_t { silence = -2, ticket = -1 };
constexpr Answer refused(ErrorCode code) { return static_cast<Answer>(code); }

struct HostileRequest {
  std::string name;
  Bytes octets;
  Answer expected;  ///< RFC 4120's
};

constexpr Time early = -6 * minute, late = 6 * minute;

Bytes flipped(Bytes octets, std::size_t at) {
  octets.at(at) ^= 1;
  return octets;
}

/// Another octet where these stand for the first time.
Bytes replaced(Bytes octets, const Bytes& part, std::size_t at, std::uint8_t with) {
  const auto found = std::ranges::search(octets, part).begin();
  if (found == octets.end()) throw Error(ErrorKind::internal, "the part is not there");
  *(found + static_cast<std::ptrdiff_t>(at)) = with;
  return octets;
}

/// These octets of a request's first sequence again behind themselves, lengths and all.
Bytes doubled(const Bytes& octets, const Bytes& part) {
  const ByteView inner = der::Reader(octets).enter(0x6A, "request").take(der::sequence_tag, "request");
  Bytes content;
  const auto found = std::ranges::search(inner, part).begin();
  const auto at = found - inner.begin();
  append(content, inner.first(static_cast<std::size_t>(at)));
  append(content, part);
  append(content, inner.subspan(static_cast<std::size_t>(at)));
  return to_bytes(der::tag_length_value(0x6A, der::tag_length_value(der::sequence_tag, content)));
}

using Tgs = Forge::Tgs;

void add_as(std::vector<HostileRequest>& all, const KnownRealm& realm, Time now, const Forge& forge) {
  const auto add = [&](const std::string& name, ErrorCode code, const std::function<void(KdcRequest&)>& change) {
    all.push_back({"AS, " + name, forge.as(change), refused(code)});
  };
  using E = ErrorCode;
  add("no pre-authentication", E::preauth_required, [](auto& r) { r.padata.clear(); });
  add("pre-authentication of an unknown type", E::preauth_required,
      [](auto& r) { r.padata = {{.type = 999, .value = {1}}}; });
  add("unknown client", E::client_unknown, [](auto& r) { r.body.cname = parse_principal("nobody"); });
  add("no client", E::client_unknown, [](auto& r) { r.body.cname.reset(); });
  add("the service's components as one", E::server_unknown,
      [&](auto& r) { r.body.sname->components = {"krbtgt/" + realm.name}; });
  add("another realm", E::client_unknown, [](auto& r) { r.body.realm = "OTHER.TEST"; });
  add("unknown service", E::server_unknown, [](auto& r) { r.body.sname = parse_principal("no/where"); });
  add("no service", E::server_unknown, [](auto& r) { r.body.sname.reset(); });
  add("another realm's ticket-granting service", E::server_unknown,
      [](auto& r) { r.body.sname = ticket_granting_service("OTHER.TEST"); });
  add("etypes that are weak or none", E::etype_not_supported, [](auto& r) { r.body.etypes = {1, 3, 23, 99}; });
  add("no etype", E::etype_not_supported, [](auto& r) { r.body.etypes.clear(); });
  add("a user as the service", E::must_use_user_to_user, [&](auto& r) { r.body.sname = realm.user; });
  add("timestamp six minutes old", E::clock_skew, [&](auto& r) { r.padata = {forge.timestamp(now + early)}; });
  add("timestamp six minutes ahead", E::clock_skew, [&](auto& r) { r.padata = {forge.timestamp(now + late)}; });
  add("timestamp of 1970", E::clock_skew, [&](auto& r) { r.padata = {forge.timestamp(Time{0})}; });
  add("timestamp with a bit changed", E::preauth_failed,
      [](auto& r) { r.padata[0].value = flipped(r.padata[0].value, r.padata[0].value.size() - 1); });
  add("timestamp cut short", E::preauth_failed, [](auto& r) { r.padata[0].value.pop_back(); });
  add("timestamp empty", E::preauth_failed, [](auto& r) { r.padata[0].value.clear(); });
  add("timestamp of one octet", E::preauth_failed, [](auto& r) { r.padata[0].value = {0x30}; });
  add("timestamp's plaintext empty", E::preauth_failed, [&](auto& r) { r.padata = {forge.timestamp(Bytes{})}; });
  add("timestamp's plaintext no DER", E::preauth_failed,
      [&](auto& r) { r.padata = {forge.timestamp(Bytes(30, 0xFF))}; });
  add("timestamp's plaintext with an octet behind", E::preauth_failed, [&](auto& r) {
    SecretBytes plain = encode_pa_timestamp(now);
    plain.push_back(0);
    r.padata = {forge.timestamp(plain)};
  });
  add("timestamp's plaintext an integer", E::preauth_failed,
      [&](auto& r) { r.padata = {forge.timestamp(der::integer(5))}; });
  add("timestamp under another's key", E::preauth_failed, [&](auto& r) {
    const Key& key = realm.key_of(realm.service).key;
    r.padata[0].value = encode(forge.seal(key, KeyUsage::pa_enc_timestamp, encode_pa_timestamp(now)));
  });
  add("timestamp under another usage", E::preauth_failed, [&](auto& r) {
    const Key& key = realm.key_of(realm.client).key;
    r.padata[0].value = encode(forge.seal(key, KeyUsage::as_rep, encode_pa_timestamp(now)));
  });
  add("timestamp of an etype without key", E::preauth_failed, [&](auto& r) {
    EncryptedData sealed = decode_encrypted_data(r.padata[0].value);
    sealed.etype = 17;
    r.padata[0].value = encode(sealed);
  });
  add("an end in the past", E::never_valid, [&](auto& r) { r.body.till = now - hour; });
  add("an end now", E::never_valid, [&](auto& r) { r.body.till = now - second; });
  add("a start ahead", E::cannot_postdate, [&](auto& r) { r.body.from = now + hour / 2; });
  add("POSTDATED", E::cannot_postdate, [&](auto& r) {
    r.body.options = kdc_option::postdated;
    r.body.from = now + hour / 2;
  });
  const std::pair<const char*, std::uint32_t> options[] = {{"RENEW", kdc_option::renew},
                                                           {"VALIDATE", kdc_option::validate},
                                                           {"PROXY", kdc_option::proxy},
                                                           {"FORWARDED", kdc_option::forwarded},
                                                           {"ENC-TKT-IN-SKEY", kdc_option::enc_tkt_in_skey}};
  for (const auto& [name, option] : options) {
    add(name, E::bad_option, [option = option](auto& r) { r.body.options = option; });
  }
}

void add_tgs(std::vector<HostileRequest>& all, const KnownRealm& realm, Time now, const Forge& forge,
             RandomSource& random) {
  const auto add = [&](const std::string& name, ErrorCode code, const std::function<void(Tgs&)>& change) {
    all.push_back({"TGS, " + name, forge.tgs(change), refused(code)});
  };
  using E = ErrorCode;
  const Key other = Key::random(realm.etype, random);
  add("no PA-TGS-REQ", E::padata_type_not_supported, [](Tgs& t) { t.request = [](auto& r) { r.padata.clear(); }; });
  add("another PA-DATA in its place", E::padata_type_not_supported,
      [](Tgs& t) { t.request = [](auto& r) { r.padata[0].type = pa_type::enc_timestamp; }; });
  add("PA-TGS-REQ empty", E::bad_message_type, [](Tgs& t) { t.request = [](auto& r) { r.padata[0].value.clear(); }; });
  add("PA-TGS-REQ cut short", E::bad_message_type,
      [](Tgs& t) { t.request = [](auto& r) { r.padata[0].value.pop_back(); }; });
  add("PA-TGS-REQ tagged as an AP-REP", E::bad_message_type,
      [](Tgs& t) { t.request = [](auto& r) { r.padata[0].value[0] = 0x6F; }; });
  add("no checksum", E::inappropriate_checksum, [](Tgs& t) { t.checksum = false; });
  for (const auto& [name, type, size] :
       {std::tuple("CRC-32", 1, 4U), std::tuple("MD5", 7, 16U), std::tuple("SHA-1", 14, 20U)}) {
    add(std::string("a checksum without key, ") + name, E::inappropriate_checksum,
        [type = type, size = size](Tgs& t) { t.authenticator.checksum = {{.type = type, .octets = Bytes(size, 0)}}; });
  }
  add("a checksum of zeros", E::modified,
      [](Tgs& t) { t.authenticator.checksum = {{.type = 16, .octets = Bytes(12, 0)}}; });
  add("a checksum that is empty", E::modified, [](Tgs& t) { t.authenticator.checksum = {{.type = 16, .octets = {}}}; });
  add("a checksum under another usage", E::modified, [&](Tgs& t) {
    t.authenticator.checksum = {
        {.type = 16, .octets = forge.session().checksum(KeyUsage::ap_req_checksum, encode(t.body))}};
  });
  add("its service changed behind the checksum", E::modified,
      [&](Tgs& t) { t.request = [&realm](auto& r) { r.body.sname = realm.granting(); }; });
  add("its end changed behind the checksum", E::modified,
      [now](Tgs& t) { t.request = [now](auto& r) { r.body.till = now + 2 * hour; }; });
  add("authenticator under another key", E::bad_integrity, [&](Tgs& t) { t.authenticator_key = other; });
  add("authenticator with a bit changed", E::bad_integrity,
      [](Tgs& t) { t.header = [](auto& h) { h.authenticator.cipher = flipped(h.authenticator.cipher, 20); }; });
  add("authenticator of another etype", E::bad_integrity,
      [](Tgs& t) { t.header = [](auto& h) { h.authenticator.etype = 17; }; });
  add("authenticator empty", E::bad_integrity,
      [](Tgs& t) { t.header = [](auto& h) { h.authenticator.cipher = {0}; }; });
  add("authenticator of another client", E::bad_match, [&](Tgs& t) { t.authenticator.cname = realm.user; });
  add("authenticator of another realm", E::bad_match, [](Tgs& t) { t.authenticator.crealm = "OTHER.TEST"; });
  add("authenticator six minutes old", E::clock_skew, [now](Tgs& t) { t.authenticator.ctime = now + early; });
  add("authenticator six minutes ahead", E::clock_skew, [now](Tgs& t) { t.authenticator.ctime = now + late; });
  add("authorization data that a KDC must understand", E::policy, [](Tgs& t) {
    t.authenticator.authorization_data = {
        {.type = ad_type::mandatory_for_kdc, .data = encode(std::vector<AuthorizationElement>{})}};
  });
  add("ticket with a bit changed", E::bad_integrity,
      [](Tgs& t) { t.header = [](auto& h) { h.ticket.enc_part.cipher = flipped(h.ticket.enc_part.cipher, 30); }; });
  add("ticket under a key version of later", E::bad_key_version,
      [](Tgs& t) { t.header = [](auto& h) { h.ticket.enc_part.kvno = 77; }; });
  add("ticket of an etype without key", E::no_key,
      [](Tgs& t) { t.header = [](auto& h) { h.ticket.enc_part.etype = 16; }; });
  add("ticket of an etype that is none", E::no_key,
      [](Tgs& t) { t.header = [](auto& h) { h.ticket.enc_part.etype = 99; }; });
  add("ticket for another realm's service", E::no_key, [](Tgs& t) { t.ticket_realm = "OTHER.TEST"; });
  add("ticket for a service, not the granting one", E::no_key, [&](Tgs& t) {
    t.ticket_for = realm.service;
    t.ticket_key = realm.key_of(realm.service);
  });
  add("ticket sealed under another's key", E::bad_integrity, [&](Tgs& t) {
    const std::uint32_t kvno = t.ticket_key.kvno;
    t.ticket_key = realm.key_of(realm.service);
    t.ticket_key.kvno = kvno;
  });
  add("ticket that has ended", E::ticket_expired, [now](Tgs& t) { t.ticket.endtime = now + early; });
  add("ticket that has not begun", E::ticket_not_yet_valid, [now](Tgs& t) { t.ticket.starttime = now + late; });
  add("ticket with INVALID", E::ticket_not_yet_valid, [](Tgs& t) { t.ticket.flags |= ticket_flag::invalid; });
  add("ticket of another address", E::bad_address, [](Tgs& t) {
    t.ticket.caddr = {{.type = 2, .address = {192, 0, 2, 77}}};
  });
  add("unknown service", E::server_unknown, [](Tgs& t) { t.body.sname = parse_principal("no/where"); });
  add("no service", E::server_unknown, [](Tgs& t) { t.body.sname.reset(); });
  add("another realm in the body", E::server_unknown, [](Tgs& t) { t.body.realm = "OTHER.TEST"; });
  add("a user as the service", E::must_use_user_to_user, [&](Tgs& t) { t.body.sname = realm.user; });
  add("etypes that are weak or none", E::etype_not_supported, [](Tgs& t) { t.body.etypes = {1, 3, 23, 99}; });
  add("no etype", E::etype_not_supported, [](Tgs& t) { t.body.etypes.clear(); });
  add("an end in the past", E::never_valid, [now](Tgs& t) { t.body.till = now - hour; });
  add("a start ahead", E::cannot_postdate, [now](Tgs& t) { t.body.from = now + hour / 2; });
  const std::pair<const char*, std::uint32_t> options[] = {{"RENEW", kdc_option::renew},
                                                           {"VALIDATE", kdc_option::validate},
                                                           {"PROXY", kdc_option::proxy},
                                                           {"FORWARDED", kdc_option::forwarded},
                                                           {"POSTDATED", kdc_option::postdated}};
  for (const auto& [name, option] : options) {
    add(name, E::bad_option, [option = option](Tgs& t) { t.body.options = option; });
  }
  add("authorization data under another key", E::bad_integrity, [&](Tgs& t) {
    t.body.enc_authorization_data = forge.seal(other, KeyUsage::tgs_req_authorization_session_key, Bytes{0x30, 0});
  });
  add("authorization data that is none", E::bad_integrity, [&](Tgs& t) {
    t.body.enc_authorization_data =
        forge.seal(forge.session(), KeyUsage::tgs_req_authorization_session_key, Bytes(20, 0xFF));
  });
}

void add_to_user(std::vector<HostileRequest>& all, const KnownRealm& realm, Time now, const Forge& forge) {
  const KeytabEntry& granting = realm.key_of(realm.granting());
  EncTicketPart theirs = forge.ticket();
  theirs.cname = realm.user;
  const auto add = [&](const std::string& name, ErrorCode code, const std::vector<Ticket>& tickets) {
    all.push_back({"user to user, " + name, forge.to_user(tickets), refused(code)});
  };
  using E = ErrorCode;
  add("no ticket", E::bad_option, {});
  add("another user's ticket", E::server_nomatch, {forge.sealed(forge.ticket(), realm.granting(), granting)});
  add("a service's ticket", E::policy, {forge.sealed(theirs, realm.service, realm.key_of(realm.service))});
  Ticket changed = forge.sealed(theirs, realm.granting(), granting);
  changed.enc_part.cipher = flipped(changed.enc_part.cipher, 30);
  add("a ticket with a bit changed", E::bad_integrity, {changed});
  theirs.endtime = now + early;
  add("a ticket that has ended", E::ticket_expired, {forge.sealed(theirs, realm.granting(), granting)});
}

void add_octets(std::vector<HostileRequest>& all, const Forge& forge) {
  const auto add = [&](const std::string& name, Bytes octets) {
    all.push_back({"octets, " + name, std::move(octets), Answer::silence});
  };
  const Bytes right = encode(forge.as());
  Bytes longer = right;
  longer.push_back(0);
  add("one behind the message", longer);
  add("one", {0x6A});
  add("an indefinite length", {0x6A, 0x80, 0x30, 0x80, 0, 0, 0, 0});
  Bytes indefinite = {0x6A, 0x80};  // around what is right, and ended as BER has it
  append(indefinite, der::Reader(right).take(0x6A, "request"));
  append(indefinite, Bytes{0, 0});
  add("an indefinite length around a right request", indefinite);
  Bytes twins = right;
  append(twins, right);
  add("twins: two requests in one", twins);
  add("twins: its protocol version twice", doubled(right, {0xA1, 3, 2, 1, 5}));
  add("a length of 2^32 - 1", {0x6A, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x30});
  add("zeros", Bytes(512, 0));
  add("0xFF", Bytes(512, 0xFF));
  add("sequences in sequences", Bytes(1000, 0x30));
  add("protocol version 4", replaced(right, {0xA1, 3, 2, 1, 5}, 4, 4));
  add("message type 12 in an AS-REQ", replaced(right, {0xA2, 3, 2, 1, 10}, 4, 12));
  add("an AS-REP", flipped(right, 0));
  add("a KRB-ERROR", encode(KrbError{.realm = "REVEILLE.TEST", .sname = parse_principal("a")}));
  add("a time with a letter", replaced(right, {0xA5, 0x11, 0x18, 0x0F}, 4, 'x'));
  add("a time without Z", replaced(right, {0xA5, 0x11, 0x18, 0x0F}, 18, '0'));
  add("a name beyond ASCII", replaced(right, {'c', 't', 'a', '1'}, 0, 0xE9));
}

std::vector<HostileRequest> hostile_requests(const KnownRealm& realm, Time now, RandomSource& random) {
  const Forge forge(realm, now, random);
  std::vector<HostileRequest> all;
  add_as(all, realm, now, forge);
  add_tgs(all, realm, now, forge, random);
  add_to_user(all, realm, now, forge);
  add_octets(all, forge);
  return all;
}

std::vector<HostileRequest> right_requests(const KnownRealm& realm, Time now, RandomSource& random) {
  const Forge forge(realm, now, random);
  return {{"AS", encode(forge.as()), Answer::ticket}, {"TGS", forge.tgs([](Tgs&) {}), Answer::ticket}};
}

struct NoDatabase final : PrincipalDatabase {
  const KdcPrincipal* find(const PrincipalName& /*name*/) override { return nullptr; }
};

Answer answer_in(const Bytes& reply) {
  if (reply.empty()) return Answer::silence;
  return application_tag(reply) == 30U ? refused(decode_krb_error(reply).code) : Answer::ticket;
}

std::string text(Answer answer) {
  if (answer == Answer::silence) return "silence";
  if (answer == Answer::ticket) return "a ticket";
  return std::to_string(static_cast<std::int32_t>(answer));
}

/// MIT's realm and a KDC of ours with the same keys.
struct TwoKdcs {
  MitRealm mit{
      {{.name = "cta1"}, {.name = "cta2", .password = "correct horse"}, {.name = "mtaprovsrvr/ctl1.reveille.test"}}};
  KnownRealm realm{.name = mit.realm(),
                   .keys = mit.keytab({"cta1", "cta2", "mtaprovsrvr/ctl1.reveille.test", "krbtgt/" + mit.realm()})};
  SystemRandom random;
  NoDatabase none;
  Kdc ours{mit.realm(), none, random, {}};
  KdcClient theirs{"127.0.0.1", mit.port(), Transport::tcp, std::chrono::milliseconds(3000)};

  TwoKdcs() {
    ours.add_password(realm.user, "correct horse", {realm.etype});
    for (const KeytabEntry& entry : realm.keys.entries()) {
      if (entry.principal != realm.user) ours.add_key(entry.principal, entry.key, entry.kvno);
    }
  }
  [[nodiscard]] Answer at_ours(const Bytes& request) {
    return answer_in(ours.handle(request, now(), HostAddress{.type = 2, .address = {127, 0, 0, 1}}));
  }
  [[nodiscard]] Answer at_mit(const Bytes& request) const {
    try {
      return answer_in(theirs.exchange(request));
    } catch (const Error&) {
      return Answer::silence;  // it closes the stream
    }
  }
  static Time now() { return wall_clock(); }
};

/// What MIT 1.20 grants, where RFC 4120 lets a KDC choose or asks for a refusal. The others it refuses, too.
const std::vector<std::string> granted_by_mit = {
    "AS, a user as the service",
    "AS, timestamp's plaintext with an octet behind",
    "AS, an end in the past",
    "AS, an end now",
    "AS, a start ahead",
    "AS, POSTDATED",
    "TGS, authorization data that a KDC must understand",
    "TGS, a user as the service",
    "TGS, an end in the past",
    "TGS, a start ahead",
    "user to user, a ticket that has ended",
    "octets, one behind the message",
    "octets, twins: two requests in one",
};

}  // namespace

TEST_CASE(
    "Each hostile request gets RFC 4120's code, and MIT grants none of them either, but for those that are listed") {
  TwoKdcs kdcs;
  for (const HostileRequest& right : right_requests(kdcs.realm, TwoKdcs::now(), kdcs.random)) {
    CHECK(kdcs.at_ours(right.octets) == Answer::ticket);
    CHECK(kdcs.at_mit(right.octets) == Answer::ticket);
  }
  const std::vector<HostileRequest> all = hostile_requests(kdcs.realm, TwoKdcs::now(), kdcs.random);
  CHECK(all.size() >= 60);
  std::cout << "| request | ours | MIT |\n| --- | --- | --- |\n";
  for (const HostileRequest& each : all) {
    const Answer ours = kdcs.at_ours(each.octets), mit = kdcs.at_mit(each.octets);
    std::cout << "| " << each.name << " | " << text(ours) << " | " << text(mit) << " |\n";
    INFO(each.name << ": expected " << text(each.expected) << ", ours " << text(ours) << ", MIT's " << text(mit));
    CHECK(ours == each.expected);
    const bool listed = std::ranges::find(granted_by_mit, each.name) != granted_by_mit.end();
    CHECK((mit != Answer::ticket || listed));
  }
}

TEST_CASE(
    "A request that is cut short, at whatever octet, gets silence, MIT's too, and one with an octet changed never an "
    "exception") {
  TwoKdcs kdcs;
  for (const HostileRequest& right : right_requests(kdcs.realm, TwoKdcs::now(), kdcs.random)) {
    for (std::size_t size = 0; size < right.octets.size(); ++size) {
      const Bytes cut(right.octets.begin(), right.octets.begin() + static_cast<std::ptrdiff_t>(size));
      REQUIRE(kdcs.at_ours(cut) == Answer::silence);
      if (size > 0) REQUIRE(kdcs.at_mit(cut) == Answer::silence);  // of no octets it waits for more
    }
    for (std::size_t at = 0; at < right.octets.size(); ++at) {
      Bytes changed = right.octets;
      changed[at] ^= 0x55;
      (void)kdcs.at_ours(changed);
    }
  }
}
