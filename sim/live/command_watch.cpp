// SPDX-License-Identifier: Apache-2.0
#include "live/command_watch.hpp"

#include "reveille/core/register_fields.hpp"
#include "reveille/core/register_map.hpp"

namespace reveille::sim {

namespace address = core::address;

void CommandWatch::write(std::uint16_t place, std::uint32_t value, std::uint64_t now_us) {
  driver_.write(place, value);
  place &= 0xFFC;
  if (place >= address::command_client && place < address::command_lifetime_low) {
    for (unsigned i = 0; i < 4; ++i) {
      command_.client.octets[place - address::command_client + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    }
  } else if (place == address::command_lifetime_low) {
    command_.lifetime = (command_.lifetime & ~std::uint64_t{0xFFFF'FFFF}) | value;
  } else if (place == address::command_lifetime_high) {
    command_.lifetime = (command_.lifetime & 0xFFFF'FFFF) | std::uint64_t{value} << 32;
  } else if (place == address::command_nonce) {
    command_.nonce = value;
  } else if (place == address::command_tag) {
    command_.tag = (command_.tag & 0xFFFF'FFFF) | std::uint64_t{value} << 32;
  } else if (place == address::command_tag + 4) {
    command_.tag = (command_.tag & ~std::uint64_t{0xFFFF'FFFF}) | value;
  } else if (place == address::command_session) {
    command_.phase = static_cast<Phase>(FIELD(value, COMMAND_SESSION_PHASE));
    command_.hop = static_cast<std::uint8_t>(FIELD(value, COMMAND_SESSION_HOP));
    command_.snmp = FIELD(value, COMMAND_SESSION_DOI) != 0;
    command_.armed = FIELD(value, COMMAND_SESSION_ARMED) != 0;
    command_.source = static_cast<std::uint8_t>(FIELD(value, COMMAND_SESSION_SOURCE));
  } else if (place == address::wake) {
    book_.set_tries(FIELD(value, WAKE_TRIES));
  } else if (place == address::wake_interval) {
    book_.set_interval(value);
  } else if (place == address::command) {
    driver_.wait_for_command();
    if (FIELD(driver_.read(address::result), RESULT_CODE) != static_cast<std::uint32_t>(ResultCode::ok)) return;
    core::Command done = command_;
    done.code = static_cast<CommandCode>(FIELD(value, COMMAND_OPCODE));
    if (done.code == CommandCode::wake) done.nonce = driver_.read(address::result_nonce);
    book_.note(done, now_us);
    if (on_command) on_command(done);
  }
}

}  // namespace reveille::sim
