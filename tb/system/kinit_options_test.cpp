// SPDX-License-Identifier: Apache-2.0
// What RFC 4120 has beside plain tickets, as MIT's kinit asks for it: done, or refused with the code that says so. And
// keys that change under tickets that are about.
#include "catch.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;
using bed::ProcessResult;

namespace {

constexpr const char* password = "correct horse\n";

std::string last_result(const Node& kdc, const char* kind) {
  const std::vector<json> requests = kdc.events(kind);
  return requests.empty() ? "none" : requests.back().at("result").get<std::string>();
}

}  // namespace

TEST_CASE(
    "Tickets that may be renewed, forwarded or proxied: kinit gets one that may not, and asking for more is refused") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  for (const char* option : {"-r2d", "-f", "-p"}) {
    const ProcessResult initial = bed.mit("kinit", {option, "cta1"}, password);
    INFO(option << initial.output);
    CHECK(initial.status == 0);
    const std::string list = bed.mit("klist", {"-f"}).output;
    CHECK(has(list, "Flags: IA\n"));  // initial, pre-authenticated, and nothing else
    CHECK_FALSE(has(list, "renew until"));
    const ProcessResult renewed = bed.mit("kinit", {"-R"});
    CHECK(has(renewed.output, "KDC can't fulfill requested option"));
    CHECK(last_result(*kdc, "tgs-req") == "KDC_ERR_BADOPTION");
    CHECK(bed.mit("kvno", {"-k", bed.path("service.keytab"), ProgramBed::service}).status == 0);  // the old one is good
  }
}

TEST_CASE("A postdated ticket is refused, and so is validating one") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  const ProcessResult postdated = bed.mit("kinit", {"-s", "1h", "cta1"}, password);
  INFO(postdated.output);
  CHECK(has(postdated.output, "Ticket is ineligible for postdating"));
  CHECK(last_result(*kdc, "as-req") == "KDC_ERR_CANNOT_POSTDATE");
  CHECK(bed.mit("kinit", {"cta1"}, password).status == 0);
  CHECK(has(bed.mit("kinit", {"-v"}).output, "KDC can't fulfill requested option"));
  CHECK(last_result(*kdc, "tgs-req") == "KDC_ERR_BADOPTION");
}

TEST_CASE("A lifetime is what was asked for, and never more than the KDC's") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("kdc.json", {{"ticket_lifetime_s", 7200}});
  const auto kdc = bed.start("kdc");
  for (const auto& [asked, granted_s] : {std::pair("30m", 1800), std::pair("3d", 7200)}) {
    CHECK(bed.mit("kinit", {"-l", asked, "cta1"}, password).status == 0);
    std::filesystem::remove(bed.folder / "copy.ccache");
    std::filesystem::copy_file(bed.folder / "mit.ccache", bed.folder / "copy.ccache");
    const auto cache = kerberos::CredentialCache::load(bed.folder / "copy.ccache");
    const auto* ticket = cache.find(kerberos::ticket_granting_service(ProgramBed::realm));
    REQUIRE(ticket != nullptr);
    CHECK(std::abs((ticket->endtime - ticket->authtime) / kerberos::second - granted_s) <= 2);
  }
}

TEST_CASE("A ticket with addresses is good from those alone") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  // kinit lists the addresses of this machine's interfaces, of which loopback is none.
  const ProcessResult initial = bed.mit("kinit", {"-a", "cta1"}, password);
  INFO(initial.output);
  REQUIRE(initial.status == 0);
  const std::string list = bed.mit("klist", {"-a", "-n"}).output;
  INFO(list);
  const bool has_addresses = has(list, "Addresses: ") && !has(list, "(none)");
  const ProcessResult ticket = bed.mit("kvno", {ProgramBed::service});
  INFO(ticket.output);
  if (has_addresses) {
    CHECK(has(ticket.output, "Incorrect net address"));
    CHECK(last_result(*kdc, "tgs-req") == "KRB_AP_ERR_BADADDR");
  } else {
    WARN("this machine has no address but loopback's: kinit -a asks for none");
    CHECK(ticket.status == 0);
  }
  CHECK(bed.mit("kinit", {"-A", "cta1"}, password).status == 0);
  CHECK(bed.mit("kvno", {ProgramBed::service}).status == 0);
}

TEST_CASE(
    "Keys change under kvnos: tickets under the old ones are good until their end, and new ones are under the new") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("kdc.json", {{"ticket_lifetime_s", 6}, {"clock_skew_s", 1}});
  auto kdc = bed.start("kdc");
  CHECK(bed.mit("kinit", {"cta1"}, password).status == 0);
  CHECK(has(bed.mit("kvno", {"-k", bed.path("service.keytab"), ProgramBed::service}).output, "kvno = 1"));

  // The ticket-granting service's: the old ticket gets others, under the service's new key.
  const std::string granting = std::string("krbtgt/") + ProgramBed::realm;
  CHECK(bed.principal({"add", granting, "--new-keys"}).status == 0);
  CHECK(bed.principal({"add", ProgramBed::service, "--new-keys"}).status == 0);
  CHECK(bed.principal({"keytab", ProgramBed::service, "--out", bed.path("new.keytab")}).status == 0);
  const ProcessResult cached = bed.mit("kvno", {"-k", bed.path("new.keytab"), ProgramBed::service});
  INFO(cached.output);
  CHECK(has(cached.output, "kvno = 1, keytab entry valid"));  // the ticket of before, with the keytab of now
  const ProcessResult renewed = bed.mit("kvno", {"--cached-only", ProgramBed::service});
  CHECK(renewed.status == 0);
  CHECK(bed.principal({"add", "other/service"}).status == 0);
  CHECK(has(bed.mit("kvno", {"other/service"}).output, "kvno = 1"));  // by the old ticket-granting ticket
  CHECK(bed.mit("kinit", {"cta1"}, password).status == 0);
  const ProcessResult fresh = bed.mit("kvno", {"-k", bed.path("new.keytab"), ProgramBed::service});
  CHECK(has(fresh.output, "kvno = 2, keytab entry valid"));
  // With the keytab of before the new ticket does not open.
  CHECK_FALSE(has(bed.mit("kvno", {"-k", bed.path("service.keytab"), ProgramBed::service}).output, "entry valid"));

  // And no longer than until its end.
  std::this_thread::sleep_for(std::chrono::seconds(8));
  CHECK(bed.mit("kvno", {"no/where"}).status != 0);
}

TEST_CASE(
    "A CTA's ticket under the service's old key is taken by a controller that has both, and refused by one that lost "
    "it") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  {
    const auto cta = bed.start("cta", {"--once"});
    const auto controller = bed.start("controller", {"--once"});
    CHECK(controller->wait().status == 0);
    CHECK(cta->wait().status == 0);
  }
  CHECK(bed.principal({"add", ProgramBed::service, "--new-keys"}).status == 0);
  CHECK(bed.principal({"keytab", ProgramBed::service, "--out", bed.path("service.keytab")}).status == 0);
  const auto cta = bed.start("cta");
  {
    const auto controller = bed.start("controller", {"--once"});
    CHECK(controller->wait().status == 0);
    CHECK(cta->events("ticket").empty());  // with the one of before
  }
  // A keytab of the new keys alone: the CTA is told (44), and gets a ticket under those.
  auto keytab = kerberos::Keytab::load(bed.folder / "service.keytab");
  kerberos::Keytab newest;
  for (const kerberos::KeytabEntry& entry : keytab.entries()) {
    if (entry.kvno == 2) newest.add(entry);
  }
  newest.save(bed.folder / "service.keytab");
  const auto controller = bed.start("controller", {"--once"});
  CHECK(controller->wait().status == 0);
  cta->event("ticket");
}
