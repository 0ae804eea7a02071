// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "catch.hpp"
#include "model/core/support.hpp"

namespace reveille::core::test {
namespace {

/// Arbiter and framer as the core wires them.
struct EgressBench {
  EgressArbiter arbiter;
  MessageFramer framer;
  Configuration config;
  std::deque<StreamSource> host;
  std::optional<WakeupJob> job;
  bool net_ready = true;
  std::uint64_t cycle = 0;
  Collector net;
  std::vector<std::uint64_t> net_cycles;     ///< of each beat
  std::vector<std::uint64_t> accept_cycles;  ///< of each beat of the host
  std::optional<std::uint64_t> m;            ///< when a message's last beat was taken
  std::optional<std::uint64_t> w;            ///< when a job was taken
  std::vector<std::uint64_t> errors;         ///< E6

  EgressBench() {
    config = both_families_configuration();
    framer.reset();
  }
  [[nodiscard]] bool wakeup_ready() const { return framer.wakeup_ready(arbiter.message_waits()); }
  /// Into the bank in use.
  void write_framing(unsigned word, std::uint32_t value) {
    framer.memory().commit();
    framer.memory().write(word, value);
    framer.memory().commit();
  }
  void step() {
    const StreamSource in = host.empty() ? StreamSource{} : host.front();
    if (in.valid && arbiter.host_ready()) accept_cycles.push_back(cycle);
    if (!host.empty() && (!in.valid || arbiter.host_ready())) host.pop_front();
    if (arbiter.net().valid && net_ready) {
      net.take(arbiter.net());
      net_cycles.push_back(cycle);
    }
    const StreamSource* head = arbiter.host_head();
    const bool takes = framer.takes(head);
    const bool message_waits = arbiter.message_waits();
    const StreamSource taken = takes ? *head : StreamSource{};
    if (takes && taken.last) m = cycle;
    const bool hands_over = job && wakeup_ready();
    if (hands_over) w = cycle;
    if (framer.error()) errors.push_back(cycle);
    const StreamSource* offered = framer.offered();
    const bool moved = arbiter.moves_framer(offered, net_ready);
    arbiter.clock(in, net_ready, offered, takes);
    framer.clock(takes ? &taken : nullptr, message_waits, hands_over ? &*job : nullptr, moved, config);
    if (hands_over) job.reset();
    ++cycle;
  }
  void run(unsigned cycles) {
    while (cycles-- != 0) step();
  }
  void send(ByteView frame, std::uint8_t user) {
    for (const StreamSource& beat : host_beats(frame, user)) host.push_back(beat);
  }
};

Bytes host_message(const net::Address& client, std::size_t body, std::uint8_t hop = 0) {
  Bytes out(client.octets.begin(), client.octets.end());
  append(out, Bytes{3, 1, 0x10, hop});
  out.resize(32);
  for (std::size_t i = 0; i < body; ++i) out.push_back(static_cast<std::uint8_t>(i + 1));
  return out;
}

TEST_CASE("A passing frame crosses both queues, a beat in every cycle") {  // E1, E2, E3
  EgressBench bench;
  const Bytes frame(100, 0x77);
  bench.send(frame, 0);
  bench.run(30);
  REQUIRE(bench.net.frames.size() == 1);
  CHECK(bench.net.frames[0] == frame);
  // Accepted in 0, moved in 1, on m_axis_net in 2; all but a header.
  for (std::size_t i = 0; i < bench.net_cycles.size(); ++i)
    CHECK(bench.net_cycles[i] == bench.accept_cycles[i + header_beats] + 2);
  CHECK(bench.accept_cycles.back() == header_beats + 12);
}

TEST_CASE("Two beats wait in queue H and one in N, which takes the next as it gives one") {  // E1, E2
  EgressBench bench;
  bench.net_ready = false;
  bench.send(Bytes(100, 1), 0);
  bench.run(30);
  CHECK(bench.accept_cycles.size() == header_beats + 3);
  CHECK(!bench.arbiter.host_ready());
  const std::uint64_t begin = bench.cycle;
  for (unsigned i = 0; i < 6; ++i) {
    bench.net_ready = i % 2 == 0;
    bench.step();
  }
  CHECK(bench.net_cycles == std::vector<std::uint64_t>{begin, begin + 2, begin + 4});
  CHECK(bench.accept_cycles.size() == header_beats + 6);  // there is room in H from the cycle after on
}

TEST_CASE("A Wake Up is offered 2F + 28 cycles after its hand-over") {  // E4, E7, E8, E9
  EgressBench bench;
  CHECK(bench.wakeup_ready());
  bench.job = WakeupJob{client4, nonce, 0, true, 0};
  const std::uint64_t s = bench.cycle + 5;
  bench.step();
  while (bench.framer.offered() == nullptr) {
    CHECK(!bench.wakeup_ready());
    bench.step();
  }
  CHECK(bench.cycle == s + 120 + 23);  // 14 + 20 + 8 + 8 octets, padded
  const std::uint64_t offer = bench.cycle;
  while (!bench.wakeup_ready()) bench.step();
  CHECK(bench.cycle == offer + 9);  // eight beats moved, the last in e = offer + 7
  bench.run(3);
  REQUIRE(bench.net.frames.size() == 1);
  const Bytes& frame = bench.net.frames[0];
  REQUIRE(frame.size() == 60);
  const net::UdpDatagram datagram = net::parse(frame);
  CHECK(datagram.payload == Bytes{1, 2, 0x10, 0x1B, 0xAD, 0xCA, 0xFE, 0});
  CHECK(datagram.source_port == 1293);
  CHECK(frame[18] == 0);  // identification
  CHECK(frame[20] == 0x40);
  CHECK(frame[22] == 64);
}

TEST_CASE("A host message is checked in the four cycles after its last beat, and framed") {  // E5, E6
  const net::Address client = GENERATE(client4, client6);
  const std::size_t body = GENERATE(1U, 7U, 8U, 200U, 1449U);
  EgressBench bench;
  bench.write_framing(7, 0x0700'0081);                     // TPID 0x8100, TCI 7: octets 28 to 31
  const Bytes message = host_message(client, body, 0x89);  // hop 1, source 0; bits 3 and 7 mean nothing
  bench.send(message, 1);
  while (bench.framer.offered() == nullptr) bench.step();
  CHECK(*bench.m == bench.accept_cycles.back() + 1);
  const std::size_t octets = std::max<std::size_t>(60, 14 + 4 + (client.is_ipv4() ? 20 : 40) + 8 + 3 + body);
  CHECK(bench.cycle == *bench.m + 5 + 2 * octets + 23);
  bench.run(300);
  REQUIRE(bench.net.frames.size() == 1);
  CHECK(bench.net.frames[0].size() == octets);
  const net::UdpDatagram datagram = net::parse(bench.net.frames[0]);
  CHECK(datagram.destination == client);
  CHECK(datagram.source == (client.is_ipv4() ? server4 : server6));
  REQUIRE(datagram.tags.size() == 1);
  CHECK(datagram.tags[0].tci == 7);
  Bytes expected = {3, 1, 0x10};
  expected.insert(expected.end(), message.begin() + 32, message.end());
  CHECK(datagram.payload == expected);
  CHECK(bench.errors.empty());
}

TEST_CASE("Bad host messages are counted and dropped") {  // E6
  EgressBench bench;
  Bytes message = host_message(client4, 5);
  SECTION("too short") { message.resize(32); }
  SECTION("far too short") { message.resize(3); }
  SECTION("too long") { message.resize(1482); }
  SECTION("far too long") { message.resize(5000); }
  SECTION("no server address of its family") { bench.config.ipv4.enabled = 0; }
  bench.send(message, 1);
  while (!bench.m) bench.step();
  for (std::uint64_t later = 1; later < 6; ++later) {
    CHECK(bench.cycle == *bench.m + later);
    CHECK(bench.wakeup_ready() == (later >= 5));
    bench.step();
  }
  CHECK(bench.errors == std::vector<std::uint64_t>{*bench.m + 4});
  bench.run(4000);
  CHECK(bench.net.frames.empty());
}

TEST_CASE("A host message keeps a Wake Up waiting, and passing frames overtake both while they are framed") {
  EgressBench bench;
  bench.send(host_message(client4, 10), 1);
  bench.send(Bytes(64, 9), 0);
  bench.run(header_beats + 2);
  bench.job = WakeupJob{client4, nonce, 0, false, 0};
  CHECK(!bench.wakeup_ready());  // Fill
  bench.run(1000);
  REQUIRE(bench.net.frames.size() == 3);
  CHECK(bench.net.frames[0] == Bytes(64, 9));
  CHECK(net::parse(bench.net.frames[1]).payload[0] == 3);
  CHECK(net::parse(bench.net.frames[2]).payload[0] == 1);
}

TEST_CASE("A Wake Up without an enabled server address of its family is dropped and counted") {  // E6
  EgressBench bench;
  bench.config.ipv4.enabled = 0;
  bench.job = WakeupJob{client4, nonce, 0, false, 0};
  bench.run(1000);
  CHECK(bench.errors == std::vector<std::uint64_t>{*bench.w + 4});
  CHECK(bench.net.frames.empty());
  CHECK(bench.wakeup_ready());
}

TEST_CASE("Host messages and Wake Ups that wait take turns, the Wake Up first of the first two") {  // E4, E5
  EgressBench bench;
  for (unsigned i = 0; i < 3; ++i) bench.send(host_message(client4, 10), 1);
  bench.run(header_beats + 1);
  CHECK(bench.arbiter.message_waits());
  std::vector<unsigned> kinds;
  for (unsigned i = 0; i < 3000; ++i) {
    if (!bench.job) bench.job = WakeupJob{client4, nonce, 0, false, 0};
    bench.step();
  }
  for (const Bytes& frame : bench.net.frames) kinds.push_back(net::parse(frame).payload[0]);
  REQUIRE(kinds.size() > 6);
  kinds.resize(7);
  CHECK(kinds == std::vector<unsigned>{1, 3, 1, 3, 1, 3, 1});
}

TEST_CASE("Behind a reset the Wake Up is the first again, whatever went last before") {  // E4
  EgressBench bench;
  bench.job = WakeupJob{client4, nonce, 0, false, 0};
  bench.run(1000);
  REQUIRE(bench.net.frames.size() == 1);
  bench.framer.reset();
  bench.arbiter.reset();
  bench.send(host_message(client4, 10), 1);
  while (!bench.arbiter.message_waits()) bench.step();
  CHECK(bench.wakeup_ready());
}

TEST_CASE("A server message comes from the address asked for, if enabled, else from the first that is") {
  struct Case {
    unsigned enabled, wanted, index;
  };
  const Case c = GENERATE(Case{3, 0, 0}, Case{3, 1, 1}, Case{1, 1, 0}, Case{2, 0, 1}, Case{3, 2, 0}, Case{2, 7, 1});
  const net::Address client = GENERATE(client4, client6);
  const bool is_message = GENERATE(true, false);
  EgressBench bench;
  ServerAddresses& server = client.is_ipv4() ? bench.config.ipv4 : bench.config.ipv6;
  server.enabled = static_cast<std::uint8_t>(c.enabled);
  if (is_message) {
    bench.send(host_message(client, 10, static_cast<std::uint8_t>(c.wanted << 4)), 1);
  } else {
    bench.job = WakeupJob{client, nonce, 0, false, static_cast<std::uint8_t>(c.wanted)};
  }
  bench.run(1000);
  REQUIRE(bench.net.frames.size() == 1);
  CHECK(net::parse(bench.net.frames[0]).source == server.address[c.index]);
}

TEST_CASE("A frame takes port, version and bank as they are before it starts, enables in m+2") {  // E7
  const unsigned change_at = GENERATE(1U, 2U, 3U, 4U, 5U);  // cycles after w; s-1 is w+4
  EgressBench bench;
  bench.framer.memory().write(0, 0x44332211);  // the bank not in use
  bench.job = WakeupJob{client4, nonce, 0, false, 0};
  while (!bench.w) bench.step();
  while (bench.cycle != *bench.w + change_at) bench.step();
  bench.framer.memory().commit();
  bench.config.port = 99;
  bench.config.wake_version = 0x42;
  bench.config.ipv4.enabled = 2;
  bench.run(1000);
  REQUIRE(bench.net.frames.size() == 1);
  const net::UdpDatagram datagram = net::parse(bench.net.frames[0]);
  CHECK(datagram.source_port == (change_at <= 4 ? 99 : 1293));
  CHECK(datagram.payload[2] == (change_at <= 4 ? 0x42 : 0x10));
  CHECK(bench.net.frames[0][0] == (change_at <= 4 ? 0x11 : 0));
  CHECK(datagram.source == bench.config.ipv4.address[change_at <= 2 ? 1 : 0]);
}

TEST_CASE("A frame under way is not interrupted") {  // E3
  EgressBench bench;
  bench.job = WakeupJob{client4, nonce, 0, false, 0};
  bench.step();
  const auto passing = host_beats(Bytes(800, 3));
  for (const StreamSource& beat : passing) {
    bench.host.push_back(beat);
    bench.host.insert(bench.host.end(), 3, StreamSource{});  // slower than the framer
  }
  bench.run(1000);
  REQUIRE(bench.net.frames.size() == 2);
  CHECK(bench.net.frames[0] == Bytes(800, 3));
}

TEST_CASE("The principal ends with a NUL, at octet 255 at the latest") {
  EgressBench bench;
  for (unsigned word = 32; word < 64; ++word) bench.write_framing(word, 0x41414141);
  bench.job = WakeupJob{client4, nonce, 0, false, 0};
  bench.run(1000);
  REQUIRE(bench.net.frames.size() == 1);
  const Bytes payload = net::parse(bench.net.frames[0]).payload;
  REQUIRE(payload.size() == 7 + 128);
  CHECK(payload[7 + 126] == 'A');
  CHECK(payload[7 + 127] == 0);
}

/// What begins a frame on s_axis_host, with a bit that tells messages from frames that pass and all else at random.
StreamSource random_header(bool message, std::mt19937_64& random) {
  return {true, (random() & ~std::uint64_t{1}) | (message ? 1U : 0U), static_cast<std::uint8_t>(random()), false,
          static_cast<std::uint8_t>(random() & 1)};
}

TEST_CASE("One bit before or beside a frame tells whether it is a message, and no other does") {  // A19, A28
  const bool message = GENERATE(false, true);
  std::mt19937_64 random(GENERATE(range(0U, 8U)));
  EgressBench bench;
  const Bytes frame = host_message(client4, 100);
  for (unsigned i = 0; i < 3; ++i) {
    if (kInBandHeader) bench.host.push_back(random_header(message, random));
    bool told = kInBandHeader;
    for (StreamSource beat : beats(frame)) {
      bench.host.insert(bench.host.end(), random() % 3, StreamSource{});  // gaps, also behind the header
      beat.user = static_cast<std::uint8_t>(told ? random() & 1 : message ? 1 : 0);
      told = true;
      bench.host.push_back(beat);
    }
  }
  bench.run(4000);
  REQUIRE(bench.net.frames.size() == 3);
  for (const Bytes& sent : bench.net.frames) {
    if (!message) CHECK(sent == frame);
    if (message) CHECK(net::parse(sent).payload.size() == 103);
  }
  CHECK(bench.net.users == std::vector<std::uint8_t>(3, 0));
}

TEST_CASE("Where a header leads each frame, one that ends in it is none") {  // A28
  const bool message = GENERATE(false, true);
  std::mt19937_64 random(7);
  EgressBench bench;
  for (unsigned i = 0; i < 5; ++i) {
    StreamSource only = random_header(message, random);
    only.last = true;
    only.keep = static_cast<std::uint8_t>(0xFF >> i);
    only.user = message ? 1 : 0;
    bench.host.push_back(only);
  }
  bench.send(Bytes(8, 0x77), 0);
  bench.send(host_message(client4, 10), 1);
  bench.run(500);
  CHECK(bench.errors.size() == (message && !kInBandHeader ? 5 : 0));
  const std::size_t passed = message || kInBandHeader ? 0 : 5;
  REQUIRE(bench.net.frames.size() == passed + 2);
  CHECK(bench.net.frames[passed] == Bytes(8, 0x77));
  CHECK(net::parse(bench.net.frames[passed + 1]).payload.size() == 13);
}

TEST_CASE("Three frames of one beat wait; a header is accepted like any beat, and takes no room") {  // E1
  EgressBench bench;
  bench.net_ready = false;
  for (unsigned i = 0; i < 5; ++i) bench.send(Bytes(8, 1), 0);
  bench.run(30);
  CHECK(bench.accept_cycles.size() == 3 * (header_beats + 1));
  CHECK(!bench.arbiter.host_ready());
  bench.net_ready = true;
  bench.run(30);
  CHECK(bench.net.frames == std::vector<Bytes>(5, Bytes(8, 1)));
}

}  // namespace
}  // namespace reveille::core::test
