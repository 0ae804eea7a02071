// SPDX-License-Identifier: Apache-2.0
#include "programs/kdc_server.hpp"

#include <algorithm>
#include <cerrno>

namespace reveille::sim {
namespace {

using kerberos::ErrorCode;

constexpr std::size_t most_streams = 256;
constexpr kerberos::Time longest_idle = 30 * kerberos::second;
constexpr std::size_t longest_request = 65'536;
constexpr std::size_t length_size = 4;
constexpr std::size_t most_waiting = 1 << 20;  ///< octets of replies that a client does not take
constexpr unsigned datagrams_a_turn = 64;

std::string name(const std::optional<kerberos::PrincipalName>& principal) {
  return principal ? kerberos::to_string(*principal) : "";
}

}  // namespace

KdcServer::KdcServer(KdcServerConfig config, kerberos::Kdc& kdc, PrincipalStore& principals, EventLoop& loop,
                     const Log& log)
    : config_(std::move(config)), kdc_(kdc), principals_(principals), loop_(loop), log_(log) {
  for (const nodes::Endpoint& endpoint : config_.listen) {
    datagrams_.emplace_back(endpoint);
    listeners_.emplace_back(endpoint);
  }
  for (const UdpSocket& socket : datagrams_) {
    loop_.watch(socket.number(), EPOLLIN, [this, &socket](std::uint32_t) { serve_datagrams(socket); });
  }
  for (const TcpListener& listener : listeners_) {
    loop_.watch(listener.number(), EPOLLIN, [this, &listener](std::uint32_t) { accept(listener); });
  }
}

void KdcServer::serve_datagrams(const UdpSocket& socket) {
  for (unsigned i = 0; i < datagrams_a_turn; ++i) {
    const std::optional<nodes::Datagram> datagram = socket.receive();
    if (!datagram) return;
    const Bytes answer = reply(datagram->payload, datagram->source, false);
    if (!answer.empty()) socket.answer(*datagram, answer);
  }
}

Bytes KdcServer::reply(ByteView request, const nodes::Endpoint& from, bool stream) {
  principals_.refresh();
  const kerberos::Time now = wall_clock();
  Bytes answer;
  try {
    answer = kdc_.handle(request, now, nodes::kerberos_address(from.address));
  } catch (const kerberos::DatabaseError& error) {  // as MIT's KDC answers where it cannot open its own
    say_failure(error.what(), now);
    answer = kdc_.refuse(ErrorCode::generic, now);
  }
  if (!stream && answer.size() > config_.largest_datagram) answer = kdc_.refuse(ErrorCode::response_too_big, now);
  if (config_.log_requests) log(request, answer, from, stream);
  return answer;
}

void KdcServer::say_failure(const std::string& what, kerberos::Time now) {
  if (what == failure_ && now >= failed_ && now - failed_ < kerberos::minute) return;
  failure_ = what;
  failed_ = now;
  log_("error", {{"what", what}});
}

void KdcServer::log(ByteView request, ByteView reply, const nodes::Endpoint& from, bool stream) const {
  const std::string where = to_text(from), transport = stream ? "tcp" : "udp";
  if (reply.empty()) {
    log_("no-request", {{"from", where}, {"transport", transport}, {"octets", request.size()}});
    return;
  }
  const kerberos::KdcRequest asked = kerberos::decode_kdc_request(request);
  const bool as = asked.type == kerberos::KdcMessage::as_req;
  std::string result = "issued";
  // A TGS-REQ names its client in the ticket alone, and the reply to it in the clear.
  std::optional<kerberos::PrincipalName> client = asked.body.cname;
  if (kerberos::application_tag(reply) == 30U) {
    result = to_string(kerberos::decode_krb_error(reply).code);
  } else {
    client = kerberos::decode_kdc_reply(reply).cname;
  }
  log_(as ? "as-req" : "tgs-req", {{"from", where},
                                   {"transport", transport},
                                   {"client", name(client)},
                                   {"service", name(asked.body.sname)},
                                   {"result", result}});
}

void KdcServer::accept(const TcpListener& listener) {
  std::optional<TcpSocket> socket = listener.accept();
  if (!socket && (errno == EMFILE || errno == ENFILE) && !streams_.empty()) {  // it would be ready again at once
    close(streams_.begin());
    socket = listener.accept();
  }
  if (!socket) return;
  if (streams_.size() >= most_streams) close(streams_.begin());
  streams_.push_back({std::move(*socket), loop_.clock().now()});
  const auto place = std::prev(streams_.end());
  loop_.watch(place->socket.number(), EPOLLIN, [this, place](std::uint32_t events) { serve(place, events); });
}

void KdcServer::serve(Place stream, std::uint32_t events) {
  const bool reads = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !stream->closing;
  if (reads && !stream->socket.receive(stream->in)) stream->closing = true;
  if (answer(*stream)) {
    stream->idle_since = loop_.clock().now();
    streams_.splice(streams_.end(), streams_, stream);
  }
  const bool good = stream->socket.send(stream->out) && stream->out.size() <= most_waiting;
  if (!good || (stream->closing && stream->out.empty())) {
    close(stream);
    return;
  }
  const std::uint32_t waits_for = stream->closing ? EPOLLOUT : stream->out.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
  loop_.change(stream->socket.number(), waits_for);
}

bool KdcServer::answer(Stream& stream) {
  const auto frame = [&stream](const Bytes& message) {
    append_big_endian(stream.out, message.size(), length_size);
    append(stream.out, message);
  };
  std::size_t taken = 0;
  while (stream.in.size() - taken >= length_size) {
    ByteReader in(ByteView(stream.in).subspan(taken));
    const std::uint32_t size = in.u32("length");
    if (size > longest_request) {  // the high bit, which is reserved, included
      frame(kdc_.refuse(ErrorCode::field_too_long, wall_clock()));
      stream.closing = true;
      taken = stream.in.size();
    } else if (in.remaining() < size) {
      break;
    } else {
      const Bytes answer = reply(in.take(size, "request"), stream.socket.peer(), true);
      if (answer.empty()) stream.closing = true;  // as MIT
      if (!answer.empty()) frame(answer);
      taken += length_size + size;
    }
  }
  stream.in.erase(stream.in.begin(), stream.in.begin() + static_cast<std::ptrdiff_t>(taken));
  return taken > 0;
}

void KdcServer::close(Place stream) {
  loop_.forget(stream->socket.number());
  streams_.erase(stream);
}

void KdcServer::expire() {
  const kerberos::Time now = loop_.clock().now();
  while (!streams_.empty() && streams_.front().idle_since + longest_idle <= now) close(streams_.begin());
}

std::optional<kerberos::Time> KdcServer::deadline() const {
  if (streams_.empty()) return std::nullopt;
  return streams_.front().idle_since + longest_idle;
}

}  // namespace reveille::sim
