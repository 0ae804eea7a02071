// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "reveille/common/bytes.hpp"

namespace reveille::fuzz {

/// What an input of the fuzzer decides, octet by octet; 0 behind its end.
class Choices {
 public:
  explicit Choices(ByteView octets) : octets_(octets) {}

  [[nodiscard]] bool over() const { return octets_.empty(); }
  std::uint8_t octet() {
    if (over()) return 0;
    const std::uint8_t first = octets_.front();
    octets_ = octets_.subspan(1);
    return first;
  }
  /// Of so many octets, the most significant first.
  std::uint64_t number(unsigned octets) {
    std::uint64_t value = 0;
    for (; octets != 0; --octets) value = value << 8 | octet();
    return value;
  }
  unsigned below(unsigned bound) { return static_cast<unsigned>(number(bound > 256 ? 2 : 1) % bound); }
  /// Yes for 1 of so many values.
  bool one_of(unsigned values) { return octet() % values == 1; }
  Bytes take(std::size_t count) {
    const ByteView taken = octets_.first(std::min(count, octets_.size()));
    octets_ = octets_.subspan(taken.size());
    Bytes out(taken.begin(), taken.end());
    out.resize(count);
    return out;
  }

 private:
  ByteView octets_;
};

}  // namespace reveille::fuzz
