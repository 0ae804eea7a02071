// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The nonce store: who reads and writes the memories of four lanes in which cycle (docs/architecture.md, "Nonce
// store"). docs/timing.md: T2, frame cycles; docs/timing/guard.md: N1-N4.
//
// A frame's look-up reads in T+7 and T+8 and its state is written in T+13, whatever else is wanted; all other cycles
// are free, and session_control's. No policy here, and no decision.
`include "reveille_assert.svh"

module reveille_nonce_store
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,

  // Frames
  input  logic               lookup_soon_i,      // T+6 of a frame with a look-up
  input  row_t               next_row0_i,        // T+6
  input  row_t               next_row1_i,
  input  lookup_t            lookup_i,           // T+7
  input  logic [8:0]         guess_threshold_i,  // T+7
  input  tag_t               lookup_value_i,     // T+9, T+10
  input  state_write_t       state_write_i,      // T+13
  output rows_t              rows_o,             // of the frame, T+8 to T+13
  output time_t              frame_now_o,        // as long

  // session_control
  input  logic               cleared_i,
  output logic               free_o,
  input  read_t              read_i,             // s
  input  address_t           client_i,           // s+1
  input  time_t              now_i,              // s+1
  input  write_t             write_i,
  output entry_t             entry_o,            // s+3, until the next read
  output session_state_t     state_o,

  output flags_t [Lanes-1:0] flags_o             // s+4, of frames and session_control
);

  localparam int unsigned StateWriteDelay = 6;  // T+7 to T+13

  // Whose cycle it is.
  logic [StateWriteDelay:0] lookup_age_q;  // cycles since T+7
  address_t                 frame_client_q;
  logic                     frame_read;
  logic                     guess_q;
  logic [8:0]               guess_before_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      lookup_age_q <= '0;
      free_o       <= 1'b1;
    end else begin
      lookup_age_q <= {lookup_age_q[StateWriteDelay-1:0], lookup_soon_i};
      free_o       <= !(lookup_soon_i || lookup_age_q[0] || lookup_age_q[StateWriteDelay-1]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (lookup_i.valid) begin
      frame_client_q <= lookup_i.client;
      frame_now_o    <= lookup_i.now;
      rows_o         <= {lookup_i.row1, lookup_i.row0};
      guess_q        <= guess_threshold_i != '0;
      guess_before_q <= guess_threshold_i - 1'b1;
    end
  end

  assign frame_read = lookup_age_q[0] || lookup_age_q[1];

  // s: addresses, from a register to the memories, which lie far apart
  store_address_t [Banks-1:0] address_q;

  always_ff @(posedge clk_i) begin
    if (lookup_soon_i)        address_q <= {next_row1_i, 1'b0, next_row0_i, 1'b0};
    else if (lookup_age_q[0]) address_q <= {lookup_i.row1, 1'b1, lookup_i.row0, 1'b1};
    else                      address_q <= read_i.next_address;
  end

  // s+1: comparands
  logic       frame_read_q;
  address_t   client_q;
  time_t      now_q;
  logic [2:1] cleared_q;

  always_ff @(posedge clk_i) begin
    frame_read_q <= frame_read;
    client_q     <= frame_read_q ? frame_client_q : client_i;
    now_q        <= frame_read_q ? frame_now_o : now_i;
    cleared_q    <= {cleared_q[1], cleared_i};
  end

  // Writes
  store_address_t   write_address, state_address;
  session_state_t   state_data;
  logic [Lanes-1:0] identity_write, aux_write, phase_write, false_nonces_write;
  logic             frame_writes;  // T+13

  assign frame_writes  = lookup_age_q[StateWriteDelay];
  assign write_address = {write_i.place.row, write_i.place.way.half};
  assign state_address = frame_writes ? {state_write_i.place.row, state_write_i.place.way.half} : write_address;
  assign state_data    = frame_writes ? state_write_i.state : write_i.state;

  always_comb begin
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      logic own, frames;
      own                      = write_i.all_lanes || {write_i.place.way.bank, write_i.place.way.lane} == 2'(lane);
      frames                   = {state_write_i.place.way.bank, state_write_i.place.way.lane} == 2'(lane);
      identity_write[lane]     = own && write_i.identity;
      aux_write[lane]          = own && write_i.aux;
      phase_write[lane]        = own && write_i.phase || frames && state_write_i.phase;
      false_nonces_write[lane] = own && write_i.false_nonces || frames && state_write_i.false_nonces;
    end
  end

  // Lanes
  entry_t         [Lanes-1:0] entry;
  session_state_t [Lanes-1:0] state;

  for (genvar lane = 0; lane < int'(Lanes); lane++) begin : gen_lane
    reveille_store_lane u_lane (
      .clk_i,
      .identity_write_i(identity_write[lane]),
      .aux_write_i     (aux_write[lane]),
      .entry_address_i (write_address),
      .entry_i         (write_i.entry),
      .phase_write_i   (phase_write[lane]),
      .false_nonces_write_i(false_nonces_write[lane]),
      .state_address_i (state_address),
      .state_i         (state_data),
      .read_address_i  (address_q[lane/2]),
      .client_i        (client_q),
      .now_i           (now_q),
      .value_i         (lookup_value_i),
      .guess_i         (guess_q),
      .guess_before_i  (guess_before_q),
      .known_i         (cleared_q[2]),
      .entry_o         (entry[lane]),
      .state_o         (state[lane]),
      .flags_o         (flags_o[lane])
    );
  end

  // s+2: the entry register, the only wide way out of the memories. It is a register a lane, all but one of them reset,
  // and an OR: a third of the LUTs of a multiplexer.
  logic           [2:1]       own_read_q;
  logic           [1:0]       own_lane_q;  // s+1
  logic           [Lanes-1:0] own_q;       // s+2: the same, a bit a lane
  entry_t         [Lanes-1:0] entry_q;
  session_state_t [Lanes-1:0] state_q;

  always_ff @(posedge clk_i) begin
    own_read_q <= {own_read_q[1], read_i.valid};
    own_lane_q <= read_i.lane;
    own_q      <= Lanes'(1) << own_lane_q;
    if (own_read_q[2]) begin
      for (int unsigned lane = 0; lane < Lanes; lane++) begin
        entry_q[lane] <= own_q[lane] ? entry[lane] : '0;
        state_q[lane] <= own_q[lane] ? state[lane] : '0;
      end
    end
  end

  always_comb begin
    entry_o = '0;
    state_o = '0;
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      entry_o |= entry_q[lane];
      state_o |= state_q[lane];
    end
  end

  // Frames are at least LookupBeats long, so a state write never meets a look-up (docs/timing.md).
  `REVEILLE_ASSERT(LookupAnnounced, lookup_i.valid == lookup_age_q[0])
  `REVEILLE_ASSERT(LookupsApart, !(lookup_i.valid && |lookup_age_q[StateWriteDelay:1]))
  `REVEILLE_ASSERT(StateWriteInItsCycle, !(state_write_i.phase || state_write_i.false_nonces) || frame_writes)
  `REVEILLE_ASSERT(ReadInFreeCycle, !read_i.valid || free_o)
  `REVEILLE_ASSERT(WriteInFreeCycle, !cleared_i || free_o ||
                   !(write_i.identity || write_i.aux || write_i.phase || write_i.false_nonces))

endmodule
