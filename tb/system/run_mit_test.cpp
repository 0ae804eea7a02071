// SPDX-License-Identifier: Apache-2.0
// `reveille run --kdc mit`: the CTAs get their tickets from MIT's krb5kdc, and the exchange runs with them.
#include <nlohmann/json.hpp>

#include "system/judge_capture.hpp"

using namespace reveille;
using namespace reveille::sim::test;

TEST_CASE("With MIT's KDC every reachable CTA is established, and tshark opens MIT's tickets") {
  TemporaryFolder folder;
  const auto run = folder / "run";
  // Half of them ask the KDC only when woken, through the simulated network.
  write_file(folder / "story.json",
             std::string(R"({"ctas": 16, "duration_us": 45000, "no_ticket_share": 0.5, "flood_share": 0.05})"));
  const ProgramResult result = run_program(folder, {"run", "--engine", "model", "--kdc", "mit", "--scenario",
                                                    (folder / "story.json").string(), "--out", run.string()});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const auto report = nlohmann::json::parse(read_file(run / "report.json"));
  CHECK(report.at("kdc") == "mit");
  CHECK(report.at("sessions").at("reachable") == 15);
  CHECK(report.at("sessions").at("established") == 15);

  const JudgedCapture judged = judge_capture(run);
  CHECK(judged.true_frames.at("sa_recovered") == 15);
  CHECK(judged.ap_requests >= 30);
}
