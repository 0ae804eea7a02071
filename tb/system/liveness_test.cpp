// SPDX-License-Identifier: Apache-2.0
// Nothing that is due waits for a gap in the traffic: bounds B1 to B7 of docs/timing.md, measured on the whole core
// under floods of every spacing, fixed and jittered. Prints the worst wait of each thing beside its bound.
#include <iomanip>
#include <iostream>
#include <map>

#include "catch.hpp"
#include "engine/core_engine.hpp"
#include "model/core/support.hpp"
#include "reveille/config.hpp"
#include "system/engine_under_test.hpp"
#include "system/flood.hpp"

namespace reveille::sim::test {
namespace {

using namespace core::test;
using core::Command;
using core::EventKind;

constexpr unsigned kSessions = 24;         // of each kind
constexpr std::uint64_t kInterval = 1000;  // microseconds to the second Wake Up
constexpr std::uint64_t kFramer = 3900;    // B7, for each Wake Up that is due before

/// The bounds of docs/timing.md, in cycles. What the host reads of the log, it reads record by record: a record of
/// eight words takes it some hundred cycles, and before the last session event there may be 96 verdicts and the other
/// sessions'.
struct Bounds {
  static constexpr std::uint64_t visits = std::uint64_t{25} * config::kSessions;                // B4, without commands
  static constexpr std::uint64_t visits_and_commands = std::uint64_t{200} * config::kSessions;  // B4
  static constexpr std::uint64_t reading = 20'000;
  static constexpr std::uint64_t command = 440;  // B1, and some twenty accesses
};

net::Address client(unsigned i) {
  net::Address address = client4;
  address.octets[14] = static_cast<std::uint8_t>(i >> 8);
  address.octets[15] = static_cast<std::uint8_t>(i);
  return address;
}

/// The worst waits of one kind of flood.
struct Worst {
  std::uint64_t expiry = 0;
  std::uint64_t wakeup = 0;
  std::uint64_t wake_failed = 0;
  std::uint64_t command = 0;
};

class Liveness {
 public:
  Liveness() : cores_(engine_under_test(), 11), bench_(cores_.core()) {
    core::Setup setup = both_families_setup();
    setup.wake_tries = 2;
    setup.wake_interval_us = kInterval;
    setup.event_mask = 0;
    setup.noise_silence = 0;
    bench_.driver.bring_up(setup, 11);
    bench_.perturb = [this](core::Inputs& in) {
      if (flood_) flood_->drive(in);
    };
    Command decoy = make_command(CommandCode::restore, client4);  // whom the flood guesses at
    decoy.client.octets[13] ^= 1;
    decoy.nonce = nonce;
    decoy.lifetime = std::uint64_t{1} << 40;
    REQUIRE(bench_.driver.command(decoy).code == ResultCode::ok);
    decoy_ = decoy.client;
  }

  /// All that is due comes due at once, in the flood. `logged`: so do verdict events. `commands`: the host sends them
  /// back to back meanwhile.
  void play(Shape shape, unsigned spacing, bool jittered, bool logged, bool commands, Worst& worst) {
    bench_.driver.write(core::address::event_mask, logged ? 1U << 11 | 1U << 10 : 0);
    const std::uint64_t bound = commands ? Bounds::visits_and_commands : Bounds::visits;
    insert(0, false, kInterval);
    insert(kSessions, true, std::uint64_t{1} << 40);
    await(0, kSessions, EventKind::verdict, bound, commands);  // the first Wake Ups
    const net::Address stranger = net::Address::parse(shape == Shape::ipv4 ? "203.0.113.9" : "2001:db8:9::9");
    flood_.emplace(flood_frame(shape, shape == Shape::ipv4 && spacing % 2 == 0 ? decoy_ : stranger), spacing, jittered,
                   spacing);
    bench_.run(500);

    INFO("shape " << static_cast<int>(shape) << " spacing " << spacing << (jittered ? " jittered" : ""));
    cores_.core().inputs.time_us += kInterval;
    const Waits due = await(kSessions, kSessions, EventKind::expired, bound, commands);
    worst.expiry = std::max(worst.expiry, due.event);
    worst.wakeup = std::max(worst.wakeup, due.wakeup);
    cores_.core().inputs.time_us += 2 * kInterval;
    worst.wake_failed = std::max(worst.wake_failed, await(kSessions, 0, EventKind::wake_failed, bound, commands).event);
    for (unsigned i = 0; i < 10; ++i) worst.command = std::max(worst.command, timed_read());
    for (unsigned i = kSessions; i < 2 * kSessions; ++i)
      REQUIRE(bench_.driver.command(make_command(CommandCode::close, client(i))).code == ResultCode::ok);
    flood_.reset();
    bench_.run(100);
    while (bench_.driver.pop_event()) {
    }
  }
  void finish() { cores_.core().finish(); }

 private:
  struct Waits {
    std::uint64_t event = 0;
    std::uint64_t wakeup = 0;
  };
  void insert(unsigned first, bool armed, std::uint64_t lifetime) {
    for (unsigned i = first; i < first + kSessions; ++i) {
      Command restore = make_command(CommandCode::restore, client(i));
      restore.nonce = nonce + i;
      restore.lifetime = lifetime;
      restore.armed = armed;
      REQUIRE(bench_.driver.command(restore).code == ResultCode::ok);
    }
  }

  /// Until so many events of `kind` were read, and so many Wake Ups sent: the waits of the last ones.
  Waits await(unsigned events, unsigned wakeups, EventKind kind, std::uint64_t bound, bool commands) {
    const std::uint64_t from = bench_.cycle;
    Waits waits;
    unsigned read = 0;
    while (read < events || bench_.net.frames.size() < wakeups) {
      if (bench_.net.frames.size() < wakeups) waits.wakeup = bench_.cycle - from;
      if (commands) static_cast<void>(timed_read());
      if (const auto event = bench_.driver.pop_event(); event && event->kind == kind) {
        ++read;
        waits.event = bench_.cycle - from;
      }
      // Wake Ups that are due before this one take the framer's time (B7).
      REQUIRE(bench_.cycle - from < bound + Bounds::reading + wakeups * kFramer);
    }
    bench_.net.frames.clear();
    return waits;
  }

  /// A `read` with all its accesses to registers: cycles.
  std::uint64_t timed_read() {
    Command read = make_command(CommandCode::read, decoy_);
    const std::uint64_t before = bench_.cycle;
    REQUIRE(bench_.driver.command(read).code == ResultCode::ok);
    return bench_.cycle - before;
  }

  CoreSet cores_;
  Bench bench_;
  std::optional<Flood> flood_;
  net::Address decoy_;
};

void print(const std::string& name, const Worst& worst, std::uint64_t bound) {
  std::cout << std::left << std::setw(44) << name << std::right << std::setw(10) << worst.expiry << std::setw(10)
            << worst.wakeup << std::setw(12) << worst.wake_failed << std::setw(10) << worst.command << std::setw(10)
            << bound << '\n';
}

TEST_CASE("Whatever the spacing of a flood, what is due happens within its bound") {
  Liveness liveness;
  std::cout << "worst wait, cycles                               expiry   Wake Up wake_failed  a `read`  bound B4\n";
  const std::pair<Shape, std::string> shapes[] = {
      {Shape::ipv4, "IPv4"}, {Shape::ipv6, "IPv6"}, {Shape::ipv6_tagged, "IPv6, two tags"}};
  for (const auto& [shape, name] : shapes) {
    const unsigned step = shape == Shape::ipv4 ? 1 : 3;
    for (const bool jittered : {false, true}) {
      Worst worst;
      for (unsigned spacing = 7; spacing <= 64; spacing += step)
        liveness.play(shape, spacing, jittered, spacing % 3 == 1, false, worst);
      print(name + (jittered ? ", jittered" : ", fixed") + ", spacing 7 to 64", worst, Bounds::visits);
      CHECK(worst.expiry < Bounds::visits);
      CHECK(worst.wakeup < Bounds::visits);
      CHECK(worst.wake_failed < Bounds::visits);
      CHECK(worst.command < Bounds::command);
    }
  }
  liveness.finish();
}

TEST_CASE("Nor do commands back to back hold up what is due") {
  Liveness liveness;
  Worst worst;
  for (const unsigned spacing : {7U, 8U, 14U, 16U, 19U, 64U})
    liveness.play(Shape::ipv4, spacing, false, true, true, worst);
  print("IPv4, fixed, with commands back to back", worst, Bounds::visits_and_commands);
  liveness.finish();
}

}  // namespace
}  // namespace reveille::sim::test
