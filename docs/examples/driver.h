/* SPDX-License-Identifier: Apache-2.0
   The smallest driver: see driver.c. Addresses are words, first octet in bits 31:24. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stdint.h>

/* False where the base is not a core. After it, frames to the server's port are judged, and the core seeks noise. */
bool guard_start(volatile uint32_t *base, uint32_t server_ipv4, const uint32_t hop[4], const char *principal);

/* Store cleared, hash tables filled, generator seeded: clients can be woken. */
bool guard_ready(volatile uint32_t *base);

/* Each is an `enum reveille_result`. `wake` sends the Wake Up and gives the nonce; `reply` says that the AP Request was
   good, with the first 64 bits of the SA Recovered's HMAC that will answer; `close` ends the session. */
uint32_t guard_wake(volatile uint32_t *base, uint32_t client_ipv4, uint64_t lifetime_us, uint32_t *nonce);
uint32_t guard_reply(volatile uint32_t *base, uint32_t client_ipv4, const uint32_t tag[2]);
uint32_t guard_close(volatile uint32_t *base, uint32_t client_ipv4);

/* A record of the event log (docs/architecture.md, A22), oldest first; false where there is none. */
bool guard_event(volatile uint32_t *base, uint32_t record[8]);

#endif
