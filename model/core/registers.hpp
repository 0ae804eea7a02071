// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "core/session_control.hpp"

namespace reveille::core {

/// What a read may return, as other blocks hold it in the cycle of the read.
struct RegisterSources {
  bool ready = false;
  bool seeded = false;
  bool rct_failed = false;
  bool apt_failed = false;
  const CommandResult* result = nullptr;
  unsigned event_count = 0;
  std::uint32_t event_word = 0;
  std::uint32_t event_dropped = 0;
  std::uint64_t counter = 0;  ///< of `counter_index()`
};

/// What moves the registers in a cycle, besides the bus.
struct RegisterInputs {
  bool command_done = false;
  bool event_available = false;  ///< EVENT_COUNT is not 0
  bool generator_failed = false;
  std::uint32_t host_message_errors = 0;  ///< as the framer has counted them
  bool wakeup_taken = false;              ///< a Wake Up job is handed over
};

/// AXI4-Lite and the registers behind it (docs/timing/host.md, H1 to H10, H13; rtl/host/reveille_registers.rdl).
class Registers {
 public:
  struct Bus {
    bool awready = false, wready = false, bvalid = false, arready = false, rvalid = false;
    std::uint8_t bresp = 0, rresp = 0;
    std::uint32_t rdata = 0;
  };
  struct FramingWrite {
    unsigned word = 0;
    std::uint32_t value = 0;
  };

  Registers() { reset(); }

  [[nodiscard]] const Bus& bus() const { return bus_; }
  [[nodiscard]] bool irq() const { return irq_; }
  [[nodiscard]] const Configuration& configuration() const { return configuration_; }
  [[nodiscard]] const Command* command() const { return busy_ ? &command_ : nullptr; }
  [[nodiscard]] bool generator_restart() const { return generator_restart_; }
  /// A write to the framing memory that acts in this cycle.
  [[nodiscard]] const std::optional<FramingWrite>& framing_write() const { return framing_write_; }

  /// Whether a read returns what registers hold in this cycle (H4): then `sample` is to be called before `clock`.
  [[nodiscard]] bool reads_now() const { return step_ == Step::read; }
  [[nodiscard]] bool reads_event() const { return reads_now() && address_ == event_data_address(); }
  [[nodiscard]] unsigned counter_index() const;
  void sample(const RegisterSources& sources);

  void reset();
  void clock(const Inputs& bus, const RegisterInputs& in);

 private:
  enum class Step : std::uint8_t { idle, write_ready, write, read_ready, read, wait, respond };
  static std::uint16_t event_data_address();
  void step_bus(const Inputs& bus);
  void write(std::uint32_t value, std::uint8_t strobe);
  [[nodiscard]] std::optional<std::uint32_t> value_at(std::uint16_t address, const RegisterSources& sources) const;
  [[nodiscard]] std::uint32_t stored(std::uint16_t address) const { return values_[address / 4]; }
  void configure();
  void take_arguments();

  static constexpr unsigned kStored = 0x100 / 4;
  std::array<std::uint32_t, kStored> values_{};
  Configuration configuration_;
  Command command_;
  bool busy_ = false;
  bool command_done_ = false;  // IRQ_STATUS
  bool clears_command_done_ = false;
  bool generator_restart_ = false;
  bool irq_ = false;
  bool event_available_ = false;
  bool generator_failed_ = false;
  bool wakeup_counts_ = false;  // one was handed over in the last cycle
  std::uint32_t wakeups_sent_ = 0;
  std::uint32_t host_message_errors_ = 0;
  std::uint16_t counter_high_ = 0;
  std::optional<FramingWrite> framing_write_;

  Bus bus_;
  Step step_ = Step::idle;
  std::uint16_t address_ = 0;
  bool is_write_ = false;
  bool error_ = false;
  std::uint32_t read_data_ = 0;
  std::uint32_t write_data_ = 0;
  std::uint8_t write_strobe_ = 0;
};

}  // namespace reveille::core
