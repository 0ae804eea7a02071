// SPDX-License-Identifier: Apache-2.0
// FAST's armour (RFC 6113) as MIT asks for it of `reveille kdc`: kinit -T, and kvno, whose TGS-REQ is armoured by its
// header. That armour was there, the client's trace says; and which was refused, the KDC's log. And as `reveille cta`
// asks for it of `reveille kdc` and of MIT's krb5kdc.
#include "reveille/kerberos/fast.hpp"

#include <iostream>
#include <mutex>

#include "bed/mit_realm.hpp"
#include "catch.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "reveille/kerberos/service.hpp"
#include "system/kdc_server.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;
using bed::ProcessResult;
using kerberos::CredentialCache;
using kerberos::Etype;

namespace {

constexpr const char* password = "correct horse\n";
constexpr const char* in_armor = "Encoding request body and padata into FAST request";
constexpr const char* offered = "FAST negotiation: available";

/// A realm whose service's ticket is the armour.
struct FastBed {
  ProgramBed bed;
  FastBed() { bed.add_principals(); }
  explicit FastBed(const bed::MitRealm& mit) : bed(mit.port()) {
    mit.keytab({ProgramBed::service}).save(bed.folder / "service.keytab");
  }

  [[nodiscard]] std::string armor() const { return "FILE:" + bed.path("armor.ccache"); }
  [[nodiscard]] ProcessResult get_armor(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"-c", armor(), "-k", "-t", bed.path("service.keytab")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.emplace_back(ProgramBed::service);
    return bed.mit("kinit", arguments);
  }
  [[nodiscard]] ProcessResult kinit(const std::string& with = password) {
    return traced("kinit", {"-T", armor(), "cta1"}, with);
  }
  ProcessResult traced(const std::string& program, const std::vector<std::string>& arguments,
                       const std::string& input = {}) {
    std::filesystem::remove(bed.folder / "trace");
    bed.mit_environment = {"KRB5_TRACE=" + bed.path("trace")};
    ProcessResult result = bed.mit(program, arguments, input);
    bed.mit_environment.clear();
    trace = read_file(bed.folder / "trace");
    return result;
  }
  void change_armor(auto&& change) const {
    CredentialCache cache = CredentialCache::load(bed.folder / "armor.ccache");
    for (kerberos::Credential& credential : cache.credentials) change(credential);
    cache.save(bed.folder / "armor.ccache");
  }
  std::string trace;
};

/// A man between CTA and KDC, who hears all and may change it.
class Between {
 public:
  using Change = std::function<Bytes(Bytes)>;
  static Bytes leave(Bytes octets) { return octets; }

  explicit Between(const ProgramBed& bed, Change request = leave, Change reply = leave)
      : request_(std::move(request)), reply_(std::move(reply)), kdc_("127.0.0.1", bed.port, bed::Transport::udp) {
    bed.change(
        "cta.json",
        {{"armor_cache", "armor.ccache"}, {"tries", 1}, {"kdc", {{"address", "127.0.0.1"}, {"port", server_.port()}}}});
  }
  /// The AS-REQs that went by, and the answers to them.
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  [[nodiscard]] std::vector<Bytes> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] std::vector<std::pair<kerberos::KdcRequest, Bytes>> initial() {
    const std::lock_guard lock(mutex_);
    return initial_;
  }

 private:
  Bytes answer(ByteView request) {
    const Bytes reply = kdc_.exchange(request_({request.begin(), request.end()}));
    const kerberos::KdcRequest asked = kerberos::decode_kdc_request(request);
    if (asked.type != kerberos::KdcMessage::as_req) return reply;
    const std::lock_guard lock(mutex_);
    requests_.emplace_back(request.begin(), request.end());
    return initial_.emplace_back(asked, reply_(reply)).second;
  }

  Change request_, reply_;
  bed::KdcClient kdc_;
  std::mutex mutex_;
  std::vector<Bytes> requests_;
  std::vector<std::pair<kerberos::KdcRequest, Bytes>> initial_;
  kerberos::test::KdcServer server_{[this](ByteView request) { return answer(request); }};
};

/// Of a CTA that is woken once: `established`, or `aborted` with what it says of the KDC's answer.
std::string outcome(const ProgramBed& bed) {
  std::filesystem::remove(bed.folder / "cta.ccache");
  const auto cta = bed.start("cta", {"--once"});
  const auto controller = bed.start("controller");
  const ProgramResult result = cta->wait();
  controller->end();
  if (result.status == 0) return "established";
  std::istringstream lines(result.err);
  for (std::string line; std::getline(lines, line);) {
    const json said = json::parse(line);
    if (said.at("event") == "aborted") return said.value("answer", said.at("reason").get<std::string>());
  }
  return result.err;
}

/// Everything in armour: requests have nothing beside it, answers neither.
void check_armored(Between& between) {
  const auto initial = between.initial();
  REQUIRE(initial.size() == 2);
  for (const auto& [request, answer] : initial) {
    REQUIRE(request.padata.size() == 1);
    CHECK(request.padata.front().type == kerberos::pa_type::fx_fast);
    const bool is_error = kerberos::application_tag(answer) == 30U;
    const auto padata = is_error ? kerberos::decode_method_data(kerberos::decode_krb_error(answer).data)
                                 : kerberos::decode_kdc_reply(answer).padata;
    CHECK(kerberos::find_padata(padata, kerberos::pa_type::fx_fast) != nullptr);
    CHECK(kerberos::find_padata(padata, kerberos::pa_type::enc_timestamp) == nullptr);
  }
}

/// MIT's other name, which its trace has.
std::string short_name(Etype etype) {
  switch (etype) {
    case Etype::aes128_sha1: return "aes128-cts";
    case Etype::aes256_sha1: return "aes256-cts";
    case Etype::aes128_sha256: return "aes128-sha2";
    case Etype::aes256_sha384: return "aes256-sha2";
    case Etype::des3_sha1: break;
  }
  return "des3-cbc-sha1";
}

std::string last_result(const Node& kdc, const char* kind = "as-req") {
  const std::vector<json> requests = kdc.events(kind);
  return requests.empty() ? "none" : requests.back().at("result").get<std::string>();
}

}  // namespace

TEST_CASE("kinit -T and kvno get their tickets in armour, of the four etypes, over UDP and TCP") {
  for (const Etype etype : kerberos::all_etypes()) {
    for (const bool tcp_only : {false, true}) {
      FastBed fast;
      fast.bed.mit_defaults = " default_tkt_enctypes = " + to_string(etype) +
                              "\n default_tgs_enctypes = " + to_string(etype) + "\n" +
                              (tcp_only ? " udp_preference_limit = 1\n" : "");
      const auto kdc = fast.bed.start("kdc");
      const ProcessResult armor = fast.get_armor();
      INFO(armor.output);
      REQUIRE(armor.status == 0);
      const ProcessResult initial = fast.kinit();
      INFO(initial.output << fast.trace);
      REQUIRE(initial.status == 0);
      CHECK(has(fast.trace, in_armor));
      CHECK(has(fast.trace, "FAST armor key: " + short_name(etype)));
      CHECK(has(fast.trace, "Decoding FAST response"));
      CHECK(has(fast.trace, "FAST reply key: " + short_name(etype)));
      CHECK(has(fast.trace, "Preauth module encrypted_challenge (138) (real) returned: 0/Success"));
      CHECK_FALSE(has(fast.trace, "Preauth module encrypted_timestamp"));
      CHECK(has(fast.trace, offered));  // by PA-REQ-ENC-PA-REP, whose checksum it took for good

      const ProcessResult ticket = fast.traced("kvno", {"-k", fast.bed.path("service.keytab"), ProgramBed::service});
      INFO(ticket.output << fast.trace);
      CHECK(has(ticket.output, "keytab entry valid"));
      CHECK(has(fast.trace, in_armor));
      CHECK(has(fast.trace, "Decoding FAST response"));
      const ProcessResult unknown = fast.traced("kvno", {"no/where"});
      CHECK(has(unknown.output, "not found in Kerberos database"));
      CHECK(has(fast.trace, "Decoding FAST response"));
    }
  }
}

TEST_CASE("Without armour kinit does as ever, and is told that there is some") {
  FastBed fast;
  const auto kdc = fast.bed.start("kdc");
  const ProcessResult initial = fast.traced("kinit", {"cta1"}, password);
  INFO(initial.output << fast.trace);
  CHECK(initial.status == 0);
  CHECK_FALSE(has(fast.trace, in_armor));
  CHECK(has(fast.trace, "Preauth module encrypted_timestamp (2) (real) returned: 0/Success"));
  CHECK(has(fast.trace, offered));
}

TEST_CASE("A wrong password, an unknown client: in armour too") {
  FastBed fast;
  const auto kdc = fast.bed.start("kdc");
  REQUIRE(fast.get_armor().status == 0);
  const ProcessResult wrong = fast.kinit("wrong\n");
  INFO(wrong.output << fast.trace);
  CHECK(wrong.status != 0);
  CHECK(last_result(*kdc) == "KDC_ERR_PREAUTH_FAILED");
  CHECK(has(fast.trace, "Decoding FAST response"));
  const ProcessResult unknown = fast.traced("kinit", {"-T", fast.armor(), "nobody"}, password);
  CHECK(has(unknown.output, "not found in Kerberos database"));
  CHECK(last_result(*kdc) == "KDC_ERR_C_PRINCIPAL_UNKNOWN");
  CHECK(has(fast.trace, "Decoding FAST response"));
}

TEST_CASE("Armour without the ticket's key, of another realm's ticket, or of one that is over, is refused") {
  FastBed fast;
  fast.bed.change("kdc.json", {{"clock_skew_s", 1}});
  const auto kdc = fast.bed.start("kdc");
  REQUIRE(fast.get_armor().status == 0);
  REQUIRE(fast.kinit().status == 0);

  kerberos::SystemRandom random;
  fast.change_armor([&](kerberos::Credential& credential) {
    credential.session_key = kerberos::Key::random(credential.session_key.etype(), random);
  });
  const ProcessResult keyless = fast.kinit();
  INFO(keyless.output << fast.trace);
  CHECK(keyless.status != 0);
  CHECK(has(fast.trace, in_armor));
  CHECK(last_result(*kdc) == "KRB_AP_ERR_BAD_INTEGRITY");

  {  // of a realm of the same name
    const FastBed other;
    const auto other_kdc = other.bed.start("kdc");
    REQUIRE(other.get_armor().status == 0);
    std::filesystem::copy_file(other.bed.folder / "armor.ccache", fast.bed.folder / "armor.ccache",
                               std::filesystem::copy_options::overwrite_existing);
  }
  CHECK(fast.kinit().status != 0);
  CHECK(last_result(*kdc) == "KRB_AP_ERR_BAD_INTEGRITY");

  REQUIRE(fast.get_armor({"-l", "2s"}).status == 0);
  std::this_thread::sleep_for(std::chrono::seconds(4));
  fast.change_armor([](kerberos::Credential& credential) { credential.endtime += kerberos::hour; });
  CHECK(fast.kinit().status != 0);
  CHECK(last_result(*kdc) == "KRB_AP_ERR_TKT_EXPIRED");
}

TEST_CASE("A CTA gets its tickets in armour of reveille kdc, of the four etypes, over UDP and TCP") {
  for (const Etype etype : kerberos::all_etypes()) {
    for (const char* transport : {"udp", "tcp"}) {
      FastBed fast;
      fast.bed.mit_defaults = " default_tkt_enctypes = " + to_string(etype) + "\n";
      const auto kdc = fast.bed.start("kdc");
      REQUIRE(fast.get_armor().status == 0);
      Between between(fast.bed);
      json cta = json::parse(read_file(fast.bed.folder / "cta.json"));
      cta["etypes"] = {static_cast<int>(etype)};
      cta["kdc"]["transport"] = transport;
      fast.bed.write("cta.json", cta);
      CHECK(outcome(fast.bed) == "established");
      check_armored(between);
      CHECK(last_result(*kdc) == "issued");
    }
  }
}

TEST_CASE("A CTA gets its tickets in armour of MIT's krb5kdc, of the four etypes") {
  const bed::MitRealm mit({{.name = "cta1", .password = "correct horse", .etypes = kerberos::all_etypes()},
                           {.name = ProgramBed::service, .etypes = kerberos::all_etypes()}});
  for (const Etype etype : kerberos::all_etypes()) {
    FastBed fast(mit);
    fast.bed.mit_defaults = " default_tkt_enctypes = " + to_string(etype) + "\n";
    const ProcessResult armor = fast.get_armor();
    INFO(armor.output);
    REQUIRE(armor.status == 0);
    Between between(fast.bed);
    fast.bed.change("cta.json", {{"etypes", {static_cast<int>(etype)}}});
    CHECK(outcome(fast.bed) == "established");
    check_armored(between);
    CHECK(has(fast.bed.mit("klist", {"-c", fast.bed.path("cta.ccache")}).output, ProgramBed::service));
    // A wrong password: what the KDC says, it says inside.
    fast.bed.write_private("password", "wrong\n");
    CHECK(has(outcome(fast.bed), "KDC_ERR_PREAUTH_FAILED"));
  }
}

TEST_CASE("A CTA that asks for armour takes no answer without it, nor one that was changed, of either KDC") {
  const std::vector<bed::MitRealm::Principal> principals = {{.name = "cta1", .password = "correct horse"},
                                                            {.name = ProgramBed::service}};
  const bed::MitRealm mit(principals);
  for (const bool of_mit : {false, true}) {
    std::optional<FastBed> fast;
    std::unique_ptr<Node> kdc;
    if (of_mit) {
      fast.emplace(mit);
    } else {
      fast.emplace();
      kdc = fast->bed.start("kdc");
    }
    REQUIRE(fast->get_armor().status == 0);
    {
      const Between stripping(fast->bed, [](const Bytes& octets) {
        kerberos::KdcRequest request = kerberos::decode_kdc_request(octets);
        std::erase_if(request.padata,
                      [](const kerberos::PaData& data) { return data.type == kerberos::pa_type::fx_fast; });
        return kerberos::encode(request);
      });
      const std::string said = outcome(fast->bed);
      CHECK(has(said, "KDC_ERR_PREAUTH_REQUIRED"));
      CHECK(has(said, "an answer without the armour that was asked for"));
    }
    {
      const Between exchanging(fast->bed, Between::leave, [&](const Bytes& octets) {
        if (kerberos::application_tag(octets) == 30U) return octets;
        kerberos::KdcReply reply = kerberos::decode_kdc_reply(octets);
        reply.ticket = CredentialCache::load(fast->bed.folder / "armor.ccache").credentials.front().ticket;
        return kerberos::encode(reply);
      });
      CHECK(has(outcome(fast->bed), "another ticket than the armoured reply says"));
    }
  }
}

TEST_CASE("A CTA asks with whatever ticket its armour's cache has now, and refuses a cache without one") {
  FastBed fast;
  fast.bed.change("kdc.json", {{"clock_skew_s", 1}});
  const auto kdc = fast.bed.start("kdc");
  REQUIRE(fast.get_armor({"-l", "2s"}).status == 0);
  Between between(fast.bed);
  std::this_thread::sleep_for(std::chrono::seconds(4));
  const std::string said = outcome(fast.bed);
  CHECK(has(said, "KRB_AP_ERR_TKT_EXPIRED"));
  CHECK(has(said, "an answer without the armour that was asked for"));

  // Renewed by another program while the CTA runs.
  fast.bed.change("cta.json", {{"tries", 0}});
  const auto cta = fast.bed.start("cta");
  auto controller = fast.bed.start("controller");
  cta->event("aborted");
  controller->end();
  REQUIRE(fast.get_armor().status == 0);
  controller = fast.bed.start("controller");
  cta->event("established");

  const auto refuse = [&](const std::string& why) {
    const TemporaryFolder output;
    const ProgramResult result = run_program(output, {"cta", "--config", fast.bed.path("cta.json")});
    CHECK(result.status == 2);
    INFO(result.err);
    CHECK(has(result.err, "armor.ccache"));
    CHECK(has(result.err, why));
  };
  const std::filesystem::path cache = fast.bed.folder / "armor.ccache";
  std::filesystem::permissions(cache, std::filesystem::perms(0644));
  refuse("others");
  std::filesystem::permissions(cache, std::filesystem::perms(0600));
  fast.change_armor([](kerberos::Credential& credential) { credential.ticket.realm = "OTHER.TEST"; });
  refuse("no ticket-granting ticket of REVEILLE.TEST");
  std::filesystem::remove(cache);
  refuse("");
  fast.bed.write_private("armor.ccache", "nonsense");
  refuse("");
}

// Prints tb/vectors/kerberos/mit_fast.vec: of MIT's kinit -T and krb5kdc each message, and what is inside.
TEST_CASE("The vectors of FAST, as MIT speaks it", "[.fast-vectors]") {
  const auto hex = [](ByteView octets) {
    std::string text;
    for (const std::uint8_t octet : octets)
      text += "0123456789abcdef"[octet / 16U], text += "0123456789abcdef"[octet % 16U];
    return text;
  };
  for (const Etype etype : {Etype::aes128_sha1, Etype::aes256_sha384}) {
    const bed::MitRealm mit({{.name = "cta1", .password = "correct horse", .etypes = {etype}},
                             {.name = ProgramBed::service, .etypes = {etype}}});
    FastBed fast(mit);
    fast.bed.mit_defaults = " default_tkt_enctypes = " + to_string(etype) + "\n";
    REQUIRE(fast.get_armor().status == 0);
    Between between(fast.bed);
    fast.bed.port = between.port();
    REQUIRE(fast.kinit().status == 0);
    const kerberos::PrincipalName granting = kerberos::ticket_granting_service(mit.realm());
    const kerberos::Keytab keytab = mit.keytab({to_string(granting)});
    const std::vector<Bytes> requests = between.requests();
    const auto initial = between.initial();
    for (std::size_t i = 0; i < initial.size(); ++i) {
      const auto& [request, answer] = initial[i];
      const kerberos::PaData* data = find_padata(request.padata, kerberos::pa_type::fx_fast);
      REQUIRE(data != nullptr);
      const auto armored = kerberos::fast::decode_armored_request(data->value);
      const auto header =
          kerberos::open_ap_request(armored.armor->value, {.realm = mit.realm(), .name = granting, .keytab = keytab});
      const kerberos::Key key = kerberos::fast::armor_key(header.subkey, header.session_key);
      const std::string with = " " + std::to_string(static_cast<int>(key.etype())) + " " + hex(key.octets()) + " ";
      std::cout << "as_req" << with << hex(requests[i]) << ' ' << hex(data->value) << ' '
                << hex(key.decrypt(kerberos::KeyUsage::fast_request, armored.sealed.cipher)) << '\n';
      const bool is_error = kerberos::application_tag(answer) == 30U;
      const auto padata = is_error ? kerberos::decode_method_data(kerberos::decode_krb_error(answer).data)
                                   : kerberos::decode_kdc_reply(answer).padata;
      const Bytes& reply = find_padata(padata, kerberos::pa_type::fx_fast)->value;
      std::cout << (is_error ? "krb_error" : "as_rep") << with << hex(answer) << ' ' << hex(reply) << ' '
                << hex(key.decrypt(kerberos::KeyUsage::fast_reply, kerberos::fast::decode_armored_reply(reply).cipher))
                << '\n';
    }
  }
}
