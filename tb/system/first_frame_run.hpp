// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <random>

#include "model/core/support.hpp"
#include "system/in_child.hpp"

namespace reveille::sim::test {

/// A core whose first command waits until its store is ready, and to which no frame came since its reset until a client
/// was woken: the first one comes as that session's deadline does, to the cycle, and beside a command, or as the first
/// event does.
class FirstFrameRun {
 public:
  FirstFrameRun(core::CoreInterface& core, std::uint64_t seed) : core_(core), bench_(core), random_(seed) {}

  void play() {
    core_.inputs.rst_n = false;
    bench_.run(2);
    core_.inputs.rst_n = true;
    bench_.driver.write(core::address::command, static_cast<std::uint32_t>(CommandCode::read_location));
    bench_.driver.bring_up(core::test::both_families_setup(), 6);
    read_results();
    bench_.driver.write(core::address::event_mask, 0x1FFFE);
    const driver::Woken woken = bench_.driver.wake(core::test::client4, {.lifetime_us = kLifetime});
    const std::uint64_t deadline = core_.inputs.time_us + kLifetime;
    bench_.run(3000);
    for (unsigned octets : {0U, 8U, 16U, 24U, 40U, 48U, 56U, 64U, 104U}) {
      for (unsigned before = 0; before < 70; ++before) first_frame(octets, deadline - before, woken.nonce);
    }
    first_events(deadline);
  }

 private:
  static constexpr std::uint64_t kLifetime = 1'000'000;
  static constexpr unsigned kFrame = 60;  // cycles from its first beat to its event, and some

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

  /// An AP Request at `time`, behind so many octets of a frame.
  void first_frame(unsigned octets, std::uint64_t time, std::uint32_t nonce) {
    const bool command = below(2) == 0;
    const unsigned delay = below(30);
    const bool agrees = in_child([&] {
      core_.inputs.time_us = time;
      bench_.perturb = [](core::Inputs& in) { ++in.time_us; };
      if (octets != 0) bench_.send(Bytes(octets, 0x5A));
      bench_.send(net::build(core::test::to_server4(core::test::ap_request(nonce, 20, 0))));
      if (command) {
        bench_.run(delay);
        bench_.driver.write(core::address::command_client + 8, 0xFFFF);
        bench_.driver.write(core::address::command_client + 12, 0xC6336407);
        bench_.driver.write(core::address::command, static_cast<std::uint32_t>(CommandCode::read));
      }
      bench_.run(400);
      read_events();
      read_results();
      return true;
    });
    if (!agrees) throw Error(ErrorKind::internal, "the first frame behind a reset");
  }

  /// The session's end, which comes in a cycle that is looked for first, and a frame that is dropped, around it.
  void first_events(std::uint64_t deadline) {
    bench_.driver.write(core::address::irq_enable, REVEILLE_IRQ_ENABLE_EVENT_AVAILABLE_MASK);
    core_.inputs.time_us = deadline;
    Shared<unsigned> cycles;
    const bool found = in_child([&] {
      for (*cycles = 0; !core_.outputs().irq && *cycles < 100'000; ++*cycles) bench_.step();
      return core_.outputs().irq;
    });
    if (!found) throw Error(ErrorKind::internal, "the first event behind a reset");
    for (unsigned earlier = 0; earlier < std::min(*cycles, kFrame); ++earlier) {
      const bool agrees = in_child([&] {
        bench_.run(*cycles - earlier);
        bench_.send(net::build(core::test::to_server4(core::test::ap_request(1, 20, 0))));
        bench_.run(300);
        read_events();
        return true;
      });
      if (!agrees) throw Error(ErrorKind::internal, "the first two events behind a reset");
    }
  }
  void read_events() {
    for (unsigned word = 0; word < 32; ++word) static_cast<void>(bench_.driver.read(core::address::event_data));
  }
  void read_results() {
    for (const unsigned offset : {0, 4, 8, 12, 16, 20, 32, 36, 40, 44})
      static_cast<void>(bench_.driver.read(static_cast<std::uint16_t>(core::address::result + offset)));
  }

  core::CoreInterface& core_;
  core::test::Bench bench_;
  std::mt19937_64 random_;
};

}  // namespace reveille::sim::test
