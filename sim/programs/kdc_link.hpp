// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "programs/event_loop.hpp"
#include "programs/sockets.hpp"

namespace reveille::sim {

/// A client's way to its KDC (RFC 4120 section 7.2): datagrams, and a stream where the KDC says that its reply is too
/// long for one, or where told. Lost is what is lost: the client asks again.
class KdcLink {
 public:
  using Deliver = std::function<void(Bytes reply)>;

  KdcLink(const net::Address& own, const nodes::Endpoint& kdc, bool tcp, EventLoop& loop, Deliver deliver);

  void send(Bytes request);

 private:
  struct Stream {
    TcpSocket socket;
    Bytes in, out;
  };
  void receive_datagrams();
  void open_stream();
  void serve(std::uint32_t events);
  void close_stream();

  nodes::Endpoint kdc_;
  bool tcp_;
  EventLoop& loop_;
  Deliver deliver_;
  UdpSocket datagrams_;
  std::optional<Stream> stream_;
  Bytes request_;  ///< the last
};

}  // namespace reveille::sim
