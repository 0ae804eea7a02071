// SPDX-License-Identifier: Apache-2.0
// The story's last act: a call between two CTAs. tshark reads its signalling, with the table of the associations; its
// speech is opened here without libsrtp2.
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "call/call_agent.hpp"
#include "call/ncs.hpp"
#include "catch.hpp"
#include "system/program.hpp"
#include "system/srtp.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;

namespace {

nlohmann::json call(const TemporaryFolder& folder, const std::string& name, std::vector<std::string> more = {},
                    const char* ctas = "16") {
  std::vector<std::string> arguments = {"run", "--engine", "model", "--ctas",
                                        ctas,  "--call",   "--out", (folder / name).string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const ProgramResult result = run_program(folder, arguments);
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(result.out.find("\nThe call\n") != std::string::npos);
  return nlohmann::json::parse(read_file(folder / name / "report.json"));
}

Bytes from_hex(const std::string& text) {
  Bytes octets;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    octets.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(at, 2), nullptr, 16)));
  }
  return octets;
}

/// By SSRC, from `network.srtp`.
std::map<std::string, Srtp> keys_of(const std::filesystem::path& run) {
  std::map<std::string, Srtp> keys;
  std::istringstream lines(read_file(run / "network.srtp"));
  for (std::string from, to, other, word, ssrc, suite, inline_key;
       lines >> from >> to >> other >> word >> ssrc >> suite >> inline_key;) {
    CHECK(suite == "AES_CM_128_HMAC_SHA1_80");
    keys.emplace(ssrc.substr(2), Srtp::of_inline(inline_key));
  }
  return keys;
}

/// The speech on its way, a packet a line.
std::vector<Bytes> speech(const std::filesystem::path& run) {
  std::vector<Bytes> packets;
  std::istringstream lines(tshark_fields(run / "network.pcapng", "udp.port udp.payload", "-Y 'udp.port == 16384'"));
  for (std::string line; std::getline(lines, line);) packets.push_back(from_hex(line.substr(line.find('\t') + 1)));
  return packets;
}

}  // namespace

TEST_CASE("Two CTAs place a call in the end, and what they say is opened with its key and by nobody without") {
  const TemporaryFolder folder;
  const nlohmann::json call_of = call(folder, "run", {"--loss", "0.05"}).at("call");
  INFO(call_of.dump());
  CHECK(call_of.at("outcome") == "made and ended");
  CHECK(call_of.at("said") == 100);
  CHECK(call_of.at("heard") > 70);
  CHECK(call_of.at("heard") <= 100);
  CHECK(call_of.at("overheard") == 100);
  CHECK(call_of.at("understood") == 0);

  const auto run = folder / "run";
  const std::map<std::string, Srtp> keys = keys_of(run);
  REQUIRE(keys.size() == 2);
  std::map<std::string, std::set<Bytes>> heard;
  for (const Bytes& packet : speech(run)) {
    REQUIRE(packet.size() == 12 + 160 + 10);
    std::string ssrc;
    for (std::size_t i = 8; i < 12; ++i) {
      char text[3];
      std::snprintf(text, sizeof text, "%02x", packet[i]);
      ssrc += text;
    }
    REQUIRE(keys.contains(ssrc));
    for (const auto& [of, key] : keys) CHECK(key.is_authentic(packet) == (of == ssrc));
    Bytes changed = packet;
    changed[20] ^= 1;
    CHECK_FALSE(keys.at(ssrc).is_authentic(changed));
    const Bytes samples = keys.at(ssrc).samples(packet);
    const auto step = static_cast<std::uint8_t>(samples[1] - samples[0]);  // sim/call/telephone.cpp: its voice
    CHECK((step == 3 || step == 5));
    heard[ssrc].insert(samples);
  }
  CHECK(heard.size() == 2);
}

TEST_CASE("tshark reads the call's signalling with the table of the associations, and finds the media by it") {
  const TemporaryFolder folder;
  call(folder, "run", {"--loss", "0", "--attack", "none"});
  const auto run = folder / "run";
  std::string verbs;
  std::istringstream lines(tshark_fields(
      run / "network.pcapng", "mgcp.req.verb sdp.media frame.interface_name",
      esp_options(read_file(run / "network.esp_sa")) + " -Y 'mgcp.req.verb && frame.interface_name == network'"));
  std::set<std::string> media;
  for (std::string line; std::getline(lines, line);) {
    verbs += line.substr(0, 4) + " ";
    const std::string described = line.substr(5, line.rfind('\t') - 5);
    if (!described.empty()) media.insert(described);
  }
  CHECK(verbs == "NTFY NTFY RQNT NTFY CRCX CRCX NTFY DLCX DLCX ");
  CHECK(media == std::set<std::string>{"audio 16384 RTP/SAVP 0"});
  std::size_t packets = 0;
  std::istringstream protocols(
      tshark_fields(run / "network.pcapng", "frame.protocols rtp.p_type",
                    esp_options(read_file(run / "network.esp_sa")) + " -Y 'udp.port == 16384'"));
  for (std::string line; std::getline(protocols, line); ++packets) {
    INFO(line);
    CHECK(line.find(":rtp\t0") != std::string::npos);
  }
  CHECK(packets >= 100);  // some come twice
  // Nothing of it without the table: neither the words nor the keys.
  const std::string capture = read_file(run / "network.pcapng");
  for (const char* word : {"CRCX", "NTFY", "inline:"}) CHECK(capture.find(word) == std::string::npos);
}

TEST_CASE("A run with a call repeats itself octet for octet, and one without has none") {
  const TemporaryFolder folder;
  const auto first = call(folder, "a"), second = call(folder, "b");
  CHECK(first.at("call") == second.at("call"));
  for (const char* file : {"network.pcapng", "network.srtp", "network.esp_sa"}) {
    CHECK(read_file(folder / "a" / file) == read_file(folder / "b" / file));
  }
  const ProgramResult none = run_program(
      folder, {"run", "--engine", "model", "--ctas", "4", "--attack", "none", "--out", (folder / "none").string()});
  CHECK(none.status == 0);
  CHECK_FALSE(nlohmann::json::parse(read_file(folder / "none" / "report.json")).contains("call"));
  CHECK_FALSE(std::filesystem::exists(folder / "none" / "network.srtp"));
}

TEST_CASE("A call that no two CTAs can place is said so") {
  const TemporaryFolder folder;
  const nlohmann::json report = call(folder, "run", {"--attack", "none"}, "1");
  CHECK(report.at("call").at("outcome") == "not placed: no two CTAs could call");
}

TEST_CASE("What a call agent says, a telephone reads, and what is cut short or changed it does not obey") {
  const Command connect{.kind = Command::Kind::connect,
                        .transaction = 7,
                        .key = MediaKey(media_key_size, 0xA5),
                        .other = {net::Address::parse("2001:db8::7"), 16384, MediaKey(media_key_size, 0x5A)}};
  const std::string text = to_text(connect, "cta1");
  const auto read = to_command(text);
  REQUIRE(read);
  CHECK(read->key == connect.key);
  CHECK(read->other.key == connect.other.key);
  CHECK(read->other.address == connect.other.address);
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    INFO(size);
    CHECK_FALSE(to_command(text.substr(0, size)));
  }
  for (const char* odd : {"", "CRCX", "CRCX 1", "AUEP 7 aaln/1@cta1 MGCP 1.0 NCS 1.0\r\n", "200 7 OK\r\n"}) {
    CHECK_FALSE(to_command(odd));
  }
}

TEST_CASE("A call agent says a command again until it is answered, and no more often than it may") {
  const CallAgent::Line caller{net::Address::parse("192.0.2.7"), "cta7", 16384};
  const CallAgent::Line called{net::Address::parse("2001:db8::8"), "cta8", 16386};
  kerberos::SeededRandom random(1);
  std::vector<std::string> said;
  const auto keep = [&](const net::Address& client, const std::string& text) {
    CHECK(client == called.client);
    said.push_back(text);
  };
  constexpr unsigned tries = 3;  // behind the first
  CallAgent agent(caller, called, nodes::Timeouts{.first = 1'000, .longest = 8'000}, tries, random, keep);
  agent.notified(caller.client, "D/2", 0);
  REQUIRE(said.size() == 1);
  REQUIRE(agent.deadline());

  SECTION("answered behind the second time") {
    agent.expire(*agent.deadline() - 1);
    CHECK(said.size() == 1);
    agent.expire(*agent.deadline());
    CHECK(said == std::vector(2, said.front()));
    agent.answered(called.client, static_cast<std::uint32_t>(std::stoul(said.front().substr(5))), 1'500);
    CHECK_FALSE(agent.deadline());
  }
  SECTION("never answered") {
    while (const auto deadline = agent.deadline()) agent.expire(*deadline);
    CHECK(said == std::vector(1 + tries, said.front()));
    CHECK(agent.state() == CallAgent::State::ringing);
  }
}
