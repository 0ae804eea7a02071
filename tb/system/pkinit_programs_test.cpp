// SPDX-License-Identifier: Apache-2.0
// Certificates through the programs: `reveille kdc` for MIT's kinit and for `reveille cta`, and `reveille cta` at MIT's
// krb5kdc; and each certificate that is refused. MIT's part needs Debian's krb5-pkinit, and says so where it is not
// there.
#include <set>

#include "bed/certificates.hpp"
#include "bed/mit_realm.hpp"
#include "catch.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;
using bed::Certificates;

namespace {

/// A manufacturer's devices, made once: keys of RSA take their time.
struct Hierarchy {
  bed::TemporaryFolder folder{"reveille-pkinit"};
  Certificates made{folder.path(), ProgramBed::realm};
  Hierarchy() {
    made.add_kdc("kdc", ProgramBed::realm);
    made.add_kdc("other-kdc", "OTHER.TEST");
    made.add_authority("stranger");
    // With id-pkinit-san, since MIT takes a common name for no name.
    made.add_device("device", "cta1", {.has_principal_name = true});
    made.add_device("another", "cta2", {.has_principal_name = true});
    made.add_device("expired", "cta1", {.expired = true, .has_principal_name = true});
    made.add_device("other-purpose", "cta1", {.purpose = "1.3.6.1.5.5.7.3.2", .has_principal_name = true});
    made.add_device("strange", "cta1", {.has_principal_name = true, .issuer = "stranger"});
    made.add_device("stolen", "cta1", {.has_principal_name = true});
    made.revoke("stolen");
  }
  [[nodiscard]] std::string certificate(const std::string& name) const { return made.certificate(name).string(); }
  [[nodiscard]] std::string key(const std::string& name) const { return made.key(name).string(); }
  [[nodiscard]] std::string revoked() const { return (folder / "revoked.pem").string(); }
};

const Hierarchy& hierarchy() {
  static const Hierarchy made;
  return made;
}

struct Refused {
  const char* certificate;
  const char* result;  ///< in the KDC's log
  bool mit_sends;      ///< whether kinit proves itself with it
};
constexpr Refused refused[] = {
    {"another", "KDC_ERR_CLIENT_NAME_MISMATCH", true},
    {"expired", "KDC_ERR_INVALID_CERTIFICATE", false},
    {"other-purpose", "KDC_ERR_INCONSISTENT_KEY_PURPOSE", true},
    {"strange", "KDC_ERR_CANT_VERIFY_CERTIFICATE", false},
    {"stolen", "KDC_ERR_REVOKED_CERTIFICATE", true},
};

/// The CTA has a certificate in place of its password, and gives up soon.
void hold(const ProgramBed& bed, const std::string& name, const std::string& group = "modp-2048") {
  json cta = json::parse(read_file(bed.folder / "cta.json"));
  cta.erase("password_file");
  cta["tries"] = 1;
  cta["certificate"] = {{"certificate", hierarchy().certificate(name)},
                        {"key", hierarchy().key(name)},
                        {"anchors", hierarchy().certificate("ca")},
                        {"group", group}};
  bed.write("cta.json", cta);
  std::filesystem::remove(bed.folder / "cta.ccache");
}

void accept_certificates(const ProgramBed& bed, const std::string& own, bool require_freshness = false) {
  bed.change("kdc.json", {{"certificates",
                           {{"certificate", hierarchy().certificate(own)},
                            {"key", hierarchy().key(own)},
                            {"anchors", hierarchy().certificate("ca")},
                            {"revoked", hierarchy().revoked()},
                            {"require_freshness", require_freshness}}}});
}

/// Woken once, with what it holds: whether an association came of it; why not, the CTA says.
std::string outcome(const ProgramBed& bed) {
  const auto cta = bed.start("cta", {"--once"});
  const auto controller = bed.start("controller");
  const bool established = cta->wait().status == 0;
  if (established) controller->event("established");
  controller->end();
  return established ? "established" : "aborted";
}

/// From now on it asks in FAST's armour, by the service's ticket.
void put_on_armor(const ProgramBed& bed) {
  const std::string armor = "FILE:" + bed.path("armor.ccache");
  REQUIRE(bed.mit("kinit", {"-c", armor, "-k", "-t", bed.path("service.keytab"), ProgramBed::service}).status == 0);
  bed.change("cta.json", {{"armor_cache", "armor.ccache"}});
}

/// `kinit`, by a certificate, with these words besides.
bed::ProcessResult kinit(const ProgramBed& bed, const std::string& name, std::vector<std::string> arguments = {}) {
  const std::string settings = "  pkinit_anchors = FILE:" + hierarchy().certificate("ca") +
                               "\n  pkinit_pool = FILE:" + hierarchy().certificate("sub") + "\n";
  arguments.insert(
      arguments.end(),
      {"-X", "X509_user_identity=FILE:" + hierarchy().certificate(name) + "," + hierarchy().key(name), "cta1"});
  return bed.mit("kinit", arguments, {}, settings);
}

}  // namespace

TEST_CASE("A CTA gets its ticket by its device's certificate from reveille kdc, with each group") {
  const ProgramBed bed;
  bed.add_principals();
  for (const char* group : {"modp-2048", "modp-4096", "p-256"}) {
    INFO(group);
    hold(bed, "device", group);
    accept_certificates(bed, "kdc", true);
    const auto kdc = bed.start("kdc");
    CHECK(outcome(bed) == "established");
    CHECK(kdc->events("as-req").back().at("result") == "issued");
    CHECK(has(bed.mit("klist", {"-c", bed.path("cta.ccache")}).output, ProgramBed::service));
  }
  hold(bed, "device");
  const auto kdc = bed.start("kdc");
  put_on_armor(bed);
  CHECK(outcome(bed) == "established");
}

TEST_CASE("reveille kdc refuses each certificate that is not the device's, of a CTA and of MIT's kinit") {
  const ProgramBed bed;
  bed.add_principals();
  accept_certificates(bed, "kdc");
  const bool with_mit = bed::has_mit_pkinit();
  if (!with_mit) WARN(bed::no_mit_pkinit);
  for (const Refused& each : refused) {
    INFO(each.certificate);
    const auto kdc = bed.start("kdc");
    hold(bed, each.certificate);
    CHECK(outcome(bed) == "aborted");
    CHECK(kdc->events("as-req").back().at("result") == each.result);
    if (!with_mit) continue;
    const std::size_t before = kdc->events("as-req").size();
    const bed::ProcessResult tried = kinit(bed, each.certificate);
    INFO(tried.output);
    CHECK(tried.status != 0);
    const std::vector<json> requests = kdc->events("as-req");
    std::set<std::string> results;
    for (std::size_t i = before; i < requests.size(); ++i) results.insert(requests[i].at("result"));
    CHECK_FALSE(results.contains("issued"));
    // Of a certificate that it does not find good itself, MIT's client sends nothing.
    if (each.mit_sends) CHECK(results.contains(each.result));
  }
}

TEST_CASE("MIT's kinit and kvno get their tickets from reveille kdc by a device's certificate") {
  if (!bed::has_mit_pkinit()) {
    WARN(bed::no_mit_pkinit);
    return;
  }
  const ProgramBed bed;
  bed.add_principals();
  for (const bool require_freshness : {false, true}) {
    accept_certificates(bed, "kdc", require_freshness);
    const auto kdc = bed.start("kdc");
    const bed::ProcessResult initial = kinit(bed, "device");
    INFO(initial.output << kdc->log());
    REQUIRE(initial.status == 0);
    const bed::ProcessResult ticket = bed.mit("kvno", {"-k", bed.path("service.keytab"), ProgramBed::service});
    INFO(ticket.output);
    CHECK(has(ticket.output, "keytab entry valid"));

    // And in FAST's armour, by the service's ticket.
    const std::string armor = "FILE:" + bed.path("armor.ccache");
    REQUIRE(bed.mit("kinit", {"-c", armor, "-k", "-t", bed.path("service.keytab"), ProgramBed::service}).status == 0);
    const bed::ProcessResult armored = kinit(bed, "device", {"-T", armor});
    INFO(armored.output << kdc->log());
    CHECK(armored.status == 0);
    CHECK(has(bed.mit("kvno", {"-k", bed.path("service.keytab"), ProgramBed::service}).output, "keytab entry valid"));
  }
}

TEST_CASE("A CTA gets its ticket by its device's certificate from MIT's krb5kdc, which refuses the others") {
  if (!bed::has_mit_pkinit()) {
    WARN(bed::no_mit_pkinit);
    return;
  }
  const bed::MitRealm mit({{.name = "cta1"}, {.name = ProgramBed::service}}, ProgramBed::realm,
                          "  pkinit_identity = FILE:" + hierarchy().certificate("kdc") + "," + hierarchy().key("kdc") +
                              "\n  pkinit_anchors = FILE:" + hierarchy().certificate("ca") +
                              "\n  pkinit_pool = FILE:" + hierarchy().certificate("sub") +
                              "\n  pkinit_revoke = FILE:" + hierarchy().revoked() + "\n");
  const ProgramBed bed(mit.port());
  mit.keytab({ProgramBed::service}).save(bed.folder / "service.keytab");
  const auto said = [&mit] { return read_file(mit.folder() / "kdc.log"); };
  for (const char* group : {"modp-2048", "modp-4096"}) {
    INFO(group);
    hold(bed, "device", group);
    CHECK(outcome(bed) == "established");
  }
  put_on_armor(bed);
  hold(bed, "device");
  CHECK(outcome(bed) == "established");
  for (const Refused& each : refused) {
    hold(bed, each.certificate);
    const std::size_t before = said().size();
    CHECK(outcome(bed) == "aborted");
    INFO(each.certificate << ": " << said().substr(before));
    CHECK(has(said().substr(before), "PREAUTH_FAILED"));
  }
}

TEST_CASE("A CTA takes no ticket of a KDC that its certificate does not prove, and no key that others may read") {
  const ProgramBed bed;
  bed.add_principals();
  hold(bed, "device");
  accept_certificates(bed, "other-kdc");
  const auto kdc = bed.start("kdc");
  CHECK(outcome(bed) == "aborted");
  CHECK(kdc->events("as-req").back().at("result") == "issued");
  CHECK(kdc->events("tgs-req").empty());
  CHECK_FALSE(std::filesystem::exists(bed.folder / "cta.ccache"));

  std::filesystem::copy_file(hierarchy().key("device"), bed.folder / "open.key");
  std::filesystem::permissions(bed.folder / "open.key", std::filesystem::perms(0644));
  json cta = json::parse(read_file(bed.folder / "cta.json"));
  cta["certificate"]["key"] = "open.key";
  bed.write("cta.json", cta);
  const TemporaryFolder output;
  const ProgramResult open = run_program(output, {"cta", "--config", bed.path("cta.json")});
  CHECK(open.status == 2);
  CHECK(has(open.err, "open.key"));
}
