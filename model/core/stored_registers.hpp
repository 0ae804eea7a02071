// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "reveille/core/command.hpp"

namespace reveille::core {

/// The registers that hold what is written, and what they mean to the other blocks (rtl/host/reveille_registers.rdl).
class StoredRegisters {
 public:
  /// One of them, or null: `kind_of` says what else an access does.
  enum class Kind : std::uint8_t { none, plain, argument };

  StoredRegisters() { reset(); }

  [[nodiscard]] static Kind kind_of(std::uint16_t address);
  /// Whether a write answers SLVERR because what belongs together is enabled.
  [[nodiscard]] bool is_locked(std::uint16_t address) const;
  [[nodiscard]] std::uint32_t at(std::uint16_t address) const { return values_[address / 4]; }
  [[nodiscard]] std::uint32_t readable_at(std::uint16_t address) const {  ///< arguments are write-only
    return kind_of(address) == Kind::plain ? at(address) : 0;
  }
  [[nodiscard]] const Configuration& configuration() const { return configuration_; }
  [[nodiscard]] const Command& command() const { return command_; }

  void reset();
  void write(std::uint16_t address, std::uint32_t value);
  bool operator==(const StoredRegisters&) const = default;

 private:
  void configure();
  void configure_server();
  void take_arguments();
  [[nodiscard]] net::Address address_at(std::uint16_t address) const;

  static constexpr unsigned kWords = 0x200 / 4;
  std::array<std::uint32_t, kWords> values_{};
  Configuration configuration_;
  Command command_;
};

}  // namespace reveille::core
