/* SPDX-License-Identifier: Apache-2.0
   Generated from rtl/host/reveille_registers.rdl and docs/verdicts.json by scripts/generate/c_header.py: edit those.

   Reveille registers, for a driver in C99 or C++. 32-bit registers. Writes with a partial strobe and accesses to any
   other address answer SLVERR and do nothing. Values longer than 32 bits: the low word first, except addresses and
   tags, which go in network order: word 0 holds the first four octets, the first octet in bits 31:24. Configuration
   acts from the cycle after its write, also on frames in flight. What consists of several words is locked while it is
   enabled: a write to it answers SLVERR and does nothing. Fields not mentioned read 0.

   NAME_OFFSET is a register's distance from the first in octets; of an array, its first element's, the others follow
   NAME_STRIDE apart. NAME_RESET is what a register holds after reset, where that is not 0. A field is
   REGISTER_FIELD_MASK and REGISTER_FIELD_SHIFT; one that fills its word has neither. */
#ifndef REVEILLE_H
#define REVEILLE_H

#include <stdint.h>

/* The core takes whole words only. Each of these is one load or store of 32 bits, on every target. `base` is where the
   core's registers are mapped, not cached. */
static inline uint32_t reveille_read(const volatile uint32_t *base, uint32_t offset) { return base[offset / 4]; }
static inline void reveille_write(volatile uint32_t *base, uint32_t offset, uint32_t word) { base[offset / 4] = word; }

/* A field of a word that was read, and a value where a field has it: REVEILLE_GET(word, REVEILLE_STATUS_READY). */
#define REVEILLE_GET(word, field) (((uint32_t)(word) & field##_MASK) >> field##_SHIFT)
#define REVEILLE_PUT(field, value) (((uint32_t)(value) << field##_SHIFT) & field##_MASK)

/* ID, read: Identity. 0x52455645, ASCII `REVE`. */
#define REVEILLE_ID_OFFSET 0x000u
#define REVEILLE_ID_RESET 0x52455645u

/* VERSION, read: Version of the core. */
#define REVEILLE_VERSION_OFFSET 0x004u
#define REVEILLE_VERSION_RESET 0x00000200u
/* patch: Fixes. */
#define REVEILLE_VERSION_PATCH_MASK 0x000000ffu
#define REVEILLE_VERSION_PATCH_SHIFT 0
/* minor: Additions. */
#define REVEILLE_VERSION_MINOR_MASK 0x0000ff00u
#define REVEILLE_VERSION_MINOR_SHIFT 8
/* major: Incompatible changes. */
#define REVEILLE_VERSION_MAJOR_MASK 0x00ff0000u
#define REVEILLE_VERSION_MAJOR_SHIFT 16

/* PARAMETERS, read: Sizes. */
#define REVEILLE_PARAMETERS_OFFSET 0x008u
#define REVEILLE_PARAMETERS_RESET 0x02270b0cu
/* sessions: log2 of the sessions of the nonce store. */
#define REVEILLE_PARAMETERS_SESSIONS_MASK 0x0000001fu
#define REVEILLE_PARAMETERS_SESSIONS_SHIFT 0
/* frame_buffer: log2 of the beats (8 octets) of the frame buffer. */
#define REVEILLE_PARAMETERS_FRAME_BUFFER_MASK 0x00000f00u
#define REVEILLE_PARAMETERS_FRAME_BUFFER_SHIFT 8
/* event_log: log2 of the records of the event log. */
#define REVEILLE_PARAMETERS_EVENT_LOG_MASK 0x000f0000u
#define REVEILLE_PARAMETERS_EVENT_LOG_SHIFT 16
/* ipv4_addresses: Server addresses, IPv4. */
#define REVEILLE_PARAMETERS_IPV4_ADDRESSES_MASK 0x00f00000u
#define REVEILLE_PARAMETERS_IPV4_ADDRESSES_SHIFT 20
/* ipv6_addresses: Server addresses, IPv6. */
#define REVEILLE_PARAMETERS_IPV6_ADDRESSES_MASK 0x0f000000u
#define REVEILLE_PARAMETERS_IPV6_ADDRESSES_SHIFT 24
/* in_band_header: 1: a header of 8 octets leads each frame on the host ports. */
#define REVEILLE_PARAMETERS_IN_BAND_HEADER_MASK 0x10000000u
#define REVEILLE_PARAMETERS_IN_BAND_HEADER_SHIFT 28

/* STATUS, read: Status. */
#define REVEILLE_STATUS_OFFSET 0x00cu
/* ready: Store cleared and hash tables filled: commands are taken. */
#define REVEILLE_STATUS_READY_MASK 0x00000001u
#define REVEILLE_STATUS_READY_SHIFT 0
/* seeded: The nonce generator is seeded and healthy. */
#define REVEILLE_STATUS_SEEDED_MASK 0x00000002u
#define REVEILLE_STATUS_SEEDED_SHIFT 1
/* rct_failed: The generator's repetition count test has failed, and it does not restart by itself any more; until
   CONTROL.generator_restart. */
#define REVEILLE_STATUS_RCT_FAILED_MASK 0x00000004u
#define REVEILLE_STATUS_RCT_FAILED_SHIFT 2
/* apt_failed: Likewise its adaptive proportion test. */
#define REVEILLE_STATUS_APT_FAILED_MASK 0x00000008u
#define REVEILLE_STATUS_APT_FAILED_SHIFT 3
/* command_busy: A command is under way: COMMAND and its arguments do not take writes. */
#define REVEILLE_STATUS_COMMAND_BUSY_MASK 0x00000010u
#define REVEILLE_STATUS_COMMAND_BUSY_SHIFT 4
/* silent: Likewise: the noise source was silent for longer than NOISE_SILENCE. */
#define REVEILLE_STATUS_SILENT_MASK 0x00000020u
#define REVEILLE_STATUS_SILENT_SHIFT 5
/* framing: A server message is being made. */
#define REVEILLE_STATUS_FRAMING_MASK 0x00000040u
#define REVEILLE_STATUS_FRAMING_SHIFT 6

/* CONTROL, write: Control. */
#define REVEILLE_CONTROL_OFFSET 0x010u
/* generator_restart: Write 1: the nonce generator forgets everything and begins anew; GENERATOR_FAILURES becomes 0.
   */
#define REVEILLE_CONTROL_GENERATOR_RESTART_MASK 0x00000001u
#define REVEILLE_CONTROL_GENERATOR_RESTART_SHIFT 0
/* framing_commit: Write 1: exchanges the banks of the framing memory: what was written is used for messages made
   from now on. */
#define REVEILLE_CONTROL_FRAMING_COMMIT_MASK 0x00000002u
#define REVEILLE_CONTROL_FRAMING_COMMIT_SHIFT 1
/* event_realign: Write 1: EVENT_DATA begins with the next record, if one was read in part. */
#define REVEILLE_CONTROL_EVENT_REALIGN_MASK 0x00000004u
#define REVEILLE_CONTROL_EVENT_REALIGN_SHIFT 2

/* IRQ_ENABLE, read and write: Interrupt enable. */
#define REVEILLE_IRQ_ENABLE_OFFSET 0x014u
/* event_available: Enables IRQ_STATUS.event_available. */
#define REVEILLE_IRQ_ENABLE_EVENT_AVAILABLE_MASK 0x00000001u
#define REVEILLE_IRQ_ENABLE_EVENT_AVAILABLE_SHIFT 0
/* command_done: Enables IRQ_STATUS.command_done. */
#define REVEILLE_IRQ_ENABLE_COMMAND_DONE_MASK 0x00000002u
#define REVEILLE_IRQ_ENABLE_COMMAND_DONE_SHIFT 1
/* generator_failed: Enables IRQ_STATUS.generator_failed. */
#define REVEILLE_IRQ_ENABLE_GENERATOR_FAILED_MASK 0x00000004u
#define REVEILLE_IRQ_ENABLE_GENERATOR_FAILED_SHIFT 2

/* IRQ_STATUS, read and write: Interrupt status. */
#define REVEILLE_IRQ_STATUS_OFFSET 0x018u
/* event_available: The event log is not empty. */
#define REVEILLE_IRQ_STATUS_EVENT_AVAILABLE_MASK 0x00000001u
#define REVEILLE_IRQ_STATUS_EVENT_AVAILABLE_SHIFT 0
/* command_done: A command has finished. Write 1 to clear; writing COMMAND clears it too. */
#define REVEILLE_IRQ_STATUS_COMMAND_DONE_MASK 0x00000002u
#define REVEILLE_IRQ_STATUS_COMMAND_DONE_SHIFT 1
/* generator_failed: A health test of the nonce generator has failed, or its noise source was silent. Write 1 to
   clear. */
#define REVEILLE_IRQ_STATUS_GENERATOR_FAILED_MASK 0x00000004u
#define REVEILLE_IRQ_STATUS_GENERATOR_FAILED_SHIFT 2

/* GENERATOR, read and write: Nonce generator. */
#define REVEILLE_GENERATOR_OFFSET 0x01cu
#define REVEILLE_GENERATOR_RESET 0x00000003u
/* restart_limit: How often the generator restarts by itself after a failure, between two CONTROL.generator_restart.
   */
#define REVEILLE_GENERATOR_RESTART_LIMIT_MASK 0x0000000fu
#define REVEILLE_GENERATOR_RESTART_LIMIT_SHIFT 0
/* restarts: How often it has. */
#define REVEILLE_GENERATOR_RESTARTS_MASK 0x00000f00u
#define REVEILLE_GENERATOR_RESTARTS_SHIFT 8

/* SERVER_ENABLE, read and write: What of the server is enabled. */
#define REVEILLE_SERVER_ENABLE_OFFSET 0x020u
#define REVEILLE_SERVER_ENABLE_RESET 0x00130000u
/* ipv4: Bit i: SERVER_IPV4[i] counts. */
#define REVEILLE_SERVER_ENABLE_IPV4_MASK 0x000000ffu
#define REVEILLE_SERVER_ENABLE_IPV4_SHIFT 0
/* ipv6: Bit i: SERVER_IPV6[i] counts. */
#define REVEILLE_SERVER_ENABLE_IPV6_MASK 0x0000ff00u
#define REVEILLE_SERVER_ENABLE_IPV6_SHIFT 8
/* doi_ipsec: DOI 1 (IPsec) is supported. */
#define REVEILLE_SERVER_ENABLE_DOI_IPSEC_MASK 0x00010000u
#define REVEILLE_SERVER_ENABLE_DOI_IPSEC_SHIFT 16
/* doi_snmp: DOI 2 (SNMPv3) is supported. */
#define REVEILLE_SERVER_ENABLE_DOI_SNMP_MASK 0x00020000u
#define REVEILLE_SERVER_ENABLE_DOI_SNMP_SHIFT 17
/* versions: Bit i: SERVER_VERSIONS octet i is supported. */
#define REVEILLE_SERVER_ENABLE_VERSIONS_MASK 0x00f00000u
#define REVEILLE_SERVER_ENABLE_VERSIONS_SHIFT 20

/* POLICY, read and write: Policy. */
#define REVEILLE_POLICY_OFFSET 0x024u
/* destination: any: frames are judged whatever their destination; listed: only frames to an enabled server address.
   enum reveille_destination. */
#define REVEILLE_POLICY_DESTINATION_MASK 0x00000001u
#define REVEILLE_POLICY_DESTINATION_SHIFT 0
/* later_fragments: pass: later fragments bypass; drop: they are `fragmented`. enum reveille_later_fragments. */
#define REVEILLE_POLICY_LATER_FRAGMENTS_MASK 0x00000002u
#define REVEILLE_POLICY_LATER_FRAGMENTS_SHIFT 1

/* SERVER_PORT, read and write: Server's UDP port. */
#define REVEILLE_SERVER_PORT_OFFSET 0x028u
#define REVEILLE_SERVER_PORT_RESET 0x0000050du
/* value: Judged as destination port; both ports of what the core sends. */
#define REVEILLE_SERVER_PORT_VALUE_MASK 0x0000ffffu
#define REVEILLE_SERVER_PORT_VALUE_SHIFT 0

/* SERVER_VERSIONS, read and write: Versions. */
#define REVEILLE_SERVER_VERSIONS_OFFSET 0x02cu
#define REVEILLE_SERVER_VERSIONS_RESET 0x00000010u
/* version0: Version octet 0: major << 4 | minor. */
#define REVEILLE_SERVER_VERSIONS_VERSION0_MASK 0x000000ffu
#define REVEILLE_SERVER_VERSIONS_VERSION0_SHIFT 0
/* version1: Version octet 1. */
#define REVEILLE_SERVER_VERSIONS_VERSION1_MASK 0x0000ff00u
#define REVEILLE_SERVER_VERSIONS_VERSION1_SHIFT 8
/* version2: Version octet 2. */
#define REVEILLE_SERVER_VERSIONS_VERSION2_MASK 0x00ff0000u
#define REVEILLE_SERVER_VERSIONS_VERSION2_SHIFT 16
/* version3: Version octet 3. */
#define REVEILLE_SERVER_VERSIONS_VERSION3_MASK 0xff000000u
#define REVEILLE_SERVER_VERSIONS_VERSION3_SHIFT 24

/* CLIENT_INITIATED, read and write: Client-initiated requests. */
#define REVEILLE_CLIENT_INITIATED_OFFSET 0x040u
/* mode: `limited`: passed within the rate of INTERVAL and TOLERANCE. enum reveille_client_initiated. */
#define REVEILLE_CLIENT_INITIATED_MODE_MASK 0x00000003u
#define REVEILLE_CLIENT_INITIATED_MODE_SHIFT 0

/* INTERVAL, read and write: Rate: interval. Microseconds from one client-initiated request to the next. Locked while
   CLIENT_INITIATED.mode is 1. */
#define REVEILLE_INTERVAL_OFFSET 0x044u

/* TOLERANCE_LOW, read and write: Rate: tolerance, low word. (burst - 1) * INTERVAL, microseconds, bits 31:0. Locked
   as INTERVAL is. */
#define REVEILLE_TOLERANCE_LOW_OFFSET 0x048u

/* TOLERANCE_HIGH, read and write: Rate: tolerance, high word. */
#define REVEILLE_TOLERANCE_HIGH_OFFSET 0x04cu
/* value: Bits 51:32. Locked as INTERVAL is. */
#define REVEILLE_TOLERANCE_HIGH_VALUE_MASK 0x000fffffu
#define REVEILLE_TOLERANCE_HIGH_VALUE_SHIFT 0

/* RESEND_BUDGET, read and write: Resend budget. */
#define REVEILLE_RESEND_BUDGET_OFFSET 0x050u
#define REVEILLE_RESEND_BUDGET_RESET 0x00000002u
/* value: How many `resend` verdicts a new session has. */
#define REVEILLE_RESEND_BUDGET_VALUE_MASK 0x0000000fu
#define REVEILLE_RESEND_BUDGET_VALUE_SHIFT 0

/* EVENT_MASK, read and write: Event mask. */
#define REVEILLE_EVENT_MASK_OFFSET 0x054u
#define REVEILLE_EVENT_MASK_RESET 0x00009ffeu
/* verdicts: Bit i of the register: frames with verdict i are logged; `bypass` never is. Reset: all drops. */
#define REVEILLE_EVENT_MASK_VERDICTS_MASK 0x0001fffeu
#define REVEILLE_EVENT_MASK_VERDICTS_SHIFT 1

/* WAKE, read and write: Wake Up. */
#define REVEILLE_WAKE_OFFSET 0x058u
#define REVEILLE_WAKE_RESET 0x00001005u
/* tries: Wake Ups a session gets before it is given up. */
#define REVEILLE_WAKE_TRIES_MASK 0x0000000fu
#define REVEILLE_WAKE_TRIES_SHIFT 0
/* version: Version octet of a Wake Up. */
#define REVEILLE_WAKE_VERSION_MASK 0x0000ff00u
#define REVEILLE_WAKE_VERSION_SHIFT 8

/* WAKE_INTERVAL, read and write: Wake Up interval. Microseconds to the second Wake Up; doubles with each. */
#define REVEILLE_WAKE_INTERVAL_OFFSET 0x05cu
#define REVEILLE_WAKE_INTERVAL_RESET 0x000f4240u

/* GUESSING, read and write: Guessing. */
#define REVEILLE_GUESSING_OFFSET 0x060u
#define REVEILLE_GUESSING_RESET 0x00000010u
/* threshold: False nonces of one session at which event `guessing` is logged; 0: never. */
#define REVEILLE_GUESSING_THRESHOLD_MASK 0x000001ffu
#define REVEILLE_GUESSING_THRESHOLD_SHIFT 0

/* NOISE_SILENCE, read and write: Silence of the noise source. Cycles without a sample that are a failure; 0: none
   are. */
#define REVEILLE_NOISE_SILENCE_OFFSET 0x064u
#define REVEILLE_NOISE_SILENCE_RESET 0x01000000u

/* GENERATOR_FAILURES, read: Failures of the nonce generator. */
#define REVEILLE_GENERATOR_FAILURES_OFFSET 0x068u
/* rct: Of the repetition count test. Each field stops at 255; CONTROL.generator_restart clears all. */
#define REVEILLE_GENERATOR_FAILURES_RCT_MASK 0x000000ffu
#define REVEILLE_GENERATOR_FAILURES_RCT_SHIFT 0
/* apt: Of the adaptive proportion test. */
#define REVEILLE_GENERATOR_FAILURES_APT_MASK 0x0000ff00u
#define REVEILLE_GENERATOR_FAILURES_APT_SHIFT 8
/* silent: Silences. */
#define REVEILLE_GENERATOR_FAILURES_SILENT_MASK 0x00ff0000u
#define REVEILLE_GENERATOR_FAILURES_SILENT_SHIFT 16

/* LOCK, read and write: Lock. */
#define REVEILLE_LOCK_OFFSET 0x06cu
/* nonces: Write 1, until reset: live nonces and tags (RESULT_NONCE, RESULT_AUX, the fourth word of an event record)
   read 0. */
#define REVEILLE_LOCK_NONCES_MASK 0x00000001u
#define REVEILLE_LOCK_NONCES_SHIFT 0

/* TIME_LOW, read: Time, low word. time_i, bits 31:0; reading latches the high word. */
#define REVEILLE_TIME_LOW_OFFSET 0x070u

/* TIME_HIGH, read: Time, high word. */
#define REVEILLE_TIME_HIGH_OFFSET 0x074u
/* value: Bits 51:32 as they stood when the low word was last read. */
#define REVEILLE_TIME_HIGH_VALUE_MASK 0x000fffffu
#define REVEILLE_TIME_HIGH_VALUE_SHIFT 0

/* COMMAND_CLIENT, write: Command: client. Address; IPv4 as ::ffff:a.b.c.d. Word 0: first four octets. */
#define REVEILLE_COMMAND_CLIENT_OFFSET 0x080u
#define REVEILLE_COMMAND_CLIENT_STRIDE 4u
#define REVEILLE_COMMAND_CLIENT_COUNT 4u

/* COMMAND_LIFETIME_LOW, write: Command: lifetime, low word. Microseconds, bits 31:0. */
#define REVEILLE_COMMAND_LIFETIME_LOW_OFFSET 0x090u

/* COMMAND_LIFETIME_HIGH, write: Command: lifetime, high word. */
#define REVEILLE_COMMAND_LIFETIME_HIGH_OFFSET 0x094u
/* value: Bits 51:32. */
#define REVEILLE_COMMAND_LIFETIME_HIGH_VALUE_MASK 0x000fffffu
#define REVEILLE_COMMAND_LIFETIME_HIGH_VALUE_SHIFT 0

/* COMMAND_NONCE, write: Command: nonce. For `restore`. */
#define REVEILLE_COMMAND_NONCE_OFFSET 0x098u

/* COMMAND_TAG, write: Command: expected tag. First 64 bits of the SA Recovered's HMAC, for `reply` and `restore`.
   Word 0: first four octets. */
#define REVEILLE_COMMAND_TAG_OFFSET 0x0a0u
#define REVEILLE_COMMAND_TAG_STRIDE 4u
#define REVEILLE_COMMAND_TAG_COUNT 2u

/* COMMAND_SESSION, write: Command: session. */
#define REVEILLE_COMMAND_SESSION_OFFSET 0x0a8u
/* phase: For `restore`. enum reveille_phase. */
#define REVEILLE_COMMAND_SESSION_PHASE_MASK 0x00000003u
#define REVEILLE_COMMAND_SESSION_PHASE_SHIFT 0
/* hop: Next hop: entry of the framing memory. */
#define REVEILLE_COMMAND_SESSION_HOP_MASK 0x00000070u
#define REVEILLE_COMMAND_SESSION_HOP_SHIFT 4
/* doi: 0: DOI 1 (IPsec), 1: DOI 2 (SNMPv3). */
#define REVEILLE_COMMAND_SESSION_DOI_MASK 0x00000100u
#define REVEILLE_COMMAND_SESSION_DOI_SHIFT 8
/* armed: For `restore`: Wake Ups are sent. */
#define REVEILLE_COMMAND_SESSION_ARMED_MASK 0x00000200u
#define REVEILLE_COMMAND_SESSION_ARMED_SHIFT 9
/* source: Server address that Wake Ups come from: its index; if it is not enabled, the first that is. */
#define REVEILLE_COMMAND_SESSION_SOURCE_MASK 0x00007000u
#define REVEILLE_COMMAND_SESSION_SOURCE_SHIFT 12

/* COMMAND_LOCATION, write: Command: location. */
#define REVEILLE_COMMAND_LOCATION_OFFSET 0x0acu
/* value: For `read_location`: row << 3 | bank << 2 | way; bits that no session needs are not looked at. */
#define REVEILLE_COMMAND_LOCATION_VALUE_MASK 0x0000ffffu
#define REVEILLE_COMMAND_LOCATION_VALUE_SHIFT 0

/* COMMAND, write: Command. */
#define REVEILLE_COMMAND_OFFSET 0x0b0u
/* opcode: Writing starts it. enum reveille_command. */
#define REVEILLE_COMMAND_OPCODE_MASK 0x00000007u
#define REVEILLE_COMMAND_OPCODE_SHIFT 0

/* RESULT, read: Result. */
#define REVEILLE_RESULT_OFFSET 0x0c0u
/* code: What became of the command. enum reveille_result. */
#define REVEILLE_RESULT_CODE_MASK 0x00000007u
#define REVEILLE_RESULT_CODE_SHIFT 0
/* phase: Of the session read. enum reveille_phase. */
#define REVEILLE_RESULT_PHASE_MASK 0x00000300u
#define REVEILLE_RESULT_PHASE_SHIFT 8
/* resends_left: Resends left of the session read. */
#define REVEILLE_RESULT_RESENDS_LEFT_MASK 0x0000f000u
#define REVEILLE_RESULT_RESENDS_LEFT_SHIFT 12
/* location: Location of the session. */
#define REVEILLE_RESULT_LOCATION_MASK 0xffff0000u
#define REVEILLE_RESULT_LOCATION_SHIFT 16

/* RESULT_NONCE, read: Result: nonce. The session's nonce. */
#define REVEILLE_RESULT_NONCE_OFFSET 0x0c4u

/* RESULT_DEADLINE_LOW, read: Result: deadline, low word. Microseconds, bits 31:0. */
#define REVEILLE_RESULT_DEADLINE_LOW_OFFSET 0x0c8u

/* RESULT_DEADLINE_HIGH, read: Result: deadline, high word. */
#define REVEILLE_RESULT_DEADLINE_HIGH_OFFSET 0x0ccu
/* value: Bits 51:32. */
#define REVEILLE_RESULT_DEADLINE_HIGH_VALUE_MASK 0x000fffffu
#define REVEILLE_RESULT_DEADLINE_HIGH_VALUE_SHIFT 0

/* RESULT_AUX, read: Result: aux. Word 0: bits 63:32, word 1: bits 31:0. Expected tag (phase 2, 3) or wake state. */
#define REVEILLE_RESULT_AUX_OFFSET 0x0d0u
#define REVEILLE_RESULT_AUX_STRIDE 4u
#define REVEILLE_RESULT_AUX_COUNT 2u

/* RESULT_CLIENT, read: Result: client. Word 0: first four octets. */
#define REVEILLE_RESULT_CLIENT_OFFSET 0x0e0u
#define REVEILLE_RESULT_CLIENT_STRIDE 4u
#define REVEILLE_RESULT_CLIENT_COUNT 4u

/* EVENT_COUNT, read: Events available. */
#define REVEILLE_EVENT_COUNT_OFFSET 0x0f0u
/* value: Records in the event log. */
#define REVEILLE_EVENT_COUNT_VALUE_MASK 0x0000ffffu
#define REVEILLE_EVENT_COUNT_VALUE_SHIFT 0

/* EVENT_DATA, read: Event data. Each read takes the next of a record's eight words; 0 when the log is empty. */
#define REVEILLE_EVENT_DATA_OFFSET 0x0f4u

/* EVENT_DROPPED, read: Events dropped. Events that found no room in the log, wrapping. */
#define REVEILLE_EVENT_DROPPED_OFFSET 0x0f8u

/* WAKEUPS_SENT, read: Wake Ups sent. Wake Ups that the framer took, wrapping. */
#define REVEILLE_WAKEUPS_SENT_OFFSET 0x0fcu

/* MESSAGE_ERRORS, read: Message errors. Host messages dropped, being too short or too long, and messages and Wake
   Ups of a family without an enabled server address. Wrapping. */
#define REVEILLE_MESSAGE_ERRORS_OFFSET 0x100u

/* RESULT_FALSE_NONCES, read: Result: false nonces. */
#define REVEILLE_RESULT_FALSE_NONCES_OFFSET 0x104u
/* value: False nonces that the session read has met, at most 511. */
#define REVEILLE_RESULT_FALSE_NONCES_VALUE_MASK 0x000001ffu
#define REVEILLE_RESULT_FALSE_NONCES_VALUE_SHIFT 0

/* SERVER_IPV4, read and write: Server's IPv4 address. First octet in bits 31:24. Locked while its bit in
   SERVER_ENABLE is 1. */
#define REVEILLE_SERVER_IPV4_OFFSET 0x120u
#define REVEILLE_SERVER_IPV4_STRIDE 4u
#define REVEILLE_SERVER_IPV4_COUNT 2u

/* SERVER_IPV6: Server's IPv6 address. */
#define REVEILLE_SERVER_IPV6_STRIDE 16u
#define REVEILLE_SERVER_IPV6_COUNT 2u

/* SERVER_IPV6_WORD, read and write: Server's IPv6 address: a word. Word 0: first four octets, first octet in bits
   31:24. Locked while its bit in SERVER_ENABLE is 1. */
#define REVEILLE_SERVER_IPV6_WORD_OFFSET 0x180u
#define REVEILLE_SERVER_IPV6_WORD_STRIDE 4u
#define REVEILLE_SERVER_IPV6_WORD_COUNT 4u

/* COUNTERS: Counters. One for each verdict, by its code; 17 overrun of bypass and client_initiated, 18 oversize, 19
   overrun of accepted, resend and sa_recovered; 20 to 31 count nothing. */

/* COUNTERS_COUNTER: Counter. */
#define REVEILLE_COUNTERS_COUNTER_STRIDE 8u
#define REVEILLE_COUNTERS_COUNTER_COUNT 32u

/* COUNTERS_COUNTER_LOW, read: Low word. Bits 31:0; reading latches the high word. */
#define REVEILLE_COUNTERS_COUNTER_LOW_OFFSET 0x200u

/* COUNTERS_COUNTER_HIGH, read: High word. */
#define REVEILLE_COUNTERS_COUNTER_HIGH_OFFSET 0x204u
/* value: Bits 47:32 as they stood when a low word, of whichever counter, was last read. */
#define REVEILLE_COUNTERS_COUNTER_HIGH_VALUE_MASK 0x0000ffffu
#define REVEILLE_COUNTERS_COUNTER_HIGH_VALUE_SHIFT 0

/* FRAMING, write: Framing memory. Octet 4k in bits 7:0 of word k. Hop h at octet 16h: destination MAC 6, source MAC
   6, TPID 2 (0: no VLAN tag), TCI 2. Server principal at octet 128: ASCII, NUL-terminated. Write-only: the bank that is
   not in use, until CONTROL.framing_commit. Not cleared by reset. */
#define REVEILLE_FRAMING_OFFSET 0x300u
#define REVEILLE_FRAMING_STRIDE 4u
#define REVEILLE_FRAMING_COUNT 64u

enum reveille_destination {
  REVEILLE_DESTINATION_ANY = 0,
  REVEILLE_DESTINATION_LISTED = 1
};

enum reveille_later_fragments {
  REVEILLE_LATER_FRAGMENTS_PASS = 0,
  REVEILLE_LATER_FRAGMENTS_DROP = 1
};

enum reveille_client_initiated {
  REVEILLE_CLIENT_INITIATED_DROP = 0,
  REVEILLE_CLIENT_INITIATED_LIMITED = 1,
  REVEILLE_CLIENT_INITIATED_PASS = 2
};

enum reveille_phase {
  REVEILLE_PHASE_OUTSTANDING = 0,
  REVEILLE_PHASE_IN_SERVICE = 1,
  REVEILLE_PHASE_REPLIED = 2,
  REVEILLE_PHASE_RECOVERED = 3
};

enum reveille_command {
  REVEILLE_COMMAND_WAKE = 1,
  REVEILLE_COMMAND_REPLY = 2,
  REVEILLE_COMMAND_REJECT = 3,
  REVEILLE_COMMAND_CLOSE = 4,
  REVEILLE_COMMAND_RESTORE = 5,
  REVEILLE_COMMAND_READ = 6,
  REVEILLE_COMMAND_READ_LOCATION = 7
};

enum reveille_result {
  REVEILLE_RESULT_OK = 0,
  REVEILLE_RESULT_FULL = 1,
  REVEILLE_RESULT_LIVE = 2,
  REVEILLE_RESULT_NOT_READY = 3,
  REVEILLE_RESULT_NOT_FOUND = 4,
  REVEILLE_RESULT_WRONG_STATE = 5,
  REVEILLE_RESULT_BAD_ARGUMENT = 6,
  REVEILLE_RESULT_BUSY = 7
};

enum reveille_verdict {
  REVEILLE_VERDICT_BYPASS = 0,
  REVEILLE_VERDICT_UNPARSABLE = 1,
  REVEILLE_VERDICT_FRAGMENTED = 2,
  REVEILLE_VERDICT_BAD_LENGTH = 3,
  REVEILLE_VERDICT_BAD_CHECKSUM = 4,
  REVEILLE_VERDICT_BAD_SOURCE = 5,
  REVEILLE_VERDICT_MALFORMED = 6,
  REVEILLE_VERDICT_UNSUPPORTED = 7,
  REVEILLE_VERDICT_WRONG_DIRECTION = 8,
  REVEILLE_VERDICT_CLIENT_INITIATED = 9,
  REVEILLE_VERDICT_NOT_WOKEN = 10,
  REVEILLE_VERDICT_FALSE_NONCE = 11,
  REVEILLE_VERDICT_REPEAT = 12,
  REVEILLE_VERDICT_ACCEPTED = 13,
  REVEILLE_VERDICT_RESEND = 14,
  REVEILLE_VERDICT_UNEXPECTED = 15,
  REVEILLE_VERDICT_SA_RECOVERED = 16
};

enum reveille_counter {
  REVEILLE_COUNTER_OVERRUN = 17,
  REVEILLE_COUNTER_OVERSIZE = 18,
  REVEILLE_COUNTER_OVERRUN_SESSION = 19
};

enum reveille_event {
  REVEILLE_EVENT_VERDICT = 1,
  REVEILLE_EVENT_EXPIRED = 2,
  REVEILLE_EVENT_WAKE_FAILED = 3,
  REVEILLE_EVENT_GUESSING = 4
};

#endif
