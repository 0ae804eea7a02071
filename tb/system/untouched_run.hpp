// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/core/support.hpp"
#include "system/in_child.hpp"

namespace reveille::sim::test {

/// A host that leaves registers as a reset left them: the arguments of its commands, each as long as it can, and all
/// addresses of the server, from which Wake Ups are sent all the same.
class UntouchedRun {
 public:
  explicit UntouchedRun(core::CoreInterface& core) : core_(core), bench_(core) {}

  void play() {
    core_.inputs.rst_n = false;
    bench_.run(2);
    core_.inputs.rst_n = true;
    read_all();
    const core::Setup setup = core::test::both_families_setup();
    bench_.driver.load_framing(setup.hops, setup.principal);
    write(core::address::server_enable, 0x00F30303);  // all addresses, both DOIs, all versions
    bench_.driver.feed_entropy(1);
    for (const std::uint8_t version : {0, 0xFF}) {
      Bytes request = core::test::ap_request(1);
      request[2] = version;
      bench_.judge(net::build(core::test::to_server4(request)));
    }
    first_turn();
    all_commands();  // refused, for want of a lifetime
    write(core::address::command_lifetime_low, 1000000);
    all_commands();  // restores nothing, for want of a nonce
    write(core::address::command_nonce, 0x1BADC5A7);
    all_commands();
    // From each register of the server, to a client of each family.
    for (const std::uint32_t family : {0U, 0x20010DB8U}) {
      for (std::uint32_t source = 0; source < 2; ++source) {
        write(core::address::command_client, family);
        write(core::address::command_client + 8, family == 0 ? 0xFFFF : 0);
        write(core::address::command_client + 12, 0xC6336400 + source);
        write(core::address::command_session, source << 12);
        command(CommandCode::wake);
      }
    }
    answer();
    rate();
    place();
    bench_.run(2000);
  }

 private:
  void read_all() {
    for (unsigned address = 0; address < 0x1000; address += 4) {
      if (address >= 0x200 && address < 0x300) continue;  // counters are not defined so early (H12)
      try {
        static_cast<void>(bench_.driver.read(static_cast<std::uint16_t>(address)));
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::protocol) throw;  // there is no such register
      }
    }
  }
  /// The last client that was woken answers, and so does the host, with a tag that was never written.
  void answer() {
    net::UdpFrame frame =
        core::test::to_server6(core::test::ap_request(bench_.driver.read(core::address::result_nonce)));
    frame.source = net::Address::parse("2001:db8::c633:6401");
    bench_.judge(net::build(frame));
    command(CommandCode::reply);
    command(CommandCode::read);
  }
  /// Frames beside each other, limited by neither interval nor tolerance, then by an interval.
  void rate() {
    for (const std::uint32_t interval : {0, 1000}) {
      if (interval != 0) write(core::address::interval, interval);
      write(core::address::client_initiated, 1);
      for (unsigned i = 0; i < 3; ++i) bench_.judge(net::build(core::test::to_server4(core::test::ap_request(0))));
      write(core::address::client_initiated, 0);
    }
  }
  /// Clients in most places, so that there is one in the place that was never written.
  void place() {
    for (std::uint32_t client = 0; client < 4000; ++client) {
      write(core::address::command_client + 12, 0xC6330000 + client);
      write(core::address::command, static_cast<std::uint32_t>(CommandCode::restore));
      while ((bench_.driver.read(core::address::status) & REVEILLE_STATUS_COMMAND_BUSY_MASK) != 0) {
      }
    }
    command(CommandCode::read_location);
  }
  /// The first Wake Up, and a message that comes beside it, in this cycle or that.
  void first_turn() {
    bench_.run(2000);  // until there are nonces again
    for (unsigned cycles = 0; cycles < 120; ++cycles) {
      const bool agrees = in_child([&] {
        try {
          write(core::address::command_client + 8, 0xFFFF);
          write(core::address::command_client + 12, 0xC6336400);
          write(core::address::command_lifetime_low, 1000000);
          write(core::address::command, static_cast<std::uint32_t>(CommandCode::wake));
          bench_.run(cycles);
          Bytes message(60);
          message[10] = message[11] = 0xFF;
          bench_.send_host(message, 1);
          bench_.run(1000);
          return true;
        } catch (const Error& error) {
          std::cerr << error.what() << std::endl;
          return false;
        }
      });
      if (!agrees) throw Error(ErrorKind::internal, "a Wake Up and a message that come first, together");
    }
  }
  void write(unsigned address, std::uint32_t value) { bench_.driver.write(static_cast<std::uint16_t>(address), value); }
  void all_commands() {
    using enum CommandCode;
    for (const auto code : {restore, read, read_location, reply, read, reject, close, wake, read, close}) command(code);
  }
  void command(CommandCode code) {
    namespace address = core::address;
    write(address::command, static_cast<std::uint32_t>(code));
    while ((bench_.driver.read(address::status) & REVEILLE_STATUS_COMMAND_BUSY_MASK) != 0) {
    }
    for (const unsigned offset : {0, 4, 8, 12, 16, 20, 32, 36, 40, 44})  // the results that there are
      static_cast<void>(bench_.driver.read(static_cast<std::uint16_t>(address::result + offset)));
  }

  core::CoreInterface& core_;
  core::test::Bench bench_;
};

}  // namespace reveille::sim::test
