// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/stored_registers.hpp"

#include "reveille/core/register_fields.hpp"
#include "reveille/core/register_map.hpp"

namespace reveille::core {
namespace {

struct Stored {
  std::uint16_t address;
  std::uint32_t mask;
  std::uint32_t reset = 0;
  StoredRegisters::Kind kind = StoredRegisters::Kind::plain;
};

constexpr auto argument = StoredRegisters::Kind::argument;

constexpr Stored stored_registers[] = {
    {address::irq_enable,
     MASK(IRQ_ENABLE_EVENT_AVAILABLE) | MASK(IRQ_ENABLE_COMMAND_DONE) | MASK(IRQ_ENABLE_GENERATOR_FAILED)},
    {address::generator, MASK(GENERATOR_RESTART_LIMIT), RESET(GENERATOR)},
    {address::server_enable,
     MASK(SERVER_ENABLE_IPV4) | MASK(SERVER_ENABLE_IPV6) | MASK(SERVER_ENABLE_DOI_IPSEC) |
         MASK(SERVER_ENABLE_DOI_SNMP) | MASK(SERVER_ENABLE_VERSIONS),
     RESET(SERVER_ENABLE)},
    {address::policy, MASK(POLICY_DESTINATION) | MASK(POLICY_LATER_FRAGMENTS)},
    {address::server_port, MASK(SERVER_PORT_VALUE), RESET(SERVER_PORT)},
    {address::server_versions, 0xFFFFFFFF, RESET(SERVER_VERSIONS)},
    {address::client_initiated, MASK(CLIENT_INITIATED_MODE)},
    {address::interval, 0xFFFFFFFF},
    {address::tolerance_low, 0xFFFFFFFF},
    {address::tolerance_high, MASK(TOLERANCE_HIGH_VALUE)},
    {address::resend_budget, MASK(RESEND_BUDGET_VALUE), RESET(RESEND_BUDGET)},
    {address::event_mask, MASK(EVENT_MASK_VERDICTS), RESET(EVENT_MASK)},
    {address::wake, MASK(WAKE_TRIES) | MASK(WAKE_VERSION), RESET(WAKE)},
    {address::wake_interval, 0xFFFFFFFF, RESET(WAKE_INTERVAL)},
    {address::guessing, MASK(GUESSING_THRESHOLD), RESET(GUESSING)},
    {address::noise_silence, 0xFFFFFFFF, RESET(NOISE_SILENCE)},
    {address::command_client, 0xFFFFFFFF, 0, argument},
    {address::command_client + 4, 0xFFFFFFFF, 0, argument},
    {address::command_client + 8, 0xFFFFFFFF, 0, argument},
    {address::command_client + 12, 0xFFFFFFFF, 0, argument},
    {address::command_lifetime_low, 0xFFFFFFFF, 0, argument},
    {address::command_lifetime_high, MASK(COMMAND_LIFETIME_HIGH_VALUE), 0, argument},
    {address::command_nonce, 0xFFFFFFFF, 0, argument},
    {address::command_tag, 0xFFFFFFFF, 0, argument},
    {address::command_tag + 4, 0xFFFFFFFF, 0, argument},
    {address::command_session,
     MASK(COMMAND_SESSION_PHASE) | MASK(COMMAND_SESSION_HOP) | MASK(COMMAND_SESSION_DOI) | MASK(COMMAND_SESSION_ARMED) |
         MASK(COMMAND_SESSION_SOURCE),
     0, argument},
    {address::command_location, MASK(COMMAND_LOCATION_VALUE), 0, argument},
    {address::command, MASK(COMMAND_OPCODE), 0, argument},
};

bool is_server_address(std::uint16_t at) {
  return (at >= address::server_ipv4 && at < address::server_ipv4_end) ||
         (at >= address::server_ipv6 && at < address::server_ipv6_end);
}

/// By word of the map: its place in the table above, plus 1.
const std::array<std::uint8_t, 0x400> stored_at = [] {
  std::array<std::uint8_t, 0x400> out{};
  std::uint8_t place = 0;
  for (const Stored& stored : stored_registers) out[stored.address / 4] = ++place;
  return out;
}();

std::uint64_t join(std::uint32_t high, std::uint32_t low) { return std::uint64_t{high} << 32 | low; }

}  // namespace

StoredRegisters::Kind StoredRegisters::kind_of(std::uint16_t address) {
  if (is_server_address(address)) return Kind::plain;
  const unsigned place = stored_at[address / 4];
  return place == 0 ? Kind::none : stored_registers[place - 1].kind;
}

bool StoredRegisters::is_locked(std::uint16_t at) const {
  const std::uint32_t enable = values_[address::server_enable / 4];
  if (at >= address::server_ipv4 && at < address::server_ipv4_end) {
    return (FIELD(enable, SERVER_ENABLE_IPV4) >> (at - address::server_ipv4) / 4 & 1) != 0;
  }
  if (at >= address::server_ipv6 && at < address::server_ipv6_end) {
    return (FIELD(enable, SERVER_ENABLE_IPV6) >> (at - address::server_ipv6) / 16 & 1) != 0;
  }
  const bool of_the_rate = at == address::interval || at == address::tolerance_low || at == address::tolerance_high;
  return of_the_rate && configuration_.client_initiated == ClientInitiated::pass_limited;
}

void StoredRegisters::reset() {
  values_ = {};
  for (const Stored& stored : stored_registers) values_[stored.address / 4] = stored.reset;
  configure();
  take_arguments();
}

void StoredRegisters::write(std::uint16_t address, std::uint32_t value) {
  const unsigned place = stored_at[address / 4];
  values_[address / 4] = place == 0 ? value : value & stored_registers[place - 1].mask;
  kind_of(address) == Kind::argument ? take_arguments() : configure();
}

net::Address StoredRegisters::address_at(std::uint16_t address) const {
  net::Address out;
  for (unsigned i = 0; i < 16; ++i)
    out.octets[i] = static_cast<std::uint8_t>(values_[address / 4 + i / 4] >> (24 - 8 * (i % 4)));
  return out;
}

void StoredRegisters::configure_server() {
  const auto there = [](unsigned addresses) { return (1U << addresses) - 1; };  // other bits count nowhere
  Configuration& c = configuration_;
  const std::uint32_t enable = at(address::server_enable);
  c.ipv4.enabled = static_cast<std::uint8_t>(FIELD(enable, SERVER_ENABLE_IPV4) & there(config::kIpv4Addresses));
  c.ipv6.enabled = static_cast<std::uint8_t>(FIELD(enable, SERVER_ENABLE_IPV6) & there(config::kIpv6Addresses));
  for (unsigned i = 0; i < config::kIpv4Addresses; ++i) {
    const std::uint32_t ipv4 = at(static_cast<std::uint16_t>(address::server_ipv4 + 4 * i));
    net::Address& mapped = c.ipv4.address[i];
    mapped = {};
    mapped.octets[10] = mapped.octets[11] = 0xFF;
    for (unsigned j = 0; j < 4; ++j) mapped.octets[12 + j] = static_cast<std::uint8_t>(ipv4 >> (24 - 8 * j));
  }
  for (unsigned i = 0; i < config::kIpv6Addresses; ++i)
    c.ipv6.address[i] = address_at(static_cast<std::uint16_t>(address::server_ipv6 + 16 * i));
  c.doi_ipsec = (enable & MASK(SERVER_ENABLE_DOI_IPSEC)) != 0;
  c.doi_snmp = (enable & MASK(SERVER_ENABLE_DOI_SNMP)) != 0;
  c.versions_enabled = static_cast<std::uint8_t>(FIELD(enable, SERVER_ENABLE_VERSIONS));
  for (unsigned i = 0; i < kServerVersions; ++i)
    c.versions[i] = static_cast<std::uint8_t>(at(address::server_versions) >> 8 * i);
  c.port = static_cast<std::uint16_t>(at(address::server_port));
}

void StoredRegisters::configure() {
  configure_server();
  Configuration& c = configuration_;
  c.listed = (at(address::policy) & MASK(POLICY_DESTINATION)) != 0;
  c.drop_later_fragments = (at(address::policy) & MASK(POLICY_LATER_FRAGMENTS)) != 0;
  c.client_initiated = static_cast<ClientInitiated>(at(address::client_initiated));
  c.interval = at(address::interval);
  c.tolerance = join(at(address::tolerance_high), at(address::tolerance_low));
  c.resend_budget = at(address::resend_budget);
  c.guess_threshold = at(address::guessing);
  c.event_mask = at(address::event_mask);
  c.wake_tries = FIELD(at(address::wake), WAKE_TRIES);
  c.wake_version = static_cast<std::uint8_t>(FIELD(at(address::wake), WAKE_VERSION));
  c.wake_interval = at(address::wake_interval);
  c.silence_limit = at(address::noise_silence);
  c.restart_limit = at(address::generator);
}

void StoredRegisters::take_arguments() {
  const std::uint32_t session = at(address::command_session);
  command_.code = static_cast<CommandCode>(at(address::command));
  command_.client = address_at(address::command_client);
  command_.lifetime = join(at(address::command_lifetime_high), at(address::command_lifetime_low));
  command_.tag = join(at(address::command_tag), at(address::command_tag + 4));
  command_.nonce = at(address::command_nonce);
  command_.location = static_cast<std::uint16_t>(at(address::command_location) % config::kSessions);
  command_.phase = static_cast<Phase>(FIELD(session, COMMAND_SESSION_PHASE));
  command_.hop = static_cast<std::uint8_t>(FIELD(session, COMMAND_SESSION_HOP));
  command_.snmp = (session & MASK(COMMAND_SESSION_DOI)) != 0;
  command_.armed = (session & MASK(COMMAND_SESSION_ARMED)) != 0;
  command_.source = static_cast<std::uint8_t>(FIELD(session, COMMAND_SESSION_SOURCE));
}

}  // namespace reveille::core
