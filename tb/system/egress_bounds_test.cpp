// SPDX-License-Identifier: Apache-2.0
// What waits for the framer waits no longer than bounds B6 to B8 of docs/timing.md say, while the host sends as hard as
// it can; and what has nothing to do with m_axis_net is not held up where that is stalled (B1, B4). On the whole core;
// what no port shows is seen in the model, which lockstep holds to the RTL. Prints the worst wait beside its bound.
#include <cstdio>
#include <map>
#include <random>

#include "catch.hpp"
#include "engine/core_engine.hpp"
#include "reveille/config.hpp"
#include "system/engine_under_test.hpp"
#include "system/flood.hpp"
#include "system/host_traffic.hpp"

namespace reveille::sim::test {
namespace {

using namespace core::test;
using core::Command;
using core::EventKind;

constexpr unsigned kGroup = 6;  // sessions of each kind that is due
constexpr std::uint64_t kInterval = 1000;
constexpr std::uint64_t kVisits = std::uint64_t{25} * config::kSessions;  // B4, B7 without commands
constexpr std::uint64_t kFraming = 3900;                                  // B6, and B7 for each Wake Up before
constexpr std::uint64_t kMessage = 3800;                                  // B8
constexpr std::uint64_t kRead = 440;                                      // B1, and some twenty accesses

/// The longest wait of a kind, and the bound of that one.
struct Longest {
  std::uint64_t wait = 0;
  std::uint64_t bound = 0;

  void note(std::uint64_t a_wait, std::uint64_t its_bound) {
    CHECK(a_wait <= its_bound);
    if (a_wait >= wait) *this = {a_wait, its_bound};
  }
  void print(const char* name) const {
    std::printf("  %-44s %8llu of %8llu\n", name, static_cast<unsigned long long>(wait),
                static_cast<unsigned long long>(bound));
  }
};

struct Worst {
  Longest taken, wakeup, failed, expired, message;
};

class EgressBounds {
 public:
  EgressBounds()
      : cores_(engine_under_test(), 12), model_(dynamic_cast<core::Core&>(*cores_.model())), bench_(cores_.core()) {
    core::Setup setup = both_families_setup();
    setup.wake_tries = 2;
    setup.wake_interval_us = kInterval;
    setup.event_mask = 0;
    setup.noise_silence = 0;
    setup.principal = std::string(127, 'p');  // the longest Wake Ups
    bench_.driver.bring_up(setup, 12);
    choose_clients();
    bench_.perturb = [this](core::Inputs& in) { drive(in); };
  }

  /// Everything due at once: the first Wake Ups of a group of sessions, the retransmissions of those of the last call,
  /// and the give-ups of those before them. Nearly a round of the wake walk lies before the first of them.
  void play(const HostTraffic::Mix& mix, std::optional<Flood> flood, Worst& worst) {
    INFO(mix.name);
    begin(mix, std::move(flood), worst);
    for (const net::Address& client : groups_[turn_ % 3]) {
      due_[client.octets] = {bench_.cycle, handed_over_};
      insert(client, true, std::uint64_t{1} << 40);
    }
    cores_.core().inputs.time_us += 4 * kInterval;
    for (unsigned before : {1U, 2U}) {
      if (turn_ < before) continue;
      for (const net::Address& client : groups_[(turn_ - before) % 3])
        due_[client.octets] = {bench_.cycle, handed_over_};
    }
    finish_all_due(kVisits + (2 * kGroup + 1) * (kFraming + 2 * mix.passing));
    worst.message.note(host_->message_wait, kMessage);
    if (turn_ >= 2) close(groups_[(turn_ - 2) % 3]);
    ++turn_;
    end();
  }

  /// Sessions that expire while m_axis_net is ready as `net_ready` says, and what the host reads meanwhile.
  void stall(const HostTraffic::Mix& mix, std::function<bool()> net_ready, Worst& worst) {
    INFO(mix.name);
    begin(mix, {}, worst);
    for (const net::Address& client : groups_[0]) insert(client, false, kInterval);
    for (const net::Address& client : groups_[1]) insert(client, true, std::uint64_t{1} << 40);
    net_ready_ = std::move(net_ready);
    egress_ = false;
    bench_.run(10'000);
    cores_.core().inputs.time_us += kInterval;
    for (const net::Address& client : groups_[0]) due_[client.octets] = {bench_.cycle, handed_over_};
    finish_all_due(kVisits);
    for (unsigned i = 0; i < 10; ++i) {
      const std::uint64_t before = bench_.cycle;
      REQUIRE(bench_.driver.command(make_command(CommandCode::read, groups_[1][0])).code == ResultCode::ok);
      CHECK(bench_.cycle - before < kRead);
    }
    net_ready_ = nullptr;
    close(groups_[1]);
    end();
    egress_ = true;
  }

  void finish() { cores_.core().finish(); }

 private:
  struct Due {
    std::uint64_t since = 0;
    std::uint64_t handed_over = 0;  ///< Wake Ups until then
  };

  /// Clients whose sessions lie close together, so that the next Wake Up waits soon after the framer took the last one.
  void choose_clients() {
    std::map<std::uint16_t, net::Address> by_location;
    for (unsigned i = 0; i < 250; ++i) {
      net::Address client = net::Address::parse("2001:db8:5::");
      client.octets[14] = static_cast<std::uint8_t>(i >> 8);
      client.octets[15] = static_cast<std::uint8_t>(i);
      by_location[insert(client, false, std::uint64_t{1} << 40)] = client;
    }
    const std::vector<std::pair<std::uint16_t, net::Address>> all(by_location.begin(), by_location.end());
    std::size_t first = 0;
    const auto span = [&](std::size_t from) { return all[from + 3 * kGroup - 1].first - all[from].first; };
    for (std::size_t i = 0; i + 3 * kGroup <= all.size(); ++i)
      if (span(i) < span(first)) first = i;
    for (std::size_t i = 0; i < 3 * kGroup; ++i) groups_[i % 3].push_back(all[first + i].second);
    for (const auto& [location, client] : all) close({client});
  }

  std::uint16_t insert(const net::Address& client, bool armed, std::uint64_t lifetime) {
    Command restore = make_command(CommandCode::restore, client);
    restore.nonce = nonce;
    restore.lifetime = lifetime;
    restore.armed = armed;
    restore.hop = 1;  // which has a tag
    const core::CommandResult result = bench_.driver.command(restore);
    REQUIRE(result.code == ResultCode::ok);
    return result.location;
  }
  void close(const std::vector<net::Address>& clients) {
    for (const net::Address& client : clients)
      REQUIRE(bench_.driver.command(make_command(CommandCode::close, client)).code == ResultCode::ok);
  }

  void begin(const HostTraffic::Mix& mix, std::optional<Flood> flood, Worst& worst) {
    worst_ = &worst;
    passing_ = mix.passing;
    host_.emplace(mix);
    flood_ = std::move(flood);
    frames_out_ = 0;
    handed_over_ = 0;
    bench_.run(5'000);
  }
  void finish_all_due(std::uint64_t limit) {
    const std::uint64_t from = bench_.cycle;
    while (!due_.empty()) {
      if (bench_.cycle - from > limit)
        FAIL(due_.size() << " still wait, " << handed_over_ << " Wake Ups were handed over");
      bench_.step();
    }
  }
  /// Lets everything out that went in.
  void end() {
    host_->stop();
    flood_.reset();
    for (unsigned i = 0; !host_->done() || waiting_since_ || frames_out_ != host_->frames + handed_over_; ++i) {
      if (i == 30'000)
        FAIL(frames_out_ << " frames came out, of " << host_->frames << " and " << handed_over_ << " Wake Ups");
      bench_.step();
    }
    host_.reset();
    bench_.net.frames.clear();
    while (bench_.driver.pop_event()) continue;
  }

  void drive(core::Inputs& in) {
    const core::Outputs& out = cores_.core().outputs();
    in.net_tx_ready = !net_ready_ || net_ready_();
    if (out.net_tx.valid && in.net_tx_ready && out.net_tx.last) ++frames_out_;
    if (flood_) flood_->drive(in);
    if (!host_) return;
    host_->drive(in, out.host_tx_ready, bench_.cycle);
    observe();
  }

  void observe() {
    const core::SessionControl& control = model_.session_control();
    if (const core::WakeupJob* job = control.wakeup()) {
      if (!waiting_since_) {
        waiting_since_ = bench_.cycle;
        note_due(job->client, worst_->wakeup);
        ++handed_over_;
      }
    } else if (waiting_since_) {  // it was taken in the cycle before
      if (egress_) worst_->taken.note(bench_.cycle - 1 - *waiting_since_, kFraming + 2 * passing_);
      waiting_since_.reset();
    }
    if (const core::Event* event = control.event())
      note_due(event->address, event->kind == EventKind::expired ? worst_->expired : worst_->failed);
  }
  void note_due(const net::Address& client, Longest& longest) {
    const auto due = due_.find(client.octets);
    if (due == due_.end()) return;
    // One more may have waited by then.
    const std::uint64_t before = &longest == &worst_->expired ? 0 : handed_over_ - due->second.handed_over + 1;
    longest.note(bench_.cycle - due->second.since, kVisits + before * (kFraming + 2 * passing_));
    due_.erase(due);
  }

  CoreSet cores_;
  core::Core& model_;
  Bench bench_;
  std::array<std::vector<net::Address>, 3> groups_;
  unsigned turn_ = 0;
  Worst* worst_ = nullptr;
  unsigned passing_ = 0;
  std::optional<HostTraffic> host_;
  std::optional<Flood> flood_;
  std::function<bool()> net_ready_;
  bool egress_ = true;  // the bounds marked so hold
  std::map<std::array<std::uint8_t, 16>, Due> due_;
  std::uint64_t frames_out_ = 0;   // on m_axis_net
  std::uint64_t handed_over_ = 0;  // Wake Ups
  std::optional<std::uint64_t> waiting_since_;
};

const HostTraffic::Mix kMixes[] = {{"messages back to back", true, 0},
                                   {"passing frames of 60 octets", false, 8},
                                   {"passing frames of 1,514 octets", false, 190},
                                   {"passing frames of 9,216 octets", false, 1152},
                                   {"messages, and frames of 60 octets", true, 8},
                                   {"messages, and frames of 1,514 octets", true, 190},
                                   {"messages, and frames of 9,216 octets", true, 1152}};

TEST_CASE("B6 to B8: whatever the host sends, a Wake Up, a give-up and a message wait no longer than they may") {
  EgressBounds bounds;
  for (const HostTraffic::Mix& mix : kMixes) {
    Worst worst;
    for (const unsigned spacing : {0U, 7U, 19U}) {
      std::optional<Flood> flood;
      if (spacing != 0) flood.emplace(flood_frame(Shape::ipv4, client4), spacing, spacing == 19, spacing);
      bounds.play(mix, std::move(flood), worst);
    }
    std::printf("%s:\n", mix.name.c_str());
    worst.taken.print("B6 a Wake Up until the framer takes it");
    worst.wakeup.print("B7 a Wake Up or retransmission that is due");
    worst.failed.print("B7 a wake_failed that is due");
    if (mix.messages) worst.message.print("B8 a host message");
  }
  bounds.finish();
}

TEST_CASE("B1, B4: m_axis_net stalled by turns, or for good, holds up neither what expires nor the host's commands") {
  EgressBounds bounds;
  std::mt19937 random(1);
  unsigned cycle = 0;
  const std::function<bool()> never = [] { return false; };
  const std::function<bool()> half = [&] { return random() % 2 == 0; };
  const std::function<bool()> by_turns = [&] { return ++cycle % 3000 < 1000; };
  Worst worst;
  for (const auto& net_ready : {never, half, by_turns}) bounds.stall(kMixes[5], net_ready, worst);
  worst.expired.print("B4 a session that expires, m_axis_net stalled");
  bounds.finish();
}

}  // namespace
}  // namespace reveille::sim::test
