// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "model/core/support.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::sim::test {

/// A core that is put to work in the first cycles behind a reset: frames from the network and the host in each of them,
/// rates of a time that was later before the reset, reads and writes.
class EarlyRun {
 public:
  EarlyRun(core::CoreInterface& core, std::uint64_t seed) : core_(core), bench_(core), random_(seed) {}

  void play() {
    for (unsigned delay = 0; delay < kDelays; ++delay) {
      for (unsigned octets : {60U, 61U, 64U, 72U, 200U, 1514U}) network(delay, octets);
      for (unsigned octets : {60U, 61U, 72U, 200U}) {
        host(delay, octets, 0);
        host(delay, octets, 1);
      }
      both(delay);
      bus(delay);
    }
    for (unsigned round = 0; round < 4; ++round) {
      for (unsigned bit = 1; bit < 52; ++bit) rates(bit);
    }
    bench_.run(2000);
  }

 private:
  static constexpr unsigned kDelays = 40;  // cycles behind the reset

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  /// In the midst of frames on all ports, half of the time.
  void reset() {
    if (below(2) == 0) {
      bench_.send(frame(100 + below(100)));
      bench_.send_host(frame(100 + below(100)), static_cast<std::uint8_t>(below(2)));
      bench_.run(below(30));
    }
    bench_.net_rx.clear();
    bench_.host_tx.clear();
    core_.inputs.rst_n = false;
    bench_.run(1 + below(4));
    core_.inputs.rst_n = true;
  }
  Bytes frame(unsigned octets) {
    Bytes frame = net::build(core::test::to_server4(core::test::ap_request(static_cast<std::uint32_t>(random_()))));
    frame.resize(octets, static_cast<std::uint8_t>(random_()));
    return frame;
  }
  void network(unsigned delay, unsigned octets) {
    reset();
    bench_.run(delay);
    for (unsigned i = 0; i < 3; ++i) bench_.send(frame(octets));
    bench_.run(2 * octets / 8 + 80);
  }
  void host(unsigned delay, unsigned octets, std::uint8_t user) {
    reset();
    bench_.run(delay);
    for (unsigned i = 0; i < 2; ++i) bench_.send_host(frame(octets), user);
    bench_.run(octets + 80);
  }
  void both(unsigned delay) {
    reset();
    bench_.run(delay);
    bench_.send(frame(72));
    bench_.send_host(frame(60), 1);
    bench_.send(frame(60));
    bench_.send_host(frame(72));
    bench_.run(150);
  }
  /// Beside a frame; time is what it may be.
  void bus(unsigned delay) {
    namespace address = core::address;
    for (const std::uint16_t first : {address::time_low, address::time_high, address::event_data, address::status}) {
      bench_.perturb = [this](core::Inputs& in) { in.time_us += below(4); };
      core_.inputs.time_us = random_() >> (12 + below(50));
      reset();
      bench_.run(delay);
      if (below(2) == 0) bench_.send(frame(72));
      bench_.run(below(20));
      for (const std::uint16_t at : {first, address::time_high, address::time_low, address::time_high, address::status})
        static_cast<void>(bench_.driver.read(at));
      bench_.perturb = nullptr;
    }
  }
  /// First frames that the rate limits, of which events tell the time; the server has no address yet but 0.
  void rates(unsigned bit) {
    namespace address = core::address;
    core_.inputs.time_us = (std::uint64_t{1} << bit) + random_() % (std::uint64_t{1} << bit);
    bench_.run(20);
    reset();
    core_.inputs.time_us = random_() % (std::uint64_t{1} << (bit - 1));
    bench_.driver.write(address::server_enable, 0x00F30303);
    bench_.driver.write(address::client_initiated, 1);
    bench_.driver.write(address::event_mask, 0xFFFF'FFFF);
    net::UdpFrame request = core::test::to_server4(core::test::ap_request(0, below(40)));
    request.destination = net::Address::parse("0.0.0.0");
    if (below(2) == 0) bench_.perturb = [this](core::Inputs& in) { in.time_us += below(4); };
    if (below(3) == 0) bench_.send(frame(8 + below(60)));  // a fragment of a frame, before it
    for (unsigned i = 0; i < 3; ++i) bench_.send(net::build(request));
    bench_.run(120);
    bench_.perturb = nullptr;
    for (unsigned word = 0; word < 40; ++word) static_cast<void>(bench_.driver.read(address::event_data));
  }

  core::CoreInterface& core_;
  core::test::Bench bench_;
  std::mt19937_64 random_;
};

}  // namespace reveille::sim::test
