// SPDX-License-Identifier: Apache-2.0
// Core::stream is a short cut of replay's: where it says that it went some cycles on, the core stands as if each had
// been clocked, to the bit.
#include <random>

#include "catch.hpp"
#include "model/core/support.hpp"
#include "system/random_frames.hpp"

namespace reveille::core::test {
namespace {

/// Clocks one core, and takes another, which lags behind, the same way by `stream` wherever that goes.
class StreamedBeside final : public CoreInterface {
 public:
  const Outputs& outputs() override { return stepped.outputs(); }
  void clock() override {
    const bool goes_on = !waiting_.empty() && same_but_for_line(inputs, waiting_.front().inputs);
    if (!goes_on || !is_middle(inputs.net_rx) || waiting_.size() == longest) catch_up();
    stepped.inputs = inputs;
    waiting_.push_back({inputs, stepped.outputs()});
    stepped.clock();
  }
  /// Until the cycle in which the other stands.
  void catch_up() {
    std::vector<std::uint8_t> octets;
    for (const Cycle& cycle : waiting_) {
      if (!is_middle(cycle.inputs.net_rx)) break;
      for (unsigned i = 0; i < 8; ++i) octets.push_back(static_cast<std::uint8_t>(cycle.inputs.net_rx.data >> 8 * i));
    }
    while (!waiting_.empty()) {
      streamed.inputs = waiting_.front().inputs;
      std::vector<StreamSource> host;
      const std::size_t cycles = streamed.stream(octets, host);
      compare_host(host, cycles);
      forget(cycles, octets);
      if (cycles > 0) ++runs;
      skipped += cycles;
      if (waiting_.empty()) break;
      if (!(streamed.outputs() == waiting_.front().outputs)) FAIL("an output differs behind " << skipped << " skipped");
      streamed.inputs = waiting_.front().inputs;
      streamed.clock();
      forget(1, octets);
    }
    streamed.inputs = stepped.inputs;  // a stream leaves them
    if (++caught_up_ % 16 == 0 && !(streamed == stepped)) FAIL("the states differ behind " << skipped << " skipped");
  }

  Core stepped;
  Core streamed;
  std::uint64_t runs = 0;
  std::uint64_t skipped = 0;
  std::uint64_t host_beats = 0;  ///< of the cycles skipped

 private:
  static constexpr std::size_t longest = 2000;
  struct Cycle {
    Inputs inputs;
    Outputs outputs;
  };
  static bool is_middle(const StreamSource& beat) {
    return beat.valid && !beat.last && beat.keep == 0xFF && beat.user == 0;
  }
  static bool same_but_for_line(Inputs a, const Inputs& b) {
    a.net_rx = b.net_rx;
    return a == b;
  }
  void compare_host(const std::vector<StreamSource>& host, std::size_t cycles) {
    if (cycles > waiting_.size()) FAIL("more cycles than octets");
    std::vector<StreamSource> expected;
    for (std::size_t i = 0; i < cycles; ++i) {
      const auto& [in, out] = waiting_[i];
      if (out.verdict_valid || out.net_tx.valid || !out.net_rx_ready) FAIL("more than octets moved");
      if (out.host_rx.valid && in.host_rx_ready) expected.push_back(out.host_rx);
    }
    if (host != expected) FAIL("m_axis_host differs behind " << skipped << " skipped");
    host_beats += host.size();
  }
  void forget(std::size_t cycles, std::vector<std::uint8_t>& octets) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(cycles));
    octets.erase(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(std::min(8 * cycles, octets.size())));
  }

  std::deque<Cycle> waiting_;
  std::uint64_t caught_up_ = 0;
};

TEST_CASE("A core that streams stands where one stands that was clocked") {
  const std::uint64_t seed = GENERATE(1U, 2U, 3U);
  StreamedBeside cores;
  Bench bench(cores);
  std::mt19937_64 random(seed);
  const auto below = [&random](std::uint64_t bound) { return random() % bound; };
  Setup setup = both_families_setup();
  setup.noise_silence = 0;
  bench.driver.bring_up(setup, seed);
  sim::test::RandomFrames frames(bench, random, seed);
  frames.serve(setup.server);

  // What hinders a stream comes and goes: a host that stalls, noise, time that moves, commands, reads.
  std::uint64_t host_ready = 3;  // of three cycles
  bool noisy = false;
  bench.perturb = [&](Inputs& in) {
    in.host_rx_ready = host_ready == 3 || below(3) < host_ready;
    in.entropy_valid = noisy;
    if (noisy) in.entropy_data = static_cast<std::uint8_t>(random());  // else a stream would end in every cycle
    if (below(1000) == 0) in.time_us += below(300000);
  };
  std::array<unsigned, kVerdictCount> seen{};
  for (unsigned round = 0; round < 2500; ++round) {
    if (below(20) == 0) host_ready = below(2) == 0 ? 3 : below(3);  // with none of them the buffer fills
    if (below(20) == 0) noisy = below(6) == 0;
    const net::Address& client = frames.any_client();
    switch (below(8)) {
      case 0: {  // not for the server, and long: it passes
        Bytes frame(60 + below(below(20) == 0 ? 9400 : 1500));
        for (std::uint8_t& octet : frame) octet = static_cast<std::uint8_t>(random());
        bench.send(frame);
        break;
      }
      case 1:
      case 2: {  // a long ticket, and now and then the right nonce
        const Bytes ticket(below(1800));
        bench.send(net::build(frames.to_server(client, ap_request(nonce + below(3), ticket.size()))));
        break;
      }
      case 3: bench.net_rx.insert(bench.net_rx.end(), below(30), StreamSource{}); break;
      case 4:
        if (below(3) != 0) {
          Command command = make_command(below(2) == 0 ? CommandCode::restore : CommandCode::wake, client);
          command.nonce = nonce;
          command.lifetime = 1 + below(500000);
          command.armed = below(2) == 0;
          command.hop = 1;
          static_cast<void>(bench.driver.command(command));
        } else {
          static_cast<void>(bench.driver.pop_event());
        }
        break;
      default: frames.queue_frame();
    }
    bench.run(below(400));
    for (const Bench::Seen& verdict : bench.verdicts) ++seen[verdict.out.verdict_code];
    bench.verdicts.clear();
    bench.host.frames.clear();
    bench.net.frames.clear();
  }
  cores.catch_up();
  const bool same = cores.streamed == cores.stepped;
  CHECK(same);
  // In beats that are two cycles apart it never does.
  const bool streamed = cores.runs > 500 && cores.skipped > 10000 && cores.host_beats > 300;
  INFO(cores.runs << " streams of " << cores.skipped << " cycles, " << cores.host_beats << " beats to the host");
  CHECK(streamed == !four_reads);
  if (four_reads) return;  // whatever was seen, it was not streamed
  for (const Verdict verdict : {Verdict::bypass, Verdict::not_woken, Verdict::false_nonce, Verdict::accepted})
    CHECK(seen.at(index(verdict)) != 0);
}

TEST_CASE("Nothing streams in reset") {
  Core core;
  Bench bench(core);
  bench.driver.bring_up(both_families_setup(), 4);
  bench.send(Bytes(2000));
  bench.run(100);
  bench.net_rx.clear();
  core.inputs.net_rx = {};
  core.inputs.rst_n = false;
  std::vector<StreamSource> host;
  CHECK(core.stream(Bytes(160), host) == 0);
  core.inputs.rst_n = true;
  CHECK((core.stream(Bytes(160), host) != 0) == !four_reads);
}

}  // namespace
}  // namespace reveille::core::test
