// SPDX-License-Identifier: Apache-2.0
// Whether what leaves the Verilated core tells where a false nonce differs from the right one. Frames with a nonce that
// differs in one random bit come among others, with ports that stall at random; for each of the 32 bits, Welch's t
// compares the times of those that differ there with all other ones. REVEILLE_TRIALS is how many there are.
#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <limits>
#include <random>

#include "catch.hpp"
#include "engine/make_verilated_core.hpp"
#include "model/core/support.hpp"
#include "system/from_environment.hpp"

namespace reveille::sim::test {
namespace {

const std::uint64_t trials = from_environment("REVEILLE_TRIALS", 20000);
const std::uint64_t seed = from_environment("REVEILLE_SEED", 1);
constexpr unsigned nonce_bits = 32;
/// Beyond which two means differ by more than chance.
constexpr double limit = 4.5;

struct Sample {
  void add(std::uint64_t value) {
    ++count;
    sum += value;
    squares += value * value;
  }
  [[nodiscard]] Sample without(const Sample& part) const {
    return {count - part.count, sum - part.sum, squares - part.squares};
  }
  [[nodiscard]] double mean() const { return static_cast<double>(sum) / static_cast<double>(count); }
  /// Of the mean.
  [[nodiscard]] double variance() const {
    const auto n = static_cast<double>(count);
    return (static_cast<double>(squares) / n - mean() * mean()) / (n - 1);
  }
  std::uint64_t count = 0, sum = 0, squares = 0;
};

/// Infinite where both are constant, and differ.
double welch(const Sample& a, const Sample& b) {
  const double difference = std::abs(a.mean() - b.mean());
  if (difference == 0) return 0;
  const double variance = std::max(0.0, a.variance()) + std::max(0.0, b.variance());
  return variance == 0 ? std::numeric_limits<double>::infinity() : difference / std::sqrt(variance);
}

/// Times by the bit that differs.
struct Times {
  void add(unsigned bit, std::uint64_t value) {
    of_bit[bit].add(value);
    all.add(value);
  }
  /// The largest t of all bits.
  [[nodiscard]] double worst(const char* what) const {
    double worst = 0;
    for (const Sample& sample : of_bit) worst = std::max(worst, welch(sample, all.without(sample)));
    std::cout << what << ": mean " << all.mean() << " cycles, |t| up to " << worst << "\n";
    return worst;
  }
  std::array<Sample, nonce_bits> of_bit;
  Sample all;
};

class Attacker {
 public:
  /// `leaks`: the host's port stalls for a cycle where the first octet differs.
  explicit Attacker(bool leaks) : leaks_(leaks), core_(make_verilated_core(1)), bench_(*core_), random_(seed) {
    core::Setup setup = core::test::both_families_setup();
    setup.noise_silence = 0;
    bench_.driver.bring_up(setup, seed);
    bench_.perturb = [this](core::Inputs& in) { look(in); };
    for (unsigned i = 0; i < nonces_.size(); ++i) restore(i);
  }

  void try_one(std::uint64_t trial) {
    const auto client = static_cast<unsigned>(trial % nonces_.size());
    if (trial / nonces_.size() % 256 == 255) restore(client);  // a session counts its false nonces up to 511
    bit_ = static_cast<unsigned>(random_() % nonce_bits);
    net::UdpFrame probe = core::test::to_server4(core::test::ap_request(nonces_[client] ^ 1U << bit_, 20, 0));
    probe.source = address(client);
    bench_.verdicts.clear();
    bench_.last_beats.clear();
    bench_.host.frames.clear();
    bench_.net.frames.clear();
    host_in_ = 0;
    stalled_ = false;
    bench_.host_tx.resize(random_() % 24);  // gaps
    bench_.send_host(Bytes(64, 0xDD));
    bench_.send(net::build(probe));
    bench_.net_rx.resize(bench_.net_rx.size() + random_() % 4);
    bench_.send(Bytes(64, 0xEE));
    std::uint64_t host_out = 0, net_out = 0;
    while (host_out == 0 || net_out == 0) {
      bench_.step();
      if (host_out == 0 && !bench_.host.frames.empty()) host_out = bench_.cycle;
      if (net_out == 0 && !bench_.net.frames.empty()) net_out = bench_.cycle;
    }
    const auto& seen = bench_.verdicts.front();
    REQUIRE(seen.out.verdict_code == static_cast<std::uint8_t>(Verdict::false_nonce));
    verdict.add(bit_, seen.cycle - bench_.last_beats.front());
    to_host.add(bit_, host_out - bench_.last_beats.front());
    to_net.add(bit_, net_out - host_in_);
  }

  Times verdict;  ///< from the last beat
  Times to_host;  ///< until all of the frame behind it has left
  Times to_net;   ///< of the host's frame, through the core

 private:
  static net::Address address(unsigned client) {
    net::Address address = core::test::client4;
    address.octets[15] = static_cast<std::uint8_t>(100 + client);
    return address;
  }
  void restore(unsigned client) {
    core::Command command = core::test::make_command(CommandCode::close, address(client));
    static_cast<void>(bench_.driver.command(command));
    command.code = CommandCode::restore;
    command.nonce = nonces_[client] = static_cast<std::uint32_t>(random_() | 3);
    command.lifetime = 1'000'000'000;
    REQUIRE(bench_.driver.command(command).code == ResultCode::ok);
  }
  void look(core::Inputs& in) {
    const core::Outputs& out = core_->outputs();
    in.host_rx_ready = random_() % 8 != 0;
    in.net_tx_ready = random_() % 8 != 0;
    if (host_in_ == 0 && in.host_tx.valid && out.host_tx_ready) host_in_ = bench_.cycle;
    if (leaks_ && bit_ >= 24 && !stalled_ && out.host_rx.valid) {
      stalled_ = true;
      in.host_rx_ready = false;
    }
  }

  bool leaks_;
  std::unique_ptr<core::CoreInterface> core_;
  core::test::Bench bench_;
  std::mt19937_64 random_;
  std::array<std::uint32_t, 16> nonces_{};
  unsigned bit_ = 0;
  std::uint64_t host_in_ = 0;
  bool stalled_ = false;
};

TEST_CASE("Neither verdicts nor what leaves behind them tell where a nonce differs") {
  Attacker attacker(false);
  for (std::uint64_t trial = 0; trial < trials; ++trial) attacker.try_one(trial);
  std::cout << trials << " trials, seed " << seed << "\n";
  CHECK(attacker.verdict.all.sum == 14 * trials);
  CHECK(attacker.verdict.worst("from the last beat to the verdict") < limit);
  CHECK(attacker.to_host.worst("until the next frame has left to the host") < limit);
  CHECK(attacker.to_net.worst("of a host's frame through the core") < limit);
}

TEST_CASE("A cycle that depends on where a nonce differs is seen") {
  Attacker attacker(true);
  for (std::uint64_t trial = 0; trial < 5000; ++trial) attacker.try_one(trial);
  CHECK(attacker.to_host.worst("with a stall that depends on it") > limit);
  CHECK(attacker.to_net.worst("beside it") < limit);
}

}  // namespace
}  // namespace reveille::sim::test
