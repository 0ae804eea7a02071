// SPDX-License-Identifier: Apache-2.0
#include "programs/kdc_link.hpp"

#include "reveille/kerberos/messages.hpp"

namespace reveille::sim {
namespace {

constexpr std::size_t length_size = 4;
constexpr std::size_t longest_reply = 1 << 20;

/// A word that nobody seals: the worst that it does is a stream.
bool is_too_big(ByteView reply) {
  if (kerberos::application_tag(reply) != 30U) return false;
  try {
    return kerberos::decode_krb_error(reply).code == kerberos::ErrorCode::response_too_big;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

KdcLink::KdcLink(const net::Address& own, const nodes::Endpoint& kdc, bool tcp, EventLoop& loop, Deliver deliver)
    : kdc_(kdc), tcp_(tcp), loop_(loop), deliver_(std::move(deliver)), datagrams_({own, 0}) {
  loop_.watch(datagrams_.number(), EPOLLIN, [this](std::uint32_t) { receive_datagrams(); });
}

void KdcLink::send(Bytes request) {
  request_ = std::move(request);
  if (tcp_) {
    open_stream();
  } else {
    datagrams_.send(kdc_, request_);
  }
}

void KdcLink::receive_datagrams() {
  while (std::optional<nodes::Datagram> datagram = datagrams_.receive()) {
    if (datagram->source != kdc_) continue;
    if (is_too_big(datagram->payload) && !request_.empty()) {
      open_stream();
    } else {
      deliver_(std::move(datagram->payload));
    }
  }
}

void KdcLink::open_stream() {
  close_stream();
  std::optional<TcpSocket> socket = TcpSocket::connect(kdc_);
  if (!socket) return;
  stream_.emplace(Stream{std::move(*socket), {}, {}});
  append_big_endian(stream_->out, request_.size(), length_size);
  append(stream_->out, request_);
  loop_.watch(stream_->socket.number(), EPOLLIN | EPOLLOUT, [this](std::uint32_t events) { serve(events); });
}

void KdcLink::serve(std::uint32_t events) {
  bool good = stream_->socket.send(stream_->out);
  if (stream_->out.empty()) loop_.change(stream_->socket.number(), EPOLLIN);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) good = stream_->socket.receive(stream_->in) && good;
  ByteReader in(stream_->in);
  if (in.remaining() >= length_size) {
    const std::uint32_t size = in.u32("length");
    if (size <= longest_reply && in.remaining() >= size) {
      Bytes reply = kerberos::to_bytes(in.take(size, "reply"));
      close_stream();
      deliver_(std::move(reply));
      return;
    }
    good = good && size <= longest_reply;
  }
  if (!good) close_stream();
}

void KdcLink::close_stream() {
  if (!stream_) return;
  loop_.forget(stream_->socket.number());
  stream_.reset();
}

}  // namespace reveille::sim
