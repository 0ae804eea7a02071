// SPDX-License-Identifier: Apache-2.0
// `reveille kdc`, `cta` and `controller` as processes, with each other and with MIT's programs.
#include <sys/stat.h>

#include <iostream>
#include <set>

#include "bed/kdc_client.hpp"
#include "bed/mit_realm.hpp"
#include "catch.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "system/program_bed.hpp"

using namespace reveille;
using namespace reveille::sim::test;
using bed::MitRealm;
using bed::ProcessResult;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat state = {};
  REQUIRE(::stat(path.c_str(), &state) == 0);
  return state.st_mode & 07777U;
}

}  // namespace

TEST_CASE("Three processes establish an association, and MIT's programs read what they keep") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  const auto cta = bed.start("cta");
  const auto controller = bed.start("controller", {"--once"});
  CHECK(controller->wait().status == 0);
  cta->event("established");
  const json report = report_of(bed);
  CHECK(report.at("sessions").at("established") == 1);
  CHECK(report.at("clients").at(0).at("state") == "established");
  CHECK(report.at("verdicts").at("accepted") == 1);
  CHECK(report.at("verdicts").at("sa_recovered") == 1);
  CHECK(kdc->events("as-req").size() == 2);
  CHECK(kdc->event("tgs-req").at("result") == "issued");
  CHECK(kdc->event("tgs-req").at("client") == "cta1");

  CHECK(mode_of(bed.folder / "cta.ccache") == 0600);
  const ProcessResult tickets = bed.mit("klist", {"-e", "-f", "-c", bed.path("cta.ccache")});
  INFO(tickets.output);
  CHECK(tickets.status == 0);
  CHECK(has(tickets.output, "Default principal: cta1@REVEILLE.TEST"));
  CHECK(has(tickets.output, std::string(ProgramBed::service) + "@REVEILLE.TEST"));
  CHECK(has(tickets.output, "krbtgt/REVEILLE.TEST@REVEILLE.TEST"));
  // With our ticket-granting ticket MIT's client gets a ticket from our KDC.
  std::filesystem::copy_file(bed.folder / "cta.ccache", bed.folder / "mit.ccache");
  const ProcessResult again = bed.mit("kvno", {"-k", bed.path("service.keytab"), ProgramBed::service});
  INFO(again.output);
  CHECK(has(again.output, "kvno = 1, keytab entry valid"));

  CHECK(cta->end().status == 0);
  CHECK(kdc->end(SIGINT).status == 0);
}

TEST_CASE("klist and ktutil read our keytabs, and the etypes and versions in them") {
  const ProgramBed bed;
  bed.add_principals();
  CHECK(bed.principal({"add", ProgramBed::service, "--new-keys", "--etypes", "17,20"}).status == 0);
  CHECK(bed.principal({"keytab", ProgramBed::service, "cta1", "--out", bed.path("both.keytab")}).status == 0);
  CHECK(mode_of(bed.folder / "both.keytab") == 0600);
  const std::string list = bed.mit("klist", {"-k", "-e", bed.path("both.keytab")}).output;
  const std::string table = bed.mit("ktutil", {}, "read_kt " + bed.path("both.keytab") + "\nlist -e\nquit\n").output;
  for (const kerberos::Etype etype : kerberos::all_etypes()) {
    INFO(list << table);
    const std::string name = "(" + to_string(etype) + ")";
    CHECK(has(list, "1 " + std::string(ProgramBed::service) + "@REVEILLE.TEST " + name));
    CHECK(has(list, "1 cta1@REVEILLE.TEST " + name));
    CHECK(has(table, name));
  }
  CHECK(has(list, "2 " + std::string(ProgramBed::service) + "@REVEILLE.TEST (aes256-cts-hmac-sha384-192)"));
  CHECK_FALSE(has(list, "2 " + std::string(ProgramBed::service) + "@REVEILLE.TEST (aes256-cts-hmac-sha1-96)"));
  const std::string principals = bed.principal({"list"}).out;
  CHECK(has(principals, "cta1@REVEILLE.TEST: password, kvno 1, etypes 20,19,18,17\n"));
  CHECK(has(principals, std::string(ProgramBed::service) + "@REVEILLE.TEST: random keys, kvno 2, etypes 20,17\n"));
  CHECK(bed.principal({"remove", "cta1"}).status == 0);
  CHECK_FALSE(has(bed.principal({"list"}).out, "cta1"));
  CHECK(mode_of(bed.folder / "principals.db") == 0600);
}

TEST_CASE("MIT's kinit and kvno get their tickets from reveille kdc, over UDP and over TCP where a reply is long") {
  const ProgramBed bed;
  bed.add_principals();
  for (const bool too_big : {false, true}) {
    bed.change("kdc.json", {{"largest_datagram", too_big ? 256 : 4096}});
    const auto kdc = bed.start("kdc");
    const ProcessResult wrong = bed.mit("kinit", {"cta1"}, "wrong\n");
    CHECK(has(wrong.output, "Password incorrect"));
    const ProcessResult initial = bed.mit("kinit", {"cta1"}, "correct horse\n");
    INFO(initial.output);
    REQUIRE(initial.status == 0);
    const ProcessResult ticket = bed.mit("kvno", {"-k", bed.path("service.keytab"), ProgramBed::service});
    INFO(ticket.output);
    CHECK(has(ticket.output, "keytab entry valid"));
    CHECK(has(bed.mit("kvno", {"no/where"}).output, "not found in Kerberos database"));
    std::set<std::string> transports, results;
    for (const json& request : kdc->events("tgs-req")) {
      transports.insert(request.at("transport"));
      results.insert(request.at("result"));
    }
    CHECK(transports.count("tcp") == (too_big ? 1 : 0));
    CHECK(results.count("issued") == 1);
    // A principal that is added while it runs is there at once; one that is removed is not.
    CHECK(bed.principal({"add", "cta2", "--password-file", bed.path("password")}).status == 0);
    CHECK(bed.mit("kinit", {"cta2"}, "correct horse\n").status == 0);
    CHECK(bed.principal({"remove", "cta2"}).status == 0);
    CHECK(has(bed.mit("kinit", {"cta2"}, "correct horse\n").output, "not found in Kerberos database"));
    CHECK(kdc->end().status == 0);
  }
}

TEST_CASE("Over TCP requests come in pieces, several on a stream, and a length that is none ends it with code 61") {
  const ProgramBed bed;
  bed.add_principals();
  const auto kdc = bed.start("kdc");
  const auto connected = [&bed] {
    bed::Socket socket(bed::Transport::tcp);
    socket.connect("127.0.0.1", bed.port, std::chrono::seconds(5));
    return socket;
  };
  const auto read_reply = [](const bed::Socket& socket) {
    Bytes received;
    for (;;) {
      ByteReader in(received);
      if (in.remaining() >= 4) {
        const std::uint32_t size = in.u32("length");
        if (in.remaining() >= size) return kerberos::to_bytes(in.take(size, "reply"));
      }
      REQUIRE(socket.wait_readable(std::chrono::seconds(5)));
      const Bytes one = socket.receive(1);
      REQUIRE_FALSE(one.empty());
      append(received, one);
    }
  };
  kerberos::SystemRandom random;
  kerberos::AsExchange as(kerberos::parse_principal("cta1"), ProgramBed::realm, "correct horse", kerberos::all_etypes(),
                          random);
  const Bytes request = as.request(bed::wall_clock());
  Bytes framed;
  append_big_endian(framed, request.size(), 4);
  append(framed, request);

  const bed::Socket pieces = connected();
  for (const std::uint8_t octet : framed) pieces.send(Bytes{octet});
  CHECK(kerberos::decode_krb_error(read_reply(pieces)).code == kerberos::ErrorCode::preauth_required);
  Bytes twice = framed;
  append(twice, framed);
  pieces.send(twice);
  CHECK(kerberos::application_tag(read_reply(pieces)) == 30U);
  CHECK(kerberos::application_tag(read_reply(pieces)) == 30U);

  for (const Bytes& length : {Bytes{0x80, 0, 0, 0}, Bytes{0xFF, 0xFF, 0xFF, 0xFF}, Bytes{0, 1, 0, 1}}) {
    const bed::Socket odd = connected();
    odd.send(length);
    CHECK(kerberos::decode_krb_error(read_reply(odd)).code == kerberos::ErrorCode::field_too_long);
    REQUIRE(odd.wait_readable(std::chrono::seconds(5)));
    CHECK(odd.receive(1).empty());  // its end
  }
  const bed::Socket nothing = connected();
  nothing.send(Bytes{0, 0, 0, 2, 1, 2});
  REQUIRE(nothing.wait_readable(std::chrono::seconds(5)));
  CHECK(nothing.receive(1).empty());
  CHECK(kdc->end().status == 0);
}

TEST_CASE("Our CTA and controller with MIT's krb5kdc") {
  const MitRealm mit({{.name = "cta1", .password = "correct horse", .etypes = {kerberos::Etype::aes256_sha1}},
                      {.name = ProgramBed::service, .etypes = {kerberos::Etype::aes128_sha256}}});
  const ProgramBed bed(mit.port());
  mit.keytab({ProgramBed::service}).save(bed.folder / "service.keytab");
  for (const char* transport : {"udp", "tcp"}) {
    bed.change("cta.json", {{"kdc", {{"address", "127.0.0.1"}, {"port", mit.port()}, {"transport", transport}}}});
    std::filesystem::remove(bed.folder / "cta.ccache");
    const auto cta = bed.start("cta", {"--once"});
    const auto controller = bed.start("controller", {"--once"});
    CHECK(controller->wait().status == 0);
    CHECK(cta->wait().status == 0);
    CHECK(has(bed.mit("klist", {"-c", bed.path("cta.ccache")}).output, ProgramBed::service));
  }
}

TEST_CASE("Each program is killed in the middle and started again, and nothing is left half written") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("controller.json", {{"association_lifetime_s", 2}, {"grace_period_s", 1}, {"retry_s", 1}});
  auto kdc = bed.start("kdc");
  auto cta = bed.start("cta");
  auto controller = bed.start("controller");
  controller->event("established");
  CHECK(kdc->end(SIGKILL).status == 128 + SIGKILL);
  kdc = bed.start("kdc");
  controller->event("established", 2);  // made anew ahead of the association's end, with the ticket that it has
  CHECK(controller->end(SIGKILL).status == 128 + SIGKILL);
  CHECK(report_of(bed).at("clients").size() == 1);
  controller = bed.start("controller");
  controller->event("established");
  CHECK(cta->end(SIGKILL).status == 128 + SIGKILL);
  cta = bed.start("cta");
  cta->event("established");
  CHECK(cta->events("ticket").empty());  // it kept the one that it had
  CHECK(kdc->events("as-req").empty());
  CHECK(controller->end().status == 0);
  CHECK(cta->end().status == 0);
  CHECK(kdc->end().status == 0);
  for (const auto& entry : std::filesystem::directory_iterator(bed.folder.path())) {
    CHECK_FALSE(has(entry.path().string(), ".new-"));
    CHECK_FALSE(has(entry.path().string(), ".part-"));
  }
}

TEST_CASE("A KDC that listens at all addresses answers over UDP from the one that was asked") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("kdc.json", {{"listen", {"0.0.0.0"}}});
  const auto kdc = bed.start("kdc");
  kerberos::SeededRandom random(1, "client");
  // Its socket is connected, and takes what comes from this address alone; 127.0.0.1 is what the system would choose.
  const bed::KdcClient client(bed.server, bed.port, bed::Transport::udp);
  const kerberos::Credential granting =
      client.get_initial(kerberos::parse_principal("cta1"), ProgramBed::realm, kerberos::Password("correct horse"),
                         kerberos::all_etypes(), random);
  CHECK(client.get_service(granting, kerberos::parse_principal(ProgramBed::service), kerberos::all_etypes(), random)
            .ticket.sname == kerberos::parse_principal(ProgramBed::service));
  CHECK(kdc->end().status == 0);
}

TEST_CASE("A report, or a table of keys, that cannot be written any more stops no session") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("controller.json",
             {{"association_lifetime_s", 2}, {"grace_period_s", 1}, {"signalling", true}, {"esp_table", "server.esp"}});
  bed.change("cta.json", {{"esp_table", "cta.esp"}});
  const auto kdc = bed.start("kdc");
  const auto cta = bed.start("cta");
  const auto controller = bed.start("controller");
  controller->event("established");
  cta->event("established");
  for (const char* name :
       {"report.json", "server.esp", "cta.esp"}) {  // root may write whatever the mode is, but to no folder
    std::filesystem::remove(bed.folder / name);
    std::filesystem::create_directories(bed.folder / name / "inside");
  }
  controller->event("error", 2);
  const std::size_t before = controller->events("established").size();
  controller->event("established", before + 2);
  for (const char* name : {"report.json", "server.esp"}) {
    CHECK(std::ranges::any_of(controller->events("error"),
                              [&](const json& event) { return has(event.at("what"), std::string(name) + ": "); }));
    std::filesystem::remove_all(bed.folder / name);
  }
  CHECK(has(cta->event("error").at("what"), "cta.esp: "));
  CHECK(cta->end().status == 0);
  CHECK(controller->end().status == 0);
  CHECK(report_of(bed).at("sessions").at("established") >= 3);
}

TEST_CASE("A controller rekeys ahead of an association's end, and who asks by itself is not asked") {
  for (const int doi : {1, 2}) {
    const ProgramBed bed;
    bed.add_principals();
    bed.change("cta.json", {{"doi", doi}});
    bed.change("controller.json", {{"association_lifetime_s", 2},
                                   {"grace_period_s", 1},
                                   {"clients", {{{"address", bed.client}, {"principal", "cta1"}, {"doi", doi}}}}});
    const auto kdc = bed.start("kdc");
    const auto cta = bed.start("cta");
    const auto controller = bed.start("controller");
    CHECK(controller->event("established").at("by") == "wake-up");
    CHECK(controller->event("established", 3).at("by") == "rekey");
    CHECK(cta->events("rekey").size() >= 2);
    CHECK(cta->events("asking-kdc").size() == 1);  // one Wake Up in all
    CHECK(kdc->events("tgs-req").size() == 1);
    CHECK(controller->events("failed").empty());
    CHECK(controller->end().status == 0);
    CHECK(report_of(bed).at("rekeys") >= 2);
    cta->event("association-ended");
  }
}

TEST_CASE("A client that is told to asks by itself, and one that starts again says that it has nothing") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("cta.json", {{"initiate", true}});
  bed.change("controller.json", {{"association_lifetime_s", 4},
                                 {"grace_period_s", 2},
                                 {"renew", false},
                                 {"reestablish", true},
                                 {"client_initiated", "pass"}});
  const auto kdc = bed.start("kdc");
  const auto controller = bed.start("controller");
  auto cta = bed.start("cta");
  controller->event("established", 2);
  CHECK(controller->event("established", 3).at("by") == "client");
  const std::size_t before = controller->events("established").size();
  cta->end(SIGKILL);
  cta = bed.start("cta");
  cta->event("established");
  CHECK(controller->event("established", before + 1).at("by") == "client");
  CHECK(controller->events("failed").empty());
}

TEST_CASE("Signalling goes on under one association after the other, and none of it is lost") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("cta.json", {{"signalling_interval_ms", 5}, {"esp_table", "cta.esp"}});
  bed.change(
      "controller.json",
      {{"association_lifetime_s", 2}, {"grace_period_s", 1}, {"signalling", true}, {"esp_table", "controller.esp"}});
  const auto kdc = bed.start("kdc");
  const auto cta = bed.start("cta");
  const auto controller = bed.start("controller");
  controller->event("established", 4);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const ProgramResult ended = cta->end();
  CHECK(ended.status == 0);
  CHECK(controller->end().status == 0);
  const json end = json::parse(ended.err.substr(ended.err.rfind('\n', ended.err.size() - 2) + 1));
  INFO(end.dump());
  CHECK(end.at("messages") > 100);
  CHECK(end.at("answered") >= end.at("messages").get<int>() - 1);
  CHECK(end.at("sent_again") == 0);
  CHECK(end.at("packets_refused") == 0);
  CHECK(report_of(bed).at("rekeys") >= 3);
  CHECK(report_of(bed).at("signalling").at("messages") >= end.at("answered"));
  CHECK(report_of(bed).at("signalling").at("packets_refused") == 0);
  // Both ends have the same lines of it, the other way round.
  const auto lines = [&bed](const char* name) {
    std::multiset<std::string> found;
    std::istringstream text(read_file(bed.folder / name));
    for (std::string line; std::getline(text, line);) found.insert(line);
    return found;
  };
  CHECK(mode_of(bed.folder / "cta.esp") == 0600);
  CHECK(lines("cta.esp").size() >= 8);
  CHECK(lines("cta.esp") == lines("controller.esp"));
}

TEST_CASE("A process that adds principals is killed again and again, and the database holds whole ones") {
  const ProgramBed bed;
  bed.add_principals();
  for (int i = 0; i < 8; ++i) {
    const TemporaryFolder output;
    Program adding(output,
                   {"kdc", "principal", "add", "service/" + std::to_string(i), "--config", bed.path("kdc.json")});
    std::this_thread::sleep_for(std::chrono::milliseconds(2 + 3 * i));
    adding.signal(SIGKILL);
    adding.wait();
  }
  const ProgramResult listed = bed.principal({"list"});
  REQUIRE(listed.status == 0);
  std::istringstream lines(listed.out);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK((has(line, "etypes 20,19,18,17") || has(line, "krbtgt")));
  }
}

TEST_CASE("A ticket is replaced ahead of its end, and the cache of tickets with it") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("kdc.json", {{"ticket_lifetime_s", 63}});
  bed.change("cta.json", {{"renew_ahead_s", 62}});
  const auto kdc = bed.start("kdc");
  const auto cta = bed.start("cta");
  const auto controller = bed.start("controller", {"--once"});
  const std::string first = cta->event("ticket").at("until");
  const std::string second = cta->event("ticket", 2).at("until");
  CHECK(first < second);
  CHECK(kdc->events("tgs-req").size() == 2);
  const auto cache = kerberos::CredentialCache::load(bed.folder / "cta.ccache");
  const kerberos::Credential* ticket = cache.find(kerberos::parse_principal(ProgramBed::service));
  REQUIRE(ticket != nullptr);
  CHECK(kerberos::to_kerberos_time(ticket->endtime) == second);
}

TEST_CASE("A client whose server is silent gives up after its time-out, and a controller says who failed") {
  const ProgramBed bed;
  bed.add_principals();
  bed.change("cta.json", {{"timeout_ms", 50}, {"tries", 1}});
  bed.change("controller.json", {{"session_lifetime_s", 1}, {"wake_interval_ms", 100}, {"wake_tries", 2}});
  const auto cta = bed.start("cta", {"--once"});  // no KDC
  const auto controller = bed.start("controller", {"--once"});
  CHECK(cta->wait().status == 1);
  CHECK(controller->wait().status == 1);
  const json client = report_of(bed).at("clients").at(0);
  CHECK(client.at("state") == "failed");
  CHECK(client.at("failure") == "no answer");
}

namespace {

/// AS and TGS exchanges with pre-authentication, over UDP: pairs for a second of the server's CPU time.
double pairs_a_second(std::uint16_t port, pid_t server, const kerberos::Secret& secret) {
  constexpr unsigned pairs = 3000;
  const bed::KdcClient kdc("127.0.0.1", port, bed::Transport::udp);
  const std::vector<kerberos::Etype> etypes = {kerberos::Etype::aes256_sha1};
  kerberos::SystemRandom random;
  const double before = cpu_seconds(server);
  for (unsigned i = 0; i < pairs; ++i) {
    const auto granting = kdc.get_initial(kerberos::parse_principal("cta1"), ProgramBed::realm, secret, etypes, random);
    (void)kdc.get_service(granting, kerberos::parse_principal(ProgramBed::service), etypes, random);
  }
  return pairs / (cpu_seconds(server) - before);
}

}  // namespace

TEST_CASE("What an AS and a TGS exchange cost our KDC, and MIT's", "[.kdc-rate]") {
  const std::vector<MitRealm::Principal> principals = {{.name = "cta1", .password = "correct horse"},
                                                       {.name = ProgramBed::service}};
  const MitRealm mit(principals);
  const kerberos::Secret key = mit.keytab({"cta1"}).entries().front().key;
  const pid_t krb5kdc = std::stoi(read_file(mit.folder() / "kdc.pid"));
  const ProgramBed bed;
  bed.add_principals();
  for (const bool log : {true, false}) {
    bed.change("kdc.json", {{"log_requests", log}});
    const auto kdc = bed.start("kdc");
    bed.principal({"keytab", "cta1", "--out", bed.path("cta.keytab")});
    const auto keytab = kerberos::Keytab::load(bed.folder / "cta.keytab");
    const kerberos::Secret ours_key = keytab.find(ProgramBed::realm, kerberos::parse_principal("cta1"), 18)->key;
    std::vector<std::array<double, 3>> turns(9);  // the ratio, ours, theirs
    for (auto& [ratio, ours, theirs] : turns) {
      theirs = pairs_a_second(mit.port(), krb5kdc, key);
      ours = pairs_a_second(bed.port, kdc->pid(), ours_key);
      ratio = ours / theirs;
    }
    std::ranges::sort(turns);
    const auto& [ratio, ours, theirs] = turns[turns.size() / 2];
    std::cout << (log ? "each request logged: " : "without a log: ") << ours << " pairs a second of CPU time, krb5kdc "
              << theirs << ": " << ratio << " times in the median, " << turns.front()[0] << " to " << turns.back()[0]
              << "\n";
  }
}
