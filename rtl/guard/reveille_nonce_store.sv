// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The nonce store: who reads and writes the memories of four lanes in which cycle (docs/architecture.md, "Nonce store").
// docs/timing.md: T2, frame cycles; docs/timing/guard.md: N1-N4.
//
// A frame's look-up reads in T+2 and T+3 and its state is written in T+8, whatever else is wanted; all other cycles are
// free, and session_control's. No policy here, and no decision.
module reveille_nonce_store
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,

  // Frames
  input  logic               lookup_soon_i,   // T+1 of a frame with a look-up
  input  row_t               next_row0_i,     // T+1
  input  row_t               next_row1_i,
  input  lookup_t            lookup_i,        // T+2
  input  tag_t               lookup_value_i,  // T+4, T+5
  input  state_write_t       state_write_i,   // T+8
  output rows_t              rows_o,          // of the frame, T+3 to T+8
  output time_t              frame_now_o,     // as long

  // session_control
  input  logic               cleared_i,
  output logic               free_o,
  input  read_t              read_i,          // s
  input  address_t           client_i,        // s+1
  input  time_t              now_i,           // s+1
  input  write_t             write_i,
  output entry_t             entry_o,         // s+3, until the next read
  output session_state_t     state_o,
  output logic               held_o,          // s+3 only: it is not empty,
  output logic               in_time_o,       // and was before its deadline

  output flags_t [Lanes-1:0] flags_o          // s+4, of frames and session_control
);

  localparam int unsigned StateWriteDelay = 6;  // T+2 to T+8

  // Whose cycle it is.
  logic [StateWriteDelay:0] lookup_age_q;  // cycles since T+2
  address_t                 frame_client_q;
  logic                     frame_read, own_read;

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
    end
  end

  assign frame_read = lookup_age_q[0] || lookup_age_q[1];
  assign own_read   = read_i.valid && free_o;

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
  logic [Lanes-1:0] identity_write, aux_write, state_write;

  assign write_address = {write_i.place.row, write_i.place.half};
  assign state_address = lookup_age_q[StateWriteDelay] ? {state_write_i.place.row, state_write_i.place.half} : write_address;
  assign state_data    = lookup_age_q[StateWriteDelay] ? state_write_i.state : write_i.phase;

  always_comb begin
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      identity_write[lane] = write_i.lanes[lane] && write_i.identity && (free_o || !cleared_i);
      aux_write[lane]      = write_i.lanes[lane] && (write_i.late_aux || write_i.aux && free_o);
      state_write[lane]    = write_i.lanes[lane] && write_i.state && free_o ||
                             state_write_i.valid && {state_write_i.place.bank, state_write_i.place.lane} == 2'(lane);
    end
  end

  // Lanes
  entry_t         [Lanes-1:0] entry;
  session_state_t [Lanes-1:0] state;
  logic           [Lanes-1:0] held, in_time;

  for (genvar lane = 0; lane < int'(Lanes); lane++) begin : gen_lane
    reveille_store_lane u_lane (
      .clk_i,
      .identity_write_i(identity_write[lane]),
      .aux_write_i     (aux_write[lane]),
      .entry_address_i (write_address),
      .entry_i         (write_i.entry),
      .state_write_i   (state_write[lane]),
      .state_address_i (state_address),
      .state_i         (state_data),
      .read_address_i  (address_q[lane/2]),
      .client_i        (client_q),
      .now_i           (now_q),
      .value_i         (lookup_value_i),
      .known_i         (cleared_q[2]),
      .entry_o         (entry[lane]),
      .state_o         (state[lane]),
      .held_o          (held[lane]),
      .in_time_o       (in_time[lane]),
      .flags_o         (flags_o[lane])
    );
  end

  // s+2: the entry register, the only wide way out of the memories. It is a register a lane, all but one of them reset, and
  // an OR: a third of the LUTs of a multiplexer.
  logic           [2:1]       own_read_q;
  logic           [1:0]       own_lane_q;  // s+1
  logic           [Lanes-1:0] own_q;       // s+2: the same, a bit a lane
  logic           [Lanes-1:0] own_late_q;  // s+3
  entry_t         [Lanes-1:0] entry_q;
  session_state_t [Lanes-1:0] state_q;

  always_ff @(posedge clk_i) begin
    own_read_q <= {own_read_q[1], own_read};
    own_lane_q <= read_i.lane;
    own_q      <= Lanes'(1) << own_lane_q;
    own_late_q <= own_q;
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

  assign held_o    = |(held & own_late_q);
  assign in_time_o = |(in_time & own_late_q);

`ifndef SYNTHESIS
  always_ff @(posedge clk_i) begin
    if (rst_ni) begin
      // Frames are at least LookupBeats long, so a state write never meets a look-up (timing.md).
      assert (lookup_i.valid == lookup_age_q[0]) else $error("I1: a look-up that was not announced in T+1");
      assert (!(lookup_i.valid && |lookup_age_q[StateWriteDelay:1])) else $error("look-ups less than 7 cycles apart");
      assert (!state_write_i.valid || lookup_age_q[StateWriteDelay]) else $error("T5: state write outside T+8");
    end
  end
`endif

endmodule
