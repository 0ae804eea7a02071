// SPDX-License-Identifier: Apache-2.0
#include "live/offload.hpp"

#include <algorithm>

namespace reveille::sim {
namespace {

constexpr std::size_t udp_header = 8;
constexpr std::size_t least_tcp_header = 20;
constexpr std::size_t udp_checksum_at = 6;
constexpr std::uint8_t tcp_fin = 0x01, tcp_psh = 0x08, tcp_cwr = 0x80;

std::uint16_t get16(const Bytes& frame, std::size_t at) {
  return static_cast<std::uint16_t>(frame[at] << 8 | frame[at + 1]);
}

void put16(Bytes& frame, std::size_t at, std::size_t value) {
  frame[at] = static_cast<std::uint8_t>(value >> 8);
  frame[at + 1] = static_cast<std::uint8_t>(value);
}

/// The ones' complement sum of octets, an odd last one as if 0 followed it.
std::uint64_t sum(const Bytes& frame, std::size_t begin, std::size_t end) {
  std::uint64_t total = 0;
  for (std::size_t i = begin; i < end; ++i) total += (i - begin) % 2 == 0 ? frame[i] << 8 : frame[i];
  return total;
}

std::uint16_t fold(std::uint64_t total) {
  while (total > 0xFFFF) total = (total & 0xFFFF) + (total >> 16);
  return static_cast<std::uint16_t>(~total);
}

/// Where the IP header begins: behind the tags that the frame still has.
std::size_t ip_at(const Bytes& frame) {
  std::size_t at = 14;
  while (at + 2 < frame.size() && (get16(frame, at - 2) == 0x8100 || get16(frame, at - 2) == 0x88A8)) at += 4;
  return at;
}

/// A frame that is a header and the octets of a payload from `begin` to `end`, with the fields that tell its length.
class Segmenter {
 public:
  Segmenter(const Bytes& whole, const Offload& offload)
      : whole_(whole), offload_(offload), ip_(ip_at(whole)), transport_(offload.checksum_start) {}

  [[nodiscard]] bool usable() {
    if (offload_.segment == 0 || ip_ + 20 > transport_ || transport_ + least_tcp_header > whole_.size()) return false;
    ipv4_ = whole_[ip_] >> 4 == 4;
    if (!ipv4_ && (whole_[ip_] >> 4 != 6 || ip_ + 40 > transport_)) return false;
    header_ = transport_ + (tcp() ? 4U * (whole_[transport_ + 12] >> 4) : udp_header);
    return header_ < whole_.size() && (!tcp() || header_ >= transport_ + least_tcp_header);
  }

  void cut(const std::function<void(ByteView)>& take) {
    Bytes frame;
    for (std::size_t begin = header_, index = 0; begin < whole_.size(); begin += offload_.segment, ++index) {
      const std::size_t end = std::min(begin + offload_.segment, whole_.size());
      frame.assign(whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(header_));
      append(frame, ByteView(whole_).subspan(begin, end - begin));
      if (tcp()) number(frame, begin - header_, index == 0, end == whole_.size());
      finish(frame, index);
      take(frame);
    }
  }

 private:
  [[nodiscard]] bool tcp() const { return offload_.cut == Offload::tcp; }

  void number(Bytes& frame, std::size_t offset, bool first, bool last) const {
    const std::uint32_t sequence =
        static_cast<std::uint32_t>(get16(frame, transport_ + 4)) << 16 | get16(frame, transport_ + 6);
    const std::uint32_t moved = sequence + static_cast<std::uint32_t>(offset);
    put16(frame, transport_ + 4, moved >> 16);
    put16(frame, transport_ + 6, moved & 0xFFFF);
    std::uint8_t& flags = frame[transport_ + 13];
    if (!last) flags &= static_cast<std::uint8_t>(~(tcp_fin | tcp_psh));
    if (!first) flags &= static_cast<std::uint8_t>(~tcp_cwr);
  }

  void finish(Bytes& frame, std::size_t index) const {
    const std::size_t length = frame.size() - transport_;
    std::uint64_t pseudo = length + (tcp() ? 6U : 17U);
    if (ipv4_) {
      put16(frame, ip_ + 2, frame.size() - ip_);
      put16(frame, ip_ + 4, get16(frame, ip_ + 4) + index);
      put16(frame, ip_ + 10, 0);
      put16(frame, ip_ + 10, fold(sum(frame, ip_, transport_)));
      pseudo += sum(frame, ip_ + 12, ip_ + 20);
    } else {
      put16(frame, ip_ + 4, frame.size() - ip_ - 40);
      pseudo += sum(frame, ip_ + 8, ip_ + 40);
    }
    if (!tcp()) put16(frame, transport_ + 4, length);
    const std::size_t place = transport_ + (tcp() ? 16 : udp_checksum_at);
    put16(frame, place, 0);
    const std::uint16_t checksum = fold(pseudo + sum(frame, transport_, frame.size()));
    put16(frame, place, checksum == 0 && !tcp() ? 0xFFFF : checksum);
  }

  const Bytes& whole_;
  const Offload& offload_;
  std::size_t ip_;
  std::size_t transport_;
  std::size_t header_ = 0;
  bool ipv4_ = false;
};

}  // namespace

bool finish_offload(Bytes& frame, const Offload& offload, const std::function<void(ByteView)>& take) {
  if (offload.cut != Offload::none) {
    Segmenter segmenter(frame, offload);
    if (offload.cut == Offload::unknown || !segmenter.usable()) return false;
    segmenter.cut(take);
    return true;
  }
  if (offload.needs_checksum) {
    // The field holds the pseudo header's sum already.
    const std::size_t place = offload.checksum_start + offload.checksum_at;
    if (place + 2 > frame.size()) return false;
    const std::uint16_t checksum = fold(sum(frame, offload.checksum_start, frame.size()));
    put16(frame, place, checksum == 0 && offload.checksum_at == udp_checksum_at ? 0xFFFF : checksum);
  }
  take(frame);
  return true;
}

}  // namespace reveille::sim
