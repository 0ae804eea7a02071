// SPDX-License-Identifier: Apache-2.0
// tshark's own reading of every key-management message in both DOIs, over IPv4 and IPv6. Rekey with DOI 2 is left out:
// tshark knows no application-specific data there (docs/protocol.md, "Profile choices").
#include <sstream>

#include "capture/capture_writer.hpp"
#include "catch.hpp"
#include "reveille/kerberos/messages.hpp"
#include "reveille/keymgmt/security.hpp"
#include "reveille/net/frame.hpp"
#include "sim/files.hpp"

using namespace reveille;
using namespace reveille::keymgmt;
using namespace reveille::sim;
using namespace reveille::sim::test;

namespace {

const kerberos::EncryptedData sealed{.etype = 18, .kvno = {}, .cipher = Bytes(60, 0xc5)};
const kerberos::PrincipalName service{kerberos::PrincipalName::service_instance, {"mtaprovsrvr", "ctl1.reveille.test"}};

const Bytes ap_req = kerberos::encode(kerberos::ApRequest{.options = kerberos::ap_option::mutual_required,
                                                          .ticket = {"REVEILLE.TEST", service, sealed},
                                                          .authenticator = sealed});
const Bytes ap_rep = kerberos::encode(kerberos::ApReply{.enc_part = sealed});
const Bytes krb_error = kerberos::encode(
    kerberos::KrbError{.ctime = {}, .stime = 0, .crealm = {}, .cname = {}, .realm = "REVEILLE.TEST", .sname = service});
const SnmpData snmp{.engine_id = {0x80, 0, 0, 1, 5}, .engine_boots = 7, .engine_time = 8, .user_name = "mta-user"};

ApplicationData application(std::uint8_t doi) {
  return doi == doi_ipsec ? ApplicationData(IpsecData{0x11223344}) : ApplicationData(snmp);
}

/// Every message of a DOI, in the order of the KMMID.
std::vector<Bytes> messages(std::uint8_t doi) {
  const std::vector<Ciphersuite> offered = supported_ciphersuites(doi);
  const Bytes key(32, 1);
  const Bytes subkey(16, 2);
  std::vector<Bytes> all;
  all.push_back(encode(WakeUp{doi, version_1_0, 0x1badcafe, "mtaprovsrvr/ctl1.reveille.test@REVEILLE.TEST"}));
  all.push_back(
      seal(ApRequest{doi, version_1_0, ap_req, 0x1badcafe, application(doi), offered, true, Bytes(hmac_size)}, key));
  all.push_back(seal(
      ApReply{doi, version_1_0, ap_rep, application(doi), {offered[0]}, 3600, 60, false, true, Bytes(hmac_size)}, key));
  all.push_back(make_sa_recovered(all.back(), subkey));
  if (doi == doi_ipsec) {
    all.push_back(seal(Rekey{doi, version_1_0, 0x01020304, "ctl", "260801120000Z", application(doi), offered, 1800, 30,
                             false, Bytes(hmac_size)},
                       subkey));
  }
  all.push_back(encode(ErrorReply{doi, version_1_0, krb_error}));
  return all;
}

/// Fields of each packet, "-" for one that is absent.
std::vector<std::vector<std::string>> dissect(const std::filesystem::path& file, const std::string& fields) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(tshark_fields(file, fields));
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> row(1);
    for (const char c : line) {
      if (c == '\t') {
        row.emplace_back();
      } else {
        row.back().push_back(c);
      }
    }
    for (std::string& field : row) {
      if (field.empty()) field = "-";
      if (field == "True") field = "1";  // tshark from 4.2 on
      if (field == "False") field = "0";
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

TEST_CASE("tshark reads every message as we meant it, and finds nothing malformed") {
  TemporaryFolder folder;
  const auto file = folder / "keymgmt.pcap";
  PcapWriter writer(file);
  std::vector<Bytes> sent;
  for (const std::uint8_t doi : {doi_ipsec, doi_snmp}) {
    for (const Bytes& message : messages(doi)) {
      for (const bool ipv4 : {true, false}) {
        net::UdpFrame frame;
        frame.source = net::Address::parse(ipv4 ? "192.0.2.1" : "2001:db8::1");
        frame.destination = net::Address::parse(ipv4 ? "198.51.100.7" : "2001:db8::7");
        frame.payload = message;
        writer.write(static_cast<Timestamp>(sent.size()) * 1'000'000, net::build(frame));
        sent.push_back(message);
      }
    }
  }
  writer.commit();

  const auto judged =
      dissect(file, "frame.protocols _ws.malformed _ws.expert.severity ip.checksum.status udp.checksum.status");
  REQUIRE(judged.size() == sent.size());
  for (std::size_t i = 0; i < judged.size(); ++i) {
    INFO("packet " << i + 1);
    CHECK_THAT(judged[i][0], ContainsSubstring(":udp:pktc"));
    CHECK(judged[i][1] == "-");
    CHECK_THAT(judged[i][2], !ContainsSubstring("8388608"));  // error
    CHECK(judged[i][3] == (i % 2 == 0 ? "1" : "-"));          // good
    CHECK(judged[i][4] == "1");
  }

  const auto head = dissect(file, "pktc.kmmid pktc.doi pktc.version.major pktc.version.minor pktc.sha1_hmac");
  for (std::size_t i = 0; i < sent.size(); ++i) {
    INFO("packet " << i + 1);
    const auto number = [](const std::string& text) { return std::stoul(text, nullptr, 0); };
    CHECK(number(head[i][0]) == sent[i][0]);
    CHECK(number(head[i][1]) == sent[i][1]);
    CHECK(number(head[i][2]) == 1);
    CHECK(number(head[i][3]) == 0);
    // The HMAC ends the message: so every field before it has been read at its place.
    std::string hmac;
    for (std::size_t at = sent[i].size() - hmac_size; at < sent[i].size(); ++at) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", sent[i][at]);
      hmac += digits;
    }
    const bool has_hmac = sent[i][0] != 1 && sent[i][0] != 6;
    CHECK(head[i][4] == (has_hmac ? hmac : "-"));
  }

  using Row = std::vector<std::string>;
  const auto first_of = [&](const std::string& fields, std::uint8_t kmmid, std::uint8_t doi) {
    const auto rows = dissect(file, fields);
    for (std::size_t i = 0; i < sent.size(); ++i) {
      if (sent[i][0] == kmmid && sent[i][1] == doi) return rows.at(i);
    }
    FAIL("no such message");
    return Row();
  };
  CHECK(first_of("pktc.server_nonce pktc.server_principal", 1, 1) ==
        Row{"0x1badcafe", "mtaprovsrvr/ctl1.reveille.test@REVEILLE.TEST"});
  CHECK(first_of("kerberos.ap_req_element pktc.server_nonce pktc.asd.ipsec_spi pktc.asd.ipsec_auth_alg "
                 "pktc.asd.ipsec_enc_alg pktc.reestablish",
                 2, 1) ==
        Row{"1", "0x1badcafe", "0x11223344", "0x02,0x01,0x02,0x01,0x02,0x01", "0x0c,0x0c,0x03,0x03,0x0b,0x0b", "1"});
  CHECK(first_of("kerberos.ap_rep_element pktc.asd.ipsec_spi pktc.asd.ipsec_auth_alg pktc.spl pktc.grace_period "
                 "pktc.reestablish pktc.ack_required",
                 3, 1) == Row{"1", "0x11223344", "0x02", "3600", "60", "0", "1"});
  CHECK(first_of("pktc.server_nonce pktc.server_principal pktc.timestamp pktc.asd.ipsec_spi pktc.spl pktc.grace_period "
                 "pktc.reestablish",
                 5, 1) == Row{"0x01020304", "ctl", "260801120000Z", "0x11223344", "1800", "30", "0"});
  CHECK(first_of("kerberos.krb_error_element", 6, 2) == Row{"1"});
  CHECK(first_of("pktc.asd.snmp_engine_id pktc.asd.snmp_engine_boots pktc.asd.snmp_engine_time "
                 "pktc.asd.snmp_usm_username pktc.asd.snmp_auth_alg pktc.asd.snmp_enc_alg",
                 2, 2) == Row{"8000000105", "7", "8", "mta-user", "0x22,0x21,0x22,0x21", "0x21,0x21,0x20,0x20"});
  CHECK(first_of("pktc.asd.snmp_engine_id pktc.asd.snmp_usm_username pktc.spl pktc.ack_required", 3, 2) ==
        Row{"8000000105", "mta-user", "3600", "1"});
}
