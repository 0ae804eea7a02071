// SPDX-License-Identifier: Apache-2.0
// What the guard lets through, brought to this machine's own network stack: no AP Request that was not accepted may
// come to a socket, whatever address, tags, encapsulation, fragments and extension headers it comes with.
#include "system/real_host.hpp"

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "catch.hpp"
#include "sim/policy_engine.hpp"
#include "story/server_host.hpp"
#include "system/real_host_sweep.hpp"

using namespace reveille;
using namespace reveille::policy::test;
using namespace reveille::test;
using policy::ServerConfig;

namespace {

constexpr int exit_skipped = 77;  // SKIP_RETURN_CODE of ctest
constexpr std::size_t batch = 200;

const net::Address true_client = net::Address::parse("198.51.100.9");
constexpr std::uint32_t true_id = 0x7fffffff;

/// Ends the program, visibly, where this machine has no host to offer.
RealHost make_host() {
  try {
    return {net::UdpFrame{}.ethernet_destination, {server4, second4, server6, second6}, {server4, server6}, 1293};
  } catch (const HostUnavailable& reason) {
    std::cerr << "SKIPPED: needs root, network namespaces and TAP devices: " << reason.what() << std::endl;
    std::exit(exit_skipped);
  }
}

/// A guard that holds one session, or none at all: then every frame comes to the host.
class Filter {
 public:
  explicit Filter(std::unique_ptr<sim::Engine> engine = nullptr, const ServerConfig& config = {})
      : engine_(std::move(engine)) {
    if (!engine_) return;
    engine_->on_outcome = [this](const sim::Outcome& outcome) { outcomes_.push_back(outcome); };
    engine_->configure(config);
    REQUIRE(engine_->command(
                {.code = CommandCode::restore, .client = true_client, .lifetime = 1'000'000, .nonce = nonce}, 0) ==
            ResultCode::ok);
  }

  struct Result {
    bool to_host = true;
    bool accepted = false;
  };
  std::vector<Result> judge(const std::vector<Bytes>& frames) {
    if (!engine_) return std::vector<Result>(frames.size());
    outcomes_.clear();
    for (const Bytes& frame : frames) engine_->play(frame, 0);
    engine_->finish();
    REQUIRE(outcomes_.size() == frames.size());
    std::vector<Result> results;
    for (const sim::Outcome& outcome : outcomes_)
      results.push_back({outcome.host_frame.has_value(), outcome.verdict == Verdict::accepted});
    return results;
  }

 private:
  std::unique_ptr<sim::Engine> engine_;
  std::vector<sim::Outcome> outcomes_;
};

/// What became of a sweep.
struct Tally {
  std::size_t attempts = 0;
  std::size_t frames = 0;
  std::size_t let_through = 0;                      ///< frames
  std::map<std::string, std::string> reached = {};  ///< attempt, socket
  std::set<std::string> sockets = {};
  std::set<std::string> missed_by_story = {};  ///< of those in one frame, what the host of `reveille run` does not take

  void print(const char* what) const {
    std::cout << what << ": " << attempts << " AP Requests in " << frames << " frames, " << let_through
              << " let through, " << reached.size() << " AP Requests came to a socket" << std::endl;
  }
};

bool is_ap_request(const Bytes& payload) { return payload.size() >= id_at + 4 && payload[0] == 2; }

Tally run_sweep(RealHost& host, Filter& filter, std::uint32_t& first_id) {
  Sweep sweep(first_id);
  const std::vector<Attempt> attempts = sweep.all();
  first_id = sweep.last_id();
  std::map<std::uint32_t, const Attempt*> by_id;
  std::vector<Bytes> frames;
  for (const Attempt& attempt : attempts) {
    by_id[attempt.id] = &attempt;
    frames.insert(frames.end(), attempt.frames.begin(), attempt.frames.end());
  }
  Tally tally{.attempts = attempts.size(), .frames = frames.size()};
  const auto results = filter.judge(frames);
  const auto collect = [&] {
    for (const RealHost::Received& received : host.received()) {
      if (!is_ap_request(received.payload)) continue;
      std::uint32_t id = 0;
      for (std::size_t i = 0; i < 4; ++i) id = id << 8 | received.payload[id_at + i];
      REQUIRE(by_id.contains(id));
      const Attempt& attempt = *by_id[id];
      if (attempt.frames.size() == 1 && !sim::ServerHost{}.receive(attempt.frames.front()))
        tally.missed_by_story.insert(attempt.name);
      tally.reached.emplace(attempt.name, received.socket);
      tally.sockets.insert(received.socket);
    }
  };
  std::size_t pending = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!results[i].to_host) continue;
    ++tally.let_through;
    host.arrive(frames[i]);
    if (++pending % batch == 0) collect();
  }
  collect();
  return tally;
}

/// The names of the holes through which something came to a socket.
std::set<std::string> holes_open(RealHost& host, Filter& filter) {
  std::set<std::string> open;
  for (const Hole& hole : holes()) {
    if (filter.judge({hole.frame}).front().to_host) host.arrive(hole.frame);
    for (const RealHost::Received& received : host.received()) {
      if (is_ap_request(received.payload)) open.insert(hole.name);
    }
  }
  return open;
}

std::unique_ptr<sim::Engine> untimed() {
  return std::make_unique<sim::test::PolicyEngine>(sim::test::PolicyEngine::Behaviour{});
}
std::unique_ptr<sim::Engine> core_model() { return sim::make_engine(sim::EngineKind::model); }

struct Guarded {
  const char* name;
  std::unique_ptr<sim::Engine> (*make)();
  ServerConfig config;
};

/// The guard is told of no IPv6 address, though the host has some (docs/protocol.md, L8).
ServerConfig ipv4_only() {
  ServerConfig config = both_families();
  config.ipv6.clear();
  return config;
}

}  // namespace

TEST_CASE("No AP Request that was not accepted comes to a socket of a real host") {
  RealHost host = make_host();
  std::uint32_t id = 0;
  const std::set<std::string> by_destination = {"second IPv4 address", "second IPv6 address",     "link-local address",
                                                "subnet broadcast",    "limited broadcast",       "all hosts",
                                                "all nodes",           "solicited-node multicast"};
  std::set<std::string> by_default = by_destination;
  by_default.insert({"3 VLAN tags", "30 VLAN tags"});

  // Without a guard, and with the destinations that it is told of alone, the host takes what it is known to take:
  // else the rest would prove nothing.
  Filter none;
  CHECK(holes_open(host, none) == by_default);
  const Tally unguarded = run_sweep(host, none, id);
  unguarded.print("no guard");
  CHECK(unguarded.sockets == std::set<std::string>{"0.0.0.0", "::", "192.0.2.1", "2001:db8::1"});
  CHECK(unguarded.let_through == unguarded.frames);
  for (const std::string& attempt : unguarded.missed_by_story) FAIL_CHECK("taken here, not in the story: " << attempt);
  for (const char* attempt :
       {"192.0.2.1 whole Ethernet II", "192.0.2.1 C C C C two fragments Ethernet II",
        "255.255.255.255 (multicast MAC) S C S C whole Ethernet II", "2001:db8::1 S S S all four Ethernet II",
        "ff02::1 C C hop-by-hop, fragments Ethernet II", "fe80::ff:fe00:1 nine Ethernet II",
        "2001:db8::2 fragments, options inside Ethernet II"}) {
    INFO(attempt);
    CHECK(unguarded.reached.contains(attempt));
  }
  Filter listed_only(untimed(), listed());
  CHECK(holes_open(host, listed_only) == by_destination);
  const Tally with_listed = run_sweep(host, listed_only, id);
  with_listed.print("listed");
  CHECK(with_listed.reached.size() > 100);
  CHECK(with_listed.sockets == std::set<std::string>{"0.0.0.0", "::"});

  for (const auto& [name, make, config] :
       {Guarded{"any", untimed, both_families()}, Guarded{"any, later fragments dropped", untimed, dropping_later()},
        Guarded{"any, no IPv6 address", untimed, ipv4_only()},
        Guarded{"any, the core's model", core_model, both_families()},
        Guarded{"any, later fragments dropped, the core's model", core_model, dropping_later()},
        Guarded{"any, no IPv6 address, the core's model", core_model, ipv4_only()}}) {
    INFO(name);
    Filter guard(make(), config);
    CHECK(holes_open(host, guard).empty());
    const Tally guarded = run_sweep(host, guard, id);
    guarded.print(name);
    CHECK(guarded.let_through > 0);
    for (const auto& [attempt, socket] : guarded.reached) FAIL_CHECK(attempt << " came to the socket at " << socket);

    // The one that was asked for comes through, once, and to its socket.
    net::UdpFrame asked = to_server4(request_of(true_id, nonce));
    asked.source = true_client;
    const Bytes frame = net::build(asked);
    const auto results = guard.judge({frame, frame});
    CHECK(results.front().accepted);
    CHECK_FALSE(results.back().to_host);
    host.arrive(frame);
    const auto received = host.received();
    REQUIRE(received.size() == 1);
    CHECK(received.front().socket == "192.0.2.1");
    CHECK(received.front().payload == asked.payload);
  }
}
