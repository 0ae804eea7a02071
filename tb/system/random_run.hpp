// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "system/random_frames.hpp"

namespace reveille::sim::test {

using core::ClientInitiated;
using core::Command;
using core::CommandResult;
using core::Inputs;

/// Traffic, commands and register accesses made to reach all verdicts, all commands and every place where two things
/// meet.
class RandomRun {
 public:
  RandomRun(core::CoreInterface& core, std::uint64_t seed)
      : core_(core), bench_(core), random_(seed), frames_(bench_, random_, seed) {
    bench_.perturb = [this](Inputs& in) {
      in.host_rx_ready = chance(host_rx_percent_);
      in.net_tx_ready = chance(net_tx_percent_);
      in.entropy_valid = entropy_ == Entropy::slow ? chance(10) : entropy_ != Entropy::none;
      in.entropy_data = entropy_ == Entropy::stuck || (entropy_ == Entropy::biased && chance(18))
                            ? 0x42
                            : static_cast<std::uint8_t>(random_());
      in.bready = in.rready = !stalls_bus_ || chance(30);
      if (walks_) in.time_us += chance(5) ? 1 : 0;
      if (random_() % 5000 == 0) in.time_us += below(5000);  // also while a command runs
      if (interfere) interfere(in);
    };
  }

  /// From a reset, with another configuration each time.
  void play(unsigned steps) {
    for (unsigned round = 0; round < 3; ++round) {
      bring_up();
      for (unsigned i = 0; i < steps / 3; ++i) step();
      bench_.run(20000);
      for (unsigned i = 0; i < kCounters; ++i) counted_[i] += bench_.driver.counter(i);
      bench_.driver.realign_events();
      while (const auto event = bench_.driver.pop_event()) ++events_[static_cast<std::size_t>(event->kind)];
      if (chance(50)) bench_.driver.write(core::address::lock, 1);
      for (unsigned i = 0; i < 20; ++i) run_command();
    }
  }

  /// Called in every cycle behind all else, and may change its inputs; what it throws ends the call that runs.
  std::function<void(Inputs&)> interfere;
  /// Another run from where it stands.
  void seed(std::uint64_t value) { random_.seed(value); }
  /// From a reset, until the store is ready.
  void bring_up() {
    reset_under_traffic();
    choose_setup();
    bench_.driver.bring_up(setup_, random_());
  }
  /// Without waiting for the store.
  void configure() {
    drain();
    choose_setup();
    bench_.driver.configure(setup_);
    bench_.driver.load_framing(setup_.hops, setup_.principal);
  }
  /// Some frames, perhaps a command, and whatever else a host does.
  void step() {
    if (chance(1)) {
      host_rx_percent_ = chance(50) ? 100 : below(chance(50) ? 5 : 101);
      net_tx_percent_ = 30 + below(71);
      walks_ = chance(50);
      stalls_bus_ = chance(30);
      reads_events_percent_ = chance(50) ? 0 : 40;
      entropy_ = static_cast<Entropy>(chance(60) ? 0 : below(5));
      if (chance(50)) bench_.driver.write(core::address::control, 1 | below(2) << 2);
      bench_.driver.write(core::address::irq_enable, below(8));
      bench_.driver.write(core::address::irq_status, below(8));
      bench_.driver.write(core::address::noise_silence, chance(70) ? 0 : 1 + below(chance(50) ? 30 : 5000));
      bench_.driver.write(core::address::generator, below(16));
    }
    for (unsigned i = below(6); i != 0; --i) frames_.queue_frame();
    // In a burst passing frames come close behind a message, and meet its frame on the way out.
    if (chance(10)) {
      const bool burst = chance(20);
      for (unsigned i = burst ? below(30) : 1; i != 0; --i) frames_.queue_host(burst ? 10 : 50, setup_.server);
    }
    if (chance(20)) core_.inputs.time_us += random_() % (chance(5) ? 100000 : 300);
    if (random_() % 500 == 0) leap();
    if (chance(40)) run_command();
    if (chance(5)) run_command_under_writes();
    if (chance(reads_events_percent_)) static_cast<void>(bench_.driver.pop_event());
    if (chance(2)) bench_.driver.write(core::address::event_mask, static_cast<std::uint32_t>(random_()));
    if (chance(5)) read_anything();
    if (chance(2)) static_cast<void>(bench_.driver.time());
    if (chance(1)) reconfigure();
    if (chance(1)) reload_framing();
    if (chance(2)) realign();
    if (random_() % 500 == 0) frames_.queue_endless_frame();
    if (random_() % 200 == 0) crowd();
    bench_.run(below(30));
    bench_.verdicts.clear();
    bench_.last_beats.clear();
    bench_.host.frames.clear();
    bench_.net.frames.clear();
  }
  /// The next frames, of a fixed spacing or nearly.
  void flood(unsigned frames, unsigned spacing, unsigned jitter) { frames_.queue_flood(frames, spacing, jitter); }
  [[nodiscard]] core::test::Bench& bench() { return bench_; }

  static constexpr unsigned kCounters = 20;
  [[nodiscard]] const std::array<std::uint64_t, kCounters>& counted() const { return counted_; }
  [[nodiscard]] const std::array<std::uint64_t, 5>& events() const { return events_; }
  [[nodiscard]] const std::array<std::uint64_t, 8>& results() const { return results_; }

 private:
  /// Stuck fails the repetition count test, biased the adaptive proportion test.
  enum class Entropy { flowing, slow, none, stuck, biased };

  /// What is on its way in goes on through the reset, but not through the configuration: a frame may see either value
  /// of that.
  void reset_under_traffic() {
    core_.inputs.rst_n = false;
    bench_.run(1 + below(5));
    core_.inputs.rst_n = true;
    drain();
  }
  void drain() {
    while (!bench_.net_rx.empty() || !bench_.host_tx.empty()) bench_.step();
    bench_.run(20);
  }
  void choose_setup() {
    entropy_ = Entropy::flowing;
    frames_.forget_nonces();
    leap();
    setup_ = both_families_setup();
    setup_.event_mask = static_cast<std::uint32_t>(random_()) & 0x1FFFE;
    setup_.wake_tries = below(chance(50) ? 4 : 16);
    setup_.wake_interval_us =
        1 + static_cast<std::uint32_t>(chance(20) ? random_magnitude(random_, 31) : below(chance(50) ? 3000 : 5));
    setup_.wake_version = octet();
    setup_.server.versions = {0x10, octet(), octet(), octet()};
    setup_.server.versions.resize(1 + below(4));
    std::shuffle(setup_.server.versions.begin(), setup_.server.versions.end(), random_);
    if (chance(30)) setup_.server.port = static_cast<std::uint16_t>(random_());
    setup_.server.doi_snmp = chance(70);
    setup_.server.resend_budget = below(4);
    setup_.server.client_initiated = static_cast<ClientInitiated>(chance(50) ? 1 : below(4));
    setup_.server.interval_us = chance(30) ? random_magnitude(random_, 32) : below(2000);
    setup_.server.tolerance_us = chance(30) ? random_magnitude(random_, 52) : below(10000);
    setup_.server.listed = chance(40);
    setup_.server.drop_later_fragments = chance(50);
    for (auto* addresses : {&setup_.server.ipv4, &setup_.server.ipv6}) {
      for (net::Address& address : *addresses) {
        if (chance(50)) address = random_address(random_, address.is_ipv4());
      }
      if (chance(20)) addresses->resize(below(2));
    }
    setup_.hops.clear();
    for (unsigned hop = 0; hop < 8; ++hop) setup_.hops.push_back(any_hop());
    setup_.guess_threshold = below(chance(80) ? 6 : 512);
    setup_.noise_silence = chance(70) ? 0 : 200 + below(5000);
    setup_.restart_limit = below(chance(70) ? 4 : 16);
    if (chance(30)) setup_.principal.assign(127, 'p');
    for (char& character : setup_.principal) character = static_cast<char>(1 + below(255));
    frames_.serve(setup_.server);
  }
  core::Hop any_hop() {
    core::Hop hop{};
    for (auto* address : {&hop.destination, &hop.source}) {
      for (std::uint8_t& each : *address) each = octet();
    }
    if (chance(50)) hop.tpid = static_cast<std::uint16_t>(random_());
    hop.tci = static_cast<std::uint16_t>(random_());
    return hop;
  }
  /// Of time, by as much as is left at most; no session outlives a long one.
  void leap() {
    const std::uint64_t microseconds = random_magnitude(random_, 50);
    if (core_.inputs.time_us + microseconds < core::kTimeMask / 2) core_.inputs.time_us += microseconds;
  }
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  std::uint8_t octet() { return static_cast<std::uint8_t>(random_()); }

  /// Frames in flight may see either value of what they are judged by; server messages, commands and the rate limiter
  /// know in which cycle they look.
  void reconfigure() {
    while (!bench_.net_rx.empty()) bench_.step();
    bench_.run(20);
    core::ServerSetup& server = setup_.server;
    // Locked or not.
    const auto some_bit = [&] { return chance(50) ? 1U << below(32) : 0; };
    for (std::size_t i = 0; i < server.ipv4.size(); ++i)
      try_write(core::address::server_ipv4 + 4 * i, core::address_words(server.ipv4[i])[3] ^ some_bit());
    for (std::size_t i = 0; i < 4 * server.ipv6.size(); ++i)
      try_write(core::address::server_ipv6 + 4 * i, core::address_words(server.ipv6[i / 4])[i % 4] ^ some_bit());
    try_write(core::address::interval, static_cast<std::uint32_t>(random_magnitude(random_, chance(50) ? 11 : 32)));
    try_write(core::address::tolerance_low,
              static_cast<std::uint32_t>(random_magnitude(random_, chance(50) ? 13 : 32)));
    try_write(core::address::tolerance_high,
              chance(70) ? 0 : static_cast<std::uint32_t>(random_magnitude(random_, 20)));
    const unsigned ipv4 = chance(50) ? 3 : below(0x100);
    const unsigned ipv6 = chance(50) ? 3 : below(0x100);
    bench_.driver.write(
        core::address::server_enable,
        ipv4 | ipv6 << 8 | below(4) << 16 | (chance(80) ? (1U << server.versions.size()) - 1 : below(16)) << 20);
    bench_.driver.write(core::address::policy, below(4));
    bench_.driver.write(core::address::client_initiated, chance(50) ? 1 : below(4));
    bench_.driver.write(core::address::guessing, below(chance(80) ? 6 : 512));
    bench_.driver.write(core::address::resend_budget, below(16));
    bench_.driver.write(core::address::wake, below(chance(50) ? 4 : 16) | below(0x100) << 8);
    bench_.driver.write(core::address::server_port, chance(80) ? server.port : 1000 + below(2));
    bench_.driver.write(core::address::wake_interval,
                        static_cast<std::uint32_t>(chance(20) ? random_() : 1 + below(chance(50) ? 3000 : 5)));
    bench_.run(20);
  }
  void try_write(std::size_t address, std::uint32_t value) {
    try {
      bench_.driver.write(static_cast<std::uint16_t>(address), value);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::protocol) throw;  // locked
    }
  }

  /// The bank that a frame under way still uses is not written.
  void reload_framing() {
    while ((bench_.driver.read(core::address::status) & REVEILLE_STATUS_FRAMING_MASK) != 0) {
    }
    std::string principal(below(128), ' ');
    for (char& character : principal) character = static_cast<char>(1 + below(255));
    setup_.hops.resize(8);  // of a host that has not configured anything, too
    setup_.hops[below(8)] = any_hop();
    bench_.driver.load_framing(setup_.hops, principal);
    while ((bench_.driver.read(core::address::status) & REVEILLE_STATUS_FRAMING_MASK) != 0) {
    }
    if (chance(30)) bench_.driver.write(core::address::framing_end - 4, 0x70707070);  // no NUL, once it is in use
  }

  void realign() {
    for (unsigned i = below(10); i != 0; --i) static_cast<void>(bench_.driver.read(core::address::event_data));
    bench_.driver.realign_events();
  }

  /// The host takes nothing: passing frames fill what the reserve leaves, accepted ones the reserve.
  void crowd() {
    host_rx_percent_ = 0;
    for (unsigned i = 0; i < 170; ++i) bench_.send(Bytes(64, 0xEE));
    for (unsigned i = 0; i < 3; ++i) {
      Command restore = make_command(CommandCode::restore, frames_.client(i));
      static_cast<void>(bench_.driver.command(make_command(CommandCode::close, restore.client)));
      restore.nonce = nonce;
      restore.lifetime = 1'000'000;
      static_cast<void>(bench_.driver.command(restore));
      const Bytes request = ap_request(nonce, 3000);
      bench_.send(net::build(frames_.to_server(restore.client, request)));
    }
    while (!bench_.net_rx.empty()) bench_.step();
    host_rx_percent_ = 100;
  }

  void read_anything() {
    try {
      static_cast<void>(bench_.driver.read(static_cast<std::uint16_t>(below(0x1000))));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::protocol) throw;  // a hole in the map refuses
    }
  }

  void run_command() {
    Command command;
    command.code = static_cast<CommandCode>(below(8));
    if (chance(50)) command.code = chance(50) ? CommandCode::wake : CommandCode::reply;
    command.client = frames_.any_client();
    command.lifetime = chance(5)    ? 0
                       : chance(10) ? random_magnitude(random_, 52)
                                    : 1 + random_() % (chance(50) ? 200000 : 5000);
    command.nonce = chance(5) ? 0 : chance(50) ? nonce + below(2) : static_cast<std::uint32_t>(random_());
    command.phase = static_cast<Phase>(below(4));
    command.tag = frames_.any_tag();
    command.hop = static_cast<std::uint8_t>(below(8));
    command.snmp = chance(50);
    command.armed = chance(50);
    command.source = static_cast<std::uint8_t>(below(8));
    if (chance(1)) command.lifetime = core::kTimeMask - below(3);
    command.location = chance(90) ? last_location_ : static_cast<std::uint16_t>(below(0x1000));
    const CommandResult result = bench_.driver.command(command);
    ++results_[static_cast<std::size_t>(result.code)];
    if (result.entry.nonce != 0) {
      frames_.drawn(command.client, result.entry.nonce);
      last_location_ = result.location;
      if (chance(20)) {  // the session's own answer: accepted, resend or repeat
        bench_.send(net::build(frames_.to_server(command.client, ap_request(result.entry.nonce))));
      }
      command.code = CommandCode::read;
      if (chance(50)) static_cast<void>(bench_.driver.command(command));  // its deadline tells when it was made
    }
  }

  /// Arguments that are written while a command runs come too late (H7); its end may meet a write that clears it (H8).
  void run_command_under_writes() {
    namespace address = core::address;
    constexpr std::uint16_t arguments[] = {address::command_client + 12,   address::command_lifetime_low,
                                           address::command_lifetime_high, address::command_nonce,
                                           address::command_tag,           address::command_session,
                                           address::command_location,      address::command};
    bench_.driver.write(address::command, 1 + below(7));
    for (unsigned i = below(30); i != 0; --i) {
      bench_.driver.write(chance(50) ? address::irq_status : arguments[below(8)],
                          static_cast<std::uint32_t>(random_()));
    }
    while ((bench_.driver.read(address::status) & REVEILLE_STATUS_COMMAND_BUSY_MASK) != 0) {
    }
    static_cast<void>(bench_.driver.read(address::result));
    static_cast<void>(bench_.driver.read(address::result_nonce));
  }

  core::CoreInterface& core_;
  core::test::Bench bench_;
  std::mt19937_64 random_;
  RandomFrames frames_;
  core::Setup setup_;
  std::uint16_t last_location_ = 0;
  unsigned host_rx_percent_ = 100;
  unsigned net_tx_percent_ = 80;
  bool walks_ = true;
  bool stalls_bus_ = false;
  unsigned reads_events_percent_ = 40;
  Entropy entropy_ = Entropy::flowing;
  std::array<std::uint64_t, kCounters> counted_{};
  std::array<std::uint64_t, 5> events_{};  // by kind
  std::array<std::uint64_t, 8> results_{};
};

}  // namespace reveille::sim::test
