// SPDX-License-Identifier: Apache-2.0
#include "story/host_interface.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "reveille_registers.h"

namespace reveille::sim {

namespace {

enum : std::uint32_t { command_wake = 1, command_reply = 2, command_reject = 3, command_close = 4 };

constexpr std::size_t message_header_size = 32;
constexpr std::uint8_t message_user = 1;


#define REVEILLE_OFFSET(member) static_cast<std::uint16_t>(offsetof(reveille_registers_t, member))

std::uint32_t word(ByteView octets) {
  return ByteReader(octets).u32("word");
}

std::uint32_t little_endian_word(const Bytes& octets, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{octets[at + i]} << (8 * i);
  return value;
}

}  // namespace

void HostInterface::write_address(std::uint16_t offset, const net::Address& address) {
  for (std::uint16_t i = 0; i < 4; ++i) {
    axil_.write(static_cast<std::uint16_t>(offset + 4 * i), word(ByteView(address.octets).subspan(4 * i, 4)));
  }
}

void HostInterface::configure(const CoreSetup& setup) {
  const policy::ServerConfig& server = setup.server;
  std::uint32_t enable = (server.doi_ipsec ? REVEILLE_REGISTERS__SERVER_ENABLE__DOI_IPSEC_bm : 0U) |
                         (server.doi_snmp ? REVEILLE_REGISTERS__SERVER_ENABLE__DOI_SNMP_bm : 0U);
  std::uint32_t versions = 0;
  for (std::size_t i = 0; i < server.versions.size(); ++i) {
    versions |= std::uint32_t{server.versions[i]} << (8 * i);
    enable |= 1U << (REVEILLE_REGISTERS__SERVER_ENABLE__VERSIONS_bp + i);
  }
  axil_.write(REVEILLE_OFFSET(SERVER_ENABLE), 0);
  axil_.write(REVEILLE_OFFSET(SERVER_PORT), server.port);
  axil_.write(REVEILLE_OFFSET(SERVER_VERSIONS), versions);
  if (server.ipv4) {
    axil_.write(REVEILLE_OFFSET(SERVER_IPV4), word(server.ipv4->header_octets()));
    enable |= REVEILLE_REGISTERS__SERVER_ENABLE__IPV4_bm;
  }
  if (server.ipv6) {
    write_address(REVEILLE_OFFSET(SERVER_IPV6), *server.ipv6);
    enable |= REVEILLE_REGISTERS__SERVER_ENABLE__IPV6_bm;
  }
  axil_.write(REVEILLE_OFFSET(CLIENT_INITIATED), static_cast<std::uint32_t>(server.client_initiated));
  axil_.write(REVEILLE_OFFSET(INTERVAL), static_cast<std::uint32_t>(server.interval_us));
  axil_.write(REVEILLE_OFFSET(TOLERANCE_LOW), static_cast<std::uint32_t>(server.tolerance_us));
  axil_.write(REVEILLE_OFFSET(TOLERANCE_HIGH), static_cast<std::uint32_t>(server.tolerance_us >> 32));
  axil_.write(REVEILLE_OFFSET(RESEND_BUDGET), server.resend_budget);
  axil_.write(REVEILLE_OFFSET(EVENT_MASK), setup.event_mask << REVEILLE_REGISTERS__EVENT_MASK__VERDICTS_bp);
  axil_.write(REVEILLE_OFFSET(WAKE), setup.wake_tries << REVEILLE_REGISTERS__WAKE__TRIES_bp |
                                         std::uint32_t{server.versions.front()} << REVEILLE_REGISTERS__WAKE__VERSION_bp);
  axil_.write(REVEILLE_OFFSET(WAKE_INTERVAL), setup.wake_interval_us);

  Bytes framing(256);
  std::ranges::copy(setup.next_hop_mac, framing.begin());
  std::ranges::copy(setup.own_mac, framing.begin() + 6);
  std::ranges::copy(setup.principal.substr(0, 127), framing.begin() + 128);
  for (std::size_t at = 0; at < framing.size(); at += 4) {
    axil_.write(static_cast<std::uint16_t>(REVEILLE_OFFSET(FRAMING) + at), little_endian_word(framing, at));
  }
  axil_.write(REVEILLE_OFFSET(IRQ_ENABLE), REVEILLE_REGISTERS__IRQ_ENABLE__EVENT_AVAILABLE_bm |
                                               REVEILLE_REGISTERS__IRQ_ENABLE__COMMAND_DONE_bm);
  axil_.write(REVEILLE_OFFSET(SERVER_ENABLE), enable);
}

void HostInterface::wake(const net::Address& client, std::uint64_t lifetime_us, std::uint8_t doi, Done done) {
  const std::uint32_t session = doi == 2 ? REVEILLE_REGISTERS__COMMAND_SESSION__DOI_bm : 0U;
  queue({command_wake, client, lifetime_us, 0, session, std::move(done)});
}

void HostInterface::reply(const net::Address& client, std::uint64_t expected_tag, Done done) {
  queue({command_reply, client, 0, expected_tag, 0, std::move(done)});
}

void HostInterface::reject(const net::Address& client, Done done) {
  queue({command_reject, client, 0, 0, 0, std::move(done)});
}

void HostInterface::close(const net::Address& client, Done done) {
  queue({command_close, client, 0, 0, 0, std::move(done)});
}

void HostInterface::send(const net::Address& client, ByteView message) {
  Bytes frame(client.octets.begin(), client.octets.end());
  append(frame, message.first(3));  // KMMID, DOI, version
  frame.resize(message_header_size);  // hop 0, and zeros
  append(frame, message.subspan(3));
  messages_.push_back(std::move(frame));
}

void HostInterface::queue(Command command) {
  commands_.push_back(std::move(command));
  if (!busy_) start_command();
}

void HostInterface::start_command() {
  if (commands_.empty()) return;
  busy_ = true;
  const Command& command = commands_.front();
  write_address(REVEILLE_OFFSET(COMMAND_CLIENT), command.client);
  if (command.opcode == command_wake) {
    axil_.write(REVEILLE_OFFSET(COMMAND_LIFETIME_LOW), static_cast<std::uint32_t>(command.lifetime_us));
    axil_.write(REVEILLE_OFFSET(COMMAND_LIFETIME_HIGH), static_cast<std::uint32_t>(command.lifetime_us >> 32));
    axil_.write(REVEILLE_OFFSET(COMMAND_SESSION), command.session);
  }
  if (command.opcode == command_reply) {
    axil_.write(REVEILLE_OFFSET(COMMAND_TAG), static_cast<std::uint32_t>(command.tag >> 32));
    axil_.write(static_cast<std::uint16_t>(REVEILLE_OFFSET(COMMAND_TAG) + 4), static_cast<std::uint32_t>(command.tag));
  }
  axil_.write(REVEILLE_OFFSET(COMMAND), command.opcode);
}

void HostInterface::serve_interrupt() {
  serving_ = true;
  axil_.read(REVEILLE_OFFSET(IRQ_STATUS), [this](std::uint32_t status) {
    if ((status & REVEILLE_REGISTERS__IRQ_STATUS__COMMAND_DONE_bm) != 0) {
      axil_.write(REVEILLE_OFFSET(IRQ_STATUS), REVEILLE_REGISTERS__IRQ_STATUS__COMMAND_DONE_bm);
      finish_command();
    } else if ((status & REVEILLE_REGISTERS__IRQ_STATUS__EVENT_AVAILABLE_bm) != 0) {
      read_event();
    } else {
      serving_ = false;
    }
  });
}

void HostInterface::finish_command() {
  axil_.read(REVEILLE_OFFSET(RESULT), [this](std::uint32_t result) {
    serving_ = false;
    const Command command = std::move(commands_.front());
    commands_.pop_front();
    busy_ = false;
    const std::uint32_t code = result & REVEILLE_REGISTERS__RESULT__CODE_bm;
    if (code > static_cast<std::uint32_t>(nodes::CommandResult::bad_argument)) {
      throw Error(ErrorKind::internal, "result code " + std::to_string(code));
    }
    if (command.done) {
      post_([done = command.done, code] { done(static_cast<nodes::CommandResult>(code)); });
    }
    if (!busy_) start_command();
  });
}

void HostInterface::read_event() {
  for (std::size_t i = 0; i < 8; ++i) {
    axil_.read(REVEILLE_OFFSET(EVENT_DATA), [this, i](std::uint32_t data) {
      event_words_[i] = data;
      if (i != 7) return;
      serving_ = false;
      CoreEvent event;
      event.kind = static_cast<CoreEvent::Kind>(event_words_[0] & 0xFFU);
      event.verdict = static_cast<Verdict>(event_words_[0] >> 8 & 0x1FU);
      event.time_us = std::uint64_t{event_words_[2]} << 32 | event_words_[1];
      event.value = event_words_[3];
      Bytes address;
      for (std::size_t j = 4; j < 8; ++j) append_big_endian(address, event_words_[j], 4);
      std::ranges::copy(address, event.client.octets.begin());
      if (on_event) post_([this, event] { on_event(event); });
    });
  }
}

void HostInterface::drive(const core::Outputs& outputs, core::Inputs& inputs) {
  if (outputs.irq && !serving_) serve_interrupt();
  axil_.drive(outputs, inputs);

  if (sender_.idle() && !messages_.empty()) {
    sender_.start(messages_.front(), message_user);
    if (on_message_sent) on_message_sent(messages_.front());
    messages_.pop_front();
  }
  inputs.host_tx = sender_.beat();
  if (!sender_.at_first_beat()) inputs.host_tx.user = 0;
  if (inputs.host_tx.valid && outputs.host_tx_ready) sender_.advance();
}

}  // namespace reveille::sim
