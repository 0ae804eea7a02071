// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "capture/capture_writer.hpp"
#include "reveille/common/error.hpp"

namespace reveille::sim::test {

/// What goes over loopback from or to addresses that begin with these octets. Root's to do.
class LoopbackCapture {
 public:
  static bool is_permitted() {
    const int number = ::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP));
    if (number >= 0) ::close(number);
    return number >= 0;
  }
  explicit LoopbackCapture(Bytes network)
      : network_(std::move(network)), socket_(::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP))) {
    sockaddr_ll lo = {};
    lo.sll_family = AF_PACKET;
    lo.sll_protocol = htons(ETH_P_IP);
    lo.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
    const timeval wait = {.tv_sec = 0, .tv_usec = 20'000};
    // Others may say much over loopback meanwhile.
    const int buffer = 64 << 20;
    (void)::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    const bool good = ::bind(socket_, reinterpret_cast<const sockaddr*>(&lo), sizeof lo) == 0 &&
                      ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0;
    if (!good) throw Error(ErrorKind::internal, "loopback cannot be captured");
    thread_ = std::thread([this] {
      while (!stop_) receive();
    });
  }
  ~LoopbackCapture() { stop(); }
  LoopbackCapture(const LoopbackCapture&) = delete;
  LoopbackCapture& operator=(const LoopbackCapture&) = delete;

  /// Ends it.
  void save(const std::filesystem::path& file) {
    stop();
    PcapWriter writer(file);
    for (const Bytes& frame : frames_) writer.write(0, frame);
    writer.commit();
  }

 private:
  static constexpr std::size_t addresses_at = 14 + 12;

  void stop() {
    if (!thread_.joinable()) return;
    stop_ = true;
    thread_.join();
    ::close(socket_);
  }
  void receive() {
    sockaddr_ll from = {};
    socklen_t size_of_from = sizeof from;
    const ssize_t size =
        ::recvfrom(socket_, heard_.data(), heard_.size(), 0, reinterpret_cast<sockaddr*>(&from), &size_of_from);
    // Each packet is heard twice: as it goes, and as it comes.
    if (size < static_cast<ssize_t>(addresses_at + 8) || from.sll_pkttype == PACKET_OUTGOING) return;
    const Bytes frame(heard_.begin(), heard_.begin() + size);
    const auto is_of = [&](std::size_t at) {
      return std::equal(network_.begin(), network_.end(), frame.begin() + static_cast<std::ptrdiff_t>(at));
    };
    if (is_of(addresses_at) || is_of(addresses_at + 4)) frames_.push_back(frame);
  }

  Bytes network_;
  int socket_;
  std::atomic<bool> stop_ = false;
  Bytes heard_ = Bytes(65536);
  std::vector<Bytes> frames_;
  std::thread thread_;
};

}  // namespace reveille::sim::test
