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
  input  logic        ready_i,         // the tables are filled: nothing comes to be written any more
  input  logic        hash_start_i,    // x; ready since x-1
  input  address_t    hash_client_i,   // stands still from x-1 on
  input  logic        hash_ipv4_i,
  output row_t        hash_row0_o,     // from x+6 until the next start
  output row_t        hash_row1_o,

  // Frames
  input  logic [63:0] source_i,        // octets of a datagram,
  input  logic        source_ipv4_i,   // whose last four are an IPv4 source,
  input  logic        source_upper_i,  // ... which are the upper half of an IPv6 source,
  input  logic        source_lower_i,  // ... the lower half
  output row_t        lookup_row0_o,   // T+7
  output row_t        lookup_row1_o
);

  localparam int unsigned Memories = 4;
  localparam int unsigned Quarters = 4;

  typedef logic [HashWidth-1:0]          entry_hash_t;
  typedef logic [$clog2(Quarters)-1:0]   quarter_t;
  typedef logic [Memories-1:0][7:0]      octets_t;  // a quarter of an address, its first octet in [3]

  entry_hash_t [Memories-1:0] command_entries, frame_entries;  // what the memories give

  // A command takes the quarters one after the other. While none is under way the first one's address stands at the
  // memories; while the tables are filled 0, which the address of a word to be written is put over.
  quarter_t    command_quarter_q;
  logic [4:1]  command_under_way_q;  // x+1 to x+4
  logic [1:0]  command_reads_q;      // a cycle later: what was read a cycle ago, and two
  logic        command_clears;       // what was read up to now is not of this address
  octets_t     even_quarter_q, odd_quarter_q;
  entry_hash_t command_read, command_hash_q;
  logic        command_reads;
  octets_t     command_octets;

  assign command_octets = command_quarter_q[0] ? odd_quarter_q : even_quarter_q;
  assign command_reads  = hash_start_i || command_under_way_q[3:1] != '0;

  always_ff @(posedge clk_i) begin
    even_quarter_q <= command_under_way_q[1] ? hash_client_i[63:32] : hash_client_i[127:96];
    odd_quarter_q  <= command_under_way_q[2] ? hash_client_i[31:0] : hash_client_i[95:64];
    if (!ready_i) begin
      even_quarter_q <= '0;
      odd_quarter_q  <= '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      command_quarter_q   <= '0;
      command_under_way_q <= '0;
      command_reads_q     <= '0;
    end else begin
      command_under_way_q <= {command_under_way_q[3:1], hash_start_i};
      if (command_reads) command_quarter_q <= command_quarter_q + 1'b1;
      command_reads_q     <= {command_reads_q[0], command_reads};
    end
  end

  // Of an IPv4 address only the last quarter is to be left.
  assign command_clears = command_under_way_q[1] || (hash_ipv4_i && command_under_way_q[4:2] != '0);

  always_ff @(posedge clk_i) begin
    if (command_clears)          command_hash_q <= '0;
    else if (command_reads_q[1]) command_hash_q <= command_hash_q ^ command_read;
  end

  assign {hash_row0_o, hash_row1_o} = command_hash_q;

  // A frame's quarters are taken as they come: of an IPv4 address the last one; two in the upper half of an IPv6
  // address, two in the lower, which may come in the next cycle or later: so the second quarter of a half waits in a
  // register of its own, and a lower half stays until its first is taken.
  octets_t     first_quarter_q, second_quarter_q, second_waits_q;
  logic        ipv4_q;           // an IPv4 source came a cycle ago
  logic        frame_busy_q;     // the quarter that comes is
  quarter_t    frame_quarter_q;  // this one,
  logic        frame_first_q;    // the first to be taken
  logic        lower_q;          // the lower half is there, and waits to be taken
  logic        frame_takes;
  octets_t     frame_octets;
  logic [2:0]  frame_taken_q;    // a quarter was taken a cycle ago, two, three
  logic [2:0]  taken_first_q;
  entry_hash_t frame_read_q, frame_hash_q;

  assign frame_octets = frame_quarter_q[0] ? second_waits_q : first_quarter_q;
  assign frame_takes  = frame_busy_q && (frame_quarter_q != quarter_t'(2) || lower_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ipv4_q        <= 1'b0;
      frame_busy_q  <= 1'b0;
      lower_q       <= 1'b0;
      frame_taken_q <= '0;
    end else begin
      ipv4_q        <= source_ipv4_i;
      frame_busy_q  <= ipv4_q || source_upper_i ||
                       (frame_busy_q && !(frame_takes && frame_quarter_q == quarter_t'(3)));
      frame_taken_q <= {frame_taken_q[1:0], frame_takes};
      if (source_lower_i)                                       lower_q <= 1'b1;
      else if (frame_takes && frame_quarter_q == quarter_t'(2)) lower_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!lower_q) {first_quarter_q, second_quarter_q} <= source_i;
    second_waits_q <= second_quarter_q;
    if (frame_takes) begin
      frame_quarter_q <= frame_quarter_q + 1'b1;
      frame_first_q   <= 1'b0;
    end
    if (ipv4_q || source_upper_i) begin
      frame_quarter_q <= ipv4_q ? quarter_t'(3) : quarter_t'(0);
      frame_first_q   <= 1'b1;
    end
    taken_first_q <= {taken_first_q[1:0], frame_first_q};
    frame_read_q  <= frame_entries[0] ^ frame_entries[1] ^ frame_entries[2] ^ frame_entries[3];
    if (frame_taken_q[2]) frame_hash_q <= (taken_first_q[2] ? '0 : frame_hash_q) ^ frame_read_q;
  end

  assign {lookup_row0_o, lookup_row1_o} = frame_hash_q;

  // The memories
  logic [Memories-1:0]        write_q;
  quarter_t                   write_quarter_q;  // this and the next are 0 while nothing is written
  logic [7:0]                 write_octet_q;
  entry_hash_t                write_data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      write_q <= '0;
    end else begin
      for (int unsigned m = 0; m < Memories; m++) begin
        write_q[m] <= hash_write_i.valid && hash_write_i.index[9:8] == 2'(m);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    write_quarter_q <= hash_write_i.index[11:10];
    write_octet_q   <= hash_write_i.index[7:0];
    write_data_q    <= hash_write_i.data;
    if (!hash_write_i.valid) begin
      write_quarter_q <= '0;
      write_octet_q   <= '0;
    end
  end

  for (genvar m = 0; m < int'(Memories); m++) begin : gen_memories

    reveille_dual_read_ram #(
      .Width(HashWidth),
      .Depth(Quarters * 256)
    ) u_memory (
      .clk_i,
      .a_write_i(write_q[m]),
      .a_addr_i ({command_quarter_q | write_quarter_q, command_octets[3-m] | write_octet_q}),
      .a_wdata_i(write_data_q),
      .a_rdata_o(command_entries[m]),
      .b_addr_i ({frame_quarter_q, frame_octets[3-m]}),
      .b_rdata_o(frame_entries[m])
    );
  end

  // Three cycles lie between a lower half, even one cut short in a frame of four beats, and the next frame's source.
  `REVEILLE_ASSERT(SourcesApart, (source_ipv4_i || source_upper_i) -> !lower_q)
  `REVEILLE_ASSERT(NoWriteWhenReady, !(ready_i && hash_write_i.valid))
  `REVEILLE_ASSERT(NoCommandBefore, hash_start_i -> ready_i && write_q == '0)
  `REVEILLE_ASSERT_NEXT(NoCommandAtOnce, !ready_i, !hash_start_i)

  assign command_read = command_entries[0] ^ command_entries[1] ^ command_entries[2] ^ command_entries[3];

endmodule
