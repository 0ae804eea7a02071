// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the blocks of rtl/guard tell each other (docs/architecture.md, "Nonce store").
//
// Where an entry lies is told in one order of bits everywhere, that of a location: {row, bank, half, lane}. The last
// three are its way; {bank, lane} is the memory that holds it, {row, half} its address there.
package reveille_guard_pkg;

  import reveille_pkg::*;

  parameter int unsigned Banks = 2;
  parameter int unsigned BankWays = 4;  // {half, lane}
  parameter int unsigned Lanes = 4;     // {bank, lane}

  typedef row_t [Banks-1:0] rows_t;

  typedef struct packed {
    logic bank;
    logic half;  // which of a look-up's two read cycles meets it
    logic lane;
  } way_t;

  // A location_t, in its parts.
  typedef struct packed {
    row_t row;
    way_t way;
  } place_t;

  // The store's judgement of one entry (rule N3).
  typedef struct packed {
    logic        held;         // not empty
    logic        match;        // not empty, and the client's
    logic        live;         // not empty, and before its deadline
    logic        hit;          // the two before. Of a hit, else 0, and so to be gathered by OR:
    logic        nonce_equal;  // to the look-up value's low half
    logic        accepts;      // ... and the phase is outstanding
    logic        resends;      // ... or replied, with a resend left
    logic        replied;      // the phase is
    logic        recovers;     // ... and aux equal to the look-up value
    logic        guesses;      // one more false nonce makes guess_threshold
    phase_e      phase;
    logic [3:0]  resends_left;
    logic [8:0]  next_false_nonces;  // with one more
  } flags_t;

  // session_control -> store: a read. Memories lie far apart, so the address comes a cycle before.
  typedef struct packed {
    logic                       valid;         // in free cycles only
    logic [1:0]                 lane;          // {bank, lane} that goes to the entry register
    store_address_t [Banks-1:0] next_address;  // of a read in the next cycle
  } read_t;

  // session_control -> store: a write, of any of an entry's parts: nobody has to read one to write another. In free
  // cycles only, once the store is cleared.
  typedef struct packed {
    logic           all_lanes;     // not the place's alone
    logic           identity;      // held, client, nonce, deadline
    logic           aux;
    logic           phase;         // and resends_left
    logic           false_nonces;
    place_t         place;
    entry_t         entry;
    session_state_t state;
  } write_t;

  // A command's kind.
  typedef struct packed {
    logic wake;
    logic reply;
    logic reject;
    logic close;
    logic restore;
    logic read;
    logic read_location;
    logic none;
    logic inserts;  // wake or restore
    logic tags;     // aux is to be the expected tag
  } request_t;

  // guard -> store, in T+13.
  typedef struct packed {
    logic           phase;         // and resends_left, is written
    logic           false_nonces;  // is written
    place_t         place;
    session_state_t state;
  } state_write_t;

  function automatic place_t place_of(way_t way, rows_t rows);
    return '{row: rows[way.bank], way: way};
  endfunction

endpackage
