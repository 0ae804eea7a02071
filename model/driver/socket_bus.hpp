// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <mutex>

#include "reveille/driver/bus.hpp"

namespace reveille::driver {

/// A core that `reveille live --control` runs (docs/live.md), through its UNIX socket: a line of text an access or host
/// message. One connection at a time is served, so there is one driver.
class SocketBus final : public Bus {
 public:
  /// Error{bad_input} naming the socket where nobody listens; BusInUse where another driver is connected; StandsBy.
  explicit SocketBus(const std::filesystem::path& path);
  ~SocketBus() override;

  /// BusTimeout where there is no answer within five seconds.
  [[nodiscard]] std::uint32_t read(std::uint16_t address) override;
  void write(std::uint16_t address, std::uint32_t value) override;
  /// All lines at once; the core carries them out even if this program ends behind that.
  void access(std::span<Access> accesses) override;
  void wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) override;
  void send(std::span<const std::uint8_t> message) override;

 private:
  void send_lines(const std::string& lines);
  std::string receive_line();
  [[nodiscard]] std::string refused(const std::string& what, const std::string& answer) const;

  std::filesystem::path path_;
  int descriptor_;
  std::string received_;
  std::mutex mutex_;  ///< held from a question to its answer
};

}  // namespace reveille::driver
