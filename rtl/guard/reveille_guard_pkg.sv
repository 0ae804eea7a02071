// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the blocks of rtl/guard tell each other. Location and memories: docs/architecture.md, "Nonce store".

package reveille_guard_pkg;

  import reveille_pkg::*;

  parameter int unsigned Banks = 2;
  parameter int unsigned Lanes = 4;  // {bank, lane}
  parameter int unsigned Ways = 8;   // {half, bank, lane}: the order in which a look-up meets them

  typedef logic [$clog2(Ways)-1:0] way_t;
  typedef row_t [Banks-1:0] rows_t;

  // A location_t, in its parts.
  typedef struct packed {
    row_t row;
    logic bank;
    logic half;
    logic lane;
  } place_t;

  // The store's judgement of one entry (rule N3).
  typedef struct packed {
    logic           match;        // not empty, and the client's
    logic           live;         // not empty, and before its deadline
    logic           hit;          // both. Of a hit, else 0, and so to be gathered by OR:
    logic           nonce_equal;  // to the look-up value's low half
    logic           accepts;      // ... and the phase is outstanding
    logic           resends;      // ... or replied, with a resend left
    logic           replied;      // the phase is
    logic           recovers;     // ... and aux equal to the look-up value
    session_state_t state;
  } flags_t;

  // session_control -> store: a wish to read; a read cycle if the cycle is free. Memories lie far apart, so the address
  // comes a cycle before the wish.
  typedef struct packed {
    logic                       valid;
    logic [1:0]                 lane;          // {bank, lane} that goes to the entry register
    store_address_t [Banks-1:0] next_address;  // of a wish in the next cycle
  } read_t;

  // session_control -> store: writes, done if the cycle is free; late_aux in any, and all until the store is cleared. The
  // parts of an entry are written alone: nobody has to read it to change it.
  typedef struct packed {
    logic [Lanes-1:0] lanes;     // place's; all until the store is cleared
    logic             identity;  // client, nonce, deadline
    logic             aux;
    logic             late_aux;  // aux, in this cycle whatever it is
    logic             state;
    place_t           place;
    entry_t           entry;
    session_state_t   phase;
  } write_t;

  // guard -> store, in T+8.
  typedef struct packed {
    logic           valid;
    place_t         place;
    session_state_t state;
  } state_write_t;

  function automatic place_t place_of(way_t way, rows_t rows);
    return '{row: rows[way[1]], bank: way[1], half: way[2], lane: way[0]};
  endfunction

endpackage
