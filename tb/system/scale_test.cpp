// SPDX-License-Identifier: Apache-2.0
// N cores behind a keyed hash of the client's address (docs/scale.md): what of one core's line, sessions and commands
// becomes N times as much, and what does not. Prints the page's tables; REVEILLE_LANE_FRAMES and REVEILLE_STARTS make
// them as long as they are there.
#include <deque>
#include <iomanip>
#include <iostream>
#include <memory>
#include <random>

#include "catch.hpp"
#include "model/policy/frames.hpp"
#include "reveille/core/client_hash.hpp"
#include "reveille/core/core.hpp"
#include "reveille/core/driver.hpp"
#include "story/stream.hpp"
#include "system/from_environment.hpp"

namespace reveille::sim::test {
namespace {

constexpr unsigned kMostLanes = 8;
constexpr std::size_t kLaneOctets = 16'384;    ///< of the queue in front of a core
constexpr std::size_t kLineOverhead = 24;      ///< octets of preamble, FCS and gap
constexpr std::uint64_t kFramesAClient = 400;  ///< of a core's share of the flood
constexpr std::uint64_t kDrainCycles = 1'024;  ///< more than the longest frame takes through a core
constexpr std::uint64_t kTag = 0x0123456789ABCDEF;
constexpr double kTenGigabit = 8;  ///< octets in a cycle of 156.25 MHz
constexpr double kHundredGigabit = 100e9 / 8 / 322.265625e6;

const std::uint64_t lane_frames = from_environment("REVEILLE_LANE_FRAMES", 8'000);
const std::uint64_t starts = from_environment("REVEILLE_STARTS", 100);

net::Address ipv4(std::uint32_t value) {
  Bytes octets;
  append_big_endian(octets, value, 4);
  return net::Address::from_octets(octets);
}

/// Tables by chance: those of a core, or others of its kind in front of the cores.
core::ClientHash tables(std::mt19937_64& random) {
  core::ClientHash hash;
  for (unsigned word = 0; word < core::ClientHash::kWords; ++word)
    hash.write(word, static_cast<std::uint32_t>(random()));
  return hash;
}

unsigned lane_of(const core::ClientHash& hash, const net::Address& client, unsigned lanes) {
  return hash.rows(client).row0 % lanes;
}

/// A core, and the queue in front of it.
struct Lane {
  Lane(unsigned number, const std::function<void()>& step)
      : driver(core, [this, step] { up ? step() : core.clock(); }) {
    core::Setup setup;
    setup.server.ipv4 = {policy::test::server4};
    setup.event_mask = 0;
    setup.noise_silence = 0;  // brought for the start alone
    setup.wake_tries = 1;
    setup.hops = {{{0x02, 0, 0, 0, 0, 0xFE}, {0x02, 0, 0, 0, 0, 0x01}, 0, 0}};
    driver.bring_up(setup, number + 1);
    up = true;
  }
  bool up = false;
  core::Core core;
  core::Driver driver;
  std::deque<Bytes> queue;
  std::size_t waiting = 0, deepest = 0;  ///< octets of the queue
  std::uint64_t frames = 0, lost = 0;    ///< came, and of them found no room
  FrameSender line;
  HostFrameCollector host;
};

struct Flood {
  unsigned lanes = 1;
  double octets_a_cycle = kTenGigabit;
  std::vector<net::Address> sources;
};

struct Seen {
  double load = 0;  ///< of a core's beats, on average over the cores
  double skew = 0;  ///< the busiest core's frames to the average
  double lost = 0;  ///< of all frames
  std::size_t deepest = 0;
  unsigned clients = 0, done = 0;
  double cycles_a_wake = 0;
};

/// The cores, a port in front of them that is full, and true clients that are woken meanwhile.
class Machine {
 public:
  Machine() {
    for (unsigned i = 0; i < kMostLanes; ++i) lanes_.push_back(std::make_unique<Lane>(i, [this] { step(); }));
  }

  Seen run(const Flood& flood, const core::ClientHash& hash) {
    begin(flood, hash);
    const std::uint64_t hostile = lane_frames * flood.lanes;
    const auto clients = static_cast<unsigned>(hostile / kFramesAClient);
    unsigned woken = 0;
    std::uint64_t wake_cycles = 0;
    Seen seen{.clients = clients};
    const std::uint64_t first_cycle = cycle_;
    while (sent_ < hostile || is_busy()) {
      if (woken < clients && sent_ * clients >= hostile * woken) {
        const std::uint64_t before = cycle_;
        wake(ipv4(next_client_++));
        wake_cycles += cycle_ - before;
        ++woken;
      }
      for (; !arrived_.empty(); arrived_.pop_front()) seen.done += answer(arrived_.front());
      if (std::exchange(flooding_, sent_ < hostile) != flooding_)
        seen.load = static_cast<double>(beats_) / static_cast<double>((cycle_ - first_cycle) * count_);
      step();
    }
    for (const net::Address& client : std::exchange(woken_, {})) {
      const core::Command close{.code = CommandCode::close, .client = client};
      REQUIRE(driver_of(client).command(close).code == ResultCode::ok);
    }
    seen.cycles_a_wake = static_cast<double>(wake_cycles) / clients;
    finish(seen);
    return seen;
  }

 private:
  void begin(const Flood& flood, const core::ClientHash& hash) {
    hash_ = &hash;
    count_ = flood.lanes;
    rate_ = flood.octets_a_cycle;
    credit_ = 0;
    sent_ = beats_ = 0;
    for (const std::unique_ptr<Lane>& lane : lanes_) lane->frames = lane->lost = lane->deepest = 0;
    hostile_.clear();
    for (const net::Address& source : flood.sources) {
      net::UdpFrame frame = policy::test::to_server4({2, 1, 0x10, 0x6E, 0, 0x0B, 0xAD, 0xF0, 0x0D});
      frame.source = source;
      hostile_.push_back(net::build(frame));
      hostile_.back().resize(60);
    }
    flooding_ = true;
  }

  [[nodiscard]] bool is_busy() const {
    if (!true_.empty() || !arrived_.empty()) return true;
    return std::ranges::any_of(lanes_, [this](const auto& lane) {
      return !lane->queue.empty() || !lane->line.idle() || cycle_ - last_beat_ < kDrainCycles;
    });
  }

  void step() {
    ++cycle_;
    credit_ += rate_;
    while (flooding_ || !true_.empty()) {
      const Bytes& frame = true_.empty() ? hostile_[random_() % hostile_.size()] : true_.front();
      const auto cost = static_cast<double>(frame.size() + kLineOverhead);
      if (credit_ < cost) break;
      credit_ -= cost;
      arrive(frame);
      true_.empty() ? static_cast<void>(++sent_) : true_.pop_front();
    }
    if (!flooding_ && true_.empty()) credit_ = 0;
    for (unsigned i = 0; i < count_; ++i) clock(*lanes_[i]);
  }

  void arrive(const Bytes& frame) {
    const net::Address source = net::Address::from_octets(ByteView(frame).subspan(26, 4));
    Lane& lane = *lanes_[lane_of(*hash_, source, count_)];
    ++lane.frames;
    if (lane.waiting + frame.size() > kLaneOctets) {
      ++lane.lost;
      return;
    }
    lane.queue.push_back(frame);
    lane.waiting += frame.size();
    lane.deepest = std::max(lane.deepest, lane.waiting);
  }

  void clock(Lane& lane) {
    if (lane.line.idle() && !lane.queue.empty()) {
      lane.line.start(lane.queue.front());
      lane.waiting -= lane.queue.front().size();
      lane.queue.pop_front();
    }
    lane.core.inputs.net_rx = lane.line.beat();
    const core::Outputs& out = lane.core.outputs();
    if (lane.core.inputs.net_rx.valid) {
      last_beat_ = cycle_;
      ++beats_;
      if (out.net_rx_ready) lane.line.advance();
    }
    if (out.host_rx.valid && lane.host.take(out.host_rx)) arrived_.push_back(lane.host.frame());
    lane.core.clock();
  }

  void wake(const net::Address& client) {
    core::Command command{.code = CommandCode::wake, .client = client, .lifetime = 1'000'000'000};
    const driver::CommandResult result = driver_of(client).command(command);
    REQUIRE(result.code == ResultCode::ok);
    woken_.push_back(client);
    say(client, policy::test::ap_request(result.entry.nonce));
  }

  /// What came to the host. Whether it ended an exchange.
  unsigned answer(const Bytes& frame) {
    const net::UdpDatagram datagram = net::parse(frame);
    if (datagram.payload.at(0) != 2) return 1;
    core::Command command{.code = CommandCode::reply, .client = datagram.source, .tag = kTag};
    REQUIRE(driver_of(datagram.source).command(command).code == ResultCode::ok);
    say(datagram.source, policy::test::sa_recovered(kTag));
    return 0;
  }

  core::Driver& driver_of(const net::Address& client) { return lanes_[lane_of(*hash_, client, count_)]->driver; }
  void say(const net::Address& client, Bytes message) {
    net::UdpFrame frame = policy::test::to_server4(std::move(message));
    frame.source = client;
    true_.push_back(net::build(frame));
    true_.back().resize(std::max<std::size_t>(60, true_.back().size()));
  }

  void finish(Seen& seen) const {
    std::uint64_t frames = 0, lost = 0, most = 0;
    for (unsigned i = 0; i < count_; ++i) {
      const Lane& lane = *lanes_[i];
      frames += lane.frames;
      lost += lane.lost;
      most = std::max(most, lane.frames);
      seen.deepest = std::max(seen.deepest, lane.deepest);
    }
    seen.skew = static_cast<double>(most * count_) / static_cast<double>(frames);
    seen.lost = static_cast<double>(lost) / static_cast<double>(frames);
  }

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Bytes> hostile_;
  std::vector<net::Address> woken_;
  std::deque<Bytes> true_;     ///< are sent next
  std::deque<Bytes> arrived_;  ///< at the host
  const core::ClientHash* hash_ = nullptr;
  std::mt19937_64 random_{1};
  unsigned count_ = 1;
  double rate_ = 0, credit_ = 0;  ///< octets
  bool flooding_ = false;
  std::uint64_t sent_ = 0, cycle_ = 0, beats_ = 0, last_beat_ = 0;
  std::uint32_t next_client_ = 0x0A00'0001;
};

std::vector<net::Address> any_sources(unsigned count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<net::Address> sources;
  while (sources.size() < count)
    sources.push_back(ipv4(0x0B00'0000 + static_cast<std::uint32_t>(random() % 0xC000'0000)));
  return sources;
}

/// Those of them that this hash sends to the first of so many cores.
std::vector<net::Address> aimed(const core::ClientHash& hash, unsigned lanes) {
  std::vector<net::Address> sources = any_sources(4'096 * lanes, 7);
  std::erase_if(sources, [&](const net::Address& source) { return lane_of(hash, source, lanes) != 0; });
  return sources;
}

void print(const std::string& port, unsigned lanes, const std::string& attack, const Seen& seen) {
  std::cout << std::fixed << "| " << port << " | " << lanes << " | " << attack << " | " << std::setprecision(1)
            << 100 * seen.load << " | " << std::setprecision(2) << seen.skew << " | " << std::setprecision(1)
            << static_cast<double>(seen.deepest) / 1024 << " | " << 100 * seen.lost << " | " << seen.done << " of "
            << seen.clients << " | " << std::setprecision(0) << seen.cycles_a_wake << " |\n";
}

}  // namespace

TEST_CASE("N cores carry N lines, and whoever cannot aim at one of them takes no true client away") {
  Machine machine;
  std::mt19937_64 random(99);
  const core::ClientHash known = tables(random), secret = tables(random);
  std::cout << "| port | cores | hostile frames from | beats of a core in use, % | busiest core, of the average | "
               "deepest queue, KiB | lost in front, % | exchanges completed | cycles a wake |\n"
               "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (const unsigned lanes : {1U, 2U, 4U, 8U}) {
    const std::string port = std::to_string(lanes) + " x 10 Gbit/s";
    const auto play = [&](const std::string& attack, std::vector<net::Address> sources) {
      const Seen seen = machine.run({lanes, lanes * kTenGigabit, std::move(sources)}, secret);
      print(port, lanes, attack, seen);
      return seen;
    };
    INFO(port);
    const Seen any = play("any address", any_sources(65'536, 3));
    CHECK(any.lost == 0);
    CHECK(any.done == any.clients);
    CHECK(any.load > 0.75);
    if (lanes == 1) continue;
    play("64 addresses of their own", any_sources(64, 5));
    const Seen missed = play("4,096 that another key would send to one core", aimed(known, lanes));
    CHECK(missed.lost == 0);
    CHECK(missed.done == missed.clients);
    const Seen hit = play("4,096 that this key sends to one core", aimed(secret, lanes));
    CHECK(hit.lost > 0.8 * (1 - 1 / (0.76 * lanes)));
    CHECK(hit.done < hit.clients);
    CHECK(hit.done >= hit.clients / 2 / lanes);  // those of the other cores
  }
  for (const unsigned lanes : {2U, 4U, 8U}) {
    const Seen seen = machine.run({lanes, kHundredGigabit, any_sources(65'536, 3)}, secret);
    print("100 Gbit/s, 322 MHz", lanes, "any address", seen);
    if (lanes == 2) {
      CHECK(seen.lost > 0.3);
    } else {
      CHECK(seen.lost == 0);
      CHECK(seen.done == seen.clients);
    }
  }
}

TEST_CASE("N stores carry N times half a store, less what chance gives one of them more than the others") {
  constexpr unsigned ways = 4;
  std::cout
      << "| cores | sessions | starts | refused at 45 % load, % of starts | 50 % | 55 % | first refusal, % of the "
         "sessions: least | 1 % | median |\n| ---: "
      << "| ---: "
      << "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  std::mt19937_64 random(2026);
  for (const unsigned lanes : {1U, 2U, 4U, 8U}) {
    std::vector<double> first;
    for (std::uint64_t start = 0; start < starts; ++start) {
      const core::ClientHash front = tables(random);
      std::vector<core::ClientHash> hashes;
      hashes.reserve(lanes);
      for (unsigned i = 0; i < lanes; ++i) hashes.push_back(tables(random));
      std::vector<std::array<std::array<std::uint8_t, config::kSessions / 8>, 2>> live(lanes);
      for (std::uint32_t woken = 0;; ++woken) {
        const net::Address client = ipv4(0x0A00'0000 + woken);
        const unsigned lane = lane_of(front, client, lanes);
        const core::ClientHash::Rows rows = hashes[lane].rows(client);
        std::uint8_t& bank0 = live[lane][0][rows.row0];
        std::uint8_t& bank1 = live[lane][1][rows.row1];
        std::uint8_t& chosen = bank1 < bank0 ? bank1 : bank0;
        if (chosen++ < ways) continue;
        first.push_back(static_cast<double>(woken) / (lanes * config::kSessions));
        break;
      }
    }
    std::ranges::sort(first);
    const auto refused = [&first](double load) {
      return 100.0 * static_cast<double>(std::ranges::lower_bound(first, load) - first.begin()) /
             static_cast<double>(first.size());
    };
    std::cout << std::fixed << std::setprecision(2) << "| " << lanes << " | " << lanes * config::kSessions << " | "
              << starts << " | " << refused(0.45) << " | " << refused(0.5) << " | " << refused(0.55) << " | "
              << std::setprecision(1) << 100 * first.front() << " | " << 100 * first[first.size() / 100] << " | "
              << 100 * first[first.size() / 2] << " |\n";
    CHECK(first[first.size() / 2] > 0.55);
  }
}

}  // namespace reveille::sim::test
