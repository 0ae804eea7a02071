// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// The two rows of a client in the nonce store, by simple tabulation (docs/architecture.md, "Hash"): the XOR of a
// table's entry for each octet of its address. Memory m of four holds the tables of octets m, 4+m, 8+m and 12+m, so
// that one read takes four octets in a row: an IPv4 address, or a quarter of an IPv6 one. Port A of the memories serves
// the commands and is filled through, port B serves frames (docs/timing/ingress.md I1, I7).
`include "reveille_assert.svh"

module reveille_client_hash
  import reveille_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,

  // Tables and commands
  input  hash_write_t hash_write_i,
  input  logic        hash_start_i,   // x; nothing is written from x to x+3
  input  address_t    hash_client_i,  // stands still from x on
  input  logic        hash_ipv4_i,
  output row_t        hash_row0_o,    // from x+6 until the next start
  output row_t        hash_row1_o,

  // Frames
  input  address_t    source_i,
  input  logic        source_ipv4_i,   // source_i has an IPv4 address in the next cycle,
  input  logic        source_upper_i,  // ... the upper half of an IPv6 one,
  input  logic        source_lower_i,  // ... the lower half
  input  logic        lookup_soon_i,   // T+6
  input  address_t    client_i,        // T+7: the source,
  input  time_t       now_i,           // and the frame's time
  output row_t        next_row0_o,     // T+6
  output row_t        next_row1_o,
  output lookup_t     lookup_o         // T+7
);

  localparam int unsigned Memories = 4;
  localparam int unsigned Quarters = 4;

  typedef logic [HashWidth-1:0]          entry_hash_t;
  typedef logic [$clog2(Quarters)-1:0]   quarter_t;
  typedef logic [Memories-1:0][7:0]      octets_t;  // a quarter of an address, its first octet in [3]

  function automatic octets_t quarter_of(address_t address, quarter_t quarter);
    unique case (quarter)
      2'd0: return address[127:96];
      2'd1: return address[95:64];
      2'd2: return address[63:32];
      2'd3: return address[31:0];
    endcase
  endfunction

  // A command takes the quarters one after the other. While none is under way the first one's address stands at the
  // memories.
  quarter_t    command_quarter_q;
  logic [3:1]  command_under_way_q;  // x+1 to x+3
  logic [1:0]  command_reads_q;      // a cycle later: what was read a cycle ago, and two
  logic [1:0]  command_first_q;
  entry_hash_t command_read, command_hash_q;
  logic        command_reads;
  octets_t     command_octets;

  assign command_octets = quarter_of(hash_client_i, command_quarter_q);
  assign command_reads  = hash_start_i || command_under_way_q != '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      command_quarter_q   <= '0;
      command_under_way_q <= '0;
      command_reads_q     <= '0;
    end else begin
      command_under_way_q <= {command_under_way_q[2:1], hash_start_i};
      if (command_reads) command_quarter_q <= command_quarter_q + 1'b1;
      command_reads_q     <= {command_reads_q[0], command_reads};
    end
  end

  // Of an IPv4 address only the last quarter is to be left.
  always_ff @(posedge clk_i) begin
    command_first_q <= {command_first_q[0], hash_start_i || hash_ipv4_i};
    if (command_reads_q[1]) command_hash_q <= (command_first_q[1] ? '0 : command_hash_q) ^ command_read;
  end

  assign {hash_row0_o, hash_row1_o} = command_hash_q;

  // A frame's quarters are taken as they come: two in the upper half of an IPv6 address, two in the lower.
  typedef enum logic [2:0] {
    FrameIdle,
    FrameIpv4,
    FrameQuarter0,
    FrameQuarter1,
    FrameQuarter2,  // waits for the lower half
    FrameQuarter3
  } frame_state_e;

  frame_state_e frame_state_q, frame_state_d;
  logic         lower_q;  // is there
  quarter_t     frame_quarter;
  logic         frame_reads;
  logic [1:0]   frame_reads_q, frame_first_q;
  entry_hash_t  frame_read, frame_hash_q;
  octets_t      frame_octets;

  assign frame_octets = quarter_of(source_i, frame_quarter);

  always_comb begin
    frame_state_d = frame_state_q;
    frame_quarter = quarter_t'(3);
    frame_reads   = 1'b1;
    unique case (frame_state_q)
      FrameIpv4: frame_state_d = FrameIdle;
      FrameQuarter0: begin
        frame_quarter = quarter_t'(0);
        frame_state_d = FrameQuarter1;
      end
      FrameQuarter1: begin
        frame_quarter = quarter_t'(1);
        frame_state_d = FrameQuarter2;
      end
      FrameQuarter2: begin
        frame_quarter = quarter_t'(2);
        frame_reads   = lower_q;
        if (lower_q) frame_state_d = FrameQuarter3;
      end
      FrameQuarter3: frame_state_d = FrameIdle;
      default:       frame_reads = 1'b0;
    endcase
    if (source_ipv4_i)  frame_state_d = FrameIpv4;
    if (source_upper_i) frame_state_d = FrameQuarter0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      frame_state_q <= FrameIdle;
      lower_q       <= 1'b0;
      frame_reads_q <= '0;
    end else begin
      frame_state_q <= frame_state_d;
      if (source_upper_i)      lower_q <= 1'b0;
      else if (source_lower_i) lower_q <= 1'b1;
      frame_reads_q <= {frame_reads_q[0], frame_reads};
    end
  end

  always_ff @(posedge clk_i) begin
    frame_first_q <= {frame_first_q[0], frame_state_q inside {FrameIpv4, FrameQuarter0}};
    if (frame_reads_q[1]) frame_hash_q <= (frame_first_q[1] ? '0 : frame_hash_q) ^ frame_read;
  end

  // T+7
  logic lookup_valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) lookup_valid_q <= 1'b0;
    else         lookup_valid_q <= lookup_soon_i;
  end

  assign {next_row0_o, next_row1_o} = frame_hash_q;
  assign lookup_o = '{valid: lookup_valid_q, client: client_i, row0: next_row0_o, row1: next_row1_o, now: now_i};

  // The memories
  entry_hash_t [Memories-1:0] command_entries, frame_entries;

  for (genvar m = 0; m < int'(Memories); m++) begin : gen_memories
    logic write;
    assign write = hash_write_i.valid && hash_write_i.index[9:8] == 2'(m);

    reveille_dual_read_ram #(
      .Width(HashWidth),
      .Depth(Quarters * 256)
    ) u_memory (
      .clk_i,
      .a_write_i(write),
      .a_addr_i (write ? {hash_write_i.index[11:10], hash_write_i.index[7:0]} :
                 {command_quarter_q, command_octets[3-m]}),
      .a_wdata_i(hash_write_i.data),
      .a_rdata_o(command_entries[m]),
      .b_addr_i ({frame_quarter, frame_octets[3-m]}),
      .b_rdata_o(frame_entries[m])
    );
  end

  `REVEILLE_ASSERT(NoWriteInCommand, !(command_reads && hash_write_i.valid))

  assign command_read = command_entries[0] ^ command_entries[1] ^ command_entries[2] ^ command_entries[3];
  assign frame_read   = frame_entries[0] ^ frame_entries[1] ^ frame_entries[2] ^ frame_entries[3];

endmodule
