// SPDX-License-Identifier: Apache-2.0
// net-snmp's snmpget asks a CTA whose association is of DOI 2, with the user and keys that the CTA wrote down; it
// localizes the key of authentication itself. A Rekey rolls over meanwhile.
#include "catch.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;

namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream text(line);
  return {std::istream_iterator<std::string>(text), {}};
}

/// The lines of the CTA's table, the newest at the back.
std::vector<std::string> users(const ProgramBed& bed) {
  std::vector<std::string> lines;
  std::istringstream text(read_file(bed.folder / "cta.snmp"));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

constexpr const char* port = "10161";

bed::ProcessResult get(const ProgramBed& bed, const std::string& user, const std::vector<std::string>& objects) {
  std::vector<std::string> command = {bed::find_program("snmpget", "snmp").string()};
  for (const std::string& word : words_of(user)) command.push_back(word);
  for (const char* word : {"-On", "-r", "1", "-t", "1"}) command.emplace_back(word);
  command.push_back(bed.client + ":" + port);
  command.insert(command.end(), objects.begin(), objects.end());
  return bed::run_process(
      command, {},
      {"SNMPCONFPATH=" + bed.folder.path().string(), "LC_ALL=C", "SNMP_PERSISTENT_DIR=" + bed.folder.path().string()});
}

/// A distribution may build net-snmp without it.
bool knows_des() {
  const auto help = bed::run_process({bed::find_program("snmpget", "snmp").string(), "-h"}, {}, {"LC_ALL=C"});
  const bool known = has(help.output, "(DES");
  if (!known) WARN("skipped: this net-snmp has no DES, which is DOI 2's privacy");
  return known;
}

constexpr const char* descr = "1.3.6.1.2.1.1.1.0";
constexpr const char* up_time = "1.3.6.1.2.1.1.3.0";
constexpr const char* name = "1.3.6.1.2.1.1.5.0";

std::unique_ptr<ProgramBed> snmp_bed(int lifetime_s) {
  auto bed = std::make_unique<ProgramBed>();
  bed->add_principals();
  bed->change("cta.json", {{"doi", 2}, {"snmp_port", std::stoi(port)}, {"snmp_table", "cta.snmp"}});
  bed->change("controller.json", {{"association_lifetime_s", lifetime_s},
                                  {"grace_period_s", lifetime_s / 2},
                                  {"clients", {{{"address", bed->client}, {"principal", "cta1"}, {"doi", 2}}}}});
  return bed;
}

}  // namespace

TEST_CASE("snmpget is answered under an association of DOI 2, and with another key it is not") {
  if (!knows_des()) return;
  const auto bed = snmp_bed(600);
  const auto kdc = bed->start("kdc");
  const auto cta = bed->start("cta");
  const auto controller = bed->start("controller");
  controller->event("established");
  cta->event("established");
  REQUIRE(users(*bed).size() == 1);
  const std::string user = users(*bed).front();
  const auto answer = get(*bed, user, {descr, up_time, name, "1.3.6.1.2.1.1.9.0"});
  INFO(user << "\n" << answer.output << cta->log());
  CHECK(answer.status == 0);
  CHECK(has(answer.output, ".1.3.6.1.2.1.1.1.0 = STRING: \"Reveille CTA "));
  CHECK(has(answer.output, ".1.3.6.1.2.1.1.3.0 = Timeticks: "));
  CHECK(has(answer.output, ".1.3.6.1.2.1.1.5.0 = STRING: \"cta1\""));
  CHECK(has(answer.output, ".1.3.6.1.2.1.1.9.0 = No Such Object"));

  const std::size_t key = user.find("-3m 0x") + 6;
  std::string other = user;
  other[key] = other[key] == '0' ? '1' : '0';
  CHECK(get(*bed, other, {name}).status != 0);
  CHECK(get(*bed, "-v2c -c public", {name}).status != 0);
  // Less protected than was agreed.
  std::string open = user;
  if (const std::size_t level = open.find("authPriv"); level != std::string::npos) {
    open.replace(level, 8, "authNoPriv");
    CHECK(get(*bed, open, {name}).status != 0);
  }
  CHECK(has(user, "authPriv"));
}

TEST_CASE("A Rekey rolls over, and no snmpget is lost") {
  if (!knows_des()) return;
  const auto bed = snmp_bed(4);
  const auto kdc = bed->start("kdc");
  const auto cta = bed->start("cta");
  const auto controller = bed->start("controller");
  cta->event("established");
  unsigned asked = 0;
  while (users(*bed).size() < 3) {
    const auto answer = get(*bed, users(*bed).back(), {name});
    ++asked;
    INFO(asked << ": " << answer.output << cta->log());
    REQUIRE(answer.status == 0);
  }
  CHECK(asked >= 3);
  // The one before is answered within its grace period, too.
  const std::vector<std::string> all = users(*bed);
  CHECK(get(*bed, all[all.size() - 2], {name}).status == 0);
  CHECK(get(*bed, all.back(), {name}).status == 0);
}

TEST_CASE("A port for SNMP is refused where associations are of DOI 1") {
  const ProgramBed bed;
  bed.change("cta.json", {{"snmp_port", 10161}});
  const TemporaryFolder output;
  const ProgramResult result = run_program(output, {"cta", "--config", bed.path("cta.json")});
  CHECK(result.status == 2);
  CHECK(has(result.err, "snmp_port"));
}
