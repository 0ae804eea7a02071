// SPDX-License-Identifier: Apache-2.0
#include "programs/sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
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

bool is_unspecified(const net::Address& address) {
  return std::ranges::all_of(address.header_octets(), [](std::uint8_t octet) { return octet == 0; });
}

/// What comes with a datagram beside its octets: the address that it was sent to; and with one that is sent, the one
/// that it is from.
class OwnAddress {
 public:
  explicit OwnAddress(msghdr& message) : message_(message) {
    message_.msg_control = room_;
    message_.msg_controllen = sizeof room_;
  }
  [[nodiscard]] std::optional<net::Address> get() const {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message_); part != nullptr; part = CMSG_NXTHDR(&message_, part)) {
      const auto octets_at = [&](std::size_t offset, std::size_t size) {
        return net::Address::from_octets(ByteView(CMSG_DATA(part) + offset, size));
      };
      if (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_PKTINFO) {
        return octets_at(offsetof(in_pktinfo, ipi_spec_dst), sizeof(in_addr));
      }
      if (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_PKTINFO) {
        return octets_at(offsetof(in6_pktinfo, ipi6_addr), sizeof(in6_addr));
      }
    }
    return std::nullopt;
  }
  void set(const net::Address& address) {
    const ByteView octets = address.header_octets();
    if (address.is_ipv4()) {
      in_pktinfo info = {};
      std::memcpy(&info.ipi_spec_dst, octets.data(), octets.size());
      put(IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info = {};
      std::memcpy(&info.ipi6_addr, octets.data(), octets.size());
      put(IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }

 private:
  template <class Info>
  void put(int level, int type, const Info& info) {
    message_.msg_controllen = CMSG_SPACE(sizeof info);
    cmsghdr* part = CMSG_FIRSTHDR(&message_);
    part->cmsg_level = level;
    part->cmsg_type = type;
    part->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(part), &info, sizeof info);
  }

  msghdr& message_;
  alignas(cmsghdr) std::uint8_t room_[256] = {};
};

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
    : descriptor_(make_bound(own, SOCK_DGRAM)),
      own_(own),
      is_of_all_(is_unspecified(own.address)),
      buffer_(largest_datagram) {
  const int on = 1;
  const bool ipv4 = own.address.is_ipv4();
  if (is_of_all_ && ::setsockopt(number(), ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_PKTINFO : IPV6_RECVPKTINFO, &on,
                                 sizeof on) != 0) {
    throw Error(ErrorKind::bad_input, to_text(own) + " (UDP): " + std::strerror(errno));
  }
  // What comes while the program is at something else waits. The first asks for more than others may have.
  if (::setsockopt(number(), SOL_SOCKET, SO_RCVBUFFORCE, &waiting_room, sizeof waiting_room) != 0)
    ::setsockopt(number(), SOL_SOCKET, SO_RCVBUF, &waiting_room, sizeof waiting_room);
}

std::optional<nodes::Datagram> UdpSocket::receive() const {
  for (;;) {
    SocketAddress from;
    iovec octets = {buffer_.data(), buffer_.size()};
    msghdr message = {};
    message.msg_name = from.get();
    message.msg_namelen = from.size;
    message.msg_iov = &octets;
    message.msg_iovlen = 1;
    const OwnAddress own(message);
    const ssize_t size = ::recvmsg(number(), &message, 0);
    if (size >= 0) {
      const Endpoint to = {own.get().value_or(own_.address), own_.port};
      return nodes::Datagram{from.endpoint(), to, Bytes(buffer_.begin(), buffer_.begin() + size)};
    }
    if (would_block()) return std::nullopt;
    if (errno != ECONNREFUSED && errno != EHOSTUNREACH && errno != ENETUNREACH) return std::nullopt;
  }
}

void UdpSocket::send(const Endpoint& to, ByteView payload) const {
  const SocketAddress address(to);
  (void)::sendto(number(), payload.data(), payload.size(), MSG_NOSIGNAL, address.get(), address.size);
}

void UdpSocket::answer(const nodes::Datagram& request, ByteView payload) const {
  if (!is_of_all_) {
    send(request.source, payload);
    return;
  }
  SocketAddress to(request.source);
  iovec octets = {const_cast<std::uint8_t*>(payload.data()), payload.size()};  // sendmsg reads alone
  msghdr message = {};
  message.msg_name = to.get();
  message.msg_namelen = to.size;
  message.msg_iov = &octets;
  message.msg_iovlen = 1;
  OwnAddress own(message);
  own.set(request.destination.address);
  (void)::sendmsg(number(), &message, MSG_NOSIGNAL);
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
