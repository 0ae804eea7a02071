// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

namespace reveille::tb {

__extension__ using u128 = unsigned __int128;

/// A field of a packed struct: its value and its width in bits.
struct Field {
  u128 value;
  unsigned width;
};

/// Reads and writes a Verilated port, whatever C++ type its width gave it, as the packed struct that it is.
template <class Port>
class PackedPort {
 public:
  explicit PackedPort(Port& port) : port_(port) {}

  void set(unsigned bit, bool value) {
    if constexpr (std::is_integral_v<Port>) {
      const Port mask = static_cast<Port>(std::uint64_t{1} << bit);
      port_ = static_cast<Port>(value ? port_ | mask : port_ & static_cast<Port>(~mask));
    } else {
      const std::uint32_t mask = std::uint32_t{1} << bit % 32;
      port_[bit / 32] = value ? port_[bit / 32] | mask : port_[bit / 32] & ~mask;
    }
  }

  [[nodiscard]] bool get(unsigned bit) const {
    if constexpr (std::is_integral_v<std::remove_const_t<Port>>) {
      return static_cast<std::uint64_t>(port_) >> bit & 1;
    } else {
      return port_[bit / 32] >> bit % 32 & 1;
    }
  }

 private:
  Port& port_;
};

/// Drives a port with the fields of its struct, in the order of the declaration: the last lies in bit 0.
template <class Port>
void drive(Port& port, std::initializer_list<Field> fields) {
  PackedPort<Port> packed(port);
  unsigned bit = 0;
  for (const Field* field = fields.end(); field-- != fields.begin();) {
    for (unsigned i = 0; i < field->width; ++i) packed.set(bit++, static_cast<bool>(field->value >> i & 1));
  }
}

/// Reads a port of `width` bits field by field, in the order of the declaration.
template <class Port>
class Fields {
 public:
  Fields(const Port& port, unsigned width) : packed_(port), bit_(width) {}

  u128 next(unsigned width) {
    u128 value = 0;
    for (unsigned i = 0; i < width; ++i) value = value << 1 | static_cast<u128>(packed_.get(--bit_));
    return value;
  }
  template <class Value>
  Fields& take(Value& value, unsigned width) {
    value = static_cast<Value>(next(width));
    return *this;
  }

 private:
  PackedPort<const Port> packed_;
  unsigned bit_;
};

/// flags_t of one lane.
struct LaneFlags {
  bool held = false, match = false, live = false, nonce_equal = false, tag_equal = false, guesses = false;
  unsigned phase = 0, resends_left = 0, false_nonces = 0;

  static constexpr unsigned kWidth = 34;
  [[nodiscard]] bool hit() const { return match && live; }
  /// Codes of docs/protocol.md, part 3, of the frame's kind that meets this entry.
  [[nodiscard]] unsigned ap_request() const {
    if (!hit()) return kNotWoken;
    if (!nonce_equal) return 11;
    return phase == 0 ? 13 : phase == 2 && resends_left != 0 ? 14 : 12;
  }
  [[nodiscard]] unsigned sa_recovered() const {
    if (!hit()) return kNotWoken;
    return phase != 2 ? 15 : tag_equal ? 16 : 11;
  }
  [[nodiscard]] std::uint64_t bits() const {
    std::uint64_t value = 0;
    const auto append = [&value](std::uint64_t field, unsigned width) { value = value << width | field; };
    append(held, 1);
    append(match, 1);
    append(live, 1);
    append(hit(), 1);
    append(ap_request() ^ kNotWoken, 5);
    append(sa_recovered() ^ kNotWoken, 5);
    append(ap_request() == 13 || ap_request() == 14, 1);
    append(ap_request() == 11, 1);
    append(sa_recovered() == 16, 1);
    append(sa_recovered() == 11, 1);
    append(hit() && phase == 1, 1);
    append(hit() && guesses, 1);
    append(resends_left, 4);
    append(false_nonces + 1, 10);
    return value;
  }

 private:
  static constexpr unsigned kNotWoken = 10;
};

/// Drives flags_t of four lanes.
template <class Port>
void drive_flags(Port& port, const LaneFlags* lanes) {
  drive(port, {{lanes[3].bits(), LaneFlags::kWidth},
               {lanes[2].bits(), LaneFlags::kWidth},
               {lanes[1].bits(), LaneFlags::kWidth},
               {lanes[0].bits(), LaneFlags::kWidth}});
}

}  // namespace reveille::tb
