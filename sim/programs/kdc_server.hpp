// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <vector>

#include "programs/event_loop.hpp"
#include "programs/log.hpp"
#include "programs/principal_store.hpp"
#include "programs/sockets.hpp"
#include "reveille/kerberos/kdc.hpp"

namespace reveille::sim {

struct KdcServerConfig {
  std::vector<nodes::Endpoint> listen;
  std::size_t largest_datagram = 4096;  ///< a longer reply is refused with KRB_ERR_RESPONSE_TOO_BIG over UDP
  bool log_requests = true;
};

/// A KDC on sockets (RFC 4120 section 7.2): datagrams, and streams with a length ahead of each message. A stream that
/// brings no request for a while is closed, and so is the one that is idle longest where there are too many.
class KdcServer {
 public:
  KdcServer(KdcServerConfig config, kerberos::Kdc& kdc, PrincipalStore& principals, EventLoop& loop, const Log& log);

  void expire();
  [[nodiscard]] std::optional<kerberos::Time> deadline() const;

 private:
  struct Stream {
    TcpSocket socket;
    kerberos::Time idle_since;
    Bytes in = {}, out = {};
    bool closing = false;  ///< once `out` is sent
  };
  using Place = std::list<Stream>::iterator;  ///< the one idle longest in front

  void serve_datagrams(const UdpSocket& socket);
  void accept(const TcpListener& listener);
  void serve(Place stream, std::uint32_t events);
  /// Answers what is whole of what came; whether something was.
  bool answer(Stream& stream);
  void close(Place stream);
  Bytes reply(ByteView request, const nodes::Endpoint& from, bool stream);
  /// Once, and again where it has become another or a minute has passed.
  void say_failure(const std::string& what, kerberos::Time now);
  void log(ByteView request, ByteView reply, const nodes::Endpoint& from, bool stream) const;

  KdcServerConfig config_;
  kerberos::Kdc& kdc_;
  PrincipalStore& principals_;
  EventLoop& loop_;
  const Log& log_;
  std::vector<UdpSocket> datagrams_;
  std::vector<TcpListener> listeners_;
  std::list<Stream> streams_;
  std::string failure_;
  kerberos::Time failed_ = 0;
};

}  // namespace reveille::sim
