// SPDX-License-Identifier: Apache-2.0
// Two CTAs and their controller as programs: the one calls the other, with keys that the controller gave to both. What
// of it others can read, and cannot, run_call_test.cpp shows of the same call in `reveille run`.
#include <set>

#include "catch.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;

namespace {

constexpr unsigned packets = 20;

/// A second client beside the bed's, and a call between the two.
struct CallBed : ProgramBed {
  CallBed() {
    add_principals();
    REQUIRE(principal({"add", "cta2", "--password-file", path("password")}).status == 0);
    const json telephone = {{"calls", true}, {"packets", packets}, {"packet_ms", 5}};
    change("cta.json", {{"telephone", telephone}});
    json other = json::parse(read_file(folder / "cta.json"));
    other.update({{"principal", "cta2"}, {"address", called}, {"credential_cache", "cta2.ccache"}});
    other["telephone"]["calls"] = false;
    write("cta2.json", other);
    change("controller.json",
           {{"signalling", true},
            {"clients", {{{"address", client}, {"principal", "cta1"}}, {{"address", called}, {"principal", "cta2"}}}},
            {"call", {{"caller", client}, {"called", called}, {"media_keys", "media.keys"}}}});
  }
  [[nodiscard]] std::unique_ptr<Node> start_called() const {
    auto node = std::make_unique<Node>(std::vector<std::string>{"cta", "--config", path("cta2.json")});
    node->event("listening");
    return node;
  }
  std::string called = client.substr(0, client.rfind('.')) + ".3";
};

}  // namespace

TEST_CASE("A CTA calls another, and each understands what the other says") {
  const CallBed bed;
  const auto kdc = bed.start("kdc");
  const auto caller = bed.start("cta");
  const auto called = bed.start_called();
  const auto controller = bed.start("controller");
  std::vector<std::string> states;
  controller->event("call", 5);
  for (const json& event : controller->events("call")) {
    CHECK(event.at("caller") == "cta1");
    CHECK(event.at("called") == "cta2");
    states.push_back(event.at("state"));
  }
  CHECK(states == std::vector<std::string>{"ringing", "connecting", "talking", "ending", "ended"});
  caller->event("hung-up");
  called->event("hung-up");
  CHECK(caller->events("telephone").size() == 3);  // off the hook, dialled, on the hook
  const auto media = [](Node& node) {
    const ProgramResult result = node.end();
    INFO(result.err);
    REQUIRE(result.status == 0);
    return json::parse(result.err.substr(result.err.rfind('\n', result.err.size() - 2) + 1));
  };
  const json of_caller = media(*caller), of_called = media(*called);
  CHECK(of_caller.at("said") == packets);
  // The called is cut off where it is slower, and what is under way then is not heard.
  CHECK(of_called.at("heard").get<unsigned>() > packets / 2);
  CHECK(of_caller.at("heard").get<unsigned>() > packets / 2);
  for (const json& each : {of_caller, of_called}) CHECK(each.at("refused") == 0);
  const std::filesystem::path keys = bed.folder / "media.keys";
  CHECK((std::filesystem::status(keys).permissions() & std::filesystem::perms(0077)) == std::filesystem::perms::none);
  std::istringstream lines(read_file(keys));
  std::set<std::string> distinct;
  for (std::string from, to, other, suite, key; lines >> from >> to >> other >> suite >> key;) distinct.insert(key);
  CHECK(distinct.size() == 2);
}

TEST_CASE("A call waits for a client that comes late, and another is made where one was killed in it") {
  const CallBed bed;
  const auto kdc = bed.start("kdc");
  bed.change("controller.json", {{"client_initiated", "pass"}});
  auto caller = bed.start("cta");
  const auto controller = bed.start("controller");
  controller->event("call");  // rings at nobody
  auto called = bed.start_called();
  called->event("connected");
  called->end(SIGKILL);
  caller->event("telephone", 3);
  caller->end();
  for (const char* file : {"cta.json", "cta2.json"}) bed.change(file, {{"initiate", true}});  // they come again
  called = bed.start_called();
  caller = bed.start("cta");
  controller->event("established", 4);
  const auto times = [&](const char* state) {
    return std::ranges::count_if(controller->events("call"),
                                 [&](const json& event) { return event["state"] == state; });
  };
  const auto limit = std::chrono::steady_clock::now() + 2 * patience;
  while ((times("talking") < 2 || times("ended") < 1) && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  INFO(controller->log());
  CHECK(times("talking") == 2);
  CHECK(times("ended") >= 1);
  caller->event("hung-up");
}

TEST_CASE("What a telephone and a call do not go with is refused, by name") {
  const CallBed bed;
  const auto refused = [&](const std::string& program, const json& keys, const std::string& text) {
    const std::string before = read_file(bed.folder / (program + ".json"));
    bed.change(program + ".json", keys);
    const TemporaryFolder output;
    const ProgramResult result = run_program(output, {program, "--config", bed.path(program + ".json")});
    bed.write(program + ".json", json::parse(before));
    CHECK(result.status == 2);
    INFO(result.err);
    CHECK(has(result.err, text));
  };
  REQUIRE(bed.principal({"list"}).status == 0);
  refused("cta", {{"doi", 2}}, "no telephone expected where doi is 2");
  refused("cta", {{"signalling_interval_ms", 50}}, "no telephone expected where signalling_interval_ms is not 0");
  refused("cta", {{"telephone", json::object()}}, "calls");
  refused("controller", {{"signalling", false}}, "no call expected where signalling is false");
  refused("controller", {{"call", {{"caller", bed.client}, {"called", bed.client}}}},
          "another address than the caller's expected");
  refused("controller", {{"call", {{"caller", bed.client}, {"called", "192.0.2.1"}}}},
          "192.0.2.1\": the address of a client with doi 1 expected");
}
