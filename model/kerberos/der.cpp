// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/der.hpp"

#include <algorithm>
#include <array>

namespace reveille::kerberos::der {
namespace {

[[noreturn]] void refuse(std::string_view what, const std::string& why) {
  throw Error(ErrorKind::malformed, std::string(what) + ": " + why);
}

bool is_ascii(auto octet) { return static_cast<unsigned char>(octet) < 0x80; }

std::size_t read_length(ByteReader& in, std::string_view what) {
  const std::uint8_t first = in.u8(what);
  if (first < 0x80) return first;
  const unsigned octets = first & 0x7FU;
  if (octets == 0 || octets > 4) refuse(what, octets == 0 ? "indefinite length" : "length of more than 4 octets");
  std::size_t length = 0;
  for (const std::uint8_t octet : in.take(octets, what)) length = length << 8 | octet;
  if (length < 0x80 || length >> (8 * (octets - 1)) == 0) refuse(what, "length not minimal");
  return length;
}

}  // namespace

SecretBytes tag_length_value(std::uint8_t tag, ByteView content) {
  SecretBytes out = {tag};
  out.reserve(content.size() + 6);
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    unsigned octets = 1;
    while (content.size() >> (8 * octets) != 0) ++octets;
    out.push_back(static_cast<std::uint8_t>(0x80 + octets));
    append_big_endian(out, content.size(), octets);
  }
  append(out, content);
  return out;
}

SecretBytes integer(std::int64_t value) {
  unsigned octets = 1;
  while (octets < 8 &&
         (value < -(std::int64_t{1} << (8 * octets - 1)) || value >= std::int64_t{1} << (8 * octets - 1))) {
    ++octets;
  }
  SecretBytes content;
  append_big_endian(content, static_cast<std::uint64_t>(value), octets);
  return tag_length_value(integer_tag, content);
}

SecretBytes flags(std::uint32_t value) {
  SecretBytes content = {0};  // unused bits
  append_big_endian(content, value, 4);
  return tag_length_value(bit_string_tag, content);
}

SecretBytes octet_string(ByteView value) { return tag_length_value(octet_string_tag, value); }

SecretBytes general_string(std::string_view value) {
  if (!std::ranges::all_of(value, [](char c) { return is_ascii(c); })) {
    throw Error(ErrorKind::bad_input, "KerberosString: not ASCII: " + std::string(value));
  }
  return tag_length_value(general_string_tag, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
}

SecretBytes generalized_time(Time value) {
  const std::string text = to_kerberos_time(value);
  return tag_length_value(generalized_time_tag, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

ByteView Reader::take(std::uint8_t tag, std::string_view what) {
  ByteReader in(left_);
  if (in.empty()) refuse(what, "missing");
  if (const std::uint8_t found = in.u8(what); found != tag) {
    std::array<char, 48> why = {};
    std::snprintf(why.data(), why.size(), "tag 0x%02X, expected 0x%02X", found, tag);
    refuse(what, why.data());
  }
  const ByteView content = in.take(read_length(in, what), what);
  left_ = in.rest();
  return content;
}

void Reader::finish(std::string_view what) const {
  if (!left_.empty()) refuse(what, std::to_string(left_.size()) + " octets too many");
}

std::int64_t Reader::integer(std::int64_t low, std::int64_t high, std::string_view what) {
  const ByteView content = take(integer_tag, what);
  if (content.empty() || content.size() > 8) refuse(what, "integer of " + std::to_string(content.size()) + " octets");
  if (content.size() > 1 && ((content[0] == 0x00 && content[1] < 0x80) || (content[0] == 0xFF && content[1] >= 0x80))) {
    refuse(what, "integer not minimal");
  }
  std::uint64_t bits = content[0] < 0x80 ? 0 : ~std::uint64_t{0};
  for (const std::uint8_t octet : content) bits = bits << 8 | octet;
  const auto value = static_cast<std::int64_t>(bits);
  if (value < low || value > high) refuse(what, "integer " + std::to_string(value) + " out of range");
  return value;
}

std::uint32_t Reader::flags(std::string_view what) {
  const ByteView content = take(bit_string_tag, what);
  if (content.empty()) refuse(what, "no octet");
  const unsigned unused = content[0];
  const ByteView bits = content.subspan(1);
  if (unused > 7 || (bits.empty() ? unused != 0 : (bits.back() & ((1U << unused) - 1)) != 0)) {
    refuse(what, "bad unused bits");
  }
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | (i < bits.size() ? bits[i] : 0U);
  return value;
}

Bytes Reader::octet_string(std::string_view what) {
  const ByteView content = take(octet_string_tag, what);
  return {content.begin(), content.end()};
}

std::string Reader::general_string(std::string_view what) {
  const ByteView content = take(general_string_tag, what);
  if (!std::ranges::all_of(content, [](std::uint8_t c) { return is_ascii(c); })) refuse(what, "not ASCII");
  return {content.begin(), content.end()};
}

Time Reader::generalized_time(std::string_view what) {
  const ByteView content = take(generalized_time_tag, what);
  return from_kerberos_time({reinterpret_cast<const char*>(content.data()), content.size()});
}

}  // namespace reveille::kerberos::der
