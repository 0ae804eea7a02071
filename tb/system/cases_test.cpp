// SPDX-License-Identifier: Apache-2.0
// Small captures that a guard once judged otherwise, or that show what is by design, on every engine.
#include "catch.hpp"
#include "model/policy/holes.hpp"
#include "sim/policy_engine.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using namespace reveille::policy::test;

namespace {

struct TimedFrame {
  std::uint64_t time_us = 0;
  Bytes octets;
  std::string expected;  ///< verdict,to_host,source,nonce: as a line of `replay` has them
};

struct Case {
  std::string name;
  policy::ServerConfig config;
  std::vector<driver::Command> sessions;
  std::vector<TimedFrame> frames;
};

std::string line_of(const Outcome& outcome) {
  std::ostringstream line;
  line << name(outcome.verdict) << ',' << (outcome.host_frame ? 1 : 0) << ',';
  if (outcome.source != net::Address{}) line << net::format(outcome.source);
  line << ',';
  if (outcome.nonce) line << "0x" << std::hex << *outcome.nonce;
  return line.str();
}

net::UdpFrame from(const char* source, Bytes payload) {
  const net::Address address = net::Address::parse(source);
  net::UdpFrame frame = address.is_ipv4() ? to_server4(std::move(payload)) : to_server6(std::move(payload));
  frame.source = address;
  return frame;
}

driver::Command outstanding(const net::Address& client, std::uint32_t nonce) {
  return {.code = CommandCode::restore, .client = client, .lifetime = 30'000'000, .nonce = nonce};
}

// The cases
// ------------------------------------------------------------------------------------------------------------

Case ways_past_the_guard() {
  Case made{.name = "ways past the guard", .config = both_families(), .sessions = {}, .frames = {}};
  for (const Hole& hole : holes()) {
    made.frames.push_back({0, hole.frame,
                           std::string(name(hole.verdict)) + (hole.verdict == Verdict::bypass ? ",1," : ",0,") +
                               hole.source + (hole.verdict == Verdict::not_woken ? ",0x11111111" : ",")});
  }
  return made;
}

Case family_without_a_server_address() {
  Case made{.name = "a family without a server address", .config = both_families(), .sessions = {}, .frames = {}};
  made.config.ipv6.clear();
  made.frames = {{0, net::build(from("2001:db8:5::7", hostile_request())), "not_woken,0,2001:db8:5::7,0x11111111"}};
  return made;
}

/// As they are with their frame check sequence cut off: one octet of it counted, and they would be judged otherwise.
Case frames_that_a_checksum_would_make_whole() {
  Case made{.name = "frames that a frame check sequence would make whole",
            .config = both_families(),
            .sessions = {},
            .frames = {}};
  net::UdpFrame longer = to_server4(ap_request(0x22222222, 20));
  const Bytes right = net::build(longer);
  longer.ip_length = static_cast<std::uint16_t>(right.size() - 14 + 4);
  Bytes cut = right;
  cut.resize(14 + 20 + 5);  // inside the UDP header
  net::UdpFrame other_port = to_server4(ap_request(nonce));
  other_port.destination_port = 53;
  made.frames = {{0, net::build(longer), "bad_length,0,198.51.100.7,"},
                 {0, cut, "bypass,1,,"},
                 {0, net::build(other_port), "bypass,1,,"}};
  return made;
}

/// By design: the address is the key.
Case true_client_at_another_address() {
  Case made{.name = "a true client at another address", .config = both_families(), .sessions = {}, .frames = {}};
  for (const char* client : {"198.51.100.7", "2001:db8:5::7"})
    made.sessions.push_back(outstanding(net::Address::parse(client), nonce));
  for (const char* other : {"198.51.100.8", "2001:db8:5::99", "fe80::7"})
    made.frames.push_back(
        {0, net::build(from(other, ap_request(nonce))), std::string("not_woken,0,") + other + ",0x1badcafe"});
  return made;
}

/// By design: until the host rejects what it took.
Case turn_taken_by_a_forgery() {
  Case made{.name = "a turn taken by a forgery",
            .config = both_families(),
            .sessions = {outstanding(client4, nonce)},
            .frames = {}};
  const Bytes forged = net::build(to_server4(ap_request(nonce, 60, 1)));
  const Bytes honest = net::build(to_server4(ap_request(nonce, 60, 41)));
  const std::string rest = ",198.51.100.7,0x1badcafe";
  made.frames = {{0, forged, "accepted,1" + rest}};
  for (const std::uint64_t time_us : {100U, 1'000'000U, 3'000'000U})
    made.frames.push_back({time_us, honest, "repeat,0" + rest});
  return made;
}

/// Half of the store's entries. One of the clients has the server's own address (L9, L19).
Case structured_clients() {
  Case made{.name = "2,048 clients in 64 subnets of 32", .config = both_families(), .sessions = {}, .frames = {}};
  for (unsigned subnet = 0; subnet < 64; ++subnet) {
    for (unsigned host = 0; host < 32; ++host) {
      net::Address client = server6;
      client.octets[7] = static_cast<std::uint8_t>(subnet);
      client.octets[13] = static_cast<std::uint8_t>(host);
      made.sessions.push_back(outstanding(client, static_cast<std::uint32_t>(made.sessions.size() + 1)));
    }
  }
  for (const std::size_t which : {std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{2047}}) {
    const driver::Command& session = made.sessions[which];
    std::ostringstream nonce;
    nonce << ",0x" << std::hex << session.nonce;
    const std::string client = net::format(session.client);
    made.frames.push_back({0, net::build(from(client.c_str(), ap_request(session.nonce))),
                           which == 0 ? "bad_source,0," + client + "," : "accepted,1," + client + nonce.str()});
  }
  return made;
}

void check(const Case& made, Engine& engine, const char* engine_name) {
  INFO(made.name << ", " << engine_name);
  std::vector<Outcome> outcomes;
  engine.on_outcome = [&outcomes](const Outcome& outcome) { outcomes.push_back(outcome); };
  engine.configure(made.config);
  for (const driver::Command& session : made.sessions) {
    INFO(net::format(session.client));
    REQUIRE(engine.command(session, 0) == ResultCode::ok);
  }
  for (const TimedFrame& frame : made.frames) engine.play(frame.octets, frame.time_us);
  engine.finish();
  REQUIRE(outcomes.size() == made.frames.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    INFO("frame " << i + 1);
    CHECK(line_of(outcomes[i]) == made.frames[i].expected);
    if (outcomes[i].host_frame) CHECK(*outcomes[i].host_frame == made.frames[i].octets);
  }
}

}  // namespace

TEST_CASE("Policy, model, and model and RTL in lockstep judge every case as it is to be judged") {
  for (const Case& made :
       {ways_past_the_guard(), family_without_a_server_address(), frames_that_a_checksum_would_make_whole(),
        true_client_at_another_address(), turn_taken_by_a_forgery(), structured_clients()}) {
    PolicyEngine untimed({});
    check(made, untimed, "policy");
    check(made, *make_engine(EngineKind::model), "model");
#ifdef REVEILLE_HAS_RTL
    check(made, *make_engine(EngineKind::lockstep), "lockstep");
#endif
  }
}
