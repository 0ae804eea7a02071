// SPDX-License-Identifier: Apache-2.0
// Random captures through `reveille replay`, judged by the untimed policy: the core's model, and in lockstep the RTL,
// must say of every frame what the policy says.
#include <sstream>

#include "capture/capture_writer.hpp"
#include "catch.hpp"
#include "model/policy/frame_generator.hpp"
#include "model/policy/holes.hpp"
#include "replay.hpp"
#include "sim/files.hpp"
#include "sim/policy_engine.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using namespace reveille::policy::test;

namespace {

constexpr unsigned client_count = 60;

net::Address client(unsigned index) {
  return net::Address::parse(index % 2 == 0 ? "198.51.100." + std::to_string(index)
                                            : "2001:db8::c:" + std::to_string(index));
}
std::uint32_t nonce_of(unsigned index) { return 0x10000000U + index; }
std::uint64_t tag_of(unsigned index) { return 0xabcdef0000000000U + index; }

/// The policies and addresses that a seed stands for; two addresses of each family in every other.
policy::ServerConfig config_of(std::uint64_t seed) {
  policy::ServerConfig config = both_families();
  if (seed % 2 == 0) config = listed(config);
  if (seed / 2 % 2 == 0) config = dropping_later(config);
  if (seed / 4 % 2 == 0) {
    config.ipv4.push_back(second4);
    config.ipv6.push_back(second6);
  }
  return config;
}

std::string list(const std::vector<net::Address>& addresses) {
  std::string text;
  for (const net::Address& address : addresses) text += (text.empty() ? "\"" : ", \"") + net::format(address) + "\"";
  return "[" + text + "]";
}

/// A third of the clients in each state, with lifetimes that run out along the capture.
std::string sessions_file(std::mt19937_64& random, const policy::ServerConfig& config) {
  std::ostringstream out;
  const bool any = config.destination == policy::ServerConfig::Destination::any;
  const bool pass = config.later_fragments == policy::ServerConfig::LaterFragments::pass;
  out << R"({"server": {"ipv4": )" << list(config.ipv4) << R"(, "ipv6": )" << list(config.ipv6) << R"(, "port": 1293},
 "policy": {"destination": ")"
      << (any ? "any" : "listed") << R"(", "later_fragments": ")" << (pass ? "pass" : "drop")
      << R"(", "doi": [1, 2], "version": ["1.0"], "client_initiated": {"interval_us": 200, "burst": 3},
 "resend_budget": 2}, "sessions": [)";
  constexpr const char* states[] = {"outstanding", "in_service", "replied"};
  for (unsigned i = 0; i < client_count; ++i) {
    out << (i == 0 ? "" : ",") << R"({"client": ")" << net::format(client(i)) << R"(", "nonce": "0x)" << std::hex
        << nonce_of(i) << R"(", "expected_tag": "0x)" << tag_of(i) << std::dec << R"(", "state": ")"
        << states[random() % 3] << R"(", "lifetime_ms": )" << 1 + random() % 20 << "}\n";
  }
  out << "]}";
  return out.str();
}

/// What a client of the sessions, or somebody in its place, sends.
Bytes session_frame(std::mt19937_64& random) {
  const unsigned index = static_cast<unsigned>(random() % (client_count + 4));  // four that nobody woke
  const bool wrong = random() % 4 == 0;
  const std::uint32_t nonce = random() % 12 == 0 ? 0 : nonce_of(index) ^ (wrong ? 1U << random() % 32 : 0);
  const Bytes payload = random() % 3 == 0 ? sa_recovered(tag_of(index) ^ (wrong ? 1ULL << random() % 64 : 0))
                                          : ap_request(nonce, random() % 700, random() % 40);
  net::UdpFrame frame = index % 2 == 0 ? to_server4(payload) : to_server6(payload);
  frame.source = client(index);
  for (std::uint64_t tags = random() % 3; tags > 0; --tags) frame.tags.push_back({});
  if (random() % 3 == 0) frame.ipv4_options = Bytes(4 * (random() % 11), 1);
  if (random() % 3 == 0)
    frame.extensions = {net::ExtensionHeader::padding(60, static_cast<std::uint8_t>(random() % 8))};
  if (random() % 50 == 0) frame.trailer = Bytes(random() % 8000);
  return net::build(frame);
}

void write_capture(const std::filesystem::path& path, std::mt19937_64& random, unsigned frames,
                   const policy::ServerConfig& config) {
  PcapWriter writer(path);
  FrameGenerator generator(random(), config);
  std::uint64_t time = 1'700'000'000'000'000'000;
  for (unsigned i = 0; i < frames; ++i) {
    // Bursts without a gap, gaps of microseconds, and now and then one that lets sessions expire.
    if (random() % 3 == 0) time += random() % 20'000;
    if (random() % 500 == 0) time += random() % 2'000'000;
    Bytes frame = random() % 3 == 0 ? generator.next().frame : session_frame(random);
    if (frame.empty()) frame.push_back(0);  // a capture holds no packet of 0 octets
    if (random() % 10 == 0) frame[random() % frame.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
    if (random() % 20 == 0) frame.resize(1 + random() % frame.size());
    writer.write(Timestamp{time}, frame);
  }
  writer.commit();
}

void compare_with_policy(EngineKind kind, std::uint64_t seed, unsigned frames) {
  TemporaryFolder folder;
  std::mt19937_64 random(seed);
  const policy::ServerConfig config = config_of(seed);
  write_file(folder / "sessions.json", sessions_file(random, config));
  write_capture(folder / "in.pcap", random, frames, config);
  ReplayOptions options;
  options.input = folder / "in.pcap";
  options.sessions = folder / "sessions.json";
  std::ostringstream table;
  std::ostringstream messages;

  options.verdicts = folder / "policy.csv";
  options.out = folder / "policy.pcap";
  REQUIRE(replay(
              options, [](EngineKind) { return std::make_unique<PolicyEngine>(PolicyEngine::Behaviour{}); }, table,
              messages) == exit_success);
  options.engine = kind;
  options.verdicts = folder / "core.csv";
  options.out = folder / "core.pcap";
  const int status = replay(options, make_engine, table, messages);
  INFO("seed " << seed << "\n" << table.str() << messages.str());
  REQUIRE(status == exit_success);

  std::istringstream expected(read_file(folder / "policy.csv"));
  std::istringstream got(read_file(folder / "core.csv"));
  std::string expected_line;
  std::string got_line;
  while (std::getline(expected, expected_line)) {
    REQUIRE(std::getline(got, got_line));
    if (got_line != expected_line) FAIL("policy: " << expected_line << "\ncore:   " << got_line);
  }
  CHECK_FALSE(std::getline(got, got_line));
  CHECK(read_file(folder / "policy.pcap") == read_file(folder / "core.pcap"));
  // The capture meets every verdict, or it proves little.
  for (std::size_t code = 0; code < kVerdictCount; ++code)
    CHECK_THAT(table.str(), ContainsSubstring("\n" + std::string(name(static_cast<Verdict>(code))) + " "));
}

}  // namespace

TEST_CASE("The core's model says what the policy says") {
  for (std::uint64_t seed = 0; seed < 8; ++seed) compare_with_policy(EngineKind::model, seed, 5'000);
}

#ifdef REVEILLE_HAS_RTL
TEST_CASE("Core and model in lockstep say what the policy says") {
  for (std::uint64_t seed = 8; seed < 16; ++seed) compare_with_policy(EngineKind::lockstep, seed, 3'000);
}
#endif
