// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Reads a frame from the transmit buffer, a beat a cycle. Started in r-1, it asks for the first word in r and offers
// the first beat from r+2 on; from then on it never lacks one (docs/timing/egress.md E8): what stands before the
// arbiter is the RAM's own output register, which waits with the whole RAM until it is taken.
`include "reveille_assert.svh"

module reveille_frame_reader
  import reveille_pkg::*;
  import reveille_egress_pkg::*;
(
  input  logic                          clk_i,
  input  logic                          rst_ni,

  input  logic                          start_i,
  input  logic [OctetCountWidth-1:0]    last_octet_i,  // the frame's octets less one; stable from r on

  output logic                          read_o,
  output logic [BufferAddressWidth-1:0] address_o,
  input  logic [DataWidth-1:0]          word_i,        // of the address two cycles of read_o ago

  output beat_t                         frame_o,
  input  logic                          frame_ready_i,
  output logic                          done_o         // the last beat is taken
);

  // The word asked for, and those in the two registers of the RAM.
  logic active_q, valid_q1, valid_q2;
  logic last, last_q1, last_q2;
  logic [KeepWidth-1:0] last_keep_q, keep_q2;

  assign read_o = frame_ready_i || !valid_q2;
  assign last   = address_o == last_octet_i[OctetCountWidth-1:3];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      valid_q1 <= 1'b0;
      valid_q2 <= 1'b0;
    end else begin
      active_q <= start_i || (active_q && !(read_o && last));
      if (read_o) begin
        valid_q1 <= active_q;
        valid_q2 <= valid_q1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!active_q) address_o <= '0;
    else if (read_o) address_o <= address_o + 1'b1;
    last_keep_q <= 8'hFF >> (3'd7 - last_octet_i[2:0]);
    if (read_o) begin
      last_q1 <= last;
      last_q2 <= last_q1;
      keep_q2 <= last_keep_q | {KeepWidth{!last_q1}};
    end
  end

  assign frame_o = '{valid: valid_q2, last: last_q2, keep: keep_q2, data: word_i};
  assign done_o  = valid_q2 && last_q2 && frame_ready_i;

  `REVEILLE_ASSERT_NEXT(OfferedWithoutGaps, frame_o.valid && !done_o, frame_o.valid)

endmodule
