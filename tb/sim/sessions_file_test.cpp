// SPDX-License-Identifier: Apache-2.0
#include "sessions_file.hpp"

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "sim/files.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using nlohmann::json;

namespace {

/// The example of docs/replay.md.
json example() {
  return json::parse(R"({
    "server": {"ipv4": ["192.0.2.1"], "ipv6": ["2001:db8::1"], "port": 1293},
    "policy": {"destination": "any", "later_fragments": "pass", "doi": [1, 2], "version": ["1.0"],
               "client_initiated": {"interval_us": 10000, "burst": 10}, "resend_budget": 2},
    "sessions": [{"client": "198.51.100.7", "nonce": "0x1badcafe", "state": "replied",
                  "expected_tag": "0x0123456789abcdef", "lifetime_ms": 30000}]})");
}

SessionsFile read_text(const std::string& text) {
  TemporaryFolder folder;
  write_file(folder / "s.json", text);
  return read_sessions_file(folder / "s.json");
}

std::string complaint_of_text(const std::string& text) {
  TemporaryFolder folder;
  const auto file = folder / "s.json";
  write_file(file, text);
  try {
    read_sessions_file(file);
  } catch (const Error& error) {
    REQUIRE(error.kind() == ErrorKind::bad_input);
    const std::string what = error.what();
    REQUIRE(what.rfind(file.string() + ": ", 0) == 0);
    return what.substr(file.string().size() + 2);
  }
  return "taken";
}

/// The complaint when the value at a JSON pointer is another one.
std::string with(const char* pointer, const json& value) {
  json document = example();
  document[json::json_pointer(pointer)] = value;
  return complaint_of_text(document.dump());
}
std::string without(const char* pointer, const char* key) {
  json document = example();
  document[json::json_pointer(pointer)].erase(key);
  return complaint_of_text(document.dump());
}

json session(const char* client, const char* state = "outstanding") {
  return {{"client", client}, {"nonce", "0x1"}, {"state", state}, {"lifetime_ms", 1}};
}

}  // namespace

TEST_CASE("The example is read") {
  const SessionsFile file = read_text(example().dump());
  CHECK(file.config.ipv4 == std::vector{net::Address::parse("192.0.2.1")});
  CHECK(file.config.ipv6 == std::vector{net::Address::parse("2001:db8::1")});
  CHECK(file.config.port == 1293);
  CHECK(file.config.destination == policy::ServerConfig::Destination::any);
  CHECK(file.config.later_fragments == policy::ServerConfig::LaterFragments::pass);
  CHECK(file.config.doi_ipsec);
  CHECK(file.config.doi_snmp);
  CHECK(file.config.versions == std::vector<std::uint8_t>{0x10});
  CHECK(file.config.client_initiated == policy::ServerConfig::pass_limited);
  CHECK(file.config.interval_us == 10000);
  CHECK(file.config.tolerance_us == 90000);
  CHECK(file.config.resend_budget == 2);
  REQUIRE(file.sessions.size() == 1);
  CHECK(file.sessions[0].client == net::Address::parse("198.51.100.7"));
  CHECK(file.sessions[0].nonce == 0x1badcafe);
  CHECK(file.sessions[0].phase == Phase::replied);
  CHECK(file.sessions[0].tag == 0x0123456789abcdef);
  CHECK(file.sessions[0].lifetime == 30'000'000);
}

TEST_CASE("Without a file the example's server and policy hold") {
  const SessionsFile file = default_sessions();
  json document = example();
  document["policy"]["client_initiated"] = "drop";
  document["sessions"] = json::array();
  const SessionsFile same = read_text(document.dump());
  CHECK(file.config.ipv4 == same.config.ipv4);
  CHECK(file.config.ipv6 == same.config.ipv6);
  CHECK(file.config.port == same.config.port);
  CHECK(file.config.destination == same.config.destination);
  CHECK(file.config.later_fragments == same.config.later_fragments);
  CHECK(file.config.doi_ipsec == same.config.doi_ipsec);
  CHECK(file.config.doi_snmp == same.config.doi_snmp);
  CHECK(file.config.versions == same.config.versions);
  CHECK(file.config.client_initiated == same.config.client_initiated);
  CHECK(file.config.resend_budget == same.config.resend_budget);
  CHECK(file.sessions.empty());
}

TEST_CASE("Bounds are taken, what lies beyond is not") {
  for (const json& value : {json(1), json(65535)}) CHECK(with("/server/port", value) == "taken");
  for (const json& value : {json(0), json(65536), json(-1), json(1293.0), json("1293"), json(true), json(nullptr),
                            json(18446744073709551615ULL)}) {
    CHECK_THAT(with("/server/port", value),
               Equals("server.port: " + value.dump() + ": an integer from 1 to 65535 expected"));
  }
  CHECK(with("/policy/resend_budget", 0) == "taken");
  CHECK(with("/policy/resend_budget", 15) == "taken");
  CHECK_THAT(with("/policy/resend_budget", 16), ContainsSubstring("policy.resend_budget: 16: an integer from 0 to 15"));
  CHECK(with("/policy/client_initiated/interval_us", 4294967295) == "taken");
  CHECK_THAT(with("/policy/client_initiated/interval_us", 4294967296),
             ContainsSubstring("policy.client_initiated.interval_us: 4294967296"));
  CHECK_THAT(with("/policy/client_initiated/interval_us", 0), ContainsSubstring("from 1 to 4294967295"));
  CHECK(with("/policy/client_initiated/burst", 65535) == "taken");
  CHECK_THAT(with("/policy/client_initiated/burst", 65536), ContainsSubstring("policy.client_initiated.burst"));
  CHECK_THAT(with("/policy/client_initiated/burst", 0), ContainsSubstring("policy.client_initiated.burst"));
  CHECK(with("/sessions/0/lifetime_ms", 2147483647) == "taken");
  CHECK_THAT(with("/sessions/0/lifetime_ms", 2147483648),
             ContainsSubstring("sessions[0].lifetime_ms: 2147483648: an integer from 1 to 2147483647"));
  CHECK_THAT(with("/sessions/0/lifetime_ms", 0), ContainsSubstring("sessions[0].lifetime_ms: 0"));
}

TEST_CASE("Integers are written as such") {
  for (const char* number : {"1293.0", "1.293e3", "1293e0", "12930E-1", "-1293", "-0"}) {
    std::string text = example().dump();
    text.replace(text.find("1293"), 4, number);
    INFO(number);
    CHECK_THAT(complaint_of_text(text),
               ContainsSubstring("server.port: ") && ContainsSubstring("an integer from 1 to 65535 expected"));
  }
}

TEST_CASE("Nonces and tags are 0x and digits") {
  for (const char* right : {"0x1", "0x00000001", "0xFFFFffff"}) CHECK(with("/sessions/0/nonce", right) == "taken");
  for (const char* wrong :
       {"", "0x", "1badcafe", "0X1", "0x100000000", "0x000000001", "0x1g", " 0x1", "0x1 ", "-0x1", "0x-1"}) {
    CHECK_THAT(with("/sessions/0/nonce", wrong), ContainsSubstring("sessions[0].nonce: \"" + std::string(wrong) +
                                                                   "\": a string of 0x and 1 to 8 hexadecimal digits"));
  }
  CHECK_THAT(with("/sessions/0/nonce", 1), ContainsSubstring("sessions[0].nonce: 1: a string"));
  for (const char* zero : {"0x0", "0x00000000"}) {
    CHECK_THAT(with("/sessions/0/nonce", zero),
               ContainsSubstring("sessions[0].nonce: \"" + std::string(zero) + "\": a nonce that is not 0 expected"));
  }
  for (const char* right : {"0x0", "0xffffffffffffffff"}) CHECK(with("/sessions/0/expected_tag", right) == "taken");
  CHECK_THAT(with("/sessions/0/expected_tag", "0x10000000000000000"), ContainsSubstring("sessions[0].expected_tag"));
}

TEST_CASE("Keys: all there, none unknown, none twice") {
  const std::pair<const char*, std::vector<const char*>> objects[] = {
      {"", {"server", "policy", "sessions"}},
      {"/server", {"ipv4", "ipv6", "port"}},
      {"/policy", {"destination", "later_fragments", "doi", "version", "client_initiated", "resend_budget"}},
      {"/policy/client_initiated", {"interval_us", "burst"}},
      {"/sessions/0", {"client", "nonce", "state", "lifetime_ms", "expected_tag"}}};
  for (const auto& [pointer, keys] : objects) {
    for (const char* key : keys) CHECK_THAT(without(pointer, key), EndsWith(std::string(key) + ": missing"));
    CHECK_THAT(with((std::string(pointer) + "/extra").c_str(), 7), EndsWith("extra: 7: an unknown key"));
  }
  CHECK_THAT(with("/sessions/0/extra", 7), Equals("sessions[0].extra: 7: an unknown key"));
  for (const char* duplicate : {R"("port":1,)", R"("p\u006frt":1,)"}) {
    std::string text = example().dump();
    text.insert(text.find("\"port\""), duplicate);
    CHECK_THAT(complaint_of_text(text), ContainsSubstring("port: the key stands twice"));
  }
  // expected_tag may be left out unless the state is `replied`.
  json document = example();
  document["sessions"] = {session("198.51.100.7"), session("198.51.100.8", "in_service")};
  CHECK(complaint_of_text(document.dump()) == "taken");
  document["sessions"] = {session("198.51.100.7"), session("198.51.100.8", "replied")};
  CHECK(complaint_of_text(document.dump()) == "sessions[1].expected_tag: missing");
}

TEST_CASE("Types and words") {
  CHECK_THAT(complaint_of_text("[]"), ContainsSubstring("[]: an object expected"));
  CHECK_THAT(with("/server", 1), ContainsSubstring("server: 1: an object expected"));
  CHECK_THAT(with("/sessions", json::object()), ContainsSubstring("sessions: {}: a list expected"));
  CHECK_THAT(with("/sessions/0", "x"), ContainsSubstring("sessions[0]: \"x\": an object expected"));
  CHECK_THAT(with("/policy/doi", 1), ContainsSubstring("policy.doi: 1: a list expected"));
  CHECK_THAT(with("/policy/doi", json::array()), ContainsSubstring("policy.doi: []: at least one"));
  CHECK_THAT(with("/policy/doi", {1, 3}), ContainsSubstring("policy.doi[1]: 3"));
  CHECK_THAT(with("/policy/doi", {0}), ContainsSubstring("policy.doi[0]: 0"));
  CHECK(with("/policy/doi", {2, 1, 2, 1}) == "taken");
  CHECK(with("/policy/client_initiated", "drop") == "taken");
  CHECK(with("/policy/client_initiated", "pass") == "taken");
  CHECK_THAT(with("/policy/client_initiated", "limit"),
             ContainsSubstring("policy.client_initiated: \"limit\": \"drop\", \"pass\" or"));
  CHECK_THAT(with("/policy/client_initiated", 1),
             ContainsSubstring("policy.client_initiated: 1: \"drop\", \"pass\" or"));
  CHECK_THAT(with("/sessions/0/state", "recovered"), ContainsSubstring("sessions[0].state: \"recovered\""));
  CHECK_THAT(with("/sessions/0/state", nullptr), ContainsSubstring("sessions[0].state: null"));
}

TEST_CASE("Versions") {
  for (const json& right : {json({"0.0"}), json({"15.15"}), json({"1.0", "2.0", "1.1", "1.15"}), json({"1.0", "1.0"})})
    CHECK(with("/policy/version", right) == "taken");
  for (const char* wrong :
       {"", "1", "1.", ".0", "1.16", "16.0", "1.0.0", "1,0", "-1.0", "01.0", "1.00", "a.b", "1. 0"}) {
    CHECK_THAT(with("/policy/version", {wrong}),
               ContainsSubstring("policy.version[0]: \"" + std::string(wrong) + "\": a string major.minor expected"));
  }
  CHECK_THAT(with("/policy/version", json::array()), ContainsSubstring("policy.version: []: 1 to 4 versions"));
  CHECK_THAT(with("/policy/version", {"1.0", "1.1", "1.2", "1.3", "1.4"}), ContainsSubstring("1 to 4 versions"));
  CHECK_THAT(with("/policy/version", {1.0}), ContainsSubstring("policy.version[0]: 1.0: a string"));
  json document = example();
  document["policy"]["version"] = {"2.1", "1.0", "2.1"};
  CHECK(read_text(document.dump()).config.versions == std::vector<std::uint8_t>{0x21, 0x10});
}

TEST_CASE("destination and later_fragments are words") {
  json document = example();
  document["policy"]["destination"] = "listed";
  document["policy"]["later_fragments"] = "drop";
  const SessionsFile file = read_text(document.dump());
  CHECK(file.config.destination == policy::ServerConfig::Destination::listed);
  CHECK(file.config.later_fragments == policy::ServerConfig::LaterFragments::drop);
  for (const json& wrong : {json("ANY"), json(""), json(1), json(nullptr), json::array({"any"}), json("pass")}) {
    CHECK_THAT(with("/policy/destination", wrong),
               Equals("policy.destination: " + wrong.dump() + ": \"any\" or \"listed\" expected"));
  }
  CHECK_THAT(with("/policy/later_fragments", "any"),
             Equals("policy.later_fragments: \"any\": \"pass\" or \"drop\" expected"));
}

TEST_CASE("Server addresses: as many as there are registers, each of its family, none twice, none IPv4-mapped") {
  json document = example();
  document["server"]["ipv4"] = json::array();
  document["sessions"] = {session("2001:db8::7")};
  CHECK(read_text(document.dump()).config.ipv4.empty());
  document["server"]["ipv4"] = {"192.0.2.1", "192.0.2.2"};
  document["server"]["ipv6"] = {"2001:db8::2", "2001:db8::1"};
  const SessionsFile two = read_text(document.dump());
  CHECK(two.config.ipv4 == std::vector{net::Address::parse("192.0.2.1"), net::Address::parse("192.0.2.2")});
  CHECK(two.config.ipv6 == std::vector{net::Address::parse("2001:db8::2"), net::Address::parse("2001:db8::1")});
  CHECK_THAT(with("/server/ipv4", {"192.0.2.1", "192.0.2.2", "192.0.2.3"}),
             ContainsSubstring("server.ipv4[2]: \"192.0.2.3\": 2 addresses at most expected"));
  CHECK_THAT(with("/server/ipv6", {"::2", "::3", "::4"}),
             ContainsSubstring("server.ipv6[2]: \"::4\": 2 addresses at most"));
  CHECK_THAT(with("/server/ipv4", {"192.0.2.1", "192.0.2.1"}),
             Equals("server.ipv4[1]: \"192.0.2.1\": an address that stands once expected"));
  CHECK_THAT(with("/server/ipv6", {"2001:db8::1", "2001:DB8:0::1"}),
             Equals("server.ipv6[1]: \"2001:DB8:0::1\": an address that stands once expected"));
  CHECK_THAT(with("/server/ipv6", {"2001:db8::1", "::ffff:192.0.2.1"}),
             Equals("server.ipv6[1]: \"::ffff:192.0.2.1\": not an IPv4-mapped address expected"));
  CHECK_THAT(with("/server/ipv4", {"2001:db8::1"}),
             ContainsSubstring("server.ipv4[0]: \"2001:db8::1\": an IPv4 address expected"));
  CHECK_THAT(with("/server/ipv6", {"2001:db8::1", "192.0.2.1"}),
             ContainsSubstring("server.ipv6[1]: \"192.0.2.1\": an IPv6 address expected"));
  CHECK_THAT(with("/server/ipv6", {"2001:db8"}), ContainsSubstring("server.ipv6[0]"));
  CHECK_THAT(with("/server/ipv4", {"192.0.2.300"}), ContainsSubstring("server.ipv4[0]"));
  CHECK_THAT(with("/server/ipv4", "192.0.2.1"), ContainsSubstring("a list expected"));
}

TEST_CASE("Clients: one session each, of a family that the server has, never IPv4-mapped") {
  json document = example();
  document["sessions"] = {session("2001:db8::7"), session("198.51.100.7"), session("127.0.0.1"), session("::"),
                          session("::198.51.100.7")};
  CHECK(complaint_of_text(document.dump()) == "taken");
  document["sessions"].push_back(session("2001:DB8:0:0::0:7"));
  CHECK_THAT(complaint_of_text(document.dump()),
             Equals("sessions[5].client: \"2001:DB8:0:0::0:7\": a second session for this client"));
  CHECK_THAT(with("/sessions/0/client", "::ffff:198.51.100.7"),
             ContainsSubstring("sessions[0].client: \"::ffff:198.51.100.7\": not an IPv4-mapped address expected"));
  CHECK_THAT(with("/sessions/0/client", "localhost"),
             ContainsSubstring("sessions[0].client: \"localhost\": an IPv4 or IPv6 address expected"));
  CHECK_THAT(with("/sessions/0/client", 7), ContainsSubstring("sessions[0].client: 7"));
  document = example();
  document["server"]["ipv4"] = json::array();
  CHECK_THAT(
      complaint_of_text(document.dump()),
      ContainsSubstring(
          "sessions[0].client: \"198.51.100.7\": an address of the server's family expected: server.ipv4 is empty"));
  document["sessions"] = {session("2001:db8::7")};
  CHECK(complaint_of_text(document.dump()) == "taken");
  document["server"]["ipv6"] = json::array();
  CHECK_THAT(complaint_of_text(document.dump()), ContainsSubstring("server.ipv6 is empty"));
}

TEST_CASE("A complaint is one line that a terminal does not obey, and not as long as what it is about") {
  json document = example();
  document["policy"]["\x1B[2J\n"] = 1;
  CHECK_THAT(complaint_of_text(document.dump()), ContainsSubstring(R"(policy.\u001b[2J\n: 1: an unknown key)"));
  const std::string twice = R"({"\u001b": 1, "\u001b": 2})";
  CHECK_THAT(complaint_of_text(twice), ContainsSubstring(R"(\u001b: the key stands twice)"));
  document = example();
  document[std::string(100'000, 'k')] = 1;
  CHECK(complaint_of_text(document.dump()).size() < 300);
  CHECK(complaint_of_text("[" + std::string(100'000, '9') + "]").size() < 400);
}

TEST_CASE("What is not JSON is refused with its place") {
  CHECK_THAT(complaint_of_text(""), ContainsSubstring("not JSON"));
  CHECK_THAT(complaint_of_text(example().dump() + "x"),
             ContainsSubstring("not JSON") && ContainsSubstring("line 1, column"));
  CHECK_THAT(complaint_of_text("{\n\"server\": }"), ContainsSubstring("line 2"));
  CHECK_THAT(complaint_of_text("{\"\xff\": 1}"), ContainsSubstring("not JSON"));
  CHECK_THAT(complaint_of_text("// comment\n{}"), ContainsSubstring("not JSON"));
  CHECK_THAT(complaint_of_text(example().dump() + std::string(1, '\0') + "{}"), ContainsSubstring("an octet 0 behind"));
  CHECK(complaint_of_text("\xEF\xBB\xBF" + example().dump() + "\r\n") == "taken");
  CHECK_THAT(complaint_of_text(std::string(200'000, '[')), ContainsSubstring("nested more than 32 deep"));
  CHECK_THROWS_WITH(read_sessions_file("/nonexistent.json"), ContainsSubstring("/nonexistent.json: cannot be read"));
  CHECK_THROWS_WITH(read_sessions_file("/tmp"), ContainsSubstring("/tmp: cannot be read"));
}

TEST_CASE("What a run writes is read as it was") {
  const net::Address client = net::Address::parse("2001:db8::7");
  SessionsFile written = default_sessions();
  written.config.client_initiated = policy::ServerConfig::pass_limited;
  written.config.interval_us = 10;
  written.config.tolerance_us = 20;
  written.config.doi_snmp = false;
  written.config.versions = {0x10, 0x2f};
  written.sessions = {{.code = CommandCode::restore,
                       .client = client,
                       .lifetime = 5'000,
                       .tag = 0x1234,
                       .nonce = 0x1bad,
                       .phase = Phase::replied}};
  written.capture = CaptureChoice{.interface = "net \"0\"", .begin_ns = 7};
  written.commands = {{5, {.code = CommandCode::wake, .client = client, .nonce = 0xcafe}, 60},
                      {5, {.code = CommandCode::reply, .client = client, .tag = ~std::uint64_t{0}}},
                      {6, {.code = CommandCode::reject, .client = client}},
                      {7, {.code = CommandCode::close, .client = net::Address::parse("198.51.100.7")}},
                      {8, {.code = CommandCode::restore, .client = client, .tag = 0x77, .nonce = 0xbeef}, 70}};
  const std::string text = sessions_text(written);
  const SessionsFile read = read_text(text);
  CHECK(sessions_text(read) == text);
  CHECK(read.commands.back().command.code == CommandCode::restore);
  CHECK(read.commands.back().command.phase == Phase::replied);
  CHECK(read.commands.back().command.tag == 0x77);
  CHECK(read.config.tolerance_us == 20);
  CHECK(read.config.versions == written.config.versions);
  CHECK_FALSE(read.config.doi_snmp);
  REQUIRE(read.capture);
  CHECK(read.capture->interface == written.capture->interface);
  CHECK(read.capture->begin_ns == 7);
  REQUIRE(read.commands.size() == 5);
  CHECK(read.commands[0].command.nonce == 0xcafe);
  CHECK(read.commands[0].until_us == 60);
  CHECK(read.commands[1].command.tag == ~std::uint64_t{0});
  CHECK(read.commands[3].command.code == CommandCode::close);
}

TEST_CASE("Commands and capture: a complaint names entry, key, value and what was expected") {
  const auto command = [](const char* entry) {
    json document = example();
    document["commands"] = json::parse("[" + std::string(entry) + "]");
    return complaint_of_text(document.dump());
  };
  const std::string close = R"({"time_ns": 9, "command": "close", "client": "198.51.100.7"})";
  CHECK(command(close.c_str()) == "taken");
  CHECK(command((close + R"(,{"time_ns": 8, "command": "close", "client": "198.51.100.7"})").c_str()) ==
        "commands[1].time_ns: 8: an integer from 9 to 4611686018427387904 expected");
  CHECK(command(R"({"time_ns": 9, "command": "open", "client": "198.51.100.7"})") ==
        R"(commands[0].command: "open": "wake", "reply", "reject", "close" or "restore" expected)");
  CHECK(command(R"({"time_ns": 9, "command": "close", "client": "me"})") ==
        R"(commands[0].client: "me": an IPv4 or IPv6 address expected)");
  CHECK(command(R"({"time_ns": 9, "command": "close", "client": "198.51.100.7", "nonce": "0x1"})") ==
        R"(commands[0].nonce: "0x1": an unknown key)");
  CHECK(command(R"({"time_ns": 9, "command": "reply", "client": "198.51.100.7"})") ==
        "commands[0].expected_tag: missing");
  CHECK(command(R"({"time_ns": 9000, "command": "wake", "client": "198.51.100.7", "nonce": "0x1", "until_us": 9})") ==
        "commands[0].until_us: 9: an integer from 10 to 4503599627370496 expected");
  CHECK(command(R"({"time_ns": 9, "command": "wake", "client": "198.51.100.7", "nonce": "0x0", "until_us": 9})") ==
        R"(commands[0].nonce: "0x0": a nonce that is not 0 expected)");
  CHECK(with("/capture", {{"interface", ""}, {"begin_ns", 0}}) ==
        R"(capture.interface: "": an interface's name expected)");
  CHECK(with("/capture", {{"interface", "net"}}) == "capture.begin_ns: missing");
}
