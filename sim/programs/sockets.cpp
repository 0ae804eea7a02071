// SPDX-License-Identifier: Apache-2.0
#include "programs/sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace reveille::sim {
namespace {

using nodes::Endpoint;

constexpr int waiting_room = 8 << 20;
constexpr std::size_t largest_datagram = 65535;
constexpr std::size_t chunk = 16384;

/// An address as the system calls take it.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;

  SocketAddress() = default;
  explicit SocketAddress(const Endpoint& endpoint) {
    const ByteView octets = endpoint.address.header_octets();
    if (endpoint.address.is_ipv4()) {
      sockaddr_in in = {};
      in.sin_family = AF_INET;
      in.sin_port = htons(endpoint.port);
      std::memcpy(&in.sin_addr, octets.data(), octets.size());
      std::memcpy(&storage, &in, size = sizeof in);
    } else {
      sockaddr_in6 in = {};
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(endpoint.port);
      std::memcpy(&in.sin6_addr, octets.data(), octets.size());
      std::memcpy(&storage, &in, size = sizeof in);
    }
  }
  [[nodiscard]] Endpoint endpoint() const {
    if (storage.ss_family == AF_INET6) {
      sockaddr_in6 in = {};
      std::memcpy(&in, &storage, sizeof in);
      return {net::Address::from_octets(ByteView(in.sin6_addr.s6_addr, 16)), ntohs(in.sin6_port)};
    }
    sockaddr_in in = {};
    std::memcpy(&in, &storage, sizeof in);
    Bytes octets(4);
    std::memcpy(octets.data(), &in.sin_addr, octets.size());
    return {net::Address::from_octets(octets), ntohs(in.sin_port)};
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Descriptor make(const Endpoint& endpoint, int type) {
  const int family = endpoint.address.is_ipv4() ? AF_INET : AF_INET6;
  return Descriptor(::socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

Descriptor make_bound(const Endpoint& own, int type) {
  Descriptor made = make(own, type);
  const SocketAddress address(own);
  const int on = 1;
  const bool stream = type == SOCK_STREAM;
  const bool good =
      made.number() >= 0 && (!stream || ::setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0) &&
      (own.address.is_ipv4() || ::setsockopt(made.number(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
      ::bind(made.number(), address.get(), address.size) == 0 && (!stream || ::listen(made.number(), SOMAXCONN) == 0);
  if (!good) {
    throw Error(ErrorKind::bad_input,
                to_text(own) + (stream ? " (TCP)" : " (UDP)") + ": cannot be bound: " + std::strerror(errno));
  }
  return made;
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

std::string to_text(const Endpoint& endpoint) {
  const std::string address = net::format(endpoint.address), port = ":" + std::to_string(endpoint.port);
  return endpoint.address.is_ipv4() ? address + port : "[" + address + "]" + port;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

UdpSocket::UdpSocket(const Endpoint& own)
    : descriptor_(make_bound(own, SOCK_DGRAM)), own_(own), buffer_(largest_datagram) {
  // What comes while the program is at something else waits. The first asks for more than others may have.
  if (::setsockopt(number(), SOL_SOCKET, SO_RCVBUFFORCE, &waiting_room, sizeof waiting_room) != 0)
    ::setsockopt(number(), SOL_SOCKET, SO_RCVBUF, &waiting_room, sizeof waiting_room);
}

std::optional<nodes::Datagram> UdpSocket::receive() const {
  for (;;) {
    SocketAddress from;
    const ssize_t size = ::recvfrom(number(), buffer_.data(), buffer_.size(), 0, from.get(), &from.size);
    if (size >= 0) return nodes::Datagram{from.endpoint(), own_, Bytes(buffer_.begin(), buffer_.begin() + size)};
    if (would_block()) return std::nullopt;
    if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != ENETUNREACH) return std::nullopt;
  }
}

void UdpSocket::send(const Endpoint& to, ByteView payload) const {
  const SocketAddress address(to);
  (void)::sendto(number(), payload.data(), payload.size(), MSG_NOSIGNAL, address.get(), address.size);
}

std::optional<TcpSocket> TcpSocket::connect(const Endpoint& peer) {
  Descriptor made = make(peer, SOCK_STREAM);
  const SocketAddress address(peer);
  if (made.number() < 0 || (::connect(made.number(), address.get(), address.size) != 0 && errno != EINPROGRESS)) {
    return std::nullopt;
  }
  return TcpSocket(std::move(made), peer);
}

bool TcpSocket::receive(Bytes& into) const {
  const std::size_t before = into.size();
  into.resize(before + chunk);
  const ssize_t size = ::recv(number(), into.data() + before, chunk, 0);
  const bool none = size < 0 && would_block();
  into.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return size > 0 || none;
}

bool TcpSocket::send(Bytes& from) const {
  if (from.empty()) return true;
  const ssize_t size = ::send(number(), from.data(), from.size(), MSG_NOSIGNAL);
  if (size < 0) return would_block();
  from.erase(from.begin(), from.begin() + size);
  return true;
}

TcpListener::TcpListener(const Endpoint& own) : descriptor_(make_bound(own, SOCK_STREAM)) {}

std::optional<TcpSocket> TcpListener::accept() const {
  SocketAddress from;
  Descriptor accepted(::accept4(number(), from.get(), &from.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (accepted.number() < 0) return std::nullopt;
  return TcpSocket(std::move(accepted), from.endpoint());
}

}  // namespace reveille::sim
