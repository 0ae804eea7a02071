// SPDX-License-Identifier: Apache-2.0
// tshark as judge of what an association carries: with the exported table it authenticates and decrypts each packet of
// every ciphersuite, both families, and reads the signalling inside; with another key it says that the ICV is bad.
#include <sstream>

#include "capture/capture_writer.hpp"
#include "catch.hpp"
#include "reveille/net/frame.hpp"
#include "reveille/nodes/association.hpp"
#include "reveille/nodes/signalling.hpp"
#include "sim/files.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::sim;
using namespace reveille::sim::test;

namespace {

/// The options that give tshark the table.
std::string options_of(const std::string& table) {
  std::string options = "-o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE";
  std::istringstream rows(table);
  for (std::string row; std::getline(rows, row);) options += " -o 'uat:esp_sa:" + row + "'";
  return options;
}

void write_packet(PcapWriter& writer, const net::Address& source, const net::Address& destination, Bytes packet) {
  net::UdpFrame frame;
  frame.source = source;
  frame.destination = destination;
  frame.source_port = frame.destination_port = esp_port;
  frame.payload = std::move(packet);
  writer.write(0, net::build(frame));
}

}  // namespace

TEST_CASE("tshark opens what an association carries, with the table that is exported") {
  const TemporaryFolder folder;
  const auto file = folder / "esp.pcap";
  kerberos::SeededRandom random(1);
  PcapWriter writer(file);
  std::string table, wrong_table;
  std::size_t packets = 0;
  for (const keymgmt::Ciphersuite suite : keymgmt::supported_ciphersuites(keymgmt::doi_ipsec)) {
    for (const bool ipv4 : {true, false}) {
      const net::Address client = net::Address::parse(ipv4 ? "198.18.0.1" : "2001:db8:c7a::1");
      const net::Address server = net::Address::parse(ipv4 ? "192.0.2.1" : "2001:db8::1");
      const kerberos::Key subkey = kerberos::Key::random(kerberos::Etype::aes128_sha1, random);
      const Agreement at_cta{.suite = suite,
                             .lifetime_s = 60,
                             .ours = new_application_data(keymgmt::doi_ipsec, random),
                             .theirs = new_application_data(keymgmt::doi_ipsec, random)};
      Agreement at_controller = at_cta;
      std::swap(at_controller.ours, at_controller.theirs);
      Association cta = make_association(at_cta, subkey, Role::cta, 0);
      Association controller = make_association(at_controller, subkey, Role::controller, 0);
      for (std::uint32_t transaction = 1; transaction <= 5; ++transaction) {
        const Bytes notify = udp_segment({client, gateway_port}, {server, call_agent_port},
                                         to_notify({transaction}, "cta" + std::string(transaction, '1')));
        const Bytes answer =
            udp_segment({server, call_agent_port}, {client, gateway_port}, to_acknowledgement(transaction));
        write_packet(writer, client, server, cta.sender->seal(notify, esp::next_header_udp, random));
        write_packet(writer, server, client, controller.sender->seal(answer, esp::next_header_udp, random));
        packets += 2;
      }
      CHECK(esp_table_rows(cta, client, server, Role::cta).size() ==
            esp_table_rows(controller, server, client, Role::controller).size());
      table += esp_table_rows(cta, client, server, Role::cta);
      const kerberos::Key other = kerberos::Key::random(kerberos::Etype::aes128_sha1, random);
      wrong_table += esp_table_rows(make_association(at_cta, other, Role::cta, 0), client, server, Role::cta);
    }
  }
  writer.commit();

  std::istringstream lines(tshark_fields(
      file, "frame.protocols esp.icv_good mgcp.transid udp.checksum.status _ws.malformed", options_of(table)));
  std::size_t read = 0;
  for (std::string line; std::getline(lines, line); ++read) {
    INFO(line);
    CHECK(line.find(":udpencap:esp:udp:mgcp\t") != std::string::npos);
    CHECK((line.find("\t1\t" + std::to_string(read % 10 / 2 + 1) + "\t1,1\t") != std::string::npos ||
           line.find("\tTrue\t" + std::to_string(read % 10 / 2 + 1) + "\t1,1\t") != std::string::npos));
    CHECK(line.back() == '\t');
  }
  CHECK(read == packets);

  std::istringstream wrong(tshark_fields(file, "esp.icv_bad", options_of(wrong_table)));
  for (std::string line; std::getline(wrong, line);) CHECK((line == "1" || line == "True"));
}
