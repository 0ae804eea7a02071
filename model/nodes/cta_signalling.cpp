// SPDX-License-Identifier: Apache-2.0
// What the associations of a CTA carry.
#include <utility>

#include "reveille/nodes/cta.hpp"

namespace reveille::nodes {

void Cta::notify(std::string event, Time now, const Send& send) {
  events_.push_back(std::move(event));
  signal(now, send);
}

void Cta::signal(Time now, const Send& send) {
  if (unanswered_ && unanswered_->due(now)) {
    if (unanswered_->retry(now)) {
      ++counters_.messages_again;
      send_message(send);
    } else {
      ++counters_.messages_lost;
      unanswered_.reset();
    }
  }
  const bool is_time = next_message_ && *next_message_ <= now;
  if (unanswered_ || (events_.empty() && !is_time)) return;
  said_ = {said_.transaction + 1};
  if (!events_.empty()) {
    said_.event = std::move(events_.front());
    events_.pop_front();
  } else {
    next_message_ = now + config_.signalling_interval;
  }
  unanswered_ = Backoff(now, config_.timeouts, config_.tries);
  ++counters_.messages;
  send_message(send);
}

void Cta::send_message(const Send& send) { say(to_notify(said_, kerberos::to_string(config_.principal)), send); }

void Cta::say(ByteView text, const Send& send) {
  Association* newest = associations_.newest();
  if (newest == nullptr || !newest->sender) return;
  const Bytes segment = udp_segment({config_.address, gateway_port}, {config_.server.address, call_agent_port}, text);
  send({{config_.address, esp_port},
        {config_.server.address, esp_port},
        newest->sender->seal(segment, esp::next_header_udp, random_)});
}

void Cta::receive_packet(ByteView packet, Time now, const Send& send) {
  const auto spi = esp::spi_of(packet);
  Association* held = spi ? associations_.receiving(*spi) : nullptr;
  const auto opened = held != nullptr ? held->receiver->open(packet) : esp::Refusal::other_association;
  const auto* inner = std::get_if<esp::Opened>(&opened);
  const auto text = inner != nullptr ? signalling_in(*inner, {config_.server.address, call_agent_port},
                                                     {config_.address, gateway_port})
                                     : std::nullopt;
  if (!text) {
    ++counters_.packets_refused;
    return;
  }
  const auto answered = from_acknowledgement(*text);
  if (!answered && on_command) {
    const std::string answer = on_command(std::string(text->begin(), text->end()));
    say(ByteView(reinterpret_cast<const std::uint8_t*>(answer.data()), answer.size()), send);
  }
  if (!unanswered_ || answered != said_.transaction) return;
  unanswered_.reset();
  ++counters_.messages_answered;
  signal(now, send);
}

}  // namespace reveille::nodes
