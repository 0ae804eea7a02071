// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/random_frames.hpp"

namespace reveille::sim::test {

/// A core that is ready, through what random traffic hardly ever comes to because a whole word has to be met, or missed
/// by one bit: registers that are read back, clients that differ in a part, numbers of false nonces, leads of the rate
/// limiter, times.
class DirectedRun {
 public:
  DirectedRun(core::CoreInterface& core, std::uint64_t seed) : core_(core), bench_(core), random_(seed) {}

  /// Of a core whose store is ready. Time goes to its end.
  void play() {
    read_back();
    configure();
    arguments();
    for (unsigned part = 0; part < kParts; ++part) family(part);
    guesses();
    for (unsigned walk = 0; walk < 3; ++walk) walk_at_one_time();
    for (unsigned bit = 0; bit < 52; ++bit) limit(bit);
    limit_far_ahead();
    count_on();
    upper_parts_of_time();
    deadlines();
    end_of_time();
  }

 protected:
  using Command = core::Command;
  static constexpr unsigned kParts = 5;   // of an address that are compared, and IPv4
  static constexpr unsigned kLower = 28;  // bits of a time that are compared at once

  bool chance(unsigned percent) { return random_() % 100 < percent; }
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  std::uint32_t word() { return static_cast<std::uint32_t>(random_()); }
  std::uint64_t& now() { return core_.inputs.time_us; }
  void write(std::size_t address, std::uint32_t value) {
    bench_.driver.write(static_cast<std::uint16_t>(address), value);
  }
  /// Where there is such a register, and it is not locked.
  void try_write(std::size_t address, std::uint32_t value) {
    try {
      write(address, value);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::protocol) throw;
    }
  }
  void try_read(std::size_t address) {
    try {
      static_cast<void>(bench_.driver.read(static_cast<std::uint16_t>(address)));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::protocol) throw;
    }
  }

  /// Each register, written with a word and with its inverse, first with what locks it off, then on.
  void read_back() {
    namespace address = core::address;
    constexpr unsigned first = 0x14, end = 0x200;
    for (const bool locked : {false, true}) {
      for (unsigned time = 0; time < 2; ++time) {
        std::uint32_t value = 0;
        write(address::server_enable, locked ? 0x00FFFFFF : 0);
        write(address::client_initiated, locked ? 1 : 0);
        for (unsigned at = first; at < end; at += 4) {
          value = time == 0 ? word() : ~values_[at / 4];
          values_[at / 4] = value;
          const bool locks = at == address::server_enable || at == address::client_initiated;
          if (locks || at == address::lock || at == address::command) continue;
          try_write(at, value);
        }
        for (unsigned at = first; at < end; at += 4) try_read(at);
        bench_.driver.realign_events();
        for (const unsigned at : {address::server_enable, address::client_initiated}) {
          if (locked) break;
          write(at, values_[at / 4]);
          try_read(at);
        }
      }
    }
  }

  /// Servers and hops of any values; noise, for what a silence ended.
  void configure() {
    core::Setup setup = both_families_setup();
    for (auto* addresses : {&setup.server.ipv4, &setup.server.ipv6}) {
      for (net::Address& address : *addresses) address = random_address(random_, address.is_ipv4());
    }
    setup.server.resend_budget = 15;
    setup.event_mask = 0x1FFFE;
    setup.wake_tries = 15;
    setup.noise_silence = 0;
    server_ = setup.server;
    bench_.driver.configure(setup);
    bench_.driver.load_framing(setup.hops, setup.principal);
    write(core::address::irq_enable, 0);
    write(core::address::control, REVEILLE_CONTROL_GENERATOR_RESTART_MASK);
    bench_.run(10);
    bench_.driver.feed_entropy(random_());
  }

  net::Address any_client(bool ipv4 = false) {
    net::Address client = random_address(random_, ipv4);
    client.octets[ipv4 ? 12 : 0] = static_cast<std::uint8_t>(32 + below(64));  // no multicast, no loopback
    return client;
  }
  Command any_restore(const net::Address& client, std::uint64_t lifetime) {
    Command command = make_command(CommandCode::restore, client);
    command.nonce = word() | 1;
    command.tag = random_();
    command.lifetime = lifetime;
    command.phase = static_cast<Phase>(below(4));
    command.hop = static_cast<std::uint8_t>(below(8));
    command.source = static_cast<std::uint8_t>(below(8));
    command.snmp = chance(50);
    return command;
  }
  void send(const net::Address& client, const Bytes& message) {
    net::UdpFrame frame = client.is_ipv4() ? to_server4(message) : to_server6(message);
    frame.source = client;
    frame.destination = server_.addresses(client.is_ipv4())[below(2)];
    bench_.send(net::build(frame));
  }
  void request(const net::Address& client, std::uint32_t returned) { send(client, ap_request(returned, below(8), 0)); }
  void drain() {
    while (!bench_.net_rx.empty()) bench_.step();
    bench_.run(20);
    bench_.verdicts.clear();
    bench_.last_beats.clear();
    bench_.host.frames.clear();
    bench_.net.frames.clear();
  }
  void pop_events(unsigned count) {
    while (count-- != 0 && bench_.driver.pop_event()) {
    }
  }
  std::uint64_t one_bit(unsigned bits) { return std::uint64_t{1} << below(bits); }

  void restore(const net::Address& client, std::uint64_t lifetime, std::uint32_t nonce) {
    Command command = any_restore(client, lifetime);
    command.nonce = nonce;
    if (bench_.driver.command(command).code != ResultCode::ok) return;
    command.code = CommandCode::close;
    static_cast<void>(bench_.driver.command(command));
  }
  /// Arguments that are refused, and those that differ from them in one bit: no lifetime, no nonce, and an IPv4 client
  /// where IPv6 alone is enabled, or the other way round.
  void arguments() {
    for (const bool ipv4 : {false, true}) restore(any_client(ipv4), 0, 1);
    for (const bool ipv4 : {false, true}) restore(any_client(ipv4), 1, 0);
    for (unsigned bit = 0; bit < 52; ++bit) restore(any_client(chance(50)), std::uint64_t{1} << bit, word() | 1);
    for (unsigned bit = 0; bit < 32; ++bit) restore(any_client(chance(50)), word(), 1U << bit);
    const std::uint32_t enabled = bench_.driver.read(core::address::server_enable);
    for (const std::uint32_t one_family : {0x03U, 0x0300U}) {
      write(core::address::server_enable, (enabled & ~0xFFFFU) | one_family);
      for (unsigned bit = 0; bit <= 96; ++bit) {
        net::Address client = any_client(true);
        if (bit < 96) client.octets[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        restore(client, word(), word() | 1);
      }
    }
    write(core::address::server_enable, enabled);
  }

  /// Clients that differ in a part of their addresses alone: who is in the store is met, who is not is missed, by that
  /// part; nonces and tags are met, and missed by a bit.
  void family(unsigned part) {
    const bool ipv4 = part == 4;
    const net::Address base = any_client(ipv4);
    const auto member = [&] {
      net::Address client = base;
      for (unsigned i = 0; i < 4; ++i) client.octets[4 * (ipv4 ? 3 : part) + i] = static_cast<std::uint8_t>(random_());
      if (part % 4 == 0) client.octets[ipv4 ? 12 : 0] = static_cast<std::uint8_t>(32 + below(64));
      return client;
    };
    std::vector<Command> sessions;
    for (unsigned i = 0; i < 160; ++i) {
      const Command command = any_restore(member(), std::uint64_t{1} << 40);
      if (bench_.driver.command(command).code == ResultCode::ok) sessions.push_back(command);
    }
    for (const Command& session : sessions) {
      request(member(), session.nonce);
      send(member(), sa_recovered(session.tag));
      request(session.client, session.nonce ^ static_cast<std::uint32_t>(one_bit(32)));
      send(session.client, sa_recovered(session.tag ^ one_bit(64)));
      request(session.client, session.nonce);
      send(session.client, sa_recovered(session.tag));
    }
    drain();
    static constexpr CommandCode codes[] = {CommandCode::reply, CommandCode::reject, CommandCode::read,
                                            CommandCode::close};
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      Command command = sessions[i];
      if (i % 5 == 4) command.client = member();
      command.code = codes[i % 4];
      command.tag = random_();
      static_cast<void>(bench_.driver.command(command));
      request(command.client, command.nonce);
      send(command.client, sa_recovered(command.tag ^ one_bit(64)));
      send(command.client, sa_recovered(command.tag));
      pop_events(1);
    }
    drain();
  }

  /// False nonces up to thresholds of every bit, and beyond what is counted.
  void guesses() {
    for (const unsigned threshold : {1, 2, 3, 4, 8, 16, 32, 64, 85, 128, 170, 256, 511}) {
      write(core::address::guessing, threshold);
      write(core::address::event_mask, 0);
      for (unsigned i = 0; i < (threshold < 100 ? 8 : 3); ++i) {
        Command session = any_restore(any_client(), std::uint64_t{1} << 40);
        session.phase = Phase::outstanding;
        static_cast<void>(bench_.driver.command(session));
        for (unsigned guess = 0; guess < threshold + 4; ++guess) request(session.client, session.nonce ^ 2);
        drain();
        session.code = CommandCode::read;
        static_cast<void>(bench_.driver.command(session));
      }
      pop_events(12);
    }
    write(core::address::event_mask, 0x1FFFE);
  }

  /// Both walks at a time at which some sessions are due and some end, and others will in the microsecond after it.
  void walk_at_one_time() {
    now() += random_magnitude(random_, 49);
    walk();
  }
  void walk() {
    const std::uint32_t interval = word() | 1U << 16;
    std::vector<Command> reads;
    for (unsigned i = 0; i < 20; ++i) {
      Command command = any_restore(any_client(), interval + i % 2);
      if (i < 12) {
        write(core::address::wake_interval, interval + i % 2);
        command.code = CommandCode::wake;
        command.lifetime = std::uint64_t{1} << 48;
      }
      static_cast<void>(bench_.driver.command(command));
      reads.push_back(make_command(CommandCode::read, command.client));
    }
    bench_.run(3000);
    now() += interval;
    bench_.run(20ULL * config::kSessions);
    for (const Command& read : reads) static_cast<void>(bench_.driver.command(read));
    pop_events(120);
    for (Command& close : reads) {
      close.code = CommandCode::close;
      static_cast<void>(bench_.driver.command(close));
    }
    drain();
  }

  void limiter(std::uint64_t interval, std::uint64_t tolerance) {
    write(core::address::client_initiated, 0);
    write(core::address::interval, static_cast<std::uint32_t>(interval));
    write(core::address::tolerance_low, static_cast<std::uint32_t>(tolerance));
    write(core::address::tolerance_high, static_cast<std::uint32_t>(tolerance >> 32));
    write(core::address::client_initiated, 1);
  }
  void ask(unsigned requests) {
    const net::Address client = any_client();
    for (; requests != 0; --requests) request(client, 0);
    drain();
  }
  /// Requests at once, of which one meets the tolerance, or misses it by a microsecond.
  void limit(unsigned bit) {
    const std::uint64_t tolerance = std::uint64_t{1} << bit;
    const std::uint64_t interval = std::min<std::uint64_t>(tolerance, 0xFFFFFFFF - below(1000));
    for (const unsigned less : {0, 1}) {
      now() += 4 * interval + below(1000);
      limiter(interval, tolerance - less);
      ask(3);
      now() += interval / 2;
      ask(2);
    }
  }
  void limit_far_ahead() {
    now() += std::uint64_t{1} << 34;
    limiter(0xFFFFFFFF, std::uint64_t{1} << 41);
    ask(520);
    now() += std::uint64_t{1} << 44;
    ask(3);
  }

  /// One verdict in each cycle, until the upper bits of its counter have moved.
  void count_on(unsigned rounds = 34) {
    for (unsigned round = 0; round < rounds; ++round) {
      for (unsigned frame = 0; frame < 4096; ++frame) bench_.send(Bytes(8, 0xC0));
      drain();
      static_cast<void>(bench_.driver.counter(0));
    }
  }

  /// Sessions that live this long from now on.
  std::vector<Command> insert(unsigned count, std::uint64_t lifetime) {
    std::vector<Command> sessions;
    for (unsigned i = 0; i < count; ++i) {
      sessions.push_back(any_restore(any_client(), lifetime));
      static_cast<void>(bench_.driver.command(sessions.back()));
    }
    return sessions;
  }
  void guess(const std::vector<Command>& sessions) {
    for (const Command& session : sessions) request(session.client, session.nonce ^ 4);
    drain();
  }
  /// Of one of them, by a command.
  void find(const std::vector<Command>& sessions) {
    static_cast<void>(bench_.driver.command(make_command(CommandCode::read, sessions[below(4)].client)));
  }

  /// Sessions that are over by one bit of a time's upper part alone; the lower part is yet to come.
  void upper_parts_of_time() {
    now() = ((now() >> kLower) + 1) << kLower;
    for (unsigned bit = 0; bit + kLower < 51; ++bit) {
      if ((now() >> kLower >> bit & 1) != 0) continue;
      now() += (1U << (kLower - 1)) + below(1U << (kLower - 2));
      const auto sessions = insert(10, 1 + below(1000));
      guess(sessions);
      now() = (now() >> kLower | std::uint64_t{1} << bit) << kLower;
      guess(sessions);
      find(sessions);
      pop_events(4);
    }
  }
  /// The last microsecond of sessions, and the first one without them.
  void deadlines() {
    for (unsigned bit = 0; bit < 50; ++bit) {
      const std::uint64_t lifetime = (std::uint64_t{1} << bit) + (random_() & ((std::uint64_t{1} << bit) - 1));
      if (now() + 2 * lifetime > core::kTimeMask) break;
      const std::uint64_t begin = now();
      const auto sessions = insert(10, lifetime);
      guess(sessions);
      now() = begin + lifetime - 1;
      guess(sessions);
      find(sessions);
      now() = begin + lifetime;
      guess(sessions);
      find(sessions);
      pop_events(6);
      static_cast<void>(bench_.driver.time());
      limit(below(20));
    }
  }
  /// Deadlines do not wrap.
  void end_of_time() {
    const auto sessions = insert(6, core::kTimeMask);
    for (const std::uint64_t left : {2000, 1, 0}) {
      now() = core::kTimeMask - left;
      guess(sessions);
      find(sessions);
      if (left != 0) insert(2, 1999);
    }
    pop_events(20);
  }

  core::CoreInterface& core_;
  core::test::Bench bench_;
  std::mt19937_64 random_;
  core::ServerSetup server_;
  std::array<std::uint32_t, 0x200 / 4> values_{};
};

}  // namespace reveille::sim::test
