// SPDX-License-Identifier: Apache-2.0
// What `reveille kdc`, `cta` and `controller` are given that is wrong: files, commands, and what comes to their ports.
#include <sys/resource.h>
#include <sys/stat.h>

#include "bed/kdc_client.hpp"
#include "catch.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "reveille/kerberos/keytab.hpp"
#include "reveille/kerberos/random.hpp"
#include "reveille/keymgmt/security.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;

namespace {

/// Runs a program that is to be refused: killed where it is not.
ProgramResult run_refused(const std::string& name, const std::string& config) {
  const TemporaryFolder output;
  Program program(output, {name, "--config", config});
  for (const auto limit = std::chrono::steady_clock::now() + patience; !program.has_ended();) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (std::chrono::steady_clock::now() > limit) program.signal(SIGKILL);
  }
  return program.wait();
}

}  // namespace

TEST_CASE("What strangers send to their ports stops no program, and keeps no client out") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  const auto cta = bed.start("cta");
  kerberos::SeededRandom random(1, "strangers");
  keymgmt::ApRequest request;
  request.ap_req = {0x6E, 0x82, 0x01, 0x00};
  request.ap_req.resize(4 + 256);
  request.server_nonce = 5;
  request.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec);
  const std::vector<Bytes> begun = {
      keymgmt::encode(request),
      keymgmt::encode(keymgmt::SaRecovered{}),
      keymgmt::encode(keymgmt::WakeUp{.server_nonce = 77, .server_principal = ProgramBed::service}),
      {0x6A, 0x82, 4, 0}};
  bed.change("controller.json", {{"association_lifetime_s", 2}, {"grace_period_s", 1}});
  const auto controller = bed.start("controller");
  controller->event("established");
  const std::pair<std::string, std::uint16_t> ports[] = {
      {bed.server, 1293}, {bed.client, 1293}, {"127.0.0.1", bed.port}, {bed.server, bed.port}};
  for (unsigned i = 0; i < 500; ++i) {
    for (const auto& [address, port] : ports) {
      const bed::Socket socket(bed::Transport::udp);
      socket.connect(address, port, std::chrono::seconds(1));
      Bytes octets = begun[i % begun.size()];
      append(octets, random.bytes(random.nonce() % 300));
      if (i % 3 == 0) octets.resize(random.nonce() % (octets.size() + 1));
      if (i % 5 == 0 && !octets.empty()) octets[random.nonce() % octets.size()] ^= 0x10;
      ::send(socket.number(), octets.data(), octets.size(), 0);
    }
    const bed::Socket stream(bed::Transport::tcp);
    stream.connect("127.0.0.1", bed.port, std::chrono::seconds(1));
    stream.send(random.bytes(1 + random.nonce() % 100));
  }
  controller->event("established", controller->events("established").size() + 1);
  CHECK(controller->end().status == 0);
  const json report = report_of(bed);
  CHECK(report.at("ap_requests").at("refused") == 0);
  CHECK(report.at("verdicts").at("not_woken") > 30);
  CHECK(bed.mit("kinit", {"cta1"}, "correct horse\n").status == 0);
  CHECK(cta->end().status == 0);
  CHECK(kdc->end().status == 0);
}

TEST_CASE("What is wrong in a file is named with file and key, and nothing is written") {
  const ProgramBed bed;
  bed.add_principals();
  write_file(bed.folder / "open.keytab", read_file(bed.folder / "service.keytab"));
  std::filesystem::permissions(bed.folder / "open.keytab", std::filesystem::perms(0644));
  bed.write_private("empty", "");
  REQUIRE(::mkfifo(bed.path("pipe").c_str(), 0600) == 0);
  bed.write_private("other.db", "no database at all, but some text of a length that SQLite would look into");
  struct Case {
    const char* program;
    json keys;
    std::string said;
  };
  const Case cases[] = {
      {"kdc", {{"realm", "lower case"}}, "kdc.json: realm: \"lower case\": a realm"},
      {"kdc", {{"port", 0}}, "kdc.json: port: 0: an integer from 1 to 65535"},
      {"kdc", {{"listen", json::array()}}, "kdc.json: listen: []: an address at least"},
      {"kdc",
       {{"listen", {"127.0.0.1", "127.0.0.1"}}},
       "kdc.json: listen[1]: \"127.0.0.1\": an address that stands once"},
      {"kdc", {{"listen", {"nowhere"}}}, "kdc.json: listen[0]: \"nowhere\": an IPv4 or IPv6 address"},
      {"kdc", {{"listen", {"192.0.2.77"}}}, "192.0.2.77:" + std::to_string(bed.port) + " (UDP): cannot be bound"},
      {"kdc", {{"database", "none.db"}}, "none.db: no such database"},
      {"kdc", {{"database", "other.db"}}, "other.db: "},
      {"kdc", {{"realm", "OTHER.TEST"}}, "principals.db: of the realm REVEILLE.TEST, expected OTHER.TEST"},
      {"kdc", {{"log_requests", 1}}, "kdc.json: log_requests: 1: true or false"},
      {"kdc", {{"colour", 1}}, "kdc.json: colour: 1: an unknown key"},
      {"cta", {{"principal", "a//b"}}, "cta.json: principal: \"a//b\": a principal"},
      {"cta", {{"keytab", "service.keytab"}}, "keytab, password_file or certificate expected, one of the three"},
      {"cta", {{"password_file", "empty"}}, "empty: empty: a password"},
      {"cta", {{"password_file", "none"}}, "none: cannot be read: No such file"},
      {"cta", {{"kdc", {{"address", "::1"}}}}, "cta.json: kdc.address: \"::1\": an IPv4 address"},
      {"cta",
       {{"kdc", {{"address", "127.0.0.1"}, {"transport", "sctp"}}}},
       "kdc.transport: \"sctp\": \"udp\" or \"tcp\""},
      {"cta", {{"server", {{"address", "127.0.0.1"}}}}, "cta.json: server.principal: missing"},
      {"cta", {{"etypes", {18, 18}}}, "cta.json: etypes[1]: 18: an etype that stands once"},
      {"cta", {{"etypes", {16}}}, "cta.json: etypes[0]: 16: an etype from 17 to 20"},
      {"cta", {{"weak_etypes", 1}}, "cta.json: weak_etypes: 1: true or false"},
      {"cta", {{"doi", 3}}, "cta.json: doi: 3: an integer from 1 to 2"},
      {"controller", {{"keytab", "open.keytab"}}, "open.keytab: mode 0644: others may use what is secret in it"},
      {"controller", {{"keytab", "password"}}, "password: no keytab: "},
      {"controller", {{"principal", "no/where"}}, "service.keytab: no key of an etype from 17 to 20 of no/where@"},
      {"controller",
       {{"addresses", {"127.0.0.1", "127.0.0.2"}}},
       "addresses[1]: \"127.0.0.2\": one address of a family"},
      {"controller",
       {{"clients", {{{"address", "::1"}, {"principal", "cta1"}}}}},
       "clients[0].address: \"::1\": an IPv4"},
      {"controller", {{"clients", {{{"address", "127.0.0.1"}}}}}, "clients[0].principal: missing"},
      {"controller",
       {{"grace_period_s", 60}, {"association_lifetime_s", 100}},
       "grace_period_s: 60: an integer from 1 to 50"},
      {"controller", {{"clients", 5}}, "controller.json: clients: 5: a list"},
      {"controller", {{"addresses", {"0.0.0.0"}}}, "addresses[0]: \"0.0.0.0\": the address of a host"},
      {"controller",
       {{"clients", {{{"address", "224.0.0.1"}, {"principal", "cta1"}}}}},
       "clients[0].address: \"224.0.0.1\": the address of another host"},
      {"controller",
       {{"clients", {{{"address", bed.server}, {"principal", "cta1"}}}}},
       "the address of another host expected"},
      {"controller", {{"report", "service.keytab"}}, "report: \"service.keytab\": another file than that of keytab"},
      {"controller",
       {{"report", "./controller.json"}},
       "report: \"./controller.json\": another file than that of --config"},
      {"controller", {{"esp_table", "report.json"}}, "esp_table: \"report.json\": another file than that of report"},
      {"controller",
       {{"report", "none/report.json"}},
       "\"none/report.json\": a file that can be written expected: No such"},
      {"controller", {{"report", std::string(300, 'r')}}, "a file that can be written expected: File name too long"},
      {"cta", {{"credential_cache", std::string(5000, 'c')}}, "credential_cache: \"ccc"},
      {"cta", {{"esp_table", "password/x"}}, "esp_table: \"password/x\": a file that can be written expected: Not a"},
      {"controller", {{"report", "."}}, "report: \".\": a file that can be written expected: Is a directory"},
      {"controller", {{"keytab", "pipe"}}, "pipe: cannot be read: a regular file expected"},
      {"controller", {{"report", "pipe"}}, "report: \"pipe\": no pipe expected"},
      {"cta", {{"armor_cache", "pipe"}}, "pipe: cannot be read: a regular file expected"},
      {"kdc",
       {{"certificates", {{"certificate", "pipe"}, {"key", "pipe"}, {"anchors", "pipe"}}}},
       "pipe: cannot be read: a regular file expected"},
      {"controller", {{"esp_table", "pipe"}}, "esp_table: \"pipe\": no pipe expected"},
      {"cta", {{"esp_table", "cta.ccache"}}, "esp_table: \"cta.ccache\": another file than that of credential_cache"},
      {"cta", {{"credential_cache", "cta.json"}}, "credential_cache: \"cta.json\": another file than that of --config"},
      {"cta", {{"snmp_table", "none/cta.snmp"}}, "snmp_table: \"none/cta.snmp\": a file that can be written expected"},
  };
  for (const Case& each : cases) {
    const std::string name = std::string(each.program) + ".json";
    const std::string before = read_file(bed.folder / name);
    bed.change(name, each.keys);
    const auto files = contents(bed);
    const ProgramResult result = run_refused(each.program, bed.path(name));
    INFO(each.program << " " << each.keys << "\n" << result.err);
    CHECK(result.status == 2);
    CHECK(has(result.err, each.said));
    CHECK(std::ranges::count(result.err, '\n') == 1);
    CHECK(contents(bed) == files);
    write_file(bed.folder / name, before);
  }
}

TEST_CASE("Each key with values that are none of any key's, and twice, is refused by name, and nothing is written") {
  const ProgramBed bed;
  bed.add_principals();
  const std::string other = bed.client.substr(0, bed.client.rfind('.')) + ".3";
  const auto with = [&bed](const char* program, const json& keys) {
    json document = json::parse(read_file(bed.folder / (std::string(program) + ".json")));
    document.update(keys);
    return std::pair{program, document};
  };
  const std::pair<const char*, json> files_of_each[] = {
      with("kdc", json::parse(R"({"ticket_lifetime_s": 3600, "clock_skew_s": 300, "largest_datagram": 4096,
          "log_requests": true, "weak_etypes": false,
          "certificates": {"certificate": "c", "key": "k", "anchors": "a", "revoked": "r",
                           "require_freshness": true}})")),
      with("cta", json::parse(R"({"etypes": [18], "weak_etypes": false, "armor_cache": "armor", "doi": 1,
          "renew_ahead_s": 1, "learn_time": true, "timeout_ms": 100, "longest_timeout_ms": 100, "tries": 1,
          "answer_interval_ms": 1, "initiate": true, "signalling_interval_ms": 0, "esp_table": "esp",
          "telephone": {"calls": true, "packets": 50, "packet_ms": 20}})")),
      with("cta", json::parse(R"({"doi": 2, "snmp_port": 1161, "snmp_table": "snmp"})")),
      with("controller", json::parse(R"({"association_lifetime_s": 2, "grace_period_s": 1, "renew": true,
          "rekey": true, "reestablish": true, "acknowledgement": true, "client_initiated": "drop", "retry_s": 1,
          "session_lifetime_s": 30, "wake_rounds": 1, "most_open": 1, "weak_etypes": false, "signalling": true,
          "esp_table": "esp", "clients": [{"address": ")" +
                                     bed.client + R"(", "principal": "a", "doi": 1},
          {"address": ")" + other + R"(", "principal": "b"}],
          "call": {"caller": ")" + bed.client +
                                     R"(", "called": ")" + other + R"(", "media_keys": "media"}})"))};
  const json odd[] = {nullptr, -1, 1.5, {{"odd", 1}}};
  for (const auto& [program, whole] : files_of_each) {
    const std::string name = std::string(program) + ".json", text = whole.dump();
    const auto refuse = [&](const std::string& key, const std::string& changed, const std::string& said) {
      write_file(bed.folder / name, changed);
      const auto files = contents(bed);
      const ProgramResult result = run_refused(name.substr(0, name.find('.')), bed.path(name));
      INFO(key << ": " << result.err);
      CHECK(result.status == 2);
      CHECK(has(result.err, name + ": " + said));
      CHECK(std::ranges::count(result.err, '\n') == 1);
      CHECK(contents(bed) == files);
    };
    const json flat = whole.flatten();
    for (const auto& [pointer, value] : flat.items()) {
      // The key, and the list or object that it is in.
      for (std::string at = pointer; !at.empty(); at.resize(at.rfind('/'))) {
        std::string key = at.substr(1);
        key.resize(std::min(key.find('/'), key.size()));
        for (const json& each : odd) {
          json changed = whole;
          changed[json::json_pointer(at)] = each;
          refuse(at + " " + each.dump(), changed.dump(), key);
        }
        if (at.find('/', 1) != std::string::npos) continue;
        refuse(at + " twice", "{\"" + key + "\":0," + text.substr(text.find('{') + 1), key + ": ");
      }
    }
  }
}

TEST_CASE("Streams that send one octet and wait keep no client out of the KDC, however few files it may open") {
  ProgramBed bed;
  bed.add_principals();
  for (const rlim_t most : {rlim_t{24}, rlim_t{1024}}) {
    bed.mit_defaults.clear();
    const auto kdc = bed.start("kdc");
    const rlimit limit = {most, most};
    REQUIRE(::prlimit(kdc->pid(), RLIMIT_NOFILE, &limit, nullptr) == 0);
    std::vector<bed::Socket> strangers;
    for (unsigned i = 0; i < 400; ++i) {
      bed::Socket& socket = strangers.emplace_back(bed::Transport::tcp);
      socket.connect("127.0.0.1", bed.port, std::chrono::seconds(5));
      socket.send(Bytes{0});
    }
    const double before = cpu_seconds(kdc->pid());
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    CHECK(cpu_seconds(kdc->pid()) - before < 0.2);
    CHECK(bed.mit("kinit", {"cta1"}, "correct horse\n").status == 0);
    bed.mit_defaults = " udp_preference_limit = 1\n";
    CHECK(bed.mit("kinit", {"cta1"}, "correct horse\n").status == 0);
    CHECK(kdc->end().status == 0);
  }
}

TEST_CASE("No log and no message holds a password or a key") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("cta.json", {{"signalling_interval_ms", 20}, {"esp_table", "cta.esp"}});
  bed.change("controller.json", {{"signalling", true}, {"association_lifetime_s", 2}, {"grace_period_s", 1}});
  const auto kdc = bed.start("kdc");
  const auto cta = bed.start("cta");
  const auto controller = bed.start("controller");
  controller->event("established", 2);  // by a Rekey, too
  std::string said = controller->end().err + kdc->log() + cta->end().err + read_file(bed.folder / "report.json");
  CHECK_FALSE(has(said, "correct horse"));
  CHECK_FALSE(has(said, "password"));
  // Long-term keys, session keys and the associations'; as they are, and in hexadecimal of either case.
  std::vector<Bytes> keys;
  const std::string granting = std::string("krbtgt/") + ProgramBed::realm;
  REQUIRE(bed.principal({"keytab", ProgramBed::service, "cta1", granting, "--out", bed.path("all.keytab")}).status ==
          0);
  const auto keytab = kerberos::Keytab::load(bed.folder / "all.keytab");
  for (const kerberos::KeytabEntry& entry : keytab.entries()) keys.push_back(kerberos::to_bytes(entry.key.octets()));
  const auto cache = kerberos::CredentialCache::load(bed.folder / "cta.ccache");
  for (const kerberos::Credential& credential : cache.credentials) {
    keys.push_back(kerberos::to_bytes(credential.session_key.octets()));
  }
  CHECK(keys.size() == 4 + 4 + 1 + 2);
  std::ranges::transform(said, said.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Bytes& key : keys) {
    std::string hexadecimal;
    for (const std::uint8_t octet : key) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", octet);
      hexadecimal += digits;
    }
    CHECK_FALSE(has(said, hexadecimal.substr(0, 16)));
  }
  const std::string table = read_file(bed.folder / "cta.esp");
  std::size_t found = 0;
  for (std::size_t at = table.find("0x"); at != std::string::npos; at = table.find("0x", at + 2)) {
    const std::string digits = table.substr(at + 2, table.find_first_not_of("0123456789abcdef", at + 2) - at - 2);
    if (digits.size() < 32) continue;  // an SPI
    ++found;
    CHECK_FALSE(has(said, digits.substr(0, 16)));
  }
  CHECK(found >= 4);
}
