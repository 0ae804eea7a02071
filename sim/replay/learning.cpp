// SPDX-License-Identifier: Apache-2.0
#include "replay/learning.hpp"

#include <ostream>

#include "replay/survey.hpp"
#include "report/text.hpp"
#include "reveille/keymgmt/messages.hpp"

namespace reveille::sim {
namespace {

/// A capture does not show how long the server waits.
constexpr std::uint64_t lifetime_us = 30'000'000;

/// A Wake Up's header and nonce.
constexpr std::size_t wake_up_octets = 7;

}  // namespace

void Learner::look(const Packet& packet, const FrameView& seen) {
  if (!seen.udp || message_id(seen.payload) == 0) return;
  if (is_from_server(seen, server_)) {
    if (seen.source_port == server_.port || seen.destination_port == server_.port) look_at_servers(packet.number, seen);
  } else if (seen.destination_port == server_.port) {
    look_at_clients(packet, seen);
  }
}

void Learner::look_at_servers(std::uint64_t packet, const FrameView& seen) {
  const net::Address& client = seen.destination;
  switch (static_cast<keymgmt::MessageId>(seen.payload[0])) {
    case keymgmt::MessageId::wake_up: {
      if (seen.payload.size() < wake_up_octets) return;
      const std::uint32_t nonce = ByteReader(seen.payload.subspan(3)).u32("server nonce");
      if (nonce == 0) return;
      if (const auto last = nonces_.find(client); last == nonces_.end() || last->second != nonce) {
        replies_.erase(client);
        if (opener_ != nullptr) opener_->forget(client);
      }
      nonces_[client] = nonce;
      lessons_.push_back({packet, Lesson::Kind::wake_up, client, nonce});
      return;
    }
    case keymgmt::MessageId::ap_reply: {
      Lesson lesson{packet, Lesson::Kind::ap_reply, client};
      if (opener_ != nullptr) lesson.expected_tag = opener_->expected_tag(client, seen.payload);
      lesson.verified = lesson.expected_tag.has_value();
      if (!lesson.verified) replies_[client].push_back(lessons_.size());
      lessons_.push_back(lesson);
      return;
    }
    case keymgmt::MessageId::error_reply: lessons_.push_back({packet, Lesson::Kind::error_reply, client}); return;
    default: return;
  }
}

void Learner::look_at_request(const Packet& packet, const FrameView& seen) {
  const auto nonce = nonces_.find(seen.source);
  if (nonce == nonces_.end()) return;
  const policy::FrameFacts facts = policy::parse_frame(packet.octets, server_);
  if (facts.kind == policy::FrameFacts::Kind::ap_request && facts.returned_nonce == nonce->second)
    opener_->request(seen.source, seen.payload);
}

void Learner::look_at_clients(const Packet& packet, const FrameView& seen) {
  if (opener_ != nullptr) look_at_request(packet, seen);
  const auto replies = replies_.find(seen.source);
  if (replies == replies_.end()) return;
  const policy::FrameFacts facts = policy::parse_frame(packet.octets, server_);
  if (facts.kind != policy::FrameFacts::Kind::sa_recovered) return;
  for (const std::size_t reply : replies->second) lessons_[reply].expected_tag = facts.tag;
  replies_.erase(replies);
}

void LearnedHost::perform(std::uint64_t packet, std::uint64_t time_us) {
  if (next_ == lessons_.size() || lessons_[next_].packet != packet) return;
  const Lesson& lesson = lessons_[next_++];
  switch (lesson.kind) {
    case Lesson::Kind::wake_up: wake(lesson, time_us); break;
    case Lesson::Kind::ap_reply:
      if (store_.command({.code = CommandCode::reply, .client = lesson.client, .tag = lesson.expected_tag.value_or(0)},
                         time_us) != ResultCode::ok)
        break;
      ++replies_;
      if (lesson.expected_tag) ++tags_;
      if (lesson.verified) ++verified_;
      break;
    case Lesson::Kind::error_reply:
      if (store_.command({.code = CommandCode::reject, .client = lesson.client}, time_us) == ResultCode::ok) ++rejects_;
      break;
  }
}

void LearnedHost::wake(const Lesson& lesson, std::uint64_t time_us) {
  const auto last = nonces_.find(lesson.client);
  if (last != nonces_.end() && last->second != lesson.nonce) {
    store_.command({.code = CommandCode::close, .client = lesson.client}, time_us);
  }
  switch (store_.command(
      {.code = CommandCode::restore, .client = lesson.client, .lifetime = lifetime_us, .nonce = lesson.nonce},
      time_us)) {
    case ResultCode::ok: ++sessions_; break;
    case ResultCode::live: return;  // the same Wake Up again
    default: ++no_room_; return;
  }
  nonces_[lesson.client] = lesson.nonce;
}

void LearnedHost::print(std::ostream& out) const {
  out << "learned: " << grouped(sessions_) << " sessions of " << grouped(nonces_.size()) << " clients, "
      << grouped(replies_) << " AP Replies, " << grouped(tags_) << " expected tags ("
      << (verified_ == 0 ? "each" : grouped(verified_) + " opened with the keytab, each other")
      << " that of the first SA Recovered behind its AP Reply: without keys it is not verified), " << grouped(rejects_)
      << " rejects by Error Reply\n";
  if (no_room_ > 0) {
    out << "note: the store of this configuration had no room for " << grouped(no_room_)
        << " Wake Ups; their clients count as not woken\n";
  }
}

}  // namespace reveille::sim
