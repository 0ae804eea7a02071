// SPDX-License-Identifier: Apache-2.0
#include "core/registers.hpp"

#include "core/register_map.hpp"

#define MASK(field) REVEILLE_REGISTERS__##field##_bm
#define RESET(field) \
  (static_cast<std::uint32_t>(REVEILLE_REGISTERS__##field##_reset) << REVEILLE_REGISTERS__##field##_bp)
#define FIELD(value, field) (((value)&REVEILLE_REGISTERS__##field##_bm) >> REVEILLE_REGISTERS__##field##_bp)

namespace reveille::core {
namespace {

constexpr std::uint8_t slverr = 2;

/// Registers that hold what is written.
struct Stored {
  std::uint16_t address;
  std::uint32_t mask;
  std::uint32_t reset;
  bool readable = true;
};

constexpr Stored stored_registers[] = {
    {address::irq_enable,
     MASK(IRQ_ENABLE__EVENT_AVAILABLE) | MASK(IRQ_ENABLE__COMMAND_DONE) | MASK(IRQ_ENABLE__GENERATOR_FAILED), 0},
    {address::server_enable,
     MASK(SERVER_ENABLE__IPV4) | MASK(SERVER_ENABLE__IPV6) | MASK(SERVER_ENABLE__DOI_IPSEC) |
         MASK(SERVER_ENABLE__DOI_SNMP) | MASK(SERVER_ENABLE__VERSIONS),
     RESET(SERVER_ENABLE__DOI_IPSEC) | RESET(SERVER_ENABLE__DOI_SNMP) | RESET(SERVER_ENABLE__VERSIONS)},
    {address::server_ipv4, MASK(SERVER_IPV4__VALUE), 0},
    {address::server_port, MASK(SERVER_PORT__VALUE), RESET(SERVER_PORT__VALUE)},
    {address::server_versions, 0xFFFFFFFF, RESET(SERVER_VERSIONS__VERSION0)},
    {address::server_ipv6, MASK(SERVER_IPV6__VALUE), 0},
    {address::server_ipv6 + 4, MASK(SERVER_IPV6__VALUE), 0},
    {address::server_ipv6 + 8, MASK(SERVER_IPV6__VALUE), 0},
    {address::server_ipv6 + 12, MASK(SERVER_IPV6__VALUE), 0},
    {address::client_initiated, MASK(CLIENT_INITIATED__MODE), 0},
    {address::interval, MASK(INTERVAL__VALUE), 0},
    {address::tolerance_low, MASK(TOLERANCE_LOW__VALUE), 0},
    {address::tolerance_high, MASK(TOLERANCE_HIGH__VALUE), 0},
    {address::resend_budget, MASK(RESEND_BUDGET__VALUE), RESET(RESEND_BUDGET__VALUE)},
    {address::event_mask, MASK(EVENT_MASK__VERDICTS), RESET(EVENT_MASK__VERDICTS)},
    {address::wake, MASK(WAKE__TRIES) | MASK(WAKE__VERSION), RESET(WAKE__TRIES) | RESET(WAKE__VERSION)},
    {address::wake_interval, MASK(WAKE_INTERVAL__VALUE), RESET(WAKE_INTERVAL__VALUE)},
    {address::command_client, MASK(COMMAND_CLIENT__VALUE), 0, false},
    {address::command_client + 4, MASK(COMMAND_CLIENT__VALUE), 0, false},
    {address::command_client + 8, MASK(COMMAND_CLIENT__VALUE), 0, false},
    {address::command_client + 12, MASK(COMMAND_CLIENT__VALUE), 0, false},
    {address::command_lifetime_low, MASK(COMMAND_LIFETIME_LOW__VALUE), 0, false},
    {address::command_lifetime_high, MASK(COMMAND_LIFETIME_HIGH__VALUE), 0, false},
    {address::command_nonce, MASK(COMMAND_NONCE__VALUE), 0, false},
    {address::command_tag, MASK(COMMAND_TAG__VALUE), 0, false},
    {address::command_tag + 4, MASK(COMMAND_TAG__VALUE), 0, false},
    {address::command_session,
     MASK(COMMAND_SESSION__PHASE) | MASK(COMMAND_SESSION__HOP) | MASK(COMMAND_SESSION__DOI) |
         MASK(COMMAND_SESSION__ARMED),
     0, false},
    {address::command_location, MASK(COMMAND_LOCATION__VALUE), 0, false},
    {address::command, MASK(COMMAND__OPCODE), 0, false},
};

const Stored* find_stored(std::uint16_t at) {
  for (const Stored& stored : stored_registers) {
    if (stored.address == at) return &stored;
  }
  return nullptr;
}

std::uint32_t word(const net::Address& client, unsigned index) { return address_words(client)[index]; }

net::Address address_from(const std::uint32_t* words) {
  net::Address out;
  for (unsigned i = 0; i < 16; ++i) out.octets[i] = static_cast<std::uint8_t>(words[i / 4] >> (24 - 8 * (i % 4)));
  return out;
}

std::uint64_t join(std::uint32_t high, std::uint32_t low) { return std::uint64_t{high} << 32 | low; }

}  // namespace

std::uint16_t Registers::event_data_address() { return address::event_data; }

unsigned Registers::counter_index() const { return static_cast<unsigned>(address_ - address::counters) / 8 % 32; }

void Registers::reset() {
  values_ = {};
  for (const Stored& stored : stored_registers) values_[stored.address / 4] = stored.reset;
  configure();
  take_arguments();
  busy_ = command_done_ = clears_command_done_ = generator_restart_ = irq_ = event_available_ = generator_failed_ =
      false;
  wakeup_counts_ = false;
  wakeups_sent_ = host_message_errors_ = 0;
  counter_high_ = 0;
  framing_write_.reset();
  bus_ = {};
  step_ = Step::idle;
}

void Registers::clock(const Inputs& bus, const RegisterInputs& in) {
  // H9: from what stands in this cycle.
  const std::uint32_t status = (in.event_available ? MASK(IRQ_STATUS__EVENT_AVAILABLE) : 0) |
                               (command_done_ ? MASK(IRQ_STATUS__COMMAND_DONE) : 0) |
                               (in.generator_failed ? MASK(IRQ_STATUS__GENERATOR_FAILED) : 0);
  irq_ = (status & stored(address::irq_enable)) != 0;
  generator_restart_ = false;
  if (framing_write_) framing_write_.reset();
  clears_command_done_ = false;
  if (wakeup_counts_) ++wakeups_sent_;  // H10
  wakeup_counts_ = in.wakeup_taken;
  host_message_errors_ = in.host_message_errors;

  const bool idle = step_ == Step::idle && !bus.arvalid && !(bus.awvalid && bus.wvalid);
  if (!idle) step_bus(bus);

  if (clears_command_done_) command_done_ = false;
  if (in.command_done) {  // H6, H8
    busy_ = false;
    command_done_ = true;
  }
}

// What is set here shows in the next cycle.
void Registers::step_bus(const Inputs& bus) {
  switch (step_) {
    case Step::idle:  // N; H1
      is_write_ = bus.awvalid && bus.wvalid;
      address_ = (is_write_ ? bus.awaddr : bus.araddr) & 0xFFC;
      bus_.awready = bus_.wready = is_write_;
      bus_.arready = !is_write_;
      step_ = is_write_ ? Step::write_ready : Step::read_ready;
      break;
    case Step::write_ready:  // N+1; H2
      bus_.awready = bus_.wready = false;
      write_data_ = bus.wdata;
      write_strobe_ = bus.wstrb;
      step_ = Step::write;
      break;
    case Step::read_ready:
      bus_.arready = false;
      step_ = Step::read;
      break;
    case Step::write:  // N+2; H3
      write(write_data_, write_strobe_);
      step_ = Step::wait;
      break;
    case Step::read:  // N+2; `sample` has run
      step_ = Step::wait;
      break;
    case Step::wait:  // N+3; H5
      (is_write_ ? bus_.bvalid : bus_.rvalid) = true;
      (is_write_ ? bus_.bresp : bus_.rresp) = error_ ? slverr : 0;
      bus_.rdata = is_write_ ? 0 : read_data_;
      step_ = Step::respond;
      break;
    case Step::respond:
      if (is_write_ ? bus.bready : bus.rready) {
        bus_ = {};
        step_ = Step::idle;
      }
      break;
  }
}

void Registers::write(std::uint32_t value, std::uint8_t strobe) {
  error_ = strobe != 0xF || !value_at(address_, {});
  if (error_) return;
  if (address_ >= address::framing && address_ < address::framing_end) {
    framing_write_ = {static_cast<unsigned>(address_ - address::framing) / 4, value};
    return;
  }
  if (address_ == address::control) generator_restart_ = (value & MASK(CONTROL__GENERATOR_RESTART)) != 0;
  if (address_ == address::irq_status) clears_command_done_ = (value & MASK(IRQ_STATUS__COMMAND_DONE)) != 0;
  const Stored* stored = find_stored(address_);
  if (stored == nullptr) return;
  const bool is_argument = !stored->readable;
  if (is_argument && busy_) return;  // H7
  values_[address_ / 4] = value & stored->mask;
  if (is_argument) {
    take_arguments();
    if (address_ == address::command) busy_ = true;
  } else {
    configure();
  }
}

void Registers::sample(const RegisterSources& sources) {
  const auto value = value_at(address_, sources);
  error_ = !value;
  read_data_ = value.value_or(0);
  const bool is_low = address_ >= address::counters && address_ < address::counters_end && address_ % 8 == 0;
  if (is_low) counter_high_ = static_cast<std::uint16_t>(sources.counter >> 32);  // H13
}

/// Nothing where there is no register.
std::optional<std::uint32_t> Registers::value_at(std::uint16_t at, const RegisterSources& sources) const {
  if (const Stored* stored = find_stored(at)) return stored->readable ? values_[at / 4] : 0;
  if (at >= address::framing && at < address::framing_end) return 0;
  if (at >= address::counters && at < address::counters_end) {
    return at % 8 == 0 ? static_cast<std::uint32_t>(sources.counter) : counter_high_;
  }
  static const CommandResult none;
  const CommandResult& result = sources.result != nullptr ? *sources.result : none;
  switch (at) {
    case address::id: return RESET(ID__VALUE);
    case address::version: return RESET(VERSION__PATCH) | RESET(VERSION__MINOR) | RESET(VERSION__MAJOR);
    case address::parameters:
      return RESET(PARAMETERS__SESSIONS) | RESET(PARAMETERS__FRAME_BUFFER) | RESET(PARAMETERS__EVENT_LOG);
    case address::status:
      return (sources.ready ? MASK(STATUS__READY) : 0U) | (sources.seeded ? MASK(STATUS__SEEDED) : 0U) |
             (sources.rct_failed ? MASK(STATUS__RCT_FAILED) : 0U) |
             (sources.apt_failed ? MASK(STATUS__APT_FAILED) : 0U) | (busy_ ? MASK(STATUS__COMMAND_BUSY) : 0U);
    case address::control: return 0;
    case address::irq_status:
      return (sources.event_count != 0 ? MASK(IRQ_STATUS__EVENT_AVAILABLE) : 0U) |
             (command_done_ ? MASK(IRQ_STATUS__COMMAND_DONE) : 0U) |
             (sources.rct_failed || sources.apt_failed ? MASK(IRQ_STATUS__GENERATOR_FAILED) : 0U);
    case address::result:
      return static_cast<std::uint32_t>(result.code) << REVEILLE_REGISTERS__RESULT__CODE_bp |
             static_cast<std::uint32_t>(result.state.phase) << REVEILLE_REGISTERS__RESULT__PHASE_bp |
             std::uint32_t{result.state.resends_left} << REVEILLE_REGISTERS__RESULT__RESENDS_LEFT_bp |
             std::uint32_t{result.location} << REVEILLE_REGISTERS__RESULT__LOCATION_bp;
    case address::result_nonce: return result.entry.nonce;
    case address::result_deadline_low: return static_cast<std::uint32_t>(result.entry.deadline);
    case address::result_deadline_high: return static_cast<std::uint32_t>(result.entry.deadline >> 32);
    case address::result_aux: return static_cast<std::uint32_t>(result.entry.aux >> 32);
    case address::result_aux + 4: return static_cast<std::uint32_t>(result.entry.aux);
    case address::result_client:
    case address::result_client + 4:
    case address::result_client + 8:
    case address::result_client + 12: return word(result.entry.client, (at - address::result_client) / 4U);
    case address::event_count: return sources.event_count;
    case address::event_data: return sources.event_word;
    case address::event_dropped: return sources.event_dropped;
    case address::wakeups_sent: return wakeups_sent_;
    case address::host_message_errors: return host_message_errors_;
    default: return std::nullopt;
  }
}

void Registers::configure() {
  Configuration& c = configuration_;
  const std::uint32_t enable = stored(address::server_enable);
  const std::uint32_t ipv4[4] = {0, 0, 0xFFFF, stored(address::server_ipv4)};
  c.ipv4 = address_from(ipv4);
  c.ipv6 = address_from(&values_[address::server_ipv6 / 4]);
  c.server.ipv4.clear();
  c.server.ipv6.clear();
  if ((enable & MASK(SERVER_ENABLE__IPV4)) != 0) c.server.ipv4.push_back(c.ipv4);
  if ((enable & MASK(SERVER_ENABLE__IPV6)) != 0) c.server.ipv6.push_back(c.ipv6);
  c.server.destination = policy::ServerConfig::Destination::listed;
  c.server.doi_ipsec = (enable & MASK(SERVER_ENABLE__DOI_IPSEC)) != 0;
  c.server.doi_snmp = (enable & MASK(SERVER_ENABLE__DOI_SNMP)) != 0;
  c.server.port = static_cast<std::uint16_t>(stored(address::server_port));
  c.server.versions.clear();
  for (unsigned i = 0; i < 4; ++i) {
    if ((FIELD(enable, SERVER_ENABLE__VERSIONS) >> i & 1) != 0) {
      c.server.versions.push_back(static_cast<std::uint8_t>(stored(address::server_versions) >> 8 * i));
    }
  }
  const std::uint32_t mode = stored(address::client_initiated);
  c.server.client_initiated =
      mode == 3 ? policy::ServerConfig::drop : static_cast<policy::ServerConfig::ClientInitiated>(mode);  // V6
  c.server.interval_us = stored(address::interval);
  c.server.tolerance_us = join(stored(address::tolerance_high), stored(address::tolerance_low));
  c.server.resend_budget = stored(address::resend_budget);
  c.event_mask = stored(address::event_mask);
  c.wake_tries = FIELD(stored(address::wake), WAKE__TRIES);
  c.wake_version = static_cast<std::uint8_t>(FIELD(stored(address::wake), WAKE__VERSION));
  c.wake_interval = stored(address::wake_interval);
}

void Registers::take_arguments() {
  const std::uint32_t session = stored(address::command_session);
  command_.code = static_cast<std::uint8_t>(stored(address::command));
  command_.client = address_from(&values_[address::command_client / 4]);
  command_.lifetime = join(stored(address::command_lifetime_high), stored(address::command_lifetime_low));
  command_.tag = join(stored(address::command_tag), stored(address::command_tag + 4));
  command_.nonce = stored(address::command_nonce);
  command_.location = static_cast<std::uint16_t>(stored(address::command_location));
  command_.phase = static_cast<Phase>(FIELD(session, COMMAND_SESSION__PHASE));
  command_.hop = static_cast<std::uint8_t>(FIELD(session, COMMAND_SESSION__HOP));
  command_.snmp = (session & MASK(COMMAND_SESSION__DOI)) != 0;
  command_.armed = (session & MASK(COMMAND_SESSION__ARMED)) != 0;
}

}  // namespace reveille::core
