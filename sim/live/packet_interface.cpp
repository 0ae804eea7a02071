// SPDX-License-Identifier: Apache-2.0
#include "live/packet_interface.hpp"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "live/offload.hpp"

namespace reveille::sim {
namespace {

constexpr int queue_octets = 32 << 20;  // of the kernel, for bursts while the core is busy
constexpr int send_patience_ms = 20;

int open_socket(const std::string& name) {
  // Nothing is received until it is bound.
  const int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor >= 0) return descriptor;
  if (errno == EPERM)
    throw Error(ErrorKind::bad_input, "interface " + name + ": no permission: needs CAP_NET_RAW (root has it)");
  throw Error(ErrorKind::bad_input, "interface " + name + ": packet socket: " + std::strerror(errno));
}

void set(int descriptor, int level, int option, int value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

Offload offload_of(const OffloadHeader& header) {
  constexpr unsigned needs_checksum = 1, tcp_ipv4 = 1, tcp_ipv6 = 4, udp = 5, with_ecn = 0x80;
  Offload offload{.needs_checksum = (header.flags & needs_checksum) != 0,
                  .checksum_start = header.checksum_start,
                  .checksum_at = header.checksum_offset,
                  .segment = header.segment};
  switch (header.cut & ~with_ecn) {
    case 0: break;
    case tcp_ipv4:
    case tcp_ipv6: offload.cut = Offload::tcp; break;
    case udp: offload.cut = Offload::udp; break;
    default: offload.cut = Offload::unknown;
  }
  return offload;
}

/// The VLAN tag that the kernel has taken off, as it stood behind the addresses.
std::size_t tag_of(const msghdr& header, std::array<std::uint8_t, 4>& tag) {
  auto* const message = const_cast<msghdr*>(&header);
  for (cmsghdr* each = CMSG_FIRSTHDR(message); each != nullptr; each = CMSG_NXTHDR(message, each)) {
    if (each->cmsg_level != SOL_PACKET || each->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata data{};
    std::memcpy(&data, CMSG_DATA(each), sizeof data);
    if ((data.tp_status & TP_STATUS_VLAN_VALID) == 0) return 0;
    const unsigned tpid = (data.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0 ? data.tp_vlan_tpid : ETHERTYPE_VLAN;
    tag = {static_cast<std::uint8_t>(tpid >> 8), static_cast<std::uint8_t>(tpid),
           static_cast<std::uint8_t>(data.tp_vlan_tci >> 8), static_cast<std::uint8_t>(data.tp_vlan_tci)};
    return tag.size();
  }
  return 0;
}

}  // namespace

PacketInterface::PacketInterface(const std::string& name) : Interface(name, open_socket(name)) {
  try {
    const unsigned index = if_nametoindex(name.c_str());
    if (index == 0) fail("not found");
    require_up();
    set(descriptor_, SOL_SOCKET, SO_RCVBUF, queue_octets);
    set(descriptor_, SOL_SOCKET, SO_RCVBUFFORCE, queue_octets);
    set(descriptor_, SOL_SOCKET, SO_SNDBUF, queue_octets);
    set(descriptor_, SOL_SOCKET, SO_SNDBUFFORCE, queue_octets);
    const int on = 1;
    if (setsockopt(descriptor_, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0) fail("PACKET_VNET_HDR");
    if (setsockopt(descriptor_, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) != 0) fail("PACKET_AUXDATA");
    if (setsockopt(descriptor_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0)
      fail("PACKET_IGNORE_OUTGOING (Linux 4.20)");
    packet_mreq promiscuous{};
    promiscuous.mr_ifindex = static_cast<int>(index);
    promiscuous.mr_type = PACKET_MR_PROMISC;
    if (setsockopt(descriptor_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) != 0)
      fail("promiscuous mode");
    sockaddr_ll place{};
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(ETH_P_ALL);
    place.sll_ifindex = static_cast<int>(index);
    if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) fail("bind");
  } catch (...) {
    close(descriptor_);
    throw;
  }
  for (std::size_t i = 0; i < kBatch; ++i) {
    Slot& in = in_[i];
    in.octets.resize(kLongest);
    in.parts = {iovec{&in.offload, sizeof in.offload}, iovec{in.octets.data(), in.octets.size()}};
    in_headers_[i].msg_hdr = {nullptr, 0, in.parts.data(), in.parts.size(), in.control.data(), 0, 0};
    out_headers_[i].msg_hdr = {nullptr, 0, out_[i].parts.data(), out_[i].parts.size(), nullptr, 0, 0};
  }
}

PacketInterface::~PacketInterface() { close(descriptor_); }

bool PacketInterface::receive(const Take& take) {
  for (mmsghdr& header : in_headers_) header.msg_hdr.msg_controllen = in_.front().control.size();
  const int count = recvmmsg(descriptor_, in_headers_.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    const int reason = errno;
    require_up();
    errno = reason;
    fail("receive");
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    handle(in_[i], in_headers_[i].msg_hdr, in_headers_[i].msg_len, take);
  return count != 0;
}

void PacketInterface::handle(Slot& slot, const msghdr& header, std::size_t octets, const Take& take) {
  if (octets <= sizeof slot.offload) return;
  octets -= sizeof slot.offload;
  const ByteView frame(slot.octets.data(), octets);
  std::array<std::uint8_t, 4> tag{};
  const std::size_t tag_size = tag_of(header, tag);
  const Offload offload = offload_of(slot.offload);
  const bool whole = !offload.needs_checksum && offload.cut == Offload::none;
  if (whole && tag_size == 0) return take(frame);
  const auto tagged = [&](ByteView finished) {
    if (tag_size == 0 || finished.size() < 12) return take(finished);
    Bytes with_tag(finished.begin(), finished.begin() + 12);
    append(with_tag, ByteView(tag));
    append(with_tag, finished.subspan(12));
    take(with_tag);
  };
  if (whole) return tagged(frame);
  whole_.assign(frame.begin(), frame.end());
  if ((header.msg_flags & MSG_TRUNC) != 0 || !finish_offload(whole_, offload, tagged)) ++losses_.not_cut;
}

void PacketInterface::send(ByteView frame) {
  if (waiting_ == kBatch) flush();
  Slot& slot = out_[waiting_++];
  slot.octets.assign(frame.begin(), frame.end());
  slot.parts = {iovec{&slot.offload, sizeof slot.offload}, iovec{slot.octets.data(), slot.octets.size()}};
}

void PacketInterface::flush() {
  for (std::size_t done = 0; done < waiting_;) {
    const int sent = sendmmsg(descriptor_, &out_headers_[done], static_cast<unsigned>(waiting_ - done), MSG_DONTWAIT);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    const int reason = errno;
    pollfd room{descriptor_, POLLOUT, 0};
    if (reason == EAGAIN && poll(&room, 1, send_patience_ms) == 1 && (room.revents & POLLOUT) != 0) continue;
    require_up();
    ++losses_.not_sent;
    ++done;
  }
  waiting_ = 0;
}

void PacketInterface::look() {
  Interface::look();
  tpacket_stats counted{};
  socklen_t length = sizeof counted;
  if (getsockopt(descriptor_, SOL_PACKET, PACKET_STATISTICS, &counted, &length) == 0)
    losses_.not_read += counted.tp_drops;
}

}  // namespace reveille::sim
