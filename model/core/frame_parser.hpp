// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "reveille/core/client_hash.hpp"
#include "reveille/core/ethernet_parser.hpp"
#include "reveille/core/ip_parser.hpp"
#include "reveille/core/keymgmt_parser.hpp"
#include "reveille/core/store_time.hpp"
#include "reveille/core/udp_parser.hpp"

namespace reveille::core {

/// What the frame parser asks of the nonce store; client and rows only where the verdict needs the session.
struct Lookup {
  net::Address client;
  std::uint16_t row0 = 0;
  std::uint16_t row1 = 0;
  std::uint64_t time = 0;   ///< the frame's
  std::uint64_t value = 0;  ///< I2
  bool needed = false;      ///< the frame is not decided
  bool operator==(const Lookup&) const = default;
};

struct Descriptor {
  KeymgmtParser::Kind kind = KeymgmtParser::Kind::decided;
  Verdict verdict = Verdict::bypass;  ///< of kind decided
  net::Address source;                ///< 0 for `bypass`, and for `unparsable` without one
  std::uint32_t nonce = 0;            ///< returned, of an AP Request
  std::uint64_t time = 0;
  bool has_lookup = false;  ///< n >= 7
  bool oversize = false;
  bool operator==(const Descriptor&) const = default;
};

/// Reads a frame as its beats come; its look-up shows in T+8 (I1, I2), its descriptor in T+12 (I3).
class FrameParser {
 public:
  FrameParser() { reset(); }

  [[nodiscard]] bool ready() const { return ready_; }  ///< T1, T13

  /// Of this cycle, or null.
  [[nodiscard]] const Lookup* lookup() const {
    const LookupSlot& slot = lookups_[cycle_ % kLookupSlots];
    return slot.at == cycle_ ? &slot.lookup : nullptr;
  }
  [[nodiscard]] const Descriptor* descriptor() const {
    const DescriptorSlot& slot = descriptors_[cycle_ % kDescriptorSlots];
    return slot.at == cycle_ ? &slot.descriptor : nullptr;
  }
  /// The store time of this cycle, in which time_i is `time`; or of a later one, if no frame ends before.
  [[nodiscard]] std::uint64_t store_time(std::uint64_t time, std::uint64_t later = 0) const {
    return store_time_.at(cycle_ + later, time);
  }

  /// How many of the next cycles `append` may take beats in: what they bring is not looked at, and nothing shows.
  [[nodiscard]] std::size_t beats_to_append() const;
  /// A beat of eight octets in each of the next cycles, none the last of its frame.
  void append(ByteView octets, const Configuration& config);

  void reset();
  void clock(const StreamSource& net, std::uint64_t time, const Configuration& config, const ClientHash& hash) {
    const bool accepted = net.valid && ready_;
    if (accepted) accept(net, time, config, hash);
    if constexpr (config::kLookupCycles > 2) ready_ = !accepted;
    ++cycle_;
  }
  bool operator==(const FrameParser&) const = default;

 private:
  static constexpr unsigned kLookupSlots = 16;
  static constexpr unsigned kDescriptorSlots = 16;
  enum class Stage : std::uint8_t { ethernet, ip, udp, judged, decided };
  struct LookupSlot {
    std::uint64_t at = 0;
    Lookup lookup;
    bool operator==(const LookupSlot&) const = default;
  };
  struct DescriptorSlot {
    std::uint64_t at = 0;
    Descriptor descriptor;
    bool operator==(const DescriptorSlot&) const = default;
  };

  void begin(std::uint64_t time);
  void accept(const StreamSource& beat, std::uint64_t time, const Configuration& config, const ClientHash& hash);
  void advance(const Configuration& config);
  void decide(Verdict verdict) {
    verdict_ = verdict;
    stage_ = Stage::decided;
  }
  void follow(IpParser::Outcome outcome);
  void end(const Configuration& config);
  void announce(const ClientHash& hash);
  [[nodiscard]] ByteView come() const { return {frame_.data(), octets_}; }

  std::uint64_t cycle_ = 0;
  std::uint64_t shows_until_ = 0;  // a look-up or descriptor, at the latest
  bool ready_ = true;
  std::array<LookupSlot, kLookupSlots> lookups_{};
  std::array<DescriptorSlot, kDescriptorSlots> descriptors_{};
  StoreTime store_time_;

  // The frame under way
  Stage stage_ = Stage::ethernet;
  EthernetParser ethernet_;
  IpParser ip_;
  UdpParser udp_;
  KeymgmtParser keymgmt_;
  Verdict verdict_ = Verdict::bypass;
  bool has_source_ = false;
  std::uint64_t begun_ = 0;
  std::uint64_t frame_time_ = 0;
  unsigned beats_ = 0;   // so far, counted up to those of a look-up
  unsigned octets_ = 0;  // kept, at most one beat more than fits
  std::array<std::uint8_t, kFrameOctets + 8> frame_{};
};

}  // namespace reveille::core
