// SPDX-License-Identifier: Apache-2.0
// `reveille replay --keytab`: expected tags by the server's own keys (docs/replay.md, "What is learned").
#include <sstream>

#include "capture/capture_writer.hpp"
#include "catch.hpp"
#include "model/kerberos/realm.hpp"
#include "model/policy/frames.hpp"
#include "replay.hpp"
#include "reveille/keymgmt/security.hpp"
#include "sim/files.hpp"
#include "sim/policy_engine.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using namespace reveille::policy::test;

namespace {

net::UdpFrame from_server(Bytes payload) {
  net::UdpFrame frame;
  frame.source = server4;
  frame.destination = client4;
  frame.payload = std::move(payload);
  return frame;
}

/// A true exchange, message by message.
struct Exchange {
  kerberos::test::Realm realm;
  kerberos::SentApRequest sent =
      kerberos::make_ap_request(realm.service_ticket(), kerberos::test::start, {}, realm.client_random);
  kerberos::Key subkey = kerberos::Key::random(kerberos::Etype::aes256_sha1, realm.kdc_random);
  Bytes request = keymgmt::seal(
      keymgmt::ApRequest{
          .ap_req = sent.octets, .server_nonce = nonce, .application = keymgmt::IpsecData{}, .ciphersuites = {{}}},
      sent.session_key.octets());
  Bytes reply;
  Bytes recovered;

  Exchange() {
    const kerberos::AcceptedApRequest accepted = realm.service().open(sent.octets);
    reply = keymgmt::seal(keymgmt::ApReply{.ap_rep = kerberos::Service::reply(accepted, subkey, {}, realm.kdc_random),
                                           .application = keymgmt::IpsecData{},
                                           .ciphersuites = {{}}},
                          sent.session_key.octets());
    recovered = keymgmt::make_sa_recovered(reply, subkey.octets());
  }

  /// Behind the AP Reply a forged SA Recovered is first.
  void write(const std::filesystem::path& path) const {
    PcapWriter writer(path);
    Timestamp time = 0;
    for (const net::UdpFrame& frame :
         {from_server(keymgmt::encode(keymgmt::WakeUp{.server_nonce = nonce, .server_principal = "x"})),
          to_server4(request), from_server(reply), to_server4(sa_recovered(tag)), to_server4(recovered)})
      writer.write(time++, net::build(frame));
    writer.commit();
  }
};

struct Replayed {
  std::string table;
  std::vector<std::string> verdicts;
};

Replayed replay_with(const Exchange& exchange, const std::optional<kerberos::Keytab>& keytab) {
  TemporaryFolder folder;
  ReplayOptions options;
  options.input = folder / "in.pcap";
  options.server = "192.0.2.1";
  options.verdicts = folder / "v.csv";
  exchange.write(options.input);
  if (keytab) {
    options.keytab = folder / "server.keytab";
    keytab->save(*options.keytab);
  }
  std::ostringstream table, messages;
  REQUIRE(replay(
              options, [](EngineKind) { return std::make_unique<PolicyEngine>(PolicyEngine::Behaviour{}); }, table,
              messages) == exit_success);
  Replayed result{table.str(), {}};
  std::istringstream lines(read_file(*options.verdicts));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, time, verdict;
    std::getline(std::getline(std::getline(fields, number, ','), time, ','), verdict, ',');
    if (number != "frame") result.verdicts.push_back(verdict);
  }
  return result;
}

std::string refused(const std::filesystem::path& keytab, bool server = true) {
  std::ostringstream out;
  ReplayOptions options;
  TemporaryFolder folder;
  options.input = folder / "in.pcap";
  PcapWriter(options.input).commit();
  if (server) options.server = "192.0.2.1";
  options.keytab = keytab;
  try {
    replay(
        options, [](EngineKind) { return std::make_unique<PolicyEngine>(PolicyEngine::Behaviour{}); }, out, out);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::bad_input);
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("With the server's keys a forged SA Recovered that comes first is told from the true one") {
  const Exchange exchange;
  CHECK(replay_with(exchange, {}).verdicts == std::vector<std::string>{"accepted", "sa_recovered", "unexpected"});
  const Replayed known = replay_with(exchange, exchange.realm.kdc.keytab(kerberos::test::controller));
  CHECK(known.verdicts == std::vector<std::string>{"accepted", "false_nonce", "sa_recovered"});
  CHECK_THAT(known.table, ContainsSubstring("keytab: opened 1 different AP Requests, of 1 with a right nonce, and 1 AP "
                                            "Replies to them\n") &&
                              ContainsSubstring("1 expected tags (1 opened with the keytab, each other that"));
}

TEST_CASE("A key that is not there, or another, is counted and said, and the tag is taken as without") {
  const Exchange exchange;
  kerberos::Keytab other_version, other_key;
  const kerberos::Keytab right = exchange.realm.kdc.keytab(kerberos::test::controller);
  for (kerberos::KeytabEntry entry : right.entries()) {
    const std::uint32_t kvno = entry.kvno;
    entry.kvno = kvno + 1;
    other_version.add(entry);
    entry.kvno = kvno;
    kerberos::SeededRandom random(9, "other");
    entry.key = kerberos::Key::random(entry.key.etype(), random);
    other_key.add(entry);
  }
  const std::vector<std::string> as_without = {"accepted", "sa_recovered", "unexpected"};
  const Replayed lacking = replay_with(exchange, other_version);
  CHECK(lacking.verdicts == as_without);
  CHECK_THAT(lacking.table, ContainsSubstring("keytab: opened 0 different AP Requests") &&
                                ContainsSubstring("note: the keytab holds no key of mtaprovsrvr/ctl1.reveille.test@"
                                                  "REVEILLE.TEST, kvno 1, etype 18: 1 AP Requests\n"));
  const Replayed wrong = replay_with(exchange, other_key);
  CHECK(wrong.verdicts == as_without);
  CHECK_THAT(wrong.table, ContainsSubstring("note: the key of mtaprovsrvr/ctl1.reveille.test@REVEILLE.TEST, kvno 1, "
                                            "etype 18 does not open it: 1 AP Requests\n"));
}

TEST_CASE("A keytab that is none is refused with option, file and what was expected") {
  TemporaryFolder folder;
  write_file(folder / "text", std::string("hello, world"));
  kerberos::Keytab().save(folder / "empty");
  CHECK_THAT(refused("/nonexistent"), StartsWith("--keytab: /nonexistent: ") && ContainsSubstring("cannot read") &&
                                          ContainsSubstring("expected"));
  CHECK_THAT(refused(folder / "text"), StartsWith("--keytab: " + (folder / "text").string()) &&
                                           ContainsSubstring("a keytab of MIT's version 0x0502 expected"));
  CHECK_THAT(refused(folder.path()), StartsWith("--keytab: ") && ContainsSubstring("cannot read"));
  CHECK_THAT(refused(folder / "empty"), ContainsSubstring("it holds no key of an etype that there is here"));
  CHECK_THAT(refused(folder / "empty", false), ContainsSubstring("only with --server"));
}
