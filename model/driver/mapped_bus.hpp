// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "reveille/driver/bus.hpp"

namespace reveille::driver {

/// Registers in a memory-mapped file: /dev/uioN, or any other. The file is locked (flock) while the bus is there.
class MappedBus final : public Bus {
 public:
  static constexpr std::size_t kOctets = 4096;

  /// From `offset` of the file on, a multiple of the page. Error{bad_input} naming the file where it cannot be opened
  /// or mapped or is too short; BusInUse where another process, or this one, drives it.
  explicit MappedBus(const std::filesystem::path& file, std::uint64_t offset = 0);
  ~MappedBus() override;

  [[nodiscard]] std::uint32_t read(std::uint16_t address) override;
  void write(std::uint16_t address, std::uint32_t value) override;
  void wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) override;

 private:
  [[nodiscard]] volatile std::uint32_t& word(std::uint16_t address) const;

  std::filesystem::path file_;
  int descriptor_;
  volatile std::uint32_t* registers_ = nullptr;
};

}  // namespace reveille::driver
