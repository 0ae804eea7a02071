// SPDX-License-Identifier: Apache-2.0
// `reveille replay --server`: what a capture is, and what is learned from it (docs/replay.md).
#include <sstream>

#include "capture/capture_writer.hpp"
#include "capture/frame_view.hpp"
#include "catch.hpp"
#include "model/policy/frames.hpp"
#include "planned_load.hpp"
#include "replay.hpp"
#include "report/text.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "sim/files.hpp"
#include "sim/policy_engine.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using namespace reveille::policy::test;

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;

/// From the server; its checksum is wrong, as a capture on the host itself shows it.
net::UdpFrame from_server(const net::Address& client, Bytes payload) {
  net::UdpFrame frame;
  frame.source = client.is_ipv4() ? server4 : server6;
  frame.destination = client;
  frame.destination_port = 4242;
  frame.payload = std::move(payload);
  frame.udp_checksum = 0xbad;
  return frame;
}
Bytes wake_up(std::uint32_t server_nonce, const net::Address& client = client4) {
  return net::build(from_server(
      client,
      keymgmt::encode(keymgmt::WakeUp{.server_nonce = server_nonce, .server_principal = "mtafqdnmap/kdc@EXAMPLE"})));
}
Bytes header(std::uint8_t id) { return {id, 1, 0x10, 0x6f, 0}; }
const Bytes ap_reply = net::build(from_server(client4, header(3)));
const Bytes error_reply = net::build(from_server(client4, header(6)));
Bytes request(std::uint32_t returned) { return net::build(to_server4(ap_request(returned))); }
Bytes recovered(std::uint64_t first) { return net::build(to_server4(sa_recovered(first))); }

struct Result {
  std::string table;
  std::vector<std::string> verdicts;  ///< "packet verdict"
};

Result replay_of(const std::vector<std::pair<std::uint64_t, Bytes>>& packets,
                 const std::string& server = "192.0.2.1,2001:db8::1", const std::optional<std::string>& port = {}) {
  TemporaryFolder folder;
  ReplayOptions options;
  options.input = folder / "in.pcap";
  options.verdicts = folder / "verdicts.csv";
  options.server = server;
  options.port = port;
  PcapWriter writer(options.input);
  for (const auto& [time, frame] : packets) writer.write(static_cast<Timestamp>(time), frame);
  writer.commit();
  std::ostringstream table, messages;
  const int status = replay(
      options, [](EngineKind) { return std::make_unique<PolicyEngine>(PolicyEngine::Behaviour{}); }, table, messages);
  CHECK(status == exit_success);
  Result result{table.str(), {}};
  std::istringstream lines(read_file(*options.verdicts));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const std::size_t time = line.find(',') + 1;
    const std::size_t verdict = line.find(',', time) + 1;
    result.verdicts.push_back(line.substr(0, time - 1) + " " + line.substr(verdict, line.find(',', verdict) - verdict));
  }
  return result;
}

std::string refused(const std::string& server, const std::optional<std::string>& port = {}) {
  try {
    replay_of({}, server, port);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::bad_input);
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("A session is learned from its Wake Up, AP Reply and SA Recovered, each in its time") {
  const Result result = replay_of({{0, request(nonce)},
                                   {10, wake_up(nonce)},
                                   {20, recovered(tag)},
                                   {30, request(nonce ^ 1)},
                                   {40, request(nonce)},
                                   {50, request(nonce)},
                                   {60, ap_reply},
                                   {70, ap_reply},  // sent again
                                   {80, request(nonce)},
                                   {90, recovered(tag)},
                                   {100, recovered(tag ^ 1)}});
  CHECK(result.verdicts == std::vector<std::string>{"1 not_woken", "3 unexpected", "4 false_nonce", "5 accepted",
                                                    "6 repeat", "9 resend", "10 sa_recovered", "11 unexpected"});
  CHECK_THAT(result.table, ContainsSubstring("learned: 1 sessions of 1 clients, 1 AP Replies, 1 expected tags") &&
                               ContainsSubstring("total                        8"));
}

TEST_CASE("A Wake Up again changes nothing, one with another nonce begins anew, and none lives for longer than 30 s") {
  const Result result = replay_of({{0, wake_up(nonce)},
                                   {10'000, request(nonce)},
                                   {20'000, wake_up(nonce)},
                                   {30'000, request(nonce)},
                                   {40'000, wake_up(nonce + 1)},
                                   {50'000, request(nonce)},
                                   {60'000, request(nonce + 1)},
                                   {70'000, wake_up(0)},
                                   {80'000, request(0)},
                                   {30 * second_ns + 39'999, request(nonce + 1)},
                                   {30 * second_ns + 40'000, request(nonce + 1)},
                                   {30 * second_ns + 50'000, wake_up(nonce + 1)},
                                   {30 * second_ns + 60'000, request(nonce + 1)}});
  CHECK(result.verdicts == std::vector<std::string>{"2 accepted", "4 repeat", "6 false_nonce", "7 accepted",
                                                    "9 client_initiated", "10 repeat", "11 not_woken", "13 accepted"});
  CHECK_THAT(result.table, ContainsSubstring("learned: 3 sessions of 1 clients"));
}

TEST_CASE("Sessions at once are those within 30 s of each other, one a client") {
  const auto store_of = [](std::uint64_t clients, std::uint64_t spacing_ns) {
    std::vector<std::pair<std::uint64_t, Bytes>> packets;
    for (std::uint64_t i = 0; i < clients; ++i) {
      net::Address client = client4;
      client.octets[14] = static_cast<std::uint8_t>(i >> 8);
      client.octets[15] = static_cast<std::uint8_t>(i);
      packets.emplace_back(i * spacing_ns, wake_up(1, client));
      packets.emplace_back(i * spacing_ns + 1, wake_up(2, client));  // closes the one before
    }
    const std::string table = replay_of(packets).table;
    const std::size_t begin = table.find("store: ");
    return begin == std::string::npos ? "" : table.substr(begin, table.find(',', table.find(',', begin) + 1) - begin);
  };
  CHECK(planned_sessions == 2'048);  // docs/hash.md, configuration `line`
  CHECK(store_of(planned_sessions, 1'000).empty());
  CHECK(store_of(planned_sessions + 2, 1'000) == "store: " + grouped(planned_sessions + 2) + " sessions at once");
  CHECK(store_of(planned_sessions + 2, 30 * second_ns / (planned_sessions - 1)).empty());
}

TEST_CASE("An Error Reply gives the client its turn back") {
  const Result result =
      replay_of({{0, wake_up(nonce)}, {1, request(nonce)}, {2, error_reply}, {3, request(nonce)}, {4, request(nonce)}});
  CHECK(result.verdicts == std::vector<std::string>{"2 accepted", "4 accepted", "5 repeat"});
  CHECK_THAT(result.table, ContainsSubstring("1 rejects by Error Reply"));
}

TEST_CASE("The tag is that of the first well-formed SA Recovered of the same client behind its AP Reply") {
  net::UdpFrame broken = to_server4(sa_recovered(tag ^ 4));
  broken.udp_checksum = 0xbad;
  const Result result = replay_of({{0, wake_up(nonce)},
                                   {1, request(nonce)},
                                   {2, recovered(tag ^ 1)},  // before the AP Reply
                                   {3, ap_reply},
                                   {4, net::build(to_server6(sa_recovered(tag ^ 2)))},
                                   {5, net::build(broken)},
                                   {6, recovered(tag)},
                                   {7, recovered(tag ^ 3)}});
  CHECK(result.verdicts == std::vector<std::string>{"2 accepted", "3 unexpected", "5 not_woken", "6 bad_checksum",
                                                    "7 sa_recovered", "8 unexpected"});
}

TEST_CASE("Only the server's own messages teach, and they are not judged") {
  net::UdpFrame forged = to_server4(keymgmt::encode(keymgmt::WakeUp{.server_nonce = nonce, .server_principal = "x"}));
  net::UdpFrame elsewhere = from_server(client4, forged.payload);
  elsewhere.source_port = 53;
  net::UdpFrame to_itself = from_server(client4, forged.payload);
  to_itself.destination = server4;
  to_itself.destination_port = 1293;
  to_itself.udp_checksum.reset();
  const Result result =
      replay_of({{0, net::build(forged)}, {1, net::build(elsewhere)}, {2, net::build(to_itself)}, {3, request(nonce)}});
  CHECK(result.verdicts == std::vector<std::string>{"1 wrong_direction", "3 bad_source", "4 not_woken"});
}

TEST_CASE("First it says what the capture is") {
  net::UdpFrame other_port = to_server4({1, 2, 3});
  other_port.destination_port = 53;
  net::UdpFrame strange = to_server4(Bytes(20, 9));
  const std::string table = replay_of({{0, wake_up(nonce)},
                                       {10, net::build(from_server(client4, Bytes(9, 9)))},
                                       {20, request(nonce)},
                                       {30, net::build(strange)},
                                       {40, net::build(other_port)},
                                       {1'500'000'000, Bytes(60, 1)}})
                                .table;
  CHECK(table.find("in.pcap: 6 frames in 1.500000000 s; the server is 192.0.2.1, 2001:db8::1\n"
                   "from the server              2  1 Wake Up, 1 other\n"
                   "to the server                3\n"
                   "  UDP port 1293              2\n"
                   "  key management             1  1 AP Request, 1 other\n"
                   "others                       1\n") != std::string::npos);
  CHECK(table.find("note:") == std::string::npos);
  CHECK(table.find("others") < table.find("verdict"));
}

TEST_CASE("Where checksums are wrong in half of what is judged, it says why that may be") {
  Bytes unfinished = request(nonce);
  unfinished.at(40) ^= 1;  // of UDP, behind 20 octets of IPv4
  CHECK_THAT(replay_of({{0, request(nonce)}, {1, unfinished}}).table,
             ContainsSubstring("note: 1 of 2 judged frames have a wrong checksum."));
  CHECK(replay_of({{0, request(nonce)}, {1, request(nonce)}, {2, unfinished}}).table.find("wrong checksum") ==
        std::string::npos);
}

TEST_CASE("Where nothing matches it says what there is, and which option to change") {
  const std::vector<std::pair<std::uint64_t, Bytes>> packets = {
      {0, request(nonce)}, {1, request(nonce)}, {2, net::build(to_server6(ap_request(nonce)))}, {3, Bytes(60, 1)}};
  CHECK_THAT(replay_of(packets, "192.0.2.9").table,
             ContainsSubstring("note: no frame goes to 192.0.2.9. Name yours with --server. Busiest UDP destinations: "
                               "192.0.2.1 port 1293 (2), 2001:db8::1 port 1293 (1).\n"));
  CHECK_THAT(replay_of(packets, "192.0.2.1", "1294").table,
             ContainsSubstring("note: no UDP datagram goes to port 1294 of the server. Name its port with --port. "
                               "Busiest UDP destinations of the server: 192.0.2.1 port 1293 (2).\n"));
  CHECK_THAT(replay_of(packets, "192.0.2.1").table,
             ContainsSubstring("note: 1 datagram goes to port 1293 of others; the guard judges them too. Where one of "
                               "those addresses is the server's, name it with --server. Busiest UDP destinations at "
                               "that port: 2001:db8::1 port 1293 (1).\n"));
  CHECK_THAT(replay_of({{0, net::build(to_server4(Bytes(20, 9)))}}).table,
             ContainsSubstring("note: no datagram to port 1293 of the server is a key-management message."));
  CHECK_THAT(replay_of(packets, "192.0.2.1").table, ContainsSubstring("note: the capture holds no Wake Up"));
  CHECK_THAT(replay_of({{0, Bytes(60, 1)}}).table, ContainsSubstring("It holds no UDP."));
}

TEST_CASE("A server that is none is named with its value") {
  CHECK(refused("10.1.2") == "--server: \"10.1.2\": an IPv4 or IPv6 address expected");
  CHECK(refused("") == "--server: \"\": an IPv4 or IPv6 address expected");
  CHECK(refused("10.1.2.3,") == "--server: \"\": an IPv4 or IPv6 address expected");
  CHECK(refused("::ffff:10.1.2.3") == "--server: \"::ffff:10.1.2.3\": not an IPv4-mapped address expected");
  CHECK(refused("10.1.2.3,10.1.2.3") == "--server: \"10.1.2.3\": an address that stands once expected");
  CHECK_THAT(refused("10.1.2.1,10.1.2.2,10.1.2.3"), StartsWith("--server: \"10.1.2.3\": 2 addresses at most expected"));
  CHECK(refused("10.1.2.3", "0") == "--port: \"0\": expected a whole number from 1 to 65535");
  CHECK(refused("10.1.2.3", "http") == "--port: \"http\": expected a whole number from 1 to 65535");
}

TEST_CASE("--server goes with a file that can be read twice, and not with --sessions") {
  std::ostringstream out;
  ReplayOptions options;
  options.server = "10.1.2.3";
  options.input = "/dev/null";
  CHECK_THROWS_WITH(replay(options, make_engine, out, out), ContainsSubstring("/dev/null: a regular file expected"));
  options.input = "/tmp";
  CHECK_THROWS_WITH(replay(options, make_engine, out, out), ContainsSubstring("/tmp: cannot be read: Is a directory"));
  options.sessions = "sessions.json";
  CHECK_THROWS_WITH(replay(options, make_engine, out, out),
                    ContainsSubstring("--server: not together with --sessions"));
  options.server.reset();
  options.sessions.reset();
  options.port = "5";
  CHECK_THROWS_WITH(replay(options, make_engine, out, out), ContainsSubstring("--port: \"5\": only with --server"));
}

TEST_CASE("A frame is looked at as far as it goes, and no octet behind it") {
  net::UdpFrame frame = to_server6(ap_request(nonce));
  frame.tags.resize(2);
  frame.extensions = {net::ExtensionHeader::padding(60, 2), net::ExtensionHeader::fragment(0, false)};
  frame.trailer = Bytes(5, 7);
  const Bytes whole = net::build(frame);
  const auto seen = view(whole);
  REQUIRE(seen);
  CHECK(seen->source == client6);
  CHECK(seen->destination == server6);
  CHECK(seen->destination_port == 1293);
  CHECK(Bytes(seen->payload.begin(), seen->payload.end()) == frame.payload);
  for (std::size_t octets = 0; octets < whole.size(); ++octets) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(octets));
    CHECK(view(cut).has_value() == (octets >= 14 + 8 + 40));
  }
  frame.extensions = {net::ExtensionHeader::fragment(8, true)};
  CHECK_FALSE(view(net::build(frame))->udp);
  net::UdpFrame later = to_server4(ap_request(nonce));
  later.ipv4_fragment = 1;
  CHECK_FALSE(view(net::build(later))->udp);
}

TEST_CASE("--report leaves a page of verdicts, sources and first frames, and nothing where the capture is refused") {
  TemporaryFolder folder;
  ReplayOptions options;
  options.input = folder / "<in>.pcap";
  options.server = "192.0.2.1,2001:db8::1";
  options.report = folder / "new/report";
  const auto write = [&](const std::vector<std::pair<std::uint64_t, Bytes>>& packets) {
    PcapWriter writer(options.input);
    for (const auto& [time, frame] : packets) writer.write(static_cast<Timestamp>(time), frame);
    writer.commit();
  };
  std::ostringstream table, messages;
  const auto play = [&] {
    return replay(
        options, [](EngineKind) { return std::make_unique<PolicyEngine>(PolicyEngine::Behaviour{}); }, table, messages);
  };
  std::vector<std::pair<std::uint64_t, Bytes>> packets = {{0, wake_up(nonce)}, {1'000, request(nonce)}};
  for (unsigned i = 0; i < 10; ++i) packets.emplace_back(second_ns, request(nonce));
  packets.emplace_back(20 * second_ns, net::build(to_server6(ap_request(nonce))));
  packets.emplace_back(20 * second_ns, Bytes(60, 1));
  write(packets);
  REQUIRE(play() == exit_success);
  const std::string page = read_file(*options.report / "report.html");
  for (const char* there :
       {"<h1>11 of 12 judged frames dropped, 1 passed to the host.</h1>", "frame.number in {2}</code>",
        "frame.number in {3, 4, 5, 6, 7, 8, 9, 10}</code>", "frame.number in {13}</code>",
        "class=\"copy\">ip.src == 198.51.100.7</code></td><td class=\"n\">1</td><td class=\"n\">10</td>"
        "<td>repeat 10, accepted 1<",
        "class=\"copy\">ipv6.src == 2001:db8::7</code>", R"("verdict":"repeat","fate":"session")",
        "learned: 1 sessions", "&lt;in&gt;.pcap: 14 frames", "--server 192.0.2.1,2001:db8::1 --report",
        R"(it is by option <code class="option">--host-cpu</code></p>)"}) {
    INFO(there);
    CHECK(page.find(there) != std::string::npos);
  }
  CHECK(page.find("<in>") == std::string::npos);
  CHECK(page.find(" reachable") == std::string::npos);

  options.host_cpu = true;
  REQUIRE(play() == exit_success);
  const std::string spared = read_file(*options.report / "report.html");
  CHECK(spared.find("Of the dropped messages 11 are AP Requests.") != std::string::npos);
  CHECK(spared.find(" --host-cpu ") != std::string::npos);
  const std::size_t each = spared.find(" µs each");
  REQUIRE(each != std::string::npos);
  const double microseconds = std::stod(spared.substr(spared.rfind(' ', each - 1) + 1));
  CHECK(microseconds > 1);  // AES and HMAC of a ticket take longer anywhere
  CHECK(microseconds < 10'000);

  options.report = folder / "other";
  std::swap(packets.front(), packets.back());  // now time goes back
  write(packets);
  CHECK_THROWS_WITH(play(), ContainsSubstring("goes backwards"));
  CHECK_FALSE(std::filesystem::exists(folder / "other"));
  options.report.reset();
  CHECK_THROWS_WITH(play(), Equals("--host-cpu: only with --report"));
  options.report = "";
  CHECK_THROWS_WITH(play(), ContainsSubstring("--report: \"\": expected a folder"));
  options.report = options.input;
  CHECK_THROWS_WITH(play(), ContainsSubstring("expected a folder"));
}
