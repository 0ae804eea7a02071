// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "reveille/core/axil_slave.hpp"
#include "reveille/core/stored_registers.hpp"

namespace reveille::core {

/// What a read may return, as other blocks hold it in the cycle of the read.
struct RegisterSources {
  bool ready = false;
  bool seeded = false;
  bool rct_failed = false;
  bool apt_failed = false;
  bool silent = false;
  unsigned restarts = 0;
  bool framing = false;
  const CommandResult* result = nullptr;
  unsigned event_count = 0;
  std::uint32_t event_word = 0;
  bool event_word_is_nonce = false;
  std::uint32_t event_dropped = 0;
  std::uint64_t counter = 0;  ///< of `counter_index()`
};

/// What moves the registers in a cycle, besides the bus.
struct RegisterInputs {
  bool command_done = false;
  bool event_available = false;  ///< EVENT_COUNT is not 0
  bool rct_failed = false;
  bool apt_failed = false;
  bool silent = false;
  bool wakeup_taken = false;   ///< by the framer
  bool message_error = false;  ///< E6
  std::uint64_t time = 0;      ///< time_i
  bool operator==(const RegisterInputs&) const = default;
};

/// The registers behind AXI4-Lite (docs/timing/host.md, H6 to H10, H13, H20 to H26; rtl/host/reveille_registers.rdl).
class Registers {
 public:
  struct FramingWrite {
    unsigned word = 0;
    std::uint32_t value = 0;
    bool operator==(const FramingWrite&) const = default;
  };

  Registers() { reset(); }

  [[nodiscard]] const AxilSlave::Bus& bus() const { return axil_.bus(); }
  [[nodiscard]] bool irq() const { return irq_; }
  [[nodiscard]] const Configuration& configuration() const { return stored_.configuration(); }
  [[nodiscard]] const Command* command() const { return busy_ ? &stored_.command() : nullptr; }
  // What was written to act in this cycle
  [[nodiscard]] bool generator_restart() const { return (pulses_ & kGeneratorRestart) != 0; }
  [[nodiscard]] bool framing_commit() const { return (pulses_ & kFramingCommit) != 0; }
  [[nodiscard]] bool event_realign() const { return (pulses_ & kEventRealign) != 0; }
  [[nodiscard]] const std::optional<FramingWrite>& framing_write() const { return framing_write_; }

  /// Whether a read returns what registers hold in this cycle (H4): then `sample` is to be called before `clock`.
  [[nodiscard]] bool reads_now() const { return axil_.reads(); }
  [[nodiscard]] bool reads_event() const;
  [[nodiscard]] unsigned counter_index() const;
  void sample(const RegisterSources& sources);

  void reset();
  void clock(const Inputs& bus, const RegisterInputs& in);

  /// Whether `pass` is all that `clock` would do in a cycle in which nothing comes over the bus or of RegisterInputs.
  [[nodiscard]] bool settled(bool event_available) const { return settled_ && event_available == event_available_; }
  void pass(std::uint64_t time) { time_before_ = time; }
  bool operator==(const Registers&) const = default;

 private:
  // As CONTROL's bits
  static constexpr std::uint32_t kGeneratorRestart = 1;
  static constexpr std::uint32_t kFramingCommit = 2;
  static constexpr std::uint32_t kEventRealign = 4;
  /// How often each of the generator's tests has failed (H20, H21).
  struct FailureCount {
    bool failed = false;  // in the cycle before
    std::uint8_t count = 0;
    bool operator==(const FailureCount&) const = default;
  };

  [[nodiscard]] std::uint32_t irq_status(bool event_available) const;
  [[nodiscard]] bool irq_due(bool event_available) const;
  void write(bool& clears_command_done, bool& clears_generator_failed);
  void count_failures(const RegisterInputs& in);
  [[nodiscard]] std::optional<std::uint32_t> value_at(std::uint16_t address, const RegisterSources& sources) const;
  [[nodiscard]] std::optional<std::uint32_t> result_at(std::uint16_t address, const CommandResult& result) const;
  void latch(std::uint16_t address, const RegisterSources& sources);

  AxilSlave axil_;
  StoredRegisters stored_;
  std::uint32_t pulses_ = 0;
  std::optional<FramingWrite> framing_write_;
  bool busy_ = false;
  bool command_done_ = false;      // IRQ_STATUS
  bool generator_failed_ = false;  // IRQ_STATUS
  bool irq_ = false;
  bool nonces_locked_ = false;
  bool settled_ = false;                    // the cycle before left nothing to do for this one
  bool event_available_ = false;            // in the cycle before
  std::array<FailureCount, 3> failures_{};  // repetition, proportion, silence
  bool wakeup_counts_ = false;              // one was taken in the last cycle
  bool error_counts_ = false;
  std::uint32_t wakeups_sent_ = 0;
  std::uint32_t message_errors_ = 0;
  std::uint64_t time_before_ = 0;  // time_i of the cycle before
  std::uint32_t time_high_ = 0;
  std::uint16_t counter_high_ = 0;
};

}  // namespace reveille::core
