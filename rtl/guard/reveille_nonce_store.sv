// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The nonce store: who reads and writes the memories of four lanes in which cycle (docs/architecture.md, "Nonce
// store"). docs/timing.md: T2, frame cycles; docs/timing/guard.md: N1-N4.
//
// A frame's look-up reads in T+8 and T+9 and its state is written in T+14, whatever else is wanted; all other cycles
// are free, and session_control's. Cycles are those of look-ups with two read cycles; with four a bank's two lanes lie
// in one memory, which is read to T+11, and the state is written in T+16 (T13). No policy here, and no decision.
`include "reveille_assert.svh"

module reveille_nonce_store
  import reveille_pkg::*;
  import reveille_guard_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  time_t              store_time_i,

  // Frames
  input  logic               lookup_soon_i,      // T+7 of a frame with a look-up
  input  row_t               lookup_row0_i,      // T+7
  input  row_t               lookup_row1_i,
  input  address_t           lookup_client_i,    // T+8
  input  logic [8:0]         guess_threshold_i,  // T+8
  input  tag_t               lookup_value_i,     // T+10, T+11
  input  state_write_t       state_write_i,      // T+14
  output rows_t              rows_o,             // of the frame, T+9 to T+14
  output time_t              now_o,              // s+2: the store time in s; of a frame, its time in T+10 and T+11

  // session_control
  input  logic               cleared_i,
  output logic               free_o,
  output logic               free_next_o,        // the cycle to come is free
  input  read_t              read_i,             // s
  input  address_t           client_i,           // s+1
  input  write_t             write_i,            // in free cycles, but for clears
  output entry_t             entry_o,            // s+3, until the next read
  output session_state_t     state_o,
  output time_t              entry_now_o,        // the store time in s

  output flags_t [Lanes-1:0] flags_o             // s+4, of frames and session_control
);

  localparam int unsigned StateWriteDelay = VerdictCycles - 8;  // T+8 to T+14
  localparam int unsigned TurnWidth       = $clog2(LookupCycles);

  typedef logic [TurnWidth-1:0] turn_t;  // of a look-up's read cycles

  // Whose cycle it is.
  logic [StateWriteDelay:0] lookup_age_q;  // cycles since T+8
  address_t                 frame_client_q;
  logic                     guess_q;
  logic [8:0]               guess_before_q;

  logic  lookup_goes_on;  // a look-up reads in this cycle and the next
  turn_t next_turn;

  always_comb begin
    lookup_goes_on = 1'b0;
    next_turn      = '0;
    for (int unsigned turn = 1; turn < LookupCycles; turn++) begin
      lookup_goes_on |= lookup_age_q[turn-1];
      if (lookup_age_q[turn-1]) next_turn |= turn_t'(turn);
    end
  end

  assign free_next_o = !(lookup_soon_i || lookup_goes_on || lookup_age_q[StateWriteDelay-1]);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      lookup_age_q <= '0;
      free_o       <= 1'b1;
    end else begin
      lookup_age_q <= {lookup_age_q[StateWriteDelay-1:0], lookup_soon_i};
      free_o       <= free_next_o;
    end
  end

  // s: addresses, from registers to the memories, which lie so far apart that those of aux have a copy. A look-up stays
  // in its rows.
  rows_t             address_row, address_row_q, aux_row_q;
  turn_t [Banks-1:0] address_turn_q;

  always_comb begin
    for (int unsigned bank = 0; bank < Banks; bank++) begin
      address_row[bank] = lookup_soon_i ? (bank == 0 ? lookup_row0_i : lookup_row1_i)
                                        : read_i.next_address[bank][StoreAddressWidth-1:TurnWidth];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!lookup_goes_on) address_row_q <= address_row;
    for (int unsigned bank = 0; bank < Banks; bank++) begin
      address_turn_q[bank] <= next_turn;
      if (!lookup_soon_i && !lookup_goes_on) address_turn_q[bank] <= read_i.next_address[bank][TurnWidth-1:0];
    end
  end

  reveille_register_copy #(
    .Width($bits(rows_t))
  ) u_aux_row (
    .clk_i,
    .enable_i(!lookup_goes_on),
    .d_i     (address_row),
    .q_o     (aux_row_q)
  );

  always_ff @(posedge clk_i) begin
    if (lookup_age_q[0]) begin
      frame_client_q <= lookup_client_i;
      rows_o         <= address_row_q;
      guess_q        <= guess_threshold_i != '0;
      guess_before_q <= guess_threshold_i - 1'b1;
    end
  end

  // s+1, s+2: comparands. All of a look-up has the time of its first read.
  address_t   client_q;
  time_t      store_time_q;
  logic [2:1] cleared_q;
  tag_t       value;

  always_ff @(posedge clk_i) begin
    client_q     <= |lookup_age_q[LookupCycles:1] ? frame_client_q : client_i;
    store_time_q <= store_time_i;
    if (!(|lookup_age_q[LookupCycles:2])) now_o <= store_time_q;
    cleared_q    <= {cleared_q[1], cleared_i};
  end

  // A frame's value stands for two cycles.
  if (LookupCycles == 2) begin : gen_value
    assign value = lookup_value_i;
  end else begin : gen_longer_value
    tag_t value_q;

    always_ff @(posedge clk_i) begin
      if (lookup_age_q[2]) value_q <= lookup_value_i;
    end

    assign value = lookup_age_q[2] ? lookup_value_i : value_q;
  end

  // Writes
  store_address_t [Banks-1:0] state_address;
  session_state_t             state_data;
  logic                       frame_writes;  // T+14
  logic                       second_lane;   // ... in a second lane
  parts_t [Memories-1:0]      write;

  assign frame_writes = lookup_age_q[StateWriteDelay];
  assign state_data   = frame_writes ? state_write_i.state : write_i.state;

  always_comb begin
    write       = '0;
    second_lane = 1'b0;
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      write[lane/MemoryLanes]              |= write_i.parts[lane];
      write[lane/MemoryLanes].identity     |= write_i.clears;
      write[lane/MemoryLanes].phase        |= state_write_i.phase[lane];
      write[lane/MemoryLanes].false_nonces |= state_write_i.false_nonces[lane];
      if (lane[0]) second_lane |= state_write_i.phase[lane] || state_write_i.false_nonces[lane];
    end
    for (int unsigned bank = 0; bank < Banks; bank++) begin
      state_address[bank] = frame_writes ? store_address(rows_o[bank], state_write_i.half, second_lane)
                                         : write_i.address;
    end
  end

  // Memories: a lane each, or two
  localparam int unsigned BankMemories = Memories / Banks;

  entry_t         [Memories-1:0] entry;
  session_state_t [Memories-1:0] state;
  flags_t         [Memories-1:0] flags;

  for (genvar lane = 0; lane < int'(Memories); lane++) begin : gen_lane
    reveille_store_lane u_lane (
      .clk_i,
      .identity_write_i    (write[lane].identity),
      .aux_write_i         (write[lane].aux),
      .entry_address_i     (write_i.address),
      .entry_i             (write_i.entry),
      .phase_write_i       (write[lane].phase),
      .false_nonces_write_i(write[lane].false_nonces),
      .state_address_i     (state_address[lane/BankMemories]),
      .state_i             (state_data),
      .read_address_i      ({address_row_q[lane/BankMemories], address_turn_q[lane/BankMemories]}),
      .aux_read_address_i  ({aux_row_q[lane/BankMemories], address_turn_q[lane/BankMemories]}),
      .client_i            (client_q),
      .now_i               (now_o),
      .value_i             (value),
      .guess_i             (guess_q),
      .guess_before_i      (guess_before_q),
      .known_i             (cleared_q[2]),
      .entry_o             (entry[lane]),
      .state_o             (state[lane]),
      .flags_o             (flags[lane])
    );
  end

  // Of one memory a bank, both lanes show what is read.
  for (genvar lane = 0; lane < int'(Lanes); lane++) begin : gen_flags
    assign flags_o[lane] = flags[lane/MemoryLanes];
  end

  // s+2: the entry register, the only wide way out of the memories. It is a register a memory, all but one of them 0,
  // and an OR: a third of the LUTs of a multiplexer. A read loads its own, and empties that of the read before.
  logic           [2:1]       own_read_q;
  logic           [1:0]          own_lane_q;   // s+1
  logic           [Memories-1:0] own;          // ... its memory, a bit each
  logic           [Memories-1:0] loads_q;      // s+2: of these the register changes,
  logic           [Memories-1:0] empties_q;    // ... and becomes 0
  logic           [Memories-1:0] filled_q;     // by the reads before s+1; at first it may be any
  entry_t         [Memories-1:0] entry_q;
  session_state_t [Memories-1:0] state_q;

  assign own = Memories'(1) << (own_lane_q / 2'(MemoryLanes));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)            filled_q <= '1;
    else if (own_read_q[1]) filled_q <= own;
  end

  always_ff @(posedge clk_i) begin
    own_read_q <= {own_read_q[1], read_i.valid};
    own_lane_q <= read_i.lane;
    loads_q    <= own_read_q[1] ? own | filled_q : '0;
    empties_q  <= own_read_q[1] ? filled_q & ~own : '0;
    if (own_read_q[2]) entry_now_o <= now_o;
    for (int unsigned memory = 0; memory < Memories; memory++) begin
      if (empties_q[memory]) begin
        entry_q[memory] <= '0;
        state_q[memory] <= '0;
      end else if (loads_q[memory]) begin
        entry_q[memory] <= entry[memory];
        state_q[memory] <= state[memory];
      end
    end
  end

  always_comb begin
    entry_o = '0;
    state_o = '0;
    for (int unsigned memory = 0; memory < Memories; memory++) begin
      entry_o |= entry_q[memory];
      state_o |= state_q[memory];
    end
  end

  // Frames are at least LookupBeats long, so a state write never meets a look-up (docs/timing.md).
  `REVEILLE_ASSERT(LookupsApart, !(lookup_age_q[0] && |lookup_age_q[StateWriteDelay:1]))
  `REVEILLE_ASSERT(StateWriteInItsCycle, (state_write_i.phase | state_write_i.false_nonces) == '0 || frame_writes)
  `REVEILLE_ASSERT(WriteInFreeCycle, write_i.parts == '0 || free_o)
  `REVEILLE_ASSERT(ReadInFreeCycle, !read_i.valid || free_o)

endmodule
