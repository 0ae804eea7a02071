// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reveille/common/error.hpp"

namespace reveille {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Reads big-endian fields off a view, front to back. Every read that would pass the end throws
/// Error{malformed} naming `what`; nothing is consumed then.
class ByteReader {
 public:
  explicit ByteReader(ByteView view) : view_(view) {}

  [[nodiscard]] std::size_t remaining() const noexcept { return view_.size(); }
  [[nodiscard]] bool empty() const noexcept { return view_.empty(); }

  ByteView take(std::size_t count, std::string_view what) {
    if (count > view_.size()) {
      throw Error(ErrorKind::malformed, std::string(what) + ": needs " + std::to_string(count) + " octets, " +
                                            std::to_string(view_.size()) + " left");
    }
    const ByteView taken = view_.first(count);
    view_ = view_.subspan(count);
    return taken;
  }
  ByteView rest() { return take(view_.size(), "rest"); }

  std::uint8_t u8(std::string_view what) { return take(1, what)[0]; }
  std::uint16_t u16(std::string_view what) { return static_cast<std::uint16_t>(big_endian(take(2, what))); }
  std::uint32_t u32(std::string_view what) { return static_cast<std::uint32_t>(big_endian(take(4, what))); }
  std::uint64_t u64(std::string_view what) { return big_endian(take(8, what)); }

 private:
  static std::uint64_t big_endian(ByteView octets) {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : octets) value = value << 8 | octet;
    return value;
  }
  ByteView view_;
};

/// Appends `width` octets of `value`, most significant first.
void append_big_endian(auto& out, std::uint64_t value, unsigned width) {
  for (unsigned shift = 8 * width; shift != 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
}

void append(auto& out, ByteView octets) { out.insert(out.end(), octets.begin(), octets.end()); }

}  // namespace reveille
