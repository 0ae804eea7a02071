// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/signalling.hpp"

#include <algorithm>
#include <charconv>

#include "reveille/net/checksum.hpp"

namespace reveille::nodes {

namespace {

constexpr std::size_t udp_header = 8;

/// 0xFFFF over a segment whose checksum is right, or of which it stands still at 0.
std::uint16_t sum(const Endpoint& source, const Endpoint& destination, ByteView segment) {
  const auto length = static_cast<std::uint32_t>(segment.size());
  return net::ones_complement_sum(
      segment, net::udp_pseudo_header_sum(source.address.header_octets(), destination.address.header_octets(), length));
}

Bytes octets(const std::string& text) { return {text.begin(), text.end()}; }

/// The number behind `word` and a blank, before another.
std::optional<std::uint32_t> number_behind(std::string_view word, ByteView message) {
  const std::string text(message.begin(), message.end());
  if (!text.starts_with(word)) return std::nullopt;
  std::uint32_t number = 0;
  const char* begin = text.data() + word.size();
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(begin, end, number);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ' ') return std::nullopt;
  return number;
}

}  // namespace

Bytes udp_segment(const Endpoint& source, const Endpoint& destination, ByteView payload) {
  Bytes segment;
  append_big_endian(segment, source.port, 2);
  append_big_endian(segment, destination.port, 2);
  append_big_endian(segment, udp_header + payload.size(), 2);
  append_big_endian(segment, 0, 2);
  append(segment, payload);
  const auto checksum = static_cast<std::uint16_t>(~sum(source, destination, segment));
  const std::uint16_t written = checksum == 0 ? 0xFFFF : checksum;
  segment[6] = static_cast<std::uint8_t>(written >> 8);
  segment[7] = static_cast<std::uint8_t>(written);
  return segment;
}

std::optional<Bytes> signalling_in(const esp::Opened& opened, const Endpoint& source, const Endpoint& destination) {
  if (opened.next_header != esp::next_header_udp || opened.payload.size() < udp_header) return std::nullopt;
  ByteReader reader(opened.payload);
  const bool meant = reader.u16("source port") == source.port && reader.u16("destination port") == destination.port;
  if (!meant || reader.u16("length") != opened.payload.size()) return std::nullopt;
  if (sum(source, destination, opened.payload) != 0xFFFF) return std::nullopt;
  return Bytes(opened.payload.begin() + udp_header, opened.payload.end());
}

Bytes to_notify(const Notification& notification, const std::string& client) {
  return octets("NTFY " + std::to_string(notification.transaction) + " aaln/1@" + client +
                " MGCP 1.0 NCS 1.0\r\nX: 1\r\nO: " + notification.event + "\r\n");
}

std::optional<Notification> from_notify(ByteView text) {
  const auto transaction = number_behind("NTFY ", text);
  if (!transaction) return std::nullopt;
  Notification notification{*transaction, {}};
  constexpr std::string_view observed = "\r\nO: ";
  auto begin = std::ranges::search(text, observed).begin();
  if (begin == text.end()) return notification;
  begin += observed.size();
  notification.event.assign(begin, std::find(begin, text.end(), '\r'));
  return notification;
}

Bytes to_acknowledgement(std::uint32_t transaction) { return octets("200 " + std::to_string(transaction) + " OK\r\n"); }

std::optional<std::uint32_t> from_acknowledgement(ByteView text) {
  const auto done = number_behind("200 ", text);
  return done ? done : number_behind("250 ", text);  // a connection was deleted
}

}  // namespace reveille::nodes
