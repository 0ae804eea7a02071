// SPDX-License-Identifier: Apache-2.0
#include "replay.hpp"

#include <sstream>

#include "capture/capture_writer.hpp"
#include "catch.hpp"
#include "model/policy/holes.hpp"
#include "planned_load.hpp"
#include "report/text.hpp"
#include "sim/files.hpp"
#include "sim/policy_engine.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using namespace reveille::policy::test;

namespace {

constexpr const char* sessions = R"({
  "server": {"ipv4": ["192.0.2.1"], "ipv6": ["2001:db8::1"], "port": 1293},
  "policy": {"destination": "any", "later_fragments": "pass", "doi": [1, 2], "version": ["1.0"],
             "client_initiated": {"interval_us": 10, "burst": 1}, "resend_budget": 1},
  "sessions": [
    {"client": "198.51.100.7", "nonce": "0x1badcafe", "state": "outstanding", "lifetime_ms": 1},
    {"client": "2001:db8::7", "nonce": "0x1badcafe", "state": "replied", "expected_tag": "0x0123456789abcdef",
     "lifetime_ms": 1}]})";

struct Replay {
  TemporaryFolder folder;
  ReplayOptions options;
  std::ostringstream table, messages;

  Replay() {
    options.input = folder / "in.pcap";
    options.verdicts = folder / "verdicts.csv";
    options.out = folder / "out.pcap";
  }
  void use_sessions() {
    write_file(folder / "sessions.json", std::string(sessions));
    options.sessions = folder / "sessions.json";
  }
  void capture(const std::vector<std::pair<std::uint64_t, Bytes>>& packets) {
    PcapWriter writer(options.input);
    for (const auto& [time, frame] : packets)
      writer.write(Timestamp{1'700'000'000'000'000'000} + static_cast<Timestamp>(time), frame);
    writer.commit();
  }
  int run(PolicyEngine::Behaviour behaviour = {}) {
    return replay(
        options, [=](EngineKind) { return std::make_unique<PolicyEngine>(behaviour); }, table, messages);
  }
  std::string verdicts() { return read_file(*options.verdicts); }
  /// "seconds since the first packet of the input, octets" of each frame that went to the host.
  std::vector<std::pair<std::uint64_t, Bytes>> passed() {
    std::vector<std::pair<std::uint64_t, Bytes>> packets;
    const auto reader = CaptureReader::open(*options.out, {});
    for (Packet packet; reader->next(packet);) {
      packets.emplace_back(static_cast<std::uint64_t>(packet.timestamp - Timestamp{1'700'000'000'000'000'000}),
                           packet.octets);
    }
    return packets;
  }
};

const Bytes request4 = net::build(to_server4(ap_request(nonce)));
const Bytes request6 = net::build(to_server6(ap_request(nonce)));
const Bytes initiated = net::build(to_server4(ap_request(0)));
const Bytes recovered6 = net::build(to_server6(sa_recovered(tag)));
const Bytes other = Bytes(60, 0x11);

Bytes mapped_source() {
  net::UdpFrame frame = to_server6(ap_request(nonce));
  frame.source = client4;
  return net::build(frame);
}

}  // namespace

TEST_CASE("Every frame gets its line, and what passes goes out bit for bit with its own timestamp") {
  Replay replay;
  replay.use_sessions();
  replay.capture({{0, other},
                  {1, request4},
                  {1, request4},
                  {999, initiated},
                  {9'999, initiated},
                  {10'000, initiated},
                  {20'000, request6},
                  {20'001, request6},
                  {20'002, net::build(to_server6(sa_recovered(tag ^ 1)))},
                  {20'003, recovered6},
                  {20'004, recovered6},
                  {20'005, net::build(to_server4(ap_request(0xffffffff)))},
                  {20'006, mapped_source()},
                  {999'999, request4},
                  {1'000'000, request4},
                  {1'000'000, recovered6},
                  {3'000'000'000, other}});
  CHECK(replay.run() == exit_success);
  CHECK(replay.verdicts() ==
        "frame,time,verdict,to_host,source,nonce\n"
        "1,0.000000000,bypass,1,,\n"
        "2,0.000000001,accepted,1,198.51.100.7,0x1badcafe\n"
        "3,0.000000001,repeat,0,198.51.100.7,0x1badcafe\n"
        "4,0.000000999,client_initiated,1,198.51.100.7,0x00000000\n"
        "5,0.000009999,client_initiated,0,198.51.100.7,0x00000000\n"
        "6,0.000010000,client_initiated,1,198.51.100.7,0x00000000\n"
        "7,0.000020000,resend,1,2001:db8::7,0x1badcafe\n"
        "8,0.000020001,repeat,0,2001:db8::7,0x1badcafe\n"
        "9,0.000020002,false_nonce,0,2001:db8::7,\n"
        "10,0.000020003,sa_recovered,1,2001:db8::7,\n"
        "11,0.000020004,unexpected,0,2001:db8::7,\n"
        "12,0.000020005,false_nonce,0,198.51.100.7,0xffffffff\n"
        "13,0.000020006,bad_source,0,::ffff:198.51.100.7,\n"
        "14,0.000999999,repeat,0,198.51.100.7,0x1badcafe\n"
        "15,0.001000000,not_woken,0,198.51.100.7,0x1badcafe\n"  // the deadline itself
        "16,0.001000000,not_woken,0,2001:db8::7,\n"
        "17,3.000000000,bypass,1,,\n");
  const std::vector<std::pair<std::uint64_t, Bytes>> expected = {
      {0, other},         {1, request4},        {999, initiated},      {10'000, initiated},
      {20'000, request6}, {20'003, recovered6}, {3'000'000'000, other}};
  CHECK(replay.passed() == expected);
  CHECK_THAT(replay.table.str(), ContainsSubstring("verdict") && ContainsSubstring("client_initiated             3") &&
                                     ContainsSubstring("total                       17") &&
                                     ContainsSubstring("cycles simulated 136"));
}

TEST_CASE("A packet's time is rounded down to the microsecond after the first is taken off") {
  // 1.9 us behind the first is 1 us; the session of 1 ms expires at 1,000 us, that is, from 1,000,000 ns on.
  Replay replay;
  replay.use_sessions();
  replay.capture({{999, other}, {999 + 999'999, request4}, {999 + 1'000'000, request4}});
  CHECK(replay.run() == exit_success);
  CHECK_THAT(replay.verdicts(),
             ContainsSubstring("2,0.000999999,accepted") && ContainsSubstring("3,0.001000000,not_woken"));
}

TEST_CASE("Without --sessions the example's server holds, with no sessions; outputs left out are not written") {
  Replay replay;
  replay.capture({{0, request4}});
  replay.options.verdicts.reset();
  CHECK(replay.run() == exit_success);
  CHECK_FALSE(std::filesystem::exists(replay.folder / "verdicts.csv"));
  CHECK(replay.passed().empty());
  replay.options.out.reset();
  CHECK(replay.run() == exit_success);
  CHECK_THAT(replay.table.str(), ContainsSubstring("not_woken                    1             383"));
}

TEST_CASE("Frames that once came past the guard, by default: an unparsable that shows no source has none") {
  Replay replay;
  std::vector<std::pair<std::uint64_t, Bytes>> packets;
  std::string expected = "frame,time,verdict,to_host,source,nonce\n";
  for (const Hole& hole : holes()) {
    packets.emplace_back(0, hole.frame);
    expected += std::to_string(packets.size()) + ",0.000000000," + std::string(name(hole.verdict)) +
                (hole.verdict == Verdict::bypass ? ",1," : ",0,") + hole.source +
                (hole.verdict == Verdict::not_woken ? ",0x11111111\n" : ",\n");
  }
  net::UdpFrame chain = to_server6(hostile_request());  // unparsable too, and shows its source
  chain.extensions = {net::ExtensionHeader::padding(60, 100)};
  chain.source = net::Address::parse("::");
  packets.emplace_back(0, net::build(chain));
  expected += std::to_string(packets.size()) + ",0.000000000,unparsable,0,::,\n";
  replay.capture(packets);
  CHECK(replay.run() == exit_success);
  CHECK(replay.verdicts() == expected);
}

TEST_CASE("No packets: a CSV of one line, an empty capture") {
  Replay replay;
  replay.capture({});
  CHECK(replay.run() == exit_success);
  CHECK(replay.verdicts() == "frame,time,verdict,to_host,source,nonce\n");
  CHECK(std::filesystem::file_size(*replay.options.out) == 24);
  CHECK(replay.passed().empty());
}

TEST_CASE("On bad input nothing is created, and what was there is left") {
  for (const bool was_there : {true, false}) {
    Replay replay;
    replay.capture({{0, request4}, {1, request4}});
    std::filesystem::resize_file(replay.options.input, std::filesystem::file_size(replay.options.input) - 1);
    if (was_there) {
      write_file(*replay.options.verdicts, std::string("verdicts before"));
      write_file(*replay.options.out, std::string("out before"));
    }
    CHECK_THROWS_WITH(replay.run(), ContainsSubstring("in.pcap: ends inside packet 2"));
    CHECK(std::filesystem::exists(*replay.options.verdicts) == was_there);
    CHECK(std::filesystem::exists(*replay.options.out) == was_there);
    if (was_there) CHECK(read_file(*replay.options.verdicts) == "verdicts before");
    if (was_there) CHECK(read_file(*replay.options.out) == "out before");
    CHECK(std::distance(std::filesystem::directory_iterator(replay.folder.path()), {}) == (was_there ? 3 : 1));
  }
}

TEST_CASE("One file: an output that is an input, or the other output, is refused, and nothing changes") {
  Replay replay;
  replay.use_sessions();
  replay.capture({{0, other}});
  const std::string input = read_file(replay.options.input);
  std::filesystem::create_symlink("in.pcap", replay.folder / "soft");
  std::filesystem::create_hard_link(replay.options.input, replay.folder / "hard");
  std::filesystem::create_symlink("out.pcap", replay.folder / "dangling");
  const auto refused = [&](const char* verdicts, const char* out, const std::string& message) {
    replay.options.verdicts = replay.folder / verdicts;
    replay.options.out = replay.folder / out;
    CHECK_THROWS_WITH(replay.run(), ContainsSubstring(message));
    CHECK(read_file(replay.options.input) == input);
    CHECK(read_file(*replay.options.sessions) == sessions);
    CHECK(std::distance(std::filesystem::directory_iterator(replay.folder.path()), {}) == 5);
  };
  refused("v.csv", "in.pcap", "in.pcap: --out names the same file as IN");
  refused("v.csv", "soft", "soft: --out names the same file as IN");
  refused("hard", "out.pcap", "hard: --verdicts names the same file as IN");
  refused("sessions.json", "out.pcap", "sessions.json: --verdicts names the same file as --sessions");
  refused("v.csv", "sessions.json", "--out names the same file as --sessions");
  refused("out.pcap", "out.pcap", "out.pcap: --out names the same file as --verdicts");
  refused("out.pcap", "dangling", "dangling: --out names the same file as --verdicts");
  replay.options.verdicts = replay.options.out = "/dev/null";
  CHECK(replay.run() == exit_success);
}

TEST_CASE("An FCS is neither judged nor written nor counted") {
  Replay replay;
  replay.capture({{0, request4}, {1, Bytes(64, 0x11)}});
  std::string file = read_file(replay.options.input);
  file[23] = 0x24;  // of the link type: an FCS of two units of 16 bits
  write_file(replay.options.input, file);
  CHECK(replay.run() == exit_success);
  CHECK_THAT(replay.verdicts(), ContainsSubstring("1,0.000000000,bad_length,0,198.51.100.7,\n"));
  CHECK(replay.passed() == std::vector<std::pair<std::uint64_t, Bytes>>{{1, other}});
  CHECK_THAT(replay.table.str(), ContainsSubstring("bypass                       1              60"));
}

TEST_CASE("A session that the store refuses is named by file and entry") {
  Replay replay;
  replay.use_sessions();
  replay.capture({});
  CHECK_THROWS_WITH(replay.run({.capacity = 1}),
                    ContainsSubstring("sessions.json: sessions[1]: client 2001:db8::7: no room"));
}

TEST_CASE("More sessions than the store is planned for: said before the frames, and in the table") {
  Replay replay;
  std::string file(sessions);
  const std::size_t first = file.find("    {\"client\"");
  const auto sessions_of = [&](std::uint64_t count) {
    std::string text = file.substr(0, first);
    for (std::uint64_t i = 0; i < count; ++i) {
      text += std::string(i == 0 ? "" : ",\n") + R"({"client": "2001:db8::)" + std::to_string(i / 10'000) + ":" +
              std::to_string(i % 10'000) + R"(", "nonce": "0x1", "state": "outstanding", "lifetime_ms": 9})";
    }
    write_file(replay.folder / "sessions.json", text + "]}");
  };
  replay.options.sessions = replay.folder / "sessions.json";
  replay.capture({{0, other}});
  sessions_of(planned_sessions);
  CHECK(replay.run() == exit_success);
  CHECK(replay.messages.str().empty());
  CHECK_THAT(replay.table.str(), !ContainsSubstring("store:"));
  sessions_of(planned_sessions + 1);
  CHECK(replay.run() == exit_success);
  CHECK(replay.messages.str() == "replay: more sessions live at once than the " + std::to_string(planned_sessions) +
                                     " that the store of this configuration is planned for (docs/hash.md): it may "
                                     "have no room for one\n");
  CHECK_THAT(replay.table.str(), ContainsSubstring("store: " + grouped(planned_sessions + 1) +
                                                   " sessions at once, planned for " + grouped(planned_sessions)));
}

TEST_CASE("A difference: exit 1, its report, and every frame before it in the outputs") {
  Replay replay;
  replay.capture({{0, other}, {1, request4}, {2, other}, {3, other}, {4, other}});
  CHECK(replay.run({.depth = 2, .differs_at = 4}) == exit_difference);
  CHECK_THAT(replay.messages.str(), ContainsSubstring("MISMATCH cycle=8 signal=test"));
  CHECK(replay.verdicts() ==
        "frame,time,verdict,to_host,source,nonce\n1,0.000000000,bypass,1,,\n2,0.000000001,not_woken,0,198.51.100.7,"
        "0x1badcafe\n3,0."
        "000000002,bypass,1,,\n");
  CHECK(replay.passed().size() == 2);
}

TEST_CASE("A packet captured short is played only if asked") {
  Replay replay;
  replay.capture({{0, request4}});
  std::string file = read_file(replay.options.input);
  file[24 + 12] = static_cast<char>(file[24 + 12] + 1);
  write_file(replay.options.input, file);
  CHECK_THROWS_WITH(replay.run(), ContainsSubstring("packet 1: captured short: 383 of 384 octets"));
  replay.options.allow_short = true;
  CHECK(replay.run() == exit_success);
  CHECK_THAT(replay.verdicts(), ContainsSubstring("1,0.000000000,not_woken,0,198.51.100.7,0x1badcafe"));
}

TEST_CASE("A frame that passes and whose time no pcap can hold is named") {
  Replay replay;
  PcapngWriter writer(replay.options.input, {"net"});
  writer.write(0, 0xffffffffULL * 1'000'000'000 + 999'999'999, other);
  writer.write(0, 0x100000000ULL * 1'000'000'000, other);
  writer.commit();
  CHECK_THROWS_WITH(replay.run(), ContainsSubstring("in.pcap: packet 2: time 4294967296.000000000 s: "));
  CHECK_FALSE(std::filesystem::exists(*replay.options.out));
  replay.options.out.reset();
  CHECK(replay.run() == exit_success);
}

TEST_CASE("What the core's verdict port shows, as an outcome") {
  CHECK(nonce_read(Verdict::client_initiated, 0) == 0U);
  CHECK(nonce_read(Verdict::not_woken, 5) == 5U);
  CHECK_FALSE(nonce_read(Verdict::not_woken, 0));  // an SA Recovered
  CHECK_FALSE(nonce_read(Verdict::bypass, 0));
}

TEST_CASE("Commands of the sessions file stand between the frames, of one interface's inbound packets") {
  Replay replay;
  const Bytes request = net::build(to_server4(ap_request(nonce)));
  PcapngWriter writer(replay.options.input, {"host", "network"});
  writer.write(0, 900, request);
  writer.write(1, 1'000, request);                                    // 2: before the wake
  writer.write(1, 1'500, request, {}, Direction::outbound);           // 3
  writer.write(1, 2'000, request, {}, Direction::inbound);            // 4: at the wake's time
  writer.write(1, 3'000, request);                                    // 5: rejected before
  writer.write(1, 5'000, net::build(to_server4(sa_recovered(tag))));  // 6
  writer.write(1, 9'999, request);                                    // 7: the last nanosecond of its life
  writer.write(1, 10'500, request);                                   // 8
  writer.commit();
  write_file(replay.folder / "sessions.json", std::string(R"({
  "server": {"ipv4": ["192.0.2.1"], "ipv6": [], "port": 1293},
  "policy": {"destination": "any", "later_fragments": "pass", "doi": [1, 2], "version": ["1.0"],
             "client_initiated": "drop", "resend_budget": 1},
  "sessions": [], "capture": {"interface": "network", "begin_ns": 500},
  "commands": [
    {"time_ns": 1500, "command": "wake", "client": "198.51.100.7", "nonce": "0x1badcafe", "until_us": 10},
    {"time_ns": 2400, "command": "reject", "client": "198.51.100.7"},
    {"time_ns": 2600, "command": "reply", "client": "198.51.100.7", "expected_tag": "0x0123456789abcdef"},
    {"time_ns": 2700, "command": "reject", "client": "198.51.100.7"}]})"));
  replay.options.sessions = replay.folder / "sessions.json";
  REQUIRE(replay.run() == exit_success);
  CHECK(replay.verdicts() ==
        "frame,time,verdict,to_host,source,nonce\n2,0.000000100,not_woken,0,198.51.100.7,0x1badcafe\n"
        "4,0.000001100,accepted,1,198.51.100.7,0x1badcafe\n5,0.000002100,accepted,1,198.51.100.7,0x1badcafe\n"
        "6,0.000004100,sa_recovered,1,198.51.100.7,\n7,0.000009099,repeat,0,198.51.100.7,0x1badcafe\n"
        "8,0.000009600,not_woken,0,198.51.100.7,0x1badcafe\n");
  CHECK_THAT(replay.table.str(), ContainsSubstring("host: 4 of 4 commands of the sessions file\n"
                                                   "note: 1 of them were refused, the first commands[3] for client "
                                                   "198.51.100.7"));
}

TEST_CASE("A command that finds no room in the store is told from one whose frames are missing") {
  Replay replay;
  replay.options.out.reset();
  PcapngWriter writer(replay.options.input, {"network"});
  writer.write(0, 9'000, other);
  writer.commit();
  write_file(replay.folder / "sessions.json", std::string(R"({
  "server": {"ipv4": ["192.0.2.1"], "ipv6": [], "port": 1293},
  "policy": {"destination": "any", "later_fragments": "pass", "doi": [1, 2], "version": ["1.0"],
             "client_initiated": "drop", "resend_budget": 1},
  "sessions": [], "capture": {"interface": "network", "begin_ns": 0},
  "commands": [
    {"time_ns": 1000, "command": "wake", "client": "198.51.100.7", "nonce": "0x1badcafe", "until_us": 50},
    {"time_ns": 2000, "command": "reject", "client": "198.51.100.7"},
    {"time_ns": 3000, "command": "wake", "client": "198.51.100.8", "nonce": "0x1badcafe", "until_us": 50}]})"));
  replay.options.sessions = replay.folder / "sessions.json";
  REQUIRE(replay.run({.capacity = 1}) == exit_success);
  CHECK_THAT(replay.table.str(),
             ContainsSubstring("note: 1 of them found no room in the store of this configuration, the first "
                               "commands[2] for client 198.51.100.8: ") &&
                 ContainsSubstring("note: 1 of them were refused, the first commands[1] for client 198.51.100.7: "));
}

TEST_CASE("A capture without the sessions file's interface, or from before its time 0, is refused") {
  Replay replay;
  replay.capture({{0, Bytes(60, 1)}});
  const auto use = [&](const char* capture) {
    std::string text(sessions);
    text.insert(text.find("\"policy\""), capture);
    write_file(replay.folder / "sessions.json", text);
    replay.options.sessions = replay.folder / "sessions.json";
  };
  use(R"("capture": {"interface": "eth\u001b", "begin_ns": 0}, )");
  CHECK_THROWS_WITH(replay.run(),
                    ContainsSubstring("in.pcap: no interface is named \"eth\x1b\", as capture.interface"));
  PcapngWriter writer(replay.options.input, {"net"});
  writer.write(0, 41, Bytes(60, 1));
  writer.commit();
  use(R"("capture": {"interface": "net", "begin_ns": 42}, )");
  CHECK_THROWS_WITH(replay.run(), ContainsSubstring("in.pcap: packet 1: timestamp 0.000000041 s: at least 0.000000042 "
                                                    "s expected, capture.begin_ns of"));
  CHECK_FALSE(std::filesystem::exists(*replay.options.verdicts));
}
