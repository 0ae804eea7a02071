// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "reveille/driver/bus.hpp"
#include "reveille/driver/error.hpp"

namespace reveille::driver {

/// What the core is, by its own registers.
struct Identity {
  unsigned major = 0, minor = 0, patch = 0;
  unsigned sessions = 0;            ///< of the nonce store
  unsigned frame_buffer_beats = 0;  ///< of 8 octets
  unsigned event_records = 0;
  unsigned ipv4_addresses = 0;  ///< of the server
  unsigned ipv6_addresses = 0;
};

/// How the nonce generator does.
struct Health {
  bool ready = false;   ///< store cleared, hash tables filled: commands are taken
  bool seeded = false;  ///< and healthy: clients can be woken
  bool repetition_failed = false, proportion_failed = false, silent = false;  ///< for good, until restart_generator()
  unsigned restarts = 0;                                                      ///< by itself
  unsigned repetition_failures = 0, proportion_failures = 0, silences = 0;    ///< at most 255

  [[nodiscard]] bool usable() const { return ready && seeded; }
  [[nodiscard]] bool failed() const { return repetition_failed || proportion_failed || silent; }
};

/// How a client is woken.
struct WakeOptions {
  std::uint64_t lifetime_us = 30'000'000;
  std::uint8_t hop = 0;  ///< of the framing memory
  bool snmp = false;     ///< DOI 2
  std::uint8_t source = 0;
};

/// Where a host message goes, and from which of the server's addresses of the client's family.
struct MessageOptions {
  std::uint8_t hop = 0;
  std::uint8_t source = 0;
};

/// A session that a wake has begun.
struct Woken {
  std::uint32_t nonce = 0;
  std::uint16_t location = 0;
};

/// A session as the core holds it, and as restore() puts it back.
struct Session {
  net::Address client;
  std::uint32_t nonce = 0;
  std::uint64_t deadline = 0;  ///< by the clock of the core that was read
  Phase phase = Phase::outstanding;
  std::uint64_t tag = 0;  ///< from `replied` on
  WakeState wake = {};    ///< before
  unsigned resends_left = 0;
  unsigned false_nonces = 0;
  std::uint16_t location = 0;
};

/// The driver of a core over any bus, one a bus (BusInUse). Commands may come from any thread, and so may events,
/// counters and the rest: a command waits for the one before it, and a reader of events for no command.
class Driver {
 public:
  explicit Driver(Bus& bus);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  [[nodiscard]] std::uint32_t read(std::uint16_t address) { return bus_.read(address); }
  void write(std::uint16_t address, std::uint32_t value) { bus_.write(address, value); }

  /// WrongCore where no core answers, or one whose registers are of another version than this driver's.
  Identity identify();
  [[nodiscard]] Health health();
  /// Until clients can be woken. GeneratorFailed, or BusTimeout after `limit`.
  void wait_until_usable(std::chrono::microseconds limit = std::chrono::seconds(10));
  /// The generator forgets everything and begins anew, after a failure for good too.
  void restart_generator();

  /// Registers of server and policy. What is locked while it is enabled is disabled first: frames are not judged then.
  /// Error{bad_input} where the core has no room, before anything is written.
  void configure(const Setup& setup);
  /// Next hops and the server's principal, into the bank that is not in use, which then is.
  void load_framing(std::span<const Hop> hops, std::string_view principal);
  void enable_interrupts(std::uint32_t mask);

  // Commands, each of which throws its Refused.
  Woken wake(const net::Address& client, const WakeOptions& options = {});
  /// The AP Request was good; `tag`: the first 64 bits of the HMAC of the SA Recovered that will answer.
  void reply(const net::Address& client, std::uint64_t tag);
  void reject(const net::Address& client);
  void close(const net::Address& client);
  /// With nonce, phase, tag, and hop, DOI, source and `armed` of its wake state. Gives its location.
  std::uint16_t restore(const Session& session, std::uint64_t lifetime_us);
  [[nodiscard]] Session read_session(const net::Address& client);
  /// Live or not; nothing where the location is empty.
  [[nodiscard]] std::optional<Session> read_location(std::uint16_t location);

  /// A whole key-management message to a client: the core puts UDP, IP and Ethernet around it. Error{bad_input} for one
  /// that the core would drop.
  void send(const net::Address& client, std::span<const std::uint8_t> message, const MessageOptions& options = {});

  /// Runs one command and reads what it resulted in, refused or not: for wake and restore also location and nonce, for
  /// reads the whole session.
  CommandResult command(const Command& command);
  /// Until none is under way.
  void wait_for_command();

  /// The oldest record of the event log.
  std::optional<Event> pop_event();
  /// The oldest ones, so many at most, in two journeys.
  std::vector<Event> pop_events(std::size_t most);
  /// After somebody has read a record in part: EVENT_DATA begins with the next one.
  void realign_events();
  [[nodiscard]] std::uint32_t events_dropped();

  /// Live nonces and tags read 0 from here on, until reset.
  void lock_nonces();
  /// time_i, as the core sees it.
  [[nodiscard]] std::uint64_t time();
  /// Of a verdict's code, 17 and 19 (overrun) or 18 (oversize).
  [[nodiscard]] std::uint64_t counter(unsigned index);

 private:
  void write_address(std::uint16_t address, const net::Address& value);
  void write_servers(const ServerSetup& server);
  void enable(const ServerSetup& server);
  /// Throws the Refused of a result that is not ok.
  CommandResult require(const Command& command);

  Bus& bus_;
  std::mutex commands_;
  std::mutex events_;
  std::mutex latched_;  ///< reading a low word latches the high one
};

}  // namespace reveille::driver
