// SPDX-License-Identifier: Apache-2.0
// Etype 16 through the programs, with each other and with MIT's; and what is refused where nobody asked for it.
#include "bed/mit_realm.hpp"
#include "catch.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;
using bed::MitRealm;
using bed::ProcessResult;

namespace {

void permit(const ProgramBed& bed, bool permitted = true) {
  for (const char* file : {"kdc.json", "cta.json", "controller.json"}) bed.change(file, {{"weak_etypes", permitted}});
}

/// Server and client with keys of etype 16 alone.
void add_weak_principals(const ProgramBed& bed) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"add", ProgramBed::service, "--etypes", "16"},
        {"add", "cta1", "--etypes", "16", "--password-file", bed.path("password")},
        {"keytab", ProgramBed::service, "--out", bed.path("service.keytab")},
        {"keytab", "cta1", "--out", bed.path("cta.keytab")}}) {
    const ProgramResult result = bed.principal(arguments);
    INFO(result.err);
    REQUIRE(result.status == 0);
  }
}

void hold_keytab(const ProgramBed& bed) {
  json cta = json::parse(read_file(bed.folder / "cta.json"));
  cta.erase("password_file");
  cta["keytab"] = "cta.keytab";
  bed.write("cta.json", cta);
}

}  // namespace

TEST_CASE(
    "KDC, CTA and controller establish an association with etype 16, by password and keytab, and say that it is weak") {
  const ProgramBed bed;
  permit(bed);
  add_weak_principals(bed);
  for (const bool with_keytab : {false, true}) {
    if (with_keytab) hold_keytab(bed);
    std::filesystem::remove(bed.folder / "cta.ccache");
    const auto kdc = bed.start("kdc");
    const auto cta = bed.start("cta");
    const auto controller = bed.start("controller", {"--once"});
    const ProgramResult ended = controller->wait();
    INFO(ended.err << cta->log() << kdc->log());
    CHECK(ended.status == 0);
    CHECK(has(ended.err, "weak-etypes"));
    CHECK(cta->event("ticket").at("etype") == 16);
    CHECK(cta->event("weak-etypes").at("etypes") == "16");
    CHECK(kdc->event("weak-etypes").at("etypes") == "16");
  }
}

TEST_CASE("MIT's kinit, kvno, klist and ktutil with etype 16 at reveille kdc") {
  ProgramBed bed;
  bed.mit_defaults = " permitted_enctypes = des3-cbc-sha1\n allow_weak_crypto = true\n";
  permit(bed);
  add_weak_principals(bed);
  const auto kdc = bed.start("kdc");
  for (const bool with_keytab : {false, true}) {
    const ProcessResult initial = with_keytab ? bed.mit("kinit", {"-k", "-t", bed.path("cta.keytab"), "cta1"})
                                              : bed.mit("kinit", {"cta1"}, "correct horse\n");
    INFO(initial.output << kdc->log());
    REQUIRE(initial.status == 0);
    const ProcessResult ticket = bed.mit("kvno", {"-k", bed.path("service.keytab"), ProgramBed::service});
    INFO(ticket.output);
    CHECK(has(ticket.output, "keytab entry valid"));
    CHECK(
        has(bed.mit("klist", {"-e"}).output, "Etype (skey, tkt): DEPRECATED:des3-cbc-sha1, DEPRECATED:des3-cbc-sha1"));
  }
  CHECK(has(bed.mit("klist", {"-k", "-e", bed.path("service.keytab")}).output, "des3-cbc-sha1"));
  CHECK(has(bed.mit("ktutil", {}, "read_kt " + bed.path("service.keytab") + "\nlist -e\nquit\n").output,
            "des3-cbc-sha1"));
}

TEST_CASE("CTA and controller with etype 16 at MIT's krb5kdc") {
  const std::vector<kerberos::Etype> weak = {kerberos::Etype::des3_sha1};
  const MitRealm mit({{.name = "cta1", .password = "correct horse", .etypes = weak},
                      {.name = ProgramBed::service, .etypes = weak, .session_etypes = weak}});
  const ProgramBed bed(mit.port());
  permit(bed);
  mit.keytab({ProgramBed::service}).save(bed.folder / "service.keytab");
  const auto cta = bed.start("cta", {"--once"});
  const auto controller = bed.start("controller", {"--once"});
  const bool established = controller->wait().status == 0;
  INFO(cta->log() << read_file(mit.folder() / "kdc.log"));
  REQUIRE(established);
  CHECK(cta->event("ticket").at("etype") == 16);
}

TEST_CASE("Where nobody asked for etype 16, keys, tickets and requests of it come to nothing") {
  ProgramBed bed;
  bed.mit_defaults = " permitted_enctypes = des3-cbc-sha1\n allow_weak_crypto = true\n";
  permit(bed);
  add_weak_principals(bed);
  hold_keytab(bed);
  permit(bed, false);
  const auto kdc = bed.start("kdc");
  CHECK(kdc->events("weak-etypes").empty());
  CHECK(has(bed.mit("kinit", {"cta1"}, "correct horse\n").output, "no support for encryption type"));
  CHECK(kdc->event("as-req").at("result") == "KDC_ERR_ETYPE_NOSUPP");
  for (const char* program : {"cta", "controller"}) {
    const TemporaryFolder output;
    const ProgramResult result = run_program(output, {program, "--config", bed.path(std::string(program) + ".json")});
    INFO(result.err);
    CHECK(result.status == 2);
    CHECK(has(result.err, ".keytab: no key of an etype from 17 to 20 of "));
    CHECK(has(result.err, "weak_etypes permits"));
  }
}
