// SPDX-License-Identifier: Apache-2.0
#include "bed/kdc_client.hpp"

#include <system_error>

namespace reveille::bed {
namespace {

constexpr int udp_tries = 3;
constexpr std::size_t largest_datagram = 65535;
constexpr std::size_t largest_reply = 1 << 20;  ///< over TCP: tickets with much authorization data

}  // namespace

Time wall_clock() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

KdcClient::KdcClient(std::string address, std::uint16_t port, Transport transport, std::chrono::milliseconds timeout)
    : address_(std::move(address)), port_(port), transport_(transport), timeout_(timeout) {}

Bytes KdcClient::exchange(ByteView request) const {
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorKind::protocol, "KDC at " + address_ + ":" + std::to_string(port_) +
                                          (transport_ == Transport::udp ? " (UDP): " : " (TCP): ") + why);
  };
  try {
    Bytes reply = transport_ == Transport::udp ? over_udp(request) : over_tcp(request);
    if (reply.empty()) throw refuse("no answer");
    return reply;
  } catch (const std::system_error& error) {
    throw refuse(error.what());
  }
}

Bytes KdcClient::over_udp(ByteView request) const {
  const Socket socket(Transport::udp);
  socket.connect(address_, port_, timeout_);
  for (int i = 0; i < udp_tries; ++i) {
    socket.send(request);
    const auto deadline = std::chrono::steady_clock::now() + timeout_ / udp_tries;
    for (auto left = timeout_ / udp_tries; left.count() > 0 && socket.wait_readable(left);) {
      Bytes reply = socket.receive(largest_datagram);
      if (!reply.empty()) return reply;  // an empty datagram is nobody's answer
      left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    }
  }
  return {};
}

Bytes KdcClient::over_tcp(ByteView request) const {
  const Socket socket(Transport::tcp);
  socket.connect(address_, port_, timeout_);
  Bytes framed;
  append_big_endian(framed, request.size(), 4);
  append(framed, request);
  socket.send(framed);
  Bytes received;
  const auto deadline = std::chrono::steady_clock::now() + timeout_;
  for (;;) {
    if (received.size() >= 4) {
      ByteReader in(received);
      const std::uint32_t size = in.u32("length");
      if (size > largest_reply) throw Error(ErrorKind::malformed, "KDC reply of " + std::to_string(size) + " octets");
      if (in.remaining() >= size) {
        const ByteView reply = in.take(size, "reply");
        return {reply.begin(), reply.end()};
      }
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !socket.wait_readable(left)) return {};
    const Bytes more = socket.receive(largest_datagram);
    if (more.empty()) return {};
    append(received, more);
  }
}

Credential KdcClient::get_initial(const PrincipalName& client, const std::string& realm, const Secret& secret,
                                  const std::vector<Etype>& etypes, RandomSource& random) const {
  AsExchange as(client, realm, secret, etypes, random);
  for (;;) {
    if (std::optional<Credential> credential = as.reply(exchange(as.request(wall_clock())))) return *credential;
  }
}

Credential KdcClient::get_service(const Credential& ticket_granting, const PrincipalName& service,
                                  const std::vector<Etype>& etypes, RandomSource& random) const {
  TgsExchange tgs(ticket_granting, service, etypes, random);
  return tgs.reply(exchange(tgs.request(wall_clock())));
}

}  // namespace reveille::bed
