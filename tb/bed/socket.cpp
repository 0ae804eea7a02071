// SPDX-License-Identifier: Apache-2.0
#include "bed/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/time.h>

#include <cerrno>
#include <system_error>

namespace reveille::bed {
namespace {

void require(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in ipv4(const std::string& address, std::uint16_t port) {
  sockaddr_in out = {};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &out.sin_addr) != 1) {
    throw Error(ErrorKind::bad_input, "'" + address + "' is not an IPv4 address");
  }
  return out;
}

const sockaddr* generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

Socket::Socket(Transport transport)
    : number_(::socket(AF_INET, (transport == Transport::udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0)) {
  require(number_ >= 0, "socket");
}

void Socket::connect(const std::string& address, std::uint16_t port, std::chrono::milliseconds timeout) const {
  // SO_SNDTIMEO bounds connect() too.
  const timeval limit = {.tv_sec = timeout.count() / 1000, .tv_usec = timeout.count() % 1000 * 1000};
  require(::setsockopt(number_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0, "SO_SNDTIMEO");
  const sockaddr_in peer = ipv4(address, port);
  require(::connect(number_, generic(peer), sizeof peer) == 0, "connect");
}

void Socket::bind_loopback(std::uint16_t port) const {
  const int on = 1;
  require(::setsockopt(number_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
  const sockaddr_in own = ipv4("127.0.0.1", port);
  require(::bind(number_, generic(own), sizeof own) == 0, "bind");
}

std::uint16_t Socket::port() const {
  sockaddr_in own = {};
  socklen_t size = sizeof own;
  require(::getsockname(number_, reinterpret_cast<sockaddr*>(&own), &size) == 0, "getsockname");
  return ntohs(own.sin_port);
}

bool Socket::wait_readable(std::chrono::milliseconds timeout) const {
  pollfd entry = {.fd = number_, .events = POLLIN, .revents = 0};
  const int ready = ::poll(&entry, 1, static_cast<int>(timeout.count()));
  require(ready >= 0 || errno == EINTR, "poll");
  return ready > 0;
}

void Socket::send(ByteView octets) const {
  while (!octets.empty()) {
    const ssize_t sent = ::send(number_, octets.data(), octets.size(), MSG_NOSIGNAL);
    require(sent >= 0, "send");
    octets = octets.subspan(static_cast<std::size_t>(sent));
  }
}

Bytes Socket::receive(std::size_t limit) const {
  Bytes out(limit);
  const ssize_t size = ::recv(number_, out.data(), out.size(), 0);
  require(size >= 0, "receive");
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::uint16_t free_loopback_port() {
  for (;;) {
    const Socket tcp(Transport::tcp), udp(Transport::udp);
    tcp.bind_loopback(0);
    try {
      udp.bind_loopback(tcp.port());
      return tcp.port();
    } catch (const std::system_error&) {
      continue;  // taken for UDP
    }
  }
}

}  // namespace reveille::bed
