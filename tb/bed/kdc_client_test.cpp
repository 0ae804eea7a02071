// SPDX-License-Identifier: Apache-2.0
// The client's transport against a KDC on loopback that frames its answers badly, or not at all (RFC 4120 section
// 7.2).
#include "bed/kdc_client.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "bed/socket.hpp"
#include "catch.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::bed;
using namespace std::chrono_literals;

namespace {

const Bytes question = {1, 2, 3};

/// Answers one request: each of `pieces` is a datagram, or is written by itself to the connection.
class OneAnswer {
 public:
  OneAnswer(Transport transport, std::vector<Bytes> pieces)
      : port_(free_loopback_port()),
        socket_(::socket(AF_INET, transport == Transport::udp ? SOCK_DGRAM : SOCK_STREAM, 0)) {
    const int on = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in own = {};
    own.sin_family = AF_INET;
    own.sin_port = htons(port_);
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
    if (transport == Transport::tcp) REQUIRE(::listen(socket_, 1) == 0);
    thread_ = std::thread([this, transport, pieces = std::move(pieces)] {
      transport == Transport::udp ? over_udp(pieces) : over_tcp(pieces);
    });
  }
  ~OneAnswer() {
    thread_.join();
    ::close(socket_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void over_udp(const std::vector<Bytes>& pieces) const {
    std::array<std::uint8_t, 100> request = {};
    sockaddr_in peer = {};
    socklen_t size = sizeof peer;
    (void)::recvfrom(socket_, request.data(), request.size(), 0, reinterpret_cast<sockaddr*>(&peer), &size);
    for (const Bytes& piece : pieces) {
      (void)::sendto(socket_, piece.data(), piece.size(), 0, reinterpret_cast<const sockaddr*>(&peer), size);
    }
  }
  void over_tcp(const std::vector<Bytes>& pieces) const {
    const int connection = ::accept(socket_, nullptr, nullptr);
    std::array<std::uint8_t, 100> request = {};
    (void)::recv(connection, request.data(), request.size(), 0);
    for (const Bytes& piece : pieces) {
      for (std::size_t at = 0; at < piece.size();) {
        const ssize_t sent = ::send(connection, piece.data() + at, piece.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) break;
        at += static_cast<std::size_t>(sent);
      }
    }
    ::close(connection);
  }

  std::uint16_t port_;
  int socket_;
  std::thread thread_;
};

Bytes framed(std::uint32_t length, std::size_t octets) {
  Bytes out;
  append_big_endian(out, length, 4);
  out.resize(4 + octets, 0x5A);
  return out;
}

std::string refusal(Transport transport, std::vector<Bytes> pieces) {
  const OneAnswer kdc(transport, std::move(pieces));
  try {
    (void)KdcClient("127.0.0.1", kdc.port(), transport, 600ms).exchange(question);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("a reply over TCP may be longer than any datagram, and come in pieces") {
  for (const std::uint32_t size : {1U, 65'535U, 65'536U, 200'000U, 1U << 20}) {
    Bytes whole = framed(size, size);
    const Bytes head(whole.begin(), whole.begin() + 3);
    whole.erase(whole.begin(), whole.begin() + 3);
    const OneAnswer kdc(Transport::tcp, {head, whole});
    CHECK(KdcClient("127.0.0.1", kdc.port(), Transport::tcp).exchange(question) == Bytes(size, 0x5A));
  }
}

TEST_CASE("a reply over TCP of a senseless length is refused without waiting for its octets, or taking memory for it") {
  CHECK_THAT(refusal(Transport::tcp, {framed((1U << 20) + 1, 10)}), ContainsSubstring("KDC reply of 1048577 octets"));
  CHECK_THAT(refusal(Transport::tcp, {framed(0xFFFF'FFFF, 10)}), ContainsSubstring("KDC reply of 4294967295 octets"));
  CHECK_THAT(refusal(Transport::tcp, {framed(0, 0)}), ContainsSubstring("no answer"));
  CHECK_THAT(refusal(Transport::tcp, {framed(100, 99)}), ContainsSubstring("no answer"));  // cut short, then closed
  CHECK_THAT(refusal(Transport::tcp, {{0, 0}}), ContainsSubstring("no answer"));
  CHECK_THAT(refusal(Transport::tcp, {}), ContainsSubstring("no answer"));
}

TEST_CASE("an empty datagram is nobody's answer: the one behind it is taken") {
  const OneAnswer kdc(Transport::udp, {{}, {}, {7, 7}});
  CHECK(KdcClient("127.0.0.1", kdc.port(), Transport::udp, 3000ms).exchange(question) == Bytes{7, 7});
}

TEST_CASE("nothing but empty datagrams is no answer, said with address, port and transport") {
  CHECK_THAT(refusal(Transport::udp, {{}, {}}),
             ContainsSubstring("KDC at 127.0.0.1:") && ContainsSubstring("(UDP): no answer"));
}
