// SPDX-License-Identifier: Apache-2.0
// `reveille cta` with a clock on the wall that is an hour wrong: it learns the time from the KDC, ours and MIT's.
#include "bed/mit_realm.hpp"
#include "catch.hpp"
#include "programs/event_loop.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;
using bed::MitRealm;

namespace {

constexpr int hour_s = 3600;

/// Programs that are started while it lives have a clock that is so many seconds ahead.
class ShiftedClock {
 public:
  explicit ShiftedClock(int seconds) {
    ::setenv("LD_PRELOAD", SHIFTED_CLOCK, 1);
    ::setenv("REVEILLE_CLOCK_SHIFT_S", std::to_string(seconds).c_str(), 1);
  }
  ~ShiftedClock() {
    ::unsetenv("LD_PRELOAD");
    ::unsetenv("REVEILLE_CLOCK_SHIFT_S");
  }
  ShiftedClock(const ShiftedClock&) = delete;
  ShiftedClock& operator=(const ShiftedClock&) = delete;
};

std::unique_ptr<Node> start_shifted(const ProgramBed& bed, int seconds) {
  const ShiftedClock clock(seconds);
  std::filesystem::remove(bed.folder / "cta.ccache");
  return bed.start("cta", {"--once"});
}

void check_learns(const ProgramBed& bed, int seconds) {
  INFO(seconds);
  const auto cta = start_shifted(bed, seconds);
  const auto controller = bed.start("controller", {"--once"});
  CHECK(controller->wait().status == 0);
  const int behind_s = cta->event("clock").at("behind_s").get<int>();
  CHECK(std::abs(behind_s + seconds) <= 2);
  const auto cache = kerberos::CredentialCache::load(bed.folder / "cta.ccache");
  const kerberos::Credential* ticket = cache.find(kerberos::parse_principal(ProgramBed::service));
  REQUIRE(ticket != nullptr);
  CHECK(std::abs(ticket->authtime - sim::wall_clock()) < kerberos::minute);  // the KDC's time, not its own
  CHECK(cta->wait().status == 0);
}

}  // namespace

TEST_CASE("A CTA whose clock is an hour wrong learns the time from reveille kdc, and is established") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  for (const int seconds : {hour_s, -hour_s}) check_learns(bed, seconds);
}

TEST_CASE("A CTA whose clock is an hour wrong learns the time from MIT's krb5kdc") {
  const std::vector<MitRealm::Principal> principals = {{.name = "cta1", .password = "correct horse"},
                                                       {.name = ProgramBed::service}};
  const MitRealm mit(principals);
  const ProgramBed bed(mit.port());
  mit.keytab({ProgramBed::service}).save(bed.folder / "service.keytab");
  for (const int seconds : {hour_s, -hour_s}) check_learns(bed, seconds);
}

TEST_CASE("A CTA whose clock is an hour wrong, and that is not to learn, gets no ticket") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("cta.json", {{"learn_time", false}, {"tries", 1}});
  const auto kdc = bed.start("kdc");
  const auto cta = start_shifted(bed, hour_s);
  const auto controller = bed.start("controller");
  CHECK(cta->wait().status == 1);
  CHECK(kdc->event("as-req", 2).at("result") == "KRB_AP_ERR_SKEW");
  CHECK_FALSE(std::filesystem::exists(bed.folder / "cta.ccache"));
}
