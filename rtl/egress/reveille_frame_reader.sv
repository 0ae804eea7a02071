// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Reads a frame from the transmit buffer, a beat a cycle. Started in r-1, it asks for the first word in r and offers the
// first beat from r+3 on; from then on it never lacks one (docs/timing/egress.md E8): words are asked for while fewer
// than four are asked for and not yet taken.
module reveille_frame_reader
  import reveille_pkg::*;
  import reveille_egress_pkg::*;
(
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic                          start_i,
  input  logic [OctetCountWidth-1:0]    last_octet_i,  // the frame's octets less one; stable from r on

  output logic [BufferAddressWidth-1:0] address_o,
  input  logic [DataWidth-1:0]          word_i,        // of the address two cycles ago

  output beat_t                         frame_o,
  input  logic                          frame_ready_i,
  output logic                          done_o         // the last beat is taken
);

  localparam int unsigned Depth = 4;

  logic active_q;
  logic [BufferAddressWidth-1:0] ask_q, beat_q;
  logic [2:0] open_q;               // asked for and not yet taken
  logic [2:0] held_q;               // of these, arrived
  logic ask, ask_q1, ask_q2, take;
  logic [1:0] put_q, take_q;
  logic [DataWidth-1:0] head;
  logic last;

  assign ask  = active_q && open_q < 3'(Depth);
  assign take = held_q != 3'd0 && frame_ready_i;
  assign last = beat_q == last_octet_i[OctetCountWidth-1:3];

  // A few words beyond the frame may be asked for and arrive; nobody takes them.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      ask_q    <= '0;
      beat_q   <= '0;
      open_q   <= '0;
      held_q   <= '0;
      ask_q1   <= 1'b0;
      ask_q2   <= 1'b0;
      put_q    <= '0;
      take_q   <= '0;
    end else if (done_o || !active_q) begin
      active_q <= start_i;
      ask_q    <= '0;
      beat_q   <= '0;
      open_q   <= '0;
      held_q   <= '0;
      ask_q1   <= 1'b0;
      ask_q2   <= 1'b0;
      put_q    <= '0;
      take_q   <= '0;
    end else begin
      ask_q  <= ask_q + BufferAddressWidth'(ask);
      beat_q <= beat_q + BufferAddressWidth'(take);
      open_q <= open_q + 3'(ask) - 3'(take);
      held_q <= held_q + 3'(ask_q2) - 3'(take);
      ask_q1 <= ask;
      ask_q2 <= ask_q1;
      put_q  <= put_q + 2'(ask_q2);
      take_q <= take_q + 2'(take);
    end
  end

  reveille_lutram #(
    .Width(DataWidth),
    .Depth(Depth)
  ) u_words (
    .clk_i,
    .we_i   (ask_q2),
    .waddr_i(put_q),
    .wdata_i(word_i),
    .raddr_i(take_q),
    .rdata_o(head)
  );

  assign address_o = ask_q;
  assign frame_o = '{
    valid: held_q != 3'd0,
    last:  last,
    keep:  last ? 8'hFF >> (3'd7 - last_octet_i[2:0]) : 8'hFF,
    data:  head
  };
  assign done_o = take && last;

`ifndef SYNTHESIS
  assert property (@(posedge clk_i) disable iff (!rst_ni) ask_q2 |-> held_q < 3'(Depth) || take);
`endif

endmodule
