// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// What the blocks of rtl/guard tell each other (docs/architecture.md, "Nonce store").
//
// Where an entry lies is told in one order of bits everywhere, that of a location: {row, bank, half, lane}. The last
// three are its way. With two read cycles for a look-up (docs/timing.md, T13) {bank, lane} is the memory that holds it,
// {row, half} its address there; with four {bank} and {row, half, lane}: both lanes of a bank lie in one memory.
package reveille_guard_pkg;

  import reveille_pkg::*;
  import reveille_verdict_pkg::*;

  parameter int unsigned Banks = 2;
  parameter int unsigned BankWays = 4;  // {half, lane}
  parameter int unsigned Lanes = 4;     // {bank, lane}
  parameter int unsigned Memories = Banks * BankWays / LookupCycles;
  parameter int unsigned MemoryLanes = Lanes / Memories;

  typedef row_t [Banks-1:0] rows_t;

  typedef struct packed {
    logic bank;
    logic half;  // which half of a look-up's read cycles meets it
    logic lane;
  } way_t;

  // A location_t, in its parts.
  typedef struct packed {
    row_t row;
    way_t way;
  } place_t;

  // The verdict that an entry means for a frame, as a difference from not_woken, the verdict without one: so that it is
  // 0 of all entries but the one that is hit.
  typedef logic [$bits(verdict_e)-1:0] change_t;

  function automatic change_t change_to(verdict_e verdict);
    return verdict ^ VerdictNotWoken;
  endfunction

  // The store's judgement of one entry (rule N3).
  typedef struct packed {
    logic        held;         // not empty
    logic        match;        // not empty, and the client's
    logic        live;         // not empty, and before its deadline
    logic        hit;          // the two before. Of a hit, else 0, and so to be gathered by OR:
    change_t     ap_request;   // what it makes of not_woken, of an AP Request
    change_t     sa_recovered; // ... of an SA Recovered
    logic        ap_passes;    // an AP Request does then
    logic        ap_fails;     // ... is a false nonce
    logic        sa_passes;    // an SA Recovered passes
    logic        sa_fails;     // ... is a false nonce
    logic        in_service;   // the phase is
    logic        guesses;      // one more false nonce makes guess_threshold
    // Of the entry, hit or not:
    logic [3:0]  resends_left;
    logic [9:0]  next_false_nonces;  // one more than there were; 512 is one too many
  } flags_t;

  // session_control -> store: a read. Memories lie far apart, so the address comes a cycle before.
  typedef struct packed {
    logic                       valid;         // in free cycles only
    logic [1:0]                 lane;          // {bank, lane} that goes to the entry register
    store_address_t [Banks-1:0] next_address;  // of a read in the next cycle
  } read_t;

  // The parts of an entry and its state that are written alone: nobody has to read one to write another.
  typedef struct packed {
    logic identity;      // held, client, nonce, deadline
    logic aux;
    logic phase;         // and resends_left
    logic false_nonces;
  } parts_t;

  // session_control -> store: a write, from registers. It is made in the first free cycle, and stands until then; while
  // the store is being cleared, in every cycle.
  typedef struct packed {
    logic               clears;  // held, of all lanes
    parts_t [Lanes-1:0] parts;   // of one lane at most
    store_address_t     address;
    entry_t             entry;
    session_state_t     state;
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
    logic answers;  // reply or reject
    logic tags;     // aux is to be the expected tag
  } request_t;

  // guard -> store, beside the verdict. The row is that of the look-up, in the lane's bank.
  typedef struct packed {
    logic [Lanes-1:0] phase;         // and resends_left, is written, of one lane at most
    logic [Lanes-1:0] false_nonces;  // is written
    logic             half;
    session_state_t   state;
  } state_write_t;

  function automatic store_address_t store_address(row_t row, logic half, logic lane);
    return store_address_t'({row, half, lane} >> (MemoryLanes == 1 ? 1 : 0));
  endfunction

  function automatic place_t place_of(way_t way, rows_t rows);
    return '{row: rows[way.bank], way: way};
  endfunction

endpackage
