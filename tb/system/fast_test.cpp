// SPDX-License-Identifier: Apache-2.0
// FAST's armour (RFC 6113) as MIT asks for it of `reveille kdc`: kinit -T, and kvno, whose TGS-REQ is armoured by its
// header. That armour was there, the client's trace says; and which was refused, the KDC's log.
#include "catch.hpp"
#include "reveille/kerberos/credential_cache.hpp"
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
