// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "common/bytes.hpp"
#include "core/command.hpp"
#include "core/ports.hpp"
#include "net/frame.hpp"

namespace reveille::core {

/// A next hop as the framing memory holds it; a TPID of 0 means no VLAN tag.
struct Hop {
  net::MacAddress destination{};
  net::MacAddress source{};
  std::uint16_t tpid = 0;
  std::uint16_t tci = 0;
};

/// What the guard goes by (docs/protocol.md, part 3).
struct ServerSetup {
  std::vector<net::Address> ipv4;  ///< at most as many as there are registers
  std::vector<net::Address> ipv6;
  bool listed = false;  ///< judge only frames to these addresses
  bool drop_later_fragments = false;
  std::uint16_t port = 1293;
  bool doi_ipsec = true;
  bool doi_snmp = true;
  std::vector<std::uint8_t> versions = {0x10};  ///< at most 4
  ClientInitiated client_initiated = ClientInitiated::drop;
  std::uint64_t interval_us = 0;
  std::uint64_t tolerance_us = 0;
  unsigned resend_budget = 2;

  [[nodiscard]] const std::vector<net::Address>& addresses(bool of_ipv4) const { return of_ipv4 ? ipv4 : ipv6; }
};

/// Everything that the host sets up before it lets frames in.
struct Setup {
  ServerSetup server;
  unsigned guess_threshold = 16;
  std::uint32_t noise_silence = 0x1000000;  ///< cycles; 0: however long
  unsigned restart_limit = 3;
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
  /// core is ready. The noise stops then: who runs through 262,144 nonces, or longer than Setup::noise_silence, feeds
  /// more.
  void bring_up(const Setup& setup, std::uint64_t seed);
  void configure(const Setup& setup);
  /// Into the bank that is not in use, which then is.
  void load_framing(std::span<const Hop> hops, std::string_view principal);
  /// Until STATUS.ready and STATUS.seeded; Error{protocol} after `limit` cycles.
  void feed_entropy(std::uint64_t seed, std::uint64_t limit = 2000000);

  /// Runs one command and reads what it resulted in: for wake and restore also location and nonce, for reads the whole
  /// session.
  CommandResult command(const Command& command);
  /// The oldest record of the event log.
  std::optional<Event> pop_event();
  /// After somebody has read a record in part: EVENT_DATA begins with the next one.
  void realign_events();
  /// time_i, as the core sees it.
  [[nodiscard]] std::uint64_t time();
  /// Of a verdict's code, 17 and 19 (overrun) or 18 (oversize).
  [[nodiscard]] std::uint64_t counter(unsigned index);

 private:
  void step();
  void write_address(std::uint16_t address, const net::Address& value);
  void write_servers(const ServerSetup& server);
  void enable(const ServerSetup& server);
  [[nodiscard]] net::Address read_address(std::uint16_t address);
  template <typename Condition>
  void wait_for(Condition condition, std::string_view what);

  CoreInterface& core_;
  std::function<void()> step_;
};

}  // namespace reveille::core
