// SPDX-License-Identifier: Apache-2.0
#include "call/telephone.hpp"

namespace reveille::sim {

namespace {

constexpr std::uint32_t samples_a_packet = 160;  // 20 ms of 8,000 a second

/// A tone that its speaker and its time can be told by.
Bytes speech_at(std::uint32_t timestamp, bool of_caller) {
  Bytes samples(samples_a_packet);
  for (std::uint32_t i = 0; i < samples_a_packet; ++i) {
    samples[i] = static_cast<std::uint8_t>((timestamp + i) * (of_caller ? 3 : 5));
  }
  return samples;
}

}  // namespace

Telephone::Telephone(const Config& config, kerberos::RandomSource& random) : config_(config), random_(random) {}

void Telephone::dial() {
  on_event("L/hd");
  on_event("D/2");
}

std::string Telephone::command(const std::string& text, nodes::Time now) {
  const std::optional<Command> command = to_command(text);
  if (!command) return {};
  if (!done_.insert(command->transaction).second) return answer_to(*command);  // its answer was lost
  switch (command->kind) {
    case Command::Kind::ring: on_event("L/hd"); break;
    case Command::Kind::connect:
      ssrc_ = random_.nonce();
      connection_.emplace(Connection{{command->key, command->other.key, ssrc_},
                                     {command->other.address, command->other.port},
                                     now + config_.interval});
      break;
    case Command::Kind::disconnect: connection_.reset(); break;
  }
  return answer_to(*command);
}

void Telephone::receive(const nodes::Datagram& datagram) {
  if (!connection_ || datagram.source != connection_->other) return;
  const auto speech = connection_->stream.open(datagram.payload);
  const bool is_theirs = speech && speech->samples == speech_at(speech->timestamp, !config_.calls);
  ++(is_theirs ? counters_.heard : counters_.refused);
}

std::optional<nodes::Time> Telephone::deadline() const {
  return connection_ && !has_ended_ ? std::optional(connection_->next) : std::nullopt;
}

void Telephone::expire(nodes::Time now, const Send& send) {
  if (!deadline() || connection_->next > now) return;
  connection_->next += config_.interval;
  if (counters_.said == config_.packets) {
    has_ended_ = true;
    if (config_.calls) on_event("L/hu");
    return;
  }
  const auto timestamp = static_cast<std::uint32_t>(counters_.said++) * samples_a_packet;
  send({{config_.address, media_port},
        connection_->other,
        connection_->stream.seal({timestamp, speech_at(timestamp, config_.calls)})});
}

}  // namespace reveille::sim
