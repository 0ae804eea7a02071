// SPDX-License-Identifier: Apache-2.0
// tshark decodes and decrypts whole exchanges of the model, with the keytab that the KDC writes.
#include <fstream>
#include <sstream>

#include "bed/process.hpp"
#include "catch.hpp"
#include "reveille/kerberos/client.hpp"
#include "reveille/kerberos/kdc.hpp"
#include "reveille/kerberos/service.hpp"
#include "reveille/net/frame.hpp"
#include "system/mit_names.hpp"

using namespace reveille;
using namespace reveille::bed;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

constexpr Time now = 1'700'000'000 * second;

/// A classic pcap of UDP datagrams, port 88 on the server's side.
class Capture {
 public:
  Capture() {
    append_big_endian(octets_, 0xA1B2C3D4, 4);
    append_big_endian(octets_, 2, 2);
    append_big_endian(octets_, 4, 2);
    append_big_endian(octets_, 0, 8);
    append_big_endian(octets_, 65535, 4);
    append_big_endian(octets_, 1, 4);  // Ethernet
  }
  const Bytes& add(const Bytes& payload, bool to_server) {
    net::UdpFrame frame;
    frame.source = net::Address::parse(to_server ? "192.0.2.2" : "192.0.2.1");
    frame.destination = net::Address::parse(to_server ? "192.0.2.1" : "192.0.2.2");
    (to_server ? frame.destination_port : frame.source_port) = 88;
    (to_server ? frame.source_port : frame.destination_port) = 40000;
    frame.payload = payload;
    const Bytes built = net::build(frame);
    append_big_endian(octets_, now / second, 4);
    append_big_endian(octets_, ++packets_, 4);
    append_big_endian(octets_, built.size(), 4);
    append_big_endian(octets_, built.size(), 4);
    append(octets_, built);
    return payload;
  }
  void save(const std::filesystem::path& path) const {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(octets_.data()), static_cast<std::streamsize>(octets_.size()));
  }

 private:
  Bytes octets_;
  unsigned packets_ = 0;
};

/// Every exchange of one client, then what the keytab file must open.
void record(Etype etype, Capture& capture, const std::filesystem::path& keytab) {
  SeededRandom random(1);
  Kdc kdc(realm_name, random, {}, etype);
  kdc.add_password(client_of(etype), password, {etype});
  kdc.add_random(service_of(etype), {etype});
  kdc.keys().save(keytab);
  const auto ask = [&](const Bytes& request) {
    return capture.add(kdc.handle(capture.add(request, true), now), false);
  };
  AsExchange as(client_of(etype), realm_name, password, {etype}, random);
  REQUIRE_FALSE(as.reply(ask(as.request(now))));
  TgsExchange tgs(as.reply(ask(as.request(now))).value(), service_of(etype), {etype}, random);
  const Credential credential = tgs.reply(ask(tgs.request(now)));
  const SentApRequest sent = make_ap_request(credential, now + 7, {.subkey = true, .sequence_number = true}, random);
  Service service(realm_name, service_of(etype), kdc.keytab(service_of(etype)));
  const AcceptedApRequest accepted = service.accept(capture.add(sent.octets, true), now);
  capture.add(Service::reply(accepted, Key::random(etype, random), 9, random), false);
  capture.add(service.error(ErrorCode::repeat, now), false);
}

/// An AS exchange in armour, by the service's ticket: refused without a challenge, and then answered.
void record_armored(Etype etype, Capture& capture, const std::filesystem::path& keytab) {
  SeededRandom random(1);
  Kdc kdc(realm_name, random, {}, etype);
  kdc.add_password(client_of(etype), password, {etype});
  kdc.add_random(service_of(etype), {etype});
  kdc.keys().save(keytab);
  AsExchange as(service_of(etype), realm_name, kdc.keytab(service_of(etype)).entries().front().key, {etype}, random);
  REQUIRE_FALSE(as.reply(kdc.handle(as.request(now), now)));
  const Credential granting = as.reply(capture.add(kdc.handle(capture.add(as.request(now), true), now), false)).value();
  AsExchange armored(client_of(etype), realm_name, password, {etype}, random, std::nullopt, granting);
  REQUIRE_FALSE(armored.reply(capture.add(kdc.handle(capture.add(armored.request(now), true), now), false)));
  REQUIRE(armored.reply(capture.add(kdc.handle(capture.add(armored.request(now), true), now), false)));
}

/// One line a packet, these fields separated by '|'.
std::vector<std::vector<std::string>> dissect(const std::filesystem::path& capture, const std::filesystem::path& keytab,
                                              const std::vector<std::string>& fields) {
  std::vector<std::string> command = {find_program("tshark", "tshark"),
                                      "-r",
                                      capture,
                                      "-o",
                                      "kerberos.decrypt:TRUE",
                                      "-o",
                                      "kerberos.file:" + keytab.string(),
                                      "-T",
                                      "fields",
                                      "-E",
                                      "separator=|"};
  for (const std::string& field : fields) command.insert(command.end(), {"-e", field});
  const ProcessResult result = run_process(command, {}, {"LC_ALL=C"});
  INFO(result.output);
  REQUIRE(result.status == 0);
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(result.output);
  for (std::string line; std::getline(lines, line);) {
    if (line.find('|') == std::string::npos) continue;  // a warning about running as root
    std::vector<std::string> row(1);
    for (const char c : line) c == '|' ? (void)row.emplace_back() : row.back().push_back(c);
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

TEST_CASE("tshark opens every message of the model") {
  const TemporaryFolder folder("reveille-tshark");
  for (const Etype etype : all_etypes()) {
    Capture capture;
    record(etype, capture, folder / "keytab");
    capture.save(folder / "capture.pcap");
    const auto rows =
        dissect(folder / "capture.pcap", folder / "keytab",
                {"kerberos.msg_type", "kerberos.encTicketPart_element", "kerberos.authenticator_element",
                 "kerberos.encAPRepPart_element", "kerberos.missing_keytype", "_ws.malformed", "_ws.expert.severity",
                 "kerberos.cusec", "kerberos.error_code", "kerberos.patimestamp", "kerberos.encASRepPart_element"});
    // AS-REQ, KRB-ERROR, AS-REQ, AS-REP, TGS-REQ, TGS-REP, AP-REQ, AP-REP, KRB-ERROR
    const std::vector<std::string> types = {"10", "30", "10", "11", "12", "13", "14", "15", "30"};
    REQUIRE(rows.size() == types.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::vector<std::string>& row = rows[i];
      INFO("etype " << static_cast<int>(etype) << ", packet " << i + 1);
      CHECK(row[0].substr(0, 2) == types[i]);
      CHECK(row[4].empty());
      CHECK(row[5].empty());
      std::istringstream severities(row[6]);
      for (std::string severity; std::getline(severities, severity, ',');)
        CHECK(std::stoul(severity, nullptr, 0) < 0x600000);
    }
    CHECK(rows[1][8] == "25");
    CHECK_FALSE(rows[2][9].empty());  // PA-ENC-TIMESTAMP
    CHECK_FALSE(rows[3][1].empty());  // the ticket in the AS-REP
    CHECK_FALSE(rows[3][10].empty());
    CHECK_FALSE(rows[4][1].empty());
    CHECK_FALSE(rows[4][2].empty());
    CHECK_FALSE(rows[5][1].empty());
    CHECK_FALSE(rows[6][1].empty());
    CHECK_FALSE(rows[6][2].empty());
    CHECK(rows[6][7] == "7");
    CHECK_FALSE(rows[7][3].empty());
    CHECK(rows[7][7] == "7");  // the client nonce, echoed
    CHECK(rows[8][8] == "34");
  }
}

TEST_CASE("tshark opens armour, and what is in it") {
  const TemporaryFolder folder("reveille-tshark");
  for (const Etype etype : all_etypes()) {
    Capture capture;
    record_armored(etype, capture, folder / "keytab");
    capture.save(folder / "capture.pcap");
    const auto rows =
        dissect(folder / "capture.pcap", folder / "keytab",
                {"kerberos.msg_type", "kerberos.missing_keytype", "_ws.malformed", "kerberos.fast_options",
                 "kerberos.enc_fast_rep_element", "kerberos.strengthen_key_element", "kerberos.finished_element",
                 "kerberos.patimestamp", "kerberos.encASRepPart_element", "kerberos.error_code"});
    REQUIRE(rows.size() == 6);  // AS-REQ, AS-REP of the armour; AS-REQ, KRB-ERROR, AS-REQ, AS-REP in it
    for (std::size_t i = 2; i < rows.size(); ++i) {
      INFO("etype " << static_cast<int>(etype) << ", packet " << i + 1);
      CHECK(rows[i][1].empty());
      CHECK(rows[i][2].empty());
      CHECK(rows[i][3].empty() == (i % 2 == 1));  // KrbFastReq of the requests
      CHECK(rows[i][4].empty() == (i % 2 == 0));
    }
    CHECK(rows[3][9] == "25,25");     // outside, and in the armour
    CHECK_FALSE(rows[4][7].empty());  // the client's challenge
    CHECK_FALSE(rows[5][5].empty());
    CHECK_FALSE(rows[5][6].empty());
    CHECK_FALSE(rows[5][7].empty());  // the KDC's challenge
    CHECK_FALSE(rows[5][8].empty());  // under the strengthened key
  }
}
