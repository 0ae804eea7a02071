// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <reveille_registers.h>

#include <cstddef>
#include <cstdint>

/// Addresses of the registers, from the generated header; masks and positions of fields are its macros.
namespace reveille::core::address {

#define REVEILLE_ADDRESS(name, member) inline constexpr std::uint16_t name = offsetof(reveille_registers_t, member)
REVEILLE_ADDRESS(id, ID);
REVEILLE_ADDRESS(version, VERSION);
REVEILLE_ADDRESS(parameters, PARAMETERS);
REVEILLE_ADDRESS(status, STATUS);
REVEILLE_ADDRESS(control, CONTROL);
REVEILLE_ADDRESS(irq_enable, IRQ_ENABLE);
REVEILLE_ADDRESS(irq_status, IRQ_STATUS);
REVEILLE_ADDRESS(generator, GENERATOR);
REVEILLE_ADDRESS(server_enable, SERVER_ENABLE);
REVEILLE_ADDRESS(policy, POLICY);
REVEILLE_ADDRESS(server_port, SERVER_PORT);
REVEILLE_ADDRESS(server_versions, SERVER_VERSIONS);
REVEILLE_ADDRESS(client_initiated, CLIENT_INITIATED);
REVEILLE_ADDRESS(interval, INTERVAL);
REVEILLE_ADDRESS(tolerance_low, TOLERANCE_LOW);
REVEILLE_ADDRESS(tolerance_high, TOLERANCE_HIGH);
REVEILLE_ADDRESS(resend_budget, RESEND_BUDGET);
REVEILLE_ADDRESS(event_mask, EVENT_MASK);
REVEILLE_ADDRESS(wake, WAKE);
REVEILLE_ADDRESS(wake_interval, WAKE_INTERVAL);
REVEILLE_ADDRESS(guessing, GUESSING);
REVEILLE_ADDRESS(noise_silence, NOISE_SILENCE);
REVEILLE_ADDRESS(generator_failures, GENERATOR_FAILURES);
REVEILLE_ADDRESS(lock, LOCK);
REVEILLE_ADDRESS(time_low, TIME_LOW);
REVEILLE_ADDRESS(time_high, TIME_HIGH);
REVEILLE_ADDRESS(command_client, COMMAND_CLIENT);
REVEILLE_ADDRESS(command_lifetime_low, COMMAND_LIFETIME_LOW);
REVEILLE_ADDRESS(command_lifetime_high, COMMAND_LIFETIME_HIGH);
REVEILLE_ADDRESS(command_nonce, COMMAND_NONCE);
REVEILLE_ADDRESS(command_tag, COMMAND_TAG);
REVEILLE_ADDRESS(command_session, COMMAND_SESSION);
REVEILLE_ADDRESS(command_location, COMMAND_LOCATION);
REVEILLE_ADDRESS(command, COMMAND);
REVEILLE_ADDRESS(result, RESULT);
REVEILLE_ADDRESS(result_nonce, RESULT_NONCE);
REVEILLE_ADDRESS(result_deadline_low, RESULT_DEADLINE_LOW);
REVEILLE_ADDRESS(result_deadline_high, RESULT_DEADLINE_HIGH);
REVEILLE_ADDRESS(result_aux, RESULT_AUX);
REVEILLE_ADDRESS(result_client, RESULT_CLIENT);
REVEILLE_ADDRESS(result_false_nonces, RESULT_FALSE_NONCES);
REVEILLE_ADDRESS(event_count, EVENT_COUNT);
REVEILLE_ADDRESS(event_data, EVENT_DATA);
REVEILLE_ADDRESS(event_dropped, EVENT_DROPPED);
REVEILLE_ADDRESS(wakeups_sent, WAKEUPS_SENT);
REVEILLE_ADDRESS(message_errors, MESSAGE_ERRORS);
REVEILLE_ADDRESS(server_ipv4, SERVER_IPV4);
REVEILLE_ADDRESS(server_ipv6, SERVER_IPV6);
REVEILLE_ADDRESS(counters, COUNTERS);
REVEILLE_ADDRESS(framing, FRAMING);
#undef REVEILLE_ADDRESS

inline constexpr std::uint16_t server_ipv4_end = server_ipv4 + sizeof(reveille_registers_t::SERVER_IPV4);
inline constexpr std::uint16_t server_ipv6_end = server_ipv6 + sizeof(reveille_registers_t::SERVER_IPV6);
inline constexpr std::uint16_t counters_end = counters + sizeof(reveille_registers__COUNTERS_t);
inline constexpr std::uint16_t framing_end = framing + sizeof(reveille_registers__FRAMING_t);

}  // namespace reveille::core::address
