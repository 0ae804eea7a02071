// SPDX-License-Identifier: Apache-2.0
#include "fuzz/play.hpp"

namespace reveille::fuzz {

namespace address = core::address;
using core::CommandResult;
using core::test::make_command;

namespace {

/// Two addresses of each family, which no input changes.
core::Setup setup_of(unsigned number) {
  core::Setup setup = core::test::both_families_setup();
  setup.server.versions = {0x10, 0x21};
  setup.event_mask = 0x1FFFE;
  setup.wake_interval_us = 200;
  setup.guess_threshold = 2;
  if (number == 2) {
    setup.server.listed = setup.server.drop_later_fragments = true;
    setup.server.client_initiated = core::ClientInitiated::pass_limited;
    setup.server.interval_us = 100;
    setup.server.tolerance_us = 300;
  }
  if (number == 3) {
    setup.server.client_initiated = core::ClientInitiated::pass;
    setup.server.resend_budget = 0;
    setup.server.doi_snmp = false;
    setup.event_mask = 0;
    setup.wake_tries = 2;
  }
  return setup;
}

}  // namespace

Start Play::cold(core::CoreInterface& core) {
  Start start;
  start.setup = setup_of(0);
  Play play(core, start);
  play.source_ = Noise::none;
  play.bench_.run(100);
  // Both banks of the one memory that reset does not clear.
  for (unsigned bank = 0; bank != 2; ++bank) {
    play.bench_.driver.load_framing(start.setup.hops, start.setup.principal);
    play.cycles_ = 0;
  }
  start.oracle = play.start_.oracle;
  start.oracle.count_anew();
  start.inputs = core.inputs;
  return start;
}

Start Play::ready(core::CoreInterface& core, const Start& cold) {
  core.inputs = cold.inputs;
  core::test::Bench bench(core);
  bench.driver.configure(cold.setup);
  bench.driver.feed_entropy(1);
  Start start = cold;
  start.inputs = core.inputs;
  return start;
}

Start Play::at_work(core::CoreInterface& core, const Start& ready, unsigned number) {
  Start start = ready;
  start.setup = setup_of(number);
  Play play(core, start);
  play.bench_.driver.configure(start.setup);
  play.start_.oracle.configured(start.setup, true);
  core.inputs.time_us = 1'000'000;
  for (unsigned client = 0; client != Frames::kClients; ++client) {
    play.cycles_ = 0;
    Command restore = make_command(client < 2 ? CommandCode::wake : CommandCode::restore, Frames::client(client));
    restore.nonce = 0x1badcafe + client;
    restore.tag = core::test::tag + client;
    restore.lifetime = 5000ULL * (client + 1);
    restore.phase = static_cast<Phase>(client / 2 % 4);
    const CommandResult result = play.bench_.driver.command(restore);
    play.tell_policy(restore, result);
    play.start_.frames.know(client, result.entry.nonce != 0 ? result.entry.nonce : restore.nonce, restore.tag);
  }
  play.settle();
  start.frames = play.start_.frames;
  start.oracle = play.start_.oracle;
  start.oracle.count_anew();
  start.inputs = core.inputs;
  return start;
}

void Play::order(Choices& choices) {
  // Most are frames, close behind each other: the rest takes so many cycles that few would come.
  const unsigned what = choices.below(64);
  if (what < 36) return queue(start_.frames.right(choices));
  switch (what) {
    case 36:
    case 37:
    case 38: return queue(start_.frames.raw(choices));
    case 39:
    case 40:
    case 41: return queue(start_.frames.again(choices));
    case 42:
    case 43:
    case 44: {
      const Bytes frame = start_.frames.again(choices);
      for (unsigned i = choices.below(32); i != 0; --i) queue(frame);
      return;
    }
    case 45: {  // with a look-up each, of any spacing
      const unsigned frames = choices.below(64);
      const unsigned spacing = choices.below(16);
      for (unsigned i = 0; i != frames; ++i) {
        queue(Bytes(56, 0xF1));
        bench_.net_rx.insert(bench_.net_rx.end(), spacing, core::StreamSource{});
      }
      return;
    }
    case 46: gaps_ = choices.octet(); return;
    case 47: return bench_.run(4UL * choices.below(64));
    case 48: return bench_.send_host(Bytes(1 + choices.below(256), 0x5C), 0);
    case 49: return host_message(choices);
    case 50: host_rx_ = choices.octet(); return;
    case 51: net_tx_ = choices.octet(); return;
    case 52:
      source_ = static_cast<Noise>(choices.below(6));
      bus_ = choices.octet() | 1;
      return;
    case 53: {  // it stays at the last one (L14)
      const std::uint64_t time = core_.inputs.time_us + choices.number(1 + choices.below(6));
      core_.inputs.time_us = std::min(time, policy::last_time);
      return;
    }
    case 54: walk_ = choices.below(64); return;
    case 55: return run_quietly(choices);
    case 56: return begin_command(choices);
    case 57: return storm(choices);
    case 58: return read(static_cast<std::uint16_t>(choices.number(2) & 0xFFC));
    case 59:
      for (unsigned i = choices.below(33); i != 0; --i) read(address::event_data);
      return;
    case 60: return poke(choices);
    case 61: return configure(choices);
    case 62: {
      const bool in_full = choices.one_of(8);
      bench_.driver.load_framing(start_.setup.hops, std::string(choices.below(128), 'p'));
      if (in_full) write(address::framing_end - 4, 0x70707070);  // no end, once it is in use
      return;
    }
    default: return reset(choices);
  }
}

/// Or a long time passes.
void Play::reset(Choices& choices) {
  const unsigned cycles = choices.octet();
  if (cycles >= 4) return bench_.run(16UL * cycles);
  core_.inputs.rst_n = false;
  bench_.run(1 + cycles);
  core_.inputs.rst_n = true;
  empty_ = true;
  bench_.run(choices.below(64));
}

Command Play::command(Choices& choices, unsigned& client) {
  Command command;
  client = choices.below(Frames::kClients);
  command.code = static_cast<CommandCode>(choices.below(8));
  command.client = Frames::client(client);
  const unsigned how = choices.octet();
  command.phase = static_cast<Phase>(how & 3);
  command.hop = static_cast<std::uint8_t>(how >> 2 & 1);
  command.snmp = (how >> 3 & 1) != 0;
  command.armed = (how >> 4 & 1) != 0;
  command.source = static_cast<std::uint8_t>(how >> 5);
  command.lifetime = choices.number(1 + choices.below(4)) << (choices.octet() == 0xFF ? 28 : 0);
  command.nonce = choices.one_of(16) ? 0 : 0x1badcafe + client;
  command.tag = core::test::tag + client;
  command.location = static_cast<std::uint16_t>(choices.number(2) & 0xFFF);
  return command;
}

void Play::run_quietly(Choices& choices) {
  unsigned client = 0;
  const Command command = this->command(choices, client);
  const unsigned walk = std::exchange(walk_, 0);
  settle();
  bench_.driver.wait_for_command();
  const CommandResult result = bench_.driver.command(command);
  if (command.inserts() && result.code == ResultCode::ok && result.entry.nonce != 0)
    start_.frames.know(client, result.entry.nonce, command.tag);
  tell_policy(command, result);
  walk_ = walk;
  empty_ = empty_ && !command.inserts();
}

/// The policy has no places, no generator and no locations: what these refuse it is not asked.
void Play::tell_policy(const Command& command, const CommandResult& result) {
  policy::UntimedGuard* const guard = start_.oracle.guard();
  if (guard == nullptr || result.code == ResultCode::full || result.code == ResultCode::not_ready) return;
  const std::uint64_t now = core_.inputs.time_us;
  if (!start_.oracle.knows(command.client)) {
    if (command.code != CommandCode::close) return;
    guard->close(command.client, now);
    return start_.oracle.learn(command.client);
  }
  ResultCode expected = result.code;
  switch (command.code) {
    case CommandCode::wake:
      if (result.code == ResultCode::ok && result.entry.nonce == 0) {  // locked
        return start_.oracle.forget(command.client);
      }
      // A refusal that it shares does not depend on the nonce.
      expected = guard->wake(command.client, result.entry.nonce | (result.code == ResultCode::ok ? 0U : 1U), now,
                             command.lifetime);
      break;
    case CommandCode::restore:
      expected = guard->restore(command.client, command.nonce, command.phase, command.tag, now, command.lifetime);
      break;
    case CommandCode::reply: expected = guard->reply(command.client, command.tag, now); break;
    case CommandCode::reject: expected = guard->reject(command.client, now); break;
    case CommandCode::close: expected = guard->close(command.client, now); break;
    case CommandCode::read: {
      const policy::SessionState session = guard->read(command.client, now);
      expected = session.live ? ResultCode::ok : ResultCode::not_found;
      if (session.live && result.code == ResultCode::ok &&
          (result.state.phase != session.phase || result.state.resends_left != session.resends_left ||
           result.state.false_nonces != session.false_nonces))
        differs("signal=s_axil_rdata: another session of " + net::format(command.client));
      break;
    }
    default: return;
  }
  if (expected != result.code)
    differs("signal=s_axil_rdata: command " + std::to_string(static_cast<int>(command.code)) + " of " +
            net::format(command.client) + ": core " + std::to_string(static_cast<int>(result.code)) + ", policy " +
            std::to_string(static_cast<int>(expected)));
}

/// While frames are judged, and without waiting for its end: arguments that are written then come too late (H7).
void Play::begin_command(Choices& choices) {
  unsigned client = 0;
  const Command command = this->command(choices, client);
  const auto words = driver::address_words(command.client);
  for (unsigned i = 0; i != 4; ++i) write(static_cast<std::uint16_t>(address::command_client + 4 * i), words[i]);
  write(address::command_lifetime_low, static_cast<std::uint32_t>(command.lifetime));
  write(address::command_nonce, command.nonce);
  start_.oracle.forget(command.client);
  start_.frames.know(client, command.nonce, command.tag);
  write(address::command, static_cast<std::uint32_t>(command.code));
  empty_ = false;
}

/// The bus as a manager may drive it: addresses and data apart, reads beside writes, responses not taken at once.
void Play::storm(Choices& choices) {
  static constexpr std::uint16_t places[] = {
      address::irq_status,    address::irq_enable,      address::event_mask,   address::command_nonce,
      address::command_tag,   address::command_session, address::event_data,   address::event_count,
      address::event_dropped, address::status,          address::time_low,     address::time_high,
      address::counters,      address::counters + 4,    address::counters + 8, address::result,
      address::result_aux,    address::result_nonce,    address::control,      0xFFC};
  core::Inputs& in = core_.inputs;
  drives_bus_ = true;
  for (unsigned cycles = choices.below(64), tail = 40; cycles + tail != 0; cycles != 0 ? --cycles : --tail) {
    const unsigned how = cycles != 0 ? choices.octet() : 0x18;
    if ((how & 1) != 0 && !in.awvalid) {
      in.awvalid = true;
      in.awaddr = places[choices.below(std::size(places))];
    }
    if (!in.wvalid && ((how & 2) != 0 || (cycles == 0 && in.awvalid))) {
      in.wvalid = true;
      in.wdata = static_cast<std::uint32_t>(choices.octet());
      in.wstrb = choices.one_of(8) ? choices.octet() & 0xF : 0xF;
    }
    if (cycles == 0 && in.wvalid && !in.awvalid) {
      in.awvalid = true;
      in.awaddr = address::irq_status;
    }
    if ((how & 4) != 0 && !in.arvalid) {
      in.araddr = places[choices.below(std::size(places))];
      in.arvalid = since_reset_ > 100 || in.araddr < address::counters || in.araddr >= address::counters_end;
    }
    in.bready = (how & 8) != 0;
    in.rready = (how & 0x10) != 0;
    const core::Outputs& out = core_.outputs();
    const bool written = out.awready;
    const bool read = out.arready;
    bench_.step();
    if (written) in.awvalid = in.wvalid = false;
    if (read) in.arvalid = false;
  }
  in.wstrb = 0xF;
  drives_bus_ = false;
}

void Play::host_message(Choices& choices) {
  const net::Address client = Frames::client(choices.below(Frames::kClients));
  Bytes message(client.octets.begin(), client.octets.end());
  append(message, choices.take(4));
  static constexpr unsigned sizes[] = {0, 1, 2, 30, 31, 200, 1449, 1450};
  const unsigned size = choices.octet();
  message.resize(32 + sizes[size % 8] + (size >> 3) % 8, choices.octet());
  if (choices.one_of(8)) message.resize(1 + choices.below(33));
  bench_.send_host(message, 1);
}

void Play::configure(Choices& choices) {
  core::Setup& setup = start_.setup;
  setup = setup_of(0);
  core::ServerSetup& server = setup.server;
  const unsigned how = choices.octet();
  server.listed = (how & 1) != 0;
  server.drop_later_fragments = (how & 2) != 0;
  server.doi_ipsec = (how & 4) == 0;
  server.doi_snmp = (how & 8) == 0;
  server.client_initiated = static_cast<core::ClientInitiated>(how >> 4 & 3);
  if ((how & 0x40) != 0) server.ipv4.resize(choices.below(2));
  if ((how & 0x80) != 0) server.ipv6.resize(choices.below(2));
  server.resend_budget = choices.below(16);
  server.interval_us = choices.octet();
  server.tolerance_us = choices.number(2);
  setup.guess_threshold = choices.below(4);
  setup.wake_tries = choices.below(16);
  setup.wake_interval_us = 1 + choices.octet();
  setup.noise_silence = choices.one_of(4) ? 200 + choices.octet() : 0;
  setup.restart_limit = choices.below(16);
  setup.event_mask = choices.one_of(2) ? 0x1FFFE : static_cast<std::uint32_t>(choices.number(3)) & 0x1FFFE;
  settle();
  start_.oracle.forget();
  bench_.driver.configure(setup);
  bench_.run(20);
  start_.oracle.configured(setup, empty_);
  for (unsigned client = 0; !empty_ && client != Frames::kClients; ++client)
    start_.oracle.forget(Frames::client(client));
}

void Play::poke(Choices& choices) {
  static constexpr std::uint16_t harmless[] = {address::control,       address::irq_enable, address::irq_status,
                                               address::noise_silence, address::generator,  address::event_mask,
                                               address::wake,          address::lock};
  static constexpr std::uint16_t of_frames[] = {address::server_enable,    address::policy,     address::server_port,
                                                address::server_versions,  address::interval,   address::tolerance_low,
                                                address::client_initiated, address::guessing,   address::resend_budget,
                                                address::tolerance_high,   address::server_ipv4};
  const unsigned which = choices.below(std::size(harmless) + std::size(of_frames));
  const auto value = static_cast<std::uint32_t>(choices.number(1 + choices.below(4)));
  if (which < std::size(harmless)) {
    if (harmless[which] == address::wake && value == 0) return;
    return write(harmless[which], value);
  }
  const std::uint16_t place = of_frames[which - std::size(harmless)];
  settle();
  start_.oracle.forget();
  // Locked, or the very address that stands there.
  write(place, place == address::server_ipv4 ? driver::address_words(core::test::server4)[3] : value);
  bench_.run(20);
}

void Play::read(std::uint16_t address) {
  if (since_reset_ < 100 && address >= address::counters && address < address::counters_end) return;
  try {
    static_cast<void>(bench_.driver.read(address));
  } catch (const driver::BusError&) {  // there is none
  }
}
void Play::write(std::uint16_t address, std::uint32_t value) {
  try {
    bench_.driver.write(address, value);
  } catch (const driver::BusError&) {  // locked
  }
}

}  // namespace reveille::fuzz
