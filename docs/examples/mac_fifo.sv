// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Store-and-forward FIFO of an Ethernet MAC: a frame leaves only when all of it is there and its last beat came without
// an error. One that is marked bad, or that finds no room to its end, is dropped whole. Whoever heeds ready_o (a sender
// to the MAC) loses nothing; a receiving MAC, which cannot wait, does not look at it. The FIFO must hold the longest
// frame: 9,216 octets are 1,152 beats.
module mac_fifo #(
  parameter int Beats = 2048  // a power of two
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        valid_i,
  output logic        ready_o,
  input  logic [63:0] data_i,
  input  logic [7:0]  keep_i,
  input  logic        last_i,
  input  logic        error_i,  // in the last beat: the frame is bad
  output logic        valid_o,
  input  logic        ready_i,
  output logic [63:0] data_o,
  output logic [7:0]  keep_o,
  output logic        last_o
);

  localparam int Width = $clog2(Beats);

  logic [72:0]    memory [Beats];
  logic [72:0]    word_q;
  logic [Width:0] write_q, commit_q, read_q;  // one bit more than an address: full is not empty
  logic           drop_q, full, take;

  assign full    = write_q - read_q == (Width + 1)'(Beats);
  assign ready_o = !full;
  assign take    = read_q != commit_q && (!valid_o || ready_i);
  // Zero while there is nothing, as AXI4-Stream does not ask but a waveform is easier to read.
  assign {last_o, keep_o, data_o} = valid_o ? word_q : '0;

  always_ff @(posedge clk_i) begin
    if (valid_i && !full) memory[write_q[Width-1:0]] <= {last_i, keep_i, data_i};
    if (take) word_q <= memory[read_q[Width-1:0]];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {write_q, commit_q, read_q} <= '0;
      {drop_q, valid_o}           <= '0;
    end else begin
      if (valid_i && last_i) begin
        drop_q <= 1'b0;
        if (drop_q || full || error_i) begin
          write_q <= commit_q;
        end else begin
          write_q  <= write_q + 1'b1;
          commit_q <= write_q + 1'b1;
        end
      end else if (valid_i) begin
        if (full) drop_q <= 1'b1;
        else write_q <= write_q + 1'b1;
      end
      if (take) read_q <= read_q + 1'b1;
      valid_o <= take || (valid_o && !ready_i);
    end
  end

endmodule
