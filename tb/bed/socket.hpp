// SPDX-License-Identifier: Apache-2.0
#pragma once

// IPv4 sockets with time limits, as far as a KDC's two transports need them.

#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "reveille/common/bytes.hpp"

namespace reveille::bed {

enum class Transport : std::uint8_t { udp, tcp };

/// Owns a socket; every failure throws std::system_error. Reads wait at most `timeout`.
class Socket {
 public:
  explicit Socket(Transport transport);
  explicit Socket(int accepted) : number_(accepted) {}
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  Socket(Socket&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Socket& operator=(Socket&&) = delete;

  [[nodiscard]] int number() const noexcept { return number_; }
  void connect(const std::string& address, std::uint16_t port, std::chrono::milliseconds timeout) const;
  /// On 127.0.0.1; port 0 lets the system choose.
  void bind_loopback(std::uint16_t port) const;
  [[nodiscard]] std::uint16_t port() const;
  /// False when nothing came in time.
  [[nodiscard]] bool wait_readable(std::chrono::milliseconds timeout) const;

  void send(ByteView octets) const;
  /// One datagram, or what a stream has at hand; empty at a stream's end.
  [[nodiscard]] Bytes receive(std::size_t limit) const;

 private:
  int number_;
};

/// A port free for UDP and TCP on loopback, at this moment.
std::uint16_t free_loopback_port();

}  // namespace reveille::bed
