// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "core/hash_key.hpp"
#include "core/types.hpp"

namespace reveille::core {

/// What the frame parser asks of the nonce store; client and rows only where the verdict needs the session.
struct Lookup {
  net::Address client;
  std::uint16_t row0 = 0;
  std::uint16_t row1 = 0;
  std::uint64_t time = 0;   ///< the frame's
  std::uint64_t value = 0;  ///< I2
  bool needed = false;      ///< the frame is not decided
};

struct Descriptor {
  policy::FrameFacts facts;
  std::uint64_t time = 0;
  bool has_lookup = false;  ///< n >= 7
  bool oversize = false;
};

/// Collects a frame's beats and judges the frame when the last one is accepted, in T (docs/timing/ingress.md): look-up
/// visible in T+2 (I1), its value until T+5 (I2), descriptor in T+6 (I3). What a frame is comes from
/// policy::parse_frame.
class FrameParser {
 public:
  [[nodiscard]] static constexpr bool ready() { return true; }  ///< T1

  /// Of this cycle, or null.
  [[nodiscard]] const Lookup* lookup() const { return cycle_ == lookup_at_ ? &lookup_ : nullptr; }
  [[nodiscard]] const Descriptor* descriptor() const {
    const Slot& slot = slots_[cycle_ % slots_.size()];
    return slot.at == cycle_ ? &slot.descriptor : nullptr;
  }

  /// The store time of this cycle: of the oldest frame under way, else `time` (docs/timing/guard.md).
  [[nodiscard]] std::uint64_t store_time(std::uint64_t time) const {
    if (cycle_ <= lookup_at_ + 1) return lookup_.time;  // T+1 to T+3
    return beats_ != 0 ? frame_time_ : time;
  }

  void reset();
  void clock(const StreamSource& net, std::uint64_t time, const policy::ServerConfig& config, const HashKey& key) {
    ++cycle_;
    if (net.valid) accept(net, time, config, key);
  }

 private:
  struct Slot {
    std::uint64_t at = 0;
    Descriptor descriptor;
  };
  void accept(const StreamSource& beat, std::uint64_t time, const policy::ServerConfig& config, const HashKey& key);
  void judge(const policy::ServerConfig& config, const HashKey& key);

  std::uint64_t cycle_ = 16;  // any start beyond the latencies: slots of 0 are then empty
  std::uint64_t lookup_at_ = 0;
  Lookup lookup_;
  std::array<Slot, 8> slots_{};
  std::uint64_t frame_time_ = 0;
  unsigned beats_ = 0;   // of the frame so far
  unsigned octets_ = 0;  // kept of it, at most one beat more than fits
  std::array<std::uint8_t, kFrameOctets + 8> frame_{};
};

}  // namespace reveille::core
