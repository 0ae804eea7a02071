// SPDX-License-Identifier: Apache-2.0
// What the associations of a controller carry.
#include "reveille/nodes/controller.hpp"

namespace reveille::nodes {

void Controller::receive_packet(const net::Address& source, const net::Address& own, ByteView packet) {
  const auto spi = esp::spi_of(packet);
  const auto peer = peers_.find(source);
  Association* held = spi && peer != peers_.end() ? peer->second.associations.receiving(*spi) : nullptr;
  if (const auto session = sessions_.find(source); spi && held == nullptr && session != sessions_.end()) {
    // R3: the client may have the next one already.
    auto& pending = session->second.pending;
    const bool is_sent = session->second.stage == Stage::replied;
    if (is_sent && pending && pending->receiver && pending->receiver->spi() == *spi) held = &*pending;
  }
  const auto opened = held != nullptr ? held->receiver->open(packet) : esp::Refusal::other_association;
  const auto* inner = std::get_if<esp::Opened>(&opened);
  const auto text =
      inner != nullptr ? signalling_in(*inner, {source, gateway_port}, {own, call_agent_port}) : std::nullopt;
  const auto notification = text ? from_notify(*text) : std::nullopt;
  const auto answered = text ? from_acknowledgement(*text) : std::nullopt;
  if (answered && on_answer) {
    on_answer(source, *answered);
    return;
  }
  if (!notification) {
    ++counters_.packets_refused;
    return;
  }
  ++counters_.messages;
  // The client of a pending association is there to be answered under it, too, if there is no other.
  Association* newest = peer != peers_.end() ? peer->second.associations.newest() : nullptr;
  Association& answers = newest != nullptr && newest->sender ? *newest : *held;
  say_under(answers, source, own, to_acknowledgement(notification->transaction));
  if (on_notification) on_notification(source, *notification);
}

void Controller::say(const net::Address& client, const net::Address& own, ByteView text) {
  const auto peer = peers_.find(client);
  Association* newest = peer != peers_.end() ? peer->second.associations.newest() : nullptr;
  if (newest != nullptr && newest->sender) say_under(*newest, client, own, text);
}

void Controller::say_under(Association& association, const net::Address& client, const net::Address& own,
                           ByteView text) {
  const Bytes segment = udp_segment({own, call_agent_port}, {client, gateway_port}, text);
  if (on_packet) on_packet(client, association.sender->seal(segment, esp::next_header_udp, random_));
}

}  // namespace reveille::nodes
