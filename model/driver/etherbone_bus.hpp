// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "reveille/driver/bus.hpp"
#include "reveille/driver/neighbour_port.hpp"

namespace reveille::driver {

/// The registers of a core in a board, by Etherbone over UDP as LiteEth has it (docs/board.md): 32 bits, one record a
/// datagram. What the board answers goes to the port that it listens at, so that this bus takes that port of its own
/// machine: one driver a machine. Two of two machines are not told apart.
class EtherboneBus final : public Bus {
 public:
  static constexpr std::uint16_t kPort = 1234;
  static constexpr std::uint32_t kRegisters = 0x3000'0000;

  /// An IPv4 address. Error{bad_input} where it is none; BusInUse; BusTimeout where no Etherbone answers there.
  explicit EtherboneBus(const std::string& address, std::uint16_t port = kPort, std::uint32_t registers = kRegisters);
  ~EtherboneBus() override;

  /// BusTimeout after three tries of a tenth of a second. A read of EVENT_DATA is tried once: its answer may be lost,
  /// and what it took with it; Driver::realign_events() follows.
  [[nodiscard]] std::uint32_t read(std::uint16_t address) override;
  void write(std::uint16_t address, std::uint32_t value) override;
  /// Neighbours in one datagram, 32 at most. Writes are followed by a read, one of these or another, so that the board
  /// has had them.
  void access(std::span<Access> accesses) override;
  void wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) override;
  /// As a frame of EtherType 0x88B5 to the board, on the interface that leads there: CAP_NET_RAW, and the board's
  /// Ethernet address in the neighbour table. BusError also for a message that Ethernet would pad.
  void send(std::span<const std::uint8_t> message) override;

 private:
  void write_run(std::span<const Access> accesses);
  void read_run(std::span<Access> accesses);
  void exchange(const std::string& packet, std::uint32_t number, std::span<Access> answers, unsigned tries);

  std::string place_;
  std::uint32_t registers_;
  int socket_ = -1;
  std::uint32_t number_ = 0;  ///< of the last question, which its answer brings back
  std::mutex mutex_;
  std::optional<NeighbourPort> messages_;  ///< once there was one
};

}  // namespace reveille::driver
