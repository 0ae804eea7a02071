// SPDX-License-Identifier: Apache-2.0
// MIT's kinit and kvno against the model's KDC, over real UDP and TCP.
#include <fstream>

#include "bed/process.hpp"
#include "catch.hpp"
#include "system/kdc_server.hpp"
#include "system/mit_names.hpp"

using namespace reveille;
using namespace reveille::bed;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

/// A folder with the configuration of a client of `port`.
class ClientFolder {
 public:
  ClientFolder(std::uint16_t port, bool tcp_only) {
    std::ofstream(folder_ / "krb5.conf") << "[libdefaults]\n default_realm = " << realm_name
                                         << "\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n"
                                         << (tcp_only ? " udp_preference_limit = 1\n" : "") << "[realms]\n "
                                         << realm_name << " = {\n  kdc = 127.0.0.1:" << port << "\n }\n";
  }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

  ProcessResult run(const std::string& program, std::vector<std::string> arguments,
                    const std::string& input = {}) const {
    arguments.insert(arguments.begin(), find_program(program, "krb5-user"));
    return run_process(arguments, input,
                       {"KRB5_CONFIG=" + (folder_ / "krb5.conf").string(),
                        "KRB5CCNAME=FILE:" + (folder_ / "cc").string(), "LC_ALL=C"});
  }

 private:
  TemporaryFolder folder_{"reveille-client"};
};

}  // namespace

TEST_CASE("kinit and kvno get their tickets from our KDC") {
  for (const bool tcp_only : {false, true}) {
    for (const Etype etype : all_etypes()) {
      SystemRandom random;
      Kdc kdc(realm_name, random, {}, etype);
      kdc.add_password(client_of(etype), password, {etype});
      kdc.add_random(service_of(etype), {etype});
      const KdcServer server(kdc);
      const ClientFolder client(server.port(), tcp_only);

      const ProcessResult wrong = client.run("kinit", {to_string(client_of(etype))}, "wrong\n");
      INFO(wrong.output);
      CHECK(wrong.status != 0);
      CHECK(wrong.output.find("Password incorrect") != std::string::npos);

      const ProcessResult initial = client.run("kinit", {to_string(client_of(etype))}, std::string(password) + "\n");
      INFO(initial.output);
      REQUIRE(initial.status == 0);

      const std::filesystem::path keytab = client / "keytab";
      kdc.keytab(service_of(etype)).save(keytab);
      const ProcessResult ticket = client.run("kvno", {"-k", keytab, to_string(service_of(etype))});
      INFO(ticket.output);
      CHECK(ticket.status == 0);
      CHECK(ticket.output.find("keytab entry valid") != std::string::npos);  // it opened the ticket

      const ProcessResult list = client.run("klist", {"-e", "-f"});
      INFO(list.output);
      const std::string line = "Etype (skey, tkt): " + to_string(etype) + ", " + to_string(etype);
      CHECK(list.output.find(line) != std::string::npos);
      CHECK(list.output.find(to_string(service_of(etype))) != std::string::npos);

      const ProcessResult unknown = client.run("kvno", {"no/where"});
      CHECK(unknown.status != 0);
      CHECK(unknown.output.find("not found in Kerberos database") != std::string::npos);
      CHECK((tcp_only ? server.tcp_requests() : server.udp_requests()) >= 4);
      CHECK((tcp_only ? server.udp_requests() : server.tcp_requests()) == 0);
    }
  }
}

TEST_CASE("klist reads our keytab") {
  SystemRandom random;
  Kdc kdc(realm_name, random);
  kdc.add_random(service_of(Etype::aes128_sha1), all_etypes());
  const ClientFolder client(1, false);
  kdc.keys().save(client / "keytab");
  const ProcessResult list = client.run("klist", {"-k", "-e", client / "keytab"});
  INFO(list.output);
  CHECK(list.status == 0);
  for (const Etype etype : all_etypes()) CHECK(list.output.find("(" + to_string(etype) + ")") != std::string::npos);
  CHECK(list.output.find("krbtgt/REVEILLE.TEST@REVEILLE.TEST") != std::string::npos);
}

TEST_CASE("a missing program is named with its package") {
  CHECK_THROWS_WITH(find_program("no-such-program", "krb5-kdc"),
                    ContainsSubstring("no-such-program") && ContainsSubstring("Debian package krb5-kdc"));
}
