// SPDX-License-Identifier: Apache-2.0
// The Verilated core and its model, every output of every cycle, at the borders of the sizes that they were built for:
// the store with all sessions that find a place, all server addresses, a full frame buffer and a full event log.
#include <iostream>
#include <random>
#include <set>

#include "catch.hpp"
#include "engine/lockstep.hpp"
#include "engine/make_verilated_core.hpp"
#include "model/core/support.hpp"
#include "reveille/config.hpp"
#include "reveille/core/register_fields.hpp"

namespace reveille::sim::test {
namespace {

using namespace core::test;
using core::Command;
using core::EventKind;

constexpr int seed = 20;
constexpr unsigned most_clients = 6000;  // of a large store only a part is filled, for the time that takes
constexpr std::uint64_t lifetime = 1'000'000;

/// As many addresses as there are registers, the last of them enabled like the others.
core::Setup setup_of_all_addresses() {
  core::Setup setup = both_families_setup();
  setup.server.ipv4.clear();
  setup.server.ipv6.clear();
  for (unsigned i = 0; i < config::kIpv4Addresses; ++i) {
    setup.server.ipv4.push_back(server4);
    setup.server.ipv4.back().octets[15] = static_cast<std::uint8_t>(10 + i);
  }
  for (unsigned i = 0; i < config::kIpv6Addresses; ++i) {
    setup.server.ipv6.push_back(server6);
    setup.server.ipv6.back().octets[15] = static_cast<std::uint8_t>(10 + i);
  }
  setup.server.listed = true;
  setup.wake_tries = 1;
  setup.event_mask = 0;
  return setup;
}

class Sizes {
 public:
  Sizes() : rtl_(make_verilated_core(seed)), lockstep_(*rtl_, model_, seed), bench_(lockstep_) {
    bench_.driver.bring_up(setup_, seed);
  }
  [[nodiscard]] Bench& bench() { return bench_; }
  [[nodiscard]] core::Driver& driver() { return bench_.driver; }
  [[nodiscard]] core::Inputs& inputs() { return lockstep_.inputs; }
  void finish() { lockstep_.finish(); }

  /// An AP Request from there to the server's last address of the family.
  Verdict request(const net::Address& client, std::uint32_t returned = nonce) {
    return bench_.judge(request_frame(client, setup_.server.ipv6.back(), returned));
  }
  static Bytes request_frame(const net::Address& client, const net::Address& server, std::uint32_t returned) {
    net::UdpFrame frame = to_server6(ap_request(returned));
    frame.source = client;
    frame.destination = server;
    return net::build(frame);
  }
  [[nodiscard]] const core::Setup& setup() const { return setup_; }

 private:
  core::Setup setup_ = setup_of_all_addresses();
  std::unique_ptr<core::CoreInterface> rtl_;
  core::Core model_;
  Lockstep lockstep_;
  Bench bench_;
};

net::Address random_client(std::mt19937_64& random) {
  net::Address client = client6;
  for (unsigned octet = 8; octet < 16; ++octet) client.octets[octet] = static_cast<std::uint8_t>(random());
  return client;
}

Command restore_of(const net::Address& client) {
  Command restore = make_command(CommandCode::restore, client);
  restore.nonce = nonce;
  restore.lifetime = lifetime;
  return restore;
}

TEST_CASE("The sizes that the registers tell are those of the configuration") {
  Sizes sizes;
  const std::uint32_t told = sizes.driver().read(core::address::parameters);
  CHECK(1U << FIELD(told, PARAMETERS_SESSIONS) == config::kSessions);
  CHECK(1U << FIELD(told, PARAMETERS_FRAME_BUFFER) == config::kFrameBufferBeats);
  CHECK(1U << FIELD(told, PARAMETERS_EVENT_LOG) == config::kEventRecords);
  CHECK(FIELD(told, PARAMETERS_IPV4_ADDRESSES) == config::kIpv4Addresses);
  CHECK(FIELD(told, PARAMETERS_IPV6_ADDRESSES) == config::kIpv6Addresses);
  CHECK(FIELD(told, PARAMETERS_IN_BAND_HEADER) == config::kInBandHeader);
  sizes.finish();
}

TEST_CASE("RTL and model agree with all sessions in use, from the first location to the last") {
  Sizes sizes;
  std::mt19937_64 random(seed);
  std::vector<net::Address> clients;
  std::set<unsigned> places;
  unsigned refused = 0;
  const unsigned tries = std::min(config::kSessions * 3 / 2, most_clients);
  for (unsigned i = 0; i < tries; ++i) {
    const net::Address client = random_client(random);
    const auto result = sizes.driver().command(restore_of(client));
    if (result.code == ResultCode::full) {
      ++refused;
      continue;
    }
    REQUIRE(result.code == ResultCode::ok);
    CHECK(places.insert(result.location).second);
    clients.push_back(client);
    if (i % 16 == 0) CHECK(sizes.request(client) == Verdict::accepted);
    if (i % 16 == 8) CHECK(sizes.request(client, nonce ^ 1U << i / 16 % 32) == Verdict::false_nonce);
  }
  CHECK(*places.rbegin() < config::kSessions);
  CHECK(*places.rbegin() >= config::kSessions - config::kSessions / 16);  // its uppermost bits are in use
  if (tries > config::kSessions) CHECK(places.size() > config::kSessions / 100 * 95);
  CHECK(places.size() == clients.size());

  // Each way to a location leads to the same session; beyond the last one the upper bits are not looked at.
  for (unsigned i = 0; i < 64; ++i) {
    const net::Address& client = clients[random() % clients.size()];
    const auto found = sizes.driver().command(make_command(CommandCode::read, client));
    REQUIRE(found.code == ResultCode::ok);
    Command read = make_command(CommandCode::read_location, client);
    read.location = static_cast<std::uint16_t>(found.location + (i % 2 == 0 ? config::kSessions : 0));
    const auto there = sizes.driver().command(read);
    REQUIRE(there.code == ResultCode::ok);
    CHECK(there.entry.client == client);
    CHECK(there.location == found.location);
  }

  // All of them expire within B4, without commands; the log has room for some.
  sizes.inputs().time_us += 2 * lifetime;
  CHECK(sizes.request(clients.front()) == Verdict::not_woken);
  sizes.bench().run(25ULL * config::kSessions);
  unsigned expired = 0;
  while (const auto event = sizes.driver().pop_event()) expired += event->kind == EventKind::expired ? 1 : 0;
  CHECK(expired == config::kEventRecords);
  CHECK(expired + sizes.driver().read(core::address::event_dropped) == clients.size());
  std::cout << config::kName << ": " << clients.size() << " sessions in use, " << refused << " refused, "
            << sizes.bench().cycle << " cycles\n";
  CHECK(sizes.driver().command(restore_of(clients.front())).code == ResultCode::ok);
  sizes.finish();
}

TEST_CASE("RTL and model agree on every server address, and on none beyond them") {
  Sizes sizes;
  REQUIRE(sizes.driver().command(restore_of(client6)).code == ResultCode::ok);
  for (const net::Address& address : sizes.setup().server.ipv6)
    CHECK(sizes.bench().judge(Sizes::request_frame(client6, address, nonce ^ 1)) == Verdict::false_nonce);
  net::Address beyond = sizes.setup().server.ipv6.back();
  ++beyond.octets[15];
  CHECK(sizes.bench().judge(Sizes::request_frame(client6, beyond, nonce)) == Verdict::bypass);
  for (const net::Address& address : sizes.setup().server.ipv4) {
    net::UdpFrame frame = to_server4(ap_request(nonce));
    frame.destination = address;
    CHECK(sizes.bench().judge(net::build(frame)) == Verdict::not_woken);
  }
  // A Wake Up goes out from each.
  for (unsigned i = 0; i < config::kIpv6Addresses; ++i) {
    std::mt19937_64 random(i);
    Command wake = make_command(CommandCode::wake, random_client(random));
    wake.lifetime = lifetime;
    wake.source = static_cast<std::uint8_t>(i);
    REQUIRE(sizes.driver().command(wake).code == ResultCode::ok);
    sizes.bench().run(1000);
  }
  REQUIRE(sizes.bench().net.frames.size() == config::kIpv6Addresses);
  constexpr std::size_t source_ends = 14 + 8 + 15;
  for (unsigned i = 0; i < config::kIpv6Addresses; ++i)
    CHECK(sizes.bench().net.frames[i].at(source_ends) == sizes.setup().server.ipv6[i].octets[15]);
  sizes.finish();
}

TEST_CASE("RTL and model agree while frame buffer and event log are full") {
  Sizes sizes;
  Bench& bench = sizes.bench();
  sizes.inputs().host_rx_ready = false;
  const Bytes ordinary(8, 0xEE);  // one beat, so that the limit is met to the beat
  const auto fits = [&bench](const Bytes& frame) {
    bench.judge(frame);
    return !bench.verdicts.front().out.verdict_lost;
  };
  unsigned kept = 0;
  while (fits(ordinary)) ++kept;  // bypass: all but the reserve
  CHECK(kept == config::kFrameBufferBeats - config::kFrameBufferReserve);
  // Frames of sessions: the reserve too
  std::mt19937_64 random(seed);
  unsigned accepted = 0;
  for (bool room = true; room; accepted += room ? 1 : 0) {
    const net::Address client = random_client(random);
    REQUIRE(sizes.driver().command(restore_of(client)).code == ResultCode::ok);
    net::UdpFrame frame = to_server6(ap_request(nonce, 1000));
    frame.source = client;
    frame.destination = sizes.setup().server.ipv6.back();
    room = fits(net::build(frame));
  }
  CHECK(accepted >= config::kFrameBufferReserve / 150);
  sizes.inputs().host_rx_ready = true;
  bench.run((1 + header_beats) * config::kFrameBufferBeats + 100);
  CHECK(bench.host.frames.size() == kept + accepted);

  // Verdict events leave the reserve to others.
  sizes.driver().write(core::address::event_mask, MASK(EVENT_MASK_VERDICTS));
  for (unsigned i = 0; i < config::kEventRecords + 20; ++i) {
    sizes.request(client6);
    bench.run(20);
  }
  CHECK(sizes.driver().read(core::address::event_count) == config::kEventRecords - config::kEventReserve);
  const std::uint32_t dropped = sizes.driver().read(core::address::event_dropped);
  CHECK(dropped >= 20);
  for (unsigned i = 0; i < 2 * config::kEventReserve; ++i)  // of sessions that expire
    static_cast<void>(sizes.driver().command(restore_of(random_client(random))));
  sizes.inputs().time_us += 2 * lifetime;
  bench.run(25ULL * config::kSessions + 1000 * config::kEventReserve);
  CHECK(sizes.driver().read(core::address::event_count) == config::kEventRecords);
  CHECK(sizes.driver().read(core::address::event_dropped) > dropped);
  unsigned read = 0;
  while (sizes.driver().pop_event()) ++read;
  CHECK(read == config::kEventRecords);
  sizes.finish();
}

}  // namespace
}  // namespace reveille::sim::test
