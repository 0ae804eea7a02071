// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/frame_parser.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace reveille::core {

static_assert(std::endian::native == std::endian::little, "octet 0 of a beat is its lowest");

void FrameParser::reset() {
  cycle_ = 64;  // any start beyond the latencies: slots of 0 are then empty
  shows_until_ = 0;
  for (LookupSlot& slot : lookups_) slot.at = 0;
  for (DescriptorSlot& slot : descriptors_) slot.at = 0;
  ready_ = true;
  store_time_.reset();
  beats_ = octets_ = 0;
}

void FrameParser::begin(std::uint64_t time) {
  store_time_.begin(cycle_, time);
  begun_ = cycle_;
  frame_time_ = time;
  stage_ = Stage::ethernet;
  ethernet_.begin();
  verdict_ = Verdict::bypass;
  has_source_ = false;
}

void FrameParser::accept(const StreamSource& beat, std::uint64_t time, const Configuration& config,
                         const ClientHash& hash) {
  if (beats_ == 0) begin(time);
  if (beats_ < kLookupBeats) ++beats_;
  if (octets_ <= kFrameOctets) {
    std::memcpy(&frame_[octets_], &beat.data, 8);
    octets_ += beat.last ? static_cast<unsigned>(std::popcount(beat.keep)) : 8;
    if (octets_ <= kFrameOctets) advance(config);
  }
  if (!beat.last) return;
  end(config);
  announce(hash);
  store_time_.end(cycle_, beats_ >= kLookupBeats);
  beats_ = octets_ = 0;
}

std::size_t FrameParser::beats_to_append() const {
  if (config::kLookupCycles > 2 || beats_ == 0 || stage_ < Stage::judged) return 0;
  const std::size_t looks_at = stage_ == Stage::judged ? keymgmt_.waits_for() : kFrameOctets;
  if (looks_at <= octets_ + 1 || octets_ > kFrameOctets) return 0;
  const std::size_t unseen = (std::min<std::size_t>(looks_at - 1, kFrameOctets) - octets_) / 8;
  for (std::uint64_t at = cycle_; at <= shows_until_; ++at) {
    if (lookups_[at % kLookupSlots].at == at || descriptors_[at % kDescriptorSlots].at == at)
      return std::min<std::size_t>(unseen, at - cycle_);
  }
  return unseen;
}

void FrameParser::append(ByteView octets, const Configuration& config) {
  const std::size_t beats = octets.size() / 8;
  cycle_ += beats;
  beats_ = static_cast<unsigned>(std::min<std::size_t>(beats_ + beats, kLookupBeats));
  std::memcpy(&frame_[octets_], octets.data(), octets.size());
  octets_ += static_cast<unsigned>(octets.size());
  advance(config);
}

/// As far as the octets that have come allow.
void FrameParser::advance(const Configuration& config) {
  if (stage_ == Stage::ethernet) {
    switch (ethernet_.step(come())) {
      case EthernetParser::Outcome::more: return;
      case EthernetParser::Outcome::bypass: return decide(Verdict::bypass);
      case EthernetParser::Outcome::unparsable: return decide(Verdict::unparsable);
      case EthernetParser::Outcome::ipv4: ip_.begin(true, ethernet_.ip_at()); break;
      case EthernetParser::Outcome::ipv6: ip_.begin(false, ethernet_.ip_at()); break;
    }
    stage_ = Stage::ip;
  }
  if (stage_ == Stage::ip) follow(ip_.step(come(), config));
  if (stage_ == Stage::udp) {
    const UdpParser::Outcome outcome = udp_.step(come(), config);
    if (outcome == UdpParser::Outcome::bypass) return decide(Verdict::bypass);
    if (outcome == UdpParser::Outcome::more) return;
    keymgmt_.begin(udp_.payload_at(), udp_.payload_octets());
    stage_ = Stage::judged;
    keymgmt_.step(come(), config);
  } else if (stage_ == Stage::judged) {
    udp_.step(come(), config);
    keymgmt_.step(come(), config);
  }
}

void FrameParser::follow(IpParser::Outcome outcome) {
  switch (outcome) {
    case IpParser::Outcome::more: break;
    case IpParser::Outcome::bypass: decide(Verdict::bypass); break;
    case IpParser::Outcome::unparsable:
      has_source_ = true;
      decide(Verdict::unparsable);
      break;
    case IpParser::Outcome::fragmented:
      has_source_ = true;
      decide(Verdict::fragmented);
      break;
    case IpParser::Outcome::udp:
      udp_.begin(ip_);
      stage_ = Stage::udp;
      break;
  }
}

/// The frame has come whole; what still waited does so in vain.
void FrameParser::end(const Configuration& config) {
  if (stage_ == Stage::ip) follow(ip_.at_end());
  if (stage_ != Stage::judged) return;
  has_source_ = true;
  if (!ip_.length_good(octets_) || !udp_.length_good(ip_)) {
    decide(Verdict::bad_length);
  } else if (!ip_.header_checksum_good(come()) || !udp_.checksum_good()) {
    decide(Verdict::bad_checksum);
  } else if (!ip_.source_good(config)) {
    decide(Verdict::bad_source);
  } else if (keymgmt_.kind() == KeymgmtParser::Kind::decided) {
    decide(keymgmt_.verdict());
  }
}

/// `cycle_` is T here.
void FrameParser::announce(const ClientHash& hash) {
  DescriptorSlot& slot = descriptors_[(cycle_ + kDescriptorLatency) % kDescriptorSlots];
  slot.at = shows_until_ = cycle_ + kDescriptorLatency;
  Descriptor& descriptor = slot.descriptor;
  descriptor = {};
  descriptor.time = frame_time_;
  descriptor.has_lookup = beats_ >= kLookupBeats;
  descriptor.oversize = octets_ > kFrameOctets || cycle_ > begun_ + kFrameCycles;
  if (!descriptor.oversize) {
    descriptor.verdict = verdict_;
    if (has_source_) descriptor.source = ip_.source();
    if (stage_ == Stage::judged) descriptor.kind = keymgmt_.kind();
    if (descriptor.kind == KeymgmtParser::Kind::ap_request)
      descriptor.nonce = static_cast<std::uint32_t>(keymgmt_.value());
  }

  if (!descriptor.has_lookup) return;
  LookupSlot& lookup_slot = lookups_[(cycle_ + kLookupLatency) % kLookupSlots];
  lookup_slot.at = cycle_ + kLookupLatency;
  Lookup& lookup = lookup_slot.lookup;
  lookup.time = frame_time_;
  lookup.needed = descriptor.kind != KeymgmtParser::Kind::decided;
  if (!lookup.needed) return;
  lookup.client = descriptor.source;
  const ClientHash::Rows rows = hash.rows(lookup.client);
  lookup.row0 = rows.row0;
  lookup.row1 = rows.row1;
  lookup.value = keymgmt_.value();
}

}  // namespace reveille::core
