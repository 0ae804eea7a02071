// SPDX-License-Identifier: Apache-2.0
#include "core/frame_parser.hpp"

#include <bit>
#include <cstring>

namespace reveille::core {

static_assert(std::endian::native == std::endian::little, "octet 0 of a beat is its lowest");

void FrameParser::reset() {
  lookup_at_ = 0;
  for (Slot& slot : slots_) slot.at = 0;
  beats_ = octets_ = 0;
}

void FrameParser::accept(const StreamSource& beat, std::uint64_t time, const policy::ServerConfig& config,
                         const HashKey& key) {
  if (beats_ == 0) frame_time_ = time;
  if (beats_ < kLookupBeats) ++beats_;
  if (octets_ <= kFrameOctets) {
    std::memcpy(&frame_[octets_], &beat.data, 8);
    octets_ += beat.last ? std::popcount(beat.keep) : 8;
  }
  if (beat.last) {
    judge(config, key);
    beats_ = octets_ = 0;
  }
}

// `cycle_` is T + 1 here.
void FrameParser::judge(const policy::ServerConfig& config, const HashKey& key) {
  const std::uint64_t last = cycle_ - 1;
  Slot& slot = slots_[(last + 6) % slots_.size()];
  slot.at = last + 6;
  Descriptor& descriptor = slot.descriptor;
  descriptor.time = frame_time_;
  descriptor.has_lookup = beats_ >= kLookupBeats;
  descriptor.oversize = octets_ > kFrameOctets;
  descriptor.facts = descriptor.oversize ? policy::FrameFacts{} : policy::parse_frame({frame_.data(), octets_}, config);

  if (!descriptor.has_lookup) return;
  const policy::FrameFacts& facts = descriptor.facts;
  lookup_at_ = last + 2;
  lookup_.time = frame_time_;
  lookup_.needed = facts.kind != policy::FrameFacts::Kind::decided;
  if (lookup_.needed) {
    lookup_.client = facts.source;
    const HashKey::Rows rows = key.rows(facts.source);
    lookup_.row0 = rows.row0;
    lookup_.row1 = rows.row1;
    lookup_.value = facts.kind == policy::FrameFacts::Kind::ap_request ? facts.returned_nonce : facts.tag;
  }
}

}  // namespace reveille::core
