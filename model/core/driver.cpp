// SPDX-License-Identifier: Apache-2.0
#include "core/driver.hpp"

#include <algorithm>
#include <random>

#include "common/error.hpp"
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

void Driver::configure(const Setup& setup) {
  const policy::ServerConfig& server = setup.server;
  if (server.versions.size() > 4) throw Error(ErrorKind::bad_input, "more than four versions");
  write(address::server_enable, 0);
  if (!server.ipv4.empty()) write(address::server_ipv4, address_words(server.ipv4.front())[3]);
  if (!server.ipv6.empty()) write_address(address::server_ipv6, server.ipv6.front());
  write(address::server_port, server.port);
  std::uint32_t versions = 0;
  for (unsigned i = 0; i < server.versions.size(); ++i) versions |= std::uint32_t{server.versions[i]} << 8 * i;
  write(address::server_versions, versions);
  write(address::client_initiated, server.client_initiated);
  write(address::interval, static_cast<std::uint32_t>(server.interval_us));
  write(address::tolerance_low, static_cast<std::uint32_t>(server.tolerance_us));
  write(address::tolerance_high, static_cast<std::uint32_t>(server.tolerance_us >> 32));
  write(address::resend_budget, server.resend_budget);
  write(address::event_mask, setup.event_mask);
  write(address::wake, setup.wake_tries << REVEILLE_REGISTERS__WAKE__TRIES_bp |
                           std::uint32_t{setup.wake_version} << REVEILLE_REGISTERS__WAKE__VERSION_bp);
  write(address::wake_interval, setup.wake_interval_us);
  write(address::server_enable, (!server.ipv4.empty() ? REVEILLE_REGISTERS__SERVER_ENABLE__IPV4_bm : 0U) |
                                    (!server.ipv6.empty() ? REVEILLE_REGISTERS__SERVER_ENABLE__IPV6_bm : 0U) |
                                    (server.doi_ipsec ? REVEILLE_REGISTERS__SERVER_ENABLE__DOI_IPSEC_bm : 0U) |
                                    (server.doi_snmp ? REVEILLE_REGISTERS__SERVER_ENABLE__DOI_SNMP_bm : 0U) |
                                    ((1U << server.versions.size()) - 1)
                                        << REVEILLE_REGISTERS__SERVER_ENABLE__VERSIONS_bp);
}

void Driver::load_framing(std::span<const Hop> hops, std::string_view principal) {
  constexpr std::size_t most_hops = 8;
  constexpr std::size_t hop_octets = 16;
  constexpr std::size_t principal_at = 128;
  if (hops.size() > most_hops) throw Error(ErrorKind::bad_input, "more than eight next hops");
  if (principal.size() > 127) throw Error(ErrorKind::bad_input, "server principal longer than 127 characters");
  Bytes memory;
  for (const Hop& hop : hops) {
    append(memory, hop.destination);
    append(memory, hop.source);
    append_big_endian(memory, hop.tpid, 2);
    append_big_endian(memory, hop.tci, 2);
  }
  static_assert(most_hops * hop_octets == principal_at);
  memory.resize(principal_at);
  memory.insert(memory.end(), principal.begin(), principal.end());
  memory.resize(address::framing_end - address::framing);
  for (std::size_t at = 0; at < memory.size(); at += 4) {
    const std::uint32_t word = memory[at] | std::uint32_t{memory[at + 1]} << 8 | std::uint32_t{memory[at + 2]} << 16 |
                               std::uint32_t{memory[at + 3]} << 24;
    write(static_cast<std::uint16_t>(address::framing + at), word);
  }
}

void Driver::feed_entropy(std::uint64_t seed, std::uint64_t limit) {
  constexpr std::uint32_t wanted = REVEILLE_REGISTERS__STATUS__READY_bm | REVEILLE_REGISTERS__STATUS__SEEDED_bm;
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
  write(address::command_session, static_cast<std::uint32_t>(command.phase)
                                          << REVEILLE_REGISTERS__COMMAND_SESSION__PHASE_bp |
                                      std::uint32_t{command.hop} << REVEILLE_REGISTERS__COMMAND_SESSION__HOP_bp |
                                      (command.snmp ? REVEILLE_REGISTERS__COMMAND_SESSION__DOI_bm : 0U) |
                                      (command.armed ? REVEILLE_REGISTERS__COMMAND_SESSION__ARMED_bm : 0U));
  write(address::command_location, command.location);
  write(address::command, command.code);
  wait_for([this] { return (read(address::status) & REVEILLE_REGISTERS__STATUS__COMMAND_BUSY_bm) == 0; }, "command");

  const std::uint32_t word = read(address::result);
  const auto field = [word](std::uint32_t mask, unsigned position) { return (word & mask) >> position; };
  CommandResult result;
  result.code =
      static_cast<ResultCode>(field(REVEILLE_REGISTERS__RESULT__CODE_bm, REVEILLE_REGISTERS__RESULT__CODE_bp));
  result.location = static_cast<std::uint16_t>(
      field(REVEILLE_REGISTERS__RESULT__LOCATION_bm, REVEILLE_REGISTERS__RESULT__LOCATION_bp));
  result.entry.nonce = read(address::result_nonce);
  if (command.code != static_cast<std::uint8_t>(CommandCode::read) &&
      command.code != static_cast<std::uint8_t>(CommandCode::read_location)) {
    return result;
  }
  result.state.phase =
      static_cast<Phase>(field(REVEILLE_REGISTERS__RESULT__PHASE_bm, REVEILLE_REGISTERS__RESULT__PHASE_bp));
  result.state.resends_left = static_cast<std::uint8_t>(
      field(REVEILLE_REGISTERS__RESULT__RESENDS_LEFT_bm, REVEILLE_REGISTERS__RESULT__RESENDS_LEFT_bp));
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

std::uint64_t Driver::counter(unsigned index) {
  const auto at = static_cast<std::uint16_t>(address::counters + 8 * index);
  const std::uint32_t low = read(at);
  return std::uint64_t{read(at + 4)} << 32 | low;
}

}  // namespace reveille::core
