// SPDX-License-Identifier: Apache-2.0
// `reveille kdc`, `cta`, `controller` and the commands on principals, killed in the calls that change a file or send
// something: what they leave is what was there before, or what was to be, and is taken up again.
#include "catch.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "system/from_environment.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;

namespace {

constexpr int killed = 128 + SIGKILL;

/// From one call that is tried to the next: not each, for that takes a minute, but with REVEILLE_KILL_EVERY=1.
unsigned step(unsigned otherwise) { return static_cast<unsigned>(from_environment("REVEILLE_KILL_EVERY", otherwise)); }

std::vector<std::string> at_call(unsigned call) {
  return {"LD_PRELOAD=" KILLED_AT, "REVEILLE_KILLED_AT=" + std::to_string(call)};
}

/// A command on principals; its status.
int principal_killed(const ProgramBed& bed, unsigned call, std::vector<std::string> arguments) {
  std::vector<std::string> command = {REVEILLE_PROGRAM, "kdc", "principal"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--config", bed.path("kdc.json")});
  return bed::run_process(command, "", at_call(call)).status;
}

std::string listed(const ProgramBed& bed) {
  const ProgramResult result = bed.principal({"list"});
  INFO(result.err);
  CHECK(result.status == 0);
  return result.out;
}

/// With what SQLite had beside it when the process was killed.
void remove_database(const ProgramBed& bed) {
  for (const char* file : {"principals.db", "principals.db-wal", "principals.db-shm", "principals.db-journal"}) {
    std::filesystem::remove(bed.folder / file);
  }
}

}  // namespace

TEST_CASE("A process that makes a database is killed in its calls, and there is a whole one or none") {
  const ProgramBed bed;
  const std::string granting = "krbtgt/REVEILLE.TEST@REVEILLE.TEST: random keys, kvno 1, etypes 18\n";
  const std::string alice = "alice@REVEILLE.TEST: random keys, kvno 1, etypes 20,19,18,17\n";
  unsigned call = 1;
  bool none = false;
  for (int status = killed; status == killed; call += step(3)) {
    remove_database(bed);
    status = principal_killed(bed, call, {"add", "alice"});
    INFO("call " << call);
    if (std::filesystem::exists(bed.folder / "principals.db")) {
      const std::string text = listed(bed);
      CHECK((text == granting || text == alice + granting));
    } else {
      none = true;
    }
    const ProgramResult again = bed.principal({"add", "alice"});
    CHECK((again.status == 0 || has(again.err, "is there already")));
  }
  CHECK(none);
  CHECK(listed(bed) == alice + granting);
  CHECK(call > 20);
}

TEST_CASE("A process that changes a database is killed in its calls, and all of the change is there or none") {
  const ProgramBed bed;
  bed.add_principals();
  const std::filesystem::path database = bed.folder / "principals.db", kept = bed.folder / "kept.db";
  std::filesystem::copy_file(database, kept);
  const std::string before = listed(bed);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"add", "alice"}, {"add", ProgramBed::service, "--new-keys"}, {"remove", "cta1"}}) {
    remove_database(bed);
    std::filesystem::copy_file(kept, database);
    REQUIRE(bed.principal(arguments).status == 0);
    const std::string after = listed(bed);
    CHECK(after != before);
    bool seen[2] = {false, false};
    unsigned call = 1;
    for (int status = killed; status == killed; call += step(3)) {
      remove_database(bed);
      std::filesystem::copy_file(kept, database);
      status = principal_killed(bed, call, arguments);
      INFO(arguments.front() << ", call " << call);
      const std::string now = listed(bed);
      CHECK((now == before || now == after));
      seen[now == after ? 1 : 0] = true;
    }
    CHECK((seen[0] && seen[1]));
    CHECK(call > 8);
  }
}

TEST_CASE("A process that writes a keytab over another is killed in each of its calls, and there is one or the other") {
  const ProgramBed bed;
  bed.add_principals();
  const std::string old = read_file(bed.folder / "service.keytab");
  REQUIRE(bed.principal({"add", ProgramBed::service, "--new-keys"}).status == 0);
  REQUIRE(bed.principal({"keytab", ProgramBed::service, "--out", bed.path("new.keytab")}).status == 0);
  const std::string next = read_file(bed.folder / "new.keytab");
  bool seen[2] = {false, false};
  unsigned call = 1;
  for (int status = killed; status == killed; ++call) {
    bed.write_private("service.keytab", old);
    status = principal_killed(bed, call, {"keytab", ProgramBed::service, "--out", bed.path("service.keytab")});
    const std::string now = read_file(bed.folder / "service.keytab");
    CHECK((now == old || now == next));
    seen[now == next ? 1 : 0] = true;
  }
  CHECK((seen[0] && seen[1]));
  CHECK(call > 4);
}

TEST_CASE("Each program is killed in the calls of its first exchange, and started again establishes an association") {
  const unsigned every = step(4);
  for (const std::string program : {"kdc", "cta", "controller"}) {
    unsigned call = 1;
    for (bool dies = true; dies; call += every) {
      INFO(program << ", call " << call);
      const ProgramBed bed;
      bed.add_principals();
      bed.change("cta.json", {{"esp_table", "cta.esp"}, {"timeout_ms", 50}, {"initiate", true}});
      bed.change("controller.json", {{"esp_table", "controller.esp"},
                                     {"wake_interval_ms", 50},
                                     {"wake_tries", 5},
                                     {"session_lifetime_s", 2},
                                     {"retry_s", 1},
                                     {"client_initiated", "pass"}});
      std::map<std::string, std::unique_ptr<Node>> nodes;
      const auto start = [&](const std::string& name, std::vector<std::string> environment) {
        nodes[name] = std::make_unique<Node>(std::vector<std::string>{name, "--config", bed.path(name + ".json")},
                                             std::move(environment));
      };
      for (const char* name : {"kdc", "controller", "cta"}) {
        start(name, name == program ? at_call(call) : std::vector<std::string>{});
        if (name != program) nodes[name]->event("listening");
      }
      const auto established = [&](const char* name) { return !nodes[name]->events("established").empty(); };
      dies = nodes[program]->ends_before([&] { return established("controller") && established("cta"); });
      if (dies) {
        CHECK(nodes[program]->wait().status == killed);
        start(program, {});
      }
      for (const char* name : {"controller", "cta"}) nodes[name]->event("established");
      nodes["kdc"]->event("listening");
      for (const char* name : {"controller", "cta", "kdc"}) {
        const int status = nodes[name]->end().status;
        if (name == program && !dies && status == killed) {
          dies = true;  // behind what it said last, or as it ended
        } else {
          CHECK(status == 0);
        }
      }
      const auto cache = kerberos::CredentialCache::load(bed.folder / "cta.ccache");
      CHECK(cache.find(kerberos::parse_principal(ProgramBed::service)) != nullptr);
      if (std::filesystem::exists(bed.folder / "report.json")) CHECK(report_of(bed).contains("clients"));
      for (const char* table : {"cta.esp", "controller.esp"}) {
        if (!std::filesystem::exists(bed.folder / table)) continue;
        std::istringstream lines(read_file(bed.folder / table));
        for (std::string line; std::getline(lines, line);) CHECK(std::ranges::count(line, '"') % 2 == 0);
      }
    }
    CHECK(call > 2 * every);
  }
}
