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

/// Each file of the bed, with what is in it.
std::map<std::string, std::string> contents(const ProgramBed& bed) {
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(bed.folder.path())) {
    if (entry.is_regular_file()) all[entry.path().string()] = read_file(entry.path());
  }
  return all;
}

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

TEST_CASE("What is wrong in a command on principals is named, and changes nothing") {
  const ProgramBed bed;
  bed.add_principals();
  REQUIRE(::mkfifo(bed.path("pipe").c_str(), 0600) == 0);
  const auto files = contents(bed);
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"add", "cta1"}, "principal cta1 is there already; --new-keys"},
      {{"add", "cta9", "--new-keys"}, "no principal cta9"},
      {{"add", "a@b"}, "NAME: \"a@b\": a principal of this KDC's realm, REVEILLE.TEST, expected"},
      {{"add", "a@REVEILLE.TEST@REVEILLE.TEST"}, "a principal of this KDC's realm, REVEILLE.TEST, expected"},
      {{"add", "a@reveille.test"}, "a principal of this KDC's realm, REVEILLE.TEST, expected"},
      {{"add", "@REVEILLE.TEST"}, "expected name or name/instance"},
      {{"remove", "cta1@OTHER.TEST"}, "NAME: \"cta1@OTHER.TEST\": a principal of this KDC's realm"},
      {{"keytab", "cta1@OTHER.TEST", "--out", bed.path("x.keytab")}, "a principal of this KDC's realm"},
      {{"add", "cta9", "--etypes", "15"}, "--etypes: \"15\": expected a whole number from 16 to 20"},
      {{"add", "cta9", "--etypes", "18,16"}, "--etypes: 16 is weak, and used only where weak_etypes of "},
      {{"add", "cta9", "--etypes", "17,17"}, "--etypes: 17 stands twice"},
      {{"add", "cta9", "--password-file", bed.path("kdc.json")}, "kdc.json: mode 0644"},
      {{"remove", "cta9"}, "no principal cta9"},
      {{"remove", "krbtgt/REVEILLE.TEST"}, "the ticket-granting service stays"},
      {{"keytab", "cta9", "--out", bed.path("x.keytab")}, "no principal cta9"},
      {{"keytab", "cta1", "--out", bed.path("none/x.keytab")}, "none/x.keytab: cannot be written"},
      {{"keytab", "cta1"}, "--out is required"},
      {{"keytab", "cta1", "--out", bed.path("principals.db")}, "principals.db: is no keytab, and would be replaced"},
      {{"keytab", "cta1", "--out", bed.path("pipe")}, "pipe: is no keytab"},
  };
  for (const auto& [arguments, said] : cases) {
    const ProgramResult result = bed.principal(arguments);
    INFO(result.err);
    CHECK(result.status == 2);
    CHECK(has(result.err, said));
    CHECK(contents(bed) == files);
  }
  std::filesystem::permissions(bed.folder / "principals.db", std::filesystem::perms(0640));
  CHECK(has(bed.principal({"list"}).err, "principals.db: mode 0640"));
}

TEST_CASE("A principal's name may have the KDC's own realm behind it, as kadmin's may") {
  const ProgramBed bed;
  CHECK(has(bed.principal({"add", "alice@REVEILLE.TEST"}).out, "alice@REVEILLE.TEST: kvno 1"));
  CHECK(has(bed.principal({"list"}).out, "\nkrbtgt/REVEILLE.TEST@REVEILLE.TEST"));
  CHECK(has(bed.principal({"list"}).out, "alice@REVEILLE.TEST: random keys"));
  CHECK(bed.principal({"keytab", "alice@REVEILLE.TEST", "--out", bed.path("alice.keytab")}).status == 0);
  CHECK(has(bed.principal({"add", "alice"}).err, "principal alice is there already"));
  CHECK(bed.principal({"remove", "alice@REVEILLE.TEST"}).status == 0);
  CHECK_FALSE(has(bed.principal({"list"}).out, "alice"));
}

TEST_CASE("A database that cannot be made, read or written is named with the reason, and nothing is left behind") {
  const ProgramBed bed;
  bed.write_private("text.db", "no database at all, but some text of a length that SQLite would look into");
  bed.write_private("empty.db", "");
  const auto files = [&bed] {
    auto found = contents(bed);
    found.erase(bed.path("kdc.json"));
    return found;
  };
  const auto before = files();
  const std::pair<std::string, std::string> cases[] = {
      {"none/principals.db", "none/principals.db: cannot be made: No such file or directory\n"},
      {"text.db/principals.db", "text.db/principals.db: cannot be made: Not a directory\n"},
      {std::string(300, 'x'), "x: cannot be made: File name too long\n"},
      {".", "/.: a regular file expected"},
      {"/dev/null", "/dev/null: a regular file expected"},
      {"text.db", "text.db: damaged, or no database of principals\n"},
      {"empty.db", "empty.db: no database of principals\n"}};
  for (const auto& [database, said] : cases) {
    bed.change("kdc.json", {{"database", database}});
    const ProgramResult result = bed.principal({"add", "alice"});
    INFO(result.err);
    CHECK(result.status == 2);
    CHECK(has(result.err, said));
    CHECK(files() == before);
  }
}

TEST_CASE("A command on principals whose disk is full says so, and changes nothing") {
  const ProgramBed bed;
  const auto run = [&bed](std::vector<std::string> command, const std::string& before) {
    command.insert(command.end(), {"sh", "-c", before + R"(; exec "$@")", "sh", REVEILLE_PROGRAM, "kdc", "principal",
                                   "add", "alice", "--config", bed.path("kdc.json")});
    command.front() = bed::find_program(command.front(), "util-linux").string();
    return bed::run_process(command, "", {});
  };
  // No file may have more than so many blocks of 512 octets, as on a disk that takes no more.
  const auto with_blocks = [&run](unsigned blocks) {
    return run({}, "trap '' XFSZ; ulimit -f " + std::to_string(blocks));
  };
  auto files = contents(bed);
  for (const unsigned blocks : {8U, 32U}) {
    const bed::ProcessResult result = with_blocks(blocks);
    INFO(blocks << ": " << result.output);
    CHECK(result.status == 2);
    CHECK(has(result.output, "principals.db: cannot be read or written"));
    CHECK(contents(bed) == files);
  }
  bed.add_principals();
  files = contents(bed);
  for (const unsigned blocks : {8U, 32U}) {
    const bed::ProcessResult result = with_blocks(blocks);
    INFO(blocks << ": " << result.output);
    CHECK(result.status == 2);
    CHECK(has(result.output, "principals.db: cannot be read or written"));
    CHECK_FALSE(has(bed.principal({"list"}).out, "alice"));
  }
  if (::geteuid() != 0) {
    WARN("skipped: only root mounts a disk of 16 KiB");
    return;
  }
  bed.change("kdc.json", {{"database", "disk/principals.db"}});
  std::filesystem::create_directory(bed.folder / "disk");
  const bed::ProcessResult full = run({"unshare", "-m"}, "mount -t tmpfs -o size=16k none " + bed.path("disk"));
  INFO(full.output);
  CHECK(full.status == 2);
  CHECK(has(full.output, "principals.db: cannot be written: no room is left on its disk\n"));
}

TEST_CASE("A KDC whose database goes tells clients that it has an error, its log which, and goes on when it is back") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  kerberos::SystemRandom random;
  const auto answer = [&] {
    kerberos::AsExchange as(kerberos::parse_principal("cta1"), ProgramBed::realm, "correct horse",
                            kerberos::all_etypes(), random);
    const bed::Socket socket(bed::Transport::udp);
    socket.connect("127.0.0.1", bed.port, std::chrono::seconds(1));
    socket.send(as.request(bed::wall_clock()));
    REQUIRE(socket.wait_readable(std::chrono::seconds(5)));
    return kerberos::decode_krb_error(socket.receive(4096));
  };
  const std::filesystem::path database = bed.folder / "principals.db", kept = bed.folder / "kept.db";
  std::filesystem::copy_file(database, kept);
  const auto put_back = [&] {  // in one step, as a backup that is restored
    std::filesystem::copy_file(kept, bed.folder / "copy.db");
    std::filesystem::rename(bed.folder / "copy.db", database);
  };
  const ProgramBed other;
  other.change("kdc.json", {{"realm", "OTHER.TEST"}});
  REQUIRE(other.principal({"add", "cta1"}).status == 0);
  const std::pair<std::function<void()>, std::string> cases[] = {
      {[&] { std::filesystem::resize_file(database, 0); }, "principals.db: no database of principals"},
      {[&] { std::filesystem::resize_file(database, 5000); }, "principals.db: damaged, or no database of principals"},
      {[&] { std::filesystem::remove(database); }, "principals.db: no such database"},
      {[&] {
         std::filesystem::remove(database);
         std::filesystem::create_directory(database);
       },
       "principals.db: a regular file expected"},
      {[&] { std::filesystem::permissions(database, std::filesystem::perms(0644)); }, ""},  // as it was opened
      {[&] {
         std::filesystem::copy_file(other.folder / "principals.db", bed.folder / "copy.db");
         std::filesystem::rename(bed.folder / "copy.db", database);
       },
       "principals.db: of the realm OTHER.TEST, expected REVEILLE.TEST"}};
  for (const auto& [spoil, said] : cases) {
    INFO(said);
    CHECK(answer().code == kerberos::ErrorCode::preauth_required);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    spoil();
    for (unsigned i = 0; i < 3 && !said.empty(); ++i) {
      const kerberos::KrbError error = answer();
      CHECK(error.code == kerberos::ErrorCode::generic);
      CHECK(error.text.empty());  // no path for strangers
    }
    if (!said.empty()) CHECK(has(kdc->events("error").back().at("what"), said));
    if (std::filesystem::is_directory(database)) std::filesystem::remove(database);
    put_back();
  }
  CHECK(kdc->events("error").size() == 5);  // each once
  CHECK(bed.mit("kinit", {"cta1"}, "correct horse\n").status == 0);
  CHECK(kdc->end().status == 0);
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
