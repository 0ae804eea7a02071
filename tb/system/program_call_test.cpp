// SPDX-License-Identifier: Apache-2.0
// Two CTAs and their controller as programs: the one calls the other, with keys that the controller gave to both.
// tshark opens all of it as it goes over loopback, with the tables and keytabs that the programs write.
#include <map>
#include <set>

#include "catch.hpp"
#include "reveille/net/address.hpp"
#include "system/loopback_capture.hpp"
#include "system/program_bed.hpp"
#include "system/srtp.hpp"

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

/// Of tshark's lines, their fields.
std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string>& row = rows.emplace_back(1);
    for (const char c : line) c == '\t' ? (void)row.emplace_back() : row.back().push_back(c);
  }
  return rows;
}

Bytes from_hex(const std::string& text) {
  Bytes octets;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    octets.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(at, 2), nullptr, 16)));
  }
  return octets;
}

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

TEST_CASE("tshark opens the call of the programs, from the first ticket to the last word, and nothing without keys") {
  if (!LoopbackCapture::is_permitted()) {
    WARN("skipped: only root captures on loopback");
    return;
  }
  const CallBed bed;
  bed.change("controller.json", {{"esp_table", "esp_sa"}});
  REQUIRE(bed.principal({"keytab", "krbtgt/" + std::string(ProgramBed::realm), "cta1", "cta2", ProgramBed::service,
                         "--out", bed.path("every.keytab")})
              .status == 0);
  const net::Address client = net::Address::parse(bed.client);
  const ByteView own = client.header_octets();
  LoopbackCapture capture({own.begin(), own.begin() + 3});
  const auto kdc = bed.start("kdc");
  const auto caller = bed.start("cta");
  const auto called = bed.start_called();
  const auto controller = bed.start("controller");
  controller->event("call", 5);
  caller->event("hung-up");
  called->event("hung-up");
  const std::filesystem::path file = bed.folder / "call.pcap";
  capture.save(file);

  const std::string port = std::to_string(bed.port);
  const std::string options = esp_options(read_file(bed.folder / "esp_sa")) + " -d udp.port==" + port +
                              ",kerberos -o kerberos.decrypt:TRUE -o kerberos.file:'" + bed.path("every.keytab") + "'";
  // Kerberos: each message of either, by its number, with what is sealed in it.
  const std::map<std::string, std::vector<std::size_t>> sealed = {
      {"11", {1, 3}}, {"12", {1, 2}}, {"13", {1, 4}}, {"14", {1, 2}}, {"15", {5}}};
  std::multiset<std::string> messages;
  for (const std::vector<std::string>& row : rows_of(tshark_fields(
           file,
           "kerberos.msg_type kerberos.encTicketPart_element kerberos.authenticator_element "
           "kerberos.encASRepPart_element kerberos.encTGSRepPart_element kerberos.encAPRepPart_element _ws.malformed",
           options + " -Y 'kerberos.msg_type'"))) {
    const std::string number = row[0].substr(0, row[0].find(','));
    messages.insert(number);
    CHECK(row[6].empty());
    if (!sealed.contains(number)) continue;
    for (const std::size_t part : sealed.at(number)) {
      INFO("message " << number << ", field " << part);
      CHECK_FALSE(row[part].empty());
    }
  }
  for (const char* number : {"11", "12", "13", "14", "15"}) CHECK(messages.count(number) >= 2);

  // Signalling: what is said again counts once.
  std::map<std::string, std::string> verbs;
  for (const std::vector<std::string>& row :
       rows_of(tshark_fields(file, "ip.src ip.dst mgcp.transid mgcp.req.verb esp.icv_good", options + " -Y 'esp'"))) {
    INFO(row[0] << ' ' << row[1] << ' ' << row[2]);
    CHECK((row[4] == "1" || row[4] == "True"));
    CHECK_FALSE(row[2].empty());
    if (!row[3].empty()) verbs[row[0] + row[1] + row[2]] = row[3];
  }
  std::multiset<std::string> said;
  for (const auto& [of, verb] : verbs) said.insert(verb);
  CHECK(said == std::multiset<std::string>{"NTFY", "NTFY", "RQNT", "NTFY", "CRCX", "CRCX", "NTFY", "DLCX", "DLCX"});

  // Media: found by its description, and of one key or the other.
  std::vector<Srtp> keys;
  std::istringstream lines(read_file(bed.folder / "media.keys"));
  for (std::string from, to, other, suite, key; lines >> from >> to >> other >> suite >> key;) {
    keys.push_back(Srtp::of_inline(key));
  }
  REQUIRE(keys.size() == 2);
  std::size_t heard[2] = {0, 0};
  for (const std::vector<std::string>& row :
       rows_of(tshark_fields(file, "frame.protocols rtp.p_type udp.payload", options + " -Y 'udp.port == 16384'"))) {
    CHECK(has(row[0], ":rtp"));
    CHECK(row[1] == "0");
    const Bytes packet = from_hex(row[2]);
    const bool first = keys[0].is_authentic(packet);
    CHECK(first != keys[1].is_authentic(packet));
    const Bytes samples = keys[first ? 0 : 1].samples(packet);
    const auto step = static_cast<std::uint8_t>(samples[1] - samples[0]);  // sim/call/telephone.cpp: its voice
    CHECK((step == 3 || step == 5));
    ++heard[first ? 0 : 1];
  }
  CHECK(std::max(heard[0], heard[1]) == packets);
  CHECK(std::min(heard[0], heard[1]) > packets / 2);
  const std::string octets = read_file(file);
  for (const char* word : {"CRCX", "NTFY", "inline:"}) CHECK_FALSE(has(octets, word));
}

TEST_CASE("A call waits for a client that comes late, and another is made where one was killed in it") {
  const CallBed bed;
  const auto kdc = bed.start("kdc");
  bed.change("controller.json", {{"client_initiated", "pass"}});
  for (const auto& [file, calls] : {std::pair{"cta.json", true}, {"cta2.json", false}}) {
    bed.change(file, {{"telephone", {{"calls", calls}, {"packets", 200}, {"packet_ms", 5}}}});
  }
  auto caller = bed.start("cta");
  const auto controller = bed.start("controller");
  controller->event("call");  // rings at nobody
  auto called = bed.start_called();
  controller->event("call", 3);  // talking: it has heard both, and the called is killed among its packets
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
