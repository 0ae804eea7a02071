// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>

#include "reveille/nodes/host_port.hpp"
#include "reveille/verdict.hpp"
#include "story/axil_master.hpp"
#include "story/session_log.hpp"
#include "story/stream.hpp"

namespace reveille::sim {

/// A record of the core's event log (docs/architecture.md).
struct CoreEvent {
  enum class Kind : std::uint8_t { verdict = 1, expired = 2, wake_failed = 3, guessing = 4 };
  Kind kind = Kind::verdict;
  Verdict verdict = Verdict::bypass;
  std::uint64_t time_us = 0;
  std::uint32_t value = 0;
  net::Address client;
};

/// The driver of the core in its host, once core::Driver has set the core up: commands one after another through the
/// registers, events on interrupt, messages on s_axis_host. Steps once a cycle beside the core.
class HostInterface final : public nodes::HostPort {
 public:
  /// What has finished is handed to `post` as something to call once the cycle is over.
  using Post = std::function<void(std::function<void()>)>;
  explicit HostInterface(Post post) : post_(std::move(post)) {}

  void wake(const net::Address& client, std::uint64_t lifetime_us, std::uint8_t doi, Done done) override;
  void reply(const net::Address& client, std::uint64_t expected_tag, Done done) override;
  void reject(const net::Address& client, Done done) override;
  void close(const net::Address& client, Done done) override;
  void restore_replied(const net::Address& client, std::uint32_t nonce, std::uint64_t expected_tag,
                       std::uint64_t lifetime_us, Done done) override;
  void send(const net::Address& client, ByteView message) override;

  std::function<void(const CoreEvent&)> on_event;
  /// A command's result was read, and is ok.
  std::function<void(const HostCommand&, std::uint64_t now_ns)> on_success;

  [[nodiscard]] bool idle() const {
    return axil_.idle() && commands_.empty() && !busy_ && messages_.empty() && sender_.idle();
  }
  /// The interrupts that it serves: the mask of IRQ_ENABLE.
  static std::uint32_t interrupts();
  /// Once a cycle, before CoreInterface::clock().
  void drive(const core::Outputs& outputs, core::Inputs& inputs, std::uint64_t now_ns);

 private:
  struct Command {
    HostCommand order;
    std::uint32_t session = 0;
    Done done;
  };

  void queue(Command command);
  void start_command();
  void serve_interrupt();
  void finish_command();
  void read_event();
  void write_address(std::uint16_t offset, const net::Address& address);

  Post post_;
  AxilMaster axil_;
  std::deque<Command> commands_;
  std::uint64_t now_ns_ = 0;
  bool busy_ = false;     ///< the front of commands_ is with the core
  bool serving_ = false;  ///< the interrupt is being served
  std::deque<Bytes> messages_;
  FrameSender sender_;
  std::uint32_t event_words_[8] = {};
};

}  // namespace reveille::sim
