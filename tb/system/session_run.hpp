// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/directed_run.hpp"

namespace reveille::sim::test {

/// Sessions from their first AP Request to the end: behind tags, with an end in each octet of a beat, close upon each
/// other, and with a host that takes nothing. Random traffic seldom has a session's own answers.
class SessionRun : private DirectedRun {
 public:
  /// `see` is called in every cycle.
  SessionRun(core::CoreInterface& core, std::uint64_t seed, std::function<void(const core::Inputs&)> see)
      : DirectedRun(core, seed) {
    bench_.perturb = [this, see = std::move(see)](core::Inputs& in) {
      in.host_rx_ready = !holds_ && chance(50);
      if (chance(pace_)) in.time_us += pace_ > 50 ? below(1000) : 1;
      see(in);
    };
  }

  /// From power-up.
  void play() {
    core::Setup setup = both_families_setup();
    setup.server.resend_budget = 15;
    server_ = setup.server;
    bench_.driver.bring_up(setup, random_());
    for (unsigned tags = 0; tags < 3; ++tags) {
      for (unsigned end = 0; end < 8; ++end) {
        for (const bool ipv4 : {false, true}) life(any_client(ipv4), tags, end);
      }
    }
    for (unsigned gap = 0; gap < 10; ++gap) close_upon_each_other(gap);
    command_among_frames();
    hold();
    begin_anew(setup);
  }

 private:
  /// A frame that ends with the first octets of a beat: its length is `end` more than a multiple of 8.
  void send_tagged(const net::Address& client, const Bytes& message, unsigned tags, unsigned end) {
    net::UdpFrame frame = client.is_ipv4() ? to_server4(message) : to_server6(message);
    frame.source = client;
    frame.destination = server_.addresses(client.is_ipv4())[below(2)];
    while (frame.tags.size() != tags)
      frame.tags.push_back({static_cast<std::uint16_t>(chance(50) ? 0x8100 : 0x88A8), 1});
    frame.trailer.assign((8 + end - net::build(frame).size() % 8) % 8, 0xAA);
    bench_.send(net::build(frame));
  }

  void life(const net::Address& client, unsigned tags, unsigned end) {
    const auto request = [&](std::uint32_t returned) { send_tagged(client, ap_request(returned, 0, 0), tags, end); };
    const auto recovered = [&](std::uint64_t value) { send_tagged(client, sa_recovered(value), tags, end); };
    Command command = any_restore(client, std::uint64_t{1} << 40);
    command.phase = Phase::outstanding;
    static_cast<void>(bench_.driver.command(command));
    recovered(command.tag);  // unexpected
    request(command.nonce ^ 1);
    request(0);
    request(command.nonce);
    request(command.nonce);  // a repeat
    drain();
    command.code = CommandCode::reply;
    static_cast<void>(bench_.driver.command(command));
    pace_ = chance(50) ? 10 : 80;
    request(command.nonce);  // a resend
    recovered(command.tag ^ 1);
    recovered(command.tag);
    request(command.nonce);
    drain();
    pace_ = 0;
    command.code = CommandCode::close;
    static_cast<void>(bench_.driver.command(command));
    request(command.nonce);
    drain();
  }

  /// Of one client, and of two, so many cycles more than the frame is long.
  void close_upon_each_other(unsigned gap) {
    const net::Address one = any_client(true), other = any_client(true);
    for (const net::Address& client : {one, one, other, one, other}) {
      send_tagged(client, ap_request(word(), 0, 0), 0, 0);
      bench_.net_rx.insert(bench_.net_rx.end(), gap, core::StreamSource{});
    }
    drain();
  }

  /// Each command while a verdict comes every eight cycles, and no noise.
  void command_among_frames() {
    for (unsigned code = 0; code < 8; ++code) {
      for (unsigned i = 0; i < 80; ++i) bench_.send(Bytes(64, 0xEE));
      Command command = any_restore(any_client(), std::uint64_t{1} << 40);
      command.code = static_cast<CommandCode>(code);
      static_cast<void>(bench_.driver.command(command));
      drain();
    }
  }

  /// Time comes to its end and, behind a reset, begins at 0: its highest bits fall nowhere else.
  void begin_anew(const core::Setup& setup) {
    for (const std::uint64_t time : {core::kTimeMask, std::uint64_t{0}}) {
      now() = time;
      if (time == 0) bench_.driver.bring_up(setup, random_());
      const net::Address client = any_client();
      static_cast<void>(bench_.driver.command(any_restore(client, 100)));
      request(client, 1);
      static_cast<void>(bench_.driver.time());
      bench_.run(20ULL * config::kSessions);  // a walk
      drain();
    }
  }

  /// Passing frames fill what the reserve leaves, a session's own the reserve; then what would pass is lost.
  void hold() {
    Command command = any_restore(any_client(), std::uint64_t{1} << 40);
    command.phase = Phase::replied;
    static_cast<void>(bench_.driver.command(command));
    Command fresh = any_restore(any_client(), std::uint64_t{1} << 40);
    fresh.phase = Phase::outstanding;
    static_cast<void>(bench_.driver.command(fresh));
    holds_ = true;
    for (unsigned i = 0; i < config::kFrameBufferBeats / 8; ++i) bench_.send(Bytes(64, 0xEE));
    constexpr unsigned half = 4 * config::kFrameBufferReserve - 128;
    for (const unsigned ticket : {half, half, 0U, 0U, 0U}) send(command.client, ap_request(command.nonce, ticket, 0));
    request(fresh.client, fresh.nonce);
    request(fresh.client, 0);
    send(command.client, sa_recovered(command.tag));
    drain();
    holds_ = false;
    bench_.run(5000);
    send(command.client, sa_recovered(command.tag));  // the state is as it was
    request(fresh.client, fresh.nonce);
    drain();
  }

  bool holds_ = false;
  unsigned pace_ = 0;  ///< of time
};

}  // namespace reveille::sim::test
