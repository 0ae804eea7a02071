// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>

#include "reveille/core/command.hpp"
#include "reveille/nodes/host_port.hpp"
#include "story/axil_master.hpp"
#include "story/stream.hpp"

namespace reveille::sim {

/// The driver of the core in its host, once core::Driver has set the core up: commands one after another through the
/// registers, events on interrupt, messages on s_axis_host. Steps once a cycle beside the core.
class HostInterface final : public nodes::HostPort {
 public:
  /// What has finished is handed to `post` as something to call once the cycle is over.
  using Post = std::function<void(std::function<void()>)>;
  explicit HostInterface(Post post) : post_(std::move(post)) {}

  void command(const core::Command& command, Done done) override;
  void send(const net::Address& client, ByteView message) override;
  /// A whole frame, which the core puts on the network as it is.
  void send_frame(Bytes frame);

  std::function<void(const core::Event&)> on_event;
  /// The result of a command that the core had taken at `begun_ns` was read, and is ok.
  std::function<void(const core::Command&, std::uint64_t begun_ns, std::uint64_t now_ns)> on_success;

  [[nodiscard]] bool idle() const {
    return axil_.idle() && orders_.empty() && !busy_ && messages_.empty() && sender_.idle();
  }
  /// The interrupts that it serves: the mask of IRQ_ENABLE.
  static std::uint32_t interrupts();
  /// Once a cycle, before CoreInterface::clock().
  void drive(const core::Outputs& outputs, core::Inputs& inputs, std::uint64_t now_ns);

 private:
  struct Order {
    core::Command command;
    Done done;
    std::uint64_t begun_ns = 0;
  };

  void start_command();
  void serve_interrupt();
  void finish_command();
  void read_event();
  void write_address(std::uint16_t offset, const net::Address& address);

  Post post_;
  AxilMaster axil_;
  std::deque<Order> orders_;
  std::uint64_t now_ns_ = 0;
  bool busy_ = false;     ///< the front of orders_ is with the core
  bool serving_ = false;  ///< the interrupt is being served
  struct Outgoing {
    Bytes octets;
    std::uint8_t user = 0;
  };
  std::deque<Outgoing> messages_;
  FrameSender sender_;
  std::uint32_t event_words_[8] = {};
};

}  // namespace reveille::sim
