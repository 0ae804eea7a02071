// SPDX-License-Identifier: Apache-2.0
#include "report/dissection.hpp"

#include <algorithm>
#include <cstdio>

#include "reveille/net/address.hpp"

namespace reveille::sim {

namespace {

constexpr std::size_t octets_shown = 16;

std::string hexadecimal(ByteView octets, const char* between = "") {
  std::string text;
  for (std::size_t i = 0; i < std::min(octets.size(), octets_shown); ++i) {
    char octet[4];
    std::snprintf(octet, sizeof octet, "%02x", octets[i]);
    text += (i == 0 ? "" : between) + std::string(octet);
  }
  return octets.size() > octets_shown ? text + " …" : text;
}

std::uint64_t number(ByteView octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8 | octet;
  return value;
}

std::string decimal_text(ByteView octets) { return std::to_string(number(octets)); }
std::string hexadecimal_text(ByteView octets) { return "0x" + hexadecimal(octets); }
std::string mac_text(ByteView octets) { return hexadecimal(octets, ":"); }
std::string address_text(ByteView octets) {
  const net::Address address = net::Address::from_octets(octets);
  return octets.size() == 4 ? net::format(address) : net::format_ipv6(address);
}

/// Takes one field after the other.
class Dissector {
 public:
  explicit Dissector(ByteView frame) : frame_(frame) {}

  std::vector<Field> all() {
    if (ethernet()) payload();
    rest("rest");
    return std::move(fields_);
  }

 private:
  using Text = std::string (*)(ByteView);

  [[nodiscard]] bool has(std::size_t octets) const { return end_of_payload() >= at_ + octets; }
  [[nodiscard]] std::size_t end_of_payload() const { return std::min(end_, frame_.size()); }

  /// Its octets; empty, and nothing taken, where there are not so many.
  ByteView take(std::size_t octets, const char* name, Text text) {
    if (!has(octets)) return {};
    const ByteView taken = frame_.subspan(at_, octets);
    fields_.push_back({at_, octets, name, text(taken)});
    at_ += octets;
    return taken;
  }
  void rest(const char* name) {
    if (at_ < end_of_payload()) take(end_of_payload() - at_, name, hexadecimal_text);
    end_ = frame_.size();
    if (at_ < end_) take(end_ - at_, "padding, or beyond the length", hexadecimal_text);
  }

  bool ethernet() {
    take(6, "Ethernet destination", mac_text);
    take(6, "Ethernet source", mac_text);
    for (;;) {
      const ByteView type = take(2, "EtherType", hexadecimal_text);
      if (type.empty()) return false;
      ethertype_ = number(type);
      if (ethertype_ != 0x8100 && ethertype_ != 0x88A8) return true;
      fields_.back().name = "VLAN tag type";
      take(2, "VLAN tag", hexadecimal_text);
    }
  }

  void payload() {
    const bool is_udp = ethertype_ == 0x0800 ? ipv4() : ethertype_ == 0x86DD && ipv6();
    if (is_udp && udp()) message();
  }

  bool ipv4() {
    const std::size_t begin = at_;
    const ByteView first = take(1, "IPv4 version, header length", hexadecimal_text);
    if (first.empty() || !has(19)) return false;
    take(1, "type of service", hexadecimal_text);
    const std::size_t total = number(take(2, "IPv4 total length", decimal_text));
    take(2, "identification", hexadecimal_text);
    const std::uint64_t fragment = number(take(2, "flags, fragment offset", hexadecimal_text));
    take(1, "time to live", decimal_text);
    const std::uint64_t protocol = number(take(1, "protocol", decimal_text));
    take(2, "IPv4 header checksum", hexadecimal_text);
    take(4, "source", address_text);
    take(4, "destination", address_text);
    const std::size_t header = std::size_t{first[0] & 0xFU} * 4;
    if (header > 20 && take(header - 20, "IPv4 options", hexadecimal_text).empty()) return false;
    if (total >= at_ - begin) end_ = begin + total;
    return protocol == 17 && (fragment & 0x1FFF) == 0;
  }

  bool ipv6() {
    if (!has(40)) return false;
    take(4, "IPv6 version, class, flow", hexadecimal_text);
    const std::size_t length = number(take(2, "IPv6 payload length", decimal_text));
    std::uint64_t next = number(take(1, "next header", decimal_text));
    take(1, "hop limit", decimal_text);
    take(16, "source", address_text);
    take(16, "destination", address_text);
    end_ = at_ + length;
    while (next == 0 || next == 43 || next == 60) {
      if (!has(2)) return false;
      const std::size_t octets = (std::size_t{frame_[at_ + 1]} + 1) * 8;
      next = frame_[at_];
      if (take(octets, "extension header", hexadecimal_text).empty()) return false;
    }
    return next == 17;
  }

  bool udp() {
    if (!has(8)) return false;
    const std::size_t begin = at_;
    take(2, "UDP source port", decimal_text);
    take(2, "UDP destination port", decimal_text);
    const std::size_t length = number(take(2, "UDP length", decimal_text));
    take(2, "UDP checksum", hexadecimal_text);
    if (length >= 8) end_ = std::min(end_, begin + length);
    return true;
  }

  void message() {
    static constexpr const char* names[] = {"none",         "Wake Up", "AP Request", "AP Reply",
                                            "SA Recovered", "Rekey",   "Error Reply"};
    const ByteView id = take(1, "KMMID", decimal_text);
    if (id.empty()) return;
    if (id[0] < std::size(names)) fields_.back().value += std::string(", ") + names[id[0]];
    take(1, "DOI", decimal_text);
    const ByteView version = take(1, "version", hexadecimal_text);
    if (version.empty()) return;
    fields_.back().value = std::to_string(version[0] >> 4) + "." + std::to_string(version[0] & 0xF);
    switch (id[0]) {
      case 1: take(4, "server nonce", hexadecimal_text); break;
      case 2:
        if (der("KRB_AP_REQ")) take(4, "returned nonce", hexadecimal_text);
        break;
      case 3: der("KRB_AP_REP"); break;
      case 4: take(8, "first 64 bits of the HMAC", hexadecimal_text); break;
      default: break;
    }
    rest("rest of the message");
  }

  /// An element of DER, by its outer length of at most two octets.
  bool der(const char* name) {
    if (!has(2)) return false;
    const std::uint8_t first = frame_[at_ + 1];
    const std::size_t extra = first < 0x80 ? 0 : first - 0x80U;
    if (extra > 2 || !has(2 + extra)) return false;
    const std::size_t length = extra == 0 ? first : number(frame_.subspan(at_ + 2, extra));
    return !take(2 + extra + length, name, hexadecimal_text).empty();
  }

  ByteView frame_;
  std::size_t at_ = 0;
  std::size_t end_ = static_cast<std::size_t>(-1);  ///< where the lengths so far say that it ends
  std::uint64_t ethertype_ = 0;
  std::vector<Field> fields_;
};

}  // namespace

std::vector<Field> dissect(ByteView frame) { return Dissector(frame).all(); }

}  // namespace reveille::sim
