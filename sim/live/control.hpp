// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "live/unix_listener.hpp"
#include "reveille/common/bytes.hpp"

namespace reveille::sim {

/// The registers of a core on a UNIX socket, to one connection at a time (docs/live.md): what driver::SocketBus
/// connects to.
class Control {
 public:
  /// Error{bad_input} naming the path; one that a program left behind is taken over.
  explicit Control(const std::filesystem::path& path);
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// Of a core that stands by: whoever connects is told so, and let go.
  bool standby = false;
  /// Accesses and host messages; each throws driver::BusError where it is refused.
  std::function<std::uint32_t(std::uint16_t address)> on_read;
  std::function<void(std::uint16_t address, std::uint32_t value)> on_write;
  std::function<void(ByteView message)> on_message;

  [[nodiscard]] int listener() const { return listener_.descriptor(); }
  /// -1: nobody is connected.
  [[nodiscard]] int connection() const { return connection_; }
  /// Lets in who waits at the listener, and says so to whoever comes second.
  void accept();
  /// Answers what the connection has asked; ends it where it has ended or asks nonsense.
  void serve();

 private:
  std::string answer(const std::string& line);
  void end();

  UnixListener listener_;
  int connection_ = -1;
  std::string received_;
};

}  // namespace reveille::sim
