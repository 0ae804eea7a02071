// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/message_framer.hpp"

#include <bit>
#include <cstring>

#include "reveille/core/octets.hpp"

namespace reveille::core {
namespace {

constexpr std::size_t message_prefix = 32;  // client, header, hop and source, zeros
constexpr std::size_t longest_message = 1481;
constexpr std::size_t shortest_frame = 60;
constexpr std::uint64_t enables_latency = 2;   // E7: to where the enables count
constexpr std::uint64_t framing_latency = 23;  // E8, besides two cycles an octet

}  // namespace

void MessageFramer::reset() {
  cycle_ = 0;
  go(State::idle, kNever);
  last_was_message_ = true;
  memory_.reset();
}

// `cycle_` is this cycle here; what is set shows in the next one.
void MessageFramer::step(const StreamSource* taken, const WakeupJob* job, bool moved, const Configuration& config) {
  switch (state_) {
    case State::idle:
      is_message_ = last_was_message_ = job == nullptr;
      if (job != nullptr) {  // E4
        job_ = *job;
        client_ = job->client;
        hop_ = job->hop;
        wanted_source_ = job->source;
        go(State::check, cycle_ + enables_latency);
      } else {  // E5
        message_.clear();
        too_long_ = false;
        go(State::fill, kNever);
      }
      break;
    case State::fill:
      if (taken == nullptr) break;
      fill(*taken);
      if (taken->last) go(State::check, cycle_ + enables_latency);
      break;
    case State::check:  // E6; this is m+2 or w+2
      good_ = good(config);
      if (good_) choose_source(config);
      go(State::judge, cycle_ + 1);
      break;
    case State::judge: go(good_ ? State::before_framing : State::refuse, cycle_ + 1); break;
    case State::refuse: go(State::idle, kNever); break;
    case State::before_framing: frame(config); break;  // s-1
    case State::framing:
      go(State::offer, kNever);
      sent_ = 0;
      show();
      break;
    case State::offer:
      if (!moved) break;
      sent_ += 8;
      if (sent_ >= frame_.size()) {
        go(State::done, cycle_ + 1);
      } else {
        show();
      }
      break;
    case State::done: go(State::idle, kNever); break;  // E9
  }
}

void MessageFramer::fill(const StreamSource& beat) {
  const unsigned octets = beat.last ? static_cast<unsigned>(std::popcount(beat.keep)) : 8;
  for (unsigned i = 0; i < octets && !too_long_; ++i) {
    if (message_.size() == longest_message) {
      too_long_ = true;
    } else {
      message_.push_back(static_cast<std::uint8_t>(beat.data >> 8 * i));
    }
  }
  if (!beat.last || message_.size() <= message_prefix) return;
  std::copy_n(message_.begin(), client_.octets.size(), client_.octets.begin());
  hop_ = message_[19] & 7;
  wanted_source_ = message_[19] >> 4 & 7;
}

bool MessageFramer::good(const Configuration& config) const {
  if (is_message_ && (message_.size() <= message_prefix || too_long_)) return false;
  return config.server(client_.is_ipv4()).any();
}

void MessageFramer::choose_source(const Configuration& config) {
  const ServerAddresses& server = config.server(client_.is_ipv4());
  source_ =
      server.is_enabled(wanted_source_) ? wanted_source_ : static_cast<unsigned>(std::countr_zero(server.enabled));
}

Bytes MessageFramer::payload(const Configuration& config) const {
  if (is_message_) {
    Bytes out(message_.begin() + 16, message_.begin() + 19);
    out.insert(out.end(), message_.begin() + message_prefix, message_.end());
    return out;
  }
  Bytes out{1, static_cast<std::uint8_t>(job_.snmp ? 2 : 1), config.wake_version};
  append_big_endian(out, job_.nonce, 4);
  append(out, memory_.principal());
  out.push_back(0);
  return out;
}

// `cycle_` is s-1. What is written here is all that the frame depends on.
void MessageFramer::frame(const Configuration& config) {
  const ByteView entry = memory_.hop(hop_);
  net::UdpFrame udp;
  std::copy_n(entry.begin(), 6, udp.ethernet_destination.begin());
  std::copy_n(entry.begin() + 6, 6, udp.ethernet_source.begin());
  const net::VlanTag tag{static_cast<std::uint16_t>(octets16(entry, 12)),
                         static_cast<std::uint16_t>(octets16(entry, 14))};
  if (tag.tpid != 0) udp.tags.push_back(tag);
  udp.source = config.server(client_.is_ipv4()).address[source_];
  udp.destination = client_;
  udp.source_port = udp.destination_port = config.port;
  udp.payload = payload(config);
  frame_ = net::build(udp);
  if (frame_.size() < shortest_frame) frame_.resize(shortest_frame);
  go(State::framing, cycle_ + 2 * frame_.size() + framing_latency);
}

void MessageFramer::show() {
  const std::size_t octets = std::min<std::size_t>(8, frame_.size() - sent_);
  beat_ = {true, 0, static_cast<std::uint8_t>(0xFF >> (8 - octets)), sent_ + 8 >= frame_.size(), 0};
  std::memcpy(&beat_.data, &frame_[sent_], octets);
}

}  // namespace reveille::core
