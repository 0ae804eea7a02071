// SPDX-License-Identifier: Apache-2.0
#include "story/host_interface.hpp"

#include <algorithm>
#include <utility>

#include "reveille/core/in_band_header.hpp"
#include "reveille/core/register_fields.hpp"
#include "reveille/core/register_map.hpp"

namespace reveille::sim {

namespace address = core::address;

namespace {

constexpr std::size_t descriptor_size = 32;
constexpr std::uint8_t message_user = core::kInBandHeader ? 0 : 1;

void append_header(Bytes& out, bool message) {
  const std::uint64_t header = core::tx_header(message).data;
  for (unsigned i = 0; i < core::kHeaderOctets; ++i) out.push_back(static_cast<std::uint8_t>(header >> 8 * i));
}

std::uint32_t word(ByteView octets) { return ByteReader(octets).u32("word"); }

}  // namespace

void HostInterface::write_address(std::uint16_t offset, const net::Address& address) {
  for (std::uint16_t octet = 0; octet < 16; octet += 4) {
    axil_.write(static_cast<std::uint16_t>(offset + octet), word(ByteView(address.octets).subspan(octet, 4)));
  }
}

std::uint32_t HostInterface::interrupts() {
  return REVEILLE_IRQ_ENABLE_EVENT_AVAILABLE_MASK | REVEILLE_IRQ_ENABLE_COMMAND_DONE_MASK;
}

void HostInterface::command(const core::Command& command, Done done) {
  orders_.push_back({command, std::move(done)});
  if (!busy_) start_command();
}

void HostInterface::send(const net::Address& client, ByteView message) {
  Bytes frame;
  if (core::kInBandHeader) append_header(frame, true);
  const std::size_t begin = frame.size();
  append(frame, client.octets);
  append(frame, message.first(3));        // KMMID, DOI, version
  frame.resize(begin + descriptor_size);  // hop 0, and zeros
  append(frame, message.subspan(3));
  messages_.push_back({std::move(frame), message_user});
}

void HostInterface::send_frame(Bytes frame) {
  Bytes octets;
  if (core::kInBandHeader) append_header(octets, false);
  append(octets, frame);
  messages_.push_back({std::move(octets), 0});
}

void HostInterface::start_command() {
  if (orders_.empty()) return;
  busy_ = true;
  const core::Command& command = orders_.front().command;
  write_address(address::command_client, command.client);
  if (command.inserts()) {
    axil_.write(address::command_lifetime_low, static_cast<std::uint32_t>(command.lifetime));
    axil_.write(address::command_lifetime_high, static_cast<std::uint32_t>(command.lifetime >> 32));
    axil_.write(address::command_session,
                PLACE(command.phase, COMMAND_SESSION_PHASE) | PLACE(command.snmp, COMMAND_SESSION_DOI));
    axil_.write(address::command_nonce, command.nonce);
  }
  if (command.code == CommandCode::reply || command.code == CommandCode::restore) {
    axil_.write(address::command_tag, static_cast<std::uint32_t>(command.tag >> 32));
    axil_.write(static_cast<std::uint16_t>(address::command_tag + 4), static_cast<std::uint32_t>(command.tag));
  }
  axil_.write(address::command, static_cast<std::uint32_t>(command.code),
              [this] { orders_.front().begun_ns = now_ns_; });
}

void HostInterface::serve_interrupt() {
  serving_ = true;
  axil_.read(address::irq_status, [this](std::uint32_t status) {
    if ((status & REVEILLE_IRQ_STATUS_COMMAND_DONE_MASK) != 0) {
      axil_.write(address::irq_status, REVEILLE_IRQ_STATUS_COMMAND_DONE_MASK);
      finish_command();
    } else if ((status & REVEILLE_IRQ_STATUS_EVENT_AVAILABLE_MASK) != 0) {
      read_event();
    } else {
      serving_ = false;
    }
  });
}

void HostInterface::finish_command() {
  axil_.read(address::result, [this](std::uint32_t result) {
    serving_ = false;
    const Order order = std::move(orders_.front());
    orders_.pop_front();
    busy_ = false;
    const auto code = static_cast<ResultCode>(FIELD(result, RESULT_CODE));
    if (code > ResultCode::bad_argument) {
      throw Error(ErrorKind::internal, "result code " + std::to_string(static_cast<unsigned>(code)));
    }
    if (on_success && code == ResultCode::ok) on_success(order.command, order.begun_ns, now_ns_);
    if (order.done) {
      post_([done = order.done, code] { done(code); });
    }
    if (!busy_) start_command();
  });
}

void HostInterface::read_event() {
  for (std::size_t i = 0; i < 8; ++i) {
    axil_.read(address::event_data, [this, i](std::uint32_t data) {
      event_words_[i] = data;
      if (i != 7) return;
      serving_ = false;
      core::Event event;
      event.kind = static_cast<core::EventKind>(event_words_[0] & 0xFFU);
      event.verdict = static_cast<Verdict>(event_words_[0] >> 8 & 0x1FU);
      event.time = std::uint64_t{event_words_[2]} << 32 | event_words_[1];
      event.value = event_words_[3];
      Bytes address;
      for (std::size_t j = 4; j < 8; ++j) append_big_endian(address, event_words_[j], 4);
      std::ranges::copy(address, event.address.octets.begin());
      if (on_event) post_([this, event] { on_event(event); });
    });
  }
}

void HostInterface::drive(const core::Outputs& outputs, core::Inputs& inputs, std::uint64_t now_ns) {
  now_ns_ = now_ns;
  if (outputs.irq && !serving_) serve_interrupt();
  axil_.drive(outputs, inputs);

  if (sender_.idle() && !messages_.empty()) {
    sender_.start(messages_.front().octets, messages_.front().user);
    messages_.pop_front();
  }
  inputs.host_tx = sender_.beat();
  if (!sender_.at_first_beat()) inputs.host_tx.user = 0;
  if (inputs.host_tx.valid && outputs.host_tx_ready) sender_.advance();
}

}  // namespace reveille::sim
