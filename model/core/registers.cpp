// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/registers.hpp"

#include <algorithm>

#include "reveille/core/counters.hpp"
#include "reveille/core/register_fields.hpp"
#include "reveille/core/register_map.hpp"

namespace reveille::core {
namespace {

bool is_framing(std::uint16_t at) { return at >= address::framing && at < address::framing_end; }
bool is_counter(std::uint16_t at) { return at >= address::counters && at < address::counters_end; }

}  // namespace

bool Registers::reads_event() const { return axil_.reads() && axil_.address() == address::event_data; }

unsigned Registers::counter_index() const {
  return static_cast<unsigned>(axil_.address() - address::counters) / 8 % Counters::kCounters;
}

void Registers::reset() {
  axil_.reset();
  stored_.reset();
  pulses_ = 0;
  framing_write_.reset();
  busy_ = command_done_ = generator_failed_ = irq_ = nonces_locked_ = settled_ = event_available_ = false;
  failures_ = {};
  wakeup_counts_ = error_counts_ = false;
  wakeups_sent_ = message_errors_ = 0;
  time_before_ = 0;
  time_high_ = 0;
  counter_high_ = 0;
}

std::uint32_t Registers::irq_status(bool event_available) const {
  return (event_available ? MASK(IRQ_STATUS_EVENT_AVAILABLE) : 0U) |
         (command_done_ ? MASK(IRQ_STATUS_COMMAND_DONE) : 0U) |
         (generator_failed_ ? MASK(IRQ_STATUS_GENERATOR_FAILED) : 0U);
}

bool Registers::irq_due(bool event_available) const {
  return (irq_status(event_available) & stored_.at(address::irq_enable)) != 0;
}

void Registers::clock(const Inputs& bus, const RegisterInputs& in) {
  irq_ = irq_due(in.event_available);  // H9
  pulses_ = 0;
  if (framing_write_) framing_write_.reset();
  if (wakeup_counts_) ++wakeups_sent_;  // H10
  if (error_counts_) ++message_errors_;
  wakeup_counts_ = in.wakeup_taken;
  error_counts_ = in.message_error;

  bool clears_command_done = false;
  bool clears_generator_failed = false;
  if (axil_.writes()) write(clears_command_done, clears_generator_failed);
  axil_.clock(bus);

  if (clears_command_done) command_done_ = false;
  if (clears_generator_failed) generator_failed_ = false;
  if (in.command_done) {  // H6, H8
    busy_ = false;
    command_done_ = true;
  }
  count_failures(in);
  time_before_ = in.time;
  event_available_ = in.event_available;
  settled_ = axil_.idle() && !busy_ && pulses_ == 0 && !framing_write_ && !wakeup_counts_ && !error_counts_ &&
             irq_ == irq_due(event_available_) && std::ranges::none_of(failures_, &FailureCount::failed);
}

void Registers::count_failures(const RegisterInputs& in) {
  const std::array<bool, 3> now{in.rct_failed, in.apt_failed, in.silent};
  for (unsigned i = 0; i < failures_.size(); ++i) {
    FailureCount& failure = failures_[i];
    if (now[i] && !failure.failed) {
      generator_failed_ = true;
      if (failure.count != 0xFF) ++failure.count;
    } else if (generator_restart()) {
      failure.count = 0;
    }
    failure.failed = now[i];
  }
}

// This is N+2; what is set shows in N+3 (H3).
void Registers::write(bool& clears_command_done, bool& clears_generator_failed) {
  const std::uint16_t at = axil_.address();
  const std::uint32_t value = axil_.data();
  const bool error = axil_.strobe() != 0xF || !value_at(at, {}) || stored_.is_locked(at);
  axil_.answer({0, error});
  if (error) return;
  if (is_framing(at)) framing_write_ = {static_cast<unsigned>(at - address::framing) / 4, value};
  if (at == address::control) pulses_ = value & (kGeneratorRestart | kFramingCommit | kEventRealign);
  if (at == address::irq_status) {
    clears_command_done = (value & MASK(IRQ_STATUS_COMMAND_DONE)) != 0;
    clears_generator_failed = (value & MASK(IRQ_STATUS_GENERATOR_FAILED)) != 0;
  }
  if (at == address::lock && (value & MASK(LOCK_NONCES)) != 0) nonces_locked_ = true;  // H22
  switch (StoredRegisters::kind_of(at)) {
    case StoredRegisters::Kind::none: break;
    case StoredRegisters::Kind::plain: stored_.write(at, value); break;
    case StoredRegisters::Kind::argument:
      if (busy_) break;  // H7
      stored_.write(at, value);
      if (at != address::command) break;
      busy_ = true;  // H6
      clears_command_done = true;
      break;
  }
}

void Registers::sample(const RegisterSources& sources) {
  const std::uint16_t at = axil_.address();
  const auto value = value_at(at, sources);
  axil_.answer({value.value_or(0), !value});
  latch(at, sources);
}

void Registers::latch(std::uint16_t at, const RegisterSources& sources) {
  if (is_counter(at) && at % 8 == 0) counter_high_ = static_cast<std::uint16_t>(sources.counter >> 32);  // H13
  if (at == address::time_low) time_high_ = static_cast<std::uint32_t>(time_before_ >> 32);              // H23
}

/// Nothing where there is no register.
std::optional<std::uint32_t> Registers::value_at(std::uint16_t at, const RegisterSources& sources) const {
  if (at == address::generator) return stored_.at(at) | PLACE(sources.restarts, GENERATOR_RESTARTS);
  if (StoredRegisters::kind_of(at) != StoredRegisters::Kind::none) return stored_.readable_at(at);
  if (is_framing(at)) return 0;
  if (is_counter(at)) return at % 8 == 0 ? static_cast<std::uint32_t>(sources.counter) : counter_high_;
  static const CommandResult none;
  switch (at) {
    case address::id: return RESET(ID);
    case address::version: return RESET(VERSION);
    case address::parameters: return RESET(PARAMETERS);
    case address::status:
      return PLACE(sources.ready, STATUS_READY) | PLACE(sources.seeded, STATUS_SEEDED) |
             PLACE(sources.rct_failed, STATUS_RCT_FAILED) | PLACE(sources.apt_failed, STATUS_APT_FAILED) |
             PLACE(busy_, STATUS_COMMAND_BUSY) | PLACE(sources.silent, STATUS_SILENT) |
             PLACE(sources.framing, STATUS_FRAMING);
    case address::control: return 0;
    case address::irq_status: return irq_status(sources.event_count != 0);
    case address::generator_failures:
      return PLACE(failures_[0].count, GENERATOR_FAILURES_RCT) | PLACE(failures_[1].count, GENERATOR_FAILURES_APT) |
             PLACE(failures_[2].count, GENERATOR_FAILURES_SILENT);
    case address::lock: return PLACE(nonces_locked_, LOCK_NONCES);
    case address::time_low: return static_cast<std::uint32_t>(time_before_);
    case address::time_high: return time_high_;
    case address::event_count: return sources.event_count;
    case address::event_data: return nonces_locked_ && sources.event_word_is_nonce ? 0 : sources.event_word;
    case address::event_dropped: return sources.event_dropped;
    case address::wakeups_sent: return wakeups_sent_;
    case address::message_errors: return message_errors_;
    default: return result_at(at, sources.result != nullptr ? *sources.result : none);
  }
}

std::optional<std::uint32_t> Registers::result_at(std::uint16_t at, const CommandResult& result) const {
  const Entry& entry = result.entry;
  switch (at) {
    case address::result:
      return PLACE(busy_ ? ResultCode::busy : result.code, RESULT_CODE) | PLACE(result.state.phase, RESULT_PHASE) |
             PLACE(result.state.resends_left, RESULT_RESENDS_LEFT) | PLACE(result.location, RESULT_LOCATION);
    case address::result_nonce: return nonces_locked_ ? 0 : entry.nonce;
    case address::result_deadline_low: return static_cast<std::uint32_t>(entry.deadline);
    case address::result_deadline_high: return static_cast<std::uint32_t>(entry.deadline >> 32);
    case address::result_aux: return nonces_locked_ ? 0 : static_cast<std::uint32_t>(entry.aux >> 32);
    case address::result_aux + 4: return nonces_locked_ ? 0 : static_cast<std::uint32_t>(entry.aux);
    case address::result_client:
    case address::result_client + 4:
    case address::result_client + 8:
    case address::result_client + 12: return address_words(entry.client)[(at - address::result_client) / 4U];
    case address::result_false_nonces: return result.state.false_nonces;
    default: return std::nullopt;
  }
}

}  // namespace reveille::core
