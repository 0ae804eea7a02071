// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "guard/packed.hpp"
#include "reveille/net/address.hpp"
#include "reveille/verdict.hpp"

/// What a frame shows by itself, for the tests of the ingress: docs/protocol.md, parts 3 and 4, rule by rule, on the
/// whole frame at once. Nothing here is from the RTL, from model/policy or from model/core.
namespace reveille::test {

struct GuardConfig {
  std::array<std::optional<net::Address>, 2> ipv4, ipv6;  ///< empty: not enabled
  bool listed = false;
  bool drop_later = false;
  std::uint16_t port = 1293;
  bool doi_ipsec = true, doi_snmp = true;
  std::vector<std::uint8_t> versions = {0x10};

  [[nodiscard]] const std::array<std::optional<net::Address>, 2>& family(bool is_ipv4) const {
    return is_ipv4 ? ipv4 : ipv6;
  }
};

inline tb::u128 number(ByteView octets) {
  tb::u128 value = 0;
  for (const auto octet : octets) value = value << 8 | octet;
  return value;
}

/// Drives a port of type server_config_t; what is not enabled holds anything.
template <class Port, class Random>
void drive_config(Port& port, const GuardConfig& config, Random& random) {
  std::uint32_t versions = 0, enables = 0;
  for (std::size_t i = 0; i < config.versions.size(); ++i) {
    versions |= std::uint32_t{config.versions[i]} << 8 * i;
    enables |= 1U << i;
  }
  const auto enable = [](const auto& family) { return (family[1] ? 2U : 0U) | (family[0] ? 1U : 0U); };
  const auto value = [&](const std::optional<net::Address>& address) {
    return address ? number(address->header_octets()) : tb::u128{random()} << 64 | random();
  };
  tb::drive(port, {{enable(config.ipv4), 2},
                   {value(config.ipv4[1]), 32},
                   {value(config.ipv4[0]), 32},
                   {enable(config.ipv6), 2},
                   {value(config.ipv6[1]), 128},
                   {value(config.ipv6[0]), 128},
                   {config.listed, 1},
                   {config.drop_later, 1},
                   {config.port, 16},
                   {config.doi_ipsec, 1},
                   {config.doi_snmp, 1},
                   {enables, 4},
                   {versions, 32}});
}

struct Shown {
  enum class Kind { decided, ap_request, sa_recovered };
  Kind kind = Kind::decided;
  Verdict verdict = Verdict::bypass;  ///< 0 to 8, if decided
  std::array<std::uint8_t, 16> source{};
  std::uint64_t value = 0;  ///< nonce or tag
};

/// A cursor over a frame that may end anywhere.
class FrameReader {
 public:
  FrameReader(ByteView frame, const GuardConfig& config) : frame_(frame), config_(config) {}

  Shown judge() {
    const auto is_tag = [](unsigned type) { return type == 0x8100 || type == 0x88a8; };
    std::size_t at = 12;
    for (int tags = 0; tags < 2 && has(at, 2) && is_tag(word(at)); ++tags) at += 4;
    if (!has(at, 2)) return {};  // L1
    const unsigned type = word(at);
    if (is_tag(type)) return drop(Verdict::unparsable);                                        // L20
    if (type < 0x600 && has(at + 2, 8) && word(at + 2) == 0xaaaa && word(at + 4) == 0x0300 &&  // L20
        word(at + 6) == 0 && (word(at + 8) == 0x0800 || word(at + 8) == 0x86dd)) {
      return drop(Verdict::unparsable);
    }
    ip_ = at + 2;
    if (type == 0x0800) return ipv4();
    if (type == 0x86dd) return ipv6();
    return {};
  }

 private:
  [[nodiscard]] bool has(std::size_t at, std::size_t count) const { return at + count <= frame_.size(); }
  [[nodiscard]] unsigned octet(std::size_t at) const { return frame_[at]; }
  [[nodiscard]] unsigned word(std::size_t at) const { return frame_[at] << 8 | frame_[at + 1]; }
  [[nodiscard]] Shown drop(Verdict verdict) const {
    Shown shown = shown_;
    shown.verdict = verdict;
    return shown;
  }

  /// L8
  bool counts(std::size_t at, bool is_ipv4) const {
    if (!config_.listed) return true;
    return is_servers(at, is_ipv4);
  }
  bool is_servers(std::size_t at, bool is_ipv4) const {
    for (const auto& address : config_.family(is_ipv4)) {
      if (address && number(address->header_octets()) == number(frame_.subspan(at, is_ipv4 ? 4 : 16))) return true;
    }
    return false;
  }
  /// L9
  bool is_bad_source(std::size_t at, bool is_ipv4) const {
    if (is_servers(at, is_ipv4)) return true;
    if (is_ipv4) {
      const auto value = static_cast<std::uint32_t>(number(frame_.subspan(at, 4)));
      return value == 0 || value >> 24 == 127 || (value >> 28) == 14 || value == 0xffffffff;
    }
    const tb::u128 value = number(frame_.subspan(at, 16));
    return value <= 1 || value >> 120 == 0xff || value >> 32 == 0xffff;
  }

  Shown ipv4() {
    if (!has(ip_, 20)) return {};                                  // L1, L4
    if (octet(ip_) >> 4 != 4 || (octet(ip_) & 15) < 5) return {};  // L2
    if (!counts(ip_ + 16, true)) return {};
    set_source(12, true);
    const std::size_t header = std::size_t{4} * (octet(ip_) & 15);
    const bool whole = has(ip_, header);
    const unsigned fragment = word(ip_ + 6);
    ip_end_ = ip_ + word(ip_ + 2);
    if ((fragment & 0x1fff) != 0) return config_.drop_later && whole ? drop(Verdict::fragmented) : Shown{};  // L5
    if (octet(ip_ + 9) != 17) return {};
    header_good_ = whole && sum(ip_, header, 0) == 0xffff;
    return udp(ip_ + header, true, (fragment & 0x2000) != 0);
  }

  Shown ipv6() {
    if (!has(ip_, 40)) return {};
    if (octet(ip_) >> 4 != 6) return {};
    if (!counts(ip_ + 24, false)) return {};
    set_source(8, false);
    ip_end_ = ip_ + 40 + word(ip_ + 4);
    unsigned next = octet(ip_ + 6);
    std::size_t at = ip_ + 40;
    bool first = false;
    for (int headers = 1; next == 0 || next == 43 || next == 60 || next == 44; ++headers) {  // L6, L7
      const bool fragment = next == 44;
      if (headers == 9 || at > 511 || !has(at, 2)) return drop(Verdict::unparsable);
      const std::size_t length = fragment ? 8 : 8 * (octet(at + 1) + std::size_t{1});
      if (!has(at, length)) return drop(Verdict::unparsable);
      if (fragment && word(at + 2) >> 3 != 0) return config_.drop_later ? drop(Verdict::fragmented) : Shown{};  // L5
      if (fragment && (octet(at + 3) & 1) != 0) first = true;
      next = octet(at);
      at += length;
    }
    if (next == 17 && at > 511) return drop(Verdict::unparsable);
    if (first && ip_end_ < at) return drop(Verdict::fragmented);  // L4
    if (next != 17) return {};
    header_good_ = true;
    return udp(at, false, first);
  }

  Shown udp(std::size_t at, bool is_ipv4, bool first_fragment) {
    const bool hits_port = has(at, 4) && word(at + 2) == config_.port;
    if (first_fragment) {  // L4
      const bool shows_ports = has(at, 4) && at + 4 <= ip_end_;
      return !shows_ports || hits_port ? drop(Verdict::fragmented) : Shown{};
    }
    if (!has(at, 8) || !hits_port) return {};  // L1, L3
    const std::size_t length = word(at + 4);
    if (ip_end_ > frame_.size() || ip_end_ < at || length < 8 || at + length > ip_end_)
      return drop(Verdict::bad_length);
    // L11
    const std::size_t addresses = is_ipv4 ? 12 : 8, address_octets = is_ipv4 ? 8 : 32;
    const bool none = word(at + 6) == 0;
    const bool good =
        none ? is_ipv4
             : sum(at, length, sum(ip_ + addresses, address_octets, 17 + static_cast<unsigned>(length))) == 0xffff;
    if (!header_good_ || !good) return drop(Verdict::bad_checksum);
    if (is_bad_source(ip_ + addresses, is_ipv4)) return drop(Verdict::bad_source);
    return message(at + 8, length - 8);
  }

  Shown message(std::size_t at, std::size_t length) {
    if (length < 3) return drop(Verdict::malformed);
    const unsigned kmmid = octet(at), doi = octet(at + 1), version = octet(at + 2);
    bool known = false;
    for (const auto v : config_.versions) known |= v == version;
    if (kmmid == 0 || kmmid > 6 || !((doi == 1 && config_.doi_ipsec) || (doi == 2 && config_.doi_snmp)) || !known) {
      return drop(Verdict::unsupported);
    }
    if (kmmid != 2 && kmmid != 4) return drop(Verdict::wrong_direction);
    Shown shown = shown_;
    if (kmmid == 4) {
      if (length != 23) return drop(Verdict::malformed);
      shown.kind = Shown::Kind::sa_recovered;
      shown.value = static_cast<std::uint64_t>(number(frame_.subspan(at + 3, 8)));
      return shown;
    }
    // L18. Octets before `end` count, and a nonce that runs over it makes all this malformed (L17).
    const std::size_t end = at + length;
    std::size_t next = at + 4;
    const auto take = [&]() -> std::size_t { return next < end ? octet(next++) : (++next, 0); };
    const bool tag_good = length > 3 && octet(at + 3) == 0x6e;
    const std::size_t first = take();
    std::size_t content = first;
    bool strict = first < 0x80;
    if (first == 0x81) {
      content = take();
      strict = content >= 0x80;
    } else if (first == 0x82) {
      content = take() << 8;
      content |= take();
      strict = content >= 0x100;
    }
    if (!tag_good || !strict || next + content + 4 > end) return drop(Verdict::malformed);
    shown.kind = Shown::Kind::ap_request;
    shown.value = static_cast<std::uint64_t>(number(frame_.subspan(next + content, 4)));
    return shown;
  }

  void set_source(std::size_t at, bool is_ipv4) {
    if (is_ipv4) shown_.source[10] = shown_.source[11] = 0xff;
    for (std::size_t i = is_ipv4 ? 12 : 0; i < 16; ++i) shown_.source[i] = frame_[ip_ + at++];
  }

  /// Ones' complement sum as RFC 1071 has it, with every carry added in at once.
  unsigned sum(std::size_t at, std::size_t length, unsigned so_far) const {
    for (std::size_t i = 0; i < length; ++i) {
      so_far += i % 2 == 0 ? frame_[at + i] << 8 : frame_[at + i];
      so_far = (so_far & 0xffff) + (so_far >> 16);
    }
    return so_far;
  }

  ByteView frame_;
  const GuardConfig& config_;
  std::size_t ip_ = 0, ip_end_ = 0;
  bool header_good_ = false;
  Shown shown_;  // the source, once there is one
};

inline Shown judge(ByteView frame, const GuardConfig& config) { return FrameReader(frame, config).judge(); }

}  // namespace reveille::test
