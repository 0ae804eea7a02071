// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Holds the beats back until the verdict of their frame is known: a beat that is accepted in cycle c leaves in c+8, gaps
// and all (docs/timing.md I4). Registers: for eight beats a distributed RAM would cost LUTs and save nothing.
module reveille_frame_delay
  import reveille_pkg::*;
#(
  parameter int unsigned Cycles = 8
) (
  input  logic  clk_i,
  input  logic  rst_ni,
  input  beat_t beat_i,
  output beat_t beat_o
);

  if (Cycles < 2) begin : gen_bad_parameter
    $error("reveille_frame_delay: Cycles %0d, expected at least 2", Cycles);
  end

  typedef struct packed {
    logic                 last;
    logic [KeepWidth-1:0] keep;
    logic [DataWidth-1:0] data;
  } payload_t;

  logic [Cycles-1:0]     valid_q;
  payload_t [Cycles-1:0] payload_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= '0;
    else         valid_q <= {valid_q[Cycles-2:0], beat_i.valid};
  end

  always_ff @(posedge clk_i) begin
    payload_q <= {payload_q[Cycles-2:0], beat_i.last, beat_i.keep, beat_i.data};
  end

  assign beat_o = {valid_q[Cycles-1], payload_q[Cycles-1]};

endmodule
