// SPDX-License-Identifier: Apache-2.0
// What a replay leaves behind, from packets and outcomes alone.
#include "replay/replay_outputs.hpp"

#include <sstream>

#include "catch.hpp"
#include "sim/files.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

namespace {

Packet packet(std::uint64_t number, std::size_t octets) {
  return {.number = number, .timestamp = 0, .since_first_ns = number * 1'000'000'001, .octets = Bytes(octets, 1)};
}

Outcome outcome(Verdict verdict, std::optional<std::uint32_t> nonce = {}, std::optional<Bytes> host_frame = {}) {
  return {.verdict = verdict, .source = {}, .nonce = nonce, .host_frame = std::move(host_frame)};
}

}  // namespace

TEST_CASE("Outcomes go to the packets played, in order, however late they come") {
  TemporaryFolder folder;
  ReplayOptions options;
  options.input = folder / "in.pcap";
  options.verdicts = folder / "v.csv";
  ReplayOutputs outputs(options);
  for (const std::uint64_t number : {1U, 2U, 5U}) outputs.played(packet(number, 60 + number));
  CHECK(outputs.waiting() == 3);
  outputs.judged(outcome(Verdict::bypass, {}, Bytes(61, 1)));
  outputs.judged(outcome(Verdict::false_nonce, 0x1bad));
  CHECK(outputs.waiting() == 1);
  CHECK(outputs.tally().frames() == 2);
  outputs.judged(outcome(Verdict::bypass));
  CHECK_THROWS_WITH(outputs.judged({}), ContainsSubstring("an outcome without a frame"));
  CHECK_FALSE(std::filesystem::exists(*options.verdicts));
  outputs.commit("", "", "", std::nullopt);
  CHECK(read_file(*options.verdicts) ==
        "frame,time,verdict,to_host,source,nonce\n1,1.000000001,bypass,1,,\n2,2.000000002,false_nonce,0,,0x00001bad\n"
        "5,5.000000005,bypass,0,,\n");
  std::ostringstream table;
  outputs.tally().print(table, 0.5, 42);
  CHECK(table.str() ==
        "verdict                 frames          octets\n"
        "bypass                       2             126\n"
        "false_nonce                  1              62\n"
        "total                        3             188\n"
        "frames per second 6, cycles simulated 42\n");
}

TEST_CASE("Without commit nothing of a replay stays, a folder made for its page neither") {
  TemporaryFolder folder;
  ReplayOptions options;
  options.input = folder / "in.pcap";
  options.verdicts = folder / "v.csv";
  options.out = folder / "o.pcap";
  options.report = folder / "page";
  {
    ReplayOutputs outputs(options);
    outputs.expect(1);
    outputs.played(packet(1, 60));
    outputs.judged(outcome(Verdict::bypass, {}, Bytes(60, 1)));
    CHECK(std::filesystem::exists(*options.report));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}
