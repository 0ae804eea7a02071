// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "common/bytes.hpp"
#include "core/event_log.hpp"
#include "core/session_control.hpp"
#include "net/frame.hpp"

namespace reveille::core {

/// A next hop as the framing memory holds it; a TPID of 0 means no VLAN tag.
struct Hop {
  net::MacAddress destination{};
  net::MacAddress source{};
  std::uint16_t tpid = 0;
  std::uint16_t tci = 0;
};

/// Everything that the host sets up before it lets frames in.
struct Setup {
  policy::ServerConfig server;
  unsigned wake_tries = 5;
  std::uint32_t wake_interval_us = 1000000;
  std::uint8_t wake_version = 0x10;
  std::uint32_t event_mask = 0x9FFE;
  std::vector<Hop> hops;  ///< at most 8
  std::string principal;  ///< at most 127 characters
};

/// The host's software: a blocking master of the registers, over any core. Every call runs as many cycles as it takes,
/// by the step that the simulation gives, so that everything else goes on meanwhile. Throws Error{protocol} where the
/// core answers with an error or not at all.
class Driver {
 public:
  /// `step` moves the whole simulation by one cycle; by default only the core's clock.
  explicit Driver(CoreInterface& core, std::function<void()> step = {});

  void run(std::uint64_t cycles);

  [[nodiscard]] std::uint32_t read(std::uint16_t address);
  void write(std::uint16_t address, std::uint32_t value);

  /// Reset, configuration, framing memory, and noise of a generator seeded with `seed` on the entropy port until the
  /// core is ready. The noise stops then: who runs through 262,144 nonces feeds more.
  void bring_up(const Setup& setup, std::uint64_t seed);
  void configure(const Setup& setup);
  void load_framing(std::span<const Hop> hops, std::string_view principal);
  /// Until STATUS.ready and STATUS.seeded; Error{protocol} after `limit` cycles.
  void feed_entropy(std::uint64_t seed, std::uint64_t limit = 100000);

  /// Runs one command and reads what it resulted in: for wake and restore also location and nonce, for reads the whole
  /// session.
  CommandResult command(const Command& command);
  /// The oldest record of the event log.
  std::optional<Event> pop_event();
  /// Of a verdict's code, 17 (overrun) or 18 (oversize).
  [[nodiscard]] std::uint64_t counter(unsigned index);

 private:
  void step();
  void write_address(std::uint16_t address, const net::Address& value);
  [[nodiscard]] net::Address read_address(std::uint16_t address);
  template <typename Condition>
  void wait_for(Condition condition, std::string_view what);

  CoreInterface& core_;
  std::function<void()> step_;
};

}  // namespace reveille::core
