// SPDX-License-Identifier: Apache-2.0
// The story's host, the forms in which an AP Request comes to it otherwise than asked for, and what guards make of
// them.
#include "story/holes.hpp"

#include <map>
#include <set>

#include "catch.hpp"
#include "model/policy/frames.hpp"
#include "sim/files.hpp"
#include "sim/policy_engine.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::sim::test;
using namespace reveille::policy::test;

namespace {

const ServerHost host;

/// From somebody who was not woken.
net::UdpFrame request(bool ipv4) {
  net::UdpFrame frame = ipv4 ? to_server4(ap_request(0x11111111)) : to_server6(ap_request(0x11111111));
  REQUIRE(frame.destination == (ipv4 ? host.ipv4 : host.ipv6));
  return frame;
}

Bytes frame_of(const Hole& hole) { return hole.frame(request(hole.ipv4), host); }

/// Form to "verdict", with what stands behind it cut off; of docs/scenario.md.
std::map<std::string, std::string> described_forms() {
  std::map<std::string, std::string> forms;
  std::istringstream lines(read_file("docs/scenario.md"));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| form |")) inside = true;
    if (!line.starts_with("|")) inside = false;
    if (!inside || !line.starts_with("| `")) continue;
    const std::size_t name_end = line.find('`', 3);
    const std::string verdict = line.substr(line.rfind("| ", line.size() - 2) + 2);
    const std::size_t verdict_end = verdict.find('`', 1);
    forms[line.substr(3, name_end - 3)] = verdict[0] == '`' ? verdict.substr(1, verdict_end - 1) : "by its nonce";
  }
  return forms;
}

/// The forms that bring an AP Request that was not asked for to the socket behind a guard with these registers.
std::set<std::string> unasked(const policy::ServerConfig& config) {
  std::set<std::string> names;
  PolicyEngine engine({});
  Outcome last;
  engine.on_outcome = [&last](const Outcome& outcome) { last = outcome; };
  engine.configure(config);
  for (const Hole& hole : holes()) {
    const Bytes frame = frame_of(hole);
    engine.play(frame, 0);
    engine.finish();
    if (last.host_frame && host.is_unasked_request(*last.host_frame, last.verdict))
      names.insert(std::string(hole.name));
  }
  return names;
}

}  // namespace

TEST_CASE("The host takes the AP Request out of each form but those that hold none for it") {
  for (const Hole& hole : holes()) {
    INFO(hole.name);
    const Bytes frame = frame_of(hole);
    const auto datagram = host.receive(frame);
    const bool brings_none = hole.name == "vxlan" || hole.name == "icmp-error";
    REQUIRE(datagram.has_value() != brings_none);
    CHECK(host.is_unasked_request(frame, Verdict::bypass) != brings_none);
    CHECK_FALSE(host.is_unasked_request(frame, Verdict::accepted));
    CHECK_FALSE(host.is_unasked_request(frame, Verdict::resend));
    if (brings_none) continue;
    CHECK(datagram->payload == request(hole.ipv4).payload);
    CHECK(datagram->source == request(hole.ipv4).source);
  }
}

TEST_CASE("The host takes what is for it, and nothing else") {
  CHECK(host.receive(net::build(request(true))));
  const auto refused = [](const auto& change) {
    net::UdpFrame frame = request(true);
    change(frame);
    return !host.receive(net::build(frame));
  };
  CHECK(refused([](net::UdpFrame& frame) { frame.ethernet_destination[5] ^= 4; }));
  CHECK(refused([](net::UdpFrame& frame) { frame.destination = net::Address::parse("192.0.2.77"); }));
  CHECK(refused([](net::UdpFrame& frame) { frame.destination_port = 1294; }));
  CHECK(refused([](net::UdpFrame& frame) { frame.tags = {{0x8100, 5}}; }));
  CHECK(refused([](net::UdpFrame& frame) { frame.tags = {{0x8100, 0}, {0x88A8, 5}}; }));
  CHECK(refused([](net::UdpFrame& frame) { frame.udp_checksum = 1; }));
  CHECK(refused([](net::UdpFrame& frame) { frame.ipv4_fragment = 0x2000; }));
  CHECK_FALSE(refused([](net::UdpFrame& frame) { frame.tags = {{0x88A8, 0xE000}, {0x8100, 0}}; }));
  // Routed over somebody else, or on to somebody else.
  const net::Address elsewhere = net::Address::parse("198.18.0.1");
  const auto routed = [&](const net::Address& over, const net::Address& to) {
    return refused([&](net::UdpFrame& frame) {
      frame.destination = over;
      frame.ipv4_options = {0x83, 7, 4};
      append(frame.ipv4_options, to.header_octets());
      frame.ipv4_options.push_back(0);
      frame.udp_checksum = 0;
    });
  };
  CHECK(routed(elsewhere, host.ipv4));
  CHECK(routed(host.second_ipv4, elsewhere));
  CHECK_FALSE(routed(host.second_ipv4, host.ipv4));
  // Cut anywhere, it is nothing.
  for (const Hole& hole : holes()) {
    const Bytes frame = frame_of(hole);
    for (std::size_t octets = 0; octets < frame.size(); ++octets)
      CHECK_FALSE(host.receive(ByteView(frame).first(octets)));
  }
}

TEST_CASE("docs/scenario.md lists the forms, with the verdict of each") {
  const auto described = described_forms();
  CHECK(described.size() == holes().size());
  for (const Hole& hole : holes()) {
    INFO(hole.name);
    REQUIRE(described.contains(std::string(hole.name)));
    const Verdict verdict = alone(frame_of(hole));
    CHECK(described.at(std::string(hole.name)) ==
          (verdict == Verdict::not_woken ? "by its nonce" : std::string(name(verdict))));
  }
}

TEST_CASE(
    "With any destination judged no form brings the socket what was not asked for; with the listed ones many do") {
  policy::ServerConfig ipv4_only = both_families();
  ipv4_only.ipv6.clear();
  CHECK(unasked(both_families()).empty());
  CHECK(unasked(ipv4_only).empty());
  std::set<std::string> open = {"second-ipv4", "second-ipv6", "link-local",   "subnet-broadcast", "limited-broadcast",
                                "all-hosts",   "all-nodes",   "source-route", "solicited-node",   "extension-headers"};
  CHECK(unasked(listed()) == open);
  open.insert("server-ipv6");
  CHECK(unasked(listed(ipv4_only)) == open);
}
