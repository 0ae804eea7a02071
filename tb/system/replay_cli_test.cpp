// SPDX-License-Identifier: Apache-2.0
// The program `reveille replay` as a user calls it: options, streams, exit statuses.
#include <sys/wait.h>

#include "capture/capture_writer.hpp"
#include "catch.hpp"
#include "model/policy/frames.hpp"
#include "sim/files.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using namespace reveille::policy::test;

namespace {

struct Result {
  int status = 0;
  std::string out, err;
};

Result reveille_program(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string out = (folder / "stdout").string();
  const std::string err = (folder / "stderr").string();
  const int status =
      std::system((std::string(REVEILLE_PROGRAM) + " " + arguments + " >'" + out + "' 2>'" + err + "'").c_str());
  Result result{WEXITSTATUS(status), read_file(out), read_file(err)};
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  return result;
}

std::string capture(const TemporaryFolder& folder) {
  PcapWriter writer(folder / "in.pcap");
  writer.write(0, net::build(to_server4(ap_request(nonce))));
  writer.write(1000, Bytes(60, 1));
  writer.commit();
  return (folder / "in.pcap").string();
}

}  // namespace

TEST_CASE("A replay: table on stdout, outputs where asked, exit 0") {
  TemporaryFolder folder;
  const std::string in = capture(folder);
  const Result result = reveille_program(folder, "replay --engine model --verdicts " + (folder / "v.csv").string() +
                                                     " --out " + (folder / "o.pcap").string() + " " + in);
  CHECK(result.status == 0);
  CHECK_THAT(result.out, ContainsSubstring("not_woken                    1") && ContainsSubstring("cycles simulated"));
  CHECK(read_file(folder / "v.csv") ==
        "frame,time,verdict,to_host,source,nonce\n1,0.000000000,not_woken,0,198.51.100.7,0x1badcafe\n2,0.000001000,"
        "bypass,1,,\n");
  CHECK(std::filesystem::file_size(folder / "o.pcap") == 24 + 16 + 60);
}

TEST_CASE("A replay of standard input, and of packets that were captured short") {
  TemporaryFolder folder;
  const std::string in = capture(folder);
  const Result piped = reveille_program(folder, "replay --engine model - < " + in);
  CHECK(piped.status == 0);
  CHECK_THAT(piped.out, ContainsSubstring("not_woken                    1"));
  CHECK(piped.out.find("captured short") == std::string::npos);

  std::string octets = read_file(in);
  octets[24 + 12] = static_cast<char>(octets[24 + 12] + 9);  // the first packet's length
  write_file(folder / "short.pcap", octets);
  const Result cut =
      reveille_program(folder, "replay --engine model --allow-short " + (folder / "short.pcap").string());
  CHECK(cut.status == 0);
  CHECK_THAT(cut.out,
             ContainsSubstring("note: 1 packets were captured short and are judged so, 0 frames as bad_length"));
}

TEST_CASE("Bad command lines and bad input: exit 2, a message, nothing written") {
  TemporaryFolder folder;
  const std::string in = capture(folder);
  const std::string outputs =
      " --verdicts " + (folder / "v.csv").string() + " --out " + (folder / "o.pcap").string() + " ";
  write_file(folder / "bad.json", std::string("{}"));
  const std::pair<std::string, const char*> calls[] = {
      {"", "A command (run, replay, "},
      {"foo", "reveille: foo: no such command: run, replay, "},
      {"foo", " expected; reveille --help lists what there is"},
      {"'' --version", "reveille: : no such command: run, replay, "},
      {"replay", "IN is required"},
      {"replay --engine fpga" + outputs + in, "fpga"},
      {"replay --engine 1" + outputs + in, "--engine"},
      {"replay --engine" + outputs + in, "--engine"},
      {"replay --nonsense" + outputs + in, "--nonsense"},
      {"replay " + outputs + in + " " + in, "in.pcap"},
      {"replay --engine model" + outputs + "/nonexistent.pcap", "/nonexistent.pcap: cannot be read"},
      {"replay --engine model" + outputs + (folder / "bad.json").string(), "bad.json: ends inside the magic number"},
      {"replay --engine model --sessions " + (folder / "bad.json").string() + outputs + in,
       "bad.json: policy: missing"},
      {"replay --engine model --out '' " + in, "--out: \"\": expected a file"},
      {"replay --engine model --sessions '' " + in, "--sessions: \"\": expected a file"},
      {"replay --engine model ''", "IN: \"\": expected a file"},
      {"replay --engine model --sessions /nonexistent.json" + outputs + in, "/nonexistent.json: cannot be read"},
      {"replay --engine model --verdicts /nonexistent/v.csv " + in, "/nonexistent/v.csv: cannot be written"}};
  for (const auto& [arguments, message] : calls) {
    INFO(arguments);
    const Result result = reveille_program(folder, arguments);
    CHECK(result.status == 2);
    CHECK_THAT(result.err, ContainsSubstring(message));
    CHECK(result.out.empty());
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
  }
}

TEST_CASE("A capture of one's own: its server named, an odd packet skipped, and a page of what became of it") {
  TemporaryFolder folder;
  const std::string in = capture(folder);
  std::string octets = read_file(in);
  octets.resize(octets.size() - 1);
  write_file(in, octets);
  const std::string arguments = "replay --engine model --server 192.0.2.1 --report " + (folder / "page").string() + " ";
  const Result refused = reveille_program(folder, arguments + in);
  CHECK(refused.status == 2);
  CHECK_THAT(refused.err, ContainsSubstring("in.pcap: ends inside packet 2"));
  CHECK_FALSE(std::filesystem::exists(folder / "page"));

  const Result result = reveille_program(folder, arguments + "--lenient " + in);
  CHECK(result.status == 0);
  CHECK_THAT(result.out, ContainsSubstring("in.pcap: 1 frames in 0.000000000 s; the server is 192.0.2.1\n") &&
                             ContainsSubstring("note: the capture holds no Wake Up from port 1293 of the server") &&
                             ContainsSubstring("skipped: 1 odd packet: ") &&
                             ContainsSubstring("ends inside packet 2") &&
                             ContainsSubstring("not_woken                    1"));
  CHECK_THAT(read_file(folder / "page/report.html"), ContainsSubstring("1 of 1 judged frames dropped"));
  CHECK_THAT(read_file(folder / "page/report.html"), ContainsSubstring("was not measured"));
}

TEST_CASE("--help is no error") {
  TemporaryFolder folder;
  const Result result = reveille_program(folder, "replay --help");
  CHECK(result.status == 0);
  CHECK_THAT(result.out, ContainsSubstring("--sessions FILE.json") && ContainsSubstring("--allow-short") &&
                             ContainsSubstring("--server") && ContainsSubstring("--port") &&
                             ContainsSubstring("--lenient") && ContainsSubstring("--report DIR"));
}
