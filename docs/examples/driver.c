/* SPDX-License-Identifier: Apache-2.0
   The smallest driver, for bare metal: C99, the generated header, and no library. One caller at a time. */
#include "driver.h"

#include "reveille.h"

bool guard_start(volatile uint32_t *base, uint32_t server_ipv4, const uint32_t hop[4], const char *principal) {
  if (reveille_read(base, REVEILLE_ID_OFFSET) != REVEILLE_ID_RESET) return false;
  /* What is enabled is locked. */
  reveille_write(base, REVEILLE_SERVER_ENABLE_OFFSET, 0);
  reveille_write(base, REVEILLE_SERVER_IPV4_OFFSET, server_ipv4);
  reveille_write(base, REVEILLE_SERVER_ENABLE_OFFSET,
                 REVEILLE_PUT(REVEILLE_SERVER_ENABLE_IPV4, 1) | REVEILLE_PUT(REVEILLE_SERVER_ENABLE_DOI_IPSEC, 1) |
                     REVEILLE_PUT(REVEILLE_SERVER_ENABLE_DOI_SNMP, 1) |
                     REVEILLE_PUT(REVEILLE_SERVER_ENABLE_VERSIONS, 1));
  /* Events of what the host acts on only: a flood would fill the log with the rest. */
  reveille_write(base, REVEILLE_EVENT_MASK_OFFSET,
                 1u << REVEILLE_VERDICT_ACCEPTED | 1u << REVEILLE_VERDICT_RESEND | 1u << REVEILLE_VERDICT_SA_RECOVERED);
  /* Next hop 0, and the server's name from octet 128 on, to its NUL and beyond: the first octet in bits 7:0. */
  for (uint32_t word = 0; word < REVEILLE_FRAMING_COUNT; ++word) {
    uint32_t value = word < 4 ? hop[word] : 0;
    for (uint32_t octet = 0; word >= 32 && octet < 4 && *principal != 0; ++octet)
      value |= (uint32_t)(unsigned char)*principal++ << 8 * octet;
    reveille_write(base, REVEILLE_FRAMING_OFFSET + REVEILLE_FRAMING_STRIDE * word, value);
  }
  reveille_write(base, REVEILLE_CONTROL_OFFSET, REVEILLE_PUT(REVEILLE_CONTROL_FRAMING_COMMIT, 1));
  return true;
}

bool guard_ready(volatile uint32_t *base) {
  const uint32_t status = reveille_read(base, REVEILLE_STATUS_OFFSET);
  return REVEILLE_GET(status, REVEILLE_STATUS_READY) && REVEILLE_GET(status, REVEILLE_STATUS_SEEDED);
}

/* An IPv4 client is the IPv4-mapped address ::ffff:a.b.c.d. The command ends within the bounds B1 and B2 of
   docs/timing.md, noise or not. */
static uint32_t command(volatile uint32_t *base, uint32_t client_ipv4, uint32_t opcode) {
  const uint32_t client[REVEILLE_COMMAND_CLIENT_COUNT] = {0, 0, 0x0000ffff, client_ipv4};
  for (uint32_t word = 0; word < REVEILLE_COMMAND_CLIENT_COUNT; ++word)
    reveille_write(base, REVEILLE_COMMAND_CLIENT_OFFSET + REVEILLE_COMMAND_CLIENT_STRIDE * word, client[word]);
  reveille_write(base, REVEILLE_COMMAND_OFFSET, opcode);
  while (REVEILLE_GET(reveille_read(base, REVEILLE_STATUS_OFFSET), REVEILLE_STATUS_COMMAND_BUSY)) {
  }
  return REVEILLE_GET(reveille_read(base, REVEILLE_RESULT_OFFSET), REVEILLE_RESULT_CODE);
}

uint32_t guard_wake(volatile uint32_t *base, uint32_t client_ipv4, uint64_t lifetime_us, uint32_t *nonce) {
  reveille_write(base, REVEILLE_COMMAND_LIFETIME_LOW_OFFSET, (uint32_t)lifetime_us);
  reveille_write(base, REVEILLE_COMMAND_LIFETIME_HIGH_OFFSET, (uint32_t)(lifetime_us >> 32));
  reveille_write(base, REVEILLE_COMMAND_SESSION_OFFSET, 0); /* hop 0, DOI 1 (IPsec), server address 0 */
  const uint32_t result = command(base, client_ipv4, REVEILLE_COMMAND_WAKE);
  if (result == REVEILLE_RESULT_OK) *nonce = reveille_read(base, REVEILLE_RESULT_NONCE_OFFSET);
  return result;
}

uint32_t guard_reply(volatile uint32_t *base, uint32_t client_ipv4, const uint32_t tag[2]) {
  reveille_write(base, REVEILLE_COMMAND_TAG_OFFSET, tag[0]);
  reveille_write(base, REVEILLE_COMMAND_TAG_OFFSET + REVEILLE_COMMAND_TAG_STRIDE, tag[1]);
  return command(base, client_ipv4, REVEILLE_COMMAND_REPLY);
}

uint32_t guard_close(volatile uint32_t *base, uint32_t client_ipv4) {
  return command(base, client_ipv4, REVEILLE_COMMAND_CLOSE);
}

bool guard_event(volatile uint32_t *base, uint32_t record[8]) {
  if (REVEILLE_GET(reveille_read(base, REVEILLE_EVENT_COUNT_OFFSET), REVEILLE_EVENT_COUNT_VALUE) == 0) return false;
  for (int word = 0; word < 8; ++word) record[word] = reveille_read(base, REVEILLE_EVENT_DATA_OFFSET);
  return true;
}
