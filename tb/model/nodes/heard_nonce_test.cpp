// SPDX-License-Identifier: Apache-2.0
// Who hears every Wake Up and every Error Reply on the segment, and is ahead of the client with false AP Requests: what
// he has to send to keep it out, and what that costs the server. docs/security.md has what this test prints.
//
//   REVEILLE_HEARD_NONCE_SEEDS=100 build/release/tb/test_model_nodes "[heard-nonce]"    with so many seeds
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;
constexpr Time service_time = 55;
constexpr Time way = 1'000;  ///< from the client to the server; the forger is there at once
constexpr Time longest = 30 * second;
constexpr Time wake_interval = 700'000;
constexpr unsigned burst = 10;

const CtaConfig& with_ticket() {
  static const CtaConfig made = [] {
    TestRealm test_realm;
    CtaConfig config = test_realm.cta_config();
    config.credential = test_realm.ticket(config, epoch);
    return config;
  }();
  return made;
}

/// He sends `burst` at each Wake Up and Error Reply, and so many a second besides.
class Forged : public World {
 public:
  Forged(std::uint64_t seed, unsigned per_second)
      : World(with_ticket(), controller_config()), gap_(second / per_second), random_(seed, "forger") {
    auto made = kerberos::make_ap_request(*cta.config().credential, now, {}, test_realm.random);
    forged_.ap_req = std::move(made.octets);
    forged_.application = keymgmt::IpsecData{1};
    now += random_.nonce() % second;
    lose = [this](const Datagram& datagram) { return hears(datagram); };
  }
  /// Whether the session is established in time. The core says its Wake Up again as long as nobody answered.
  bool play() {
    wake();
    Time next_wake_up = now + wake_interval;
    Time next_forged = now + random_.nonce() % gap_;
    for (const Time begin = now; now < begin + longest; run(service_time)) {
      if (session().stage == Controller::Stage::established) return true;
      while (!late_.empty() && late_.front().first <= now) deliver_late();
      if (to_send_ > 0 && --to_send_ % 2 == 0) forge();
      for (; next_forged <= now; next_forged += gap_) forge();
      if (now < next_wake_up) continue;
      next_wake_up += wake_interval;
      if (guard.read(client(), time()).phase == Phase::outstanding) send_wakeup(nonce);
    }
    return false;
  }
  std::size_t forgeries = 0;
  [[nodiscard]] double seconds() const { return static_cast<double>(now - epoch) / second; }

 private:
  static ControllerConfig controller_config() {
    ControllerConfig config;
    config.service_time = service_time;
    return config;
  }
  bool hears(const Datagram& datagram) {
    sent.clear();
    if (datagram.destination != cta.config().server) {
      if (datagram.payload.at(0) != static_cast<std::uint8_t>(MessageId::ap_reply)) to_send_ = 2 * burst;
      return false;
    }
    if (!passes_) late_.emplace_back(now + way, datagram);
    return !passes_;
  }
  void deliver_late() {
    const Datagram datagram = std::move(late_.front().second);
    late_.pop_front();
    pass(datagram);
  }
  void forge() {
    ++forgeries;
    forged_.server_nonce = nonce;
    pass({{client(), key_management_port}, cta.config().server, keymgmt::encode(forged_)});
  }
  void pass(const Datagram& datagram) {
    passes_ = true;
    transmit(datagram);
    passes_ = false;
    settle();
  }

  Time gap_;
  kerberos::SeededRandom random_;
  keymgmt::ApRequest forged_;
  std::deque<std::pair<Time, Datagram>> late_;
  bool passes_ = false;
  unsigned to_send_ = 0;
};

}  // namespace

TEST_CASE("Who hears every nonce has to send more than answers to keep a client out, and costs the server little",
          "[heard-nonce]") {
  const char* text = std::getenv("REVEILLE_HEARD_NONCE_SEEDS");
  const std::uint64_t seeds = text == nullptr ? 3 : std::strtoull(text, nullptr, 10);
  std::printf("| beside his answers, a second | sent, a second | opened, a second | established in 30 s |\n");
  std::printf("| --- | --- | --- | --- |\n");
  for (const unsigned per_second : {1U, 10U, 100U, 1'000U}) {
    double time = 0;
    std::size_t sent = 0;
    std::uint64_t opened = 0;
    std::uint64_t established = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      Forged world(seed, per_second);
      const double begin = world.seconds();
      if (world.play()) ++established;
      time += world.seconds() - begin;
      sent += world.forgeries;
      opened += world.controller.counters().ap_requests_opened;
    }
    std::printf("| %u | %.0f | %.1f | %.0f %% |\n", per_second, static_cast<double>(sent) / time,
                static_cast<double>(opened) / time,
                100.0 * static_cast<double>(established) / static_cast<double>(seeds));
    if (per_second == 1) CHECK(10 * established >= 9 * seeds);
    CHECK(static_cast<double>(opened) < 10 * static_cast<double>(seeds) + 5 * time);
  }
}
