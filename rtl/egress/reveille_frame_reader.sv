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

  // Words asked for, arrived and taken: indices into the frame, the lower bits into the queue.
  logic active_q, ask, ask_q1, ask_q2, take;
  logic [BufferAddressWidth-1:0] asked_q, taken_q;
  logic [2:0] arrived_q;
  logic [DataWidth-1:0] head;
  logic last;

  assign ask  = active_q && asked_q[2:0] - taken_q[2:0] < 3'(Depth);
  assign take = frame_o.valid && frame_ready_i;
  assign last = taken_q == last_octet_i[OctetCountWidth-1:3];

  // A few words beyond the frame may be asked for and arrive; nobody takes them.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q  <= 1'b0;
      asked_q   <= '0;
      arrived_q <= '0;
      taken_q   <= '0;
      ask_q1    <= 1'b0;
      ask_q2    <= 1'b0;
    end else if (done_o || !active_q) begin
      active_q  <= start_i;
      asked_q   <= '0;
      arrived_q <= '0;
      taken_q   <= '0;
      ask_q1    <= 1'b0;
      ask_q2    <= 1'b0;
    end else begin
      if (ask) asked_q <= asked_q + 1'b1;
      if (ask_q2) arrived_q <= arrived_q + 1'b1;
      if (take) taken_q <= taken_q + 1'b1;
      ask_q1 <= ask;
      ask_q2 <= ask_q1;
    end
  end

  reveille_lutram #(
    .Width(DataWidth),
    .Depth(Depth)
  ) u_words (
    .clk_i,
    .we_i   (ask_q2),
    .waddr_i(arrived_q[1:0]),
    .wdata_i(word_i),
    .raddr_i(taken_q[1:0]),
    .rdata_o(head)
  );

  assign address_o = asked_q;
  assign frame_o = '{
    valid: arrived_q != taken_q[2:0],
    last:  last,
    keep:  last ? 8'hFF >> (3'd7 - last_octet_i[2:0]) : 8'hFF,
    data:  head
  };
  assign done_o = take && last;

`ifndef SYNTHESIS
  // Once a beat is offered there is one in every cycle, and none is overwritten.
  assert property (@(posedge clk_i) disable iff (!rst_ni) frame_o.valid && !done_o |=> frame_o.valid);
  assert property (@(posedge clk_i) disable iff (!rst_ni) arrived_q - taken_q[2:0] <= 3'(Depth));
`endif

endmodule
