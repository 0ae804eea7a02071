// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/directed_run.hpp"

namespace reveille::sim::test {

/// A core that is ready, in corners beside the guard: whose time a command goes by, what is framed and counted, how the
/// generator fails, what a lock hides.
class CornerRun : private DirectedRun {
 public:
  CornerRun(core::CoreInterface& core, std::uint64_t seed) : DirectedRun(core, seed) {}

  /// Of a core whose store is ready.
  void play() {
    configure();
    store_time();
    for (const bool inverted : {false, true}) messages(inverted);
    verdicts();
    failures();
    hidden();
    registers_from_reset();
  }
  /// A counter up to bit 21.
  void count_far() { count_on(520); }

 private:
  void read_all(unsigned first, unsigned end) {
    for (unsigned at = first; at < end; at += 4) try_read(at);
    bench_.driver.realign_events();
  }
  /// Commands, one behind the other, until all frames are in: a new session's deadline tells what time it was.
  void commands_beside_frames() {
    while (!bench_.net_rx.empty()) {
      Command command = any_restore(any_client(chance(50)), std::uint64_t{1} << 30);
      static_cast<void>(bench_.driver.command(command));
      command.code = chance(50) ? CommandCode::read : CommandCode::close;
      static_cast<void>(bench_.driver.command(command));
    }
  }
  /// While time goes on in every cycle: short frames, and some that have not ended when theirs is over.
  void store_time() {
    bench_.perturb = [this](core::Inputs& in) { in.time_us += below(4); };
    for (unsigned i = 0; i < 400; ++i) {
      bench_.send(Bytes(1 + below(80), 0xC0));
      bench_.net_rx.insert(bench_.net_rx.end(), below(20), core::StreamSource{});
    }
    commands_beside_frames();
    for (const std::size_t octets : {16, 48, 64, 80}) {
      const auto some = core::test::beats(Bytes(octets, 0xC1));
      for (const auto& beat : some) {
        if (beat.last) bench_.net_rx.insert(bench_.net_rx.end(), 18000, core::StreamSource{});
        bench_.net_rx.push_back(beat);
      }
      bench_.run(15900);
      commands_beside_frames();
    }
    bench_.perturb = nullptr;
    drain();
  }

  void host_message(const net::Address& client, std::size_t octets) {
    Bytes message(client.octets.begin(), client.octets.end());
    append_big_endian(message, word(), 4);
    while (message.size() < octets) message.push_back(static_cast<std::uint8_t>(random_()));
    message.resize(octets);
    bench_.send_host(message, 1);
    while (!bench_.host_tx.empty()) bench_.step();
    bench_.run(4 * octets + 300);
  }
  /// To clients of both families, and those that miss IPv4 by a bit; of each length at which something turns; from
  /// servers with every bit of their addresses one way, then the other.
  void messages(bool inverted) {
    core::Setup setup = both_families_setup();
    for (auto* addresses : {&setup.server.ipv4, &setup.server.ipv6}) {
      for (std::size_t i = 0; i < addresses->size(); ++i) {
        net::Address& address = (*addresses)[i];
        const bool ipv4 = address.is_ipv4();
        address = server_.addresses(ipv4)[i];
        for (std::size_t octet = ipv4 ? 12 : 0; inverted && octet < 16; ++octet) address.octets[octet] ^= 0xFF;
      }
    }
    setup.event_mask = 0x1FFFE;
    server_ = setup.server;
    bench_.driver.configure(setup);
    bench_.driver.load_framing(setup.hops, setup.principal);
    bench_.driver.feed_entropy(random_());
    for (unsigned i = 0; i < 80; ++i) {
      Command wake = any_restore(any_client(i % 2 == 0), std::uint64_t{1} << 40);
      wake.code = CommandCode::wake;
      wake.source = static_cast<std::uint8_t>(i / 2 % 4);
      static_cast<void>(bench_.driver.command(wake));
      bench_.run(600);
    }
    for (unsigned bit = 0; bit < 96; ++bit) {
      net::Address client = any_client(true);
      client.octets[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      host_message(client, 33 + below(4));
    }
    for (const std::size_t octets :
         {1,   8,   16,   31,   32,   33,   34,   35,   36,   64,   65,   255,  256,  257,  511,
          512, 513, 1023, 1024, 1025, 1479, 1480, 1481, 1482, 1600, 2047, 2048, 2049, 2080, 2100}) {
      for (const bool ipv4 : {true, false}) host_message(any_client(ipv4), octets);
    }
    read_all(core::address::event_count, core::address::message_errors + 4);
    drain();
  }

  /// Of many kinds, some in neighbouring cycles, some lost; then all that was counted.
  void verdicts() {
    for (unsigned i = 0; i < 3000; ++i) {
      bench_.send(Bytes(1 + below(8), 0xC2));
      if (i % 3 == 0) continue;
      net::UdpFrame frame = chance(50) ? to_server4(ap_request(word(), 3)) : to_server6(ap_request(word(), 3));
      frame.destination = server_.addresses(frame.source.is_ipv4())[below(2)];
      switch (below(9)) {
        case 0: frame.payload[0] = static_cast<std::uint8_t>(below(8)); break;
        case 1: frame.payload[2] = 0; break;
        case 2: frame.udp_length = std::uint16_t{9000}; break;
        case 3: frame.udp_checksum = std::uint16_t{1}; break;
        case 4: frame.tags.assign(3, {0x8100, 1}); break;
        case 5: frame.source = frame.destination; break;
        case 6: frame.ipv4_fragment = 0x2000; break;
        case 7: frame.payload = ap_request(0, 3); break;
        default: break;
      }
      bench_.send(net::build(frame));
      if (i % 100 == 0) drain();
    }
    drain();
    for (const unsigned frames : {900, 1100, 1200, 4200}) {
      for (unsigned i = 0; i < frames; ++i) bench_.send(Bytes(8, 0xC3));
      drain();
      read_all(core::address::counters, core::address::counters_end);
    }
    // The host takes nothing: what passes is lost, of every size.
    core_.inputs.host_rx_ready = false;
    Command session = any_restore(any_client(), std::uint64_t{1} << 40);
    session.phase = Phase::outstanding;
    static_cast<void>(bench_.driver.command(session));
    for (unsigned i = 0; i < 300; ++i) bench_.send(Bytes(64, 0xC4));
    for (const std::size_t octets : {9216, 9217, 9300, 9400}) bench_.send(Bytes(octets, 0xC5));
    for (unsigned i = 0; i < 3; ++i) {
      send(session.client, ap_request(session.nonce, 3000));
      send(session.client, ap_request(session.nonce, 8ULL * config::kFrameBufferReserve - 244));
    }
    while (!bench_.net_rx.empty()) bench_.step();
    core_.inputs.host_rx_ready = true;
    bench_.run(20000);
    drain();
    read_all(core::address::counters, core::address::counters_end);
  }

  void noise(unsigned cycles, bool flows, bool stuck = false) {
    for (; cycles != 0; --cycles) {
      core_.inputs.entropy_valid = flows;
      core_.inputs.entropy_data = stuck ? 0x42 : static_cast<std::uint8_t>(random_());
      bench_.step();
    }
    core_.inputs.entropy_valid = false;
  }
  void read_generator() {
    for (const unsigned at : {core::address::status, core::address::generator, core::address::generator_failures,
                              core::address::irq_status})
      try_read(at);
  }
  /// Silences of each length, and stuck noise, up to as many restarts as are allowed; commands meanwhile; noise again.
  void failures() {
    namespace address = core::address;
    write(address::irq_enable, 7);
    for (const unsigned limit :
         {1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 128, 200, 256, 1000, 4096}) {
      write(address::noise_silence, 0);
      write(address::generator, below(4));
      write(address::control, REVEILLE_CONTROL_GENERATOR_RESTART_MASK);
      noise(50, true);
      core_.inputs.entropy_valid = true;  // while the limit is written
      write(address::noise_silence, limit);
      noise(5, true);
      for (unsigned i = 0; i < 6; ++i) {
        noise(1 + below(3), true);
        noise(i % 2 == 0 ? limit + below(4) : limit - 1, false);
        read_generator();
      }
      write(address::irq_status, 7);
    }
    write(address::generator, 0);
    write(address::noise_silence, 5);
    write(address::control, REVEILLE_CONTROL_GENERATOR_RESTART_MASK);
    noise(20, false);
    for (unsigned i = 0; i < 4; ++i) {
      for (const bool good : {true, false}) {
        Command wake = any_restore(any_client(), good ? 1000 : 0);
        wake.code = CommandCode::wake;
        static_cast<void>(bench_.driver.command(wake));
      }
    }
    write(address::noise_silence, 0);
    for (unsigned i = 0; i < 6; ++i) {
      if (i % 3 == 0) write(address::control, REVEILLE_CONTROL_GENERATOR_RESTART_MASK);
      noise(200 + below(500), true);
      noise(9 + below(4), true, true);
      noise(60, true);
      read_generator();
    }
    // In the middle of a step of the generator.
    for (unsigned i = 0; i < 8; ++i) {
      write(address::control, REVEILLE_CONTROL_GENERATOR_RESTART_MASK);
      noise(i < 4 ? below(400) : 1500 + below(4000), true);
      read_generator();
    }
    write(address::control, REVEILLE_CONTROL_GENERATOR_RESTART_MASK);
    bench_.driver.feed_entropy(random_());
    for (unsigned i = 0; i < 12; ++i) {
      Command wake = any_restore(any_client(), 1000);
      wake.code = CommandCode::wake;
      static_cast<void>(bench_.driver.command(wake));
      bench_.run(700);
    }
  }

  /// From a lock on; nothing undoes it but a reset.
  void hidden() {
    pop_events(4000);
    write(core::address::lock, 1);
    for (unsigned i = 0; i < 10; ++i) {
      Command session = any_restore(any_client(chance(50)), std::uint64_t{1} << 40);
      session.phase = Phase::outstanding;
      static_cast<void>(bench_.driver.command(session));
      request(session.client, session.nonce ^ 8);
      request(session.client, session.nonce);
      drain();
      session.code = CommandCode::read;
      static_cast<void>(bench_.driver.command(session));
      pop_events(2);
    }
    read_all(0, core::address::counters);
  }

  /// What each register holds after a reset, and a write of one of them.
  void registers_from_reset() {
    namespace address = core::address;
    core_.inputs.rst_n = false;
    bench_.step();
    core_.inputs.rst_n = true;
    for (unsigned at = address::server_enable; at < address::counters; at += 4) {
      if (at != address::lock && at != address::command) try_write(at, word());
    }
    for (unsigned at = address::server_enable; at < address::counters; at += 4) {
      if (at == address::lock || at == address::command) continue;
      core_.inputs.rst_n = false;
      bench_.step();
      core_.inputs.rst_n = true;
      try_write(at, word() | 1);
      read_all(address::server_enable, address::counters);
    }
  }
};

}  // namespace reveille::sim::test
