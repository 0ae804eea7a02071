// SPDX-License-Identifier: Apache-2.0 WITH SHL-2.1
//
// Holds the beats back until the verdict of their frame is known: a beat that is accepted in cycle c leaves in c+14
// (c+16 with four read cycles: docs/timing.md, T13), gaps and all (docs/timing/ingress.md I4). What is decided about it
// is decided in that cycle; it is written in the next one, so that is when its octets come.
module reveille_frame_delay
  import reveille_pkg::*;
  import reveille_ingress_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  beat_t                beat_i,
  output logic                 valid_o,   // c+14
  output logic                 ends_o,    // ... and it is its frame's last
  output logic [2:0]           octets_o,  // c+15: how many, less one,
  output logic [DataWidth-1:0] data_o     // and which
);

  localparam int unsigned Cycles = VerdictCycles;

  logic [Cycles-1:0] valid_q, ends_q;
  logic [2:0]        less_one;
  assign less_one = beat_i.last ? octets_less_one(beat_i.keep[KeepWidth-1:1]) : '1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= '0;
      ends_q  <= '0;
    end else begin
      valid_q <= {valid_q[Cycles-2:0], beat_i.valid};
      ends_q  <= {ends_q[Cycles-2:0], beat_i.valid && beat_i.last};
    end
  end

  assign valid_o = valid_q[Cycles-1];
  assign ends_o  = ends_q[Cycles-1];

  reveille_delay #(
    .Width (3 + DataWidth),
    .Cycles(Cycles + 1)
  ) u_delay (
    .clk_i,
    .rst_ni,
    .data_i({less_one, beat_i.data}),
    .data_o({octets_o, data_o})
  );

endmodule
