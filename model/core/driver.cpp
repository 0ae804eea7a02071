// SPDX-License-Identifier: Apache-2.0
#include "core/driver.hpp"

#include <algorithm>
#include <random>

#include "common/error.hpp"
#include "core/event_log.hpp"
#include "core/framing_memory.hpp"
#include "core/register_fields.hpp"
#include "core/register_map.hpp"

namespace reveille::core {
namespace {

constexpr unsigned answer_limit = 100000;  // cycles for whatever the core must answer by itself

}  // namespace

Driver::Driver(CoreInterface& core, std::function<void()> step) : core_(core), step_(std::move(step)) {}

void Driver::step() {
  if (step_) {
    step_();
  } else {
    core_.clock();
  }
}

void Driver::run(std::uint64_t cycles) {
  while (cycles-- != 0) step();
}

template <typename Condition>
void Driver::wait_for(Condition condition, std::string_view what) {
  for (unsigned cycle = 0; !condition(); ++cycle) {
    if (cycle == answer_limit) throw Error(ErrorKind::protocol, "the core does not answer: " + std::string(what));
    step();
  }
}

std::uint32_t Driver::read(std::uint16_t address) {
  core_.inputs.araddr = address;
  core_.inputs.arvalid = true;
  core_.inputs.rready = true;
  wait_for([this] { return core_.outputs().arready; }, "arready");
  step();
  core_.inputs.arvalid = false;
  wait_for([this] { return core_.outputs().rvalid; }, "rvalid");
  const std::uint32_t data = core_.outputs().rdata;
  const unsigned response = core_.outputs().rresp;
  step();
  if (response != 0) throw Error(ErrorKind::protocol, "read of register " + std::to_string(address) + " refused");
  return data;
}

void Driver::write(std::uint16_t address, std::uint32_t value) {
  Inputs& in = core_.inputs;
  in.awaddr = address;
  in.wdata = value;
  in.wstrb = 0xF;
  in.awvalid = in.wvalid = in.bready = true;
  wait_for([this] { return core_.outputs().awready; }, "awready");
  step();
  in.awvalid = in.wvalid = false;
  wait_for([this] { return core_.outputs().bvalid; }, "bvalid");
  const unsigned response = core_.outputs().bresp;
  step();
  if (response != 0) throw Error(ErrorKind::protocol, "write of register " + std::to_string(address) + " refused");
}

void Driver::write_address(std::uint16_t address, const net::Address& value) {
  const auto words = address_words(value);
  for (unsigned i = 0; i < 4; ++i) write(static_cast<std::uint16_t>(address + 4 * i), words[i]);
}

net::Address Driver::read_address(std::uint16_t address) {
  Bytes octets;
  for (unsigned i = 0; i < 4; ++i) append_big_endian(octets, read(static_cast<std::uint16_t>(address + 4 * i)), 4);
  return net::Address::from_octets(octets);
}

void Driver::bring_up(const Setup& setup, std::uint64_t seed) {
  core_.inputs.rst_n = false;
  run(2);
  core_.inputs.rst_n = true;
  configure(setup);
  load_framing(setup.hops, setup.principal);
  feed_entropy(seed);
}

// What is locked while it is enabled is disabled first.
void Driver::configure(const Setup& setup) {
  const ServerSetup& server = setup.server;
  if (server.versions.size() > kServerVersions) throw Error(ErrorKind::bad_input, "more than four versions");
  write(address::server_enable, 0);
  write(address::client_initiated, 0);
  write_servers(server);
  write(address::policy,
        PLACE(server.listed, POLICY_DESTINATION) | PLACE(server.drop_later_fragments, POLICY_LATER_FRAGMENTS));
  write(address::server_port, server.port);
  std::uint32_t versions = 0;
  for (unsigned i = 0; i < server.versions.size(); ++i) versions |= std::uint32_t{server.versions[i]} << 8 * i;
  write(address::server_versions, versions);
  write(address::interval, static_cast<std::uint32_t>(server.interval_us));
  write(address::tolerance_low, static_cast<std::uint32_t>(server.tolerance_us));
  write(address::tolerance_high, static_cast<std::uint32_t>(server.tolerance_us >> 32));
  write(address::client_initiated, static_cast<std::uint32_t>(server.client_initiated));
  write(address::resend_budget, server.resend_budget);
  write(address::guessing, setup.guess_threshold);
  write(address::noise_silence, setup.noise_silence);
  write(address::generator, setup.restart_limit);
  write(address::event_mask, setup.event_mask);
  write(address::wake, PLACE(setup.wake_tries, WAKE_TRIES) | PLACE(setup.wake_version, WAKE_VERSION));
  write(address::wake_interval, setup.wake_interval_us);
  enable(server);
}

void Driver::write_servers(const ServerSetup& server) {
  const auto check = [](std::size_t count, unsigned most, const std::string& family) {
    if (count > most)
      throw Error(ErrorKind::bad_input, family + " addresses of the server: at most " + std::to_string(most));
  };
  check(server.ipv4.size(), config::kIpv4Addresses, "IPv4");
  check(server.ipv6.size(), config::kIpv6Addresses, "IPv6");
  for (std::size_t i = 0; i < server.ipv4.size(); ++i)
    write(static_cast<std::uint16_t>(address::server_ipv4 + 4 * i), address_words(server.ipv4[i])[3]);
  for (std::size_t i = 0; i < server.ipv6.size(); ++i)
    write_address(static_cast<std::uint16_t>(address::server_ipv6 + 16 * i), server.ipv6[i]);
}

void Driver::enable(const ServerSetup& server) {
  const auto bits = [](std::size_t count) { return (1U << count) - 1; };
  write(address::server_enable,
        PLACE(bits(server.ipv4.size()), SERVER_ENABLE_IPV4) | PLACE(bits(server.ipv6.size()), SERVER_ENABLE_IPV6) |
            PLACE(server.doi_ipsec, SERVER_ENABLE_DOI_IPSEC) | PLACE(server.doi_snmp, SERVER_ENABLE_DOI_SNMP) |
            PLACE(bits(server.versions.size()), SERVER_ENABLE_VERSIONS));
}

void Driver::load_framing(std::span<const Hop> hops, std::string_view principal) {
  constexpr std::size_t most_hops = 8;
  if (hops.size() > most_hops) throw Error(ErrorKind::bad_input, "more than eight next hops");
  if (principal.size() > 127) throw Error(ErrorKind::bad_input, "server principal longer than 127 characters");
  Bytes memory;
  for (const Hop& hop : hops) {
    append(memory, hop.destination);
    append(memory, hop.source);
    append_big_endian(memory, hop.tpid, 2);
    append_big_endian(memory, hop.tci, 2);
  }
  static_assert(most_hops * FramingMemory::kHopOctets == FramingMemory::kPrincipalAt);
  memory.resize(FramingMemory::kPrincipalAt);
  memory.insert(memory.end(), principal.begin(), principal.end());
  memory.resize(address::framing_end - address::framing);
  for (std::size_t at = 0; at < memory.size(); at += 4) {
    const std::uint32_t word = memory[at] | std::uint32_t{memory[at + 1]} << 8 | std::uint32_t{memory[at + 2]} << 16 |
                               std::uint32_t{memory[at + 3]} << 24;
    write(static_cast<std::uint16_t>(address::framing + at), word);
  }
  write(address::control, MASK(CONTROL_FRAMING_COMMIT));
}

void Driver::feed_entropy(std::uint64_t seed, std::uint64_t limit) {
  constexpr std::uint32_t wanted = MASK(STATUS_READY) | MASK(STATUS_SEEDED);
  constexpr unsigned poll_interval = 64;
  std::mt19937_64 noise(seed);
  for (std::uint64_t cycle = 0; cycle < limit; ++cycle) {
    core_.inputs.entropy_valid = true;
    core_.inputs.entropy_data = static_cast<std::uint8_t>(noise());
    step();
    core_.inputs.entropy_valid = false;
    if (cycle % poll_interval == 0 && (read(address::status) & wanted) == wanted) return;
  }
  throw Error(ErrorKind::protocol, "the nonce generator does not get ready");
}

CommandResult Driver::command(const Command& command) {
  write_address(address::command_client, command.client);
  write(address::command_lifetime_low, static_cast<std::uint32_t>(command.lifetime));
  write(address::command_lifetime_high, static_cast<std::uint32_t>(command.lifetime >> 32));
  write(address::command_nonce, command.nonce);
  write(address::command_tag, static_cast<std::uint32_t>(command.tag >> 32));
  write(address::command_tag + 4, static_cast<std::uint32_t>(command.tag));
  write(address::command_session,
        PLACE(command.phase, COMMAND_SESSION_PHASE) | PLACE(command.hop, COMMAND_SESSION_HOP) |
            PLACE(command.snmp, COMMAND_SESSION_DOI) | PLACE(command.armed, COMMAND_SESSION_ARMED) |
            PLACE(command.source, COMMAND_SESSION_SOURCE));
  write(address::command_location, command.location);
  write(address::command, command.code);
  wait_for([this] { return (read(address::status) & MASK(STATUS_COMMAND_BUSY)) == 0; }, "command");

  const std::uint32_t word = read(address::result);
  CommandResult result;
  result.code = static_cast<ResultCode>(FIELD(word, RESULT_CODE));
  result.location = static_cast<std::uint16_t>(FIELD(word, RESULT_LOCATION));
  result.entry.nonce = read(address::result_nonce);
  if (!command.is(CommandCode::read) && !command.is(CommandCode::read_location)) return result;
  result.state.phase = static_cast<Phase>(FIELD(word, RESULT_PHASE));
  result.state.resends_left = static_cast<std::uint8_t>(FIELD(word, RESULT_RESENDS_LEFT));
  result.state.false_nonces = static_cast<std::uint16_t>(read(address::result_false_nonces));
  result.entry.deadline = std::uint64_t{read(address::result_deadline_high)} << 32;
  result.entry.deadline |= read(address::result_deadline_low);
  result.entry.aux = std::uint64_t{read(address::result_aux)} << 32;
  result.entry.aux |= read(address::result_aux + 4);
  result.entry.client = read_address(address::result_client);
  return result;
}

std::optional<Event> Driver::pop_event() {
  if (read(address::event_count) == 0) return std::nullopt;
  std::array<std::uint32_t, EventLog::kWords> words{};
  for (std::uint32_t& word : words) word = read(address::event_data);
  Event event;
  event.kind = static_cast<EventKind>(words[0] & 0xFF);
  event.verdict = static_cast<Verdict>(words[0] >> 8 & 0x1F);
  event.time = std::uint64_t{words[2]} << 32 | words[1];
  event.value = words[3];
  Bytes octets;
  for (unsigned i = 4; i < 8; ++i) append_big_endian(octets, words[i], 4);
  event.address = net::Address::from_octets(octets);
  return event;
}

void Driver::realign_events() { write(address::control, MASK(CONTROL_EVENT_REALIGN)); }

std::uint64_t Driver::time() {
  const std::uint32_t low = read(address::time_low);
  return std::uint64_t{read(address::time_high)} << 32 | low;
}

std::uint64_t Driver::counter(unsigned index) {
  const auto at = static_cast<std::uint16_t>(address::counters + 8 * index);
  const std::uint32_t low = read(at);
  return std::uint64_t{read(at + 4)} << 32 | low;
}

}  // namespace reveille::core
