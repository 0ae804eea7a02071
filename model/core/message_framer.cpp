// SPDX-License-Identifier: Apache-2.0
#include "core/message_framer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "net/frame.hpp"

namespace reveille::core {
namespace {

constexpr std::size_t message_prefix = 32;  // client, header, hop, zeros
constexpr std::size_t longest_message = 1481;
constexpr std::size_t shortest_frame = 60;
constexpr std::size_t hop_octets = 16;
constexpr std::size_t principal_at = 128;
constexpr std::uint64_t framing_latency = 22;  // E8, besides two cycles an octet

}  // namespace

void MessageFramer::reset() {
  cycle_ = 0;
  act_at_ = kNever;
  state_ = State::idle;
  errors_ = 0;
}

void MessageFramer::write_framing(unsigned word, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) framing_[4 * word + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

// `cycle_` is the next cycle here.
void MessageFramer::step(const StreamSource* taken, bool message_waits, const WakeupJob* job, bool moved,
                         const Configuration& config) {
  switch (state_) {
    case State::idle:
      if (job != nullptr) {  // E4
        Bytes payload{1, static_cast<std::uint8_t>(job->snmp ? 2 : 1), config.wake_version};
        append_big_endian(payload, job->nonce, 4);
        const auto principal = framing_.begin() + principal_at;
        payload.insert(payload.end(), principal, std::find(principal, framing_.end() - 1, 0));
        payload.push_back(0);
        frame(job->client, job->hop, std::move(payload), config);
      } else if (message_waits) {  // E5
        begin_fill();
      }
      break;
    case State::fill:
      if (taken != nullptr) fill(*taken);
      break;
    case State::check: check(config); break;
    case State::framing:
      act_at_ = kNever;
      state_ = State::offer;
      show();
      break;
    case State::offer:
      if (!moved) break;
      sent_ += 8;
      if (sent_ >= frame_.size()) {
        state_ = State::done;
        act_at_ = cycle_ + 1;
      } else {
        show();
      }
      break;
    case State::done:  // E9
      act_at_ = kNever;
      state_ = State::idle;
      if (message_waits) begin_fill();
      break;
  }
}

void MessageFramer::begin_fill() {
  message_.clear();
  too_long_ = false;
  state_ = State::fill;
}

void MessageFramer::fill(const StreamSource& beat) {
  const unsigned octets = beat.last ? std::popcount(beat.keep) : 8;
  for (unsigned i = 0; i < octets; ++i) {
    if (message_.size() == longest_message) {
      too_long_ = true;
      break;
    }
    message_.push_back(static_cast<std::uint8_t>(beat.data >> 8 * i));
  }
  if (!beat.last) return;
  state_ = State::check;
  act_at_ = cycle_ + 2;
}

void MessageFramer::check(const Configuration& config) {  // E6
  act_at_ = kNever;
  if (message_.size() > message_prefix && !too_long_) {
    const net::Address client = net::Address::from_octets(ByteView(message_).first(16));
    if (!config.server.addresses(client.is_ipv4()).empty()) {
      Bytes payload(message_.begin() + 16, message_.begin() + 19);
      payload.insert(payload.end(), message_.begin() + message_prefix, message_.end());
      return frame(client, message_[19] & 7, std::move(payload), config);
    }
  }
  ++errors_;
  state_ = State::idle;
}

// `cycle_` is s-1, the cycle before framing.
void MessageFramer::frame(const net::Address& client, unsigned hop, Bytes payload, const Configuration& config) {
  const ByteView entry = ByteView(framing_).subspan(hop * hop_octets, hop_octets);
  net::UdpFrame udp;
  std::copy_n(entry.begin(), 6, udp.ethernet_destination.begin());
  std::copy_n(entry.begin() + 6, 6, udp.ethernet_source.begin());
  const net::VlanTag tag{static_cast<std::uint16_t>(entry[12] << 8 | entry[13]),
                         static_cast<std::uint16_t>(entry[14] << 8 | entry[15])};
  if (tag.tpid != 0) udp.tags.push_back(tag);
  udp.source = client.is_ipv4() ? config.ipv4 : config.ipv6;
  udp.destination = client;
  udp.source_port = udp.destination_port = config.server.port;
  udp.payload = std::move(payload);
  frame_ = net::build(udp);
  if (frame_.size() < shortest_frame) frame_.resize(shortest_frame);
  sent_ = 0;
  act_at_ = cycle_ + 1 + 2 * frame_.size() + framing_latency;
  state_ = State::framing;
}

void MessageFramer::show() {
  const std::size_t octets = std::min<std::size_t>(8, frame_.size() - sent_);
  beat_ = {true, 0, static_cast<std::uint8_t>(0xFF >> (8 - octets)), sent_ + 8 >= frame_.size(), 0};
  std::memcpy(&beat_.data, &frame_[sent_], octets);
}

}  // namespace reveille::core
