// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "bed/kdc_client.hpp"
#include "bed/socket.hpp"
#include "reveille/kerberos/kdc.hpp"

namespace reveille::kerberos::test {

using namespace bed;

/// Serves a Kdc, or who answers in its place, on one loopback port, UDP and TCP, from its own thread, with the wall
/// clock.
class KdcServer {
 public:
  using Answer = std::function<Bytes(ByteView request)>;
  explicit KdcServer(Kdc& kdc) : KdcServer([&kdc](ByteView request) { return kdc.handle(request, wall_clock()); }) {}
  explicit KdcServer(Answer answer) : answer_(std::move(answer)) {
    if (::listen(tcp_.number(), 8) != 0) throw std::runtime_error("listen");
    thread_ = std::thread([this] { run(); });
  }
  ~KdcServer() {
    stop_ = true;
    thread_.join();
  }
  KdcServer(const KdcServer&) = delete;
  KdcServer& operator=(const KdcServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return udp_.port(); }
  [[nodiscard]] int udp_requests() const { return udp_requests_; }
  [[nodiscard]] int tcp_requests() const { return tcp_requests_; }

 private:
  /// To one port; the one that the system chose for UDP another may have for TCP.
  static std::pair<Socket, Socket> bound() {
    for (int tries = 1;; ++tries) {
      Socket udp(Transport::udp), tcp(Transport::tcp);
      udp.bind_loopback(0);
      try {
        tcp.bind_loopback(udp.port());
        return {std::move(udp), std::move(tcp)};
      } catch (const std::system_error&) {
        if (tries == 10) throw;
      }
    }
  }
  void run() {
    while (!stop_) {
      if (udp_.wait_readable(std::chrono::milliseconds(5))) serve_udp();
      if (tcp_.wait_readable(std::chrono::milliseconds(0))) serve_tcp();
    }
  }
  void serve_udp() {
    Bytes request(65535);
    sockaddr_storage peer = {};
    socklen_t peer_size = sizeof peer;
    auto* address = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t size = ::recvfrom(udp_.number(), request.data(), request.size(), 0, address, &peer_size);
    if (size < 0) return;
    request.resize(static_cast<std::size_t>(size));
    const Bytes reply = answer_(request);
    ++udp_requests_;
    if (!reply.empty()) (void)::sendto(udp_.number(), reply.data(), reply.size(), 0, address, peer_size);
  }
  void serve_tcp() {
    const Socket connection(::accept(tcp_.number(), nullptr, nullptr));
    Bytes received;
    while (connection.wait_readable(std::chrono::milliseconds(1000))) {
      const Bytes more = connection.receive(65535);
      if (more.empty()) return;
      append(received, more);
      if (received.size() < 4) continue;
      ByteReader in(received);
      if (const std::uint32_t size = in.u32("length"); in.remaining() < size) continue;
      const Bytes reply = answer_(in.rest());
      ++tcp_requests_;
      Bytes framed;
      append_big_endian(framed, reply.size(), 4);
      append(framed, reply);
      connection.send(framed);
      return;
    }
  }

  Answer answer_;
  std::pair<Socket, Socket> sockets_ = bound();
  const Socket &udp_ = sockets_.first, &tcp_ = sockets_.second;
  std::atomic<bool> stop_ = false;
  std::atomic<int> udp_requests_ = 0, tcp_requests_ = 0;
  std::thread thread_;
};

}  // namespace reveille::kerberos::test
