// SPDX-License-Identifier: Apache-2.0
// The story goes on behind the first association: Rekeys through the core, and signalling past it, tshark as judge.
#include <nlohmann/json.hpp>
#include <sstream>

#include "catch.hpp"
#include "system/program.hpp"

using namespace reveille;
using namespace reveille::sim::test;

namespace {

/// What two runs with this scenario have in common: `loss` and `attacks` are the caller's.
nlohmann::json play(const TemporaryFolder& folder, double loss, const char* attacks, const char* engine) {
  const nlohmann::json scenario = {
      {"ctas", 8},         {"loss", loss},           {"duplicate", loss / 2},  {"dead_share", 0},
      {"late_share", 0},   {"stale_clock_share", 0}, {"rekey_after_us", 3000}, {"signalling_interval_us", 400},
      {"attacks", attacks}};
  write_file(folder / "scenario.json", scenario.dump());
  const ProgramResult result =
      run_program(folder, {"run", "--engine", engine, "--scenario", (folder / "scenario.json").string(), "--out",
                           (folder / "run").string()});
  INFO(result.err);
  REQUIRE(result.status == 0);
  return nlohmann::json::parse(read_file(folder / "run" / "report.json"));
}

std::string esp_options(const std::filesystem::path& run) {
  std::string options = "-o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE";
  std::istringstream rows(read_file(run / "network.esp_sa"));
  for (std::string row; std::getline(rows, row);) options += " -o 'uat:esp_sa:" + row + "'";
  return options;
}

}  // namespace

TEST_CASE("In the story each CTA is rekeyed through the core, and no signalling is lost meanwhile") {
  const TemporaryFolder folder;
  const nlohmann::json report = play(folder, 0, "none", "lockstep");
  CHECK(report.at("cycles").at("differences") == 0);
  CHECK(report.at("sessions").at("established") == 8);
  const nlohmann::json& associations = report.at("associations");
  INFO(associations.dump());
  CHECK(associations.at("rekeys") == 8);
  CHECK(associations.at("rekeyed") == 8);
  CHECK(associations.at("messages") > 4 * 20);
  CHECK(associations.at("answered") >= associations.at("messages").get<int>() - 4);  // those on their way
  CHECK(associations.at("sent_again") == 0);
  CHECK(associations.at("packets_refused") == 0);

  // Each packet of the capture is authenticated and read, on both sides of the core.
  const auto run = folder / "run";
  std::istringstream packets(
      tshark_fields(run / "network.pcapng", "udp.port esp.icv_good frame.protocols", esp_options(run)));
  std::size_t read = 0, rekeys = 0;
  for (std::string line; std::getline(packets, line);) {
    if (line.find("4500,4500") == std::string::npos) continue;
    INFO(line);
    CHECK((line.find("\t1\t") != std::string::npos || line.find("\tTrue\t") != std::string::npos));
    CHECK(line.find(":esp:udp:mgcp") != std::string::npos);
    ++read;
  }
  CHECK(read > 3 * 4 * 20);  // at the network and the host, and the answers
  std::istringstream messages(
      tshark_fields(run / "network.pcapng", "pktc.kmmid pktc.doi pktc.spl pktc.grace_period _ws.malformed"));
  for (std::string line; std::getline(messages, line);) {
    if (line.starts_with("0x05\t1\t86400\t600\t") && line.back() == '\t') ++rekeys;
  }
  CHECK(rekeys == 4);  // those of DOI 1: the others tshark does not know
}

TEST_CASE("With loss and under flood, too, Rekeys make associations") {
  const TemporaryFolder folder;
  const nlohmann::json report = play(folder, 0.1, "replay,forged-sa-recovered,forged-wakeup", "model");
  INFO(report.at("associations").dump());
  CHECK(report.at("sessions").at("established") == 8);
  CHECK(report.at("associations").at("rekeys") == 8);
  CHECK(report.at("associations").at("rekeyed") >= 6);
}
