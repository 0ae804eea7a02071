// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <ostream>

#include "model/policy/frames.hpp"
#include "reveille/core/core.hpp"
#include "reveille/core/driver.hpp"
#include "reveille/core/in_band_header.hpp"
#include "reveille/core/register_map.hpp"

/// What the tests of the core's model share.
namespace reveille::core::test {

using namespace policy::test;

/// What differs where a look-up has four read cycles (docs/timing.md, T13).
inline constexpr bool four_reads = config::kLookupCycles == 4;
inline constexpr unsigned last_read = four_reads ? 11 : 9;       ///< T2, from T: the first one is 8
inline constexpr unsigned verdict_after = four_reads ? 16 : 14;  ///< T4, from T
inline constexpr unsigned beat_cycles = four_reads ? 2 : 1;      ///< T1, from one beat to the next
inline constexpr unsigned find_cycles = four_reads ? 3 : 1;      ///< S7, from its first read to its last

/// Beats before each frame on the host ports (A28).
inline constexpr unsigned header_beats = config::kInBandHeader;

inline std::vector<StreamSource> beats(ByteView frame, std::uint8_t first_user = 0) {
  std::vector<StreamSource> out;
  for (std::size_t at = 0; at < frame.size(); at += 8) {
    const std::size_t octets = std::min<std::size_t>(8, frame.size() - at);
    StreamSource beat{true, 0, static_cast<std::uint8_t>(0xFF >> (8 - octets)), at + 8 >= frame.size(),
                      at == 0 ? first_user : std::uint8_t{0}};
    for (std::size_t i = 0; i < octets; ++i) beat.data |= std::uint64_t{frame[at + i]} << 8 * i;
    out.push_back(beat);
  }
  return out;
}

/// On s_axis_host; `user` 1: a host message.
inline std::vector<StreamSource> host_beats(ByteView frame, std::uint8_t user = 0) {
  if (!kInBandHeader) return beats(frame, user);
  std::vector<StreamSource> out = beats(frame);
  out.insert(out.begin(), tx_header(user == 1));
  return out;
}

/// Puts beats together to frames.
class Collector {
 public:
  void take(const StreamSource& beat) {
    for (unsigned i = 0; i < 8; ++i) {
      if ((beat.keep >> i & 1) != 0) frame_.push_back(static_cast<std::uint8_t>(beat.data >> 8 * i));
    }
    if (!beat.last) return;
    frames.push_back(std::move(frame_));
    users.push_back(beat.user);
    frame_.clear();
  }
  std::vector<Bytes> frames;
  std::vector<std::uint8_t> users;  ///< of the last beats

 private:
  Bytes frame_;
};

/// The core between a network and a host that the test feeds beat by beat; a beat of `valid` false is a gap.
class Bench {
 public:
  explicit Bench(CoreInterface& core) : core_(core), driver(core, [this] { step(); }) {}

  struct Seen {
    std::uint64_t cycle;
    Outputs out;
  };
  void send(ByteView frame) {
    for (const StreamSource& beat : beats(frame)) net_rx.push_back(beat);
  }
  void send_host(ByteView frame, std::uint8_t user = 0) {
    for (const StreamSource& beat : host_beats(frame, user)) host_tx.push_back(beat);
  }
  void step() {
    Inputs& in = core_.inputs;
    const Outputs& out = core_.outputs();
    in.net_rx = in.host_tx = {};
    if (!net_rx.empty()) {
      in.net_rx = net_rx.front();
      if (!in.net_rx.valid || out.net_rx_ready) {
        net_rx.pop_front();
        if (in.net_rx.valid && in.net_rx.last) last_beats.push_back(cycle);
      }
    }
    if (!host_tx.empty()) {
      in.host_tx = host_tx.front();
      if (!in.host_tx.valid || out.host_tx_ready) host_tx.pop_front();
    }
    if (perturb) perturb(in);
    if (out.verdict_valid) verdicts.push_back({cycle, out});
    if (out.host_rx.valid && in.host_rx_ready && !headers_.take(out.host_rx)) host.take(out.host_rx);
    if (!in.rst_n) headers_.reset();
    if (out.net_tx.valid && in.net_tx_ready) net.take(out.net_tx);
    core_.clock();
    ++cycle;
  }
  void run(std::uint64_t cycles) {
    while (cycles-- != 0) step();
  }
  /// Sends a frame, and returns its verdict.
  Verdict judge(ByteView frame) {
    verdicts.clear();
    send(frame);
    while (verdicts.empty()) step();
    return static_cast<Verdict>(verdicts.front().out.verdict_code);
  }

  std::function<void(Inputs&)> perturb;  ///< changes other inputs of the cycle
  std::deque<StreamSource> net_rx;
  std::deque<StreamSource> host_tx;
  std::vector<Seen> verdicts;
  std::vector<std::uint64_t> last_beats;  ///< T of every frame
  Collector host;
  Collector net;
  std::uint64_t cycle = 0;

 private:
  CoreInterface& core_;
  RxHeaders headers_;

 public:
  Driver driver;
};

inline ServerSetup both_families_server() {
  ServerSetup server;
  server.ipv4 = {server4, net::Address::parse("192.0.2.2")};
  server.ipv6 = {server6, net::Address::parse("2001:db8::2")};
  return server;
}

/// What the registers hold after `both_families_server` was written to them.
inline Configuration both_families_configuration() {
  Configuration config;
  const ServerSetup server = both_families_server();
  for (unsigned i = 0; i < kServerAddresses; ++i) {
    config.ipv4.address[i] = server.ipv4[i];
    config.ipv6.address[i] = server.ipv6[i];
  }
  config.ipv4.enabled = config.ipv6.enabled = 3;
  return config;
}

inline Setup both_families_setup() {
  Setup setup;
  setup.server = both_families_server();
  setup.hops = {{{2, 0, 0, 0, 0, 0x11}, {2, 0, 0, 0, 0, 0x22}, 0, 0},
                {{2, 0, 0, 0, 0, 0x33}, {2, 0, 0, 0, 0, 0x22}, 0x8100, 7}};
  setup.principal = "controller/example@REALM";
  return setup;
}

inline Command make_command(CommandCode code, const net::Address& client) {
  Command command;
  command.code = code;
  command.client = client;
  return command;
}

inline std::ostream& operator<<(std::ostream& out, ResultCode code) {
  return out << "result " << static_cast<int>(code);
}

}  // namespace reveille::core::test
